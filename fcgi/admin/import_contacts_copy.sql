-- script: the lines themselves.
copy pg_temp.import_line (line, given, owner_id, owner, id, username, name, email, phone) from stdin;
