-- A client's code_challenge is for one sign-in alone (RFC 9700 2.1.1).
--
-- Lost in a crash, which forgets the last minute's challenges; their codes go on as they are.
create unlogged table oauth.challenge_use (
    client_id    text not null,
    challenge    text not null,
    session_id   bigint not null,
    code_locator bytea not null,
    former_code  bytea,
    expires_at   timestamptz not null,
    primary key (client_id, challenge)
);
create index challenge_use_expires on oauth.challenge_use (expires_at);
comment on table oauth.challenge_use is 'The code_challenges of the codes that live.';
comment on column oauth.challenge_use.client_id is 'The client that sent it.';
comment on column oauth.challenge_use.challenge is 'The S256 challenge.';
comment on column oauth.challenge_use.session_id is 'The session in which its code was allowed: another one''s is refused.';
comment on column oauth.challenge_use.code_locator is 'The locator of the newest code that it stands for.';
comment on column oauth.challenge_use.former_code is 'That of the code that this one replaced.';
comment on column oauth.challenge_use.expires_at is 'When the code expires; the row may be deleted then.';

-- Sees what was committed while the statement that calls it waited for the challenge: a function that is volatile has a snapshot of its own.
create function oauth.replace_code(former bytea) returns void
    language sql volatile strict
begin atomic
    update oauth.grants g
       set ended_at = now(), ended_why = 'replaced'
     where g.code_locator = former and g.code_redeemed_at is null and g.ended_at is null;
end;
comment on function oauth.replace_code is 'Ends the grant of a code that another one has replaced, if it was not redeemed.';

comment on column oauth.grants.ended_why is 'Why: replay, revoked, replaced, logout, consent, administrator.';
