-- What happened, for an auditor: written by the statement that did it.
create table oauth.audit (
    at         timestamptz not null default now(),
    event      text not null,
    client_id  text,
    account_id text,
    grant_id   bigint,
    address    inet,
    request_id text,
    detail     text
) partition by range (at);
create table oauth.audit_default partition of oauth.audit default;
create index audit_at on oauth.audit (at);
comment on table oauth.audit is 'Security events, a partition a month; no secret, token or code is ever in it.';
comment on column oauth.audit.at is 'When.';
comment on column oauth.audit.event is 'What: login, logout, consent, denial, token, replay, and the tool''s changes.';
comment on column oauth.audit.client_id is 'The client concerned.';
comment on column oauth.audit.account_id is 'The person concerned, as text.';
comment on column oauth.audit.grant_id is 'The grant concerned.';
comment on column oauth.audit.address is 'From where the request came.';
comment on column oauth.audit.request_id is 'nginx''s id of the request, as logs and error pages show it; the tool''s changes have the operator''s name in detail instead.';
comment on column oauth.audit.detail is 'More about it.';

create procedure oauth.make_audit_months() language plpgsql set timezone = 'UTC' as $$
declare
    month timestamptz := date_trunc('month', now());
    name  text;
begin
    for i in 0 .. 3 loop
        name := 'audit_' || to_char(month, 'YYYY_MM');
        if to_regclass('oauth.' || name) is null then
            -- What came for this month before it was made stands in the default, and must not when the partition is attached.
            execute format('create table oauth.%I (like oauth.audit including defaults)', name);
            lock table oauth.audit_default in access exclusive mode;
            execute format('with moved as (delete from oauth.audit_default where at >= %L and at < %L returning *)
                            insert into oauth.%I select * from moved', month, month + interval '1 month', name);
            execute format('alter table oauth.audit attach partition oauth.%I for values from (%L) to (%L)',
                           name, month, month + interval '1 month');
        end if;
        month := month + interval '1 month';
    end loop;
end
$$;
comment on procedure oauth.make_audit_months is 'Makes the partitions of this month and of the next three; what comes without one goes to the default.';

call oauth.make_audit_months();
