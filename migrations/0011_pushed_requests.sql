-- Pushed authorization requests (RFC 9126), and the judgement of a request, which /authorize and /par share.
alter table oauth.client add column par_required boolean not null default false;
comment on column oauth.client.par_required is 'A request that was not pushed to /par is refused at /authorize (RFC 9126 5).';

create table oauth.pushed_request (
    slot              smallint not null,
    digest            bytea not null check (length(digest) = 32),
    client_id         text not null,
    redirect_uri      text not null,
    redirect_uri_sent boolean not null,
    state             text,
    scope             text[] not null,
    resources         text[] not null,
    code_challenge    text,
    created_at        timestamptz not null default now(),
    expires_at        timestamptz not null,
    completed_at      timestamptz,
    primary key (slot, digest)
) partition by list (slot);
create table oauth.pushed_request_0 partition of oauth.pushed_request for values in (0);
create table oauth.pushed_request_1 partition of oauth.pushed_request for values in (1);
create table oauth.pushed_request_2 partition of oauth.pushed_request for values in (2);
create table oauth.pushed_request_3 partition of oauth.pushed_request for values in (3);
comment on table oauth.pushed_request is 'Authorization requests that clients pushed and that were found good, a ring of four hours.';
comment on column oauth.pushed_request.slot is 'The hour of its end, modulo four, so that it outlives what a browser began with it; the request_uri carries it.';
comment on column oauth.pushed_request.digest is 'SHA-256 of the random part of its request_uri.';
comment on column oauth.pushed_request.client_id is 'Who pushed it, and alone may use it.';
comment on column oauth.pushed_request.redirect_uri is 'Where the answer goes: registered, checked.';
comment on column oauth.pushed_request.redirect_uri_sent is 'The request named it.';
comment on column oauth.pushed_request.state is 'The client''s state, byte for byte; null: none.';
comment on column oauth.pushed_request.scope is 'The scopes asked for, or the client''s default.';
comment on column oauth.pushed_request.resources is 'The resources asked for, or the client''s default.';
comment on column oauth.pushed_request.code_challenge is 'The S256 challenge, null: none.';
comment on column oauth.pushed_request.created_at is 'When it was pushed.';
comment on column oauth.pushed_request.expires_at is 'Until then a browser may begin with it.';
comment on column oauth.pushed_request.completed_at is 'When a person allowed or denied it; once more is refused.';

alter table oauth.authorization_request
    add column pushed_slot   smallint,
    add column pushed_digest bytea,
    add check ((pushed_slot is null) = (pushed_digest is null));
comment on column oauth.authorization_request.pushed_slot is 'Slot of the pushed request that it was begun with; null: it came by /authorize itself.';
comment on column oauth.authorization_request.pushed_digest is 'Digest of that pushed request.';

create function oauth.request_judged(asking text, sent_uri text, portless_uri text, fault text, sent_scope text, sent_resources text,
                                     challenge text, pushed boolean)
    returns table (verdict text, detail text, client_id text, redirect_uri text, scope text[], resources text[])
    language sql stable parallel safe
begin atomic
    select judged.verdict,
           case judged.verdict
               when 'unknown_client' then 'no enabled client ' || coalesce(asking, '(none given)')
               when 'bad_redirect_uri' then 'redirect_uri ' || coalesce(sent_uri, '(none given)') || ' is not one of: '
                                            || array_to_string(judged.redirect_uris, ' ')
               when 'invalid_scope' then 'scope ' || coalesce(sent_scope, '(default)') || ' is not within: '
                                         || array_to_string(judged.scope, ' ')
               when 'invalid_target' then 'resources ' || coalesce(sent_resources, '(default)') || ' are not within: '
                                          || array_to_string(judged.resources, ' ')
           end,
           judged.client_id, judged.redirect_uri, judged.asked_scope, judged.asked_resources
      from (select asked.*,
                   case
                       when asked.client_id is null then 'unknown_client'
                       when asked.redirect_uri is null then 'bad_redirect_uri'
                       when fault is not null then fault
                       when not coalesce('authorization_code' = any (asked.grant_types), false) then 'unauthorized_client'
                       when asked.par_required and not pushed then 'par_required'
                       when asked.asked_scope is null then 'scope_required'
                       when not coalesce(asked.asked_scope <@ asked.scope, false) then 'invalid_scope'
                       when not coalesce(asked.asked_resources <@ asked.resources, false) then 'invalid_target'
                       when asked.pkce_required and challenge is null then 'pkce_required'
                       else 'ok'
                   end as verdict
              from (select c.client_id, c.redirect_uris, c.grant_types, c.scope, c.resources, c.pkce_required, c.par_required,
                           case
                               when sent_uri is null and cardinality(c.redirect_uris) = 1 then c.redirect_uris[1]
                               when sent_uri = any (c.redirect_uris) then sent_uri
                               when c.type = 'native' and portless_uri = any (c.redirect_uris) then sent_uri
                           end as redirect_uri,
                           case when sent_scope is null then nullif(c.default_scope, '{}') else oauth.words(sent_scope) end as asked_scope,
                           case when sent_resources is null then c.default_resources else oauth.words(sent_resources) end as asked_resources
                      from (select) as one
                           left join oauth.client c on c.client_id = asking and c.enabled) as asked) as judged;
end;
comment on function oauth.request_judged is 'One row: what an authorization request is worth by its client''s registration (RFC 6749 4.1.1, RFC 7636 4.3, RFC 8707 2): "ok", the fault that the reader of its parameters found, or what is not allowed, with the difference for the log; and the redirect_uri (null while it isn''t trusted), the scopes and the resources that it comes to.  It is a part of the statement that asks (PostgreSQL inlines it), with the rights of that.';
