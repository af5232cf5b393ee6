# SPDX-License-Identifier: ISC
# OAuth clients that we did not write do the whole way: Perl's Net::OAuth2, Python's requests-oauthlib and, on a device, oauthlib's
# DeviceClient, over TLS on loopback.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use IPC::Open2 qw(open2);
use Test::More;

use LWP::UserAgent;
use Net::OAuth2::Profile::WebServer;

use Canary;
use Check;
use Flow;
use Run;
use Site;

my $site = Site->new(ports => 1);
my $user = $site->user;
$site->sql("insert into directory.person_contact (owner_id, id, username) values ($user->{id}, 7, 'friend')");
my $person  = $site->signed_in($user);
my $ca      = Run::certificate()->{ca};
my $profile = qq({"id":$user->{id},"username":"$user->{name}"});
my $friends = '{"contacts":[{"id":7,"username":"friend"}]}';

# What the person does with the link that a client gives out: the answer's address, which the browser would open at the client.
sub consent ($url) {
    $person->open_page($url =~ s/^\Q$site->{issuer}\E//r);
    return $person->submit(decision => 'allow')->location;
}

# Net::OAuth2 sends the client's secret by Basic and, unless told not to, in the body as well, which RFC 6749 2.3 forbids.
for my $seed (1, 0) {
    my $client = $site->client(
        redirect_uri => 'https://partner.example/back',        seed    => $seed,
        auth_method  => $seed ? undef : 'client_secret_basic', no_pkce => !$seed
    );
    my $oauth = Net::OAuth2::Profile::WebServer->new(
        client_id         => $client->{id},
        client_secret     => $client->{secret},
        secrets_in_params => 0,
        site              => $site->{issuer},
        authorize_path    => '/authorize',
        access_token_path => '/token',
        redirect_uri      => $client->{redirect_uri},
        user_agent        => LWP::UserAgent->new(ssl_opts => { SSL_ca_file => $ca }, env_proxy => 0)
    );
    my $name   = $seed ? 'by the seed\'s contract' : 'by Basic';
    my $back   = consent($oauth->authorize(state => 'perl')->as_string);
    my ($code) = $back =~ /[?&]code=([^&]+)/;
    like $back, qr/[?&]state=perl(?:&|$)/, "Net::OAuth2, $name: back with the state";
    my $token = $oauth->get_access_token($code);
    Canary::add($token->access_token);
    is $token->error // '', '',                 "Net::OAuth2, $name: no error";
    is $token->scope,       'profile contacts', "Net::OAuth2, $name: the scope";
    cmp_ok $token->expires_in, '>', 3590, "Net::OAuth2, $name: for an hour";
    is $token->get("$site->{issuer}/profile")->content,             $profile, "Net::OAuth2, $name: the profile";
    is Flow::unmarked($token->get($site->{contacts_url})->content), $friends, "Net::OAuth2, $name: the contacts";
    my $again = eval { $oauth->get_access_token($code) };
    like $again ? $again->error : $@, qr/invalid_grant/, "Net::OAuth2, $name: it understands the error of a used code";
}

# requests-oauthlib, with PKCE by oauthlib: it prints the link, and reads the address to which the person was sent back.
my $script = <<'END';
import sys
from requests_oauthlib import OAuth2Session
issuer, contacts, client_id, secret, redirect_uri, method, ca = sys.argv[1:]
session = OAuth2Session(client_id, redirect_uri=redirect_uri)
session.trust_env, session.verify = False, ca
verifier = session._client.create_code_verifier(64)
url, state = session.authorization_url(issuer + '/authorize', code_challenge_method='S256',
    code_challenge=session._client.create_code_challenge(verifier, 'S256'))
print(url, flush=True)
back = sys.stdin.readline().strip()
how = {'body': dict(client_secret=secret, include_client_id=True), 'basic': dict(auth=(client_id, secret)),
    'none': dict(include_client_id=True)}[method]
token = session.fetch_token(issuer + '/token', authorization_response=back, code_verifier=verifier, verify=ca, **how)
print(token['access_token'], token['token_type'], ','.join(token['scope']), verifier, flush=True)
print(session.get(issuer + '/profile').text, flush=True)
print(session.get(contacts).text, flush=True)
END
for (
    [ body => auth_method => 'client_secret_post' ], [ basic => auth_method => 'client_secret_basic' ],
    [ none => type => 'public' ]
    )
{
    my ($method, %how) = @$_;
    my $client = $site->client(redirect_uri => 'https://partner.example/back', %how);
    local %ENV = (PATH => '/usr/bin:/bin', LC_ALL => 'C.UTF-8');
    my $python = open2(
        my $out, my $in, '/usr/bin/python3', '-c', $script, $site->{issuer}, $site->{contacts_url}, $client->{id},
        $client->{secret} // '', $client->{redirect_uri}, $method, $ca
    );
    chomp(my $url = readline($out) // die "requests-oauthlib gave no link\n");
    print {$in} consent($url), "\n";
    close $in;
    my ($token, $type, $scope, $verifier) = split ' ', readline($out) // '';
    Canary::add($token, $verifier);
    is "$type $scope",                       'Bearer profile,contacts', "requests-oauthlib, $method: a token";
    is readline($out),                       "$profile\n",              "requests-oauthlib, $method: the profile";
    is Flow::unmarked(scalar readline $out), "$friends\n",              "requests-oauthlib, $method: the contacts";
    waitpid $python, 0;
    is $?, 0, "requests-oauthlib, $method: and no complaint";
}

# DV-1: oauthlib's DeviceClient, in a requests-oauthlib session that is told nothing but the metadata's address.
my $device = <<'END';
import sys
from oauthlib.oauth2 import DeviceClient, OAuth2Error
from requests_oauthlib import OAuth2Session
metadata, contacts, client_id, secret, ca = sys.argv[1:]
session = OAuth2Session(client=DeviceClient(client_id))
session.trust_env, session.verify = False, ca
server = session.request('GET', metadata, withhold_token=True).json()
who = {'client_secret': secret} if secret else {}
codes = session.request('POST', server['device_authorization_endpoint'], withhold_token=True,
    data=dict(client_id=client_id, scope='profile contacts', **who)).json()
ask = lambda: session.fetch_token(server['token_endpoint'], device_code=codes['device_code'], include_client_id=True, verify=ca, **who)
try:
    ask()
except OAuth2Error as e:
    print(codes['verification_uri_complete'], codes['user_code'], codes['device_code'], e.error, flush=True)
sys.stdin.readline()
token = ask()
print(token['access_token'], token['token_type'], ','.join(token['scope']), token['refresh_token'], flush=True)
print(session.get(server['protected_resources'][0]).text, flush=True)
print(session.get(contacts).text, flush=True)
END
for ([ none => type => 'public' ], [ body => auth_method => 'client_secret_post' ]) {
    my ($method, %how) = @$_;
    my $client = $site->client(device => 'only', refresh => 1, %how);
    local %ENV = (PATH => '/usr/bin:/bin', LC_ALL => 'C.UTF-8');
    my $python = open2(
        my $out, my $in, '/usr/bin/python3', '-c', $device, "$site->{issuer}/.well-known/oauth-authorization-server",
        $site->{contacts_url}, $client->{id}, $client->{secret} // '', $ca
    );
    my ($uri, $code, $secret, $error) = split ' ', readline($out) // die "oauthlib's device got no code\n";
    Canary::add($secret);
    is $error, 'authorization_pending', "oauthlib's device, $method: it understands that it has to wait";
    $person->open_page($uri =~ s/^\Q$site->{issuer}\E//r);
    like $person->last_answer->body, qr/value="\Q$code\E"/, "oauthlib's device, $method: the link leads to its code";
    $person->submit;
    is $person->submit(decision => 'allow')->status, 200, "oauthlib's device, $method: the person allows it";
    print {$in} "\n";
    close $in;
    my ($token, $type, $scope, $refresh) = split ' ', readline($out) // '';
    Canary::add($token, $refresh);
    is "$type $scope",                       'Bearer profile,contacts', "oauthlib's device, $method: a token";
    is readline($out),                       "$profile\n",              "oauthlib's device, $method: the profile";
    is Flow::unmarked(scalar readline $out), "$friends\n",              "oauthlib's device, $method: the contacts";
    waitpid $python, 0;
    is $?, 0, "oauthlib's device, $method: and no complaint";
}

$site->finish;
