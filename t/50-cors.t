# SPDX-License-Identifier: ISC
# GE-8: an application whose scripts run in a real browser, on an origin of its own, refreshes its token and reads profile and
# contacts; a script of another origin does not get to read any of it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use Canary;
use Chrome;
use Flow;
use Nginx;
use Run;
use Site;

# Two sites, each with an empty page.
my ($port) = Nginx::free_ports();
my $own    = Run::certificate();
my $site   = Site->new(ports => 1, nginx => <<"CONF");
    server {
        listen 127.0.0.1:$port ssl;
        server_name app.test other.test;
        ssl_certificate $own->{cert};
        ssl_certificate_key $own->{key};
        access_log off;
        error_log /dev/null;
        default_type text/html;
        location / { return 200 "<title>Application</title>"; }
    }
CONF
my $user   = $site->user;
my $client = $site->client(
    type   => 'public', refresh => 1, redirect_uri => "https://app.test:$port/back",
    origin => "https://app.test:$port"
);
my ($verifier, $challenge) = Flow::pkce();
my $code   = $site->code($client, $site->signed_in($user), code_challenge => $challenge, code_challenge_method => 'S256');
my $chrome = Chrome->new($own->{cert});

# fetch() in the page that is open: [ status, body ], or the name of the error that a script gets.
sub fetched ($url, $options) {
    my $script =
          'const [url, options, done] = arguments;'
        . 'fetch(url, options).then(async r => done([r.status, await r.text(), r.headers.get("WWW-Authenticate")]),'
        . ' e => done(e.name));';
    return $chrome->ask('POST', '/execute/async', { script => $script, args => [ $url, $options ] });
}

sub form (%fields) {
    my %all = (client_id => $client->{id}, %fields);
    return {
        method  => 'POST', body => Https::form(map { $_ => $all{$_} } sort keys %all),
        headers => { 'Content-Type' => 'application/x-www-form-urlencoded' }
    };
}

sub with ($token) { return { headers => { Flow::bearer($token) } } }
my $token_url = "$site->{issuer}/token";
my $redeem =
    form(grant_type => 'authorization_code', code => $code, redirect_uri => $client->{redirect_uri}, code_verifier => $verifier);

# The application's own origin.
$chrome->open_page("https://app.test:$port/");
$chrome->wait_title('Application');
my $got    = fetched($token_url, $redeem);
my $tokens = ref $got && $got->[0] == 200 ? JSON::PP->new->decode($got->[1]) : {};
Canary::add(grep {defined} @$tokens{qw(access_token refresh_token)});
ok defined $tokens->{access_token}, 'GE-8: a script redeems a code' or diag explain $got;
my $access = $tokens->{access_token};
$got = fetched($token_url, form(grant_type => 'refresh_token', refresh_token => 'x'));
like $got->[1], qr/"error":"invalid_grant"/, 'GE-8: it reads an error';
$got    = fetched($token_url, form(grant_type => 'refresh_token', refresh_token => $tokens->{refresh_token}));
$tokens = JSON::PP->new->decode($got->[1]);
Canary::add(@$tokens{qw(access_token refresh_token)});
is $got->[0], 200, 'GE-8: it refreshes';
like fetched("$site->{issuer}/profile", with($access))->[1], qr/"username":"$user->{name}"/,
    'GE-8: it reads /profile, after a preflight for the header';
like fetched($site->{contacts_url}, with($access))->[1], qr/"contacts":\[\]/, 'GE-8: and /contacts on another port';
$got = fetched("$site->{issuer}/profile", with('x'));
is $got->[0], 401, 'GE-8: and the 401 of a bad token';
like $got->[2], qr/^Bearer .*error="invalid_token"/, 'GE-8: with its challenge';
is fetched("$site->{issuer}/.well-known/oauth-authorization-server", {})->[0],          200,         'GE-8: metadata';
is fetched("$site->{issuer}/revoke",     form(token => $tokens->{refresh_token}))->[0], 200,         'GE-8: it revokes';
is fetched("$site->{issuer}/authorize",  {}),                                           'TypeError', 'GE-8: never a page';
is fetched("$site->{issuer}/introspect", form(token => 'x')),                           'TypeError', 'GE-8: nor what servers call';

# Another origin of the same person.
$chrome->open_page("https://other.test:$port/");
$chrome->wait_title('Application');
my $fresh = $site->token($client = $site->client(no_pkce => 1), $site->signed_in($user));
is fetched($token_url, form(grant_type => 'refresh_token', refresh_token => 'x')), 'TypeError',
    'GE-8: another origin reads no error';
is fetched("$site->{issuer}/profile",                                with($fresh)), 'TypeError', 'GE-8: nor /profile';
is fetched("$site->{issuer}/.well-known/oauth-authorization-server", {})->[0],      200,         'GE-8: but metadata';

$chrome->quit;
$site->finish;
