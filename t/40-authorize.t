# SPDX-License-Identifier: ISC
# /authorize (RFC 6749 4.1.1): what is a page, what is a redirect, and what each of them carries.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Https;
use Site;

my $site   = Site->new(programs => ['authorize']);
my $user   = $site->user;
my $client = $site->client(no_pkce => 1, scope => 'profile contacts', redirect_uri => 'https://app.example/back?keep=1');
my $two    = $site->client(no_pkce => 1, redirect_uri => [ 'https://app.example/one', 'https://app.example/two' ]);
my $strict = $site->client;
my (undef, $challenge) = Flow::pkce();

sub ask ($client, %change) { return $site->{https}->get($site->authorize_url($client, %change)) }

sub location_is_page ($answer) { return $answer->location =~ m{^\Q$site->{issuer}\E/authorize\?h=} }

ok location_is_page(ask($client)), 'a good request leads to a page';

# AZ-3: what the client must not hear.
for (
    [ 'unknown client_id',    { client_id    => 'nobody' } ],
    [ 'missing client_id',    { client_id    => undef } ],
    [ 'empty client_id',      { client_id    => '' } ],
    [ 'client_id with a NUL', { client_id    => "client\0" } ],
    [ 'unregistered host',    { redirect_uri => 'https://evil.example/back?keep=1' } ],
    [ 'one character more',   { redirect_uri => "$client->{redirect_uri}1" } ],
    [ 'another case',         { redirect_uri => 'https://APP.example/back?keep=1' } ],
    [ 'a port',               { redirect_uri => 'https://app.example:443/back?keep=1' } ],
    [ 'a fragment',           { redirect_uri => "$client->{redirect_uri}#x" } ],
    [ 'a path that goes up',  { redirect_uri => 'https://app.example/x/../back?keep=1' } ],
    [ 'user info',            { redirect_uri => 'https://app.example@evil.example/back?keep=1' } ],
    [ 'a header in it',       { redirect_uri => "https://app.example/back?keep=1\r\nX-Evil: 1" } ],
    [ 'not UTF-8',            { redirect_uri => "https://app.example/\xff" } ],
    [ 'javascript:',          { redirect_uri => 'javascript:alert(1)' } ],
    )
{
    my ($case, $change) = @$_;
    page ask($client, %$change), 400, "AZ-3, AZ-4: a page for $case";
}
page $site->{https}->get($site->authorize_url($client) . '&client_id=' . $client->{id}), 400,
    'GE-2: a page for a repeated client_id';
page $site->{https}->get($site->authorize_url($client) . '&redirect_uri=x'), 400, 'GE-2: a page for a repeated redirect_uri';
page ask($two, redirect_uri => undef), 400, 'AZ-3: a page where redirect_uri is missing, of two';
ok location_is_page(ask($client, redirect_uri => undef)),                     'AZ-3: of one it may be missing';
ok location_is_page(ask($two,    redirect_uri => 'https://app.example/two')), 'AZ-4: the second of two';
my $refused = ask($client, redirect_uri => 'https://app.example/bakc');
my $id      = $refused->header('X-Request-Id');
like $refused->body, qr/\Q$id\E/, 'AZ-3: the page shows the request id';
like $site->log_text('authorize'), qr{id=$id .*https://app\.example/bakc is not one of: https://app\.example/back\?keep=1},
    'AZ-3: the log has the exact difference';

# AZ-6, AZ-7: what the client hears, at once, with state and issuer.
my $state = q(a b&c=d%+"'<>/?#) . 'ü€😀' . "\t\r\n" . ('x' x 500);
for (
    [ 'no response_type',        { response_type  => undef },                                      'invalid_request' ],
    [ 'implicit',                { response_type  => 'token' },                                    'unsupported_response_type' ],
    [ 'hybrid',                  { response_type  => 'code id_token' },                            'unsupported_response_type' ],
    [ 'unknown scope',           { scope          => 'profile everything' },                       'invalid_scope' ],
    [ 'malformed scope',         { scope          => 'profile "' },                                'invalid_scope' ],
    [ 'plain',                   { code_challenge => 'a' x 43, code_challenge_method => 'plain' }, 'invalid_request' ],
    [ 'no method, so plain',     { code_challenge => 'a' x 43 },                                   'invalid_request' ],
    [ 'an unknown method',       { code_challenge => $challenge, code_challenge_method => 'S512' }, 'invalid_request' ],
    [ 'a short challenge',       { code_challenge => 'abc', code_challenge_method => 'S256' },      'invalid_request' ],
    [ 'a method alone',          { code_challenge_method => 'S256' },                               'invalid_request' ],
    [ 'unknown resource',        { resource => 'https://elsewhere.example/' },                      'invalid_target' ],
    [ 'a signed request',        { request => 'x.y.z' },                                            'request_not_supported' ],
    [ 'a foreign request_uri',   { request_uri => 'https://app.example/request' },                  'request_uri_not_supported' ],
    [ 'scope that isn\'t UTF-8', { scope => "\xc3\x28" },                                           'invalid_request' ],
    )
{
    my ($case, $change, $error) = @$_;
    redirected ask($client, state => $state, %$change), 'https://app.example/back?keep=1&',
        { keep => 1, error => $error, error_description => undef, state => utf8_bytes($state), iss => $site->{issuer} },
        "AZ-6, AZ-7: $case is $error at the client";
}
redirected ask($client, scope => 'x"', state => undef), 'https://app.example/back?keep=1&',
    { keep => 1, error => 'invalid_scope', error_description => undef, iss => $site->{issuer} }, 'AZ-7: no state in, none out';
redirected $site->{https}->get($site->authorize_url($client, state => 'a') . '&state=b'), 'https://app.example/back?keep=1&',
    { keep => 1, error => 'invalid_request', error_description => undef, iss => $site->{issuer} },
    'GE-2: a repeated state is an error without state';
redirected ask($client, state => "a\0b"), 'https://app.example/back?keep=1&',
    { keep => 1, error => 'invalid_request', error_description => undef, iss => $site->{issuer} }, 'GE-2: so is one with NUL';
redirected ask($strict, state => 's'), 'https://app.example/back?',
    { error => 'invalid_request', error_description => undef, state => 's', iss => $site->{issuer} },
    'PK-2: a challenge is required';
like ask($client, code_challenge => 'a' x 43)->query->{error_description}, qr/plain/, 'PK-1: the refusal of plain says so';
ok location_is_page(ask($strict, code_challenge => $challenge, code_challenge_method => 'S256')), 'PK-1: S256 is taken';
ok location_is_page(ask($client, unknown => 'x', state => '', scope => '')), 'GE-2: unknown is ignored, empty is omitted';
ok location_is_page($site->{https}->get($site->authorize_url($client) . '&unknown=1&unknown=2&bad=%ff')),
    'GE-2: whatever an unknown parameter holds';

# AZ-7: state comes back byte for byte with the code, and with a denial.
my $person = $site->signed_in($user);
redirected $site->allowed($client, $person, state => $state), 'https://app.example/back?keep=1&',
    { keep => 1, code => undef, state => utf8_bytes($state), iss => $site->{issuer} }, 'AZ-7: state comes back with the code';
$person->open_page($site->authorize_url($client, state => $state));
redirected $person->submit(decision => 'deny'), 'https://app.example/back?keep=1&',
    { keep => 1, error => 'access_denied', error_description => undef, state => utf8_bytes($state), iss => $site->{issuer} },
    'AZ-6: a denial is access_denied';

# SE-7: the consent page may lead to the client's scheme, and to nothing else.
like $person->open_page($site->authorize_url($client))->header('Content-Security-Policy'), qr/form-action 'self' https:(?:;|$)/,
    'SE-7: form-action is self and the scheme of the checked target';

sub utf8_bytes ($text) { utf8::encode($text); return $text }

$site->finish;
