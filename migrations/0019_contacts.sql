-- The contacts API: more of a contact, what a client may ask for, and one judgement of bearer tokens for all statements.
alter table directory.person_contact
    add phone      text,
    add updated_at timestamptz not null default now();
comment on column directory.person_contact.phone is 'Telephone number.';
comment on column directory.person_contact.updated_at is 'When the row last changed.';

create function directory.contact_touched() returns trigger
    language plpgsql as $$
begin
    new.updated_at := now();
    return new;
end
$$;
comment on function directory.contact_touched is 'Trigger: moves updated_at.';
revoke execute on function directory.contact_touched from public;
create trigger touched before update on directory.person_contact
    for each row when (old.* is distinct from new.*) execute function directory.contact_touched();

-- The view may be a company's own: then it must have the new columns before this migration, for what is running doesn't mind them.
do $$
declare
    shipped boolean := exists (select
                                 from pg_depend d
                                      join pg_rewrite r on r.oid = d.objid
                                where d.classid = 'pg_rewrite'::regclass and d.refobjid = 'directory.person_contact'::regclass
                                  and r.ev_class = 'directory.contact'::regclass);
begin
    if shipped then
        create or replace view directory.contact as
        select owner_id, id, username, name, email, phone, updated_at
          from directory.person_contact;
    elsif (select count(*)
             from pg_attribute
            where attrelid = 'directory.contact'::regclass and attname in ('phone', 'updated_at') and not attisdropped) < 2 then
        raise exception 'directory.contact is a view of your own and lacks phone (text) or updated_at (timestamptz): '
                        'add them at its end, as "null::text as phone, null::timestamptz as updated_at" where you have none';
    end if;
end
$$;
comment on column directory.contact.phone is 'Telephone number.';
comment on column directory.contact.updated_at is 'When the contact last changed.';

-- An id from outside may be of any form.
create function oauth.contact_id(spelled text) returns @CONTACT_ID@
    language sql immutable strict parallel safe
begin atomic
    select case
               when case '@CONTACT_ID@'
                        when 'integer' then spelled ~ '^(0|-?[1-9][0-9]{0,9})$' and spelled::bigint between -2147483648 and 2147483647
                        when 'bigint' then spelled ~ '^(0|-?[1-9][0-9]{0,18})$'
                                           and spelled::numeric between -9223372036854775808 and 9223372036854775807
                        when 'uuid' then spelled ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                        else true
                    end
                   then spelled::@CONTACT_ID@
           end;
end;
comment on function oauth.contact_id is 'The contact''s id that is spelled so, null: no id is; each id has one spelling.';

create function oauth.least_contact_id() returns @CONTACT_ID@
    language sql immutable parallel safe
begin atomic
    select (case '@CONTACT_ID@'
                when 'integer' then '-2147483648'
                when 'bigint' then '-9223372036854775808'
                when 'uuid' then '00000000-0000-0000-0000-000000000000'
                else ''
            end)::@CONTACT_ID@;
end;
comment on function oauth.least_contact_id is 'No contact''s id comes before it: where the first page begins.';

alter table oauth.client
    add contacts_per_minute integer check (contacts_per_minute > 0),
    add contacts_limit      integer check (contacts_limit between 1 and 1000);
comment on column oauth.client.contacts_per_minute is 'Requests to the contacts API in a minute; null: as the setting says.';
comment on column oauth.client.contacts_limit is 'Contacts on a page where a request names no limit; null: 100.';

-- A machine's token has no account: nobody is asked for one, be it on a server far away.
create or replace view oauth.live_token as
select t.slot, t.digest, t.grant_id, t.scope, t.resources, t.issued_at, t.expires_at,
       g.client_id, g.account_id, c.query_token, a.username, c.contacts_per_minute, c.contacts_limit
  from oauth.access_token t
       join oauth.grants g on g.id = t.grant_id
       join oauth.client c on c.client_id = g.client_id
       left join lateral (select a.username, a.active, a.credential
                            from directory.account a
                           where a.id = g.account_id and g.account_id is not null offset 0) a on true
 where t.expires_at > now()
   and g.ended_at is null
   and (g.expires_at > now()) is true
   and c.enabled
   and (g.account_id is null
        or (coalesce(a.active, false) and a.credential is not distinct from g.credential));

-- RFC 6750 3.1.  Without "offset 0" the planner works the verdict out wherever it is read.
create function oauth.bearer_judged(token_slot smallint, token_digest bytea, in_query boolean, resource text)
    returns table (client_id text, account_id @ACCOUNT_ID@, username text, contacts_per_minute integer, contacts_limit integer,
                   verdict text, detail text)
    language sql stable parallel safe
begin atomic
    select t.client_id, t.account_id, t.username, t.contacts_per_minute, t.contacts_limit, judged.verdict,
           case judged.verdict
               when 'invalid_token'
                   then case
                            when token_digest is null then 'not of the form of an access token'
                            when t.client_id is null
                                then coalesce(oauth.token_fate(token_slot, token_digest),
                                              'no such token: made up, revoked, or long expired')
                            else 'its resources are: ' || array_to_string(t.resources, ' ') || ' (client ' || t.client_id || ')'
                        end
               when 'insufficient_scope'
                   then 'its scope is: ' || array_to_string(t.scope, ' ') || ' (client ' || t.client_id || ')'
               when 'query_token_refused' then 'client ' || t.client_id || ' is not registered for tokens in the query'
           end
      from (select) as one
           left join oauth.live_token t on t.slot = token_slot and t.digest = token_digest
           cross join lateral (
               select case
                          when t.client_id is null then 'invalid_token'
                          when in_query and not t.query_token then 'query_token_refused'
                          when not (resource = any (t.resources)) then 'invalid_token'
                          when not (resource = any (t.scope)) or t.account_id is null then 'insufficient_scope'
                          else 'ok'
                      end as verdict
               offset 0
           ) judged;
end;
comment on function oauth.bearer_judged is 'One row: whether the token of that slot and digest lets its client read that resource of its person, for which it needs the scope of the same name (verdict ok, invalid_token, query_token_refused, insufficient_scope; detail for the log), and who they are.  It is a part of the statement that asks (PostgreSQL inlines it), with the rights of that.';
