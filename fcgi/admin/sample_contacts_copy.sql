-- script: their contacts.
copy directory.person_contact (owner_id, id, username, phone, name, email) from stdin;
