-- read: which migrations were applied, and the types chosen then.
--
-- No parameter; run only where oauth.migration exists.  A row for each, at least one: number (null: none), name, sha256 as
-- hexadecimal digits, account_id_type, contact_id_type.
select m.number, m.name, encode(m.sha256, 'hex') as sha256, i.account_id_type, i.contact_id_type
  from oauth.installation i
       left join oauth.migration m on true
 order by m.number;
