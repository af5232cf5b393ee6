-- script: where the lines of a file of contacts wait; given has a bit for each column that the line names (admin/record.h).
create temp table import_line as
select 0::bigint as line, 0 as given, p.id as owner_id, p.username as owner, c.id, c.username, c.name, c.email, c.phone
  from directory.person p, directory.person_contact c
  with no data;
