# SPDX-License-Identifier: ISC
# CT-7: one contact; the forms of an answer, JSON and vCard; ETags, and what is not sent again.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Site;

my $site   = Site->new;
my $user   = $site->user;
my $other  = $site->user;
my $client = $site->client;
my ($token, $strange) = map { $site->token($client, $site->signed_in($_)) } $user, $other;
$site->sql(
    "insert into directory.person_contact (owner_id, id, username, name, email, phone) values
       ($user->{id}, 1, 'ann', 'Ann, Bell', 'ann\@example.com', '+49 30 1'), ($user->{id}, 2, 'bob', null, null, null),
       ($user->{id}, 3, null, null, 'c\@example.com', null), ($user->{id}, 4, null, null, null, null),
       ($other->{id}, 1, 'theirs', null, null, null), ($other->{id}, 7, 'theirs', null, null, null);
    alter table directory.person_contact disable trigger touched;
    update directory.person_contact set updated_at = '2024-02-29 23:59:59.5+02' where id = 1;
    alter table directory.person_contact enable trigger touched"
);

sub ask ($path, %headers) { return $site->{contacts}->get("/contacts$path", Authorization => "Bearer $token", %headers) }

# One contact.
my $one = ask('/1');
is $one->status,                             200,                                       'CT-7: one contact';
is join(',', $one->body =~ /"([a-z_]+)":/g), 'id,username,name,email,phone,updated_at', 'CT-7: has all its members, in their order';
is $one->json->{name},                       'Ann, Bell',                               'CT-7: with their values';
is join(',', sort keys %{ ask('/4')->json }),             'id,updated_at',              'CT-7: but for those without value';
is join(',', sort keys %{ ask('/1?fields=name')->json }), 'id,name',                    'CT-7: or those that fields names';
is $site->{contacts}->request('HEAD', '/contacts/1', { Authorization => "Bearer $token" })->header('ETag'), $one->header('ETag'),
    'CT-7: HEAD likewise';
problem ask("/$_"), 404, 'not_found', "CT-1: no contact $_"
    for 7, 42, 0, -1, '01', '%201', '1%20', '1x', 'x', '1.0', '1e0', '9' x 30, '1/2', '1%2f', '%27', '%ff', '1;', 'a' x 2000;
is ask('/%31')->status, 200, 'CT-1: an id may be percent-encoded';
problem ask('/1?fields=owner_id'),       400, 'invalid_request', 'CT-7: a field that there is not';
problem ask('/1?fields=id&fields=id'),   400, 'invalid_request', 'GE-2: repeated fields';
problem ask('/7', Authorization => 'x'), 401, undef,             'CT-8: no token';
is $site->{contacts}->get('/contacts/7', Authorization => "Bearer $strange")->json->{username}, 'theirs',
    'CT-1: whose it is reads it';
problem $site->{contacts}->get('/contacts/1', Authorization => "Bearer x$token"), 401, 'invalid_token', 'CT-8: no good token';
is $site->contact_list($token, '?limit=1&access_token=')->status, 200, 'GE-2: an empty access_token is none';

# Problems are of a type that the page at / explains, by its code.
my $problem = ask('?limit=0')->json;
is $problem->{type}, $site->{contacts_url} =~ s{/contacts$}{/#invalid_request}r, 'CT-8: the type of a problem is an address here';
is ask('', Authorization => '')->json->{type}, 'about:blank',                    'CT-8: about:blank where there is no code';

# Accept: JSON, if nothing else is said; vCards; nothing else.
for (
    [ undef,                                'application/json' ],
    [ '*/*',                                'application/json' ],
    [ 'application/json',                   'application/json' ],
    [ 'text/vcard',                         'text/vcard' ],
    [ 'text/*;q=0.5, application/json;q=0', 'text/vcard' ],
    [ 'text/vcard;q=0.5, application/json', 'application/json' ],
    [ 'text/vcard;version=4.0, */*;q=0.1',  'text/vcard' ],
    [ 'text/vcard;version=3.0, */*;q=0.1',  'application/json' ],
    [ 'text/html, */*;q=0.8',               'application/json' ]
    )
{
    my ($accept, $type) = @$_;

    for my $path ('', '/1') {
        my $answer = ask($path, Accept => $accept);
        all_good 'CT-7: Accept: ' . ($accept // '(none)') . " ($path)", $answer,
            'status 200' => $answer->status == 200,
            $type        => $answer->type eq $type,
            'Vary'       => join(', ', sort split /, /, $answer->header('Vary')) eq 'Accept, Authorization, Origin',
            'caches'     => $answer->header('Cache-Control') eq 'private, no-cache';
    }
}
problem ask('', Accept => $_), 406, 'not_acceptable', "CT-7: Accept: $_" for 'text/html', 'text/vcard;version=3.0', '*/*;q=0', 'x';
problem ask('/1', Accept => 'image/png'), 406, 'not_acceptable', 'CT-7: nor one contact';
my $mark = ask('')->json->{sync};
problem ask("?sync=$mark", Accept => 'text/vcard'), 406, 'not_acceptable', 'CT-7: no vCards of changes';

# vCard 4.0 (RFC 6350).
sub card (@lines) {
    return join '', map {"$_\r\n"} 'BEGIN:VCARD', 'VERSION:4.0', @lines, 'END:VCARD';
}
my %vcard = (Accept => 'text/vcard');
my $url   = $site->{contacts_url};
my %cards = (
    1 => card("UID:$url/1", 'FN:Ann\\, Bell',   'NICKNAME:ann', 'EMAIL:ann@example.com', 'TEL:+49 30 1', 'REV:20240229T215959Z'),
    2 => card("UID:$url/2", 'FN:bob',           'NICKNAME:bob'),
    3 => card("UID:$url/3", 'FN:c@example.com', 'EMAIL:c@example.com'),
    4 => card("UID:$url/4", 'FN:4')
);
sub body ($answer) { return $answer->body =~ s/^REV:(?!2024).*?\r\n//gmr }
is body(ask("/$_", %vcard)), $cards{$_},                          "CT-7: a vCard ($_)" for sort keys %cards;
is body(ask('',    %vcard)), join('', map { $cards{$_} } 1 .. 4), 'CT-7: a page of them';
is ask('/1?fields=email', %vcard)->body, card("UID:$url/1", 'FN:Ann\\, Bell', 'EMAIL:ann@example.com'),
    'CT-7: with the fields that were named, and a name';
my $page = ask('?limit=3', %vcard);
is body($page), join('', map { $cards{$_} } 1 .. 3), 'CT-2: limit counts cards';
my ($next) = ($page->header('Link') // '') =~ m{^<\Q$url\E(.*)>; rel="next"$};
is body(ask($next, %vcard)),            $cards{4}, 'CT-2: Link leads to the next ones';
is ask($next)->json->{contacts}[0]{id}, 4,         'CT-7: which may be asked for as JSON';
ok defined ask($next)->json->{sync}, 'CT-7: with a mark in the end';
is $site->{contacts}->get('/contacts?limit=1&fields=id', Authorization => "Bearer $strange", %vcard)->type, 'text/vcard',
    'CT-7: of whoever asks';

sub hour { return int time / 3600 }

# ETags: strong, but where a page holds a mark, which is another one each time.
for (
    [ '/1',          {},      qr/^"[A-Za-z0-9_-]{20}"$/ ],
    [ '/1',          \%vcard, qr/^"[A-Za-z0-9_-]{20}"$/ ],
    [ '?limit=2',    \%vcard, qr/^"[A-Za-z0-9_-]{20}"$/ ],
    [ '?q=bob',      {},      qr/^"[A-Za-z0-9_-]{20}"$/ ],
    [ '',            {},      qr/^W\/"[A-Za-z0-9_-]{20}"$/ ],
    [ '?limit=2',    {},      qr/^W\/"[A-Za-z0-9_-]{20}"$/ ],
    [ "?sync=$mark", {},      qr/^W\/"[A-Za-z0-9_-]{20}"$/ ]
    )
{
    my ($path, $headers, $form) = @$_;
    my $name   = join ' ', $path =~ s/sync=.*/sync/r, %$headers;
    my $hour   = hour();
    my $answer = ask($path, %$headers);
    my $tag    = $answer->header('ETag') // '';
    my %known  = map { $_ => undef } $tag, "\"x\", $tag", '*', $tag =~ s/^W\///r, 'W/' . ($tag =~ s/^W\///r);
    $site->sql("update directory.person_contact set name = name where owner_id = $other->{id}");
    $known{$_} = ask($path, %$headers, 'If-None-Match' => $_) for keys %known;
    redo if $hour != hour();    # what is said of a mark lasts for this one
    like $tag, $form, "CT-7: an ETag ($name)";

    for my $known (sort keys %known) {
        my $same = $known{$known};
        all_good "CT-7: If-None-Match: $known ($name)", $same,
            'status 304'     => $same->status == 304,
            'no body'        => $same->body eq '',
            'the ETag'       => ($same->header('ETag') // '') eq $tag,
            'Cache-Control'  => $same->header('Cache-Control') eq 'private, no-cache',
            'Vary'           => ($same->header('Vary') // '') =~ /Authorization, Accept/,
            'the same links' => !!$same->header('Link') eq !!$answer->header('Link'),
            'no type'        => !defined $same->header('Content-Type');
    }
    is ask($path, %$headers, 'If-None-Match' => '"x"')->status, 200, "CT-7: of another it is sent ($name)";
}
my %tag = map { $_ => ask($_)->header('ETag') } '', '/1', '?limit=2', '?limit=2&fields=name';
isnt $tag{''},         ask('', %vcard)->header('ETag'), 'CT-7: each form has its own';
isnt $tag{'?limit=2'}, $tag{'?limit=2&fields=name'},    'CT-7: and each choice of fields';
$site->sql("update directory.person_contact set username = 'anna' where owner_id = $user->{id} and id = 1");
isnt ask($_)->header('ETag'),                    $tag{$_}, "CT-7: a change changes it ($_)" for '', '/1', '?limit=2';
is ask($_, 'If-None-Match' => $tag{$_})->status, 200,      "CT-7: and is sent ($_)"         for '', '/1', '?limit=2';
my $last = ask('?limit=4')->header('ETag');
$site->sql("insert into directory.person_contact (owner_id, id) values ($user->{id}, 5)");
isnt ask('?limit=4')->header('ETag'), $last, 'CT-7: so does one that comes after the page: it has a next one now';

$site->finish;
