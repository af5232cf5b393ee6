-- The device authorization grant (RFC 8628): codes of devices that wait for a person at another screen.
create table oauth.device_code (
    digest           bytea primary key check (length(digest) = 32),
    user_code        bytea not null unique check (length(user_code) = 32),
    client_id        text not null references oauth.client on delete cascade,
    scope            text[] not null,
    resources        text[] not null,
    created_at       timestamptz not null default now(),
    expires_at       timestamptz not null,
    interval_seconds integer not null,
    polled_at        timestamptz,
    decision         text check (decision in ('allowed', 'denied')),
    decided_at       timestamptz,
    account_id       @ACCOUNT_ID@,
    grant_id         bigint,
    redeemed_at      timestamptz,
    check ((decision is null) = (decided_at is null) and (decision is null) = (account_id is null)),
    check ((decision is not distinct from 'allowed') = (grant_id is not null))
);
-- None on client_id: a client is removed seldom, and these are the rows of some minutes.
create index device_code_expires on oauth.device_code (expires_at);
comment on table oauth.device_code is 'Device authorization requests (RFC 8628 3.1), from asking to redemption; the row may be deleted a while after expires_at, until when the device hears expired_token.';
comment on column oauth.device_code.digest is 'SHA-256 of the device code''s random part.';
comment on column oauth.device_code.user_code is 'HMAC of the user code with a key of the device keyring: the code itself is too short for a bare digest.';
comment on column oauth.device_code.client_id is 'The client that asks.';
comment on column oauth.device_code.scope is 'The scopes asked for, or the client''s default.';
comment on column oauth.device_code.resources is 'The resources asked for, or the client''s default.';
comment on column oauth.device_code.created_at is 'When it asked.';
comment on column oauth.device_code.expires_at is 'From then on both codes are refused; never moved.';
comment on column oauth.device_code.interval_seconds is 'So long the device has to wait between two questions; each one that comes too early adds five seconds.';
comment on column oauth.device_code.polled_at is 'When it last asked whether the person has decided.';
comment on column oauth.device_code.decision is 'What the person decided: allowed or denied; null: nothing yet.';
comment on column oauth.device_code.decided_at is 'When.';
comment on column oauth.device_code.account_id is 'Who.';
comment on column oauth.device_code.grant_id is 'The grant that allowing made (no foreign key: this row goes long before it).';
comment on column oauth.device_code.redeemed_at is 'When the device code was exchanged for tokens; once more is a replay.';

comment on column oauth.login_limit.key is '"name HMAC" of what was typed, "account ID" of whom that found, or "address ADDRESS"; for user codes "device account ID" and "device address ADDRESS".';
comment on table oauth.login_limit is 'Password attempts, counted before the password is looked at, and user codes that were typed.';
