-- Resource servers of others, which ask about the tokens that they are sent (RFC 7662).
alter table oauth.client
    add column introspects text[],
    add check (introspects is null or type = 'confidential');
comment on column oauth.client.introspects is 'It is a resource server that may ask about tokens for these resources, by their short names; null: it is none.';
