-- read: are there people who are no sample, and more of it than four?
--
-- No parameter.  One row: real, many, account_id_type, contact_id_type.
select exists (select from directory.person where not sample) as real,
       (select count(*) from (select from directory.person where sample limit 5) as few) > 4 as many, account_id_type, contact_id_type
  from oauth.installation;
