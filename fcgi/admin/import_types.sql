-- read: the types of ids, and whether /contacts shows the shipped table.
--
-- No parameter.  One row: account_id_type, contact_id_type, shipped.
select account_id_type, contact_id_type,
       exists (select
                 from pg_rewrite r
                      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                where r.ev_class = to_regclass('directory.contact') and d.refclassid = 'pg_class'::regclass
                  and d.refobjid = to_regclass('directory.person_contact')) as shipped
  from oauth.installation;
