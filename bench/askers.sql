-- Who asks for contacts, after fill.sql: owners of each kind, :ten, :thousand, :spread and :most of them, each with a
-- living token, the nth.
--
-- ten and thousand: of so many contacts; spread: more of those with a thousand; most: those with the most.
create table bench.asker as
with held as (
    select owner_id, count(*) as contacts from directory.person_contact group by owner_id
), ranked as (
    select owner_id, contacts, row_number() over (order by contacts desc, owner_id) <= :most as most from held
), drawn as (
    select owner_id, contacts, row_number() over (partition by contacts order by md5(owner_id::text)) as nth from ranked where not most
), chosen as (
    select 'most' as kind, owner_id from ranked where most
    union all select 'ten', owner_id from drawn where contacts = 10 and nth <= :ten
    union all select 'thousand', owner_id from drawn where contacts = 1000 and nth <= :thousand
    union all select 'spread', owner_id from drawn where contacts = 1000 and nth > :thousand and nth <= :thousand + :spread
)
select row_number() over (order by kind, owner_id) as n, kind, owner_id from chosen;

insert into oauth.grants (id, client_id, account_id, credential, scope, resources, expires_at)
overriding system value
select 1000 + n, 'bench-' || n % 100, a.id, a.credential, '{profile,contacts}', '{profile,contacts}', now() + interval '1 year'
  from bench.asker
       join directory.account a on a.id = owner_id;
select count(*) as askers from bench.asker \gset
call bench.tokens(1, :askers, :askers);

-- Changes the first :count contacts of each owner of a kind, in one transaction.
create procedure bench.change(which text, count integer) language sql as $$
    update directory.person_contact c
       set phone = '+49 40 ' || c.id
      from (select owner_id, id, row_number() over (partition by owner_id order by id) as nth
              from bench.asker join directory.person_contact using (owner_id)
             where kind = which) as numbered
     where c.owner_id = numbered.owner_id and c.id = numbered.id and nth <= count;
$$;
vacuum analyze;
