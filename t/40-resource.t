# SPDX-License-Identifier: ISC
# AU-1: what a token is for (RFC 8707), asked for at /authorize and at /token; an administrator's own resources beside ours.
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
is good_at(redeem()), '200 200', 'AU-1: without resource a token is for the default ones';
is good_at(redeem(resource => $profile)),  '200 401', 'AU-1, 8707 2.2: for /profile alone';
is good_at(redeem(resource => $contacts)), '401 200', 'AU-1, 8707 2.2: for /contacts alone';
is good_at(redeem(resource => '')),        '200 200', 'GE-2: an empty resource is none';
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

# An administrator's own resource: by its URI outside, by its short name inside.
my $reports = 'https://reports.example.com/reports';
oauth_error $site->redeem($client, $site->code($client, $person), resource => $reports), 400, 'invalid_target',
    'AU-1: a URI that is none yet';
$site->tool_ok([ qw(resource add reports), $reports ]);
redirected $person->open_page($site->authorize_url($client, resource => $reports)),
    $client->{redirect_uri}, { error => 'invalid_target', error_description => undef, iss => $site->{issuer} },
    'AU-1: one that the client is not registered for';
$site->sql("update oauth.client set resources = resources || '{reports}' where client_id = '$client->{id}'");
my $server = $site->client(introspect => 'reports profile');

sub audience ($answer) {
    my $asked = $site->{https}->post(
        '/introspect',
        [ client_id => $server->{id}, client_secret => $server->{secret}, token => $answer->json->{access_token} ]
    )->json;
    return $asked->{aud} && join ' ', @{ $asked->{aud} };
}
is audience(redeem()), "$profile $contacts", 'AU-1: it is not among the default ones';
my $own = $site->redeem($client, $site->code($client, $person, resource => $reports));
is good_at($own),  '401 401', 'AU-1: a token for it alone is good nowhere else';
is audience($own), $reports,  'IN-1: its audience is the URI';
my $mixed = Https::form(resource => $reports, resource => $contacts, resource => $reports);
$person->open_page($site->authorize_url($client) . "&$mixed");
my $codes = $person->submit(decision => 'allow')->query->{code};
oauth_error $site->redeem($client, $codes, resource => $profile), 400, 'invalid_target',
    '8707 2.2: at /token no more than was granted';
is audience($site->redeem($client, $codes)), "$reports $contacts", 'AU-1: in the order of the request, each once';
$code = $site->code($client, $person, resource => $reports);
is audience($site->redeem($client, $code, resource => $reports)), $reports, '8707 2.2: named again at /token';

# What is no URI of a resource, however near.
for my $foreign ("$reports/", "$reports#x", uc $reports, 'reports', "$reports x", "x:\x{fc}", ':', "urn:$client->{secret}") {
    oauth_error $site->redeem($client, $site->code($client, $person), resource => $foreign), 400, 'invalid_target',
        'AU-1: ' . ($foreign =~ s/psts_.*/a secret/r =~ s/[^ -~]/?/gr);
}

# A refresh narrows; a machine's own token.
my $kept = $site->client(no_pkce => 1, refresh => 1);
$site->tool_ok([qw(scope add reports.read --machine --sentence x)]);
my $robot = $site->client(machine => 1, scope => 'reports.read');
$site->sql(
    "update oauth.client set resources = '{profile,reports}', default_resources = '{profile,reports}' where grant_types <> '{}'");
$site->sql("update oauth.grants set resources = '{profile,reports}' where account_id is null");
my $refresh = $site->redeem($kept, $site->code($kept, $person))->json->{refresh_token};
my @by      = (client_id => $kept->{id}, client_secret => $kept->{secret}, grant_type => 'refresh_token');
my $narrow  = $site->{https}->post('/token', [ @by, refresh_token => $refresh, resource => $reports ]);
is audience($narrow), $reports, 'TK-7: a refresh for it alone';
oauth_error $site->{https}->post('/token', [ @by, refresh_token => $narrow->json->{refresh_token}, resource => $contacts ]), 400,
    'invalid_target', 'TK-7: nothing wider';
@by = (client_id => $robot->{id}, client_secret => $robot->{secret}, grant_type => 'client_credentials');
is audience($site->{https}->post('/token', [@by])),                         "$profile $reports", 'TK-8: a machine\'s default';
is audience($site->{https}->post('/token', [ @by, resource => $reports ])), $reports, 'TK-8: a machine\'s own token for it';
oauth_error $site->{https}->post('/token', [ @by, resource => $contacts ]), 400, 'invalid_target', 'TK-8: not for another';

# The server's metadata name it (RFC 9728 4).
is_deeply $site->{https}->get('/.well-known/oauth-authorization-server')->json->{protected_resources},
    [ $profile, $contacts, $reports ],
    'MD-1: protected_resources';

# Scopes are a set (RFC 6749 3.3).
my $again = $site->redeem($client, $site->code($client, $person, scope => 'profile profile profile'));
is $again->json->{scope}, 'profile', 'AZ-12: a scope that is named thrice is one';

# GE-3: as many and as long ones as a body holds are refused like one, and no worker dies of them (the harness looks).
my @many = map { (resource => "https://$_.example/" . 'a' x 1100) } 1 .. 50;
for my $path ('/token', '/par', '/device_authorization') {
    for my $type (qw(authorization_code refresh_token client_credentials urn:ietf:params:oauth:grant-type:device_code)) {
        my %form = (grant_type => $type, response_type => 'code', client_id => $client->{id}, client_secret => $client->{secret});
        @form{qw(code refresh_token device_code)} = ('x') x 3;
        is $site->{https}->post($path, [ %form, redirect_uri => $client->{redirect_uri}, @many ])->status, 400,
            "GE-3: 50 resources at $path, $type";
    }
}
my @stranger = (client_id => 'nobody', grant_type => 'refresh_token', refresh_token => 'x');
is $site->{https}->post('/token', [ @stranger, @many ])->status, 401, 'GE-3: from a stranger';
redirected $site->{https}->post('/authorize',
    [ client_id => $client->{id}, redirect_uri => $client->{redirect_uri}, response_type => 'code', @many ]),
    $client->{redirect_uri}, { error => 'invalid_target', error_description => undef, iss => $site->{issuer} },
    'GE-3: 50 resources at /authorize';

$site->finish;
