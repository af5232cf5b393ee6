# SPDX-License-Identifier: ISC
# What a machine calls is one statement, one round trip; what a person calls has the few that are named here; one more
# counts a failed authentication.  PostgreSQL itself counts: every statement that a role sends, BEGIN and SET too.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Device;
use Flow;
use Routes;
use Run;
use Site;
use Statements;

my $counting = "shared_preload_libraries = 'pg_stat_statements'\npg_stat_statements.track_planning = off\n";
my $site     = Site->new(private => 1, workers => 1, postgresql => $counting);
$site->sql('create extension pg_stat_statements');
$site->tool_ok([ qw(scope add reports --sentence), 'read reports', '--machine' ]);
my $person  = $site->signed_in($site->user);
my $client  = $site->client(refresh    => 1);
my $machine = $site->client(machine    => 1, scope => 'reports');
my $server  = $site->client(introspect => 'profile contacts');
my $device  = $site->client(device     => 'only');
my $codes   = device_begins($site, $device);

# A statement's text as PostgreSQL keeps it: constants are numbered on after the parameters there, if it has seen the text parsed.
sub squeezed ($sql) { return $sql =~ s/'[^']*'|\$?\b[0-9]+\b/?/gr =~ s/[\s;]+//gr }
my %name = map { squeezed($_->{sql}) => $_->{name} } grep { $_->{program} ne 'admin' } Statements::all();

# What the programs' roles have sent during an act: each statement's name, as often as it was called.
sub sent ($act) {
    $site->sql('select pg_stat_statements_reset()');
    $act->();
    my @rows = split /\x01/,
        $site->sql(
        "select string_agg(calls || ' ' || query, chr(1)) from pg_stat_statements where userid::regrole::text like '\"$site->{roles}-%'"
        );
    return join ' ', sort map { my ($calls, $query) = /^([0-9]+) (.*)/s; ($name{ squeezed($query) } // $query) x $calls } @rows;
}

sub token_request ($who, %form) {
    my %all = (client_id => $who->{id}, client_secret => $who->{secret}, %form);
    return $all{path} ? $site->{https}->post(delete $all{path}, [%all]) : $site->{https}->post('/token', [%all]);
}

my ($verifier, $challenge) = Flow::pkce();
my $code = $site->code($client, $person, code_challenge => $challenge, code_challenge_method => 'S256');
my %exchange =
    (grant_type => 'authorization_code', code => $code, redirect_uri => $client->{redirect_uri}, code_verifier => $verifier);
my ($tokens, $sync);
my @machine = (
    [ '/token', 'a code', 'token_code', sub { $tokens = token_request($client, %exchange)->json } ],
    [
        '/token',        'a refresh token',
        'token_refresh', sub { token_request($client, grant_type => 'refresh_token', refresh_token => $tokens->{refresh_token}) }
    ],
    [
        '/token',        'a refresh token that was used before',
        'token_refresh', sub { token_request($client, grant_type => 'refresh_token', refresh_token => $tokens->{refresh_token}) }
    ],
    [ '/token', 'a machine', 'token_client', sub { token_request($machine, grant_type => 'client_credentials') } ],
    [
        '/token', 'a client with a wrong secret', 'client_failure token_client',
        sub { token_request($machine, grant_type => 'client_credentials', client_secret => 'x') }
    ],
    [ '/token',    'a request without its grant_type', '',        sub { token_request($machine) } ],
    [ '/profile',  'a living token',                   'profile', sub { $site->profile($tokens->{access_token}) } ],
    [ '/profile',  'a malformed token',                '',        sub { $site->profile('x') } ],
    [ '/profile',  'no token',                         '',        sub { $site->{https}->get('/profile') } ],
    [ '/contacts', 'a malformed token',                '',        sub { $site->contact_list('x') } ],
    [
        '/contacts', 'the first request of a connection', 'contacts database',
        sub { $sync = $site->contact_list($tokens->{access_token})->json->{sync} }
    ],
    [ '/contacts',   'a living token', 'contacts',         sub { $site->contact_list($tokens->{access_token}) } ],
    [ '/contacts',   'by name',        'contacts_by_name', sub { $site->contact_list($tokens->{access_token}, '?order=name') } ],
    [ '/contacts',   'found',          'contacts_search',  sub { $site->contact_list($tokens->{access_token}, '?q=a') } ],
    [ '/contacts',   'what changed',   'contacts_sync',    sub { $site->contact_list($tokens->{access_token}, "?sync=$sync") } ],
    [ '/contacts/1', 'one', 'contact', sub { $site->{contacts}->get('/contacts/1', Flow::bearer($tokens->{access_token})) } ],
    [
        '/introspect', 'a living token',
        'introspect',  sub { token_request($server, path => '/introspect', token => $tokens->{access_token}) }
    ],
    [
        '/par', 'a request', 'par',
        sub {
            token_request(
                $client,
                path           => '/par',            response_type         => 'code', redirect_uri => $client->{redirect_uri},
                code_challenge => (Flow::pkce())[1], code_challenge_method => 'S256'
            );
        }
    ],
    [
        '/device_authorization', 'a request', 'device_authorization',
        sub { token_request($device, path => '/device_authorization', scope => 'profile') }
    ],
    [
        '/token', 'a poll', 'token_device',
        sub { token_request($device, grant_type => $Device::grant_type, device_code => $codes->{device_code}) }
    ],
    [ '/revoke', 'an access token', 'revoke', sub { token_request($client, path => '/revoke', token => $tokens->{access_token}) } ],
    [
        '/.well-known/oauth-authorization-server', 'metadata', 'metadata',
        sub { $site->{https}->get('/.well-known/oauth-authorization-server') }
    ],
    [
        '/.well-known/oauth-protected-resource/profile',
        'metadata', '', sub { $site->{https}->get('/.well-known/oauth-protected-resource/profile') }
    ],
    [
        '/.well-known/oauth-protected-resource',
        'metadata', '', sub { $site->{contacts}->get('/.well-known/oauth-protected-resource') }
    ],
    [
        '/.well-known/oauth-protected-resource/contacts',
        'metadata', '', sub { $site->{contacts}->get('/.well-known/oauth-protected-resource/contacts') }
    ],
    [ '/openapi.json', 'the description', 'openapi', sub { $site->{contacts}->get('/openapi.json') } ]
);
for (@machine) {
    my ($path, $what, $statements, $act) = @$_;
    is sent($act), $statements,
        "$path, $what: " . ($statements =~ / / ? 'and it is counted' : $statements ? 'one statement' : 'none');
}
my %tried = map { $_->[0] => 1 } @machine;
is join(' ', grep { !$tried{$_} } map { $_->{path} } grep { $_->{form} ne 'page' } Routes::reachable()), '',
    'each address of a machine is among them';

# People: what must compute between reading and writing has two.
my $new = $site->person;
my %ask = (code_challenge => $challenge, code_challenge_method => 'S256');
is sent(sub { $new->get($site->authorize_url($client, %ask)) }), 'authorize_begin', 'an authorization request';
is sent(sub { $new->follow }),                                   'authorize_page',  'its page';
my $user = $site->user;
is sent(sub { $new->send_form(username => $user->{name}, password => 'wrong') }), 'authorize_page login_begin login_failure',
    'a wrong password, which is counted, and the page again';
is sent(sub { $new->send_form(username => $user->{name}, password => $user->{password}) }), 'login_begin login_end',
    'a right password';
is sent(sub { $new->follow }),                         'authorize_page', 'the page of consent';
is sent(sub { $new->send_form(decision => 'allow') }), 'consent',        'consent';

$site->finish;
