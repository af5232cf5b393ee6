-- What this database is: the types chosen at the first migration, and the migrations that were applied.
create schema oauth;
comment on schema oauth is 'Postern''s own: clients, grants, tokens, sessions, audit.';

create table oauth.installation (
    only_row        boolean primary key default true check (only_row),
    account_id_type text not null,
    contact_id_type text not null,
    created_at      timestamptz not null default now()
);
comment on table oauth.installation is 'One row: the choices that a database makes once.';
comment on column oauth.installation.only_row is 'Always true, so that there is one row.';
comment on column oauth.installation.account_id_type is 'SQL type of an account''s id: integer, bigint, uuid or text.';
comment on column oauth.installation.contact_id_type is 'SQL type of a contact''s id, likewise.';
comment on column oauth.installation.created_at is 'When the first migration ran.';

insert into oauth.installation (account_id_type, contact_id_type) values ('@ACCOUNT_ID@', '@CONTACT_ID@');

create table oauth.migration (
    number     integer primary key,
    name       text not null,
    sha256     bytea not null,
    applied_at timestamptz not null default now()
);
comment on table oauth.migration is 'The migrations that were applied; a file that has changed since is refused.';
comment on column oauth.migration.number is 'The digits before the file''s name.';
comment on column oauth.migration.name is 'The file''s name.';
comment on column oauth.migration.sha256 is 'SHA-256 of the file as it was applied, placeholders unfilled.';
comment on column oauth.migration.applied_at is 'When.';
