# SPDX-License-Identifier: ISC
# CT-7: contacts as vCards (RFC 6350), read back by a parser that we did not write; and which form an Accept header asks for.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use Check;
use Contacts;
use Process qw(run);
use Site;

my $site   = Site->new;
my $reader = Contacts->somebody($site);
my $me     = $reader->{owner};

# The cards of a text, each { NAME => [ values ] }, as python3-vobject reads them.
my $parser = <<'PYTHON';
import json, sys, vobject
text = sys.stdin.buffer.read().decode("utf-8")
cards = [{k: [v.value for v in l] for k, l in c.contents.items()} for c in vobject.readComponents(text)]
print(json.dumps(cards))
PYTHON

sub cards ($text) {
    my $done = run([ '/usr/bin/python3', '-c', $parser ], stdin => $text);
    return $done->{exit} ? [ { error => [ $done->{err} ] } ] : JSON::PP->new->decode($done->{out});
}

# What is wrong with the bytes of cards by RFC 6350 3.
sub faults ($bytes) {
    my @wrong;
    push @wrong, 'a bare CR or LF' if $bytes =~ /\r(?!\n)|(?<!\r)\n/;
    for my $line (split /\r\n/, $bytes) {
        push @wrong, 'a line of ' . length($line) . ' bytes' if length $line > 75;
        push @wrong, "a line that is no text: $line" unless utf8::decode(my $copy = $line);
        push @wrong, 'a control character' if $line =~ /[\x00-\x08\x0a-\x1f\x7f]/;
    }
    push @wrong, 'no end' if length $bytes && $bytes !~ /END:VCARD\r\n\z/;
    my $plain = $bytes =~ s/\r\n[ \t]//gr;
    for my $card (split /(?<=END:VCARD\r\n)/, $plain) {
        my @lines = split /\r\n/, $card;
        push @wrong, "begins with $lines[0], $lines[1]"                  if "$lines[0] $lines[1]" ne 'BEGIN:VCARD VERSION:4.0';
        push @wrong, 'FN comes ' . grep({/^FN[;:]/} @lines) . ' times'   if 1 != grep {/^FN[;:]/} @lines;
        push @wrong, 'UID comes ' . grep({/^UID[;:]/} @lines) . ' times' if 1 != grep {/^UID[;:]/} @lines;
        push @wrong, "a line without name: $_" for grep { !/^[A-Z-]+(?:;[^:]*)?:/ } @lines;
    }
    return join '; ', @wrong;
}

sub vcards ($target) { return $reader->get($target, Accept => 'text/vcard') }

$reader->add(
    { id => 1, username => 'anna', name => 'Anna Bell', email => 'anna@example.com', phone => '+49 30 1' },
    { id => 2, username => 'bob' },
    { id => 3, email    => 'carl@example.com' },
    { id => 4, phone    => '110' },
    { id => 5 },
    { id => 6, username => 'dora', name => '' }
);
my $all    = 'fields=id,username,name,email,phone,updated_at';
my $answer = vcards("/contacts?$all");
like $answer->header('Content-Type'), qr{^text/vcard; ?charset=utf-8$}i, 'CT-7: the type of vCards';
is faults($answer->body), '', 'CT-7: the form of RFC 6350';
my @cards = @{ cards($answer->body) };
is scalar @cards, 6, 'CT-7: a card for each contact';
is_deeply {
    map { $_ => $cards[0]{$_}[0] } qw(version fn nickname email tel)
},
    { version => '4.0', fn => 'Anna Bell', nickname => 'anna', email => 'anna@example.com', tel => '+49 30 1' },
    'CT-7: all that is known of it';
like $cards[0]{rev}[0], qr/^\d{8}T\d{6}Z$/, 'CT-7: REV is a time in the form of RFC 6350 4.3.5';
is join(' ', map { scalar @{ $_->{fn} // [] } } @cards), '1 1 1 1 1 1',      'CT-7: FN is always there, once (6.2.1)';
is $cards[1]{fn}[0],                                     'bob',              'CT-7: the user name where there is no name';
is $cards[5]{fn}[0],                                     'dora',             'CT-7: and where it is empty';
is $cards[2]{fn}[0],                                     'carl@example.com', 'CT-7: the e-mail where there is neither';
my %uid = map { $_->{uid}[0] => 1 } @cards;
is scalar keys %uid, 6, 'CT-7: each has a UID of its own';
is_deeply [ map { $_->{uid}[0] } @{ cards(vcards("/contacts?$all")->body) } ], [ map { $_->{uid}[0] } @cards ], 'CT-7: which stays';
is vcards("/contacts/1?$all")->body, ($answer->body =~ /(.*?END:VCARD\r\n)/s)[0], 'CT-7: one contact is that card';
is vcards('/contacts?q=nobody')->body, '', 'CT-7: none are none';
my $few = cards(vcards('/contacts/1?fields=email')->body)->[0];
is join(' ', map { exists $few->{$_} ? 1 : 0 } qw(email nickname tel)), '1 0 0', 'CT-7: fields are those of the card';

# Pages: the link is in the header.
my $page = vcards('/contacts?limit=2');
like $page->header('Link'), qr/^<\Q$site->{contacts_url}\E[?][^>]*cursor=[^>]*>; rel="next"$/,
    'CT-2: a page of vCards has its Link';
my ($next) = $page->header('Link') =~ m{^<https://[^/]+(.*?)>};
is scalar(() = vcards($next)->body =~ /BEGIN:VCARD/g), 2, 'CT-2: which goes on';
is_deeply [ map { $_->{id} } @{ $reader->get($next)->json->{contacts} } ], [ 3, 4 ], 'CT-3: with the form that is asked for then';
my $head = $reader->request('HEAD', '/contacts?limit=2', Accept => 'text/vcard');
is join('|', $head->body, map { $head->header($_) // '' } qw(Content-Type Link ETag)),
    join('|', '', map { $page->header($_) // '' } qw(Content-Type Link ETag)),
    'CT-2: HEAD likewise';

# Every text comes back as it was, but for what a card cannot hold.
my @texts = (
    'plain',   'comma, semicolon; colon: backslash \\ quote " end', '\\', '\\n', '\\\\n', '\\,', ';;;', ',,,', "two\nlines",
    "\nfirst", "last\n",            "a\n\nb", 'BEGIN:VCARD', "x\nEND:VCARD\nBEGIN:VCARD\nFN:evil",
    "x\r\nEND:VCARD\r\n", 'x' x 74, 'x' x 75, 'x' x 76,      'x' x 300, 'é' x 100, ('a' x 70) . '€€€€', ('a' x 71) . '€€€€',
    ('a' x 72) . '€€€€', ('a' x 73) . '😀😀', ('ab' x 34) . '😀' x 30, '😀' x 50, "e\x{301}" x 60,
    'ümläut',      'Łukasz 山田太郎 محمد', ' leading', 'trailing ', '  ', "tab\tinside", '=20=0D', '%0d%0a', "\x{2028}\x{2029}",
    "\x{feff}bom", ' ' x 200, ('word ' x 40) . 'end', ',' x 80, ';' x 80, "\\" x 80, "\n" x 40
);
$site->sql("delete from directory.person_contact where owner_id = $me");
$reader->add(map { { id => $_ + 100, name => $texts[$_], username => "u$_" } } 0 .. $#texts);
$answer = vcards("/contacts?$all&limit=1000");
is faults($answer->body), '', 'CT-7: whatever the texts, the form is kept';
@cards = @{ cards($answer->body) };
is scalar @cards, scalar @texts, 'CT-7: and no text begins a card';
for (0 .. $#texts) {
    my $want = $texts[$_] =~ s/\r\n|\r/\n/gr;
    my $got  = $cards[$_]{fn}[0] // 'none';
    is $got,                    $want, "CT-7: text $_ comes back as it was" if $want =~ /\S/;
    is $cards[$_]{nickname}[0], "u$_", "CT-7: and what comes after it ($_)";
}
for my $member (qw(username email phone)) {
    $site->sql("delete from directory.person_contact where owner_id = $me");
    $reader->add(map { { id => $_ + 100, name => 'x', $member => $texts[$_] } } 0 .. $#texts);
    my $body = vcards("/contacts?$all&limit=1000")->body;
    is faults($body),            '',            "CT-7: likewise in $member";
    is scalar @{ cards($body) }, scalar @texts, "CT-7: the cards of $member";
}
$site->sql("delete from directory.person_contact where owner_id = $me");
$reader->add({ id => 1, name => join '', map {chr} 1 .. 31, 127 .. 159 });
is faults(vcards("/contacts?$all")->body), '', 'CT-7: no control character of a name comes into a card';

# Accept (RFC 9110 12.5.1): which form, or 406.
my ($json, $vcard) = ('application/json', 'text/vcard');
for (
    [ undef,        $json ],  [ '',       $json ],  [ '*/*', $json ], [ 'application/json', $json ], [ 'application/*', $json ],
    [ 'text/vcard', $vcard ], [ 'text/*', $vcard ], [ 'TEXT/VCARD', $vcard ], [ 'text/vcard;q=0.5', $vcard ],
    [ 'text/vcard;q=0.5, application/json', $json ],  [ 'text/vcard, application/json;q=0.5', $vcard ],
    [ 'application/json;q=0, */*',          $vcard ], [ 'text/vcard;q=0, */*', $json ], [ 'text/html, text/vcard;q=0.1', $vcard ],
    [ 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', $json ], [ 'text/vcard; charset=utf-8', $vcard ],
    [ 'text/vcard;version=4.0',                       $vcard ], [ ' text/vcard ', $vcard ], [ 'text/x, ,text/vcard',      $vcard ],
    [ 'application/json;q=0.001, text/vcard;q=0.002', $vcard ], [ '*/*;q=0.1, text/vcard;q=0.05', $json ], [ 'text/html', 406 ],
    [ 'text/plain, image/*',                          406 ],    [ 'application/json;q=0',         406 ],
    [ '*/*;q=0',     406 ], [ 'text/vcard;q=0, application/json;q=0.0', 406 ], [ 'application/xml', 406 ], [ 'text/vcards', 406 ],
    [ 'xtext/vcard', 406 ],
    )
{
    my ($accept, $expected) = @$_;
    for my $target ('/contacts', '/contacts/1') {
        my $got = $reader->get($target, Accept => $accept);
        is $got->status == 200 ? $got->type : $got->status, $expected, "CT-7: $target for Accept: " . ($accept // 'none');
        like $got->header('Vary'), qr/\bAccept\b/, 'CT-7: Vary says that it counts' if $got->status == 200;
        problem $got, 406, $got->json->{error}, 'CT-8: as a problem' if $expected eq '406';
    }
}
my $mark = $reader->list->json->{sync};
my $sync = $reader->list("?sync=$mark", Accept => 'text/vcard');
is $sync->status, 406, 'CT-6: changes are no cards: a deletion has none';
problem $reader->list('?limit=0', Accept => 'text/vcard'), 400, 'invalid_request',
    'CT-8: an error is a problem in JSON for whoever wants a vCard';

$site->finish;
