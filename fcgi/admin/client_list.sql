-- read: the clients.
--
-- $1 one client_id, null: all
--
-- A row for each client; none is possible: client (a JSON object, its members are the columns of oauth.client), version (another one
-- after each change).
select to_jsonb(c) || jsonb_build_object('created_at', to_char(c.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                                         'changed_at', to_char(c.changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) as client,
       c.xmin::text as version
  from oauth.client c
 where $1::text is null or c.client_id = $1::text
 order by c.client_id;
