# SPDX-License-Identifier: ISC
# CT-2: pages of contacts in the order of ids: limits, links, and what changes between two pages.
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
my $me     = $reader->{owner};
$reader->add(map { { id => $_, username => "mine $_" } } 1 .. 40);
$other->add(map { { id => $_, username => "theirs $_" } } 20 .. 60);

# Limits: each page may have another one.
my @limits = (1, 7, 2, 1000, 5);
my $pass   = $reader->pass('', limit => sub { push @limits, shift @limits; $limits[-1] });
my @sizes;
while (my $contacts = $pass->page) { push @sizes, scalar @$contacts }
is "@sizes", '1 7 2 30', 'CT-2: a cursor is good with any limit';
is_deeply [ map { $_->{id} } @{ $pass->{contacts} } ], [ 1 .. 40 ], 'CT-2: and all come once, in order';
is "@{ $pass->{wrong} }", '', 'CT-2: with the right links';

for ([ 39, 2 ], [ 40, 1 ], [ 41, 1 ], [ 20, 2 ]) {
    my ($limit, $pages) = @$_;
    is $reader->pass("?limit=$limit")->run->{pages}, $pages, "CT-2: forty by $limit are $pages pages: no empty one at the end";
}

# Links repeat what was asked for, but for the token and what means nothing.
my $next  = $reader->ask(limit => 3, fields => 'username,id,name', junk => 'x', sync => '', q => '')->json->{next};
my $query = Response->query($next);
is join(' ', sort keys %$query), 'cursor fields limit', 'CT-2: a link has what the first request had';
is "$query->{limit} " . join(',', sort split /,/, $query->{fields}), '3 id,name,username', 'CT-2: with its values';
is_deeply $reader->get($next =~ s{^https://[^/]+}{}r)->json->{contacts}[0], { id => 4, username => 'mine 4' },
    'CT-2: followed as it is, it goes on';
my $quiet = $reader->list('')->json;
is join(' ', sort keys %$quiet), 'contacts sync', 'CT-2: without limit all of them are one page, no next';

# The default is the client's, where it has one (CT-1).
$site->sql("update oauth.client set contacts_limit = 7 where client_id = '$reader->{client}{id}'");
is scalar @{ $reader->list->json->{contacts} },             7, 'CT-1: a client with a default limit of its own';
is scalar @{ $reader->list('?limit=9')->json->{contacts} }, 9, 'CT-1: which it can ask beyond';
is_deeply [ $reader->all_ids ], [ 1 .. 40 ], 'CT-1: and whose links go on';
$site->sql("update oauth.client set contacts_limit = null where client_id = '$reader->{client}{id}'");
is scalar @{ $reader->list->json->{contacts} }, 40, 'CT-1: without one it is a hundred';

# What is no limit.
problem $reader->list("?limit=$_"), 400, 'invalid_request', "CT-2: limit=$_ is refused"
    for qw(0 -1 x 1.0 1e3 0x1 %2b1 -0 00 ten %20 5%20 %205 1%00 %d9%a3), "-1" . "0" x 30;
is $reader->list("?limit=$_")->status, 200, "CT-2: limit=$_ is lowered"
    for qw(1001 2147483648 4294967296 4294967297 9223372036854775808 18446744073709551616 18446744073709551617), '1' . '0' x 30,
    '9' x 200;
is scalar @{ $reader->list('?limit=007')->json->{contacts} }, 7, 'CT-2: leading zeros are digits';
problem $reader->list('?limit=1&limit=1'), 400, 'invalid_request', 'GE-2: a repeated limit';
problem $reader->list("?order=$_"), 400, 'invalid_request', "CT-2: order=$_ is refused"
    for "id,name", qw(ID username desc -id %00 %ff), "x" x 5000;
is $reader->list('?limit=&cursor=&fields=&order=&q=&sync=')->status, 200, 'GE-2: empty parameters are none';

# HEAD: the same headers, no body.
my $get  = $reader->list('?limit=3');
my $head = $reader->request('HEAD', '/contacts?limit=3');
is $head->body,       '',               'CT-2: HEAD has no body';
is $head->header($_), $get->header($_), "CT-2: HEAD has the $_ of GET" for qw(Content-Type ETag Vary Cache-Control);
like $head->header('Link'), qr/^<\Q$site->{contacts_url}\E[?].*>; rel="next"$/, 'CT-2: HEAD has the Link too';
my $onward = Response->query($head->header('Link') =~ s/^<|>.*//gr);
is $reader->ask(limit => 1, cursor => $onward->{cursor})->json->{contacts}[0]{id}, 4, 'CT-2: whose cursor goes on';

# Nobody's contacts.
my $lonely = Contacts->somebody($site, client => $reader->{client});
my $empty  = $lonely->list->json;
is_deeply $empty->{contacts}, [], 'CT-1: a person without contacts has an empty list';
ok !defined $empty->{next}, 'CT-2: of one page';

# What happens between two pages of a pass: [ what, SQL, the ids that must come after 1 .. 10 ].
sub rows (@ids) {
    return join ', ', map {"($me, $_, 'new')"} @ids;
}
my $insert = 'insert into directory.person_contact (owner_id, id, username) values';
my $delete = "delete from directory.person_contact where owner_id = $me and id";
my $move   = 'update directory.person_contact set';
for (
    [ 'nothing',                     'select 1',                                                           [ 11 .. 40 ] ],
    [ 'the last one shown goes',     "$delete = 10",                                                       [ 11 .. 40 ] ],
    [ 'all that were shown go',      "$delete <= 10",                                                      [ 11 .. 40 ] ],
    [ 'the next one goes',           "$delete = 11",                                                       [ 12 .. 40 ] ],
    [ 'all that are left go',        "$delete > 10",                                                       [] ],
    [ 'all go',                      "$delete > 0",                                                        [] ],
    [ 'one comes before',            "$insert " . rows(0, -5),                                             [ 11 .. 40 ] ],
    [ 'one comes after',             "$insert " . rows(41),                                                [ 11 .. 41 ] ],
    [ 'all get another name',        "$move username = 'other', name = 'other'",                           [ 11 .. 40 ] ],
    [ 'one that was shown moves on', "$move id = 100 where owner_id = $me and id = 3",                     [ 11 .. 40, 100 ] ],
    [ 'one that is left moves back', "$move id = 0 where owner_id = $me and id = 30",                      [ 11 .. 29, 31 .. 40 ] ],
    [ 'the next one is another\'s',  "$move owner_id = $lonely->{owner} where owner_id = $me and id = 11", [ 12 .. 40 ] ],
    [ 'the table is vacuumed',       'vacuum full directory.person_contact',                               [ 11 .. 40 ] ],
    [ 'the table is analysed',       'analyze directory.person_contact',                                   [ 11 .. 40 ] ],
    [ 'the workers connect anew',    $site->disconnecting,                                                 [ 11 .. 40 ] ],
    )
{
    my ($what, $sql, $left) = @$_;
    $site->sql("delete from directory.person_contact where owner_id in ($me, $lonely->{owner})");
    $reader->add(map { { id => $_, username => "mine $_" } } 1 .. 40);
    my $pass = $reader->pass('?limit=10');
    $pass->page;
    $site->sql($sql);
    is_deeply [ map { $_->{id} } @{ $pass->run->{contacts} } ], [ 1 .. 10, @$left ], "CT-2: between two pages $what";
    is $pass->{status}, 200, "CT-2: and it is no fault ($what)";
}

$site->finish;
