-- read: the scopes and their sentences.
--
-- No parameter.  A row for each scope: scope, needs_person, sentences (a JSON object, by language).
select s.scope, s.needs_person,
       (select coalesce(json_object_agg(t.language, t.sentence order by t.language), '{}')
          from oauth.scope_sentence t
         where t.scope = s.scope) as sentences
  from oauth.scope s
 order by s.scope;
