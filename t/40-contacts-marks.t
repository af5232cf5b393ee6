# SPDX-License-Identifier: ISC
# CT-3, CT-6: what is no cursor or mark of ours, for this person and this request, is refused; and a mark is good for the database
# alone that it was made in.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Contacts;
use Process qw(run);
use Site;

my $site   = Site->new(private => 1, workers => 1, settings => { POSTERN_CONTACTS_PER_MINUTE => 1_000_000 });
my $reader = Contacts->somebody($site);
my $other  = Contacts->somebody($site, client => $reader->{client});
$reader->add(map { { id => $_, username => "mine $_", name => "Anna $_" } } 1 .. 9);
$other->add(map { { id => $_, username => "theirs $_", name => "Anna $_" } } 1 .. 9);
my $table = 'directory.person_contact';

# All kinds of cursors, and a mark: [ kind, parameters without it, its name, its value ].
sub kinds ($who) {
    my $mark = $who->pass('')->run->{mark};
    $site->sql("update $table set phone = '1'");
    my $cursor = sub (@pairs) { Response->query($who->ask(@pairs, limit => 2)->json->{next})->{cursor} };
    return (
        [ 'by id',      [],                   cursor => $cursor->() ],
        [ 'by name',    [ order => 'name' ],  cursor => $cursor->(order => 'name') ],
        [ 'of a word',  [ q => 'anna' ],      cursor => $cursor->(q => 'anna') ],
        [ 'with names', [ fields => 'name' ], cursor => $cursor->(fields => 'name') ],
        [ 'of changes', [],                   cursor => $cursor->(sync => $mark) ],
        [ 'mark',       [],                   sync   => $mark ]
    );
}

my @mine   = kinds($reader);
my @theirs = kinds($other);
for (@mine) {
    my ($kind, $with, $name, $value) = @$_;
    my $error = $name eq 'sync' ? 'sync_invalid' : 'cursor_invalid';
    my $ask   = sub ($text, @more) { $reader->ask(@$with, limit => 2, $name => $text, @more) };
    is $ask->($value)->status, 200, "CT-3: the right one is good ($kind)";
    cmp_ok length $value, '<', 700, "CT-3: its length ($kind)";

    # Each byte changed to others, each left out, one put in at each place, each beginning and each end.
    my @wrong;
    for my $at (0 .. length($value) - 1) {
        for my $to (grep { $_ ne substr $value, $at, 1 } 'A', 'B', '_', '.') {
            substr(my $changed = $value, $at, 1) = $to;
            push @wrong, $changed;
        }
        push @wrong, substr($value, 0, $at) . substr($value, $at + 1), substr($value, 0, $at) . 'A' . substr($value, $at),
            substr($value, 0, $at), substr $value, $at;
    }
    push @wrong, "$value=", "$value ", " $value", "$value.", "$value$value", lc $value, uc $value, scalar reverse($value),
        $value =~ tr/A-Za-z/B-ZAb-za/r;
    my %seen = ('' => 1, $value => 1);
    my @fooled =
        grep { my $answer = $ask->($_); $answer->status != 400 || $answer->json->{error} ne $error } grep { !$seen{$_}++ } @wrong;
    is_deeply \@fooled, [], "CT-3: none of " . (keys(%seen) - 2) . " forgeries is taken ($kind)";

    # Another person's; one of another kind of request.
    for my $foreign (@theirs) {
        my ($what, undef, $its, $text) = @$foreign;
        problem $ask->($text), 400, $error, "CT-3: another person's, $what, for one $kind";
    }
    for my $strange (grep { $_->[0] ne $kind } @mine) {
        my $text = $strange->[3];
        problem $ask->($text), 400, $error, "CT-3: one $strange->[0] for one $kind"
            unless "$kind $strange->[0]" =~ /^(?:by id of changes|of changes by id)$/;
    }
}

# A cursor of changes is of its request, too.
my ($changes) = grep { $_->[0] eq 'of changes' } @mine;
problem $reader->ask(cursor => $changes->[3], @$_), 400, 'cursor_invalid', "CT-3: a cursor of changes with @$_"
    for [ order => 'name' ], [ q => 'anna' ], [ fields => 'name' ];

# Of another key, and none of a key that is gone.
my $keys    = "$site->{dir}/contacts.keys";
my $restart = sub { $site->{program}{contacts}->stop; $site->start('contacts') };
my $all_are = sub ($status, $name) {
    for (@mine) {
        my ($kind, $with, $what, $value) = @$_;
        is $reader->ask(@$with, limit => 2, $what => $value)->status, $status, "$name ($kind)";
    }
};
my ($old) = $site->tool_ok([ qw(key list), $keys ]) =~ /^([a-z0-9]{1,16})\b/m;
$site->tool_ok([ qw(key add), $keys ]);
my ($new) = grep { $_ ne $old } $site->tool_ok([ qw(key list), $keys ]) =~ /^([a-z0-9]{1,16})\b/gm;
$site->tool_ok([ qw(key activate), $keys, $new ]);
$restart->();
$all_are->(200, 'KE-1: what the former key signed is good');

# A keyring of another host, say, or a new one: nothing of before.
my $kept = "$keys.kept";
rename $keys, $kept or die $!;
$site->tool_ok([ qw(key create), $keys ]);
$restart->();
$all_are->(400, 'KE-1: what an unknown key signed is refused');
rename $kept, $keys or die $!;
$restart->();
$all_are->(200, 'KE-1: and good when the key is back');

# Which database.  [ what, how; status of the mark of before ].
sub follows ($mark) { return $reader->ask(sync => $mark)->status }

sub start_over ($what) {
    my $mark = $reader->pass('?limit=5')->run->{mark};
    return fail("CT-6: a mark after $what") unless defined $mark;
    $site->sql("update $table set name = 'after $what' where owner_id = $reader->{owner} and id = 3");
    my $pass = $reader->pass("?sync=$mark")->run;
    is join(' ', $pass->{status}, map { $_->{id} } @{ $pass->{contacts} }), '200 3',
        "CT-6: who starts over after $what goes on from there";
    return $pass->{mark};
}
my $cluster = $site->{cluster};
my %env     = $cluster->env;
my $bin     = Cluster::bindir();

sub must ($command, %o) {
    my $done = run($command, env => {%env}, %o);
    die "@$command: $done->{err}" if $done->{exit} || $done->{signal};
    return $done->{out};
}
my $mark = start_over('nothing');
is follows($mark), 200, 'CT-6: a mark of this database';
$cluster->stop;
$cluster->start;
is follows($mark), 200, 'CT-6: after a restart of PostgreSQL';
$cluster->crash('all');
is follows($mark), 200, 'CT-6: after a crash of it';
$site->sql('alter system set log_checkpoints = on; select pg_reload_conf(); checkpoint; select pg_switch_wal()');
is follows($mark), 200, 'CT-6: after a checkpoint';

# From here the programs are told of another database by its name.
my $first = $site->{database};

sub move_to ($name) {
    $site->{database} = $name;
    return $restart->();
}
my $dump = "$site->{dir}/dump";
must([ "$bin/pg_dump",    qw(-U postgres -Fc -f),       $dump, $first ]);
must([ "$bin/createdb",   qw(-U postgres -T template0), "$first-restored" ]);
must([ "$bin/pg_restore", qw(-U postgres -d),           "$first-restored", $dump ]);
move_to("$first-restored");
problem $reader->ask(sync => $mark), 410, 'sync_expired', 'CT-6: a mark of before a dump was restored into another database';
start_over('a restored dump');
must([ "$bin/createdb", qw(-U postgres -T), $first, "$first-copied" ]);
move_to("$first-copied");
problem $reader->ask(sync => $mark), 410, 'sync_expired', 'CT-6: of before a database was copied from its template';
start_over('a copied database');
$site->sql(q(create table public.kept as select * from directory.person_contact; truncate directory.person_contact;
    insert into directory.person_contact select * from public.kept));
problem $reader->ask(sync => $mark), 410, 'sync_expired', 'CT-6: of before the contacts were loaded anew';

# Databases that changed places while the worker lives: its next request is the first one to the other.
move_to($first);
$mark = start_over('coming back');
my $exchange = sub ($in, $out) {
    $cluster->sql(
        'postgres', qq(select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname = '$first';
        alter database "$first" rename to "$out"; alter database "$in" rename to "$first")
    );
};
$exchange->("$first-restored", "$first-kept");
problem $reader->ask(sync => $mark), 410, 'sync_expired', 'CT-6: of before databases that changed places';
$exchange->("$first-kept", "$first-restored");
is follows($mark), 200, 'CT-6: of before, when they changed back';

# A backup of its files, and a replica, that became the first.
$cluster->stop;
my $signal = sub ($name) {
    open my $out, '>', "$cluster->{data}/$name.signal" or die $!;
    close $out or die $!;
};
open my $conf, '>>', "$cluster->{data}/postgresql.conf" or die $!;
print $conf "restore_command = 'false'\nrecovery_target_timeline = 'latest'\n";
close $conf or die $!;
$signal->('standby');
$cluster->start;
my $replica = $reader->list;
is $replica->status, 200, 'CT-2: a read replica gives pages';
ok !exists $replica->json->{sync}, 'CT-6: and no mark: it does not know what runs on the primary';
is $reader->ask(sync => $mark)->status =~ /^4(?:00|10)$/ ? 'refused' : 'taken', 'refused', 'CT-6: nor does it take one';
must([ "$bin/psql", qw(-X -q -U postgres -c), 'select pg_promote()', 'postgres' ]);
$restart->();
problem $reader->ask(sync => $mark), 410, 'sync_expired', 'CT-6: of before a replica was promoted';
start_over('a promotion');

# Another cluster, whose transactions have smaller numbers: a dump, with all that it holds.
$mark = $reader->pass('')->run->{mark};
must(
    [ "$bin/psql", qw(-X -q -U postgres -d), $first ], stdin => "begin; truncate $table; rollback;"
        . 'select pg_current_xact_id();' x 3000 . "
    create temporary table kept as select * from $table; truncate $table; insert into $table select * from kept;"
);
$mark = start_over('a truncation');
must([ "$bin/pg_dump", qw(-U postgres -Fc -f), "$dump.2", $first ]);
my $roles  = must([ "$bin/pg_dumpall", qw(-U postgres --roles-only) ]);
my $second = Cluster->new("$site->{dir}/second", private => 1)->start;
%env = $second->env;
must([ "$bin/psql",       qw(-X -q -U postgres postgres) ], stdin => $roles =~ s/^CREATE ROLE postgres;$//mr);
must([ "$bin/createdb",   qw(-U postgres -T template0), $first ]);
must([ "$bin/pg_restore", qw(-U postgres -d), $first, "$dump.2" ]);
$site->{cluster} = $second;
$restart->();
problem $reader->ask(sync => $mark), 410, 'sync_expired', 'CT-6: of before a dump was restored in another cluster';
start_over('a move to another cluster');
$cluster->stop;

$site->finish;
