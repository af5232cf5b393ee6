-- write: adds a scope, or another sentence of it.
--
-- $1 scope     $2 true: it means a person's data     $3 language     $4 sentence for people     $5 operator
--
-- One row: verdict (ok, differs: it is there, with another $2).
with made as (
    insert into oauth.scope (scope, needs_person) values ($1::text, $2::boolean) on conflict (scope) do nothing returning scope
), judge as (
    select case when exists (select from made)
                  or exists (select from oauth.scope where scope = $1::text and needs_person = $2::boolean) then 'ok' else 'differs'
           end as verdict
), said as (
    insert into oauth.scope_sentence (scope, language, sentence)
    select $1::text, $3::text, $4::text from judge where verdict = 'ok'
        on conflict (scope, language) do update set sentence = excluded.sentence
), audited as (
    insert into oauth.audit (event, detail) select 'scope_add', $1::text || ' ' || $5::text from judge where verdict = 'ok'
)
select verdict from judge;
