# SPDX-License-Identifier: ISC
# GE-8: OPTIONS, and which pages' scripts may read an answer (CORS, the Fetch standard): those of the origins that a client has
# registered, at the endpoints that an application in a browser calls; everybody's metadata; never a page.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Https;
use Site;

my $site = Site->new(private => 1);
my ($https, $contacts) = @$site{qw(https contacts)};
my $user = $site->user;
my ($here, $there) = ('https://app.example', 'http://localhost:8080');
my $app    = $site->client(type => 'public', refresh => 1, origin => $here);
my $other  = $site->client(type => 'public', origin => $there);
my $none   = $site->client(type => 'public');
my $person = $site->signed_in($user);

sub tokens ($client, %query) {
    my ($verifier, $challenge) = Flow::pkce();
    my $code = $site->code($client, $person, code_challenge => $challenge, code_challenge_method => 'S256');
    return $site->redeem($client, $code, client_secret => undef, code_verifier => $verifier)->json;
}
my $token   = tokens($app)->{access_token};
my $foreign = tokens($other)->{access_token};

# The answer's headers that a browser looks at: what it may show to whom.
sub shown ($answer) { return $answer->header('Access-Control-Allow-Origin') }

sub readable ($answer, $origin, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return all_good(
        $name, $answer,
        "for $origin"    => (shown($answer)          // '') eq $origin,
        'Vary: Origin'   => ($answer->header('Vary') // '') =~ /\bOrigin\b/,
        'no credentials' => !defined $answer->header('Access-Control-Allow-Credentials'),
        'what is shown'  => ($answer->header('Access-Control-Expose-Headers') // '') eq
            'WWW-Authenticate, ETag, Link, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id'
    );
}

sub hidden ($answer, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @headers = $answer->bytes =~ /^(Access-Control-.*?)\r$/mg;
    return is "@headers", '', $name;
}

# OPTIONS is answered everywhere; a preflight is answered for an origin of any client, at what an application in a browser calls.
my %preflight =
    ('Access-Control-Request-Method' => 'POST', 'Access-Control-Request-Headers' => 'authorization,content-type,if-none-match');
my %methods = (
    '/token'    => 'POST, OPTIONS', '/revoke' => 'POST, OPTIONS', '/profile' => 'GET, HEAD, POST, OPTIONS',
    '/contacts' => 'GET, HEAD, OPTIONS'
);
my %never = (
    '/authorize'  => 'GET, HEAD, POST, OPTIONS', '/login' => 'GET, HEAD, POST, OPTIONS', '/consent'   => 'POST, OPTIONS',
    '/logout'     => 'POST, OPTIONS',            '/'      => 'GET, HEAD, OPTIONS',       '/style.css' => 'GET, HEAD, OPTIONS',
    '/introspect' => 'POST, OPTIONS',
    '/par'        => 'POST, OPTIONS'
);

sub at ($path) { return $path eq '/contacts' ? $contacts : $https }

for my $path (sort keys %methods, sort keys %never) {
    my $allow  = $methods{$path} // $never{$path};
    my $answer = at($path)->request('OPTIONS', $path);
    is $answer->status . ' ' . ($answer->header('Allow') // ''), "204 $allow", "GE-8: OPTIONS $path";
    hidden $answer, "GE-8: and no origin, nothing to allow ($path)";
    like $answer->header('X-Request-Id'), qr/^[0-9a-f]{32}$/, 'with a request id';
    my @asked = map { at($path)->request('OPTIONS', $path, { %preflight, Origin => $_ }) } $here, $there;
    if ($never{$path}) {
        hidden $_, "GE-8: never for a script ($path)" for @asked;
        next;
    }
    for my $n (0, 1) {
        my %is = map { $_ => $asked[$n]->header("Access-Control-$_") } qw(Allow-Origin Allow-Methods Allow-Headers Max-Age);
        is_deeply \%is,
            {
            'Allow-Origin'  => ($here, $there)[$n],                          'Allow-Methods' => $allow,
            'Allow-Headers' => 'Authorization, Content-Type, If-None-Match', 'Max-Age'       => 3600
            },
            "GE-8: a preflight from a registered origin ($path)";
        is $asked[$n]->header('Vary'), 'Origin', 'GE-8: Vary';
    }
    hidden at($path)->request('OPTIONS', $path, { %preflight, Origin => $_ }), "GE-8: $_ is not registered ($path)"
        for 'https://evil.example', 'null', "$here:443", "$here:444", "$here/", "$here.evil.example", 'http://app.example',
        'http://localhost', 'http://localhost:80800', uc $here, "$here $there", '*', q('), '{' . $here . '}';
}
oauth_error $https->request('OPTIONS', '/nothing', { Origin => $here }), 404, 'not_found', 'GE-8: OPTIONS where there is nothing';

# /token and /revoke: the answer itself is for its own client's origin alone, errors too.
sub refresh ($client, $token, %headers) {
    my @form = (grant_type => 'refresh_token', client_id => $client->{id}, refresh_token => $token);
    return $https->post('/token', \@form, %headers);
}
my $good = refresh($app, tokens($app)->{refresh_token}, Origin => $here);
is $good->status, 200, 'GE-8: a script\'s refresh';
readable $good, $here, 'GE-8: which it may read';
hidden refresh($app, $good->json->{refresh_token}), 'GE-8: without Origin as ever';
my $answer = refresh($app, 'x', Origin => $here);
oauth_error $answer, 400, 'invalid_grant', 'GE-8: an error';
readable $answer, $here, 'GE-8: which it may read';

for my $from ($there, 'https://evil.example', 'null', "$here:8443", 'https://app.example.evil.example') {
    $answer = refresh($app, 'x', Origin => $from);
    is $answer->status, 400, "GE-8: from $from it is answered all the same";
    hidden $answer, 'GE-8: but not for a script to read';
    is $answer->header('Vary'), 'Origin', 'GE-8: Vary, so that no cache mixes them up';
}
readable refresh($other, 'x', Origin => $there), $there, 'GE-8: another client from its own origin';
hidden refresh($other,             'x', Origin => $here), 'GE-8: another client from here';
hidden refresh($none,              'x', Origin => $here), 'GE-8: one without an origin';
hidden refresh({ id => 'nobody' }, 'x', Origin => $here), 'GE-8: one that there is not';
readable $https->post('/token', [], Origin => $here), $here, 'GE-8: a request that names no client';
hidden $https->post('/token', [], Origin => 'https://evil.example'), 'GE-8: from elsewhere';
readable $https->request('POST', '/token', { 'Content-Type' => 'text/plain', Origin => $here }, 'x'), $here, 'GE-8: 415';
readable $https->get('/token', Origin => $here),                                                      $here, 'GE-8: 405';
my $revoke = sub (%headers) { $https->post('/revoke', [ client_id => $app->{id}, token => 'x' ], %headers) };
readable $revoke->(Origin => $here), $here, 'GE-8: /revoke';
hidden $revoke->(Origin => $there), 'GE-8: /revoke from elsewhere';

# /profile and /contacts: the client is the token's; of a token that is none, anybody's.
for my $path ('/profile', '/contacts') {
    my $get = sub ($token, $origin) { at($path)->get($path, Origin => $origin, $token ? Flow::bearer($token) : ()) };
    is $get->($token, $here)->status, 200, "GE-8: $path for a script";
    readable $get->($token,   $here),  $here,  'GE-8: which may read it';
    readable $get->($foreign, $there), $there, 'GE-8: another client\'s likewise';
    hidden $get->($token,   $there), 'GE-8: but not each other\'s';
    hidden $get->($foreign, $here),  'GE-8: the other way round';
    readable $get->(undef, $_), $_, "BT-2: without a token the challenge may be read ($_)" for $here, $there;
    readable $get->(Flow::checked('psta_0' . Flow::random(32) . 'xxxxxx'), $here), $here, 'BT-2: of a bad token';
    hidden $get->(undef,  'https://evil.example'), 'GE-8: by nobody else';
    hidden $get->($token, 'null'),                 'GE-8: nor by a page without an origin';
    hidden at($path)->get($path, Flow::bearer($token)), 'GE-8: without Origin as ever';
}
readable $https->post('/profile', [ access_token => $token ], Origin => $here), $here, 'GE-8: a token in the body';

# Metadata are public.
for my $path (
    qw(oauth-authorization-server oauth-protected-resource/profile oauth-protected-resource/contacts oauth-protected-resource))
{
    my $host = $path =~ /contacts|resource$/ ? $contacts : $https;
    is shown($host->get("/.well-known/$path", Origin => 'https://evil.example')), '*', "GE-8: /.well-known/$path for everybody";
    is shown($host->get("/.well-known/$path")),                                   '*', 'GE-8: whoever asks';
    is shown($host->request('OPTIONS', "/.well-known/$path", { %preflight, Origin => 'null' })), '*', 'GE-8: OPTIONS too';
}

# Pages never, whatever their origin.
for my $path ($site->authorize_url($app), '/login', '/', '/style.css', '/nothing') {
    hidden $https->get($path, Origin => $here), "GE-8: never a page ($path)" =~ s/\?.*\)/)/r;
}
hidden $https->post('/introspect', [], Origin => $here), 'GE-8: nor what servers call (/introspect)';
hidden $https->post('/par',        [], Origin => $here), 'GE-8: nor /par';

# A disabled client's origin is nobody's.
$site->sql("update oauth.client set enabled = false where client_id = '$app->{id}'");
hidden $https->request('OPTIONS', '/token', { %preflight, Origin => $here }), 'GE-8: a disabled client\'s preflight';
hidden refresh($app, 'x', Origin => $here),                                   'GE-8: and its answers';
$site->sql("update oauth.client set enabled = true where client_id = '$app->{id}'");

# Who sends no Origin asks the database once, as ever; a script's request once more.
sub statements ($do) {
    my $seen = sub {
        scalar grep {/execute/} Site::lines($site->{cluster}->log_file);
    };
    my $before = $seen->();
    $do->();
    return $seen->() - $before;
}
is statements(sub { $site->profile($token) }), 1, 'one statement for a request without Origin';
is statements(sub { $https->get('/profile', Flow::bearer($token), Origin => $here) }),        2, 'two with one';
is statements(sub { $https->request('OPTIONS', '/token', { %preflight, Origin => $here }) }), 1, 'one for a preflight';
is statements(sub { $https->request('OPTIONS', '/token') }),                                  0, 'none for OPTIONS alone';
is statements(sub { $https->request('OPTIONS', '/token', { %preflight, Origin => $_ }) }), 0, "none for what is no origin: $_"
    for 'null', "$here/", "$here:443", "$here:0443", 'http://app.example', 'https://', 'https://[::1', 'https://a_b.example';

# The tool: a list that is given whole, and refuses what is no origin.
my $change = sub (@origins) {
    $site->tool([ qw(client change), $none->{id}, map { ('--origin', $_) } @origins ]);
};
$change->('https://a.example', $here, 'http://[::1]:3000', 'https://a.example');
is $site->sql("select origins from oauth.client where client_id = '$none->{id}'"), "{https://a.example,$here,http://[::1]:3000}",
    'GE-8: several origins, each once';
readable refresh($none, 'x', Origin => $_), $_, "GE-8: of which $_ is one" for $here, 'http://[::1]:3000';
$change->('');
hidden refresh($none, 'x', Origin => $here), 'GE-8: and none any more';
for my $bad (
    'null', '*', "$here/", "$here/app", 'HTTPS://app.example', 'https://App.example', 'http://app.example', 'https://',
    'https://a b',
    'app.example', "$here:443", 'http://localhost:80', "$here:0", "$here:065", "$here:65536", "$here:x", 'https://user@app.example',
    'https://a_b.example', 'https://[::1', 'com.example.app:/'
    )
{
    is $change->($bad)->{exit}, 64, "GE-8: \"$bad\" is no origin";
}

# The database itself refuses what is no origin.
for my $bad ('null', '*', "$here/", 'HTTPS://app.example', 'http://app.example', 'https://', 'https://a b', 'app.example', '') {
    my $done = $site->sql(q(update oauth.client set origins = array[:'bad']), set => ["bad=$bad"], try => 1);
    like $done->{err}, qr/violates check constraint/, "GE-8: \"$bad\" is no origin";
}

# Away is away: PostgreSQL is not asked once more for the origin.
$site->{cluster}->stop('fast');
$answer = $https->get('/profile', Flow::bearer($token), Origin => $here);
oauth_error $answer, 503, 'temporarily_unavailable', 'OP-3: PostgreSQL is away';
hidden $answer, 'GE-8: nobody knows whose the origin is';
$site->{cluster}->start;

$site->finish;
