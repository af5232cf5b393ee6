-- Registration by the tool: rules whose names say them when they refuse, one secret without end, and sentences in more languages.
alter table oauth.client rename constraint client_check to confidential_clients_authenticate_and_no_others;
alter table oauth.client rename constraint client_check1 to pkce_is_required_of_public_clients;
alter table oauth.client rename constraint client_check2 to defaults_are_within_scope_and_resources;
alter table oauth.client rename constraint client_check3 to refresh_tokens_of_public_clients_rotate;
alter table oauth.client rename constraint client_check4 to public_clients_have_no_tokens_of_their_own;
alter table oauth.client rename constraint client_check5 to resource_servers_are_confidential;
alter table oauth.client
    add constraint authorization_code_needs_a_redirect_uri
        check (not ('authorization_code' = any (grant_types)) or cardinality(redirect_uris) > 0);
comment on column oauth.client.redirect_uris is 'Where answers may go, compared as strings; without one it has no authorization_code among its grants.';
comment on column oauth.client.access_seconds is 'Life of its access tokens where it is shorter than the setting; null: as the setting says.';

-- What a browser or a pushed request has begun is judged by the registration of that time, so it ends with a change.
alter table oauth.client add column changed_at timestamptz not null default now();
update oauth.client set changed_at = created_at;
comment on column oauth.client.changed_at is 'When its registration was last changed: authorization requests from before don''t count any more.';

create unique index one_secret_of_a_client_has_no_end on oauth.client_secret (client_id) where expires_at is null;
comment on table oauth.client_secret is 'Digests of the clients'' secrets; two can be valid at once while one replaces the other: the new one has no end, the old one has.';
comment on column oauth.client_secret.expires_at is 'From when on it is refused; null: never, as one of each client.';

insert into oauth.scope_sentence (scope, language, sentence) values
    ('profile', 'de', 'sehen, wer Sie sind: Ihre Kennung und Ihren Benutzernamen'),
    ('profile', 'fr', 'voir qui vous êtes : votre identifiant et votre nom d’utilisateur'),
    ('contacts', 'de', 'Ihre Kontakte lesen'),
    ('contacts', 'fr', 'lire vos contacts')
    on conflict (scope, language) do nothing;
