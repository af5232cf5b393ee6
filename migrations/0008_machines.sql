-- Machines: a client's own grant, without a person, made with its registration (RFC 6749 4.4).
create unique index grants_machine on oauth.grants (client_id) where account_id is null;
alter table oauth.client
    add check (type = 'confidential' or not ('client_credentials' = any (grant_types)));
