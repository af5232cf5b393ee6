# SPDX-License-Identifier: ISC
# /contacts: pages by keyset, whatever the type of the ids; cursors that nobody forges.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Site;

my $site   = Site->new;
my $user   = $site->user;
my $other  = $site->user;
my $client = $site->client;
my ($token, $strange) = map { $site->token($client, $site->signed_in($_)) } $user, $other;
my $names = sub ($owner, $ids) {
    $site->sql(
        "insert into directory.person_contact (owner_id, id, username)
        select $owner, 2 * i, 'contact ' || i || ' \"\\<é€😀' || chr(1) from generate_series($ids) i"
    );
};
$names->($user->{id},  '1, 250');
$names->($other->{id}, '1, 3');

sub list ($query = '', $with = $token) { return $site->{contacts}->get("/contacts$query", Authorization => "Bearer $with") }

sub ids ($answer) {
    return map { $_->{id} } @{ $answer->json->{contacts} };
}

# Follows next from a page to the last one: the ids, the number of pages, the first wrong link.
sub walk ($query) {
    my ($pages, @ids) = (0);
    while (1) {
        my $answer = list($query);
        return ([@ids], $pages, 'status ' . $answer->status) unless $answer->status == 200;
        push @ids, ids($answer);
        $pages++;
        my $next = $answer->json->{next};
        my $link = $answer->header('Link');
        return ([@ids], $pages, defined $link ? "a link without next: $link" : '') unless defined $next;
        return ([@ids], $pages, "Link is not next: $link") if ($link // '') ne qq(<$next>; rel="next");
        return ([@ids], $pages, "token in $next")          if index($next, $token) >= 0 || $next =~ /access_token|psta_/;
        return ([@ids], $pages, "not ours: $next") unless $next =~ s/^\Q$site->{contacts_url}\E//;
        $query = $next;
    }
}

my @all = map { 2 * $_ } 1 .. 250;
for ([ '', 3 ], [ '?limit=100', 3 ], [ '?limit=250', 1 ], [ '?limit=249', 2 ], [ '?limit=1000', 1 ], [ '?limit=50', 5 ],
    [ '?limit=7', 36 ])
{
    my ($query, $count) = @$_;
    my ($ids, $pages, $wrong) = walk($query);
    is_deeply $ids, \@all, "CT-2: all contacts in order, each once ($query)";
    is $pages, $count, "CT-2: on so many pages ($query)";
    is $wrong, '',     "CT-2: next in body and Link, on all but the last, without token ($query)";
}
my $first = list();
is scalar(ids($first)),                   100,                                          'CT-2: a hundred without limit';
is $first->json->{contacts}[0]{username}, "contact 1 \"\\<\x{e9}\x{20ac}\x{1f600}\x01", 'CT-1: any text comes through';
is join(',', sort keys %{ $first->json->{contacts}[0] }), 'id,username',                'CT-1: the members of a contact';
is_deeply [ ids(list('', $strange)) ], [ 2, 4, 6 ], 'CT-1: another person has other contacts';
my $head = $site->{contacts}->request('HEAD', '/contacts', { Authorization => "Bearer $token" });
like $head->header('Link'), qr/rel="next"/, 'CT-2: HEAD has the Link too';

$site->sql(
    "insert into directory.person_contact (owner_id, id, username)
         select $user->{id}, 10000 + i, 'x' from generate_series(1, 1200) i"
);
is scalar(ids(list("?limit=$_"))), 1000, "CT-2: a limit of $_ is lowered" for 1001, 99999, '9' x 30;
problem list("?limit=$_"), 400, 'invalid_request', "CT-2: limit=$_" for 0, -1, 'all', '1.5', '0x10', '%2b5', '1e3', '000';
is list('?limit=')->status,                       200, 'GE-2: an empty limit is none';
is list('?limit=10&unknown=1&unknown=2')->status, 200, 'GE-2: unknown parameters are ignored';
problem list('?limit=10&limit=10'), 400, 'invalid_request', 'GE-2: a repeated limit';

# CT-2: whatever changes meanwhile, no untouched row is lost or comes twice.
my $next = list('?limit=10')->json->{next} =~ s/^\Q$site->{contacts_url}\E//r;
$site->sql(
    "delete from directory.person_contact where owner_id = $user->{id} and id in (2, 20, 22);
    insert into directory.person_contact (owner_id, id, username) values ($user->{id}, 1, 'new'), ($user->{id}, 25, 'new')"
);
is join(',', (ids(list($next)))[ 0 .. 3 ]), '24,25,26,28', 'CT-2: the page after one whose last contact is gone';

# CT-3: cursors.
my ($cursor) = $next =~ /cursor=([^&]+)/;
unlike $cursor, qr/[^A-Za-z0-9._~-]/, 'CT-3: a cursor needs no encoding';
my ($payload, $key, $mac) = split /[.]/, $cursor;
problem list("?cursor=$cursor", $strange), 400, 'cursor_invalid', 'CT-3: another person\'s cursor';
for (
    [ 'another payload',  Flow::base64url("$user->{id}\0" . '500') . ".$key.$mac" ],
    [ 'a changed tag',    "$payload.$key." . ($mac =~ s/^(.)/$1 eq 'A' ? 'B' : 'A'/er) ],
    [ 'a cut tag',        "$payload.$key." . substr $mac, 0, 20 ],
    [ 'no tag',           $payload ],
    [ 'an empty tag',     "$payload.$key." ],
    [ 'an unknown key',   "$payload.zz.$mac" ],
    [ 'no key',           "$payload.$mac" ],
    [ 'an appended part', "$cursor.x" ],
    [ 'a longer payload', "A$cursor" ],
    [ 'rubbish',          '%27%3b--' ],
    [ 'NUL',              '%00' ],
    [ 'not UTF-8',        '%ff' ],
    [ 'five kilobytes',   'A' x 5000 ],
    [ 'a number',         '42' ],
    )
{
    my ($case, $bad) = @$_;
    my $answer = list("?cursor=$bad");
    is $answer->status, 400, "CT-3: $case is refused";
    problem $answer, 400, $case =~ /NUL|UTF|kilobytes/ ? 'invalid_request' : 'cursor_invalid', "CT-8: as a problem ($case)";
}
problem list("?cursor=$cursor&cursor=$cursor"), 400, 'invalid_request', 'GE-2: a repeated cursor';
is list("?cursor=$cursor")->status, 200, 'CT-3: the cursor itself is good';

# KE-1: keys rotate.  A new key is added, then active; what the old one signed is good until it is removed.
my $keys    = "$site->{dir}/contacts.keys";
my $restart = sub { $site->{program}{contacts}->stop; $site->start('contacts') };
$site->tool_ok([ qw(key add), $keys ]);
my @listed = grep { $_ ne $key } $site->tool_ok([ qw(key list), $keys ]) =~ /^([a-z0-9]{1,16})\b/gm;
$site->tool_ok([ qw(key activate), $keys, $listed[-1] ]);
$restart->();
is list("?cursor=$cursor")->status, 200, 'KE-1, CT-3: a cursor of the key before';
isnt((split /[.]/, list('?limit=10')->json->{next} =~ s/.*cursor=//r)[1], $key, 'KE-1: new ones have the new key\'s id');
$site->tool_ok([ qw(key remove), $keys, $key ]);
$restart->();
problem list("?cursor=$cursor"), 400, 'cursor_invalid', 'KE-1: until that key is removed';

$site->finish;
