# SPDX-License-Identifier: ISC
# CT-5: q finds contacts by the beginning of a word of the name, by the user name and the e-mail, in any script, without case and
# accents; and what is no text is refused.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Unicode::Normalize qw(NFC NFD NFKD);
use Test::More;

use Check;
use Contacts;
use Site;

my $site   = Site->new;
my $reader = Contacts->somebody($site);
my $other  = Contacts->somebody($site, client => $reader->{client});

# [ name, what finds it, what does not ].
my @cases = (
    [
        'Anna Bell', [ 'a', 'A', 'ann', 'ANNA', 'anna b', 'anna bell', 'bell', 'BEL', 'b', 'ánnà' ],
        [ 'nna', 'ell', 'anna  bell x', 'anna c', 'bella' ]
    ],
    [ 'Annabel', [ 'anna', 'annabel' ], [ 'anna b', 'bel' ] ],
    [
        'Jan van der Meer', [ 'jan', 'van', 'van der', 'der', 'der meer', 'van der meer', 'meer', 'jan van der meer' ],
        [ 'vander', 'jan der', 'van meer' ]
    ],
    [ 'José Núñez', [ 'jose', 'JOSÉ', "jose\x{301}", 'nunez', 'NÚÑEZ', 'nuñ', 'nun', 'jose nunez' ],  [ 'ose', 'juan', 'unez' ] ],
    [ "Zoe\x{308} Kravitz", [ 'zoe', 'zoë', 'ZOË', 'kravitz' ],                                       ['zoo'] ],
    [ 'Straße 7', [ 'strasse', 'STRASSE', 'straß', 'STRAẞE', 'stras', 'strasse 7', 'straße 7', '7' ], [ 'strase', 'strasse 8' ] ],
    [ 'Weiss',    [ 'weiß', 'weiss', 'WEISS' ],                                                       ['weist'] ],
    [ 'İbrahim Çelik',       [ 'ibrahim', 'IBRAHIM', 'İbrahim', "i\x{307}brahim", 'celik', 'çelik' ], ['brahim'] ],
    [ 'Łukasz Żak',          [ 'lukasz', 'LUKASZ', 'łukasz', 'Ł', 'zak', 'żak' ],                     ['kasz'] ],
    [ 'Øystein Ås',          [ 'oystein', 'øystein', 'ås', 'as' ],                                    ['stein'] ],
    [ 'Αλέξης Παπαδόπουλος', [ 'αλεξης', 'ΑΛΕΞΗΣ', 'αλεξησ', 'παπα', 'ΠΑΠΑΔΟΠΟΥΛΟΣ' ],                [ 'λέξης', 'alexis' ] ],
    [ 'Пётр Иванов',         [ 'петр', 'ПЁТР', 'пётр', 'иванов', 'ИВАН' ],                            [ 'етр', 'petr' ] ],
    [ 'محمد علي',            [ 'محمد', 'مُحَمَّد', 'علي', 'محمد علي' ],                               ['حمد'] ],
    [ 'שָׁלוֹם כהן',         [ 'שלום', 'שָׁלוֹם', 'כהן' ],                                            ['לום'] ],
    [ 'अनुराग शर्मा',        [ 'अनुराग', 'शर्मा', 'अ' ],                                              ['नुराग'] ],
    [ '山田 太郎',               [ '山', '山田', '太郎', '山田 太郎' ],                                            [ '田', '郎' ] ],
    [ '王小明',                 [ '王', '王小', '王小明' ],                                                    [ '小明', '黄' ] ],
    [ 'さくら',                 [ 'さ', 'さくら', 'サクラ', 'ｻｸﾗ' ],                                            ['くら'] ],
    [ '김철수',                 [ '김', '김철수', NFD('김철수') ],                                              ['철수'] ],
    [ 'สมชาย',               [ 'สมชาย', 'สม' ],                                                       ['ชาย'] ],
    [ '😀 Smile',             [ '😀', '😀 smile', 'smile' ],                                             [ '😁', 'mile' ] ],
    [ '👩‍👩‍👧 Family',        [ '👩‍👩‍👧', 'family' ],                                                   ['👧'] ],
    [ '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 Fraktur',     [ '𝔘𝔫𝔦', 'fraktur' ],                                                    ['raktur'] ],
    [ "O'Brien",             [ "o'", "o'b", "O'BRIEN" ],                                              [ 'obrien', "'brien x" ] ],
    [ 'Jean-Luc Picard',           [ 'jean', 'jean-', 'jean-luc', 'jean-luc p', 'picard' ],  [ 'jeanluc', 'jean luc', 'icard' ] ],
    [ 'Dr. Strange, MD',           [ 'dr', 'dr.', 'strange', 'strange,', 'md' ],             [ 'trange', 'r.' ] ],
    [ '100% Organic_Food',         [ '100', '100%', 'organic', 'organic_', 'organic_food' ], [ '%', '_', '1_0', '100_' ] ],
    [ 'back\\slash',               [ 'back', 'back\\', 'back\\slash' ],                      [ '\\', 'back\\\\' ] ],
    [ '"quoted" <b>&amp;',         [ '"', '"quoted', '<b>', '<b>&amp;' ],                    ['uoted'] ],
    [ q('; drop table x;--),       [ q('), q('; drop), 'drop', 'table x;--' ],               ['rop'] ],
    [ '+49 a=b&c=d#e',             [ '+49', 'a=b', 'a=b&c=d#e' ],                            [ '49 b', '=b' ] ],
    [ "tab\tand\nnew line",        [ 'tab', 'and', 'new', 'line' ],                          ['ine'] ],
    [ "nb\x{a0}space\x{3000}wide", [ 'nb', 'space', 'wide' ],                                ['pace'] ],
    [ '  leading  and   many  ',   [ 'leading', 'and', 'many' ],                             ['eading'] ],
);
my @contacts = map { { id => $_ + 1, username => "u-$_", name => $cases[$_][0] } } 0 .. $#cases;
$reader->add(@contacts);
$other->add(@contacts, map { { id => 1000 + $_, name => $cases[$_][0], username => 'theirs' } } 0 .. $#cases);

sub found ($q, @more) {
    my $answer = $reader->ask(q => $q, limit => 1000, @more);
    return $answer->status == 200 ? map { $_->{id} } @{ $answer->json->{contacts} } : 'status ' . $answer->status;
}
for my $n (0 .. $#cases) {
    my ($name, $by, $not) = @{ $cases[$n] };
    my $id = $n + 1;
    for my $q (@$by) {
        my @got = found($q);
        ok scalar(grep { $_ eq $id } @got), "CT-5: '$q' finds '$name'" or diag "found: @got";
        is_deeply [ found($_) ], \@got, "CT-5: in another form of the same text ('$q')" for grep { $_ ne $q } NFC($q), NFD($q);
    }
    my @wrong = grep {
        my $q = $_;
        grep { $_ eq $id } found($q)
    } @$not;
    is "@wrong", '', "CT-5: '$name' is not found by what begins no word of it";
}

# User name and e-mail; each contact once, whatever of it was found.
$site->sql("delete from directory.person_contact where owner_id = $reader->{owner}");
$reader->add(
    { id => 1, username => 'Bob.Builder', name => 'Robert',           email => 'office@example.com' },
    { id => 2, username => 'x',           name => 'Bob Bobson Bobby', email => 'BOB@example.com' },
    { id => 3, username => 'bob',         name => 'bob',              email => 'bob' },
    { id => 4, username => 'Bób',         name => 'BOB bob',          email => 'böb' },
    { id => 5, email    => 'bob+tag@example.com' },
    { id => 6, username => 'alice', name => 'Alice', email => 'alice@bob.example' },
    { id => 7, phone    => 'bob' },
    { id => 8, username => 'bo', name => 'Bo B' },
);
is join(' ', sort { $a <=> $b } found('bob')), '1 2 3 4 5', 'CT-5: by name, user name and e-mail, each contact once';
is_deeply [ found('bob+tag@example.com') ], [5],        'CT-5: a whole e-mail';
is_deeply [ found('BOB.B') ],               [1],        'CT-5: a user name';
is_deeply [ found('') ],                    [ 1 .. 8 ], 'GE-2: an empty q is none';
is_deeply $reader->ask(q => 'office', fields => 'name,email')->json,
    { contacts => [ { id => 1, name => 'Robert', email => 'office@example.com' } ] },
    'CT-5, CT-7: with fields, and no mark';

for my $limit (1, 2, 3, 1000) {
    my $pass = $reader->pass("?q=bo&limit=$limit")->run;
    is join(' ', sort { $a <=> $b } map { $_->{id} } @{ $pass->{contacts} }), '1 2 3 4 5 8',
        "CT-5: each once on all pages (by $limit)";
    is "@{ $pass->{wrong} }", '', "CT-2: with the right links (by $limit)";
    ok !defined $pass->{mark}, "CT-6: no mark (by $limit)";
}

# Changes are seen.
$site->sql("update directory.person_contact set name = 'Eve' where id = 1 and owner_id = $reader->{owner}");
is join(' ', found('robert'), '-', found('eve')), '- 1', 'CT-5: a new name finds, the old one does not';
$site->sql("delete from directory.person_contact where id = 1 and owner_id = $reader->{owner}");
is join(' ', found('eve')), '', 'CT-5: nor what is gone';

# A cursor is of its q.
my $link = Response->query($reader->ask(q => 'BO', limit => 1)->json->{next});
is $link->{q}, 'BO', 'CT-2: a link has its q';
my %next = (limit => 1, cursor => $link->{cursor});
is $reader->ask(%next, q => 'BO')->status, 200, 'CT-3: with it a cursor goes on';
problem $reader->ask(%next, q => $_), 400, 'cursor_invalid', 'CT-3: a cursor with another q: ' . ($_ // 'none')
    for undef, 'b', 'bob', 'alice';
problem $reader->ask(%next, q => 'BO', fields => 'name'), 400, 'cursor_invalid', 'CT-3: with other fields';
problem $reader->ask(q => 'x', order => $_),  400, 'invalid_request', "CT-5: q with order=$_" for qw(id name);
problem $reader->ask(q => 'x', sync  => 'x'), 400, 'invalid_request', 'CT-5: q with sync';

# Lengths: characters, not bytes.
my $long = '😀' x 100;
$reader->add({ id => 50, name => "${long}x" }, { id => 51, name => 'y' x 200 });
is_deeply [ found($long) ],     [50], 'CT-5: a hundred characters of four bytes';
is_deeply [ found('y' x 100) ], [51], 'CT-5: a hundred letters';
problem $reader->ask(q => $_), 400, 'invalid_request', 'CT-5: of ' . length($_) . ' it is refused'
    for 'y' x 101, "${long}x", 'y' x 5000, '😀' x 400;
problem $reader->ask(q => $_), 414, 'invalid_request', 'CT-5: ten kilobytes are refused' for 'y' x 10_240, '😀' x 2_560;

# What is no text (RFC 3629).
for (
    [ 'NUL',                           '%00' ],
    [ 'NUL within',                    'bo%00b' ],
    [ 'a single byte',                 '%ff' ],
    [ 'a continuation alone',          '%80' ],
    [ 'a cut character',               'bo%e2%82' ],
    [ 'an overlong NUL',               '%c0%80' ],
    [ 'an overlong slash',             '%e0%80%af' ],
    [ 'a high surrogate',              '%ed%a0%80' ],
    [ 'a low surrogate',               '%ed%bf%bf' ],
    [ 'a pair of surrogates (CESU-8)', '%ed%a0%bd%ed%b8%80' ],
    [ 'beyond U+10FFFF',               '%f4%90%80%80' ],
    [ 'five bytes',                    '%f8%88%80%80%80' ],
    [ 'Latin-1',                       'Jos%e9' ],
    [ 'UTF-16',                        '%ff%feb%00' ],
    [ 'half an escape',                '%' ],
    [ 'no escape',                     '%zz' ],
    )
{
    my ($case, $q) = @$_;
    problem $reader->list("?q=$q"), 400, 'invalid_request', "CT-5: q with $case";
}
problem $reader->list('?q=a&q=a'), 400, 'invalid_request', 'GE-2: a repeated q';

# What is text, though odd: it finds nothing, or its own, and never fails.
for (
    "\x{ffff}", "\x{fffe}", "bo\x{ffff}", "bo\x{10ffff}", "\x{10ffff}", "\x{fdd0}", "\x{e000}", "\x{feff}", "\x{200b}", "\x{200d}",
    "\x{ad}",
    "\x{202e}", "\x{301}", "\x{301}bo", "bo\x{301}", "\x{1f3fb}", ' ', '  ', "\t", "\n", '%', '_', '\\', "'", '"', '%%', '$1',
    '[a-z]',    '^b',      '.*',        '*',
    "\x{fffd}", "\x{1}",   "\x{7f}",    "\x{85}", 'ﬁ', "\x{b7}", "\x{132}"
    )
{
    utf8::upgrade(my $q = $_);
    my $answer = $reader->ask(q => $q, limit => 1000);
    my @alien =
        $answer->status == 200
        ? grep { $_->{id} < 2 || $_->{id} > 51 } @{ $answer->json->{contacts} }
        : 'status ' . $answer->status;
    is "@alien", '', sprintf 'CT-5: q of %vX', $_;
}
is join(' ', found("bo\x{ffff}"), found("bo\x{10ffff}")),   '', 'CT-5: what comes after all is the beginning of nothing';
is $reader->list('?q=Bob+Bobson')->json->{contacts}[0]{id}, 2,  'CT-5: a plus is a space';

# Who is found by the name and again by the e-mail stands where the name does: the e-mails, all behind the names here, are passed over,
# so many on a page and not all at once.
$site->sql(
    "insert into directory.person_contact (owner_id, id, username, name, email)
     select $reader->{owner}, n, 'x' || n, 'Passed ' || n, 'passedby' || n || '\@example.org' from generate_series(1001, 3100) n"
);
for my $limit (10, 1000) {
    my $pass = $reader->pass("?q=passed&limit=$limit");
    my $empty = 0;
    while (defined $pass->{query}) {
        my $contacts = $pass->page or last;
        $empty++ if !@$contacts;
    }
    is $pass->{status}, 200, "CT-4: no page of a search fails (by $limit)";
    is join(' ', sort { $a <=> $b } map { $_->{id} } @{ $pass->{contacts} }), "@{[ 1001 .. 3100 ]}", "CT-5: all of them once (by $limit)";
    is $empty > 0, $limit == 10, "CT-4: where none is found among so many words, the page is empty and a next one comes (by $limit)";
}

# A whole book as a name does not hold up who writes it.
is $site->sql(
    "set statement_timeout = '5s';
     insert into directory.person_contact (owner_id, id, name)
     select $reader->{owner}, 9999, 'Chapter ' || string_agg('v' || n, ' ') from generate_series(1, 100000) n"
    ),
    '', 'CT-5: a name of a hundred thousand words is written';
is_deeply [ map { [ found($_) ] } 'chapter v1', 'v100', 'v99999' ], [ [9999], [9999], [] ],
    'CT-5: and found by what stands at its beginning';

$site->finish;
