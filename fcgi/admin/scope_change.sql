-- write: changes for whom a scope is, and what is said of it.
--
-- $1 scope     $2 true: it means a person's data; null: that stays     $3 sentences: a JSON object, by language     $4 operator
--
-- One row: verdict (ok, unknown_scope), changed (what, separated by ", "; "": it was so already).
with old as (
    select scope, needs_person from oauth.scope where scope = $1::text for update
), made as (
    update oauth.scope s
       set needs_person = $2::boolean
      from old
     where s.scope = old.scope and old.needs_person <> $2::boolean
    returning 'person' as what
), said as (
    insert into oauth.scope_sentence as t (scope, language, sentence)
    select old.scope, new.key, new.value from old, jsonb_each_text($3::jsonb) as new
        on conflict (scope, language) do update set sentence = excluded.sentence where t.sentence <> excluded.sentence
    returning 'sentence ' || language as what
), changed as (
    select coalesce(string_agg(what, ', ' order by what), '') as changed
      from (select what from made union all select what from said) as all_of_it
), audited as (
    insert into oauth.audit (event, detail)
    select 'scope_change', $4::text || ': ' || old.scope || ': ' || changed from old, changed where changed <> ''
)
select case when exists (select from old) then 'ok' else 'unknown_scope' end as verdict, changed from changed;
