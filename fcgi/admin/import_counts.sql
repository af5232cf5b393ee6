-- read: what becomes of the lines.
--
-- No parameter.  One row: bad, new, changed, same, last (the greatest n).
select count(reason) as bad, count(*) filter (where reason is null and state = 'new') as new,
       count(*) filter (where reason is null and state = 'changed') as changed,
       count(*) filter (where reason is null and state = 'same') as same, coalesce(max(n), 0) as last
  from pg_temp.import_row;
