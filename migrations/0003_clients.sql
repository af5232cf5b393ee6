-- Who may ask: clients and their secrets; what may be asked for: scopes and resources.
create table oauth.scope (
    scope        text primary key check (scope ~ '^[\x21\x23-\x5b\x5d-\x7e]+$'),
    needs_person boolean not null
);
comment on table oauth.scope is 'The scopes that clients can be registered for (RFC 6749 3.3).';
comment on column oauth.scope.scope is 'The scope token.';
comment on column oauth.scope.needs_person is 'It means a person''s data: a machine''s own token can''t have it.';

create table oauth.scope_sentence (
    scope    text not null references oauth.scope on delete cascade,
    language text not null,
    sentence text not null,
    primary key (scope, language)
);
comment on table oauth.scope_sentence is 'What the consent page says of a scope.';
comment on column oauth.scope_sentence.scope is 'The scope.';
comment on column oauth.scope_sentence.language is 'BCP 47 tag of the page''s language.';
comment on column oauth.scope_sentence.sentence is 'What the application will be able to do, for the person who allows it.';

insert into oauth.scope (scope, needs_person) values ('profile', true), ('contacts', true);
insert into oauth.scope_sentence (scope, language, sentence) values
    ('profile', 'en', 'see who you are: your id and your user name'),
    ('contacts', 'en', 'read your contacts');

create table oauth.resource (
    resource text primary key check (resource ~ '^[a-z0-9._-]+$'),
    uri      text unique
);
comment on table oauth.resource is 'The resources that a token can be for: its audience (RFC 8707).';
comment on column oauth.resource.resource is 'A short name, as grants and tokens hold it.';
comment on column oauth.resource.uri is 'Its absolute URI; null for profile and contacts, whose URIs are settings.';

insert into oauth.resource (resource) values ('profile'), ('contacts');

create table oauth.client (
    client_id          text primary key check (client_id ~ '^[\x21-\x7e]{1,255}$'),
    name               text not null check (name <> '' and length(name) <= 200),
    type               text not null check (type in ('confidential', 'public', 'native')),
    auth_method        text not null check (auth_method in ('client_secret', 'client_secret_basic', 'client_secret_post', 'none')),
    redirect_uris      text[] not null,
    grant_types        text[] not null default '{authorization_code}',
    scope              text[] not null,
    default_scope      text[] not null,
    resources          text[] not null default '{profile,contacts}',
    default_resources  text[] not null default '{profile,contacts}',
    pkce_required      boolean not null default true,
    query_token        boolean not null default false,
    logout_ends_grants boolean not null default false,
    access_seconds     integer check (access_seconds between 60 and 86400),
    enabled            boolean not null default true,
    sample             boolean not null default false,
    created_at         timestamptz not null default now(),
    check ((type = 'confidential') = (auth_method <> 'none')),
    check (pkce_required or type = 'confidential'),
    check (default_scope <@ scope and default_resources <@ resources)
);
comment on table oauth.client is 'The registered clients (RFC 6749 2).';
comment on column oauth.client.client_id is 'The client identifier (RFC 6749 2.2).';
comment on column oauth.client.name is 'What the person reads on the consent page.';
comment on column oauth.client.type is 'confidential: can keep a secret; public: can''t; native: public, on the person''s device (RFC 8252).';
comment on column oauth.client.auth_method is 'The one way of authentication at /token; client_secret means the body or Basic, as the client chooses.';
comment on column oauth.client.redirect_uris is 'Where answers may go, compared as strings.';
comment on column oauth.client.grant_types is 'The grants that it may use.';
comment on column oauth.client.scope is 'The scopes that it may ask for.';
comment on column oauth.client.default_scope is 'What it gets when it names no scope.';
comment on column oauth.client.resources is 'The resources that it may ask tokens for.';
comment on column oauth.client.default_resources is 'What its tokens are for when it names no resource.';
comment on column oauth.client.pkce_required is 'A request without a code_challenge is refused (RFC 7636).';
comment on column oauth.client.query_token is 'Its tokens are taken from the URI query too (RFC 6750 2.3): the seed''s contract.';
comment on column oauth.client.logout_ends_grants is 'Its grants end with the session in which they were allowed.';
comment on column oauth.client.access_seconds is 'Life of its access tokens where it is shorter than the setting.';
comment on column oauth.client.enabled is 'False ends its tokens with the next request.';
comment on column oauth.client.sample is 'Made by "postern sample".';
comment on column oauth.client.created_at is 'When it was registered.';

create table oauth.client_secret (
    client_id  text not null references oauth.client on delete cascade,
    digest     bytea not null check (length(digest) = 32),
    scheme     text not null default 'sha256' check (scheme = 'sha256'),
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    primary key (client_id, digest)
);
comment on table oauth.client_secret is 'Digests of the clients'' secrets; two can be valid at once while one replaces the other.';
comment on column oauth.client_secret.client_id is 'Whose it is.';
comment on column oauth.client_secret.digest is 'SHA-256 of the secret''s 256 random bits.';
comment on column oauth.client_secret.scheme is 'How the digest was made.';
comment on column oauth.client_secret.created_at is 'When it was made.';
comment on column oauth.client_secret.expires_at is 'From when on it is refused; null: never.';
