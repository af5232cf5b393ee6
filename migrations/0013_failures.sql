-- Failures: counted, so that a flood of guesses writes a few rows over and over and not one each.
create table oauth.failure (
    minute     timestamptz not null,
    event      text not null check (event in ('client', 'login')),
    address    text not null,
    subject    text not null,
    count      bigint not null,
    request_id text,
    primary key (minute, event, address, subject)
);
comment on table oauth.failure is 'Failed authentications of clients and people: one row a minute for each subject and address, however many they are.';
comment on column oauth.failure.minute is 'The minute that is counted; old ones are deleted by it.';
comment on column oauth.failure.event is 'client: a client''s authentication failed; login: a wrong password, or a try over the limit.';
comment on column oauth.failure.address is 'From where: an IPv4 address, an IPv6 /64, or "local".';
comment on column oauth.failure.subject is 'Who it was tried for: a registered client_id, or the account''s id as text; empty: somebody unknown, so that made-up names make no rows.';
comment on column oauth.failure.count is 'How many.';
comment on column oauth.failure.request_id is 'nginx''s id of the last one, for the log.';
