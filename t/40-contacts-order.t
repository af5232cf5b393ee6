# SPDX-License-Identifier: ISC
# CT-5: order=name: people's names in an order that knows no case and no accents, of every script, page by page.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Contacts;
use Site;

my $site   = Site->new;
my $reader = Contacts->somebody($site);
my $other  = Contacts->somebody($site, client => $reader->{client});
my $me     = $reader->{owner};

# Names in the order in which they must come; those in one line are equal, and come by id.
my @sorted = (
    ["😀 smile"],
    [qw(1 １)],
    [ 'André', 'andre', "Andre\x{301}", 'ANDRÉ' ],
    ['Andre Gide'],
    ['Andreas'],
    [ 'Ängström', 'Angstrom', "A\x{30a}ngström", 'ångström' ],
    ['bell'],
    ['de la Cruz'],
    ['Dela'],
    [ 'İstanbul', 'istanbul' ],
    [ 'Łukasz',   'lukasz', 'LUKASZ' ],
    [ 'Ñandú',    'nandu' ],
    [ "O'Brien",  "o'brien" ],
    ['Obrien'],
    [ 'Ørsted', 'orsted' ],
    [ 'Straße', 'STRASSE', 'strasse' ],
    [ 'Zoë',    'ZOE' ],
    [ 'Αλέξης', 'ΑΛΕΞΗΣ', 'αλεξησ' ],
    [ 'Σοφία',  'σοφια' ],
    [ 'иван',   'ИВАН' ],
    [ 'Пётр',   'петр' ],
    [ 'שלום',   'שָׁלוֹם' ],
    [ 'محمد',   'مُحَمَّد' ],
    ['अनुराग'],
    ['ก'],
    ['김철수'],
    [ 'さくら', 'サクラ' ],
    ['一郎'],
);
splice @{ $sorted[0] }, 1;
my (@contacts, @ids, %name);

# Ids that go the other way than the names, but in a line of equals upwards.
my $id = 1000;
for my $line (@sorted) {
    $id -= 10;
    for my $n (0 .. $#$line) {
        push @ids, $id + $n;
        push @contacts, { id => $id + $n, username => sprintf('zz%03d', $id + $n), name => $line->[$n] };
        $name{ $id + $n } = $line->[$n];
    }
}
$reader->add(reverse @contacts);
$other->add(map { { id => $_, name => 'Andre' } } 1 .. 2000);
for my $limit (1, 2, 3, 7, 1000) {
    my @got = $reader->all_ids("?order=name&limit=$limit");
    my ($n) = grep { ($got[$_] // 0) != ($ids[$_] // 0) } 0 .. ($#got > $#ids ? $#got : $#ids);
    is $n, undef, "CT-5: the order of names, by $limit"
        or diag "at $n: ", $name{ $got[$n] // 0 } // 'none', ', not ', $name{ $ids[$n] // 0 } // 'none';
}
my $link = Response->query($reader->ask(order => 'name', limit => 2)->json->{next});
is $link->{order}, 'name', 'CT-2: links keep the order';
problem $reader->ask(cursor => $link->{cursor}), 400, 'cursor_invalid', 'CT-3: a cursor is of its order';
problem $reader->ask(cursor => Response->query($reader->ask(limit => 2)->json->{next})->{cursor}, order => 'name'), 400,
    'cursor_invalid',
    'CT-3: nor the other way round';
is_deeply [ $reader->all_ids('?order=id') ], [ sort { $a <=> $b } @ids ], 'CT-2: order=id is the order of ids';

# One without a name is sorted by the user name, one without that by the e-mail; one without any of them comes as well.
$site->sql("delete from directory.person_contact where owner_id in ($me, $other->{owner})");
$reader->add(
    { id => 1, name     => 'delta',   username => 'a', email => 'a' },
    { id => 2, username => 'CHARLIE', email    => 'a' },
    { id => 3, email    => 'bravo@example.com' },
    { id => 4, name     => 'Alpha', username => 'z' },
    { id => 5, phone    => '1' },
    { id => 6 },
    { id => 7,  name     => '', username => 'a' },
    { id => 8,  name     => ' ' },
    { id => 9,  name     => "\t\n", email => 'echo@example.com' },
    { id => 10, username => '',     email => '' },
);
for my $limit (1, 3, 1000) {
    my @got = $reader->all_ids("?order=name&limit=$limit");
    is join(' ', sort { $a <=> $b } @got), join(' ', 1 .. 10),
        "CT-2: no contact is missing in the order of names, whatever it lacks (by $limit)";
    is join(' ', grep { $_ < 5 } @got), '4 3 2 1', "CT-5: by name, else user name, else e-mail (by $limit)";
}

# Long and hostile names: the directory can be written to, and they are in the order.
$site->sql("delete from directory.person_contact where owner_id = $me");
my $random = $site->sql(q(select string_agg(chr(97 + (random() * 25)::integer), '') from generate_series(1, 9000)));
my @long   = (
    'a' x 10_000, "$random x", "$random y", join(' ', map { substr $random, $_ * 5, 5 } 0 .. 1500), "é\x{301}" x 4000, 'ж' x 5000,
    '😀' x 3000,
    ' ' x 5000, "b\x{301}\x{302}" x 900, join(' ', ('word') x 2000), "\x{ffff}" x 3, "\x{10ffff}", "\x{fffe}a", "\x01",
    "a\x{0}b" =~ s/\0//r
);
my $n = 0;
for (@long) {
    my $text = $_;
    $n++;
    ok eval { $reader->add({ id => $n, name => $text, username => $text, email => $text }); 1 }, "CT-5: name $n can be written"
        or diag $@ =~ s/\A.*^(?=psql)//smr;
}
is join(' ', sort { $a <=> $b } $reader->all_ids('?order=name&limit=2')), join(' ', 1 .. @long), 'CT-5: and is in the order';
ok eval { $site->sql("update directory.person_contact set name = name || 'x' where owner_id = $me"); 1 }, 'CT-5: and be changed'
    or diag $@;

# Between two pages: who was not touched comes once; who is renamed meanwhile may come twice (CT-2).
sub names (@named) {
    $site->sql("delete from directory.person_contact where owner_id = $me");
    return $reader->add(map { { id => ord, name => $_ } } @named);
}
for (
    [ 'nothing',                                'select 1',                             qr/^abcdefgh$/ ],
    [ 'one that was shown moves on',            "name = 'zz' where id = 98",            qr/^abcdefghb$/ ],
    [ 'one that is to come moves back',         "name = 'a0' where id = 102",           qr/^abcdegh$/ ],
    [ 'one that was shown last moves on',       "name = 'zz' where id = 99",            qr/^abcdefghc$/ ],
    [ 'one gets another name of the same sort', "name = chr(201) where id = 101",       qr/^abcdefgh$/ ],
    [ 'all others are renamed',                 "name = 'x' where id not in (97, 104)", qr/^abch.*$/ ],
    )
{
    my ($what, $change, $expected) = @$_;
    names('a' .. 'h');
    my $pass = $reader->pass('?order=name&limit=3');
    $pass->page;
    $site->sql($change =~ /^select/ ? $change : "update directory.person_contact set $change and owner_id = $me");
    like join('', map { chr $_->{id} } @{ $pass->run->{contacts} }), $expected, "CT-2: between two pages $what";
}

$site->finish;
