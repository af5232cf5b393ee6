-- script: where the lines of a file of people wait; given has a bit for each column that the line names (admin/record.h).
create temp table import_line as
select 0::bigint as line, 0 as given, id, username, ''::text as password_hash, name, email, active
  from directory.person
  with no data;
