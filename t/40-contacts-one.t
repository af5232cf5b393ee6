# SPDX-License-Identifier: ISC
# GET /contacts/ID: one contact of the token's person, and 404 for every other.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Contacts;
use Https;
use Site;

# [ types of ids, good ids, ids of nobody or of no form ].
my @long = map { $_ x 3000 } 'x', '1';
my $site;
for (
    [
        [qw(integer integer)],
        [ 1, 0, -1, 2147483647, -2147483648 ],
        [
            2, '01', '+1', '1.0', '1e0', ' 1', '1 ', '0x1', '2147483648', '-2147483649', '9' x 40, '-', '-0', "1\0", "\xff", 'x',
            "1'--", '../1', '1/', '1;', '%', "\x{661}", @long
        ]
    ],
    [
        [qw(bigint bigint)], [ 1, '9223372036854775807', '-9223372036854775808' ],
        [ '9223372036854775808', '9' x 20, 'NaN', 'null', @long ]
    ],
    [
        [qw(uuid uuid)],
        ['12345678-9abc-4def-8123-456789abcdef'],
        [
            '12345678-9abc-4def-8123-456789abcdee',   '12345678-9ABC-4DEF-8123-456789ABCDEF',
            '{12345678-9abc-4def-8123-456789abcdef}', '123456789abc4def8123456789abcdef', 1, 'x', @long
        ]
    ],
    [
        [qw(text text)],
        [
            'a',  ' ', '0', 'a b', 'a/b', "\xc3\xa9", '%', '%2e', '?', '#', 'a+b', 'x' x 1000, "\xf0\x9f\x98\x80", 'openapi.json',
            "\t", 'A'
        ],
        [ 'b', 'aa', "\xc3\xa8", "a\0", "a\xff", "\xed\xa0\x80", @long ]
    ],
    )
{
    my ($types, $good, $bad) = @$_;
    my $name = "@$types";
    $site->check if $site;
    $site = Site->new(ids => $types);
    my $reader = Contacts->somebody($site);
    my $other  = Contacts->somebody($site, client => $reader->{client});
    my $theirs = $types->[1] =~ /int/ ? 77 : $types->[1] eq 'uuid' ? '00000000-0000-4000-8000-000000000000' : 'theirs';
    $site->sql(
        'insert into directory.person_contact (owner_id, id, username, name) values ' . join ', ',
        map { "('$reader->{owner}', '" . s/'/''/gr . "', 'mine', 'N')" } @$good
    );
    $other->add({ id => $theirs, username => 'theirs' });
    my $one = sub ($id, $query = '', $who = $reader) { $who->get('/contacts/' . Https::encode($id) . $query) };

    for my $id (@$good) {
        my $shown = $id =~ /^\s|[^ -~]/ ? sprintf '%vX', $id : substr $id, 0, 40;
        my $got   = $one->($id);
        is $got->status, 200, "CT-1: the contact $shown ($name)" or diag substr $got->bytes, 0, 700;
        next if $got->status != 200;
        my ($member) = $got->body =~ /^(\{.*?\})/;
        my ($listed) = grep { ($_->{id} . '') eq ($got->json->{id} . '') }
            @{ $reader->list('?fields=id,username,name,email,phone,updated_at')->json->{contacts} };
        is_deeply $got->json, $listed, "CT-1: all that the list can tell of it ($shown, $name)";
        is $one->($id, '?fields=name')->json->{name}, 'N', "CT-7: with fields ($shown, $name)";
    }
    for my $id (@$bad, $theirs) {
        my $got   = $one->($id);
        my $shown = length $id > 50 ? length($id) . ' bytes' : sprintf '%s (%vX)', $id =~ s/[^ -~]/?/gr, $id;
        if ($id =~ /\0|\xff|\xed\xa0/) {
            like $got->status, qr/^40[04]$/, "CT-8: no contact $shown ($name)";
            next;
        }
        problem $got, 404, 'not_found', "CT-1: no contact $shown ($name)";
    }
    my $none = $one->($theirs);
    is $none->body =~ s/"request_id":"[^"]+"//r, $one->($bad->[0])->body =~ s/"request_id":"[^"]+"//r,
        "CT-1: another's contact and none are the same answer ($name)";
    is $one->($theirs, '', $other)->json->{username}, 'theirs', "CT-1: to its owner it is there ($name)";

    if ($types->[0] eq 'integer') {
        my $got = $one->(1);
        is $got->header('Cache-Control'), 'private, no-cache', 'CT-7: privately cached';
        my $head = $reader->request('HEAD', '/contacts/1');
        is join('|', $head->status, $head->body, $head->header('ETag')), join('|', 200, '', $got->header('ETag')), 'CT-7: HEAD';
        problem $one->(1, '?fields=x'), 400, 'invalid_request', 'CT-7: a wrong field';
        is $one->(1, '?limit=0&cursor=x&order=y&q=z&sync=u')->status, 200, 'GE-2: what is no parameter of it is ignored';
        problem $reader->get("/contacts/$_"), 404, 'not_found', "CT-1: no path /contacts/$_" for '', '1/2', '1/';
        is $reader->request('POST', '/contacts/1')->status, 405, 'GE-3: only GET and HEAD';
        challenge $reader->get('/contacts/1', Authorization => undef), 401, {}, 'CT-8: not without a token';
        challenge $reader->get('/contacts/1', Authorization => 'Bearer x'), 401, { error => 'invalid_token' },
            'CT-8: not with a wrong one';
        challenge $reader->get('/contacts/x', Authorization => 'Bearer x'), 401, { error => 'invalid_token' },
            'CT-8: the token is judged first';
        $site->sql('delete from directory.person_contact where id = 1');
        problem $one->(1), 404, 'not_found', 'CT-1: one that is gone is not there';
    }
}

$site->finish;
