-- What "postern maintain" needs: which tables are rings, how far it has come, and what only the owner can do for it.
create table oauth.ring (
    name    text primary key,
    seconds integer not null check (seconds > 0)
);
comment on table oauth.ring is 'The rings of four: tables NAME with partitions NAME_0 to NAME_3, one for each period modulo four, emptied by truncate.';
comment on column oauth.ring.name is 'The table''s name in the schema oauth; it may be one that a later migration makes.';
comment on column oauth.ring.seconds is 'The period: nothing in a slot counts any more when a whole period has passed since that slot''s own.';

insert into oauth.ring (name, seconds) values ('access_token', 86400), ('authorization_request', 3600), ('pushed_request', 3600);

create table oauth.maintenance (
    only_row  boolean primary key default true check (only_row),
    whole_at  timestamptz,
    walked_to bigint not null default 0
);
comment on table oauth.maintenance is 'One row: how far "postern maintain" has come.';
comment on column oauth.maintenance.only_row is 'Always true, so that there is one row.';
comment on column oauth.maintenance.whole_at is 'When a run last did all that there was to do; null: never.';
comment on column oauth.maintenance.walked_to is 'The grant up to which it has looked for those that are of no more use; 0: it begins with the first.';

insert into oauth.maintenance default values;

-- In period p the slot of p-2 is emptied: p is being filled, what was made in p-1 may still count, and p+1 has been begun where rows are
-- filed under their end.  The lock is asked for at most 50 ms, since every statement on the ring queues behind who waits for it; and the
-- clock is read again when it is held: from then on nobody writes into the slot, and the clock says whose it is.
create function oauth.empty_ring(ring text) returns table (slot smallint, outcome text, bytes bigint)
    language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '50ms' as $$
declare
    seconds   integer := (select r.seconds from oauth.ring r where r.name = ring);
    period    bigint  := floor(extract(epoch from clock_timestamp()) / seconds);
    partition regclass;
begin
    slot := (period + 2) % 4;
    partition := to_regclass(format('oauth.%I', ring || '_' || slot));
    bytes := pg_relation_size(partition);
    if partition is null then
        outcome := 'absent';
    elsif bytes = 0 then
        outcome := 'clean';
    else
        bytes := pg_total_relation_size(partition);
        execute format('lock table %s in access exclusive mode', partition);
        if floor(extract(epoch from clock_timestamp()) / seconds) = period then
            execute format('truncate table %s', partition);
            outcome := 'emptied';
        else
            outcome := 'late';
        end if;
    end if;
    return next;
exception when lock_not_available then
    outcome := 'busy';
    return next;
end
$$;
comment on function oauth.empty_ring is 'Empties the slot of a ring that has had its time.  One row: the slot, the outcome (emptied; clean: it was empty; absent: there is no such ring yet; busy: somebody else held a lock; late: the period changed meanwhile) and the bytes that it had.';

-- DROP locks the whole audit for some milliseconds: one month a call.
create function oauth.keep_audit(months integer) returns table (month text, outcome text)
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp set lock_timeout = '50ms' set timezone = 'UTC' as $$
declare
    oldest timestamptz := date_trunc('month', now()) - make_interval(months => greatest(months, 1));
    before oid[]       := array(select inhrelid from pg_inherits where inhparent = 'oauth.audit'::regclass);
begin
    begin
        call oauth.make_audit_months();
    exception when lock_not_available then
        month := 'next';
        outcome := 'busy';
        return next;
    end;
    for month in
        select right(c.relname, 7)
          from pg_inherits i
               join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'oauth.audit'::regclass and i.inhrelid <> all (before)
         order by 1
    loop
        outcome := 'made';
        return next;
    end loop;
    delete from oauth.audit_default where at < oldest;
    if found then
        month := 'default';
        outcome := 'emptied';
        return next;
    end if;
    for month in
        select right(c.relname, 7)
          from pg_inherits i
               join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'oauth.audit'::regclass and c.relname ~ '^audit_[0-9]{4}_[0-9]{2}$'
           and to_date(right(c.relname, 7), 'YYYY_MM') < oldest
         order by 1
         limit 1
    loop
        begin
            execute format('drop table oauth.%I', 'audit_' || month);
            outcome := 'dropped';
        exception when lock_not_available then
            outcome := 'busy';
        end;
        return next;
    end loop;
end
$$;
comment on function oauth.keep_audit is 'Makes the months of the audit that are missing and drops the oldest that lies before so many whole months before this, one a call.  A row for each month concerned: month, and outcome (made, emptied, dropped, busy: somebody else held a lock).';

-- A refresh finds room for the row's new version on its page, and so touches no index: 95 of 100 do, without this 16.
alter table oauth.grants set (fillfactor = 80);
