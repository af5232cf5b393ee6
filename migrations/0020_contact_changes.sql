-- What changed among the contacts, and the words by which they are found: kept by triggers, on our table or a company's own.
--
-- A mark of "sync" is a snapshot of PostgreSQL's: what it does not see came later, whenever that began.  A time or a counter would lose
-- what a transaction wrote before the mark and committed after it.
create table directory.logged_change (
    owner_id @ACCOUNT_ID@ not null,
    id       @CONTACT_ID@ not null,
    xid      xid8 not null default pg_current_xact_id(),
    seq      bigint not null generated always as identity,
    at       timestamptz not null default now(),
    primary key (owner_id, id)
);
create index logged_change_order on directory.logged_change (owner_id, xid, seq);
create index logged_change_at on directory.logged_change (at);
comment on table directory.logged_change is 'The last change of each contact that changed lately, a deleted one''s too: the trigger''s.';
comment on column directory.logged_change.owner_id is 'Whose contact it is or was.';
comment on column directory.logged_change.id is 'The contact.';
comment on column directory.logged_change.xid is 'The transaction that changed it.';
comment on column directory.logged_change.seq is 'The order within a transaction.';
comment on column directory.logged_change.at is 'When that transaction began; "postern maintain" deletes by it.';

create table oauth.contact_log (
    only_row     boolean primary key default true check (only_row),
    pruned_to    xid8 not null default '0',
    truncated_in xid8 not null default pg_current_xact_id()
);
comment on table oauth.contact_log is 'One row: which marks of "sync" are too old, since the log does not hold all that came after them.';
comment on column oauth.contact_log.only_row is 'Always true, so that there is one row.';
comment on column oauth.contact_log.pruned_to is 'The log has lost changes up to this transaction: a mark that does not see all up to it is too old.';
comment on column oauth.contact_log.truncated_in is 'The transaction that last emptied the contacts, or began to watch them: a mark that does not see it is too old.';

insert into oauth.contact_log default values;

-- Case and accents don't count; which letters are one is Unicode's root collation.
create collation directory.ignoring (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
comment on collation directory.ignoring is 'For looking up: ignores case and accents.';

create table directory.indexed_word (
    owner_id @ACCOUNT_ID@ not null,
    word     text collate directory.ignoring not null,
    id       @CONTACT_ID@ not null,
    sorts    boolean not null,
    primary key (owner_id, word, id)
);
create index indexed_word_sorts on directory.indexed_word (owner_id, word, id) where sorts;
create index indexed_word_of on directory.indexed_word (owner_id, id, word);
comment on table directory.indexed_word is 'The words by which a contact is found: the trigger''s.';
comment on column directory.indexed_word.owner_id is 'Whose contact it is.';
comment on column directory.indexed_word.word is 'A word; its beginning is enough to find the contact.';
comment on column directory.indexed_word.id is 'The contact.';
comment on column directory.indexed_word.sorts is 'True on one row of each contact: where it stands in the order of names.';

-- The name from each of its words on, so that "mül" and "anna mül" find Anna Müller; a word that begins another one finds nothing more.
-- Of a name its first thousand characters count: a whole book in that field must not hold up who writes it.
create function directory.words(name text, username text, email text) returns table (word text, sorts boolean)
    language sql immutable parallel safe
begin atomic
    with part as (
        select sum(length(p.text) + 1) over (order by p.nth) - length(p.text) as starts, p.text
          from unnest(string_to_array(translate(left(name, 1000), E'\t\n\r\u00A0\u3000\u2019.,;-()''', repeat(' ', 13)), ' ')) with ordinality as p (text, nth)
    )
    select left(w.word, 100) collate directory.ignoring, bool_or(w.sorts)
      from (select coalesce(nullif(btrim(name), ''), username, email, ''), true
            union all
            select substr(name, starts::integer, 100), false from part where text <> '' and starts > 1
            union all
            select username, false where not coalesce(starts_with(lower(email), lower(username)), false)
            union all
            select email, false) as w (word, sorts)
     where w.word is not null
     group by 1;
end;
comment on function directory.words is 'The words of a contact with these fields (null: none), each once, the one that sorts it marked.';

-- A cast, or a function of a type that the table's owner made, would run with the rights of the trigger's: of those columns only types
-- of PostgreSQL's are read, domains over them, and what is a text without any function (citext).
create function directory.column_with_code(watched regclass, columns text[]) returns name
    language sql stable set search_path = pg_catalog, pg_temp
begin atomic
    with recursive used as (
        select attname, atttypid as type
          from pg_attribute
         where attrelid = watched and attname = any (columns) and not attisdropped
        union all
        select u.attname, t.typbasetype from used u join pg_type t on t.oid = u.type where t.typtype = 'd'
    )
    select u.attname
      from used u
           join pg_type t on t.oid = u.type
     where t.typtype <> 'd' and t.typnamespace <> 'pg_catalog'::regnamespace
       and not exists (select from pg_cast where castsource = t.oid and casttarget = 'text'::regtype and castmethod = 'b')
     limit 1;
end;
comment on function directory.column_with_code is 'One of these columns of a table whose type is somebody''s own, null: none is.';

-- Its arguments are the names of the table's columns: owner, id, username, name, email ('' where there is no such column).  Rows are
-- written in the order of the keys: what comes together lies together, and two statements never wait for each other in a circle.
create function directory.contact_changed() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    of_row text := format('r.%I as owner_id, r.%I as id', tg_argv[0], tg_argv[1]);
    words  text := '';
    log    constant text := 'insert into directory.logged_change (owner_id, id) '
                            'select distinct owner_id, id from (%s) as c where owner_id is not null order by 1, 2 '
                            'on conflict (owner_id, id) do update set xid = default, seq = default, at = default';
    index  constant text := 'insert into directory.indexed_word (owner_id, word, id, sorts) '
                            'select r.owner_id, w.word, r.id, w.sorts '
                            'from (select %s, %s from %s r) as r cross join lateral directory.words(r.name, r.username, r.email) as w '
                            'where r.owner_id is not null order by 1, 2, 3 on conflict do nothing';
    forget constant text := 'delete from directory.indexed_word w using (%s) as c where w.owner_id = c.owner_id and w.id = c.id';
begin
    if tg_op = 'TRUNCATE' then
        truncate directory.indexed_word, directory.logged_change;
        update oauth.contact_log set truncated_in = pg_current_xact_id();
        return null;
    end if;
    if directory.column_with_code(tg_relid, tg_argv) is not null then
        raise exception 'the type of the column % is none that directory.contact_changed reads',
                        quote_ident(directory.column_with_code(tg_relid, tg_argv));
    end if;
    for i in 2..4 loop
        words := words || case when i > 2 then ', ' else '' end
                 || case when tg_argv[i] = '' then 'null' else format('r.%I::text', tg_argv[i]) end
                 || ' as ' || (array['username', 'name', 'email'])[i - 1];
    end loop;
    case tg_op
        when 'INSERT' then
            execute format(log, format('select %s from new_rows r', of_row));
            execute format(index, of_row, words, 'new_rows');
        when 'DELETE' then
            execute format(log, format('select %s from old_rows r', of_row));
            execute format(forget, format('select %s from old_rows r', of_row));
        else
            execute format(log, format('select %1$s from old_rows r union select %1$s from new_rows r', of_row));
            if exists (select from old_rows limit 1) then
                execute format(forget, format('select %1$s, %2$s from old_rows r except select %1$s, %2$s from new_rows r', of_row, words));
                execute format(index, of_row, words,
                               format('(select r.* from new_rows r where not exists (select from directory.indexed_word w '
                                      'where w.owner_id = r.%I and w.id = r.%I))', tg_argv[0], tg_argv[1]));
            end if;
    end case;
    return null;
end
$$;
comment on function directory.contact_changed is 'Trigger, a statement''s: logs which contacts changed and keeps their words.';
revoke execute on function directory.contact_changed, directory.words, directory.column_with_code from public;

create procedure directory.watch_contacts(watched regclass, owner name, id name, username name default null, name name default null,
                                          email name default null)
    language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    columns constant text := format('%L, %L, %L, %L, %L', owner, id, coalesce(username, ''), coalesce(name, ''), coalesce(email, ''));
    make    constant text := 'create or replace trigger %s after %s on %s%s for each statement '
                             'execute function directory.contact_changed(%s)';
begin
    if directory.column_with_code(watched, array[owner, id, username, name, email]) is not null then
        raise exception 'the type of the column % is none that directory.contact_changed reads: watch a table with a type of PostgreSQL''s',
                        quote_ident(directory.column_with_code(watched, array[owner, id, username, name, email]));
    end if;
    execute format(make, 'postern_inserted', 'insert', watched, ' referencing new table as new_rows', columns);
    execute format(make, 'postern_updated', 'update', watched, ' referencing old table as old_rows new table as new_rows', columns);
    execute format(make, 'postern_deleted', 'delete', watched, ' referencing old table as old_rows', columns);
    execute format(make, 'postern_truncated', 'truncate', watched, '', columns);
    update oauth.contact_log set truncated_in = pg_current_xact_id();
    delete from directory.indexed_word;
    execute format('insert into directory.indexed_word (owner_id, word, id, sorts) select r.owner_id, w.word, r.id, w.sorts '
                   'from (select %I as owner_id, %I as id, %s as username, %s as name, %s as email from %s) as r '
                   'cross join lateral directory.words(r.name, r.username, r.email) as w where r.owner_id is not null',
                   owner, id, coalesce(quote_ident(username) || '::text', 'null'), coalesce(quote_ident(name) || '::text', 'null'),
                   coalesce(quote_ident(email) || '::text', 'null'), watched);
end
$$;
comment on procedure directory.watch_contacts is 'Makes the triggers on a table of contacts, given the names of its columns, and collects the words of the contacts that are there.  Nobody writes to the table meanwhile.';
revoke execute on procedure directory.watch_contacts from public;

-- Over a view of the company's own the log would be that of another table: there these two views are made by hand.
do $$
begin
    if exists (select
                 from pg_depend d
                      join pg_rewrite r on r.oid = d.objid
                where d.classid = 'pg_rewrite'::regclass and d.refobjid = 'directory.person_contact'::regclass
                  and r.ev_class = 'directory.contact'::regclass) then
        call directory.watch_contacts('directory.person_contact', 'owner_id', 'id', 'username', 'name', 'email');
        create view directory.contact_change as
        select owner_id, id, xid, seq
          from directory.logged_change;
        create view directory.contact_word as
        select owner_id, word, id, sorts
          from directory.indexed_word;
        comment on view directory.contact_change is 'The last change of each contact that changed lately; where this view is, "sync" is.';
        comment on column directory.contact_change.owner_id is 'Whose contact it is or was.';
        comment on column directory.contact_change.id is 'The contact; if directory.contact does not have it, it was deleted.';
        comment on column directory.contact_change.xid is 'The transaction that changed it.';
        comment on column directory.contact_change.seq is 'The order within a transaction.';
        comment on view directory.contact_word is 'The words by which contacts are found; where this view is, "q" and "order=name" are.';
        comment on column directory.contact_word.owner_id is 'Whose contact it is.';
        comment on column directory.contact_word.word is 'A word, in a collation that ignores case and accents.';
        comment on column directory.contact_word.id is 'The contact.';
        comment on column directory.contact_word.sorts is 'True on one row of each contact: where it stands in the order of names.';
    end if;
end
$$;

-- The rows of before go after the marks that need them were declared too old.  A transaction that is yet to come is one of another
-- cluster, out of which this database was restored: no mark of this one can need it.
create function oauth.prune_contact_log(days integer, batch integer) returns integer
    language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '50ms' as $$
declare
    deleted integer;
    kept    timestamptz := now() - make_interval(days => greatest(days, 1));
    here    xid8        := pg_snapshot_xmax(pg_current_snapshot());
begin
    update oauth.contact_log
       set pruned_to = greatest(case when pruned_to < here then pruned_to end,
                                (select max(xid)
                                   from (select xid
                                           from directory.logged_change
                                          where at < kept
                                          order by at
                                          limit batch) as old
                                  where xid < here))
     where exists (select from directory.logged_change where at < kept and xid < here);
    with old as (
        select owner_id, id
          from directory.logged_change
         where at < kept and (xid <= (select pruned_to from oauth.contact_log) or xid >= here)
         order by at
         limit batch
           for update skip locked
    )
    delete from directory.logged_change c using old where c.owner_id = old.owner_id and c.id = old.id;
    get diagnostics deleted = row_count;
    return deleted;
exception when lock_not_available then
    return 0;
end
$$;
comment on function oauth.prune_contact_log is 'Deletes a batch of the changes that are older than so many days, and says how many; marks from before them are too old from then on.';
