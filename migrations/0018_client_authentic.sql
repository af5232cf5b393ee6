-- Whether a client is who it says, and what of its registration the statements need: looked up once a request.  The refusal says which
-- part was wrong.  Without "offset 0" the planner puts the condition, and the look-up of the secret, wherever its outcome is read.
drop function oauth.client_authentic(text, bytea, text);
create function oauth.client_authentic(claimed_id text, secret_digest bytea, method text)
    returns table (client_id text, authentic boolean, refusal text, grant_types text[], scope text[], default_scope text[],
                   resources text[], default_resources text[], introspects text[], access_seconds integer, refresh_rotates boolean,
                   refresh_idle_seconds integer, changed_at timestamptz)
    language sql stable parallel safe
begin atomic
    select c.client_id, proof.good,
           case
               when proof.good then null
               when c.client_id is null then 'there is no such client'
               when not c.enabled then 'the client is disabled'
               when not ways.fits then 'registered for ' || c.auth_method || ', came by ' || method
               when secret_digest is null then 'no secret came, or one that is mistyped or cut off'
               else coalesce((select 'the secret expired at ' || s.expires_at
                                from oauth.client_secret s
                               where s.client_id = c.client_id and s.digest = secret_digest), 'the secret is none of this client')
           end,
           c.grant_types, c.scope, c.default_scope, c.resources, c.default_resources, c.introspects, c.access_seconds, c.refresh_rotates,
           c.refresh_idle_seconds, c.changed_at
      from (select) as one
           left join oauth.client c on c.client_id = claimed_id
           cross join lateral (
               select coalesce(case c.auth_method
                                   when 'none' then method = 'none'
                                   when 'client_secret' then method in ('basic', 'post')
                                   else c.auth_method = 'client_secret_' || method
                               end, false) as fits
               offset 0
           ) ways
           cross join lateral (
               select coalesce(c.enabled and ways.fits
                               and (c.auth_method = 'none'
                                    or exists (select
                                                 from oauth.client_secret s
                                                where s.client_id = c.client_id and s.digest = secret_digest
                                                  and (s.expires_at is null or s.expires_at > now()))), false) as good
               offset 0
           ) proof;
end;
comment on function oauth.client_authentic is 'One row: the client of that id (null: there is none); whether it is authentic, by the digest of the secret that came and how it came (basic, post, none); if not, why, for the log; and what of its registration the statements need, which count nothing before it is authentic.  It is a part of the statement that asks (PostgreSQL inlines it), with the rights of that.';
