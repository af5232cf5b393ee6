-- write: adds a scope and its sentences.
--
-- $1 scope     $2 true: it means a person's data     $3 sentences for people: a JSON object, by language     $4 operator
--
-- One row: verdict (ok, same: it is there, just so, exists: it is there, but not so).
with made as (
    insert into oauth.scope (scope, needs_person) values ($1::text, $2::boolean) on conflict (scope) do nothing returning scope
), said as (
    insert into oauth.scope_sentence (scope, language, sentence)
    select made.scope, s.key, s.value from made, jsonb_each_text($3::jsonb) as s
), audited as (
    insert into oauth.audit (event, detail) select 'scope_add', $4::text || ': ' || scope from made
)
select case
           when exists (select from made) then 'ok'
           when exists (select from oauth.scope s
                         where s.scope = $1::text and s.needs_person = $2::boolean
                           and not exists (select from jsonb_each_text($3::jsonb) as said
                                                  left join oauth.scope_sentence t on t.scope = $1::text and t.language = said.key
                                            where t.sentence is distinct from said.value)) then 'same'
           else 'exists'
       end as verdict;
