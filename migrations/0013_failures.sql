-- Failures: counted, so that a flood of guesses writes a few rows over and over and not one each.
create table oauth.failure (
    minute     timestamptz not null,
    event      text not null,
    address    text not null,
    subject    text not null,
    count      bigint not null,
    request_id text,
    primary key (minute, event, address, subject)
);
comment on table oauth.failure is 'Failed authentications of clients and people: one row a minute for each subject and address, however many they are.';
comment on column oauth.failure.minute is 'The minute that is counted; old ones are deleted by it.';
comment on column oauth.failure.event is 'client: a client''s authentication failed; login: a wrong password, or a try over the limit.';
comment on column oauth.failure.address is 'From where: an IPv4 address, an IPv6 /64, "local", or "others" (oauth.failure_address).';
comment on column oauth.failure.subject is 'Who it was tried for: a registered client_id, or the account''s id as text; empty: somebody unknown, so that made-up names make no rows.';
comment on column oauth.failure.count is 'How many.';
comment on column oauth.failure.request_id is 'nginx''s id of the last one, for the log.';

create function oauth.failure_address(in_minute timestamptz, of_event text, came_from text) returns text
    language sql stable parallel safe
    return case
        when (select count(*) from (select from oauth.failure f where f.minute = in_minute limit 1000) rows_there) < 1000
             or exists (select from oauth.failure f where f.minute = in_minute and f.event = of_event and f.address = came_from)
            then came_from
        else 'others'
    end;
comment on function oauth.failure_address is 'Under which address a failure is counted: when a minute has a thousand rows already, all that are new are "others", so that nobody makes rows without end out of a wide IPv6 network.';

-- Why a token does not count, for the log of whoever refused it.  It sees what the role that asks may not (the contacts' role no grant),
-- and runs for dead tokens alone, so the statements of living ones lock and cost what they did.
create function oauth.token_fate(token_slot smallint, token_digest bytea) returns text
    language plpgsql stable strict security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select case
                   when t.expires_at <= now() then 'the token expired at ' || t.expires_at
                   when g.id is null then 'its grant is gone'
                   when g.ended_at is not null then 'its grant was ended at ' || g.ended_at || coalesce(': ' || g.ended_why, '')
                   when (g.expires_at > now()) is not true then 'its grant expired' || coalesce(' at ' || g.expires_at, '')
                   when c.client_id is null then 'client ' || g.client_id || ' was removed'
                   when not c.enabled then 'client ' || g.client_id || ' is disabled'
                   when g.account_id is not null and a.active is null then 'account ' || g.account_id || ' is gone'
                   when g.account_id is not null and not a.active then 'account ' || g.account_id || ' is disabled'
                   when g.account_id is not null and a.credential is distinct from g.credential
                       then 'the password of account ' || g.account_id || ' was changed'
               end
          from oauth.access_token t
               left join oauth.grants g on g.id = t.grant_id
               left join oauth.client c on c.client_id = g.client_id
               left join lateral (select a.active, a.credential
                                    from directory.account a
                                   where a.id = g.account_id offset 0) a on true
         where t.slot = token_slot and t.digest = token_digest);
end
$$;
comment on function oauth.token_fate is 'Why the token of that slot and digest does not count (oauth.live_token), for the log; null: there is none, or it counts.';
