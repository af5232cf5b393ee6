-- Refresh tokens: which clients get them is their grant_types; how they live is said here.
alter table oauth.client
    add column refresh_rotates      boolean not null default true,
    add column refresh_idle_seconds integer not null default 2592000 check (refresh_idle_seconds between 60 and 63072000),
    add column refresh_seconds      integer not null default 31536000 check (refresh_seconds between 60 and 315360000),
    add check (refresh_rotates or type = 'confidential');
comment on column oauth.client.refresh_rotates is 'Each use of a refresh token gives a new one; a public client''s always does (RFC 9700 2.2.2).';
comment on column oauth.client.refresh_idle_seconds is 'A refresh token ends when it was not used for so long.';
comment on column oauth.client.refresh_seconds is 'It ends in any case so long after the person allowed it.';
