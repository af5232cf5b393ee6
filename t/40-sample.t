# SPDX-License-Identifier: ISC
# postern sample --people --contacts: a directory of any size, with names of many scripts, that can be signed in to.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Site;

my $site;
for my $ids ([ integer => 'bigint' ], [ uuid => 'text' ]) {
    my $name = "ids $ids->[0] and $ids->[1]";
    $site->check if $site;
    $site = Site->new(ids => $ids, programs => []);
    my $done = $site->tool([qw(sample --people 20 --contacts 2503)]);
    is $done->{exit}, 0, "sample of many: exit 0 ($name)" or diag $done->{err};
    is $site->sql('select count(*), bool_and(sample) from directory.person'), '20|t', "so many people in all ($name)";
    is $site->sql(
        q(select string_agg(n::text, ' ' order by n desc)
                      from (select count(*) as n from directory.person_contact where username like '%.%' group by owner_id) as c)
        ),
        '1000 ' . '101 ' x 3 . '100 ' x 11 . '100', "one of a thousand, the others alike ($name)";
    is $site->sql('select count(*) from directory.contact_word where sorts'), 2510, "each has its place in the order ($name)";
    is $site->sql(q(select count(*) > 100 from directory.contact where name ~ '[^ -~]' and email ~ '^[a-z0-9.]+@example[.]org$')),
        't',
        "names are of people everywhere ($name)";
    is $site->tool([qw(sample --people 30)])->{exit}, 65, "once in a database ($name)";
    $site->tool_ok([qw(user add newcomer)], stdin => "x\n");
    is $site->sql('select count(*) from directory.person'), 21, "who comes after them has an id of their own ($name)";
    for (
        [ 'contacts of nobody',   qw(--contacts 5) ],
        [ 'fewer than there are', qw(--people 4) ],
        [ 'no number',            qw(--people many) ],
        [ 'too many',             qw(--people 1000000000000) ],
        )
    {
        my ($case, @options) = @$_;
        is $site->tool([ 'sample', @options ])->{exit}, 64, "refused: $case ($name)";
    }
}

$site->finish;
