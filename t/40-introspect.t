# SPDX-License-Identifier: ISC
# IN-1: /introspect (RFC 7662): a resource server hears of the living access tokens for its resources, and of nothing else.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use Canary;
use Check;
use Flow;
use Https;
use Process qw(wait_for);
use Site;

my $site    = Site->new;
my $user    = $site->user;
my $person  = $site->signed_in($user);
my $client  = $site->client;
my $both    = $site->client(introspect => 'profile contacts', id          => 'rs-both');
my $profile = $site->client(introspect => 'profile',          auth_method => 'client_secret_basic');

sub by ($client) { return (client_id => $client->{id}, client_secret => $client->{secret}) }

sub asking ($server, $token, %change) { return $site->sending('/introspect', $server, token => $token, %change) }
sub ask    (@what)                    { return asking(@what)->answer }

my %by_basic =
    (client_id => undef, client_secret => undef, headers => { Authorization => Https::basic($profile->{id}, $profile->{secret}) });

sub inactive ($answer, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return all_good(
        $name, $answer,
        'status 200' => $answer->status == 200,
        exactly      => $answer->body eq '{"active":false}',
        JSON         => $answer->type eq 'application/json',
        'no-store'   => $answer->header('Cache-Control') eq 'no-store'
    );
}

# A person's token, all of it.
my $token  = $site->token($client, $person);
my $answer = ask($both, $token);
my ($issued, $expires) = split /\|/,
    $site->sql(
    'select floor(extract(epoch from issued_at))::bigint, floor(extract(epoch from expires_at))::bigint from oauth.access_token');
my %person = (
    active     => JSON::PP::true, scope => 'profile contacts', client_id => $client->{id}, username => $user->{name},
    token_type => 'Bearer',       exp   => $expires,           iat       => $issued,       sub      => "$user->{id}",
    aud        => [ "$site->{issuer}/profile", $site->{contacts_url} ], iss => $site->{issuer}
);
is $answer->status, 200, 'IN-1: a living token';
is_deeply $answer->json, \%person, 'IN-1: these members and no other';
like $answer->body, qr/"sub":"[0-9]+"/,             '7662 2.2: sub is a string';
like $answer->body, qr/"exp":[0-9]+,"iat":[0-9]+,/, '7662 2.2: exp and iat are numbers';
is $answer->header('Cache-Control'), 'no-store', 'IN-1: in no cache';
is $expires - $issued,               3600,       'IN-1: its life';
is_deeply ask($profile, $token, %by_basic)->json, \%person, 'IN-1: for one of its resources, by Basic';
is_deeply ask($both, $token, token_type_hint => $_)->json, \%person, "7662 2.1: whatever the hint ($_)"
    for qw(access_token refresh_token nonsense);

# Audience and scope.
my $narrow = $site->token($client, $person, resource => $site->{contacts_url}, scope => 'contacts');
my $other  = ask($both, $narrow)->json;
is_deeply [ @$other{qw(aud scope)} ], [ [ $site->{contacts_url} ], 'contacts' ], 'IN-1: audience and scope are the token\'s';
inactive ask($profile, $narrow, %by_basic), 'IN-1: a token for another resource';

# Whatever is no access token, is the same; the log knows more.
my $code = $site->code($client, $person, code_challenge => (Flow::pkce())[1], code_challenge_method => 'S256');
for (
    [ 'unknown',         Flow::checked('psta_0' . Flow::random(32) . 'xxxxxx') ],
    [ 'of a typo',       $token =~ s/(.)$/$1 eq 'A' ? 'B' : 'A'/er ],
    [ 'a code',          $code ],
    [ 'a refresh token', Flow::checked('pstr_' . Flow::random(16) . Flow::random(32) . 'xxxxxx') ],
    [ 'a secret',        $client->{secret} ],
    [ 'no token',        'x' ],
    [ 'long',            'x' x 4000 ],
    [ 'a quote',         q(psta_0' or '1'='1) ]
    )
{
    inactive ask($both, $_->[1]), "IN-1: $_->[0]";
}
like $site->log_text('token'), qr/path=\/introspect error=INVALID_TOKEN.*its resources are: contacts/, 'OP-6: the log says why';

# Who asks.
my $public = $site->client(type => 'public');
for (
    [ 'no token',          { token         => undef },                         400, 'invalid_request' ],
    [ 'an empty token',    { token         => '' },                            400, 'invalid_request' ],
    [ 'no client',         { client_id     => undef, client_secret => undef }, 401, 'invalid_client' ],
    [ 'an unknown client', { client_id     => 'nobody' },                      401, 'invalid_client' ],
    [ 'a wrong secret',    { client_secret => 'psts_' . 'A' x 49 },            401, 'invalid_client' ],
    [ 'no secret',         { client_secret => undef },                         401, 'invalid_client' ],
    [
        'the token as bearer of the right', { client_id => undef, client_secret => undef, headers => { Flow::bearer($token) } },
        401, 'invalid_client'
    ],
    [ 'another way',     { by($profile) },                                       401, 'invalid_client' ],
    [ 'two ways (CA-2)', { headers => $by_basic{headers} },                      400, 'invalid_request' ],
    [ 'an application',  { by($client) },                                        400, 'unauthorized_client' ],
    [ 'a public one',    { client_id => $public->{id}, client_secret => undef }, 400, 'unauthorized_client' ],
    )
{
    my ($case, $change, $status, $error) = @$_;
    my $refused = ask($both, $token, %$change);
    oauth_error $refused, $status, $error, "IN-1: $case";
    like $refused->header('WWW-Authenticate'), qr/^Basic realm=/, 'CA-3: with a challenge' if $status == 401;
}
is ask($both, $token, client_secret => 'psts_' . 'A' x 49)->body, ask($both, $token, client_id => 'nobody')->body,
    'CA-3: the same answer for client and secret';
my $form = { 'Content-Type' => 'application/x-www-form-urlencoded' };
oauth_error $site->{https}->request('POST', '/introspect', $form, Https::form(by($both), token => $token) . '&token=x'), 400,
    'invalid_request', 'GE-2: a token twice';
oauth_error $site->{https}->request('POST', "/introspect?token=$token", $form, Https::form(by($both))), 400, 'invalid_request',
    'IN-1: a token in the URI is none';
oauth_error $site->{https}->get('/introspect'), 405, 'invalid_request', 'IN-1: GET';

# A resource server gets no tokens.
oauth_error $site->{https}->post('/token', [ by($both), grant_type => 'authorization_code', code => $code ]), 400,
    'unauthorized_client', 'IN-1: a resource server redeems nothing';
page $person->open_page($site->authorize_url($both)), 400, 'IN-1: and can send nobody to sign in';
is ask($both, $token)->status, 200, 'and still it may ask';

# What ends a token ends it here, at once (TK-13); what is mended is alive again.
for (
    [ 'the client is disabled',  "update oauth.client set enabled = %s where client_id = '$client->{id}'", 'false',     'true' ],
    [ 'the account is disabled', "update directory.person set active = %s where id = $user->{id}",         'false',     'true' ],
    [ 'the token has expired',   "update oauth.access_token set expires_at = now() + interval '%s'",       '-1 second', '1 hour' ],
    [ 'the grant was ended',     'update oauth.grants set ended_at = %s',                                  'now()',     'null' ],
    [ 'the grant has expired',   "update oauth.grants set expires_at = now() + interval '%s'",             '-1 second', '1 hour' ],
    )
{
    my ($case, $sql, $off, $on) = @$_;
    $site->sql(sprintf $sql, $off);
    inactive ask($both, $token), "TK-13: $case";
    $site->sql(sprintf $sql, $on);
    is ask($both, $token)->json->{active}, JSON::PP::true, 'TK-13: and not any more';
}
my $revoked = $site->token($client, $person);
$site->{https}->post('/revoke', [ by($client), token => $revoked ]);
inactive ask($both, $revoked), 'RV-1: a revoked token';
$site->sql("update oauth.client set enabled = false where client_id = 'rs-both'");
oauth_error ask($both, $token), 401, 'invalid_client', 'TK-13: a resource server that is disabled';
$site->sql("update oauth.client set enabled = true where client_id = 'rs-both'");

# A machine's own token: a subject that is no person's (CA-5).
my $machine = $site->token($client, $person);
$site->sql('update oauth.grants set account_id = null where id = (select max(id) from oauth.grants)');
my $is = ask($both, $machine)->json;
is $is->{sub}, "client:$client->{id}", 'CA-5: a machine\'s subject';
ok !exists $is->{username}, 'CA-5: it has no user name';

# It only reads, so a request whose worker dies is sent once more.  (A worker waits for 0.3 s only: on a busy machine it may be late.)
my $session = $site->session;
my ($ended, $pending) = (0);
for (1 .. 10) {
    $session->hold('lock table oauth.client_secret in access exclusive mode');
    $pending = asking($both, $token);
    $session->await_waiters(1);
    ($ended) = $session->query(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity, pg_stat_clear_snapshot()
          where usename = '$site->{roles}-token' and wait_event_type = 'Lock'"
    );
    $session->release;
    last if $ended;
    $pending->answer;
}
is $ended,                   1,   'a backend ends while it is asked';
is $pending->answer->status, 200, 'a backend that ends in the middle: asked once more';
my @workers = $site->workers('token');
kill KILL => @workers;
$site->announce_deaths(scalar @workers);
wait_for('new workers', sub { @workers == $site->workers('token') });
is ask($both, $token)->status, 200, 'OP-2: and over connections whose workers are dead';

$site->finish;
