# SPDX-License-Identifier: ISC
# AD-3, DI-1: "postern check" of people and contacts on another server (here another database, by postgres_fdw), and of ids that are texts.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Hookup;
use Site;
use Statements;

my $site = Site->new(ids => [qw(text bigint)]);
$site->{settings}{POSTERN_KEYRING} = "$site->{dir}/authorize.keys";

# The tables are in another database; here are foreign tables of the same names.  A cast between texts is none for an index.
$Hookup::views{account} =~ s/login as/login::text as/;
my $there = "$site->{database}-there";
$site->sql(qq(create database "$there"));
sub there ($query) { return $site->{cluster}->sql($there, $query) }
there(
    "create schema crm;
     create table crm.person (uid text primary key, login varchar(60) not null unique, hash text, active boolean not null default true,
         changed timestamptz not null default now(), full_name text, mail text);
     create table crm.contact (person text, no bigint, nick text, full_name text, mail text, primary key (person, no));
     insert into crm.person select 'u' || i, 'login' || i, crypt.hash, true, now() - i * interval '1 day', 'Person ' || i,
         'p' || i || '\@example.org' from generate_series(1, 20) i, (values ('"
        . crypt(Hookup::password(), '$2y$04$abcdefghijklmnopqrstuu') . "')) as crypt (hash);
     insert into crm.contact select uid, i, 'nick' || i, 'Contact ' || i, null from crm.person cross join generate_series(1, 20) i;"
);
$site->sql(
    "create extension postgres_fdw;
     create server crm foreign data wrapper postgres_fdw options (host '$site->{cluster}{dir}', dbname '$there', connect_timeout '2');
     create user mapping for postgres server crm options (user 'postgres');
     create schema crm;
     import foreign schema crm from server crm into crm;" . join ';', map { Hookup::view($_) } sort keys %Hookup::views
);

# The log and the words of before would miss every change.
finds $site, 'AD-3: the shipped log over contacts of another server', 'FAIL', 'changes',
    qr/^crm\.contact is no table of this database/,
    qr/^drop view directory\.contact_change, directory\.contact_word/;
$site->sql('drop view directory.contact_change, directory.contact_word');
finds_only $site, 'DI-1: a foreign directory, hooked up well', 'note changes' => 1, 'note plan' => 1;
finds $site, 'DI-4: its server is asked for tokens without an account, too', 'note', 'plan', qr/directory\.account hangs/,
    qr/^call oauth\.directory_is_far\(true\)$/;
finds $site, 'AD-3: and sync can\'t be had', 'note', 'changes', qr/directory\.contact_change: sync is not offered/;
finds $site, 'DI-1: what is sent to the other server holds the key', 'ok', 'plan',
    qr/^check, introspect.* of .*-token: by index$/;
finds $site, 'DI-1: and one account goes back and forth', 'ok', 'time', qr/profile \d+\.\d\d ms.*contacts \d+\.\d\d ms/;

my %again = map { $_ => Hookup::view($_) } qw(account contact);
for (
    [
        'an id that is an expression for the other server',
        Hookup::view('account', $Hookup::views{account} =~ s/uid as id/uid || '' as id/r),
        'FAIL', 'plan', qr/\bprofile\b.* of .*-token: asks the server of crm\.person without a key: SELECT .* WHERE .*\|\|/,
        qr/as it is, without cast or function/, $again{account}
    ],
    [
        'a user name that only this server can compute',
        'create function crm.own(text) returns text language plpgsql as $$ begin return $1; end $$; '
            . Hookup::view('account', $Hookup::views{account} =~ s/login::text as/crm.own(login) as/r),
        'FAIL', 'plan',
        qr/\blogin_begin\b.* of .*-authorize: asks the server of crm\.person without a key: SELECT [^$?]* FROM crm\.person$/,
        qr/as it is, without cast or function/, $again{account}
    ],
    [
        'words on the other server, which does not compare rows',
        sub {
            there('create table crm.word (owner_id text, word text, id bigint, sorts boolean, primary key (owner_id, word, id))');
            $site->sql(
                "import foreign schema crm limit to (word) from server crm into crm;
                create view directory.contact_word as table crm.word;
                grant select on directory.contact_word to \"$site->{roles}-contacts\""
            );
        },
        'FAIL',
        'plan',
        qr/\bcontacts_by_name\b.* of .*-contacts: fetches from crm\.word what it then leaves out by .*ROW/,
        qr/as they are, without cast or function/,
        'drop view directory.contact_word; drop foreign table crm.word'
    ],
    [
        'an account whose id is a machine\'s', sub { there("update crm.person set uid = 'client:' || uid where uid = 'u3'") },
        'FAIL', 'people', qr/^1 ids begin with client:/, qr/can't sign in/,
        sub { there("update crm.person set uid = 'u3' where uid = 'client:u3'") }
    ],
    [
        'no user mapping', 'drop user mapping for postgres server crm',
        'FAIL', 'directory', qr/^postgres, who owns the view directory\.account, has no user on the server crm of crm\.person$/,
        qr/^create user mapping for postgres server crm/, "create user mapping for postgres server crm options (user 'postgres')"
    ],
    [
        'a server that is not there', "alter server crm options (set host '/nowhere')",
        'FAIL', 'sample', qr/^the directory can't be read: could not connect to server/, qr/foreign table/,
        "alter server crm options (set host '$site->{cluster}{dir}')"
    ],
    [
        'a table that is not there', sub { there('alter table crm.person rename to human') },
        'FAIL', 'sample', qr/^the directory can't be read: relation "crm.person" does not exist/, qr/foreign table/,
        sub { there('alter table crm.human rename to person') }
    ],
    [
        'no index there',
        sub {
            there(
                "alter table crm.person drop constraint person_pkey;
                create function crm.slow(text) returns text language plpgsql stable as \$\$ begin perform pg_sleep(0.1); return \$1; end \$\$;
                alter table crm.person rename to people; create view crm.person as select uid, login, hash, active, changed, full_name,
                    case when uid = 'u1' then crm.slow(mail) else mail end as mail from crm.people where crm.slow('x') = 'x'"
            );
        },
        'note',
        'time',
        qr/^profile takes \d+ ms$/,
        qr/index on its server/,
        sub { there('drop view crm.person; alter table crm.people rename to person; alter table crm.person add primary key (uid)') }
    ],
    )
{
    my ($case, $do, $result, $subject, $what, $todo, $undo) = @$_;
    ref $do ? $do->() : $site->sql($do);
    finds $site, "AD-3: $case", $result, $subject, $what, $todo;
    ref $undo ? $undo->() : $site->sql($undo);
}

# Each try would leave a backend waiting.
my $session = Session->new($site->{cluster}, $there);
$session->hold('lock table crm.person');
my @found = findings($site);
is join(' ', map {"$_->{result} $_->{subject}"} grep { $_->{result} eq 'FAIL' } @found), 'FAIL sample',
    'AD-3: a server that hangs is told, and not asked again';
$session->query('rollback');
finds_only $site, 'AD-3: and all is as it was', 'note changes' => 1, 'note plan' => 1;

# What the function asks is in no plan of a statement, so it is tried by itself, word for word.
$site->sql('call oauth.directory_is_far(true)');
finds_only $site, 'DI-4: tokens and sessions ask for their account when they need it', 'note changes' => 1;
finds $site, 'DI-1: that by key, too', 'ok', 'plan', qr/^oauth\.account_now: by index$/;
$site->sql(Hookup::view('account', $Hookup::views{account} =~ s/uid as id/uid || '' as id/r));
finds $site, 'AD-3: an id that is an expression for the other server', 'FAIL', 'plan',
    qr/^oauth\.account_now: asks the server of crm\.person without a key: SELECT .* WHERE .*\|\|/,
    qr/as it is, without cast or function/;
my ($asked) = grep { $_->{name} eq 'hookup_account' } Statements::all();
my %name    = (1 => 'account', 2 => 'account_now.credential');
my $words   = join ' ', split ' ', $asked->{sql} =~ s/\$([12])(?:::text)?/$name{$1}/gr;
like $site->sql(q(select regexp_replace(prosrc, '\s+', ' ', 'g') from pg_proc where proname = 'account_now')),
    qr/return query \Q$words\E end/, 'AD-3: what is tried is what the function asks';

$site->finish;
