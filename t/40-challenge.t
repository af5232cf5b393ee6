# SPDX-License-Identifier: ISC
# A code_challenge is for one sign-in alone (PK-4, RFC 9700 2.1.1).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Site;

my $site   = Site->new;
my $user   = $site->user;
my $client = $site->client(refresh => 1);
my $other  = $site->client;
my $person = $site->signed_in($user);
my $thief  = $site->signed_in($site->user);
my ($verifier, $challenge) = Flow::pkce();
my %pkce   = (code_challenge => $challenge, code_challenge_method => 'S256');
my $living = "select count(*) from oauth.grants where client_id = '$client->{id}' and ended_at is null";

# From the same session the new code replaces the old.
my $first = $site->code($client, $person, %pkce);
my $form  = $person->open_page($site->authorize_url($client, %pkce)) && $person->form;
my @codes = map { $person->post('/consent', [ %{ $form->{fields} }, decision => 'allow' ])->query->{code} } 1, 2;
is $site->sql($living), 1, 'PK-4: of three codes for one challenge one lives, the same form sent twice among them';
is $site->sql("select string_agg(ended_why, ' ') from oauth.grants where client_id = '$client->{id}'"), 'replaced replaced',
    'PK-4: the others were replaced';
oauth_error $site->redeem($client, $_, code_verifier => $verifier), 400, 'invalid_grant', 'PK-4: a replaced code is refused'
    for $first, $codes[0];

# From another session it is refused while the first code lives, whoever is signed in there.
for ([ 'another person', $thief ], [ 'the same person in another browser', $site->signed_in($user) ]) {
    my ($who, $browser) = @$_;
    redirected $site->allowed($client, $browser, state => 'x', %pkce), $client->{redirect_uri},
        { error => 'invalid_request', error_description => undef, state => 'x', iss => $site->{issuer} }, "PK-4: $who is refused";
}
is $site->sql($living), 1, 'PK-4: which changes nothing of the first';
is $site->sql("select count(*) from oauth.audit where event = 'challenge_reused' and client_id = '$client->{id}'"), 2,
    'PK-4: it is counted';
my $answer = $site->redeem($client, $codes[1], code_verifier => $verifier);
is $answer->status,                                        200,               'PK-4: the code of the first session is good';
is $site->allowed($client, $thief, %pkce)->query->{error}, 'invalid_request', 'PK-4: also when it was redeemed within its minute';

# The same challenge once more in the first session does not end what has tokens.
my $again = $site->code($client, $person, %pkce);
is $site->profile($answer->json->{access_token})->status,              200, 'PK-4: a redeemed code is not replaced';
is $site->redeem($client, $again, code_verifier => $verifier)->status, 200, 'PK-4: the new one is good beside it';

# Another client's challenge is its own; without one nothing is compared.
is $site->redeem($other, $site->code($other, $thief, %pkce), code_verifier => $verifier)->status, 200,
    'PK-4: the same challenge of another client is another';
my $plain = $site->client(no_pkce => 1);
is $site->redeem($plain, $site->code($plain, $_))->status, 200, 'PK-2: a client without challenges' for $person, $thief;
is $site->sql('select count(*) from oauth.challenge_use'), 2, 'PK-4: a row for each challenge of each client';

# After the first code's minute it is as good as a new one.
$site->later('61 seconds');
is $site->redeem($client, $site->code($client, $thief, %pkce), code_verifier => $verifier)->status, 200,
    'PK-4: when the first code has expired it is not compared any more';
is $site->sql("select count(*) from oauth.grants where ended_why = 'replaced' and code_redeemed_at is not null"), 0,
    'PK-4: nothing redeemed was ever replaced';

$site->finish;
