-- script: more sample people.
copy directory.person (id, username, password_hash, name, email, sample) from stdin;
