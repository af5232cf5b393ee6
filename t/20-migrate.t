# SPDX-License-Identifier: ISC
# postern migrate (OP-8): every type of ids, again, two at once, a changed file, one that fails, another prefix of roles.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Test::More;

use Process qw(run);
use Run;
use Site;

my $cluster = Run::cluster();
my $count   = () = glob "$Run::source/migrations/0*.sql";
my $number  = 0;

# A database that holds nothing yet.
sub empty {
    my $name = "20-migrate-$$-" . ++$number;
    $cluster->sql('postgres', qq(create database "$name"));
    return $name;
}

sub command ($database, $roles, $folder, @arguments) {
    my %env = ($cluster->env, Programs::tool_env($roles), PGDATABASE => $database, PGUSER => 'postgres', POSTERN_MIGRATIONS => $folder);
    return ([ "$Run::build/postern", 'migrate', @arguments ], env => \%env);
}

sub migrate ($database, @arguments) { return run(command($database, $database, "$Run::source/migrations", @arguments)) }

sub type ($database, $view, $column) {
    return $cluster->sql($database,
        "select format_type(atttypid, atttypmod) from pg_attribute where attrelid = '$view'::regclass and attname = '$column'");
}

# Each type of ids.
my @columns = ([ 'directory.account', 'id' ], [ 'oauth.session', 'account_id' ], [ 'oauth.grants', 'account_id' ],
    [ 'oauth.live_token', 'account_id' ]);
for my $account (qw(integer bigint uuid text)) {
    my ($contact) = { integer => 'text', bigint => 'uuid', uuid => 'bigint', text => 'integer' }->{$account};
    my $database  = empty();
    my $done      = migrate($database, '--account-id', $account, '--contact-id', $contact);
    is $done->{exit}, 0, "accounts by $account, contacts by $contact" or diag $done->{out}, $done->{err};
    is join(' ', map { type($database, @$_) } @columns), join(' ', ($account) x @columns),
        "OP-8: the type of an account's id everywhere";
    is type($database, 'directory.contact', 'id'), $contact, 'OP-8: and of a contact\'s';
    my $wrong = migrate($database, '--account-id', $account eq 'text' ? 'uuid' : 'text');
    is $wrong->{exit}, 65, 'OP-8: the choice is made once';
    like $wrong->{err}, qr/\b$account\b/, 'and the message names it';
}
my $database = empty();
is migrate($database)->{exit},                      0,         'without a choice';
is type($database, 'directory.account', 'id'),      'integer', 'the ids are integers';
is migrate(empty(), '--account-id', 'oid')->{exit}, 64,        'another type is a wrong call';

# Again: nothing changes.
sub state_of ($database) { return $cluster->sql($database, 'select * from oauth.migration order by number') }
my $before = state_of($database);
is $cluster->sql($database, 'select count(*), count(distinct number) from oauth.migration'), "$count|$count",
    'OP-8: every file was applied';
my $again = migrate($database);
is $again->{exit}, 0, 'OP-8: again';
like $again->{out}, qr/\b0 applied/, 'which applies none';
is state_of($database), $before, 'and changes nothing';
is migrate($database, '--check')->{exit}, 0, '--check finds nothing to do';
is migrate(empty(),   '--check')->{exit}, 1, 'and in an empty database it does';

# The views of sessions and tokens in both kinds: the near one is that of the migrations, the far one outlives what makes them anew.
sub views ($at) {
    return $cluster->sql($at, "select pg_get_viewdef('oauth.live_session'::regclass), pg_get_viewdef('oauth.live_token'::regclass)");
}

sub rights ($at) {
    return $cluster->sql($at,
        "select relname, relacl, array(select attacl::text from pg_attribute where attrelid = c.oid order by attnum)
           from pg_class c where relname in ('live_session', 'live_token') order by 1"
    );
}
my ($near, $rights) = (views($database), rights($database));
$cluster->sql($database, 'call oauth.directory_is_far(true)');
my $far = views($database);
is scalar(() = $far =~ /oauth\.account_now/g),    2, 'DI-4: the directory is far: both ask for an account by the function';
is scalar(() = $far =~ /directory\.account\b/g), 0, 'DI-4: and by nothing else';
is rights($database), $rights, 'OP-4: with the rights that they had';
$cluster->sql($database, 'call oauth.directory_is_far(false)');
is views($database), $near, 'the directory is near: they are as the migrations made them (who changes them changes this procedure)';
$cluster->sql($database, 'update oauth.installation set directory_is_far = true');
is migrate($database)->{exit}, 0,    'OP-8: they were made anew by a migration';
is views($database),           $far, 'DI-4: and are far again';

# Two at once, twice.
for my $at (empty(), empty()) {
    my @both =
        map { my ($command, %o) = command($at, $at, "$Run::source/migrations"); Process->start("migrate $_", $command, %o) } 1 .. 2;
    is join(' ', map { $_->finished } @both), '0 0', 'OP-8: two at once both succeed';
    is $cluster->sql($at, 'select count(*), count(distinct number) from oauth.migration'), "$count|$count",
        'OP-8: and each file was applied once';
}

# A file that was changed after it was applied; one that fails; then resumed.
my $folder = tempdir(CLEANUP => 1);
copy($_, $folder) or die "$_: $!" for glob "$Run::source/migrations/*.sql";
my $at = empty();
sub from_folder { return run(command($at, $at, $folder)) }

sub append ($file, $text) {
    open my $out, '>>', "$folder/$file" or die $!;
    print $out $text;
    return close $out;
}
append('0900_more.sql', "create table oauth.more (i integer);\ninsert into oauth.nothing values (1);\n");
my $failed = from_folder();
isnt $failed->{exit}, 0, 'OP-8: a migration that fails ends the tool';
like $failed->{err}, qr/0900_more\.sql.*nothing/s, 'OP-8: with its file and PostgreSQL\'s words';
is $cluster->sql($at, q(select to_regclass('oauth.more') is null, count(*) from oauth.migration)), "t|$count",
    'OP-8: nothing of it stays, all before it does';
unlink "$folder/0900_more.sql";
append('0900_more.sql', "create table oauth.more (i integer);\n");
is from_folder()->{exit},                                      0,          'OP-8: mended, it goes on there';
is $cluster->sql($at, 'select count(*) from oauth.migration'), $count + 1, 'OP-8: one more';
append('0003_clients.sql', "-- changed\n");
my $refused = from_folder();
is $refused->{exit}, 65, 'OP-8: a file that was changed is refused';
like $refused->{err}, qr/0003_clients\.sql/, 'OP-8: by name';

# Another installation in the same cluster: roles of its own prefix, and nothing of the first's database.
my ($one, $two) = map { my $name = empty(); migrate($name); $name } 1 .. 2;
my $try = sub ($database, $role, $sql) { $cluster->sql($database, $sql, user => $role, try => 1)->{err} };
is $try->($one, "$one-token", 'select from oauth.live_token'), '', 'OP-8: a role in its own database';
like $try->($two, "$one-token", 'select from oauth.live_token'), qr/permission denied/,
    'OP-8: has no rights in another installation\'s';
my %wrong = (capital => 'Postern', quote => 'a"b', space => 'a b', long => 'x' x 60);
for my $case (sort keys %wrong) {
    my ($command, %o) = command($at, $at, "$Run::source/migrations");
    $o{env}{POSTERN_ROLES} = $wrong{$case};
    is run($command, %o)->{exit}, 78, "OP-5: a prefix of roles with $case";
}
my ($command, %o) = command('no such database', $at, "$Run::source/migrations");
is run($command, %o)->{exit} =~ /^(?:69|75)$/, 1, 'without a database it is unavailable';

done_testing;
