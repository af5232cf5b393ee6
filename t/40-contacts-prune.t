# SPDX-License-Identifier: ISC
# OP-9, CT-6: "postern maintain" prunes the log of changes: a mark that needs what is gone is told so, and every other goes on and
# loses nothing.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Contacts;
use Site;

my $days = 3;
my $site = Site->new(
    private  => 1,
    settings => { POSTERN_SYNC_DAYS => $days, POSTERN_SESSION_SECONDS => 2_592_000, POSTERN_ACCESS_SECONDS => 86400 }
);
my $user   = $site->user;
my $client = $site->client;
my $table  = 'directory.person_contact';
my $me     = $user->{id};

# A token lives for a day at most: each day has its own.
sub reader { return Contacts->somebody($site, user => $user, client => $client) }

sub maintained { return $site->tool_ok(['maintain'], user => "$site->{roles}-maintain") }

sub logged { return $site->sql('select count(*) from directory.logged_change') }
my $first = reader();
$first->add(map { { id => $_, username => "u$_" } } 1 .. 40);
my %copy;

# What a client does each day: it asks for changes by its mark, and starts over where it hears 410.
sub follow ($reader, $mark) {
    my $pass = $reader->pass("?sync=$mark&limit=3")->run;
    if ($pass->{status} == 410) {
        is $pass->{answer}->json->{error}, 'sync_expired', 'CT-6: 410 says that the mark is too old';
        return;
    }
    $copy{ $_->{id} } = $_->{deleted} ? undef : $_->{username} for @{ $pass->{contacts} };
    return $pass->{mark};
}

sub whole ($reader) {
    my $pass = $reader->pass('?limit=7')->run;
    %copy = map { $_->{id} => $_->{username} } @{ $pass->{contacts} };
    return $pass->{mark};
}

sub same ($name) {
    my %is = map { split /\|/ } split /\n/, $site->sql("select id, username from $table where owner_id = $me");
    return is_deeply {
        map { $_ => $copy{$_} } grep { defined $copy{$_} } keys %copy
    }, \%is, $name;
}

# A week, in which every day something changes, and the job runs; one follows daily, one took a mark each day and did nothing.
my $daily = whole($first);
my @marks = ([ 0, $daily ]);
my $late  = $site->session;
for my $day (1 .. 7) {
    $site->later("$day days");
    my $reader = reader();
    $site->sql(
        "update $table set username = username || '.' where owner_id = $me and id % 7 = $day % 7;
        delete from $table where owner_id = $me and id = $day + 20"
    );
    maintained();
    $daily = follow($reader, $daily) // fail("CT-6: one who asks daily starts never over (day $day)");
    same("CT-6: on day $day the copy is the server's set");
    push @marks, [ $day, $daily ];
}
my $reader = reader();
my $kept   = $site->sql("select count(*) from directory.logged_change where at < now() - interval '$days days'");
is $kept, 0, 'OP-9: what is older than the days that are kept is gone';
cmp_ok logged(), '>', 0, 'OP-9: the rest is there';
for (@marks) {
    my ($day, $mark) = @$_;
    my $answer = $reader->list("?sync=$mark");
    my $age    = 7 - $day;
    $age < $days
        ? is($answer->status, 200, "CT-6: a mark of $age days goes on")
        : problem($answer, 410, 'sync_expired', "CT-6: a mark of $age days is too old, for $days are kept")
        if $age != $days;
}

# Nothing is lost: every mark that is taken tells of all that changed after it.
my @good = grep { $reader->list("?sync=$_->[1]")->status == 200 } @marks;
cmp_ok scalar @good, '>=', $days, 'CT-6: the marks of the days that are kept are good';
for (@good) {
    my ($taken, $mark) = @$_;
    my %told = map { $_->{id} => 1 } @{ $reader->pass("?sync=$mark")->run->{contacts} };
    my %must;
    for my $day ($taken + 1 .. 7) {
        $must{$_} = 1 for $day + 20, grep { $_ % 7 == $day % 7 && !($_ > 20 && $_ < $day + 20) } 1 .. 40;
    }
    is join(' ', sort { $a <=> $b } keys %told), join(' ', sort { $a <=> $b } keys %must),
        "CT-6: the mark of day $taken tells of all that came later, and of nothing else";
}

# A mark of a pass that is under way while the job prunes: its cursor goes on or says that it is too old, never a part as the whole.
$site->sql("update $table set username = username || '!' where owner_id = $me");
my $pass = $reader->pass("?sync=$daily&limit=4");
$pass->page;
$site->later('11 days');
maintained();
is logged(), 0, 'OP-9: after days without a change the log is empty';
$reader = $pass->{client} = reader();
$pass->run;
is $pass->{status}, 410, 'CT-6: a pass of changes whose log was pruned meanwhile starts over';

# A quiet time expires no mark: nothing that it needs was lost.
my $quiet = whole($reader);
same('CT-6: who starts over has everything');
$site->later('30 days');
maintained();
is reader()->list("?sync=$quiet")->status, 200, 'CT-6: a mark is not too old where nothing changed since, however old it is';

# A change whose transaction ran while the job did, and began long ago by the clock.
$late->hold("insert into $table (owner_id, id, username) values ($me, 500, 'late')");
$site->later('40 days');
maintained();
$late->query('commit');
$reader = reader();
ok defined follow($reader, $quiet), 'CT-6: a mark of before it is good';
same('CT-6: one that was open while the log was pruned is told');
maintained();
is $reader->list("?sync=$quiet")->status, 410, 'CT-6: until it is pruned itself, by when it began';
is_deeply [ map { $_->{id} } @{ $reader->list('?sync=' . whole($reader))->json->{contacts} } ], [],
    'CT-6: and starting over ends that';

# In batches, with others who hold a row.
$site->sql("insert into $table (owner_id, id, username) select $me, n, 'many' from generate_series(10000, 13499) n");
my $before = whole($reader);
$site->sql("update $table set username = 'more' where owner_id = $me and id between 10000 and 10001");
$site->later('50 days');
$late->hold("select from directory.logged_change where id = 10001 for update");
maintained();
is logged(), 1, 'OP-9: thousands go, but for the one that somebody holds';
problem reader()->list("?sync=$before"), 410, 'sync_expired', 'CT-6: a mark of before them is too old, though one is left';
$late->release;
maintained();
is logged(), 0, 'OP-9: it goes the next time';
like $site->tool(['maintain'], user => "$site->{roles}-maintain")->{out}, qr/change/, 'OP-9: the job tells of it';

# By the number of days that is set.
$site->sql("update $table set username = 'last' where owner_id = $me and id = 1");
my $here = whole(reader());
$site->sql("update $table set username = 'last' where owner_id = $me and id = 2");
$site->later('55 days');
$site->tool_ok(['maintain'], user => "$site->{roles}-maintain", env => { POSTERN_SYNC_DAYS => 6 });
is reader()->list("?sync=$here")->status, 200, 'OP-9: six days are six days';
$site->tool_ok(['maintain'], user => "$site->{roles}-maintain", env => { POSTERN_SYNC_DAYS => 4 });
is reader()->list("?sync=$here")->status, 410, 'OP-9: and four are four';

$site->finish;
