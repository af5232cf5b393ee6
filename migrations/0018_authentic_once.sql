-- Whether a client is authentic is found out once a statement: without "offset 0" the planner puts the whole condition, and the look-up
-- of the secret, wherever its outcome is read, and each execution pays for all of them.
create or replace function oauth.client_authentic(claimed_id text, secret_digest bytea, method text)
    returns table (client_id text, authentic boolean, refusal text)
    language sql stable parallel safe
begin atomic
    select c.client_id, proof.good,
           case
               when c.client_id is null then 'there is no such client'
               when not proof.good and not c.enabled then 'the client is disabled'
               when not proof.good then 'registered for ' || c.auth_method || ', came by ' || method
                                        || case when secret_digest is null then '' else ', wrong secret or method' end
           end
      from (select) as one
           left join oauth.client c on c.client_id = claimed_id
           cross join lateral (
               select coalesce(c.enabled
                               and case c.auth_method
                                       when 'none' then method = 'none'
                                       when 'client_secret' then method in ('basic', 'post')
                                       else c.auth_method = 'client_secret_' || method
                                   end
                               and (c.auth_method = 'none'
                                    or exists (select
                                                 from oauth.client_secret s
                                                where s.client_id = c.client_id and s.digest = secret_digest
                                                  and (s.expires_at is null or s.expires_at > now()))), false) as good
               offset 0
           ) proof;
end;
