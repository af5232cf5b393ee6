# SPDX-License-Identifier: ISC
# Bad requests as such: methods, paths, types, sizes, headers, cookies, and what nginx refuses itself: always in our form (GE-3).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Https;
use Routes;
use Site;

my $site   = Site->new(workers => 1);
my $client = $site->client(no_pkce => 1);
my %worker = map { $_ => join ' ', $site->workers($_) } @Site::programs;
my ($https, $contacts) = @$site{qw(https contacts)};
my %form   = ('Content-Type' => 'application/x-www-form-urlencoded');
my %person = (Accept         => 'text/html,application/xhtml+xml,*/*;q=0.8');

# The check of an error in the form of an endpoint.
my %refused = (
    json    => sub ($answer, $status, $name) { oauth_error $answer, $status, 'invalid_request', $name },
    problem => sub ($answer, $status, $name) { problem $answer, $status, 'invalid_request', $name },
    page    => sub ($answer, $status, $name) { page $answer, $status, $name }
);

# Methods, types and sizes, at every path of the programs' tables.
for my $route (Routes::reachable()) {
    my ($path, $form) = @$route{qw(path form)};
    my $of    = $route->{program} eq 'contacts' ? $contacts : $https;
    my %takes = map { $_ => 1 } @{ $route->{methods} }, grep { $route->{methods}[0] eq 'GET' } 'HEAD';
    my $allow = join ', ', sort(keys %takes), 'OPTIONS';
    for my $method (grep { !$takes{$_} } qw(GET POST PUT DELETE PATCH PROPFIND FOO)) {
        my $answer = $of->request($method, $path, \%form, 'a=b');
        $refused{$form}->($answer, 405, "GE-3: $method $path");
        is $answer->header('Allow'), $allow, "GE-3: what is allowed at $path";
    }
    next unless $takes{POST};
    $refused{$form}->($of->request('POST', $path, { 'Content-Type' => $_ }, 'a=b'), 415, "GE-3: a body of $_ at $path")
        for qw(application/json text/plain multipart/form-data), 'application/x-www-form-urlencodedx';
    $refused{$form}->($of->request('POST', $path, \%form, 'a=' . 'b' x 70_000), 413, "GE-3: 70 kB at $path");
    $refused{$form}->($of->request('POST', $path, { %form, 'Content-Length' => 10_000_000 }, ''), 413, "GE-3: 10 MB announced at $path");
}

# Paths.
for my $path (qw(/authorize/ /Authorize /token/x /profile.json /introspect/ /check /login.php /.well-known/x /contacts)) {
    oauth_error $https->get($path), 404, 'not_found', "GE-1: $path is not there";
    page $https->get($path, %person), 404, "GE-3: for a browser a page ($path)";
}
problem $contacts->get($_), 404, 'not_found', "GE-1: $_ is not on :82" for qw(/token /profile /login /contacts/);

# Types and sizes that are no problem, and a body in chunks.
is $https->request('POST', '/token', { 'Content-Type' => 'APPLICATION/X-WWW-FORM-URLENCODED; charset=utf-8' }, 'grant_type=x')
    ->status, 401,
    'a type in capitals, with a charset, is the type';
is $https->request('POST', '/token', \%form, 'grant_type=x&x=' . 'b' x 4000)->status, 401, 'four kilobytes are no problem';
my $chunked = "POST /token HTTP/1.1\r\nHost: localhost:81\r\nConnection: close\r\nContent-Type: $form{'Content-Type'}\r\n"
    . "Transfer-Encoding: chunked\r\n\r\n";
oauth_error $https->raw("${chunked}c\r\ngrant_type=x\r\n0\r\n\r\n"), 401, 'invalid_client',  'a chunked body is read';
oauth_error $https->raw("${chunked}20000\r\n" . "a" x 70_000),       413, "invalid_request", "GE-3: a chunk of 128 kB";

# What nginx refuses before it knows the path, or itself.
for (
    [ 'garbage',         "\x16\x03\x01\r\n\r\n",                                                                           400 ],
    [ 'a broken escape', "GET /%zz HTTP/1.1\r\nHost: localhost:81\r\n\r\n",                                                400 ],
    [ 'out of the root', "GET /../x HTTP/1.1\r\nHost: localhost:81\r\n\r\n",                                               400 ],
    [ 'NUL in the path', "GET /\0 HTTP/1.1\r\nHost: localhost:81\r\n\r\n",                                                 400 ],
    [ 'no host',         "GET /profile HTTP/1.1\r\n\r\n",                                                                  400 ],
    [ 'HTTP/3.0',        "GET /profile HTTP/3.0\r\nHost: localhost:81\r\n\r\n",                                            505 ],
    [ 'CONNECT',         "CONNECT x:1 HTTP/1.1\r\nHost: localhost:81\r\n\r\n",                                             400 ],
    [ 'a long address',  'GET /profile?x=' . 'a' x 40_000 . " HTTP/1.1\r\nHost: localhost:81\r\n\r\n",                     414 ],
    [ 'a long header',   'GET /profile HTTP/1.1' . "\r\nHost: localhost:81\r\nX: " . 'a' x 40_000 . "\r\n\r\n",            431 ],
    [ 'TRACE',           "TRACE /profile HTTP/1.1\r\nHost: localhost:81\r\nConnection: close\r\n\r\n",                     405 ],
    [ 'two lengths',     "POST /token HTTP/1.1\r\nHost: localhost:81\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400 ],
    )
{
    my ($case, $bytes, $status) = @$_;
    for ([ ':81', $https, 'application/json' ], [ ':82', $contacts, 'application/problem+json' ]) {
        my ($host, $of, $type) = @$_;
        my $got = $of->raw($bytes);
        all_good "GE-3: $case on $host", $got,
            "status $status" => $got->status == $status, $type => $got->type eq $type,
            'an error code' => eval { $got->json->{error} };
    }
}

# Headers and cookies.
is $https->get('/profile', Authorization => 'Bearer ' . 'x' x 7900)->status, 401, 'a header of almost 8 kB';
for my $cookie (
    '__Host-postern=x', '__Host-postern=; __Host-postern', ';;;=;', "__Host-postern=\xff\x80",
    '__Host-postern-browser=' . 'A' x 7000
    )
{
    page $https->get('/',      Cookie => $cookie), 200, 'GE-3: a broken cookie is none';
    page $https->get('/login', Cookie => $cookie), 200, 'GE-3: nor at the login page';
}

# GE-1: nobody's headers decide about issuer, links or identity; the port and host are the setting's.
my $answer = $https->get(
    $site->authorize_url($client),
    Host => 'evil.example', 'X-Forwarded-Host' => 'evil.example', 'X-Forwarded-Proto'  => 'http', Forwarded => 'host=evil.example',
    'X-Forwarded-For' => '203.0.113.7', Proxy  => 'http://evil.example', 'Script-Name' => '/token', 'Request-Method' => 'POST'
);
like $answer->location,              qr{^\Q$site->{issuer}\E/authorize\?h=}, 'GE-1: links begin with the issuer';
unlike $site->log_text('authorize'), qr/203\.0\.113\.7|evil/,                'GE-1: and addresses come from nginx';
unlike $https->get('/style.css')->header('Content-Type'), qr/html/,          'the style is there';

is join(' ', $site->workers($_)), $worker{$_}, "the worker of postern-$_ lives on" for @Site::programs;
$site->finish;
