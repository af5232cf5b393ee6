-- The database roles and what each may do: run after the migrations, every time, with the same result.
--
-- Roles belong to the cluster, so their names have a prefix of the installation's own (POSTERN_ROLES).  A program's role can do
-- what its statements need and nothing else: no role but authorize's sees a password hash, none of a server sees another's tables.
do $$
declare
    role text;
begin
    foreach role in array array['@ROLES@-authorize', '@ROLES@-token', '@ROLES@-contacts', '@ROLES@-admin', '@ROLES@-maintain'] loop
        if not exists (select from pg_roles where rolname = role) then
            execute format('create role %I login', role);
        end if;
        -- What an older version granted and this one doesn't need any more goes.
        execute format('revoke all on all tables in schema oauth, directory from %I', role);
        execute format('revoke all on all sequences in schema oauth, directory from %I', role);
        execute format('revoke all on all routines in schema oauth from %I', role);
        execute format('grant usage on schema oauth, directory to %I', role);
        execute format('grant connect on database %I to %I', current_database(), role);
    end loop;
end
$$;

revoke execute on all functions in schema oauth from public;
revoke execute on all procedures in schema oauth from public;

-- A later migration may have made the views anew, for accounts of this database.
do $$
begin
    if (select directory_is_far from oauth.installation) then
        call oauth.directory_is_far(true);
    end if;
end
$$;

-- What asks for an account, or does without (db/apart.sql).
grant select (only_row, directory_is_far) on oauth.installation to "@ROLES@-authorize", "@ROLES@-token", "@ROLES@-contacts";
grant execute on function oauth.account_now to "@ROLES@-authorize", "@ROLES@-token", "@ROLES@-contacts";

-- /authorize, /login, /consent, /device, /logout, /
grant select (id, username, password_hash, active, credential, email) on directory.account to "@ROLES@-authorize";
grant select (client_id, name, type, redirect_uris, grant_types, scope, default_scope, resources, default_resources, pkce_required,
              par_required, logout_ends_grants, enabled, created_at, changed_at, refresh_seconds)
   on oauth.client to "@ROLES@-authorize";
grant select on oauth.scope_sentence, oauth.live_session to "@ROLES@-authorize";
grant select (resource, uri) on oauth.resource to "@ROLES@-authorize";
grant select, insert on oauth.authorization_request to "@ROLES@-authorize";
grant select, update (completed_at) on oauth.pushed_request to "@ROLES@-authorize";
grant select, insert, update on oauth.challenge_use to "@ROLES@-authorize";
grant insert (digest, account_id, credential, idle_seconds, expires_at, address), select (id, digest, account_id, ended_at, last_seen_at),
      update (last_seen_at, ended_at)
   on oauth.session to "@ROLES@-authorize";
grant select, insert, update on oauth.login_limit to "@ROLES@-authorize";
grant insert (client_id, account_id, session_id, credential, scope, resources, redirect_uri, redirect_uri_sent, code_challenge,
              code_locator, code_digest, code_expires_at, expires_at),
      select (id, client_id, session_id, code_locator, code_redeemed_at, ended_at), update (ended_at, ended_why)
   on oauth.grants to "@ROLES@-authorize";
grant select (user_code, client_id, scope, resources, created_at, expires_at, decision, account_id),
      update (decision, decided_at, account_id, grant_id)
   on oauth.device_code to "@ROLES@-authorize";
grant insert on oauth.audit to "@ROLES@-authorize";
grant insert, select (minute, event, address, subject, count), update (count, request_id) on oauth.failure to "@ROLES@-authorize";
grant execute on function oauth.slot, oauth.words, oauth.resources, oauth.request_judged, oauth.replace_code,
      oauth.failure_address, oauth.account_points, oauth.password_setting, oauth.rehashes, oauth.rehash to "@ROLES@-authorize";

-- /token, /par, /device_authorization, /profile, /check, /revoke, /introspect, metadata
grant select (client_id, type, enabled, auth_method, redirect_uris, grant_types, access_seconds, refresh_rotates, refresh_idle_seconds,
              scope, default_scope, resources, default_resources, pkce_required, par_required, introspects, changed_at)
   on oauth.client to "@ROLES@-token";
grant select on oauth.scope to "@ROLES@-token";
grant select (resource, uri) on oauth.resource to "@ROLES@-token";
grant select on oauth.client_origin to "@ROLES@-token";
grant select (client_id, digest, expires_at) on oauth.client_secret to "@ROLES@-token";
grant select (slot, digest, client_id, account_id, username, scope, resources, issued_at, expires_at, query_token, contacts_per_minute,
              contacts_limit)
   on oauth.live_token to "@ROLES@-token";
grant select (id, client_id, account_id, credential, scope, resources, redirect_uri, redirect_uri_sent, code_challenge, code_locator,
              code_digest, code_expires_at, code_redeemed_at, refresh_locator, refresh_digest, refresh_previous_digest, refresh_successor,
              refresh_key_id, refresh_rotated_at, idle_until, created_at, expires_at, ended_at, ended_why)
   on oauth.grants to "@ROLES@-token";
grant update (code_redeemed_at, refresh_locator, refresh_digest, refresh_previous_digest, refresh_successor, refresh_key_id,
              refresh_rotated_at, idle_until, ended_at, ended_why)
   on oauth.grants to "@ROLES@-token";
grant insert (digest, user_code, client_id, scope, resources, expires_at, interval_seconds),
      select (digest, user_code, client_id, resources, created_at, expires_at, interval_seconds, polled_at, decision, grant_id, redeemed_at),
      update (interval_seconds, polled_at, redeemed_at)
   on oauth.device_code to "@ROLES@-token";
grant insert, delete, select (slot, digest, grant_id, scope, expires_at) on oauth.access_token to "@ROLES@-token";
grant insert, select (slot, expires_at) on oauth.pushed_request to "@ROLES@-token";
grant select (id, active, credential) on directory.account to "@ROLES@-token";
grant insert on oauth.audit to "@ROLES@-token";
grant insert, select (minute, event, address, subject, count), update (count, request_id) on oauth.failure to "@ROLES@-token";
grant execute on function oauth.slot, oauth.words, oauth.resources, oauth.resource_uris, oauth.client_authentic, oauth.request_judged,
      oauth.bearer_judged, oauth.token_fate, oauth.failure_address, oauth.credential_now to "@ROLES@-token";

-- /contacts
grant select (slot, digest, client_id, account_id, username, scope, resources, query_token, contacts_per_minute, contacts_limit)
   on oauth.live_token to "@ROLES@-contacts";
grant select (owner_id, id, username, name, email, phone, updated_at) on directory.contact to "@ROLES@-contacts";
do $$
begin
    if to_regclass('directory.contact_change') is not null then
        grant select (owner_id, id, xid, seq) on directory.contact_change to "@ROLES@-contacts";
    end if;
    if to_regclass('directory.contact_word') is not null then
        grant select (owner_id, word, id, sorts) on directory.contact_word to "@ROLES@-contacts";
    end if;
end
$$;
grant select on oauth.contact_log, oauth.client_origin to "@ROLES@-contacts";
grant execute on function oauth.bearer_judged, oauth.token_fate, oauth.contact_id, oauth.least_contact_id to "@ROLES@-contacts";

-- The tool: clients and the shipped directory.  It never sees a token; it writes password hashes and digests, and reads none.
grant select on oauth.installation, oauth.migration, oauth.maintenance to "@ROLES@-admin";
grant select, insert, delete, update (needs_person) on oauth.scope to "@ROLES@-admin";
grant select, insert, delete on oauth.resource to "@ROLES@-admin";
grant select, insert, update (sentence) on oauth.scope_sentence to "@ROLES@-admin";
grant select (client_id, account_id, ended_at, expires_at), insert (client_id, scope, resources, expires_at), delete
   on oauth.grants to "@ROLES@-admin";
grant select, insert, update, delete on oauth.client to "@ROLES@-admin";
grant select (client_id, created_at, expires_at), insert, update (expires_at), delete on oauth.client_secret to "@ROLES@-admin";
grant select (id, username, active, name, email, sample), insert, update on directory.person to "@ROLES@-admin";
grant select (id, credential) on directory.account to "@ROLES@-admin";
grant select, insert, update on directory.person_contact to "@ROLES@-admin";
grant insert, select (at, event, client_id, account_id, grant_id, address, request_id, detail) on oauth.audit to "@ROLES@-admin";
grant select on oauth.failure to "@ROLES@-admin";
grant execute on function oauth.password_settings to "@ROLES@-admin";
do $$
begin
    if pg_get_serial_sequence('directory.person', 'id') is not null then
        execute format('grant usage, select, update on sequence %s to %I', pg_get_serial_sequence('directory.person', 'id'), '@ROLES@-admin');
    end if;
    -- Where the lines of an import wait.
    execute format('grant temporary on database %I to %I', current_database(), '@ROLES@-admin');
end
$$;

-- postern maintain: deletes what has ended.  It sees when a row ends and nothing else of it; a ring's slot and the audit's months it
-- can't touch but by functions that know which of them have had their time.  (A lock on a row needs the right to update some column.)
grant execute on function oauth.empty_ring, oauth.keep_audit, oauth.prune_contact_log to "@ROLES@-maintain";
grant select on oauth.ring to "@ROLES@-maintain";
grant select, update (whole_at, walked_to)
   on oauth.maintenance to "@ROLES@-maintain";
grant delete, select (id, account_id, code_expires_at, code_redeemed_at, idle_until, created_at, expires_at, ended_at), update (ended_why)
   on oauth.grants to "@ROLES@-maintain";
grant delete, select (id, expires_at), update (ended_at) on oauth.session to "@ROLES@-maintain";
grant delete, select (client_id, challenge, expires_at), update (expires_at) on oauth.challenge_use to "@ROLES@-maintain";
grant delete, select (digest, expires_at), update (polled_at) on oauth.device_code to "@ROLES@-maintain";
grant delete, select (key, full_until), update (full_until) on oauth.login_limit to "@ROLES@-maintain";
grant delete, select (minute, event, address, subject) on oauth.failure to "@ROLES@-maintain";
