-- Accounts on another server: a foreign data wrapper goes there as soon as a statement begins that mentions them, needed or not.  What is
-- in a function of PL/pgSQL begins when the function is called.
alter table oauth.installation add directory_is_far boolean not null default false;
comment on column oauth.installation.directory_is_far is 'The accounts are on another server: the views ask for one by oauth.account_now. Set by the procedure oauth.directory_is_far.';

-- Whoever reads the views calls it with rights of his own, so it tells no more than they do: who an account is, to whoever knows its
-- credential.
create function oauth.account_now(account @ACCOUNT_ID@, credential text) returns table (username text)
    language plpgsql stable rows 1 security definer set search_path = pg_catalog, pg_temp as $$
begin
    if current_setting('postern.directory', true) = 'away' then
        raise exception 'the directory is not asked' using errcode = 'fdw_unable_to_establish_connection';
    end if;
    return query
        select one.username
          from (select a.username, a.active, a.credential
                  from directory.account a
                 where a.id = account offset 0) one
         where one.active and one.credential is not distinct from account_now.credential;
end
$$;
comment on function oauth.account_now is 'The account of that id, if it is active and has that credential still; no row: it is not. The directory is asked when it is called, not when the statement begins; an error where the session''s setting postern.directory is "away".';
revoke execute on function oauth.account_now from public;

-- The two views as they are since 0004 and 0019, in both kinds.  Whoever changes one of them replaces this procedure, too.
create procedure oauth.directory_is_far(far boolean)
    language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    near   constant text := 'select a.username, a.active, a.credential from directory.account a where a.id = %1$s.account_id %2$s offset 0';
    called constant text := 'select a.username, true as active, %1$s.credential
                               from oauth.account_now(%1$s.account_id, %1$s.credential) a where %1$s.account_id is not null offset 0';
    account constant text := case when far then called else near end;
begin
    update oauth.installation set directory_is_far = far;
    execute format('create or replace view oauth.live_session as
        select s.id, s.digest, s.account_id, s.credential, s.authenticated_at, s.last_seen_at, a.username
          from oauth.session s
               cross join lateral (%s) a
         where s.ended_at is null
           and s.expires_at > now()
           and s.last_seen_at > now() - make_interval(secs => s.idle_seconds)
           and a.active
           and a.credential is not distinct from s.credential', format(account, 's', ''));
    execute format('create or replace view oauth.live_token as
        select t.slot, t.digest, t.grant_id, t.scope, t.resources, t.issued_at, t.expires_at,
               g.client_id, g.account_id, c.query_token, a.username, c.contacts_per_minute, c.contacts_limit
          from oauth.access_token t
               join oauth.grants g on g.id = t.grant_id
               join oauth.client c on c.client_id = g.client_id
               left join lateral (%s) a on true
         where t.expires_at > now()
           and g.ended_at is null
           and (g.expires_at > now()) is true
           and c.enabled
           and (g.account_id is null
                or (coalesce(a.active, false) and a.credential is not distinct from g.credential))',
        format(account, 'g', 'and g.account_id is not null'));
end
$$;
comment on procedure oauth.directory_is_far is 'True: from now on sessions and tokens ask for their account by a function, so that those without one need nothing of the server where the accounts are. False: as it was, by a join, which is faster where they are in this database.';
revoke execute on procedure oauth.directory_is_far from public;

-- Asks for the account last, and not at all for a token that is unknown or ended.
create or replace function oauth.token_fate(token_slot smallint, token_digest bytea) returns text
    language plpgsql stable strict security definer set search_path = pg_catalog, pg_temp as $$
declare
    fate    text;
    account @ACCOUNT_ID@;
    granted text;
begin
    select case
               when t.expires_at <= now() then 'the token expired at ' || t.expires_at
               when g.id is null then 'its grant is gone'
               when g.ended_at is not null then 'its grant was ended at ' || g.ended_at || coalesce(': ' || g.ended_why, '')
               when (g.expires_at > now()) is not true then 'its grant expired' || coalesce(' at ' || g.expires_at, '')
               when c.client_id is null then 'client ' || g.client_id || ' was removed'
               when not c.enabled then 'client ' || g.client_id || ' is disabled'
           end, g.account_id, g.credential
      into fate, account, granted
      from oauth.access_token t
           left join oauth.grants g on g.id = t.grant_id
           left join oauth.client c on c.client_id = g.client_id
     where t.slot = token_slot and t.digest = token_digest;
    if fate is not null or account is null then
        return fate;
    end if;
    return (
        select case
                   when a.active is null then 'account ' || account || ' is gone'
                   when not a.active then 'account ' || account || ' is disabled'
                   when a.credential is distinct from granted then 'the password of account ' || account || ' was changed'
               end
          from (select) as one
               left join (select a.active, a.credential from directory.account a where a.id = account offset 0) a on true);
end
$$;
