# SPDX-License-Identifier: ISC
# CT-6: sync gives what changed since a mark: in the order of change, each contact once, deletions too; and a mark comes on the last
# page of a pass alone.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Contacts;
use Site;

my $site   = Site->new;
my $reader = Contacts->somebody($site);
my $other  = Contacts->somebody($site, client => $reader->{client});
my ($me, $they) = map { $_->{owner} } $reader, $other;
$reader->add(map { { id => $_, username => "u$_", name => "n$_" } } 1 .. 9);
$other->add(map { { id => $_, username => "theirs $_" } } 5 .. 15);

sub mark_of ($query = '', $who = $reader) { return $who->pass($query)->run->{mark} // die "no mark: $query\n" }

# A change as text: the id, with a minus for one that is gone.
sub told (@contacts) {
    return join ' ', map { $_->{id} . ($_->{deleted} ? '-' : '') } @contacts;
}

# Where a mark comes.
my $pass = $reader->pass('?limit=4');
my @marks;
push @marks, exists $pass->{answer}->json->{sync} ? 1 : 0 while $pass->page;
is "@marks", '0 0 1', 'CT-6: a mark on the last page only';
unlike $pass->{mark}, qr/[^A-Za-z0-9._~-]/, 'CT-6: a mark needs no encoding';
ok defined mark_of($_), "CT-6: after any pass over all ($_)"
    for '', '?limit=9', '?limit=1', '?order=id', '?order=name&limit=2', '?fields=name&limit=5';
ok !exists $reader->ask(q => 'u')->json->{sync},                                'CT-6: not with q: that is no pass over all';
ok defined mark_of('', Contacts->somebody($site, client => $reader->{client})), 'CT-6: a person without contacts gets one, too';
problem $reader->ask(sync => mark_of(), $_    => 'id'),   400, 'invalid_request', "CT-6: sync with $_" for qw(order q);
problem $reader->ask(sync => mark_of(), order => 'name'), 400, 'invalid_request', 'CT-6: sync with order=name';
problem $reader->list('?sync=' . mark_of() . '&sync=' . mark_of()), 400, 'invalid_request', 'GE-2: a repeated mark';

# [ what, SQL, what is told ].  Each begins with a mark of after the one before.
my $table  = 'directory.person_contact';
my $of     = "owner_id = $me and id";
my $insert = "insert into $table (owner_id, id, username) values";
my $app    = qq("$site->{roles}-app");
my @cases  = (
    [ 'nothing',                                 'select 1',                                        '' ],
    [ 'an insert',                               "$insert ($me, 20, 'u20')",                        '20' ],
    [ 'an update',                               "update $table set name = 'other' where $of = 20", '20' ],
    [ 'an update of the telephone alone',        "update $table set phone = '1' where $of = 20",    '20' ],
    [ 'a deletion',                              "delete from $table where $of = 20",               '20-' ],
    [ 'the same id again',                       "$insert ($me, 20, 'again')",                      '20' ],
    [ 'deleted and inserted in one transaction', "begin; delete from $table where $of = 20; $insert ($me, 20, 'x'); commit", '20' ],
    [
        'inserted and deleted in one transaction', "begin; $insert ($me, 21, 'x'); delete from $table where $of = 21; commit", '21-'
    ],
    [ 'inserted and deleted in two', "$insert ($me, 22, 'x'); delete from $table where $of = 22",           '22-' ],
    [ 'many changes of one',         join(';', map {"update $table set name = '$_' where $of = 1"} 1 .. 9), '1' ],
    [
        'several, in the order of change', join(';', map {"update $table set name = 'x' || name where $of = $_"} 3, 1, 20, 2),
        '3 1 20 2'
    ],
    [
        'in one transaction, likewise',
        'begin;' . join(';', map {"update $table set name = 'x' || name where $of = $_"} 3, 1, 20, 2) . '; commit', '3 1 20 2'
    ],
    [
        'the last change of each counts', join(';', map {"update $table set name = 'y' || name where $of = $_"} 3, 1, 3, 2, 1),
        '3 2 1'
    ],
    [
        'a rollback',
        "begin; update $table set name = 'no' where $of = 1; delete from $table where $of = 2; $insert ($me, 30, 'no'); rollback",
        ''
    ],
    [
        'a rollback to a savepoint',
        "begin; update $table set name = 'yes' where $of = 4; savepoint s;
        update $table set name = 'no' where $of in (4, 5); delete from $table where $of = 6; rollback to s;
        update $table set name = 'yes' where $of = 7; commit",
        '4 7'
    ],
    [
        'a change in a released savepoint', "begin; savepoint s; update $table set name = 'yes' where $of = 5; release s; commit",
        '5'
    ],
    [
        'a failed statement',
        "begin; do \$\$ begin update $table set name = 'no' where $of = 5; raise division_by_zero;
        exception when division_by_zero then null; end \$\$; commit",
        ''
    ],
    [ 'a change of the key',     "update $table set id = 40 where $of = 9",                             qr/^(?:9- 40|40 9-)$/ ],
    [ 'given to another person', "update $table set owner_id = $they where $of = 40",                   '40-' ],
    [ 'given back',              "update $table set owner_id = $me where owner_id = $they and id = 40", '40' ],
    [
        'another\'s change',
        "update $table set name = 'x' where owner_id = $they; delete from $table where owner_id = $they and id = 15", ''
    ],
    [ 'another\'s contact with the same id', "update $table set name = 'zz' where owner_id = $they and id = 5", '' ],
    [ 'an update that changes nothing',      "update $table set name = name where $of = 5",                     qr/^5?$/ ],
    [ 'an update of no row',                 "update $table set name = 'x' where $of = 999",                    '' ],
    [ 'a deletion of no row',                "delete from $table where $of = 999",                              '' ],
    [ 'an insert that conflicts',            "$insert ($me, 1, 'x') on conflict do nothing",                    '' ],
    [
        'an insert that updates',
        "$insert ($me, 1, 'x'), ($me, 50, 'x') on conflict (owner_id, id) do update set username = 'upserted'", qr/^(?:1 50|50 1)$/
    ],
    [
        'a merge',
        "merge into $table t using (values (1), (2), (51)) n (id) on t.owner_id = $me and t.id = n.id
        when matched and n.id = 1 then delete when matched then update set name = 'merged'
        when not matched then insert (owner_id, id, name) values ($me, n.id, 'merged')",
        qr/^(?=.*\b1-)(?=.*\b2(?: |$))(?=.*\b51\b)\S+ \S+ \S+$/
    ],
    [ 'a copy',      "copy $table (owner_id, id, username) from stdin;\n$me\t60\tcopied\n$me\t61\tcopied\n\\.\n", '60 61' ],
    [ 'all at once', "update $table set phone = '7' where owner_id = $me", qr/^(?:\d+ ){5,}\d+$/ ],
    [
        'a cursor\'s current row',
        "begin; declare c cursor for select from $table where $of = 3 for update; fetch c;
        update $table set name = 'c' where current of c; commit",
        '3'
    ],
    [ 'a person that is deleted', "delete from directory.person where id = (select max(id) from directory.person)", '' ],
    [ 'a lock of a row',          "select from $table where $of = 3 for update",                                    '' ],
    [ 'vacuum full and analyze',  "vacuum (full, analyze) $table",                                                  '' ],
    [
        'another role\'s change',
        "begin; create role $app; grant usage on schema directory to $app; grant select, update on $table to $app;
        set local role $app;
        update $table set name = 'app' where $of = 4; reset role; drop owned by $app; drop role $app; commit",
        '4'
    ],
    [ 'all deleted',  "delete from $table where owner_id = $me",                qr/^(?:\d+- ){5,}\d+-$/ ],
    [ 'all inserted', "$insert " . join(', ', map {"($me, $_, 'u$_')"} 1 .. 9), '1 2 3 4 5 6 7 8 9' ],
);
my $mark = mark_of();
for (@cases) {
    my ($what, $sql, $expected) = @$_;
    $site->sql($sql);
    my $whole = $reader->pass("?sync=$mark")->run;
    my $told  = told(@{ $whole->{contacts} });
    ref $expected ? like($told, $expected, "CT-6: $what") : is($told, $expected, "CT-6: $what");
    is_deeply $reader->pass("?sync=$mark&limit=1")->run->{contacts}, $whole->{contacts}, "CT-6: page by page the same ($what)";
    is "@{ $whole->{wrong} }", '', "CT-2: with the right links ($what)";
    $mark = $whole->{mark} // fail("CT-6: a mark at the end ($what)");
    is told(@{ $reader->pass("?sync=$mark")->run->{contacts} }), '', "CT-6: told once ($what)";
}

# What a change says.
$mark = mark_of();
$site->sql("update $table set name = 'N', email = 'e\@example.com', phone = '1' where $of = 1; delete from $table where $of = 2");
is_deeply $reader->ask(sync => $mark)->json->{contacts}, [ { id => 1, username => 'u1' }, { id => 2, deleted => JSON::PP::true } ],
    'CT-6: id and user name, or that it is gone';
is_deeply $reader->ask(sync => $mark, fields => 'name,email,phone')->json->{contacts},
    [ { id => 1, name => 'N', email => 'e@example.com', phone => '1' }, { id => 2, deleted => JSON::PP::true } ],
    'CT-6, CT-7: with fields';
is $reader->ask(sync => $mark)->body =~ s/,"sync":.*//r, '{"contacts":[{"id":1,"username":"u1"},{"id":2,"deleted":true}]',
    'CT-6: byte for byte';

# A mark is good as often as one likes, with any fields and limit; nothing of it is kept.
my $first = $reader->list("?sync=$mark")->json->{contacts};
is_deeply $reader->list("?sync=$mark&limit=$_")->json->{contacts}[0], $first->[0], "CT-6: a mark can be used again (limit $_)"
    for 1, 2, 1000;
my $head = $reader->request('HEAD', "/contacts?sync=$mark&limit=1");
like $head->header('Link'), qr/rel="next"/, 'CT-2: HEAD has the Link of a page of changes';
my $link = Response->query($reader->ask(sync => $mark, limit => 1)->json->{next});
is join(' ', sort keys %$link), 'cursor limit', 'CT-6: a link of changes has the cursor alone, not the mark';
is told(@{ $reader->ask(cursor => $link->{cursor})->json->{contacts} }), '2-', 'CT-6: which goes on';
is $reader->ask(cursor => $link->{cursor}, sync => $mark)->status,       400,  'CT-3: both at once are refused';

# What changes between two pages of changes.
for (
    [ 'nothing',                           'select 1',                                           '1 2 3 4 5', '' ],
    [ 'one that was told changes again',   "update $table set name = 'z' || name where $of = 1", '1 2 3 4 5', '1' ],
    [ 'one that is to come changes again', "update $table set name = 'z' || name where $of = 4", '1 2 3 5',   '4' ],
    [ 'one that is to come goes',          "delete from $table where $of = 5",                   '1 2 3 4',   '5-' ],
    [ 'another one changes',               "update $table set name = 'z' || name where $of = 8", '1 2 3 4 5', '8' ],
    [ 'a new one comes',                   "$insert ($me, 77, 'new')",                           '1 2 3 4 5', '77' ],
    [ 'all change', "update $table set name = 'z' || name where owner_id = $me", '1 2', '1 2 3 4 5 6 7 8 9' ],
    [ 'all go',     "delete from $table where owner_id = $me",                   '1 2', '1- 2- 3- 4- 5- 6- 7- 8- 9-' ],
    )
{
    my ($what, $sql, $now, $then) = @$_;
    $site->sql("delete from $table where owner_id = $me; $insert " . join ', ', map {"($me, $_, 'u$_')"} 1 .. 9);
    my $start = mark_of();
    $site->sql(join ';', map {"update $table set name = 'y' where $of = $_"} 1 .. 5);
    my $pass = $reader->pass("?sync=$start&limit=2");
    $pass->page;
    $site->sql($sql);
    is told(@{ $pass->run->{contacts} }), $now, "CT-6: between two pages of changes $what: this pass";
    is told(@{ $reader->pass("?sync=$pass->{mark}")->run->{contacts} }), $then, "CT-6: and the next ($what)";
}

# What changes during a pass over all comes with its mark, for the mark is of the first page.
for my $order (qw(id name)) {
    $site->sql("delete from $table where owner_id = $me; $insert " . join ', ', map {"($me, $_, 'u$_')"} 1 .. 9);
    my $pass = $reader->pass("?limit=3&order=$order");
    $pass->page;
    $site->sql(
        "update $table set username = 'a' || username where $of in (1, 9);
        delete from $table where $of in (2, 8); $insert ($me, 0, 'zero')"
    );
    $pass->run;
    is told(sort { $a->{id} <=> $b->{id} } @{ $reader->pass("?sync=$pass->{mark}")->run->{contacts} }), '0 1 2- 8- 9',
        "CT-6: what changed during a pass by $order comes with its mark";
}

# An emptied table: whoever has a mark starts over, for no log holds that.
$mark = mark_of();
my $middle = $reader->pass('?limit=2');
$middle->page;
$site->sql("truncate $table");
problem $reader->ask(sync => $mark), 410, 'sync_expired', 'CT-6: a mark of before a TRUNCATE';
is told(@{ $reader->list->json->{contacts} }), '', 'CT-6: the pass over all that it asks for';
$reader->add({ id => 1, username => 'after' });
is told(@{ $middle->run->{contacts} }), '0 1', 'CT-2: a pass that was under way ends';
is $middle->{status},                   200,   'CT-2: as any other';
$mark = mark_of();
$site->sql("begin; truncate $table; rollback");
is $reader->ask(sync => $mark)->status, 200, 'CT-6: one that was rolled back expires nothing';

# A transaction that stays open keeps a mark old, and what others changed since then is passed over, so much on a page and not all at once.
{
    my $busy = Contacts->somebody($site);
    my $open = $site->session;
    $open->hold('select pg_current_xact_id()');
    $site->sql("insert into directory.person_contact (owner_id, id) select $busy->{owner}, n from generate_series(1, 20500) n");
    $site->sql("delete from directory.person_contact where owner_id = $busy->{owner} and id > 1");
    my $mark = $busy->list('?limit=1000')->json->{sync};
    $site->sql("update directory.person_contact set name = 'Late' where owner_id = $busy->{owner}");
    my $pass  = $busy->pass("?sync=$mark&fields=name");
    my $empty = @{ $pass->page } == 0;
    $pass->run;
    is "$empty $pass->{status}", '1 200', 'CT-6: a page on which nothing is new is empty, and a next one comes';
    is_deeply $pass->{contacts}, [ { id => 1, name => 'Late' } ], 'CT-6: what is new comes then';
    is_deeply $busy->pass("?sync=$pass->{mark}")->run->{contacts}, [], 'CT-6: and is not told again';
    $open->release;
}

# Where the directory has no log there is no sync: the same, and it says so.
my $restart = sub { $site->{program}{contacts}->stop; $site->start('contacts') };
$site->sql('drop view directory.contact_change');
$restart->();
ok !exists $reader->list->json->{sync}, 'CT-6: without a change log no mark';
problem $reader->ask(sync => $mark), 400, 'not_offered', 'CT-6: and sync is not offered';
is told(@{ $reader->list->json->{contacts} }), '1', 'CT-2: the rest is as it was';
$site->sql('drop view directory.contact_word');
$restart->();
problem $reader->ask(q     => 'a'),    400, 'not_offered', 'CT-5: without words no q';
problem $reader->ask(order => 'name'), 400, 'not_offered', 'CT-5: nor an order of names';
is told(@{ $reader->ask(order => 'id')->json->{contacts} }), '1', 'CT-5: that of ids stays';

$site->finish;
