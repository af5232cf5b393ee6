-- read: which columns that we read does the directory lack?
--
-- No parameter.  One row: missing (null: none).
select string_agg(v || '.' || c, ', ') as missing
  from (values ('account', 'id'), ('account', 'username'), ('account', 'password_hash'), ('account', 'active'),
               ('account', 'credential'), ('contact', 'owner_id'), ('contact', 'id'), ('contact', 'username')) as needed (v, c)
 where not exists (select from pg_attribute
                    where attrelid = to_regclass('directory.' || v) and attname = c and not attisdropped);
