# SPDX-License-Identifier: ISC
# BT-4, KE-1: a secret of ours in whatever parameter of whatever endpoint: it is refused or ignored, and no log, no statement's
# parameter and no row has it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Canary;
use Check;
use Flow;
use Https;
use Site;

my $site     = Site->new;
my $user     = $site->user;
my $person   = $site->signed_in($user);
my $client   = $site->client(refresh    => 1, no_pkce => 1);
my $resource = $site->client(introspect => 'profile');
my $machine  = $site->client(machine    => 1);
my $device   = $site->client(device     => 'only', type => 'public');
my $token    = $site->redeem($client, $site->code($client, $person))->json;

# A secret of each kind, whole.
sub secret ($kind) {
    my $before = $kind =~ /[apq]/ ? '1' : $kind =~ /[ds]/ ? '' : Flow::random(16);
    my $secret = Flow::checked("pst${kind}_$before" . Flow::random(32) . 'xxxxxx');
    Canary::add($secret);
    return $secret;
}

# What is good at each of them, before one parameter is the secret.
my %good         = (response_type => 'code', redirect_uri => $client->{redirect_uri});
my $device_grant = 'urn:ietf:params:oauth:grant-type:device_code';
my %asks         = (
    '/token, a code'    => sub ($of) { +{ by($client), grant_type => 'authorization_code', code => 'x', %good, %$of } },
    '/token, a refresh' =>
        sub ($of) { +{ by($client), grant_type => 'refresh_token', refresh_token => $token->{refresh_token}, %$of } },
    '/token, a machine'     => sub ($of) { +{ by($machine),  grant_type => 'client_credentials', %$of } },
    '/par'                  => sub ($of) { +{ by($client),   %good, %$of } },
    '/revoke'               => sub ($of) { +{ by($client),   token      => 'x',           %$of } },
    '/introspect'           => sub ($of) { +{ by($resource), token      => 'x',           %$of } },
    '/token, a device'      => sub ($of) { +{ by($device),   grant_type => $device_grant, device_code => 'x', %$of } },
    '/device_authorization' => sub ($of) { +{ by($device),   %$of } },
    '/profile'              => sub ($of) {$of}
);

sub by ($client) { return (client_id => $client->{id}, client_secret => $client->{secret}) }

my @names = qw(client_id client_secret grant_type code redirect_uri code_verifier refresh_token scope resource token token_type_hint
    state response_type response_mode code_challenge code_challenge_method request request_uri prompt nonce access_token h t csrf decision
    limit cursor fields order q sync device_code user_code to anything);
my @kinds = qw(a c d r s q p);
my %status;
for my $name (@names) {
    push @kinds, my $kind = shift @kinds;
    my $secret = secret($kind);
    for my $case (sort keys %asks) {
        my $form = $asks{$case}->({ $name => $secret });
        my ($path) = $case =~ /^([^,]*)/;
        push @{ $status{ $site->{https}->post($path, [ map { $_ => $form->{$_} } sort keys %$form ])->status } }, "$case $name";
    }
    my $query = Https::form($name => $secret);
    $person->get($site->authorize_url($client, $name => $secret));
    push @{ $status{ $site->{https}->get("/profile?$query")->status } }, "/profile $name";
    push @{ $status{ $site->{contacts}->get("/contacts?$query", Flow::bearer($token->{access_token}))->status } },
        "/contacts $name";
    $person->get("/device?$query");
    my $login = $site->person;
    $login->open_page('/login');
    $login->send_form($name => $secret);
}
is join(' ', sort keys %status), '200 201 400 401', 'each is ignored or refused';
for my $name (qw(redirect_uri scope resource)) {
    my $form = $asks{'/token, a code'}->({ $name => secret('s') });
    like $site->{https}->post('/token', [%$form])->json->{error}, qr/^invalid_/, "and told: $name at /token";
}

# A state may be anything, but that: what only looks like one comes back.
my $whole = secret('r');
for ([ "x-$whole-y", 'invalid_request' ], [ 'psta_1', undef ], [ "pstr_" . 'A' x 71, undef ]) {
    my ($state, $error) = @$_;
    my $answer = $person->get($site->authorize_url($client, state => $state));
    is $answer->query->{error}, $error, 'a state that ' . ($error ? 'holds a whole secret is refused' : 'looks like one is taken');
    is $answer->query->{state}, undef,  'and does not come back' if $error;
}

$site->finish;
