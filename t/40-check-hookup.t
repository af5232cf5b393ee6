# SPDX-License-Identifier: ISC
# AD-3, DI-1: "postern check" of a company's own tables.  Each mistake is made for real, found, and told with what to do.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Hookup;
use Site;

my $site = Site->new;
$site->{settings}{POSTERN_KEYRING} = "$site->{dir}/authorize.keys";

# The shipped directory, empty and with the sample people.
finds_only $site, 'AD-3: the shipped directory without anybody', map { $_ => 1 } 'note sample', 'note passwords';
$site->tool_ok(['sample']);
finds_only $site, 'AD-3: the shipped directory';

hook_up($site);
finds_only $site, 'DI-1: a company\'s own tables, hooked up well';
finds $site, 'DI-1: the statements go by index', 'ok', 'plan',
    qr/^contact, contacts, contacts_by_name, .* of .*-contacts: by index$/;
finds $site, 'DI-1: a row of each view, masked', 'ok', 'sample', qr/an account is: id 1\.\.\.1, username l\.\.\.6, active t/;
finds $site, 'DI-1: how long the statements take', 'ok', 'time',
    qr/a user name \d+\.\d\d ms, profile \d+\.\d\d ms, .*contacts_search/;
finds $site, 'DI-2: the schemes',       'ok', 'passwords', qr/^20 of \$2y\$$/;
finds $site, 'DI-1: how many contacts', 'ok', 'directory', qr/directory\.contact reads crm\.contact \(about 400 rows\)/;

# For people it is lines.
my $lines = $site->tool_ok(['check'], user => 'postgres');
is join('', grep { !/^(?:ok  |note|FAIL)  [a-z]+: \S/ } split /^/, $lines), '', 'AD-3: a line each';
like $lines, qr/^ok    people: 20 accounts, 20 of them active$/m, 'AD-3: as they are meant to be read';

# Whoever has not the owner's rights hears what they are needed for.
my @seen = findings($site, user => "$site->{roles}-admin");
is join(' ', map { $_->{subject} } grep { $_->{result} eq 'note' } @seen), 'directory', 'AD-3: the tool\'s own role sees less';
like((grep { $_->{result} eq 'note' } @seen)[0]{todo}, qr/runuser -u postgres -- postern check/, 'AD-3: and says who sees it');
is scalar(grep { $_->{subject} =~ /^(?:plan|time|sample|people)$/ } @seen), 0, 'AD-3: it tries nothing then';

# A view with something else in it.
sub other ($view, $from, $to) {
    my $definition = $Hookup::views{$view};
    $definition =~ s/\Q$from\E/$to/ or die "$view has no $from";
    return Hookup::view($view, $definition);
}
my %again = map { $_ => Hookup::view($_) } qw(account contact);

# A view that is not of the shape of before is made anew, by its owner.
sub anew ($definition) {
    return "drop view directory.contact; create view directory.contact as $definition;
        grant select on directory.contact to \"$site->{roles}-contacts\"";
}
my $contact = $Hookup::views{contact};

# What is done, what finds it, what is to be done, and how it is undone.
for (
    # Columns and types.
    [
        'a column that is missing', anew($contact =~ s/, null::text as phone//r),
        'FAIL', 'directory', qr/^contact\.phone missing$/, qr/end of the view.*postern migrate/, anew($contact)
    ],
    [
        'a column of another type', anew($contact =~ s/null::timestamptz/null::date/r),
        'FAIL', 'directory', qr/^contact\.updated_at is date and must be timestamp with time zone$/, qr/of that type/,
        anew($contact)
    ],
    [
        'an id of another type', anew($contact =~ s/no as id/no::bigint as id/r),
        'FAIL', 'directory', qr/^contact\.id is bigint and must be integer$/, qr/cast of an id/, anew($contact)
    ],

    # Rights: of a role on the view, of a view's owner on the table.
    [
        'a right that a role lacks', qq(revoke select on directory.account from "$site->{roles}-authorize"),
        'FAIL', 'plan', qr/login_begin.* of .*-authorize: may not be executed: permission denied/, qr/postern migrate/,
        sub { $site->tool_ok(['migrate'], user => 'postgres') }
    ],
    [
        'one that its column lacks',
        qq(revoke select (email) on directory.contact from "$site->{roles}-contacts";
           revoke select on directory.contact from "$site->{roles}-contacts";
           grant select (owner_id, id, username, name, phone, updated_at) on directory.contact to "$site->{roles}-contacts"),
        'FAIL', 'plan', qr/contacts,.* of .*-contacts: may not be executed: permission denied/, qr/postern migrate/,
        sub { $site->tool_ok(['migrate'], user => 'postgres') }
    ],
    [
        'a table that the view\'s owner may not read', qq(alter view directory.contact owner to "$site->{roles}-maintain"),
        'FAIL', 'directory', qr/-maintain, who owns the view directory\.contact, may not read crm\.contact$/,
        qr/^grant select on crm\.contact to .*-maintain$/, 'alter view directory.contact owner to postgres'
    ],
    [
        'a function that a role may not execute',
        'create function crm.shown(text) returns text language plpgsql as $$ begin return $1; end $$;
         revoke execute on function crm.shown from public; ' . other('contact', 'nick as', 'crm.shown(nick) as'),
        'FAIL', 'plan', qr/contacts,.* of .*-contacts: may not be executed: .*shown/, qr/function in a view/, $again{contact}
    ],

    # What can't go by index.
    [
        'an id with a cast', other('account', 'uid as id', 'uid::text::integer as id'),
        'FAIL', 'plan', qr/\bprofile\b.* of .*-token: reads the whole of crm\.person to find /,
        qr/without cast or function.*create index on crm\.person/, $again{account}
    ],
    [
        'a user name with a function', other('account', 'login as', 'lower(login) as'),
        'FAIL', 'plan', qr/\blogin_begin\b.* of .*-authorize: reads the whole of crm\.person/, qr/without cast or function/,
        $again{account}
    ],
    [
        'a user name without index', 'alter table crm.person drop constraint person_login_key',
        'FAIL', 'plan', qr/\blogin_begin\b.* of .*-authorize: reads the whole of crm\.person to find .*login = /,
        qr/create index on crm\.person/, 'alter table crm.person add unique (login)'
    ],
    [
        'contacts without index', 'alter table crm.contact drop constraint contact_pkey',
        'FAIL', 'plan', qr/\bcontacts\b.* of .*-contacts: reads the whole of crm\.contact/, qr/create index on crm\.contact/,
        'alter table crm.contact add primary key (person, no)'
    ],
    [
        'contacts with an index on the owner alone',
        'alter table crm.contact drop constraint contact_pkey; create index of_person on crm.contact (person)',
        'FAIL', 'plan', qr/\bcontacts\b.* of .*-contacts: sorts all that a person has in crm\.contact/, qr/owner_id, id/,
        'drop index crm.of_person; alter table crm.contact add primary key (person, no)'
    ],
    [
        'an index that finds the same for all',
        'alter table crm.person drop constraint person_login_key; create index of_active on crm.person (active, login);
         alter table crm.person add tenant integer not null default 1; create index of_tenant on crm.person (tenant); '
            . other('account', 'from crm.person', 'from crm.person where tenant = 1'),
        'FAIL', 'plan', qr/\blogin_begin\b.* of .*-authorize: reads the whole of crm\.person to find/, qr/create index/,
        "$again{account}; drop index crm.of_active; alter table crm.person drop tenant; alter table crm.person add unique (login)"
    ],
    [
        'a function that returns the rows',
        'create function crm.contacts() returns setof crm.contact language plpgsql as $$ begin return query table crm.contact; end $$; '
            . other('contact', 'from crm.contact', 'from crm.contacts()'),
        'FAIL', 'plan', qr/all that the function .*contacts.* returns/, qr/read a table/, $again{contact}
    ],
    [
        'a view that counts', other('account', 'from crm.person', 'from (select distinct on (hash, uid) * from crm.person) p'),
        'FAIL', 'plan', qr/reads the whole of crm\.person/, qr/create index/, $again{account}
    ],

    # How long.
    [
        'a statement that takes its time',
        'create function crm.slow(text) returns text language plpgsql stable as $$ begin perform pg_sleep(0.06); return $1; end $$; '
            . other('account', 'login as', 'case when uid = 1 then crm.slow(login) else login end as'),
        'note', 'time', qr/^profile takes \d+ ms$/, qr/plans/, $again{account}
    ],
    [
        'one that a program would give up',
        'create or replace function crm.slow(text) returns text language plpgsql stable as $$ begin perform pg_sleep(0.5); return $1; end $$; '
            . other('account', 'login as', 'case when uid = 1 then crm.slow(login) else login end as'),
        'FAIL', 'time', qr/^profile takes longer than the 300 ms/, qr/plans/, $again{account}
    ],

    # Who is who.
    [
        'an id of two',
        other(
            'account', 'from crm.person',
            'from crm.person union all select uid, login || 2, hash, active, changed::text, full_name, null from crm.person where uid > 18'
        ),
        'FAIL',
        'people',
        qr/^2 ids belong to several accounts$/,
        qr/group by id/,
        $again{account}
    ],
    [
        'a user name of two',
        "alter table crm.person drop constraint person_login_key; create index person_login on crm.person (login);
         update crm.person set login = 'login5' where uid in (4, 6)",
        'FAIL', 'people', qr/^1 user names belong to several accounts$/, qr/group by username/,
        "update crm.person set login = 'login' || uid; drop index crm.person_login; alter table crm.person add unique (login)"
    ],
    [
        'nobody\'s id', other('account', 'uid as id', 'nullif(uid, 20) as id'),
        'FAIL', 'people', qr/^1 accounts have no id$/, qr/where/, $again{account}
    ],
    [
        'no user name', "alter table crm.person alter login drop not null; update crm.person set login = null where uid > 15",
        'note', 'people', qr/^5 active accounts have no user name$/, qr/e-mail/,
        "update crm.person set login = 'login' || uid; alter table crm.person alter login set not null"
    ],
    [
        'an e-mail address of three', "update crm.person set mail = 'p1\@example.org' where uid in (2, 3)",
        'note', 'people', qr/^1 e-mail addresses belong to several active accounts$/, qr/can't sign in by it, but by user name/,
        "update crm.person set mail = 'p' || uid || '\@example.org'"
    ],
    [
        'nobody', other('account', 'from crm.person', 'from crm.person where false'),
        'note',   'sample', qr/^there is no active account$/, qr/directory\.account/, $again{account}
    ],
    [
        'somebody without contacts', other('contact', 'from crm.contact', 'from crm.contact where false'),
        'note', 'sample', qr/^it has no contact$/, qr/directory\.contact/, $again{contact}
    ],

    # credential.
    [
        'a credential for all', other('account', 'extract(epoch from changed)::text as', q{'x'::text as}),
        'note', 'people', qr/^credential is the same for all 20 accounts/, qr/password_changed_at/, $again{account}
    ],
    [
        'no credential',
        other('account', 'extract(epoch from changed)::text as', q{nullif(extract(epoch from changed)::text, hash) as}) . ';'
            . other(
            'account', 'extract(epoch from changed)::text as', q{case when uid > 3 then extract(epoch from changed)::text end as}
            ),
        'note',
        'people',
        qr/^3 active accounts with a password have no credential$/,
        qr/changes whenever the password does/,
        $again{account}
    ],
    [
        'a credential that changes by itself',
        other('account', 'extract(epoch from changed)::text as', 'clock_timestamp()::text as'),
        'FAIL', 'time', qr/^profile says invalid_token to a good token/, qr/credential must not change by themselves/,
        $again{account}
    ],
    [
        'a credential made of the hash',
        other('account', 'extract(epoch from changed)::text as', q{left(encode(sha256(convert_to(hash, 'UTF8')), 'hex'), 32) as}),
        'note', 'passwords', qr/^credential is made of the hash$/, qr/ends that person's tokens.*last password change/,
        $again{account}
    ],

    # Password hashes.
    [
        'plain passwords', "update crm.person set hash = 'secret-\$2y\$-' || uid where uid <= 7",
        'FAIL', 'passwords', qr/^7 of no scheme, as of plain passwords can't sign in$/, qr/doc\/passwords\.md/,
        "update crm.person set hash = '$site->{hash}'"
    ],
    [
        'MD5 hashes', "update crm.person set hash = md5('x' || uid) where uid <= 3",
        'FAIL', 'passwords', qr/^3 of 32 hexadecimal digits, as of MD5 can't sign in$/, qr/new password/,
        "update crm.person set hash = '$site->{hash}'"
    ],
    [
        'hashes of a scheme that is none of ours',
        "update crm.person set hash = '{SSHA}' || encode(sha256('x'), 'base64') where uid <= 3",
        'FAIL', 'passwords', qr/^3 of \{SSHA\} can't sign in$/, qr/new password/, "update crm.person set hash = '$site->{hash}'"
    ],
    [
        'hashes that lost their ends', "update crm.person set hash = left(hash, 50) where uid <= 3",
        'FAIL', 'passwords', qr/^3 of \$2y\$ can't sign in$/, qr/column is long enough/,
        "update crm.person set hash = '$site->{hash}'"
    ],
    [
        'locked people', "update crm.person set hash = '!' where uid <= 3",
        'note', 'passwords', qr/^3 of locked/, qr/can't sign in with a password/, "update crm.person set hash = '$site->{hash}'"
    ],
    [
        'people without a password', "update crm.person set hash = null where uid <= 3",
        'note', 'passwords', qr/^3 active accounts have none$/, qr/can't sign in with a password/,
        "update crm.person set hash = '$site->{hash}'"
    ],

    # The log of changes and the words.
    [
        'triggers that were forgotten', 'alter table crm.contact disable trigger all',
        'FAIL',                         'changes',
        qr/^no trigger tells of each insert, update, delete, truncate on crm\.contact: sync and q would silently miss it$/,
        qr/call directory\.watch_contacts\('crm\.contact'.*or drop view/, 'alter table crm.contact enable trigger all'
    ],
    [
        'one of them', 'drop trigger postern_deleted on crm.contact',
        'FAIL', 'changes', qr/^no trigger tells of each delete on crm\.contact/, qr/watch_contacts/, $Hookup::watch
    ],
    [
        'triggers that take one column for another', $Hookup::watch =~ s/'mail'/'nick'/r =~ s/'nick'/'mail'/r,
        'FAIL', 'changes', qr/^the triggers on crm\.contact take mail for the contact's username, and the view shows nick$/,
        qr/watch_contacts/, $Hookup::watch
    ],
    [
        'a column that has another name since', 'alter table crm.contact rename mail to email',
        'FAIL', 'changes', qr/^the triggers on crm\.contact read columns that it has not \(mail\)/, qr/watch_contacts/,
        'alter table crm.contact rename email to mail'
    ],
    [
        'contacts of a materialized view',
        'create materialized view crm.shown_contact as table crm.contact; create unique index on crm.shown_contact (person, no); '
            . other('contact', 'crm.contact', 'crm.shown_contact'),
        'FAIL', 'changes', qr/^crm\.shown_contact is no table of this database/, qr/^drop view directory\.contact_change/,
        "$again{contact}; drop materialized view crm.shown_contact"
    ],
    [
        'a second table, which nobody watches',
        'create table crm.phone (nick text primary key, number text); ' . other(
            'contact', 'null::text as phone',
            '(select p.number from crm.phone p where p.nick = crm.contact.nick) as phone'
        ),
        'note',
        'changes',
        qr/^changes of crm\.phone alone are in no log/,
        qr/update that contact's row/,
        "$again{contact}; drop table crm.phone"
    ],
    [
        'contacts without words', 'delete from directory.indexed_word where id = 7',
        'FAIL', 'words', qr/^20 of 400 contacts have no word/, qr/watch_contacts again/, $Hookup::watch
    ],
    [
        'no log', 'drop view directory.contact_change',
        'note',   'changes', qr/^there is no view directory\.contact_change: sync is not offered$/, qr/doc\/integrate\.md/,
        "create view directory.contact_change as select owner_id, id, xid, seq from directory.logged_change;
         grant select on directory.contact_change to \"$site->{roles}-contacts\""
    ],
    )
{
    my ($case, $do, $result, $subject, $what, $todo, $undo) = @$_;
    $site->sql($do);
    finds $site, "AD-3: $case", $result, $subject, $what, $todo;
    ref $undo ? $undo->() : $site->sql($undo);
}
finds_only $site, 'AD-3: and all is as it was';

# Who has the owner's rights, and is not a superuser: the programs' roles can't be taken on, all else is the same.
$site->sql('create role "dba-of-checks" login; grant postgres to "dba-of-checks"');
is Hookup::said(grep { $_->{result} ne 'ok' } findings($site, user => 'dba-of-checks')), '',
    'AD-3: with the rights of the owner alone';

# On a replica nothing can be written, not even what is rolled back.
$site->sql(qq(alter database "$site->{database}" set default_transaction_read_only = on));
finds $site, 'AD-3: where nothing can be written', 'note', 'time',
    qr/^not measured: cannot execute INSERT in a read-only transaction$/, qr/written to/;
$site->sql(qq(set default_transaction_read_only = off; alter database "$site->{database}" set default_transaction_read_only = off));

# Django and Laravel replace hashes of an old cost at sign-in; that shows.
$site->sql(other('account', 'extract(epoch from changed)::text as', 'md5(hash) as')
        . "; update crm.person set hash = overlay(hash placing '\$2y\$05\$' from 1) where uid < 4");
finds $site, 'AD-3: where something makes better hashes', 'note', 'passwords',
    qr/^credential is made of the hash, and hashes of several costs are there/;
$site->sql("$again{account}; update crm.person set hash = '$site->{hash}'");

# DI-2: nothing of a hash is shown, nor of a password that stands where a hash should.
$site->sql("update crm.person set hash = 'pbkdf2-my-password-\$1\$' || uid");
my $out = join '', map { $site->tool($_, user => 'postgres')->{out} } ['check'], [qw(check --json)];
unlike $out, qr/my-password|pbkdf2-/, 'DI-2: no password is shown that stands where a hash should';
$site->sql("update crm.person set hash = '$site->{hash}'");
$out = join '', map { $site->tool($_, user => 'postgres')->{out} } ['check'], [qw(check --json)];
unlike $out, qr/abcdefghijklmnopqrstu|\Q${\substr $site->{hash}, 29}\E/, 'DI-2: nothing of a hash';

# It leaves nothing behind.
is $site->sql("select count(*) from oauth.client where name = 'postern check'"), 0, 'AD-3: what it tried is rolled back';

$site->finish;
