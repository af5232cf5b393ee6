# SPDX-License-Identifier: ISC
# /token with grant_type=authorization_code: the request that works, and what each change of it gets.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA ();
use Test::More;

use Check;
use Flow;
use Https;
use Site;

my $site   = Site->new(programs => [qw(authorize token)]);
my $user   = $site->user;
my $person = $site->signed_in($user);
my $client = $site->client(auth_method => 'client_secret_post');
my $plain  = $site->client(no_pkce     => 1);
my $native = $site->client(type => 'native', redirect_uri => [ 'http://127.0.0.1/cb', 'com.example.app:/cb' ]);
my $basic  = $site->client(auth_method => 'client_secret_basic', no_pkce => 1, id => 'odd:%client+id&=');
my ($verifier, $challenge) = Flow::pkce();
my %s256 = (code_challenge => $challenge, code_challenge_method => 'S256');

my $code = $site->code($client, $person, %s256);
my $ask  = sub (%change) { $site->redeem($client, $code, code_verifier => $verifier, %change) };

# TK-3: a failed attempt does not use the code up, so one code serves for all of them.
my $other = $site->code($plain, $person);
my ($wrong_verifier) = Flow::pkce();
for (
    [ 'no grant_type',      { grant_type => undef },               400, 'invalid_request' ],
    [ 'unknown grant_type', { grant_type => 'urn:example:grant' }, 400, 'unsupported_grant_type' ],
    [
        'password grant (AZ-10)', { grant_type => 'password', username => $user->{name}, password => 'x' }, 400,
        'unsupported_grant_type'
    ],
    [ 'no code',                  { code          => undef },                                    400, 'invalid_request' ],
    [ 'unknown code',             { code          => 'pstc_' . 'A' x 71 },                       400, 'invalid_grant' ],
    [ 'malformed code (TK-11)',   { code          => 'x' x 43 },                                 400, 'invalid_grant' ],
    [ 'code with a typo (TK-11)', { code          => $code =~ s/(.)$/$1 eq 'A' ? 'B' : 'A'/er }, 400, 'invalid_grant' ],
    [ 'another client\'s code',   { code          => $other },                                   400, 'invalid_grant' ],
    [ 'wrong verifier (PK-3)',    { code_verifier => $wrong_verifier },                          400, 'invalid_grant' ],
    [ 'no verifier (PK-3)',       { code_verifier => undef },                                    400, 'invalid_grant' ],
    [ 'short verifier (PK-3)',    { code_verifier => 'a' x 42 },                                 400, 'invalid_grant' ],
    [ 'long verifier (PK-3)',     { code_verifier => 'a' x 129 },                                400, 'invalid_grant' ],
    [ 'verifier of other characters (PK-3)', { code_verifier => 'a' x 42 . '+' },                400, 'invalid_grant' ],
    [ 'the challenge as verifier',           { code_verifier => $challenge },                    400, 'invalid_grant' ],
    [ 'another redirect_uri',                { redirect_uri  => 'https://app.example/other' },   400, 'invalid_grant' ],
    [ 'wrong secret',                        { client_secret => 'psts_' . 'A' x 49 },            401, 'invalid_client' ],
    [ 'malformed secret',                    { client_secret => 'secret' },                      401, 'invalid_client' ],
    [ 'no secret',                           { client_secret => undef },                         401, 'invalid_client' ],
    [ 'unknown client',                      { client_id     => 'nobody' },                      401, 'invalid_client' ],
    [ 'no client',                           { client_id => undef, client_secret => undef },         401, 'invalid_client' ],
    [ 'public client\'s id',                 { client_id => $native->{id}, client_secret => undef }, 400, 'invalid_grant' ],
    [ 'public client with a secret',         { client_id => $native->{id} },                         401, 'invalid_client' ],
    [ 'another client\'s secret',            { client_secret => $plain->{secret} },                  401, 'invalid_client' ],
    [
        'Basic, registered for post',
        { client_secret => undef, headers => { Authorization => Https::basic($client->{id}, $client->{secret}) } },
        401, 'invalid_client'
    ],
    [
        'Basic beside the body (CA-2)', { headers => { Authorization => Https::basic($client->{id}, $client->{secret}) } },
        400, 'invalid_request'
    ],
    [
        'Basic of another client_id (CA-2)',
        { client_secret => undef, headers => { Authorization => Https::basic('x', $client->{secret}) } },
        400, 'invalid_request'
    ],
    [ 'a broken Authorization', { client_secret => undef, headers => { Authorization => 'Basic !!!' } }, 401, 'invalid_client' ],
    [ 'a Bearer as client',     { client_secret => undef, headers => { Authorization => 'Bearer x' } },  401, 'invalid_client' ],
    )
{
    my ($case, $change, $status, $error) = @$_;
    my $answer = $ask->(%$change);
    oauth_error $answer, $status, $error, "TK-9: $case";
    like $answer->header('WWW-Authenticate'), qr/^Basic realm=/, "CA-3: with a challenge ($case)"
        if $change->{headers} && $status == 401;
}
is $ask->(client_secret => 'psts_' . 'A' x 49)->body, $ask->(client_id => 'nobody')->body,
    'CA-3: the same answer for client and secret';

# TK-1: form POST only; CA-2: nothing in the URI.
oauth_error $site->{https}->get('/token'), 405, 'invalid_request', 'TK-1: GET';
is $site->{https}->get('/token')->header('Allow'), 'POST, OPTIONS', 'TK-1: Allow names POST';
oauth_error $site->{https}->request($_, '/token'), 405, 'invalid_request', "TK-1: $_" for qw(PUT DELETE PATCH FOO);
my $json = '{"grant_type":"authorization_code"}';
oauth_error $site->{https}->request('POST', '/token', { 'Content-Type' => 'application/json' }, $json), 415, 'invalid_request',
    'TK-1: JSON';
oauth_error $site->{https}->request('POST', '/token', { 'Content-Type' => 'multipart/form-data; boundary=x' }, '--x--'), 415,
    'invalid_request', 'TK-1: multipart';
oauth_error $site->{https}->request('POST', '/token', {}, 'grant_type=authorization_code'), 415, 'invalid_request', 'TK-1: no type';
my $uri = '/token?' . Https::form(client_id => $client->{id}, client_secret => $client->{secret});
oauth_error $site->{https}->post($uri, [ grant_type => 'authorization_code', code => $code, code_verifier => $verifier ]), 400,
    'invalid_request', 'CA-2: credentials in the URI';

# The good ones.
my $answer = $ask->();
is $answer->status,                         200,        'TK-3: after all these the code still works';
is $answer->header('Cache-Control'),        'no-store', 'TK-2: no-store';
is join(' ', sort keys %{ $answer->json }), 'access_token expires_in scope token_type', 'TK-2: members';
is $site->redeem($plain, $other)->status,   200, 'PK-2: without PKCE, for a client registered so';
is $site->redeem($plain, $site->code($plain, $person, %s256), code_verifier => $verifier)->status, 200, 'PK-2: which may use it';
oauth_error $site->redeem($plain, $site->code($plain, $person, %s256)), 400, 'invalid_grant', 'PK-2: and then must';
oauth_error $site->redeem($plain, $site->code($plain, $person), code_verifier => $verifier), 400, 'invalid_grant',
    'PK-3: a verifier for a code without challenge';
oauth_error $site->redeem($plain, $site->code($plain, $person), redirect_uri => undef), 400, 'invalid_grant',
    'TK-3: redirect_uri may not be missing without PKCE';
is $site->redeem($plain, $site->code($plain, $person, redirect_uri => undef), redirect_uri => undef)->status, 200,
    'TK-3: unless the authorization request had none';
is $site->redeem($client, $site->code($client, $person, %s256), code_verifier => $verifier, redirect_uri => undef)->status, 200,
    'TK-3: it may be missing with PKCE';

for my $redirect ('http://127.0.0.1:50123/cb', 'com.example.app:/cb') {
    my $app = { %$native, redirect_uri => $redirect };
    is $site->redeem($app, $site->code($app, $person, %s256), code_verifier => $verifier)->status, 200,
        "CA-1: none, with $redirect";
}
for my $longest (join('', 'a' .. 'z', 'A' .. 'Z', 0 .. 9, '-._~') x 2, 'a' x 43, '-._~' x 32) {
    my $long = substr $longest, 0, 128;
    my $of   = $site->code($client, $person, code_challenge => Flow::base64url(Digest::SHA::sha256($long)),
        code_challenge_method => 'S256');
    is $site->redeem($client, $of, code_verifier => $long)->status, 200,
        'PK-3: a verifier of ' . length($long) . ' unreserved characters';
}
my %by_basic = (client_secret => undef, headers => { Authorization => Https::basic($basic->{id}, $basic->{secret}) });
is $site->redeem($basic, $site->code($basic, $person), %by_basic, client_id => undef)->status, 200,
    'CA-1: Basic, both halves form-encoded';
is $site->redeem($basic, $site->code($basic, $person), %by_basic)->status, 200, 'CA-2: client_id beside Basic is no second method';
oauth_error $site->redeem($basic, $site->code($basic, $person)), 401, 'invalid_client', 'CA-1: no other method is taken';
is $site->redeem($plain, $site->code($plain, $person, scope => 'contacts'))->json->{scope}, 'contacts',
    'AZ-12: a narrower scope is told';

$site->finish;
