-- read: the rest of the transaction may take a minute, and reads whole tables as it is fastest.
--
-- No parameter.  One row: statement_timeout, seqscan, hashjoin, mergejoin.
select set_config('statement_timeout', '60s', true) as statement_timeout, set_config('enable_seqscan', 'on', true) as seqscan,
       set_config('enable_hashjoin', 'on', true) as hashjoin, set_config('enable_mergejoin', 'on', true) as mergejoin;
