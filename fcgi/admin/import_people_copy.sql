-- script: the lines themselves.
copy pg_temp.import_line (line, given, id, username, password_hash, name, email, active) from stdin;
