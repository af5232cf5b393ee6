-- read: the scopes and their sentences.
--
-- No parameter.  A row for each sentence; none is possible.
select s.scope, s.needs_person, t.language, t.sentence
  from oauth.scope s
       left join oauth.scope_sentence t on t.scope = s.scope
 order by s.scope, t.language;
