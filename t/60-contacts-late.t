# SPDX-License-Identifier: ISC
# CT-6: a transaction that commits late is told once, after its commit, whatever was given out meanwhile.  The transaction is held
# by the test, so each order of events is certain.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Contacts;
use Site;

my $site   = Site->new;
my $reader = Contacts->somebody($site);
my $me     = $reader->{owner};
my $table  = 'directory.person_contact';
my ($slow, $fast, $third) = map { $site->session } 1 .. 3;

sub told (@contacts) {
    return join ' ', map { $_->{id} . ($_->{deleted} ? '-' : '') } @contacts;
}

# A pass of changes by single rows, and the mark after it.
sub changes ($mark) {
    my $pass = $reader->pass("?sync=$mark&limit=1")->run;
    die "status $pass->{status}\n" if $pass->{status} != 200;
    return (told(@{ $pass->{contacts} }), $pass->{mark});
}

sub fresh {
    $site->sql("delete from $table where owner_id = $me");
    $reader->add(map { { id => $_, username => "u$_" } } 1 .. 6);
    return $reader->pass('')->run->{mark};
}
sub change ($id) { return "update $table set name = coalesce(name, '') || 'x' where owner_id = $me and id = $id" }

# The one who began first commits last.
my $mark = fresh();
$slow->hold(change(1));
$fast->query(change(2));
(my $got, $mark) = changes($mark);
is $got, '2', 'CT-6: what is not committed is not told';
(my $again, my $same) = changes($mark);
is $again, '', 'CT-6: nor is the other one told twice';
$fast->query(change(3));
$slow->query('commit');
($got, $mark) = changes($mark);
is $got, '1 3', 'CT-6: the late one comes after its commit, with what came meanwhile';
($got, $mark) = changes($mark);
is $got, '', 'CT-6: and once';
is((changes($same))[0], '1 3', 'CT-6: a mark of between is good as well');

# Many marks are given out while it is open: each of them leads to it.
$mark = fresh();
$slow->hold(change(1));
my @marks = ($mark);
for my $id (2 .. 5) {
    $fast->query(change($id));
    push @marks, (changes($marks[-1]))[1];
}
push @marks, $reader->pass($_)->run->{mark} for '?limit=2', '?order=name&limit=2';
$slow->query('commit');
is join(', ', map { (changes($_))[0] } @marks), '1 2 3 4 5, 1 3 4 5, 1 4 5, 1 5, 1, 1, 1',
    'CT-6: every mark from while it was open leads to it';

# It began before the mark, it wrote after it; it wrote before, and commits in the middle of a pass.
$mark = fresh();
$slow->query('begin; select pg_current_xact_id()');
$fast->query(change(2));
($got, $mark) = changes($mark);
$slow->query(change(1));
($got, $mark) = changes($mark);
is $got, '', 'CT-6: one that began before a mark and wrote after it';
$slow->query('commit');
($got, $mark) = changes($mark);
is $got, '1', 'CT-6: is told after its commit';

$fast->query(change($_)) for 2 .. 4;
$slow->hold(change(1));
my $pass = $reader->pass("?sync=$mark&limit=1");
$pass->page;
$slow->query('commit');
is told(@{ $pass->run->{contacts} }), '2 3 4', 'CT-6: one that commits in the middle of a pass is not of this pass';
($got, $mark) = changes($pass->{mark});
is $got, '1', 'CT-6: but of the next';

# During a pass over all: as it was when its page was read, and again with the mark.
$slow->hold(
    change(5) . "; insert into $table (owner_id, id, username) values ($me, 0, 'late');
        delete from $table where owner_id = $me and id = 6"
);
$pass = $reader->pass('?limit=2');
$pass->page;
$slow->query('commit');
is told(@{ $pass->run->{contacts} }), '1 2 3 4 5', 'CT-2: a pass over all sees what is there when it comes by';
($got, $mark) = changes($pass->{mark});
is join(' ', sort split / /, $got), '0 5 6-', 'CT-6: and its mark leads to all that was committed meanwhile';

# A deletion, a rollback, and a savepoint, late.
$mark = fresh();
$slow->hold("delete from $table where owner_id = $me and id = 1");
$fast->query(change(2));
($got, $mark) = changes($mark);
$slow->query('commit');
is((changes($mark))[0], '1-', 'CT-6: a late deletion');
$mark = fresh();
$slow->hold(change(1));
$fast->query(change(2));
($got, $mark) = changes($mark);
$slow->query('rollback');
is((changes($mark))[0], '', 'CT-6: a late rollback is nothing');
$slow->hold("savepoint s; " . change(1) . '; rollback to s; ' . change(2) . '; savepoint t; ' . change(3) . '; release t');
$fast->query(change(4));
($got, $mark) = changes($mark);
is $got, '4', 'CT-6: of one that is open, nothing';
$slow->query('commit');
is((changes($mark))[0], '2 3', 'CT-6: of its savepoints what was kept');

# Three that overlap, and end in another order.
$mark = fresh();
$slow->hold(change(1));
$fast->hold(change(2));
$third->hold(change(3));
my @seen;
for ([ $fast, 2 ], [ $third, 3 ], [ $slow, 1 ]) {
    $_->[0]->query('commit');
    ($got, $mark) = changes($mark);
    push @seen, $got;
}
is join(', ', @seen), '2, 3, 1', 'CT-6: each with its commit, whatever its number';

# Who began first wrote last: page by page neither is lost.
$mark = fresh();
$slow->query('begin; select pg_current_xact_id()');
$fast->query(change($_)) for 2, 3;
$slow->query(change(1) . '; ' . change(4) . '; commit');
is join(' ', sort split / /, (changes($mark))[0]), '1 2 3 4', 'CT-6: one that began before another and wrote after it';

# One that waits for the row of another: the later commit is the last word.
$mark = fresh();
$slow->hold(change(1));
my $waits = $fast->begin(change(1));
$third->await_waiters(1);
($got, $mark) = changes($mark);
$slow->query('commit');
$waits->lines;
($got, $mark) = changes($mark);
is $got,                                                             '1', 'CT-6: one after the other to the same contact: once';
is length $reader->ask(fields => 'name')->json->{contacts}[0]{name}, 2,   'CT-6: as both left it';

# A prepared transaction is an open one; one of another database, and a reader, hold nothing up.
$slow->hold("select count(*) from $table");
$site->session->hold('create temporary table open_here (x integer)');
$mark = fresh();
$fast->query(change(2));
($got, $mark) = changes($mark);
is $got, '2', 'CT-6: nobody else\'s open transaction delays what is committed';

# So many writers at once that the mark would be long: nothing is lost, and a mark stays usable.
$slow->query('rollback');
$mark = fresh();
my @writers = map { $site->session } 1 .. 60;
for (0 .. $#writers) {
    $writers[$_]->hold(
        "insert into $table (owner_id, id, username) values ($me, 100 + $_, 'many');
        insert into $table (owner_id, id, username) values ($me, 1000 + $_, 'many')"
    );
    $fast->query('select pg_current_xact_id()') for 1 .. 2;
}
my $from = $mark;
$pass = $reader->pass('?limit=3')->run;
$mark = $pass->{mark};
cmp_ok length $mark, '<', 1000, 'CT-6: a mark has a length for a URL, however many write';
$_->query('commit') for reverse @writers;
is join(' ', sort { $a <=> $b } split / /, (changes($mark))[0]), join(' ', 100 .. 159, 1000 .. 1059),
    'CT-6: sixty writers, and each change comes';
is join(' ', sort { $a <=> $b } split / /, (changes($from))[0]), join(' ', 100 .. 159, 1000 .. 1059),
    'CT-6: with a mark from before them';

$site->finish;
