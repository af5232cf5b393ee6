-- read: does the collation of directory.contact_word.word find words by their beginnings?  It needs the rights of the owner.
--
-- No parameter.  One row: collation, finds (a word stands between its beginning and that with U+FFFF behind it, which is how a search
-- asks), ignores_case, ignores_accents, outdated (the library that knows the order has another version than when the index was made).
--
-- The words of the test get the column's collation by standing in its place.
with tested as (
    select word, null::text as wanted from directory.contact_word where false
    union all
    select word, wanted
      from (values ('muller', 'plain'), ('MULLER', 'case'), (U&'m\00FCller', 'accent'), ('van der Meer', 'space')) as v (word, wanted)
), found as (
    select wanted,
           case wanted
               when 'space' then word >= 'van d' and word < U&'van d\FFFF'
               when 'plain' then word >= 'mul' and word < U&'mul\FFFF'
               else word = 'muller'
           end as found
      from tested
)
select (select l.oid::regcollation::text
          from pg_attribute a
               join pg_collation l on l.oid = a.attcollation
         where a.attrelid = 'directory.contact_word'::regclass and a.attname = 'word') as collation,
       (select l.collversion <> pg_collation_actual_version(l.oid)
          from pg_attribute a
               join pg_collation l on l.oid = a.attcollation
         where a.attrelid = 'directory.contact_word'::regclass and a.attname = 'word') as outdated,
       bool_and(found) filter (where wanted in ('plain', 'space')) as finds,
       bool_and(found) filter (where wanted = 'case') as ignores_case,
       bool_and(found) filter (where wanted = 'accent') as ignores_accents
  from found;
