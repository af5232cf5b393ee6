# SPDX-License-Identifier: ISC
# The programs in JavaScript in doc/clients.md, as they stand there: openid-client and passport-oauth2, which make check-clients
# installs.  Node.js 18 knows the global "crypto" by an option only.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use HTTP::Tiny;
use IO::Socket::INET;
use Test::More;

use Flow;
use Run;
use Site;
use Snippet;

my $modules = "$Run::build/check-clients.d/node_modules";
my $node    = $ENV{NODE} // Process::program('node');
my $site    = Site->new(ports => 1);
my $user    = $site->user;
$site->sql("insert into directory.person_contact (owner_id, id, username) values ($user->{id}, 7, 'friend')");
$site->tool_ok([ qw(scope add reports --sentence), 'read reports', '--machine' ]);
my $person  = $site->signed_in($user);
my $profile = qq({"id":$user->{id},"username":"$user->{name}"});
my $friends = '{"contacts":[{"id":7,"username":"friend"}]}';
symlink $modules, "$site->{dir}/node_modules" or die $!;

sub started ($name, $client, %more) {
    return Snippet->new(
        $name, $site->{dir}, [$node],
        ISSUER       => $site->{issuer},         CONTACTS_URL        => $site->{contacts_url},
        CLIENT_ID    => $client->{id},           CLIENT_SECRET       => $client->{secret},
        REDIRECT_URI => $client->{redirect_uri}, NODE_EXTRA_CA_CERTS => Run::certificate()->{ca},
        NODE_OPTIONS => '--experimental-global-webcrypto',
        %more
    );
}

# openid-client: profile, contacts, the profile after a refresh, 401 after a revocation.
my $client  = $site->client(redirect_uri => 'https://partner.example/back', refresh => 1, auth_method => 'client_secret_basic');
my $program = started('with_openid_client.mjs', $client);
my $link    = $program->line;
like $link, qr/^\Q$site->{issuer}\E\/authorize\?request_uri=urn%3A[^&]*&client_id=[^&]*$/,
    'openid-client gives a link, to a pushed request';
$person->open_page($link =~ s/^\Q$site->{issuer}\E//r);
$program->tell($person->submit(decision => 'allow')->location);
is Flow::unmarked($program->rest), "$profile\n$friends\n$profile\n401\n", 'openid-client: profile, contacts, refresh, revocation';
is $program->complaint,            '',                                    'openid-client: and no complaint';
is $site->sql("select ended_why from oauth.grants where client_id = '$client->{id}'"), 'revoked', 'RV-1: the grant is revoked';

# It checks the issuer of an answer by itself.
$program = started('with_openid_client.mjs', $client);
$person->open_page($program->line =~ s/^\Q$site->{issuer}\E//r);
$program->tell($person->submit(decision => 'allow')->location =~ s/([?&]iss=)[^&]*/$1https%3A%2F%2Fevil.example/r);
is $program->rest, '', 'openid-client takes no answer of another issuer';
like $program->complaint, qr/unexpected "iss"/, 'and says so';

my %how      = (redirect_uri => 'https://partner.example/back', auth_method => 'client_secret_basic');
my $machine  = $site->client(%how, machine    => 1, scope => 'reports');
my $resource = $site->client(%how, introspect => 'profile contacts');
$program = started(
    'machine_with_openid_client.mjs', $machine, RESOURCE_SERVER_ID => $resource->{id},
    RESOURCE_SERVER_SECRET => $resource->{secret}
);
is $program->rest, "bearer reports\ntrue $machine->{id} client:$machine->{id}\n",
    'openid-client: client_credentials, introspection';

# A device: the person opens the address, and allows it after having read the code.
my $television = $site->client(device => 'only', type => 'public');
$program = started('device_with_openid_client.mjs', $television);
$person->open_page($program->line =~ s/^\Q$site->{issuer}\E//r);
$person->submit;
$person->submit(decision => 'allow');
is $program->rest,      "$profile\n", 'openid-client: a device gets its token';
is $program->complaint, '',           'and no complaint';

# passport-oauth2 in an application of Express: what a browser does there.
my $port = do {
    my $free = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die $!;
    $free->sockport;
};
my $app = $site->client(redirect_uri => "http://127.0.0.1:$port/callback", refresh => 1, seed => 1);
$program = started('with_passport_oauth2.mjs', $app, SESSION_SECRET => Flow::random(16));
is $program->line, 'ready', 'passport-oauth2: the application listens';
my $browser = HTTP::Tiny->new(max_redirect => 0, proxy => undef, http_proxy => undef);
my $cookie;

sub at_app ($path) {
    my $answer = $browser->get("http://127.0.0.1:$port$path", { headers => { $cookie ? (Cookie => $cookie) : () } });
    my $set    = $answer->{headers}{'set-cookie'};
    ($cookie) = (ref $set ? $set->[-1] : $set) =~ /^([^;]+)/ if $set;
    return $answer;
}
is at_app('/')->{headers}{location}, '/login', 'passport-oauth2: nobody is signed in';
my $to = at_app('/login')->{headers}{location};
like $to, qr/^\Q$site->{issuer}\E\/authorize\?.*code_challenge_method=S256/, 'passport-oauth2 sends the person to us, with PKCE';
$person->open_page($to =~ s/^\Q$site->{issuer}\E//r);
my $answer = $person->submit(decision => 'allow')->location;
like $answer, qr{^http://127\.0\.0\.1:$port/callback\?}, 'and we send them back';
is at_app($answer =~ s{^http://[^/]*}{}r)->{headers}{location}, '/', 'passport-oauth2: the person is signed in';
is Flow::unmarked(at_app('/')->{content}), qq({"id":$user->{id},) . substr($friends, 1),
    'passport-oauth2: with profile and contacts';
isnt at_app($answer =~ s{^http://[^/]*}{}r)->{status}, 200, 'passport-oauth2: a second time is refused';
$program->stop;

$site->finish;
