# SPDX-License-Identifier: ISC
# CT-1, CT-3: whatever a request holds beside a person's token, it shows no row of another person: no parameter, no path, no header,
# no cursor, mark, id, token or ETag of the other.  Cases by name, then any of them together at random (POSTERN_SEED).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Contacts;
use Flow;
use Https;
use Site;

my $seed   = $ENV{POSTERN_SEED}   // time ^ $$ << 8;
my $rounds = $ENV{POSTERN_ROUNDS} // 400;
my $site   = Site->new(workers => 1, settings => { POSTERN_CONTACTS_PER_MINUTE => 1_000_000 });
my $seeds  = $site->client(seed => 1);
my $plain  = $site->client;

# A person of a client that may send its token in the query; all that is theirs has this word in it.
sub person ($word, @ids) {
    my $user  = $site->user("$word-person");
    my $code  = $site->code($seeds, $site->signed_in($user));
    my $token = $site->redeem($seeds, $code)->json->{access_token};
    my $who   = Contacts->new($site, $token, owner => $user->{id}, user => $user, word => $word);
    $who->add(
        map { { id => $_, username => "$word-$_", name => "Anna $word $_", email => "$word-$_\@example.com", phone => "$word-$_" } }
            @ids
    );
    return $who;
}
my $mine   = person('mine',   1 .. 30);
my $theirs = person('theirs', 10 .. 20, 9_000_000 .. 9_000_030);
my $all    = 'fields=id,username,name,email,phone,updated_at';

# Nothing of the other in it, be it an id that the first one has not; a request's own words may come back.
sub clean ($answer) { return $answer->bytes !~ /theirs|\b90000\d\d\b/ }

sub kept_apart ($name, $answer, @more) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return all_good($name, $answer, 'nothing of the other' => clean($answer), @more);
}
ok !clean($theirs->list), 'it would be seen';

# What the other one holds.
my (%their, @changed);
$their{mark} = $theirs->list->json->{sync};
$site->sql("update directory.person_contact set phone = phone || '+' where id > 12");
for (
    [ id => '?limit=5' ], [ name => '?order=name&limit=5' ], [ found => '?q=anna&limit=5' ], [ fields => "?limit=5&$all" ],
    [ changes => "?sync=$their{mark}&limit=5" ]
    )
{
    my $page = $theirs->list($_->[1]);
    $their{ $_->[0] } = Response->query($page->json->{next})->{cursor};
    push @{ $their{etags} }, $page->header('ETag');
}
my $their_id    = 9_000_007;
my $their_token = $theirs->{token};
my %baseline    = map { $_ => $mine->get($_)->body =~ s/cursor=[^"]*|"sync":"[^"]*"//gr } '/contacts', '/contacts?limit=5',
    '/contacts?order=name', '/contacts?q=anna', '/contacts/12';

sub unchanged ($target, $answer) {
    return $answer->status == 200 && ($answer->body =~ s/cursor=[^"]*|"sync":"[^"]*"//gr) eq $baseline{$target};
}

# Cursors and marks.
for my $kind (qw(id name found fields changes)) {
    for my $with ('', 'order=name', 'order=id', 'q=anna', $all, 'limit=1000') {
        my $answer = $mine->list("?cursor=$their{$kind}&$with");
        kept_apart "CT-3: their cursor ($kind) with $with", $answer, '400' => $answer->status == 400;
    }
}
for my $with ('', 'limit=1', $all) {
    my $answer = $mine->list("?sync=$their{mark}&$with");
    kept_apart "CT-3: their mark with $with", $answer, '400' => $answer->status == 400 && $answer->json->{error} eq 'sync_invalid';
}
kept_apart 'CT-3: their mark as a cursor', $mine->list("?cursor=$their{mark}");
kept_apart 'CT-3: their cursor as a mark', $mine->list("?sync=$their{id}");

# Ids.  Both have 12; theirs alone is the other.
kept_apart 'CT-1: their id', $mine->get("/contacts/$their_id"), 404 => $mine->get("/contacts/$their_id")->status == 404;
is $mine->get('/contacts/12')->json->{username}, 'mine-12', 'CT-1: an id that both have is one\'s own';
for my $path (
    "/contacts/12/../$their_id", "/contacts/./$their_id",    "/contacts/$their_id?fields=name", "/contacts//$their_id",
    "/contacts/%39000007",       "/contacts/12%00$their_id", "/contacts/12,$their_id",          "/contacts/12;id=$their_id",
    "/contacts/12?id=$their_id", "/contacts/12?owner_id=$theirs->{owner}", "/contacts/12%20or%20id=$their_id", "/contacts/*",
    '/contacts/theirs-person',   "/contacts/$theirs->{owner}/12"
    )
{
    my $answer = $mine->get($path);
    ok clean($answer) || $answer->status >= 400 && $answer->body !~ /theirs/, "CT-1: $path";
}
kept_apart 'CT-5: their name', $mine->ask(q => $_), 'none' => !@{ $mine->ask(q => $_)->json->{contacts} }
    for 'their', 'anna their', 'theirs-12@';
is scalar @{ $mine->ask(q => 'anna')->json->{contacts} }, 30, 'CT-5: of a word that both have, one\'s own';

# Parameters that are none of ours.
for my $name (
    qw(owner owner_id account account_id user user_id userid username sub subject person id ids token bearer client_id client for as
    impersonate on_behalf_of x-user filter where select offset page after since fields[] cursor[] limit[] order[] Cursor CURSOR),
    "cursor\x{0}", ' cursor', 'cursor '
    )
{
    for my $value ($theirs->{owner}, 'theirs-person', $their{id}, $their_token, $their_id) {
        my $answer = $mine->list('?' . Https::form($name => $value));
        kept_apart "CT-1: a parameter '" . $name =~ s/\0/NUL/r . "'", $answer,
            'as without' => $answer->status == 400 || unchanged('/contacts', $answer);
    }
}

# Headers, all that anybody ever gave a meaning.
my @headers = qw(X-User X-User-Id X-Username X-Forwarded-User X-Remote-User Remote-User X-Auth-User X-Account-Id X-Owner-Id
    X-Original-URL X-Rewrite-URL X-Original-URI X-HTTP-Method-Override X-Method-Override X-Forwarded-For
    X-Forwarded-Host X-Forwarded-Proto X-Real-IP Forwarded Via Cookie Referer Origin User-Agent From Prefer Range
    If-Range If-Match If-None-Match If-Modified-Since If-Unmodified-Since Cache-Control Pragma Accept-Language
    Accept-Encoding Proxy-Authorization X-Authorization X-Access-Token X-Api-Key DPoP Authentication Auth-Token Slot
    Digest Token FCGI-Role Script-Name Script-Filename Query-String Request-Uri Document-Uri Path-Info Request-Method
    Gateway-Interface Content-Type Expect TE Upgrade-Insecure-Requests X-Request-Id X-Test-Address);

for my $header (@headers) {
    for my $value (
        $their_token, "Bearer $their_token", $theirs->{owner}, 'theirs-person', "/contacts?cursor=$their{id}",
        "access_token=$their_token", $their{etags}[0]
        )
    {
        for my $target (sort keys %baseline) {
            next if $target ne '/contacts' && $value ne "Bearer $their_token";
            my $answer = $mine->get($target, $header => $header eq 'X-Test-Address' ? '192.0.2.7' : $value);
            my $same   = unchanged($target, $answer);
            ok $same || $answer->status =~ /^4/ && clean($answer), "CT-1: $header: $value ($target)" or diag $answer->bytes;
        }
    }
}

# Tokens of two people at once.
problem $mine->list("?access_token=$their_token"), 400, 'invalid_request', 'CT-1: one\'s own in the header, theirs in the query';
problem $theirs->list("?access_token=$mine->{token}"), 400, 'invalid_request', 'CT-1: the other way round';
problem $mine->list("?access_token=$their_token&access_token=$mine->{token}", Authorization => undef), 400, 'invalid_request',
    'CT-1: both in the query';
is $mine->list("?access_token=$mine->{token}", Authorization => undef)->status, 200, 'BT-3: one\'s own in the query alone is taken';
ok clean($mine->list("?access_token=$mine->{token}&limit=5&cursor=$their{id}", Authorization => undef)), 'CT-3: with their cursor';
unlike $mine->list("?access_token=$mine->{token}&limit=5", Authorization => undef)->bytes, qr/psta_/, 'BT-3: no link holds it';

for my $line (
    "Bearer $mine->{token}, Bearer $their_token", "Bearer $mine->{token} $their_token",
    "Bearer $their_token,$mine->{token}", "Basic $their_token", "bearer  $mine->{token}\tx"
    )
{
    my $answer = $mine->list('', Authorization => $line);
    ok clean($answer) && $answer->status =~ /^4/, "CT-1: Authorization: $line" =~ s/psta_[\w-]+/.../gr;
}
my $twice = sub ($first, $second) {
    my $bytes = $site->{contacts}->bytes('GET', '/contacts', { Authorization => "Bearer $first" }, undef) =~
        s/^(Authorization: .*\r\n)/$1Authorization: Bearer $second\r\n/mr;
    return $site->{contacts}->raw($bytes);
};
for ([ $mine, $theirs ], [ $theirs, $mine ]) {
    my ($first, $second) = @$_;
    my $answer = $twice->($first->{token}, $second->{token});
    ok $answer->status =~ /^40[01]$/ || $answer->bytes !~ /$second->{word}/ || $answer->bytes !~ /$first->{word}/,
        "CT-1: two Authorization headers, $first->{word} first: never both";
}

# ETags: theirs is not one's own; where both hold the same, each hears it of his own page only.
for my $tag (@{ $their{etags} }) {
    my $answer = $mine->list('?limit=5', 'If-None-Match' => $tag);
    is $answer->status, 200, 'CT-7: 304 only to whom the page belongs';
}
is $mine->get("/contacts/$their_id", 'If-None-Match' => $_)->status, 404, "CT-7: no 304 for a contact of theirs ($_)"
    for '*', $theirs->get("/contacts/$their_id")->header('ETag');

# A cache may ask with the tags of all answers that it has (RFC 9111 4.1), and take the one that 304 names: it must not be
# another's.
my ($one, $two) = map { Contacts->somebody($site, client => $plain) } 1, 2;
for my $rows ('no rows', 'the same rows') {
    $_->add({ id => 1, username => 'same' }) for $rows eq 'no rows' ? () : ($one, $two);
    for my $query ('', '?order=name') {
        my %answer = map { $_->{owner} => $_->list($query) } $one, $two;
        next if $answer{ $one->{owner} }->body eq $answer{ $two->{owner} }->body;
        is $one->list($query, 'If-None-Match' => $answer{ $two->{owner} }->header('ETag'))->status, 200,
            "CT-7: where both have $rows, another's answer is not one's own (/contacts$query)";
    }
}

# One worker, one connection, one after the other: nothing stays from the last request.
my ($alien, $pages) = (0, 0);
my %until = map { $_->{word} => undef } $mine, $theirs;
for my $n (1 .. 150) {
    my $who    = $n % 3 ? $mine : $theirs;
    my $word   = $who->{word};
    my $other  = $word eq 'mine' ? 'theirs' : 'mine';
    my $answer = $site->{contacts}->get(
        $until{$word} // "/contacts?limit=" . (1 + $n % 7) . "&$all", Flow::bearer($who->{token}),
        $n % 5 ? () : (Accept => 'text/vcard')
    );
    $alien++ if $answer->bytes                           =~ /$other/;
    $pages++ if $answer->status == 200 && $answer->bytes =~ /$word/;
    $until{$word} = ($answer->header('Link') // '') =~ m{^<https://[^/]+(.*?)>} ? $1 : undef;
}
is "$alien $pages", '0 150', 'CT-1: two people by turns, at one worker';

# At random: parameters, paths and headers of the pool, with the first one's token.
my $state = $seed & 0x7fffffff;
sub chance ($n)    { return int(($state = ($state * 1103515245 + 12345) & 0x7fffffff) / 65536) % $n }
sub one_of (@list) { return $list[ chance(scalar @list) ] }
my $own_mark = $mine->list->json->{sync};
my $own      = $mine->list('?limit=5')->json->{next} =~ s/.*cursor=//r;
my @pool     = (
    @their{qw(mark id name found fields changes)}, $their_id, $theirs->{owner}, $own, $own_mark, 5, 1000, 'anna', 'id', 'name',
    'id,name,email', 'theirs', '', '*'
);
my (%status, @shown);

for my $n (1 .. $rounds) {
    my %query = map { one_of(qw(limit cursor fields order q sync owner_id)) => one_of(@pool) } 1 .. 1 + chance(4);
    $query{limit} = 1 + chance(50) if chance(3);
    my $path = one_of('/contacts', '/contacts', '/contacts', '/contacts/' . one_of($their_id, 12, 1));
    my %header =
        map { one_of(@headers) => one_of("Bearer $their_token", $theirs->{owner}, @{ $their{etags} }, $their_id) } 1 .. chance(3);
    delete $header{'X-Test-Address'};
    $header{Accept} = one_of('text/vcard', 'application/json', '*/*') if !chance(3);
    my $answer = $mine->request(one_of('GET', 'GET', 'GET', 'HEAD'), "$path?" . Https::form(%query), %header);
    $status{ $answer->status }++;
    push @shown, "$path?" . Https::form(%query) . ": " . $answer->bytes if $answer->body =~ /theirs-|\b90000\d\d\b(?![^"]*not)/;
}
is "@shown", '', "CT-1: $rounds requests at random (POSTERN_SEED=$seed)";
cmp_ok $status{200} // 0, '>', $rounds / 20, 'some of which were good';
note join ', ', map {"$_: $status{$_}"} sort keys %status;

# When their token has ended, what they held is still theirs.
is $site->{https}->post('/revoke', [ token => $their_token, client_id => $seeds->{id}, client_secret => $seeds->{secret} ])->status,
    200, 'their token is revoked';
is $theirs->list($_)->status, 401, 'CT-1: it opens nothing' for '', "?cursor=$their{id}", "?sync=$their{mark}";
kept_apart 'CT-3: nor does their cursor, then', $mine->list("?cursor=$their{id}"),
    400 => $mine->list("?cursor=$their{id}")->status == 400;
kept_apart 'CT-3: nor their mark', $mine->list("?sync=$their{mark}"), 400 => $mine->list("?sync=$their{mark}")->status == 400;
my $again = Contacts->somebody($site, user => $theirs->{user});
is $again->list("?cursor=$their{id}")->json->{contacts}[0]{username}, 'theirs-15',
    'CT-3: with a new token of the same person, of another client even, it goes on';
is $again->list("?sync=$their{mark}")->status, 200, 'CT-6: so does the mark';

# A contact that goes to another person is shown to one of them at each time.
my $moved = 'directory.person_contact set owner_id';
my $mark  = $mine->list->json->{sync};
$site->sql("update $moved = $theirs->{owner} where owner_id = $mine->{owner} and id = 1");
my @told = @{ $mine->list("?sync=$mark&$all")->json->{contacts} };
is_deeply \@told, [ { id => 1, deleted => JSON::PP::true } ], 'CT-6: what is given away is gone, and no more is said of it';
is $mine->get('/contacts/1')->status, 404, 'CT-1: nor shown';
$site->sql("update directory.person_contact set name = 'theirs now' where id = 1");
is_deeply $mine->list("?sync=$mark&$all")->json->{contacts}, \@told, 'CT-6: whatever becomes of it there';
$site->sql("delete from directory.person_contact where id = 1");
is_deeply $mine->list("?sync=$mark&$all")->json->{contacts}, \@told, 'CT-6: even when it goes there';

$site->finish;
