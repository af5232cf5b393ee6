# SPDX-License-Identifier: ISC
# postern import and export: what comes out goes in again, the same file twice changes nothing, a bad line is told and costs itself
# alone, and a run that is killed can be run again.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Fcntl    qw(F_SETFL O_NONBLOCK O_WRONLY);
use JSON::PP ();
use POSIX    qw(mkfifo);
use Test::More;

use Process qw(run wait_for);
use Run;
use Site;

# What the tool reads and writes are bytes.
sub bytes ($text) { utf8::encode($text); return $text }

sub import_text ($site, $what, $format, $text, @options) {
    return $site->tool([ 'import', $what, '--format', $format, @options, '-' ], stdin => bytes($text));
}

# One run: its exit status, its counts (new, changed, unchanged, bad) and the lines that it complains of.
sub imports ($site, $what, $format, $text, $status, $counts, $says, $name, @options) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $done   = import_text($site, $what, $format, $text, '--json', @options);
    my $json   = eval { JSON::PP::decode_json($done->{out}) } // {};
    my $got    = join ' ', map { $json->{$_} // 'none' } qw(new changed unchanged bad);
    my $errors = $done->{err} =~ s/\n\z//r;
    return is "$done->{exit} $got: $errors", "$status $counts: $says", $name;
}

sub export ($site, @arguments) { return $site->tool_ok([ 'export', @arguments ]) }

sub rows ($site, $table) { return $site->sql("select * from $table order by 1, 2") }

# Each type of ids, each format: what comes out goes in again.
my %id = (
    integer => [ 1,                                      -2147483648 ],
    bigint  => [ 9223372036854775000,                    -9223372036854775808 ],
    uuid    => [ '4fbe8971-0bc3-424c-9c26-36c3e1eff6b1', '00000000-0000-0000-0000-000000000000' ],
    text    => [ 'urn:uuid:x, "1";\\n',                  'ü 2' ]
);
my @texts = (
    [ q(user1),       q(Anna "Änne" Müller, Dr.; 北京😀), q(a@x.example), q(+49 30 1;ext=2) ],
    [ q(nn,\\n;x),    "two\nlines\tand a tab",         q(),            q(tel:5) ],
    [ q(),            q(),                             q(only@mail),   q() ],
    [ q( at the end), q(=1+1),                         q('),           q("") ],
    [ q(null),        'x' x 1000,                      q(\\N),         q(-) ]
);
for my $type (sort keys %id) {
    my $site = Site->new(programs => [], ids => [ $type, $type ]);
    my ($one, $two) = @{ $id{$type} };
    my $quoted = sub ($text) { $text eq '' ? 'null' : q(') . $text =~ s/'/''/gr . q(') };
    $site->sql(
        bytes "insert into directory.person (id, username, name, email, active) values ('$one', 'ann', 'Ann', null, true),
        ('$two', 'bob, \"B\"', null, 'b\@x', false)"
    );
    my @contacts = map { [
        $_ % 2            ? $one : $two,
        $type =~ /int/    ? $_
        : $type eq 'uuid' ? sprintf('%08d-0000-4000-8000-%012d', $_, $_)
        :                   "c $_,\"", @{ $texts[$_] }
    ] } 0 .. $#texts;
    $site->sql(
        bytes 'insert into directory.person_contact (owner_id, id, username, name, email, phone) values ' . join ', ',
        map {
            '(' . join(', ', map { $quoted->($_) } @$_) . ')'
        } @contacts
    );
    my $columns  = '(select owner_id, id, username, name, email, phone from directory.person_contact) as c';
    my $contacts = rows($site, $columns);
    my $people   = rows($site, 'directory.person');
    is $contacts =~ tr/\n//, @texts, "$type: the contacts are there";

    for my $format (qw(csv jsonl)) {
        my ($their_people, $their_contacts) =
            (export($site, 'people', '--format', $format), export($site, 'contacts', '--format', $format));
        my $again = sub ($what, $text) {
            $site->tool([ 'import', $what, '--format', $format, '--json', '-' ], stdin => $text)->{out} =~ s/\s+//gr;
        };
        my $same = sub ($n, $new = 0) {
            sprintf '{"imported":true,"new":%d,"changed":0,"unchanged":%d,"bad":0,"bad_lines":[]}', $new, $n - $new;
        };
        is $again->(people   => $their_people),   $same->(2),             "$type, $format: people who are there stay as they are";
        is $again->(contacts => $their_contacts), $same->(scalar @texts), "$type, $format: contacts likewise";
        is rows($site, 'directory.person'), $people, "$type, $format: and nothing changed";
        $site->sql('delete from directory.person');
        is $again->(people => $their_people),     $same->(2, 2), "$type, $format: people who are gone come back";
        is $again->(contacts => $their_contacts), $same->(scalar @texts, scalar @texts), "$type, $format: contacts likewise";
        is rows($site, 'directory.person'),       $people,                               "$type, $format: the same people";
        is rows($site, $columns),                 $contacts,                             "$type, $format: the same contacts";
    }
    for my $owner ([ ann => $one ], [ 'bob, "B"' => $two ]) {
        my ($name, $id) = @$owner;
        my $cards = export($site, qw(contacts --format vcard --owner), $name);
        $site->sql(bytes "delete from directory.person_contact where owner_id = '$id'");
        my $done = $site->tool([ qw(import contacts --format vcard --owner), bytes($id), '-' ], stdin => $cards);
        is $done->{exit}, 0, "$type: cards are read, for an owner by id" or diag $done->{err};
    }
    is rows($site, $columns), $contacts, "$type, vcard: the same contacts";

    # Ids that the database makes.
    imports(
        $site, 'people', 'jsonl', qq({"username":"dora"}\n{"username":"emil","active":false}\n), 0, '2 0 0 0', '',
        "$type: people without ids"
    );
    imports(
        $site, 'people', 'jsonl', qq({"username":"dora"}\n{"username":"emil","active":true}\n), 0, '0 1 1 0', '',
        "$type: known by their names"
    );
    is $site->sql(q(select count(distinct id) from directory.person where username in ('dora', 'emil') and active)), 2,
        "$type: both are there";
    $site->check;
}

# From here on with integers.
my $site   = Site->new(programs => ['authorize']);
my $people = sub (@rest) { imports($site, 'people', 'csv', @rest) };
my $hash   = crypt 'password of ann', '$6$saltsaltsalt';
Canary::add('password of ann', 'plain secret');

# People.
$people->("id,username,password_hash,name\n100,ann,$hash,Ann\n", 0, '1 0 0 0', '', 'a person with a password hash');
$people->("username,name\nbob,Bob\n",                            0, '1 0 0 0', '', 'the next one without id');
is $site->sql(q(select id from directory.person where username = 'bob')),     101, 'gets one after those that a file gave';
is $site->tool([qw(user add carl)], stdin => "a password of carl\n")->{exit}, 0,   'and so does the next one of "user add"';
my $credential = sub { $site->sql(q(select credential from directory.account where username = 'ann')) };
my $before     = $credential->();
$people->("username,password_hash,name\nann,,Anna\n", 0, '0 1 0 0', '', 'an empty password_hash');
is $credential->(), $before, 'leaves the password as it is';
$people->("username,password_hash\nann,$hash\n", 0, '0 0 1 0', '', 'the same hash is no change');
is $site->signed_in({ name => 'ann', password => 'password of ann' })->last_answer->status, 200,
    'DI-2: who was imported can sign in with that password';
$people->("username,password_hash\nann," . crypt('another', '$6$other') . "\n", 0, '0 1 0 0', '', 'another hash is one');
isnt $credential->(), $before, 'DI-3: and ends what was allowed with the old password';
is $site->sql(q(select name from directory.person where username = 'ann')), 'Anna', 'what a line does not name stays';
$people->("id,username,name\n100,anna,\n", 0, '0 1 0 0', '', 'a new user name, by id');
is $site->sql(q(select username, name is null from directory.person where id = 100)), 'anna|t', 'an empty name is none';
my $state = rows($site, 'directory.person');

for (
    [
        'a password in place of its hash', "username,password_hash\nx,plain secret\n",
        'line 2: password_hash is no hash of a scheme that Postern verifies (a password itself is never taken)'
    ],
    [ 'a user name of another person', "id,username\n100,bob\n", 'line 2: another person has that username' ],
    [ 'an unknown id without name',    "id,name\n999,x\n",       'line 2: nobody has that id, and a new person needs a username' ],
    [
        'a user name twice, the first counts',            "username,name\nbob,Bob\nbob,Rob\n",
        'line 3: its username is that of line 2 already', 1
    ],
    [ 'an id twice',        "id,username\n100,anna\n100,ann\n", 'line 3: its id is that of line 2 already', 1 ],
    [ 'an id out of range', "id,username\n2147483648,x\n",      'line 2: id is not an integer' ],
    [ 'control characters', "username\n\"a\e[2J\"\n",           'line 2: there is a control character in username' ],
    )
{
    my ($case, $text, $says, $same) = @$_;
    $people->($text, 1, '0 0 ' . ($same // 0) . ' 1', $says, $case);
}
is rows($site, 'directory.person'), $state, 'none of it changed anything';

# A file that can't be read at all.
for (
    [
        'an unknown column', "id,password\n",
        qr/: the header names the column "password", and people have only id, username, password_hash/
    ],
    [ 'semicolons', "id;username\n",  qr/but columns are separated by commas/ ],
    [ 'nothing',    '',               qr/the first line must name the columns/ ],
    [ 'UTF-16',     "\x{fffe}i\x{0}", qr/is UTF-16/, 'raw' ],
    [
        'a quote that never closes', "id,username\n7,g\n8,\"h\n9,i\n",
        qr/line 3: the quote that opens here never closes: nothing was imported/
    ],
    )
{
    my ($case, $text, $says, $raw) = @$_;
    my $done = $site->tool([qw(import people --format csv -)], stdin => $raw ? "\xff\xfei\0" : $text);
    is $done->{exit}, 65, "$case: exit 65";
    like $done->{err}, $says, "$case: what it says";
}
is rows($site, 'directory.person'), $state, 'none of it changed anything';

# Wrong calls.
for (
    [ 64, 'no file',                    [qw(import people)] ],
    [ 64, 'no format',                  [qw(import people -)] ],
    [ 64, 'an unknown format',          [qw(import people --format xml -)] ],
    [ 64, 'people as cards',            [qw(import people --format vcard -)] ],
    [ 64, 'people of an owner',         [qw(import people --format csv --owner ann -)] ],
    [ 64, 'cards of nobody',            [qw(import contacts --format vcard -)] ],
    [ 64, 'cards of everybody',         [qw(export contacts --format vcard)] ],
    [ 64, 'an export with an argument', [qw(export contacts file)] ],
    [ 65, 'contacts of an unknown one', [qw(import contacts --format csv --owner nobody -)] ],
    [ 66, 'a file that is not there',   [ qw(import people),              "$site->{dir}/none.csv" ] ],
    [ 66, 'a folder',                   [ qw(import people --format csv), $site->{dir} ] ],
    )
{
    my ($status, $case, $arguments) = @$_;
    is $site->tool($arguments)->{exit}, $status, "$case: exit $status";
}

# Contacts.
my $contacts = sub ($format, @rest) { imports($site, 'contacts', $format, @rest) };
$contacts->(
    'csv', "owner,id,username,name\nbob,1,u1,Ann\nnobody,1,x,\nbob,1,u2,\ncarl,1,u1,\n,2,,\n",
    1,     '2 0 0 3',
    "line 6: neither owner_id nor owner is there\nline 3: there is no such owner\nline 4: its id is that of line 2 already",
    'CSV with owners by name'
);
$contacts->('csv', "id,email\n1,a\@x\n", 0, '0 1 0 0', '', 'an owner for all', '--owner', 'bob');
is $site->sql('select username, name, email from directory.person_contact where owner_id = 101'), "u1|Ann|a\@x",
    'what a line does not name stays';
$contacts->('jsonl', qq({"id":1,"name":null}\n), 0, '0 1 0 0', '', 'null takes a value away', '--owner', 101);
is $site->sql('select username, name is null, email from directory.person_contact where owner_id = 101'), 'u1|t|a@x', 'that one';
$contacts->(
    'vcard', "BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1\nFN:x\nEND:VCARD\n",
    1,       '0 0 0 1', 'line 1: its UID is no integer, and ids of contacts are integers here: use another format, with ids',
    'a card whose UID is no id', '--owner', 'bob'
);
$contacts->(
    'vcard', "BEGIN:VCARD\nVERSION:2.1\nN:x\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nUID:7\nFN:Zoë\nEND:VCARD\n",
    1, '1 0 0 1', 'line 1: a vCard of version 2.1: only 3.0 and 4.0 are read', 'cards', '--owner', 'bob'
);
# Where the value fills a record's memory up to a few bytes, the line that ends the card is read all the same.
my @sizes = grep {
    my $card = "BEGIN:VCARD\nVERSION:4.0\nUID:1\nFN:" . ('x' x $_) . "\nEND:VCARD\n";
    my $next = "BEGIN:VCARD\nVERSION:4.0\nUID:7\nFN:Zoë\nEND:VCARD\n";
    my $done = import_text($site, 'contacts', 'vcard', $card . $next, qw(--json --check --owner bob));
    my $json = JSON::PP::decode_json($done->{out});
    "$json->{unchanged} $json->{bad}" ne '1 1';
} map { 65536 - 2 * $_ } 0 .. 16;
is "@sizes", '', 'a card with a long value costs itself alone, whatever its length';
my $lines = join '', map { "EMAIL;PREF=" . (100 - $_) . ':' . ('a' x 990) . "\n" } 0 .. 90;
$contacts->(
    'vcard', "BEGIN:VCARD\nVERSION:4.0\nUID:1\nFN:x\n${lines}END:VCARD\nBEGIN:VCARD\nVERSION:4.0\nUID:7\nFN:Zoë\nEND:VCARD\n",
    1, '0 0 1 1', 'line 1: what counts of it is longer than 32768 bytes', 'a card with many better and better values', '--owner', 'bob'
);
is $site->sql('select count(*) from directory.contact_change where id = 7'), 1, 'the log of changes has what was imported';
is $site->sql("select count(*) from directory.contact_word where id = 7 and word = 'zoe'"), 1, 'and so have the words';

# Of many bad lines the first are told; all or nothing; a look only.
my $many = "username\n" . ("\"\e\"\n" x 50) . "frieda\n";
my $done = import_text($site, 'people', 'csv', $many);
is $done->{exit},                                                                         1,  'fifty bad lines: exit 1';
is scalar(() = $done->{err} =~ /^line \d+: there is a control character in username$/mg), 20, 'the first twenty are told';
like $done->{err}, qr/^and 30 more bad lines$/m, 'the others are counted';
is $done->{out}, "Imported people: 1 new, 0 changed, 0 unchanged; 50 bad lines left out.\n", 'the good one is in';
$people->(
    "username\ngerd\n\"\"\"\n", 65, 'none none none none',
    "postern import people: line 3: the quote that opens here never closes: nothing was imported", 'an open quote'
);
$people->(
    "username\ngerd\n\"\e\"\n", 65, '1 0 0 1', 'line 3: there is a control character in username', 'all or nothing',
    '--all-or-nothing'
);
$people->("username\ngerd\n", 0, '1 0 0 0', '', 'a look', '--check');
is $site->sql(q(select count(*) from directory.person where username = 'gerd')), 0, 'nothing came of them';
$people->("username\ngerd\nhans\n",         0, '2 0 0 0', '', 'all', '--all-or-nothing');
$people->("id,username\n2147483647,last\n", 0, '1 0 0 0', '', 'the last id that there is');
$people->("id,username\n2147483647,last\n", 0, '0 0 1 0', '', 'and once more');

# AD-1: who it was, and how many; a look and a refusal are no event.
is $site->sql(
    q(select count(*) from oauth.audit where event in ('import_people', 'import_contacts')
        and detail !~ '^by \S+: \d+ new, \d+ changed, \d+ unchanged, \d+ left out$')
    ),
    0, 'AD-1: the audit has operator and counts of each';
is $site->sql(
    q(select count(*) from oauth.audit where event = 'import_people' and detail ~ ': 1 new, 0 changed, 0 unchanged, 50 left out$')),
    1,
    'AD-1: one line a run';
is $site->sql(q(select account_id from oauth.audit where event = 'import_contacts' order by at desc limit 1)), 101,
    'AD-1: and whose contacts they are';
unlike export($site, 'people'), qr/\$[0-9a-z]+\$/, 'no password hash comes out';

# Killed in the middle, which is sure: a batch waits for its owner's row.  PostgreSQL ends the statement that it was at.
sub started ($site, @arguments) {
    return Process->start(
        "postern @arguments",
        [ "$Run::build/postern", @arguments ],
        env => $site->env('admin'), log => $site->log_file('tool')
    );
}
my $file = "$site->{dir}/contacts.csv";
open my $made, '>', $file or die $!;
print $made "owner,id,name\n", map { sprintf "%s,%d,Name %d\n", $_ <= 12_000 ? 'gerd' : 'hans', $_, $_ } 1 .. 22_500;
close $made or die $!;
my $session = $site->session;
for ([ 0, '--all-or-nothing' ], [20_000]) {
    my ($left, @options) = @$_;
    $session->hold(q(select from directory.person where username = 'hans' for update));
    my $import = started($site, qw(import contacts), @options, $file);
    is $session->await_waiters(1, 30), 1, "an import waits in its second batch (@options)";
    $import->signal('KILL');
    $import->finished;
    $session->release;
    wait_for(
        'the end of its session',
        sub { !$site->sql("select count(*) from pg_stat_activity where usename like '$site->{roles}-admin'") }
    );
    is $site->sql(q(select count(*) from directory.person_contact where name like 'Name %')), $left,
        'killed, it leaves whole batches, or nothing';
}
is $site->tool_ok([ qw(import contacts), $file ]), "Imported contacts: 2500 new, 0 changed, 20000 unchanged.\n",
    'run again it does the rest';
is $site->tool_ok([ qw(import contacts), $file ]), "Imported contacts: 0 new, 0 changed, 22500 unchanged.\n", 'and then nothing';
my $words = q(select owner_id, id, word from directory.contact_word
       where owner_id in (select id from directory.person where username in ('gerd', 'hans')));
is $site->sql("select count(*), count(distinct (owner_id, id)) from ($words) as w"), '45000|22500', 'each has its words';

# A contact that somebody else makes while its batch is on the way stays as theirs.
$site->sql(q(delete from directory.person_contact where name like 'Name %'));
$session->hold(
    q(insert into directory.person_contact (owner_id, id, name)
      select id, 12001, 'Theirs' from directory.person where username = 'hans')
);
my $import = started($site, qw(import contacts), $file);
is $session->await_waiters(1, 30), 1, 'an import waits for a contact that somebody makes';
$session->query('commit');
is $import->finished,                              75, 'then it is told to run again';
is $site->tool_ok([ qw(import contacts), $file ]), "Imported contacts: 0 new, 1 changed, 22499 unchanged.\n", 'and does the rest';

# A reader that goes away.
my $export =
    run([ 'sh', '-c', "env --default-signal=PIPE '$Run::build/postern' export contacts | head -n 1" ], env => $site->env('admin'));
is $export->{out}, "owner_id,id,username,name,email,phone\r\n", 'a broken pipe ends an export';
is $export->{err}, '',                                          'quietly';

# Memory: the input is a pipe that stays open, so that the run can be looked at when it has read all.
my $fifo = "$site->{dir}/fifo";
mkfifo($fifo, 0600) or die "$fifo: $!\n";

# It does not wait for ever for a reader that failed.
sub into ($fifo) {
    my $pipe;
    wait_for("somebody who reads $fifo", sub { sysopen $pipe, $fifo, O_WRONLY | O_NONBLOCK });
    fcntl $pipe, F_SETFL, 0 or die "$fifo: $!\n";
    $pipe->autoflush;
    return $pipe;
}

sub peak ($process) {
    open my $in, '<', '/proc/' . $process->pid . '/status' or die $!;
    my ($kb) = join('', readline $in) =~ /^VmHWM:\s+(\d+) kB/m;
    return $kb;
}
for (
    [ 'a quote that never closes', [ qw(import people --format csv),   $fifo ], "username\n\"", "x,\n" x 1000,  65 ],
    [ 'bad lines',                 [ qw(import people --format csv),   $fifo ], "username\n",   "a,b\n" x 1000, 1 ],
    [ 'an endless line of JSON',   [ qw(import people --format jsonl), $fifo ], '{"a":"',       'x' x 4000,     1 ],
    [
        'a photo', [ qw(import contacts --format vcard --owner bob), $fifo ], "BEGIN:VCARD\nVERSION:3.0\nUID:1\nPHOTO;ENCODING=b:",
        "AAAA\n " x 500, 1
    ],
    [
        'good lines', [ qw(import contacts --format csv --owner bob --check), $fifo ], "id,name\n",
        "5,Name of some length\n" x 200, 1
    ],
    )
{
    my ($case, $arguments, $head, $piece, $status) = @$_;
    my $process = started($site, @$arguments);
    my $pipe = into($fifo);
    print $pipe $head, $piece x 100;
    my $peak = peak($process);
    print $pipe $piece for 1 .. 2500;
    my $more = peak($process) - $peak;
    close $pipe or die $!;
    is $process->finished, $status, "$case of megabytes: exit $status";
    cmp_ok $more, '<', 4096, "$case: in memory that does not grow ($more KiB)";
}

# The bar, on a terminal: the pipe stays open until it is there.
my $screen   = "$site->{dir}/screen";
my $terminal = Process->start(
    'script',
    [ qw(script -qec), "stty cols 80; exec '$Run::build/postern' import people --format csv --check '$fifo'", '/dev/null' ],
    env => { %{ $site->env('admin') }, TERM => 'xterm' }, log => $screen
);
my $pipe = into($fifo);
print $pipe "username\n";
wait_for('the bar', sub { print $pipe "x\n" x 1000; join('', Site::lines($screen)) =~ /\r[0-9,]+ lines  [0-9,]+\/s  0:0\d\e\[K/ });
print $pipe "a,b\n";
close $pipe or die $!;
is $terminal->finished, 1, 'on a terminal there is a bar';
like join('', Site::lines($screen)), qr/\r\e\[Kline \d+: 2 fields, where the header has 1\r\n/, 'which gives way to a message';

$site->finish;
