# SPDX-License-Identifier: ISC
# AU-1: what a token is for (RFC 8707), asked for at /authorize and at /token.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Https;
use Site;

my $site     = Site->new;
my $person   = $site->signed_in($site->user);
my $client   = $site->client(no_pkce => 1);
my $profile  = "$site->{issuer}/profile";
my $contacts = $site->{contacts_url};

# Where a token of this answer is good: the statuses of /profile and /contacts.
sub good_at ($answer) {
    my $token = $answer->json->{access_token};
    return $site->profile($token)->status . ' ' . $site->contact_list($token)->status;
}

sub redeem (%change) { return $site->redeem($client, $site->code($client, $person), %change) }
is good_at(redeem()),                       '200 200', 'AU-1: without resource a token is for the default ones';
is good_at(redeem(resource => $profile)),   '200 401', 'AU-1, 8707 2.2: for /profile alone';
is good_at(redeem(resource => $contacts)),  '401 200', 'AU-1, 8707 2.2: for /contacts alone';
is good_at(redeem(resource => '')),         '200 200', 'GE-2: an empty resource is none';
is good_at($site->redeem($client, $site->code($client, $person, resource => $profile))), '200 401',
    'AU-1, 8707 2.1: as the authorization request said';

my $code = $site->code($client, $person, resource => $profile);
for my $foreign ('https://evil.example/x', "$profile/", uc $profile, 'profile') {
    oauth_error $site->redeem($client, $code, resource => $foreign), 400, 'invalid_target', "AU-1: $foreign at /token";
}
oauth_error $site->redeem($client, $code, resource => $contacts), 400, 'invalid_target', 'AU-1: a resource that was not granted';
is good_at($site->redeem($client, $code, resource => $profile)), '200 401', 'TK-3: and the code is still good';

# More than one, each in its own parameter (8707 2).
my $two = Https::form(resource => $profile, resource => $contacts, resource => $profile);
$person->open_page($site->authorize_url($client) . "&$two");
my $both = $person->submit(decision => 'allow')->query->{code};
is good_at($site->redeem($client, $both)), '200 200', 'AU-1: resource may be repeated';
is $site->sql('select array_to_string(resources, \' \') from oauth.grants order by id desc limit 1'), 'profile contacts',
    'AU-1: each is kept once';
redirected $person->open_page($site->authorize_url($client, resource => 'https://evil.example/x')),
    $client->{redirect_uri}, { error => 'invalid_target', error_description => undef, iss => $site->{issuer} },
    'AU-1: an unknown one at /authorize';

# Scopes are a set (RFC 6749 3.3).
my $again = $site->redeem($client, $site->code($client, $person, scope => 'profile profile profile'));
is $again->json->{scope}, 'profile', 'AZ-12: a scope that is named thrice is one';

$site->finish;
