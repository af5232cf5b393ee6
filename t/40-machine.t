# SPDX-License-Identifier: ISC
# A machine's own tokens (client_credentials): TK-8, CA-5, and the scopes that they can have.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Site;

my $site = Site->new;
$site->tool_ok([ qw(scope add reports --sentence), 'read reports', '--machine' ]);
my $machine = $site->client(machine => 1, scope => 'reports profile contacts');
my $people  = $site->client(no_pkce => 1);
my $naked   = $site->client(machine => 1, scope => 'profile');

sub ask ($client, %change) {
    my %form = (grant_type => 'client_credentials', client_id => $client->{id}, client_secret => $client->{secret}, %change);
    return $site->{https}->post('/token', [ map { $_ => $form{$_} } grep { defined $form{$_} } sort keys %form ]);
}

my $good = ask($machine);
is $good->status,                         200,                                        'TK-8: a machine gets a token for itself';
is join(' ', sort keys %{ $good->json }), 'access_token expires_in scope token_type', 'TK-8: and no refresh token';
is $good->json->{scope},                             'reports', 'CA-5: the default scopes that need a person are left out';
is ask($machine, scope => 'reports')->json->{scope}, 'reports', 'TK-8: the same by name';
is $site->sql("select count(distinct grant_id) || ' ' || count(*) from oauth.access_token"), '1 2',
    'all its tokens hang on its one grant';

# CA-5: it never passes for a person.
my $token = $good->json->{access_token};
challenge $site->profile($token),      403, { error => 'insufficient_scope', scope => 'profile' },  'CA-5: at /profile';
challenge $site->contact_list($token), 403, { error => 'insufficient_scope', scope => 'contacts' }, 'CA-5: at /contacts';
my $narrow = ask($machine, resource => "$site->{issuer}/profile")->json->{access_token};
challenge $site->contact_list($narrow), 401, { error => 'invalid_token' }, 'CA-5: 401 where the audience is wrong';

for (
    [ 'a scope that needs a person', $machine, { scope => 'profile' },                 400, 'invalid_scope' ],
    [ 'one of two',                  $machine, { scope => 'reports contacts' },        400, 'invalid_scope' ],
    [ 'an unknown scope',            $machine, { scope => 'else' },                    400, 'invalid_scope' ],
    [ 'a malformed scope',           $machine, { scope => ' reports' },                400, 'invalid_scope' ],
    [ 'no scope of its own',         $naked,   {},                                     400, 'invalid_scope' ],
    [ 'a foreign resource',          $machine, { resource => 'https://x.example' },    400, 'invalid_target' ],
    [ 'a client for people',         $people,  {},                                     400, 'unauthorized_client' ],
    [ 'a wrong secret',              $machine, { client_secret => $people->{secret} }, 401, 'invalid_client' ],
    [ 'no secret',                   $machine, { client_secret => undef },             401, 'invalid_client' ],
    )
{
    my ($case, $client, $change, $status, $error) = @$_;
    oauth_error ask($client, %$change), $status, $error, "TK-8: $case";
}
my ($verifier, $challenge) = Flow::pkce();
page $site->person->open_page($site->authorize_url($machine, redirect_uri => 'https://app.example/back')), 400,
    'TK-8: a machine has no page';
is $site->sql("select count(*) from oauth.audit where event = 'token' and detail = 'client_credentials' and account_id is null"), 3,
    'OP-6: each in the audit, without a person';

# TK-13: its own grant, ended or over, gives no token.
my $issued = 'select count(*) from oauth.access_token';
for ([ "ended_at = now(), ended_why = 'administrator'", 'ended_at = null, ended_why = null' ],
    [ 'expires_at = now()', "expires_at = 'infinity'" ])
{
    my ($off, $on) = @$_;
    my $before = $site->sql($issued);
    $site->sql("update oauth.grants set $off where client_id = '$machine->{id}'");
    oauth_error ask($machine), 400, 'unauthorized_client', "TK-13: a machine's grant with $off";
    is $site->sql($issued), $before, 'TK-13: no token is issued';
    $site->sql("update oauth.grants set $on where client_id = '$machine->{id}'");
    is ask($machine)->status, 200, 'TK-13: but when it lives again';
}

# CA-3, TK-13: disabled or removed, its tokens end with the next request.
$site->sql("update oauth.client set enabled = false where client_id = '$machine->{id}'");
oauth_error ask($machine), 401, 'invalid_client', 'CA-3: a disabled machine';
challenge $site->profile($token), 401, { error => 'invalid_token' }, 'TK-13: and its token';

# The tool: what a machine can't be, and a scope's sentences.
for (
    [ 'a public machine',        [qw(--type public)] ],
    [ 'with refresh tokens',     ['--refresh'] ],
    [ 'by the seed\'s contract', ['--seed-contract'] ],
    )
{
    my ($case, $more) = @$_;
    is $site->tool([ qw(client add --name X --machine), @$more ])->{exit}, 64, "the tool refuses a machine $case";
}
is $site->tool([ qw(scope add reports --sentence), 'x' ])->{exit},    65, 'a scope for machines is not made one for people';
is $site->tool([ 'scope', 'add', 'a b', '--sentence', 'x' ])->{exit}, 64, 'a scope has no space';
is $site->tool([qw(scope add fine)])->{exit},                         64, 'a scope has a sentence';
$site->tool_ok([ qw(scope change reports --sentence), "de=Berichte lesen" ]);
like $site->tool_ok([qw(scope list)]), qr/^reports +machines +de +Berichte lesen$/m, 'the list shows each sentence';

$site->finish;
