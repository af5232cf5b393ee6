-- read: are there people who are no sample?
--
-- No parameter.  One row: real, account_id_type, contact_id_type.
select exists (select from directory.person where not sample) as real, account_id_type, contact_id_type
  from oauth.installation;
