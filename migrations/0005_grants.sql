-- The grant, the centre of everything, and the short-lived things around it.
create function oauth.slot(at timestamptz, period integer) returns smallint
    language sql stable parallel safe
    return ((floor(extract(epoch from at) / period))::bigint % 4)::smallint;
comment on function oauth.slot is 'The slot of a ring of four in which what is made at that time stands; a period has so many seconds, in UTC.';

create function oauth.words(list text) returns text[]
    language sql immutable strict parallel safe
    return array(select word from unnest(string_to_array(list, ' ')) with ordinality as w (word, place)
                  group by word order by min(place));
comment on function oauth.words is 'The words of a list separated by single spaces, each once, in their order: scopes, resources.';

create table oauth.grants (
    id                      bigint generated always as identity primary key,
    client_id               text not null references oauth.client on delete cascade,
    account_id              @ACCOUNT_ID@,
    session_id              bigint,
    credential              text,
    scope                   text[] not null,
    resources               text[] not null,
    redirect_uri            text,
    redirect_uri_sent       boolean,
    code_challenge          text,
    code_locator            bytea unique,
    code_digest             bytea,
    code_expires_at         timestamptz,
    code_redeemed_at        timestamptz,
    refresh_locator         bytea unique,
    refresh_digest          bytea,
    refresh_previous_digest bytea,
    refresh_successor       bytea,
    refresh_key_id          text,
    refresh_rotated_at      timestamptz,
    idle_until              timestamptz,
    created_at              timestamptz not null default now(),
    expires_at              timestamptz not null,
    ended_at                timestamptz,
    ended_why               text
);
create index grants_client on oauth.grants (client_id);
create index grants_account on oauth.grants (account_id, client_id);
create index grants_session on oauth.grants (session_id);
create index grants_expires on oauth.grants (expires_at);
comment on table oauth.grants is 'What a person allowed a client, or a machine''s client has from its registration; codes and tokens hang on it.';
comment on column oauth.grants.id is 'Its number.';
comment on column oauth.grants.client_id is 'The client that may act.';
comment on column oauth.grants.account_id is 'The person who allowed it; null: the client itself.';
comment on column oauth.grants.session_id is 'The session in which it was allowed (no foreign key: sessions are deleted earlier).';
comment on column oauth.grants.credential is 'The account''s credential at that time: another one now ends the grant.';
comment on column oauth.grants.scope is 'The scopes allowed.';
comment on column oauth.grants.resources is 'The resources allowed.';
comment on column oauth.grants.redirect_uri is 'Where the code was sent.';
comment on column oauth.grants.redirect_uri_sent is 'The authorization request named it, so a token request without PKCE must too (RFC 6749 4.1.3).';
comment on column oauth.grants.code_challenge is 'The S256 challenge (RFC 7636), null: none was sent.';
comment on column oauth.grants.code_locator is 'The part of the code that finds the grant, even when the rest is wrong.';
comment on column oauth.grants.code_digest is 'SHA-256 of the code''s secret part.';
comment on column oauth.grants.code_expires_at is 'From then on the code is refused.';
comment on column oauth.grants.code_redeemed_at is 'When the code was exchanged; once more is a replay.';
comment on column oauth.grants.refresh_locator is 'The part of the refresh tokens that finds the grant.';
comment on column oauth.grants.refresh_digest is 'SHA-256 of the current refresh token''s secret part.';
comment on column oauth.grants.refresh_previous_digest is 'That of the one before.';
comment on column oauth.grants.refresh_successor is 'The current one, sealed with a key that only the previous one and the server''s key make.';
comment on column oauth.grants.refresh_key_id is 'Which of the server''s keys.';
comment on column oauth.grants.refresh_rotated_at is 'When the current one replaced the previous one.';
comment on column oauth.grants.idle_until is 'The refresh token is refused from then on unless it is used before.';
comment on column oauth.grants.created_at is 'When it was allowed.';
comment on column oauth.grants.expires_at is 'Nothing of it is good after that, and the row may be deleted; never moved.';
comment on column oauth.grants.ended_at is 'When it was ended before its time.';
comment on column oauth.grants.ended_why is 'Why: replay, logout, consent, administrator.';

create table oauth.access_token (
    slot       smallint not null,
    digest     bytea not null check (length(digest) = 32),
    grant_id   bigint not null,
    scope      text[] not null,
    resources  text[] not null,
    issued_at  timestamptz not null default now(),
    expires_at timestamptz not null,
    primary key (slot, digest)
) partition by list (slot);
create table oauth.access_token_0 partition of oauth.access_token for values in (0);
create table oauth.access_token_1 partition of oauth.access_token for values in (1);
create table oauth.access_token_2 partition of oauth.access_token for values in (2);
create table oauth.access_token_3 partition of oauth.access_token for values in (3);
comment on table oauth.access_token is 'Access tokens, a ring of four days: a slot is emptied when it is two days old, and no token lives longer than one.';
comment on column oauth.access_token.slot is 'The day, modulo four; the token carries it.';
comment on column oauth.access_token.digest is 'SHA-256 of the token''s random part.';
comment on column oauth.access_token.grant_id is 'The grant that it acts for (no foreign key: a ring is emptied by truncate).';
comment on column oauth.access_token.scope is 'Its scopes, the grant''s or fewer.';
comment on column oauth.access_token.resources is 'Its audience.';
comment on column oauth.access_token.issued_at is 'When it was issued.';
comment on column oauth.access_token.expires_at is 'From then on it is refused.';

create table oauth.authorization_request (
    slot              smallint not null,
    digest            bytea not null check (length(digest) = 32),
    browser_digest    bytea,
    client_id         text not null,
    redirect_uri      text not null,
    redirect_uri_sent boolean not null,
    state             text,
    scope             text[] not null,
    resources         text[] not null,
    code_challenge    text,
    created_at        timestamptz not null default now(),
    primary key (slot, digest)
) partition by list (slot);
create table oauth.authorization_request_0 partition of oauth.authorization_request for values in (0);
create table oauth.authorization_request_1 partition of oauth.authorization_request for values in (1);
create table oauth.authorization_request_2 partition of oauth.authorization_request for values in (2);
create table oauth.authorization_request_3 partition of oauth.authorization_request for values in (3);
comment on table oauth.authorization_request is 'Checked authorization requests that wait for a person, a ring of four hours.';
comment on column oauth.authorization_request.slot is 'The hour, modulo four; the handle carries it.';
comment on column oauth.authorization_request.digest is 'SHA-256 of the handle''s random part.';
comment on column oauth.authorization_request.browser_digest is 'SHA-256 of the cookie of the browser that it belongs to; null: of a cross-site POST, to be taken over by a copy.';
comment on column oauth.authorization_request.client_id is 'Who asks.';
comment on column oauth.authorization_request.redirect_uri is 'Where the answer goes: registered, checked.';
comment on column oauth.authorization_request.redirect_uri_sent is 'The request named it.';
comment on column oauth.authorization_request.state is 'The client''s state, byte for byte; null: none.';
comment on column oauth.authorization_request.scope is 'The scopes asked for, or the client''s default.';
comment on column oauth.authorization_request.resources is 'The resources asked for, or the client''s default.';
comment on column oauth.authorization_request.code_challenge is 'The S256 challenge, null: none.';
comment on column oauth.authorization_request.created_at is 'It is good for an hour from then.';

-- Every condition under which a token counts.  What ends one early, ends it here and so for everybody who asks.  ("is true" keeps the
-- planner from going by the index on the grants' end.)
create view oauth.live_token as
select t.slot, t.digest, t.grant_id, t.scope, t.resources, t.issued_at, t.expires_at,
       g.client_id, g.account_id, c.query_token, a.username
  from oauth.access_token t
       join oauth.grants g on g.id = t.grant_id
       join oauth.client c on c.client_id = g.client_id
       left join lateral (select a.username, a.active, a.credential
                            from directory.account a
                           where a.id = g.account_id offset 0) a on true
 where t.expires_at > now()
   and g.ended_at is null
   and (g.expires_at > now()) is true
   and c.enabled
   and (g.account_id is null
        or (coalesce(a.active, false) and a.credential is not distinct from g.credential));
comment on view oauth.live_token is 'The access tokens that count now: /profile, /contacts and whoever else checks a token reads this view.';
