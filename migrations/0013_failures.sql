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
comment on column oauth.failure.address is 'From where: an IPv4 address, an IPv6 /64, or "local".';
comment on column oauth.failure.subject is 'Who it was tried for: a registered client_id, or the account''s id as text; empty: somebody unknown, so that made-up names make no rows.';
comment on column oauth.failure.count is 'How many.';
comment on column oauth.failure.request_id is 'nginx''s id of the last one, for the log.';

-- The refusal says which part was wrong.  What is found out is found out once: without "offset 0" the planner puts the condition, and the
-- look-up of the secret, wherever its outcome is read.
drop function oauth.client_authentic(text, bytea, text);
create function oauth.client_authentic(claimed_id text, secret_digest bytea, method text)
    returns table (client_id text, authentic boolean, refusal text, grant_types text[], scope text[], default_scope text[],
                   resources text[], default_resources text[], introspects text[], access_seconds integer, refresh_rotates boolean,
                   refresh_idle_seconds integer)
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
           end,
           c.grant_types, c.scope, c.default_scope, c.resources, c.default_resources, c.introspects, c.access_seconds, c.refresh_rotates,
           c.refresh_idle_seconds
      from (select) as one
           left join oauth.client c on c.client_id = claimed_id
           cross join lateral (
               select coalesce(case c.auth_method
                                   when 'none' then method = 'none'
                                   when 'client_secret' then method in ('basic', 'post')
                                   else c.auth_method = 'client_secret_' || method
                               end, false) as fits
               offset 0
           ) ways
           cross join lateral (
               select coalesce(c.enabled and ways.fits
                               and (c.auth_method = 'none'
                                    or exists (select
                                                 from oauth.client_secret s
                                                where s.client_id = c.client_id and s.digest = secret_digest
                                                  and (s.expires_at is null or s.expires_at > now()))), false) as good
               offset 0
           ) proof;
end;
comment on function oauth.client_authentic is 'One row: the client of that id (null: there is none); whether it is authentic, by the digest of the secret that came and how it came (basic, post, none); if not, why, for the log; and what of its registration the statements need, which count nothing before it is authentic.  It is a part of the statement that asks (PostgreSQL inlines it), with the rights of that.';

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
