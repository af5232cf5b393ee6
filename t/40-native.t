# SPDX-License-Identifier: ISC
# Clients that keep no secret (RFC 8252, RFC 9700 2.1.1): what they must do, and what nobody can do in their name.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 ();
use Test::More;

use Check;
use Flow;
use Https;
use Site;

my $site   = Site->new;
my $user   = $site->user;
my $person = $site->signed_in($user);
my @uris   = ('http://127.0.0.1/cb', 'http://[::1]/cb', 'http://localhost/cb', 'com.example.app:/cb', 'https://app.example/cb');
my %client = (
    native => $site->client(type => 'native', redirect_uri => \@uris,                   refresh => 1),
    public => $site->client(type => 'public', redirect_uri => 'https://app.example/cb', refresh => 1)
);
my $secret = $site->client->{secret};

for my $type (sort keys %client) {
    my $client = $client{$type};
    my ($verifier, $challenge) = Flow::pkce();
    my %s256 = (code_challenge => $challenge, code_challenge_method => 'S256');
    is $site->sql("select count(*) from oauth.client_secret where client_id = '$client->{id}'"), 0,
        "CA-1, 8252 8.5: a $type client has no secret";

    # PKCE (8252 8.1, 7636 4.4.1).
    for (
        [ 'none',         {} ],
        [ 'plain',        { code_challenge => $verifier, code_challenge_method => 'plain' } ],
        [ 'no method',    { code_challenge => $challenge } ],
        [ 'too short',    { code_challenge => 'a' x 42,       code_challenge_method => 'S256' } ],
        [ 'too long',     { code_challenge => 'a' x 44,       code_challenge_method => 'S256' } ],
        [ 'padded',       { code_challenge => "$challenge=",  code_challenge_method => 'S256' } ],
        [ 'no base64url', { code_challenge => 'a' x 42 . '+', code_challenge_method => 'S256' } ],
        [ 'lower case',   { code_challenge => $challenge,     code_challenge_method => 's256' } ],
        )
    {
        my ($case, $change) = @$_;
        redirected $site->{https}->get($site->authorize_url($client, state => 's', %$change)), "$client->{redirect_uri}?",
            { error => 'invalid_request', error_description => undef, state => 's', iss => $site->{issuer} },
            "PK-1, PK-2: a $type client's challenge: $case";
    }

    # A secret from such a client, any, is none that it has (6749 2.3.1).
    my $code = $site->code($client, $person, %s256);
    for (
        [ 'a secret in the body', { client_secret => $secret } ],
        [ 'a secret by Basic',    { client_id => undef, headers => { Authorization => Https::basic($client->{id}, $secret) } } ],
        [ 'an empty Basic', { headers => { Authorization => 'Basic ' . MIME::Base64::encode_base64("$client->{id}:", '') } } ],
        )
    {
        my ($case, $change) = @$_;
        oauth_error $site->redeem($client, $code, code_verifier => $verifier, %$change), 401, 'invalid_client',
            "CA-1: a $type client with $case";
    }

    # A public client is named all the same: its code is nobody else's.
    oauth_error $site->redeem($client, $code, code_verifier => $verifier, client_id => undef), 401, 'invalid_client',
        "TK-3: a $type client that does not say who it is";
    my $other = $client{ $type eq 'native' ? 'public' : 'native' };
    oauth_error $site->redeem($client, $code, code_verifier => $verifier, client_id => $other->{id}), 400, 'invalid_grant',
        "TK-3: its code at another $type client";
    my $tokens = $site->redeem($client, $code, code_verifier => $verifier)->json;
    is $site->profile($tokens->{access_token})->status, 200, "TK-3: a $type client's token";

    # TK-5, TK-6: its refresh tokens rotate; whoever sends an old one is no more than its client_id, and ends the grant.
    my $refresh = sub ($token, %change) {
        my %form = (grant_type => 'refresh_token', refresh_token => $token, client_id => $client->{id}, %change);
        return $site->{https}->post('/token', [ map { $_ => $form{$_} } grep { defined $form{$_} } sort keys %form ]);
    };
    oauth_error $refresh->($tokens->{refresh_token}, client_id => undef), 401, 'invalid_client',
        "TK-6: a $type client that says not who it is";
    oauth_error $refresh->($tokens->{refresh_token}, client_id     => $other->{id}), 400, 'invalid_grant',  'TK-6: or another';
    oauth_error $refresh->($tokens->{refresh_token}, client_secret => $secret),      401, 'invalid_client', 'TK-6: or has a secret';
    my $second = $refresh->($tokens->{refresh_token})->json;
    isnt $second->{refresh_token}, $tokens->{refresh_token}, "TK-5: the refresh token of a $type client rotates";
    my $third = $refresh->($second->{refresh_token})->json;
    oauth_error $refresh->($tokens->{refresh_token}), 400, 'invalid_grant', "TK-6: a $type client's oldest refresh token";
    is $site->profile($_)->status, 401, 'TK-6: ends the grant' for map { $_->{access_token} } $tokens, $second, $third;
    oauth_error $refresh->($third->{refresh_token}), 400, 'invalid_grant', 'TK-6: and its newest refresh token';

    # Nobody is asked to believe a name: the person is asked each time (8252 8.6).
    for my $turn (1, 2) {
        my $page =
            $person->open_page($site->authorize_url($client, code_challenge => (Flow::pkce())[1], code_challenge_method => 'S256'));
        page $page, 200, "AZ-8, 8252 8.6: the person is asked by a $type client, time $turn",
            'asked' => join(',', sort map { $_->[1] } @{ $person->form->{buttons} }) eq 'allow,deny';
        like $person->submit(decision => 'allow')->query->{code}, qr/^pstc_/, "AZ-8: and allows it, time $turn";
    }

    # TK-8: no machine's grant without a secret: not even an administrator can register that.
    my $machine = "update oauth.client set grant_types = grant_types || '{client_credentials}' where client_id = '$client->{id}'";
    like $site->sql($machine, try => 1)->{err}, qr/violates check constraint/, "TK-8: a $type client can't be a machine";
    my $own = $site->{https}->post('/token', [ grant_type => 'client_credentials', client_id => $client->{id} ]);
    oauth_error $own, 400, 'unauthorized_client', "TK-8: a $type client's own token";
}

# Each of a native app's redirect URIs, all the way (8252 7.1, 7.2, 7.3): the port is the app's, and the code is bound to it.
for my $uri ('http://127.0.0.1:50001/cb', 'http://[::1]:50002/cb', 'http://localhost:50003/cb', @uris[ 0, 3, 4 ]) {
    my $app = { %{ $client{native} }, redirect_uri => $uri };
    my ($verifier, $challenge) = Flow::pkce();
    my $answer = $site->allowed($app, $person, code_challenge => $challenge, code_challenge_method => 'S256');
    redirected $answer, "$uri?", { code => undef, iss => $site->{issuer} }, "AZ-4, AZ-5: a native app at $uri";
    my $code = $answer->query->{code};
    oauth_error $site->redeem($app, $code, code_verifier => $verifier, redirect_uri => 'http://127.0.0.1:50009/cb'), 400,
        'invalid_grant',
        'TK-3: the code is bound to the port that was named';
    is $site->redeem($app, $code, code_verifier => $verifier)->status, 200, "TK-3: and is good with $uri";
}

$site->finish;
