-- Who is signed in, and how often somebody tried to be.
create table oauth.session (
    id               bigint generated always as identity primary key,
    digest           bytea not null unique check (length(digest) = 32),
    account_id       @ACCOUNT_ID@ not null,
    credential       text,
    authenticated_at timestamptz not null default now(),
    last_seen_at     timestamptz not null default now(),
    idle_seconds     integer not null,
    expires_at       timestamptz not null,
    ended_at         timestamptz,
    address          inet
);
create index session_account on oauth.session (account_id);
-- For deleting what has ended; as an expression, so that no look-up by digest is ever planned by it.
create index session_expires on oauth.session ((expires_at at time zone 'UTC'));
comment on table oauth.session is 'The browsers in which somebody is signed in.';
comment on column oauth.session.id is 'Its number, as grants know it.';
comment on column oauth.session.digest is 'SHA-256 of the cookie''s random bytes.';
comment on column oauth.session.account_id is 'Who signed in.';
comment on column oauth.session.credential is 'The account''s credential at that time: another one now ends the session.';
comment on column oauth.session.authenticated_at is 'When the password was right.';
comment on column oauth.session.last_seen_at is 'When a page was last shown in it, up to a minute late.';
comment on column oauth.session.idle_seconds is 'It ends when it was not used for so long.';
comment on column oauth.session.expires_at is 'It ends then in any case.';
comment on column oauth.session.ended_at is 'When it was ended, by logout or by another login of the browser.';
comment on column oauth.session.address is 'From where the person signed in.';

create view oauth.live_session as
select s.id, s.digest, s.account_id, s.credential, s.authenticated_at, s.last_seen_at, a.username
  from oauth.session s
       cross join lateral (select a.username, a.active, a.credential
                             from directory.account a
                            where a.id = s.account_id offset 0) a
 where s.ended_at is null
   and s.expires_at > now()
   and s.last_seen_at > now() - make_interval(secs => s.idle_seconds)
   and a.active
   and a.credential is not distinct from s.credential;
comment on view oauth.live_session is 'The sessions that count now, with the person''s user name.';

-- Lost in a crash, which only forgets guesses; nothing to write twice under a flood of them.
create unlogged table oauth.login_limit (
    key        text primary key,
    full_until timestamptz not null
);
create index login_limit_full_until on oauth.login_limit (full_until);
comment on table oauth.login_limit is 'Password attempts, counted before the password is looked at.';
comment on column oauth.login_limit.key is '"name HMAC" of what was typed, "account ID" of whom that found, or "address ADDRESS".';
comment on column oauth.login_limit.full_until is 'Each attempt adds a step to it (a generic cell rate); when it is too far ahead of now, the answer is "wait".';
