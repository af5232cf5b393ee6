# SPDX-License-Identifier: ISC
# POST /par (RFC 9126): what is taken, what is refused, and what a browser can do with the request_uri.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Https;
use Site;

my $site   = Site->new(settings => { POSTERN_PUSHED_SECONDS => 300 });
my $https  = $site->{https};
my $user   = $site->user;
my $person = $site->signed_in($user);
my $client = $site->client(redirect_uri => 'https://app.example/back?keep=1');
my $other  = $site->client;
my $public = $site->client(type => 'public');
my $native = $site->client(type => 'native', redirect_uri => 'http://127.0.0.1/cb');
my $rows   = 'select count(*) from oauth.pushed_request';

# A good request, with changes; undef leaves a parameter out.
sub push_request ($client, %change) {
    my %headers = %{ delete $change{headers} // {} };
    my %form    = (
        response_type  => 'code', client_id => $client->{id}, client_secret => $client->{secret}, state => 'st',
        redirect_uri   => $client->{redirect_uri},
        code_challenge => (Flow::pkce())[1], code_challenge_method => 'S256', %change
    );
    return $https->post('/par', [ map { $_ => $form{$_} } sort keys %form ], %headers);
}

sub pushed ($client, %change) {
    my $answer = push_request($client, %change);
    die 'not pushed: ' . $answer->bytes . "\n" unless $answer->status == 201;
    return $answer->json->{request_uri};
}

sub at_authorize ($uri, $client_id = $client->{id}, @more) {
    return '/authorize?' . Https::form(client_id => $client_id, request_uri => $uri, @more);
}

# PR-1, 9126 2.2: the answer.
my ($verifier, $challenge) = Flow::pkce();
my $answer = push_request($client, code_challenge => $challenge, scope => 'profile');
is $answer->status, 201, 'PR-1, 9126 2.2: a good request is 201';
is_deeply [ sort keys %{ $answer->json } ], [qw(expires_in request_uri)], 'PR-1: with request_uri and expires_in';
is $answer->json->{expires_in}, 300, 'PR-1: it lives as long as the setting says';
my $uri = $answer->json->{request_uri};
like $uri, qr/\Aurn:ietf:params:oauth:request_uri:pstp_[0-3][A-Za-z0-9_-]{49}\z/, 'PR-1, GE-6: an unguessable URN';
is $answer->type,                    'application/json', 'PR-1: JSON';
is $answer->header('Cache-Control'), 'no-store',         'PR-1: that no cache keeps';
is $site->sql("select client_id, redirect_uri, state, scope, expires_at - created_at from oauth.pushed_request"),
    "$client->{id}|$client->{redirect_uri}|st|{profile}|00:05:00", 'PR-1: the request stands in the database';

# PR-1: the browser's way; a reload before the end works, and what the browser adds counts for nothing (9126 4).
$person->open_page(
    at_authorize($uri, $client->{id}, scope => 'profile contacts', state => 'evil', redirect_uri => 'https://evil.example/'));
my $first = $person->{at};
page $person->{last}, 200, 'PR-1: a browser begins with it', 'consent' => $person->{last}->body =~ /name="decision"/,
    'the pushed scope' => index($person->{last}->body, 'contacts') < 0;
$person->open_page(at_authorize($uri)) for 1, 2;
page $person->{last}, 200, 'PR-1: a reload before works';
isnt $person->{at}, $first, 'PR-1: with a handle of its own';
redirected $person->submit(decision => 'allow'), 'https://app.example/back?keep=1&',
    { keep => 1, code => undef, state => 'st', iss => $site->{issuer} },
    'PR-1, AZ-7: it ends at the pushed redirect_uri, with its state';
my $code  = $person->{last}->query->{code};
my $token = $site->redeem($client, $code, code_verifier => $verifier);
is $token->json->{scope}, 'profile', 'PR-1, PK-2: the code is for the pushed challenge and scope';
page $person->open_page(at_authorize($uri)), 400, 'PR-1: it is used up when the authorization completes',
    'says to start again' => $person->{last}->body =~ /start again/;
page $person->open_page($first), 400, 'PR-1: and so is what was begun with it before';
is $site->sql("select count(*) from oauth.grants where client_id = '$client->{id}'"), 1,   'PR-1: one grant';
is $site->profile($token->json->{access_token})->status,                              200, 'PR-1: which lives on';

# A consent form that was open all the while.
$uri = pushed($client);
my @tabs = map { my $p = $site->signed_in($user); $p->open_page(at_authorize($uri)); $p } 1, 2;
redirected $tabs[0]->submit(decision => 'deny'), 'https://app.example/back?keep=1&',
    { keep => 1, error => 'access_denied', error_description => undef, state => 'st', iss => $site->{issuer} },
    'PR-1: a denial completes it too';
page $tabs[1]->send_form(decision => 'allow'), 400, 'PR-1: another browser that had begun can not allow it any more';

# PR-1: bound to the client.
$uri = pushed($client);
page $person->open_page(at_authorize($uri, $other->{id})),                 400, 'PR-1: another client can not use it';
page $person->open_page('/authorize?' . Https::form(request_uri => $uri)), 400, 'PR-1, 9126 4: without client_id it is nothing';
page $person->open_page(at_authorize($uri) . "&client_id=$client->{id}"),  400, 'GE-2: client_id twice';
page $person->open_page(at_authorize(substr($uri, 0, -1) . ($uri =~ /A\z/ ? 'B' : 'A'))), 400, 'PR-1, TK-11: a typo';
page $person->open_page(at_authorize('urn:ietf:params:oauth:request_uri:')),              400, 'PR-1: an empty one';
redirected $person->open_page(at_authorize('urn:ietf:params:oauth:request_uri:' . 'x' x 5000)), 'https://app.example/back?keep=1&',
    { keep => 1, error => 'invalid_request', error_description => undef, iss => $site->{issuer} }, 'GE-2: an oversized one';
like $site->log_text('authorize'), qr/pushed by $client->{id}, used by $other->{id}/, 'AD-2: the log has the difference';
my $posted = $https->post('/authorize', [ client_id => $client->{id}, request_uri => $uri ], Origin => 'https://app.example');
is $posted->status, 303, 'AZ-1: a cross-site POST may bring it';

# PR-1, 9126 2.1: what /par refuses.
my @refused = (
    [ 'request_uri inside',      'invalid_request',           request_uri           => $uri ],
    [ 'a foreign request_uri',   'invalid_request',           request_uri           => 'https://app.example/x' ],
    [ 'a request object',        'request_not_supported',     request               => 'x.y.z' ],
    [ 'an unregistered address', 'invalid_request',           redirect_uri          => 'https://evil.example/' ],
    [ 'an address with a token', 'invalid_request',           redirect_uri          => 'https://app.example/psta_x' ],
    [ 'no response_type',        'invalid_request',           response_type         => undef ],
    [ 'an empty response_type',  'invalid_request',           response_type         => '' ],
    [ 'implicit',                'unsupported_response_type', response_type         => 'token' ],
    [ 'no challenge',            'invalid_request',           code_challenge        => undef, code_challenge_method => undef ],
    [ 'plain',                   'invalid_request',           code_challenge_method => 'plain' ],
    [ 'a short challenge',       'invalid_request',           code_challenge        => 'x' ],
    [ 'an unknown scope',        'invalid_scope',             scope                 => 'everything' ],
    [ 'a malformed scope',       'invalid_scope',             scope                 => 'a "' ],
    [ 'an unknown resource',     'invalid_target',            resource              => 'https://elsewhere.example/' ],
    [ 'a long state',            'invalid_request',           state                 => 'x' x 2049 ],
    [ 'a state with NUL',        'invalid_request',           state                 => "a\0b" ],
    [ 'a scope not in UTF-8',    'invalid_request',           scope                 => "\xff" ],
);
my $before = $site->sql($rows);
for (@refused) {
    my ($case, $error, %change) = @$_;
    oauth_error push_request($client, %change), 400, $error, "PR-1, 9126 2.3: $case";
}
my $twice = Https::form(client_id => $client->{id}, client_secret => $client->{secret}, response_type => 'code', state => 1);
oauth_error $https->request('POST', '/par', { 'Content-Type' => 'application/x-www-form-urlencoded' }, "$twice&state=2"), 400,
    'invalid_request', 'GE-2: state twice';
for (
    [ 'a wrong secret',         $client, client_secret => Flow::checked('psts_' . 'A' x 49) ],
    [ 'no secret',              $client, client_secret => undef ],
    [ 'no client',              $client, client_id     => undef, client_secret => undef ],
    [ 'an unknown client',      $client, client_id     => 'nobody' ],
    [ 'another one\'s secret',  $client, client_secret => $other->{secret} ],
    [ 'a secret of the public', $public, client_secret => $other->{secret} ],
    [
        'Basic for the body\'s', $client, client_secret => undef,
        headers => { Authorization => Https::basic(@$client{qw(id secret)}) }
    ],
    )
{
    my ($case, $who, %change) = @$_;
    oauth_error push_request($who, %change), 401, 'invalid_client', "PR-1, CA-1: $case";
    oauth_error push_request($who, %change, response_type => 'token'), 401, 'invalid_client',
        "CA-3: $case is heard before other faults";
}
oauth_error $https->request('POST', "/par?client_id=$client->{id}"), 400, 'invalid_request', 'CA-2: credentials in the URI';
oauth_error $https->get('/par'),                                     405, 'invalid_request', 'GE-3: POST only';
oauth_error $https->request('POST', '/par', { 'Content-Type' => 'application/json' }, '{}'), 415, 'invalid_request',
    'GE-3: a form only';
is $site->sql($rows), $before, 'PR-1: nothing that was refused is kept';

# Public clients push too, a native one with any port.
for ($public, $native) {
    my $back = $_->{redirect_uri} =~ s{127\.0\.0\.1}{127.0.0.1:49152}r;
    $person->open_page(at_authorize(pushed($_, redirect_uri => $back, client_secret => undef), $_->{id}));
    redirected $person->submit(decision => 'allow'), $back, { code => undef, state => 'st', iss => $site->{issuer} },
        "PR-1: a $_->{type} client";
}

# A client can require it (9126 5).
$site->sql("update oauth.client set par_required = true where client_id = '$client->{id}'");
redirected $https->get($site->authorize_url($client, state => 's')), 'https://app.example/back?keep=1&',
    {
    keep => 1, error => 'invalid_request', error_description => 'This client must push its request to /par first.', state => 's',
    iss  => $site->{issuer}
    },
    'PR-1: a client that must push can not come without';
is $person->open_page(at_authorize(pushed($client)))->status, 200, 'PR-1: it can with';

# Its time, and its client's.
$uri = pushed($client);
$site->sql("update oauth.client set enabled = false where client_id = '$client->{id}'");
page $person->open_page(at_authorize($uri)), 400, 'TK-13: of a disabled client it is nothing';
$site->sql("update oauth.client set enabled = true where client_id = '$client->{id}'");
is $person->open_page(at_authorize($uri))->status, 200, 'PR-1: the same of an enabled one';
my $begun = $person->{at};
$site->later('45 seconds');
is $person->open_page(at_authorize($uri))->status, 200, 'PR-1: good until its end';
$site->later('301 seconds');
page $person->open_page(at_authorize($uri)), 400, 'PR-1: and not after it';
is $person->open_page($begun)->status, 200, 'PR-1, AZ-2: what was begun with it goes on for its hour';
redirected $person->submit(decision => 'allow'), 'https://app.example/back?keep=1&',
    { keep => 1, code => undef, state => 'st', iss => $site->{issuer} }, 'PR-1: to its end';

$site->finish;
