# SPDX-License-Identifier: ISC
# Where an access token may stand, and where not (BT-1, BT-2; RFC 6750 2): every other place, spelling and mixture, at both
# resources.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Https;
use Site;

my $site   = Site->new;
my $user   = $site->user;
my $person = $site->signed_in($user);
my $client = $site->client;
my $seed   = $site->client(seed => 1);
my $token  = $site->token($client, $person);
my $query  = $site->redeem($seed, $site->code($seed, $person))->json->{access_token};
my $form   = 'application/x-www-form-urlencoded';
$site->sql("insert into directory.person_contact (owner_id, id, username) select $user->{id}, i, 'x' from generate_series(1, 3) i");

for (
    [ profile  => $site->{https},    \&oauth_error ],
    [ contacts => $site->{contacts}, \&problem ],
    )
{
    my ($name, $https, $error) = @$_;
    my $path = "/$name";
    my $ask  = sub ($header) { $https->get($path, Authorization => $header) };

    # Whatever is no token at all asks for one, and names no error (6750 3.1).
    for (
        [ 'no header',              undef ],
        [ 'an empty header',        '' ],
        [ 'the scheme alone',       'Bearer' ],
        [ 'the scheme and a space', 'Bearer ' ],
        [ 'no space after it',      "Bearer$token" ],
        [ 'a tab after it',         "Bearer\t$token" ],
        [ 'another scheme',         "Token $token" ],
        [ 'a longer scheme',        "Bearers $token" ],
        [ 'the token alone',        $token ],
        [ 'MAC',                    "MAC id=\"$token\"" ],
        [ 'DPoP',                   "DPoP $token" ],
        [ 'Basic',                  Https::basic('x', $token) ],
        )
    {
        my ($case, $header) = @$_;
        challenge $ask->($header), 401, {}, "BT-2: $path: $case";
    }

    # What stands in a token's place and is none, is a bad token.
    for (
        [ 'in quotes',          qq("$token") ],
        [ 'as an attribute',    "token=$token" ],
        [ 'two of them',        "$token,$token" ],
        [ 'with a comma',       "$token," ],
        [ 'with a parameter',   "$token; realm=\"x\"" ],
        [ 'padded',             "$token=" ],
        [ 'in lower case',      lc $token ],
        [ 'one letter less',    substr $token, 0, -1 ],
        [ 'one letter more',    $token . 'A' ],
        [ 'encoded',            $token =~ s/_/%5F/r ],
        [ 'of another kind',    $token =~ s/^psta/pstr/r ],
        [ 'without its prefix', substr $token, 5 ],
        [ 'two words',          "$token x" ],
        [ 'Bearer twice',       "Bearer $token" ],
        [ 'beyond ASCII',       "$token\xc3\xa9" ],
        [ 'not UTF-8',          "$token\xff" ],
        )
    {
        my ($case, $bad) = @$_;
        challenge $ask->("Bearer $bad"), 401, { error => 'invalid_token' }, "BT-2: $path: a token $case";
    }

    # Never from a cookie, another header, another parameter, or the body of a GET (6750 2.2).
    for (
        [ 'a cookie',         '', { Cookie                => "access_token=$token; __Host-postern=$token" } ],
        [ 'another header',   '', { 'X-Access-Token'      => $token, 'Access-Token' => $token } ],
        [ 'the proxy\'s one', '', { 'Proxy-Authorization' => "Bearer $token" } ],
        [ 'other parameters', "?token=$query&bearer_token=$query&oauth_token=$query&Access_Token=$query", {} ],
        )
    {
        my ($case, $more, $headers) = @$_;
        challenge $https->get("$path$more", %$headers), 401, {}, "BT-1: $path: never from $case";
    }
    challenge $https->request('GET', $path, { 'Content-Type' => $form }, "access_token=$token"), 401, {},
        "BT-1: $path: never from the body of a GET";
    is $https->request('GET', $path, { 'Content-Type' => $form, Flow::bearer($token) }, 'access_token=x')->status, 200,
        "BT-1: $path: which does not count as a second one";

    # More than one at once (6750 2), even the same, even where one alone would do.
    for (
        [ 'header and query',        "?access_token=$query",                     { Flow::bearer($query) } ],
        [ 'header and a bad query',  '?access_token=x',                          { Flow::bearer($query) } ],
        [ 'a bad header and query',  "?access_token=$query",                     { Flow::bearer('x') } ],
        [ 'the query twice',         "?access_token=$query&access_token=$query", {} ],
        [ 'a query that is no text', '?access_token=%ff',                        {} ],
        [ 'one with NUL',            "?access_token=$query%00",                  {} ],
        )
    {
        my ($case, $more, $headers) = @$_;
        $error->(my $answer = $https->get("$path$more", %$headers), 400, 'invalid_request', "BT-1: $path: $case");
        challenge $answer, 400, { error => 'invalid_request' }, "6750 3.1: and it is told in the challenge ($case)";
    }
    is $https->get("$path?access_token=", Flow::bearer($token))->status, 200, "GE-2: $path: an empty one in the query is none";
    challenge $https->get("$path?access_token="), 401, {}, "GE-2: $path: and asks for one";
    is $https->raw(
        "GET $path HTTP/1.1\r\nHost: $https->{host}\r\nConnection: close\r\n" . "Authorization: Bearer $token\r\n" x 2 . "\r\n")
        ->status, 400, "BT-1: $path: two Authorization headers";

    # A token in the query: for who is registered for it; private; and never in a link (6750 2.3).
    challenge $https->get("$path?access_token=$token"), 400, { error => 'invalid_request' },
        "BT-1: $path: the query, of another client";
    my $got = $https->get("$path?access_token=$query&limit=1");
    is $got->status, 200, "BT-1: $path: the query";
    like $got->header('Cache-Control'), qr/\bprivate\b.*\bno-(?:store|cache)\b/, "BT-3: $path: private";
    unlike $got->bytes,                 qr/\Q$query\E|access_token/,             "BT-3: $path: no link of it holds the token";
}

# The body of a POST at /profile: of this type alone (6750 2.2).
my $post = sub ($body, %headers) { $site->{https}->request('POST', '/profile', { 'Content-Type' => $form, %headers }, $body) };
is $post->("access_token=$token")->status, 200, 'BT-1: the body of a POST';
challenge $post->("access_token=$token&access_token=$token"), 400, { error => 'invalid_request' }, 'BT-1: twice in the body';
challenge $post->("access_token=$token", Flow::bearer('x')),  400, { error => 'invalid_request' }, 'BT-1: in header and body';
challenge $post->('access_token=' . lc $token),               401, { error => 'invalid_token' },   'BT-2: a bad one in the body';
challenge $post->('access_token='),                           401, {}, 'GE-2: an empty one in the body is none';
challenge $post->('x=y'),                                     401, {}, 'BT-2: none in the body';
oauth_error $post->("access_token=$token", 'Content-Type' => $_), 415, 'invalid_request', "BT-1: a body of $_"
    for 'multipart/form-data; boundary=x', 'text/plain', 'application/json';

$site->finish;
