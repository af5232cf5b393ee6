# SPDX-License-Identifier: ISC
# Least privilege (OP-4): each program's statements execute as its role; what they don't need, no role may do.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Run;
use Site;
use Statements;

my $site  = Site->new(programs => []);
my %roles = map { $_ => "$site->{roles}-$_" } qw(authorize token contacts admin maintain);

# The SQLSTATE of each statement, tried as a role; 42501 is "permission denied".  (An empty statement after it would be one that went
# well, so no semicolon stays at its end.)
sub states ($role, @statements) {
    my $script = join '', map {"begin;\n$_;\n\\echo :SQLSTATE\nrollback;\n"} map {s/;\s*\z//r} @statements;
    return split /\n/, $site->sql("\\set ON_ERROR_STOP off\n\\o /dev/null\n$script", user => $roles{$role}, quiet => 1);
}

# PREPARE checks no rights; EXECUTE does, for all that the statement could touch.  A script runs as it is; rows to copy follow no COPY here.
my @all = Statements::all();

sub executed ($s) {
    return $s->before(@all)
        . ($s->{kind} eq 'script' ? $s->{sql} : qq(prepare "$s->{name}" as $s->{sql} execute "$s->{name}") . $s->nulls);
}

for my $role (sort keys %roles) {
    my @own    = grep { $_->role eq $role && $_->{name} !~ /^migrate_|_copy\z/ } @all;
    my @states = states($role, map { executed($_) } @own);
    cmp_ok scalar @own, '>', 0, "$role has statements";
    like $states[$_] // 'none', qr/^(?:00000|22...|23...)$/, "OP-4: $own[$_]{name} executes as $role" for 0 .. $#own;
}

# What each role must not do: "role: statement".
my @never = split /\n/, <<'END';
token: select password_hash from directory.account
token: select username from directory.account
token: select from directory.person
token: select from directory.contact
token: select from oauth.session
token: select issued_at from oauth.access_token
token: select resources from oauth.access_token
token: update oauth.grants set account_id = null
token: update oauth.grants set expires_at = now()
token: update oauth.grants set scope = '{}'
token: insert into oauth.grants (client_id, scope, resources, expires_at) values ('x', '{}', '{}', now())
token: delete from oauth.grants
token: insert into oauth.client_secret (client_id, digest) values ('x', '\x00')
token: update oauth.client set enabled = true
token: update oauth.access_token set expires_at = now()
token: select from oauth.audit
token: select from oauth.authorization_request
token: select client_id from oauth.pushed_request
token: update oauth.pushed_request set completed_at = null
token: delete from oauth.pushed_request
token: select from oauth.challenge_use
token: update oauth.device_code set decision = 'allowed'
token: update oauth.device_code set grant_id = 1
token: update oauth.device_code set account_id = null
token: update oauth.device_code set expires_at = now()
token: update oauth.device_code set user_code = ''
token: select account_id from oauth.device_code
token: delete from oauth.device_code
token: insert into oauth.device_code (digest, grant_id) values ('', 1)
contacts: select from oauth.pushed_request
token: update oauth.resource set uri = 'x:y'
token: insert into oauth.resource (resource, uri) values ('x', 'x:y')
token: delete from oauth.failure
token: update oauth.failure set minute = now()
token: update oauth.failure set subject = ''
token: select request_id from oauth.failure
contacts: select password_hash from directory.account
contacts: select username from directory.account
contacts: select from directory.person
contacts: select from directory.person_contact
contacts: select from oauth.client
contacts: select from oauth.client_secret
contacts: select from oauth.grants
contacts: select from oauth.access_token
contacts: select from oauth.resource
authorize: update oauth.resource set uri = 'x:y'
contacts: select from directory.logged_change
contacts: select from directory.indexed_word
contacts: delete from oauth.contact_log
contacts: select oauth.prune_contact_log(1, 1)
contacts: call directory.watch_contacts('directory.person_contact', 'owner_id', 'id')
admin: call directory.watch_contacts('directory.person_contact', 'owner_id', 'id')
token: select from directory.contact_change
token: select from directory.contact_word
authorize: select from directory.contact_change
maintain: select from directory.logged_change
maintain: update oauth.contact_log set pruned_to = '0'
contacts: select from oauth.session
contacts: select from oauth.device_code
contacts: insert into oauth.audit (event) values ('x')
contacts: select from oauth.failure
contacts: insert into oauth.failure (minute, event, address, subject, count) values (now(), 'login', '', '', 1)
contacts: insert into directory.person_contact (owner_id, id) values (1, 1)
authorize: select from oauth.client_secret
authorize: select from oauth.access_token
authorize: select from oauth.live_token
authorize: insert into oauth.access_token select from oauth.access_token
authorize: select from directory.person
authorize: select from directory.contact
authorize: update directory.person set password_hash = ''
authorize: update directory.account set password_hash = ''
authorize: update oauth.session set credential = ''
authorize: update oauth.grants set credential = ''
authorize: select from oauth.password_settings(1)
authorize: select name from directory.account
token: select oauth.rehash(1, '', '')
token: select from oauth.password_settings(1)
token: select email from directory.account
contacts: select oauth.rehash(1, '', '')
contacts: select oauth.credential_now(1)
admin: select oauth.rehash(1, '', '')
admin: select from oauth.account_now(1, '')
maintain: select from oauth.account_now(1, '')
authorize: update oauth.installation set directory_is_far = true
token: update oauth.installation set directory_is_far = true
contacts: update oauth.installation set directory_is_far = true
contacts: select created_at from oauth.installation
admin: update oauth.installation set directory_is_far = true
admin: select password_hash from directory.account
admin: select password_hash from directory.person
maintain: select oauth.rehash(1, '', '')
maintain: select from oauth.password_settings(1)
authorize: insert into oauth.client (client_id) values ('x')
authorize: update oauth.client set redirect_uris = '{}'
authorize: update oauth.grants set code_digest = ''
authorize: select code_digest from oauth.grants
authorize: update oauth.grants set account_id = null
authorize: update oauth.session set account_id = 1
authorize: update oauth.session set expires_at = now()
authorize: delete from oauth.session
authorize: update oauth.authorization_request set redirect_uri = ''
authorize: delete from oauth.authorization_request
authorize: delete from oauth.login_limit
authorize: insert into oauth.pushed_request select from oauth.pushed_request
authorize: update oauth.pushed_request set redirect_uri = ''
authorize: delete from oauth.pushed_request
authorize: delete from oauth.challenge_use
authorize: select digest from oauth.device_code
authorize: update oauth.device_code set redeemed_at = null
authorize: update oauth.device_code set expires_at = now()
authorize: update oauth.device_code set client_id = 'x'
authorize: update oauth.device_code set user_code = ''
authorize: insert into oauth.device_code (digest) values ('')
authorize: delete from oauth.device_code
authorize: select from oauth.audit
authorize: delete from oauth.failure
authorize: update oauth.failure set minute = now()
authorize: update oauth.failure set address = ''
authorize: select request_id from oauth.failure
admin: select from oauth.access_token
admin: select from oauth.live_token
admin: select from oauth.live_session
admin: select digest from oauth.session
admin: select password_hash from directory.person
admin: select password_hash from directory.account
admin: delete from directory.person
admin: delete from directory.person_contact
admin: create table directory.x (y text)
admin: select from directory.indexed_word
admin: select code_digest from oauth.grants
admin: insert into oauth.grants (client_id, account_id, scope, resources, expires_at) values ('x', 1, '{}', '{}', now())
admin: select code_challenge from oauth.grants
admin: select refresh_digest from oauth.grants
admin: update oauth.grants set ended_at = null
admin: select digest from oauth.client_secret
admin: update oauth.client_secret set digest = ''
admin: update oauth.scope set scope = 'x'
admin: select from oauth.authorization_request
admin: select from oauth.pushed_request
admin: select from oauth.challenge_use
admin: select from oauth.device_code
admin: delete from oauth.audit
admin: update oauth.audit set event = 'x'
admin: update oauth.failure set count = 0
admin: insert into oauth.failure (minute, event, address, subject, count) values (now(), 'login', '', '', 1)
admin: delete from oauth.failure
admin: delete from oauth.migration
maintain: select digest from oauth.access_token_0
maintain: select from oauth.access_token
maintain: select from oauth.authorization_request
maintain: select from oauth.pushed_request
maintain: truncate oauth.pushed_request_0
maintain: select from oauth.live_token
maintain: select from oauth.live_session
maintain: select digest from oauth.session
maintain: select account_id from oauth.session
maintain: select code_digest from oauth.grants
maintain: select refresh_locator from oauth.grants
maintain: select scope from oauth.grants
maintain: update oauth.grants set ended_at = null
maintain: update oauth.grants set expires_at = 'infinity'
maintain: insert into oauth.grants (client_id, scope, resources, expires_at) values ('x', '{}', '{}', now())
maintain: select session_id from oauth.challenge_use
maintain: select user_code from oauth.device_code
maintain: update oauth.device_code set decision = 'allowed'
maintain: update oauth.session set expires_at = 'infinity'
maintain: delete from oauth.access_token
maintain: truncate oauth.authorization_request
maintain: truncate oauth.grants
maintain: select from oauth.audit
maintain: select count from oauth.failure
maintain: update oauth.failure set count = 0
maintain: delete from oauth.audit
maintain: drop table oauth.audit_default
maintain: insert into oauth.audit (event) values ('x')
maintain: insert into oauth.ring (name, seconds) values ('x', 1)
maintain: update oauth.ring set seconds = 1
maintain: delete from oauth.maintenance
maintain: select from oauth.client
maintain: select from oauth.client_secret
maintain: select from directory.account
maintain: select from directory.person
authorize: select from oauth.empty_ring('access_token')
token: select from oauth.empty_ring('access_token')
admin: select from oauth.empty_ring('access_token')
admin: select from oauth.keep_audit(12)
admin: update oauth.maintenance set whole_at = now()
END
my @nobody = (
    'create table oauth.x (i integer)', 'create table public.x (i integer)', 'alter table oauth.client add x integer',
    'truncate oauth.access_token_0',    'create role more', 'create schema more', 'call oauth.make_audit_months()',
    'call oauth.directory_is_far(true)'
);
for my $role (sort keys %roles) {
    my @not =
        ((map { /^$role: (.*)/ ? $1 : () } @never), @nobody, map {qq(set role "$roles{$_}")} grep { $_ ne $role } sort keys %roles);
    my @states = states($role, @not);
    is $states[$_] // 'none', '42501', "OP-4: $role may not: " . substr $not[$_], 0, 80 for 0 .. $#not;
    is $site->sql(
        "select count(*) from pg_roles where rolname = '$roles{$role}'
             and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication)"
        ),
        0, "OP-4: $role is nothing special";
}

# Of all columns, who may read the two that hold secrets' traces.
my $readers = sub ($table, $column) {
    $site->sql(
        "select string_agg(replace(rolname, '$site->{roles}-', ''), ' ' order by rolname) from pg_roles
        where rolname like '$site->{roles}-%' and has_column_privilege(oid, '$table', '$column', 'select')"
    );
};
is $readers->('directory.account', 'password_hash'), 'authorize', 'OP-4: only authorize sees a password hash';
is $readers->('oauth.client_secret', 'digest'), 'token',
    'OP-4: only token sees a client\'s secret, and even the tool only writes it';

# The function that looks an account up for a view tells who it is to whoever knows its credential, and nothing else.
my $anna  = $site->user;
my $known = sub ($credential) {
    $site->sql("select count(*), max(username) from oauth.account_now('$anna->{id}', $credential)", user => $roles{contacts});
};
my $credential = $site->sql("select quote_literal(credential) from directory.account where id = '$anna->{id}'");
is $known->($credential), "1|$anna->{name}", 'oauth.account_now: by the credential';
is $known->($_), '0|', "OP-4: nobody by $_" for 'null', "''", "'x' || $credential";
$site->sql("update directory.person set active = false where id = '$anna->{id}'");
is $known->($credential), '0|', 'OP-4: nor an account that is disabled';

# A company's own application, which owns its table, can't have code of its own run by the triggers that watch it.
my $shop = "$site->{roles}-shop";
my $own  = "set role \"$shop\"; insert into shop.contact values (1, 1, row('a')::shop.note)";
$site->sql(
    "create role \"$shop\"; create schema shop; grant usage, create on schema shop to \"$shop\";
     create table shop.contact (owner int, id int, note text);
     call directory.watch_contacts('shop.contact', owner => 'owner', id => 'id', name => 'note');
     alter table shop.contact owner to \"$shop\"; set role \"$shop\";
     create table shop.ran (who text); create type shop.note as (text text); grant insert on shop.ran to public;
     create function shop.spelled(shop.note) returns text language sql
         as 'insert into shop.ran select current_user returning who';
     create cast (shop.note as text) with function shop.spelled(shop.note);
     alter table shop.contact alter note type shop.note using null"
);
ok !eval { $site->sql($own); 1 }, 'OP-4: a column whose type has code of its own is not read';
like $@, qr/the type of the column note is none/, 'OP-4: and the company hears which';
is $site->sql('select count(*) from shop.ran'), 0, 'OP-4: nothing of it ran';
ok !eval { $site->sql("call directory.watch_contacts('shop.contact', owner => 'owner', id => 'id', name => 'note')"); 1 },
    'OP-4: nor is such a table watched';
$site->sql(
    "create domain shop.number as int; create domain shop.line as varchar(20) check (value <> '');
     create table shop.plain (owner int, id shop.number, note shop.line);
     call directory.watch_contacts('shop.plain', owner => 'owner', id => 'id', name => 'note');
     insert into shop.plain values (7, 7, 'Zoe'), (7, 7, 'Zoe')"
);
is $site->sql("select word from directory.indexed_word where owner_id = '7'"), 'Zoe', 'DI-1: domains over types of PostgreSQL are read';
is $site->sql("select id from directory.contact_change where owner_id = '7'"), '7',
    'CT-6: a key that comes twice does not stop the write of the company';
$site->sql("drop schema shop cascade; drop role \"$shop\"");

$site->finish;
