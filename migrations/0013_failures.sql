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

-- The refusal says which part was wrong.
create or replace function oauth.client_authentic(claimed_id text, secret_digest bytea, method text)
    returns table (client_id text, authentic boolean, refusal text)
    language sql stable parallel safe
begin atomic
    select c.client_id, proof.good,
           case
               when proof.good then null
               when c.client_id is null then 'there is no such client'
               when not c.enabled then 'the client is disabled'
               when not ways.fits then 'registered for ' || c.auth_method || ', came by ' || method
               when secret_digest is null then 'no secret came, or one that is mistyped or cut off'
               else coalesce((select 'the secret expired at ' || s.expires_at
                                from oauth.client_secret s
                               where s.client_id = c.client_id and s.digest = secret_digest), 'the secret is none of this client')
           end
      from (select) as one
           left join oauth.client c on c.client_id = claimed_id
           cross join lateral (
               select coalesce(case c.auth_method
                                   when 'none' then method = 'none'
                                   when 'client_secret' then method in ('basic', 'post')
                                   else c.auth_method = 'client_secret_' || method
                               end, false) as fits
           ) ways
           cross join lateral (
               select coalesce(c.enabled and ways.fits
                               and (c.auth_method = 'none'
                                    or exists (select
                                                 from oauth.client_secret s
                                                where s.client_id = c.client_id and s.digest = secret_digest
                                                  and (s.expires_at is null or s.expires_at > now()))), false) as good
           ) proof;
end;
