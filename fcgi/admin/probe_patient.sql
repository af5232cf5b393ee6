-- read: the rest of the transaction may take its time, and reads whole tables as it is fastest.
--
-- $1 seconds
--
-- One row: statement_timeout, seqscan, hashjoin, mergejoin, sort, work_mem.
select set_config('statement_timeout', $1::text || 's', true) as statement_timeout, set_config('enable_seqscan', 'on', true) as seqscan,
       set_config('enable_hashjoin', 'on', true) as hashjoin, set_config('enable_mergejoin', 'on', true) as mergejoin,
       set_config('enable_sort', 'on', true) as sort, set_config('work_mem', '128MB', true) as work_mem;
