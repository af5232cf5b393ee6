# SPDX-License-Identifier: ISC
# How a client authenticates (CA-1, CA-2, CA-4; RFC 6749 2.3): each way that it may be registered for against each way of sending,
# at each endpoint where clients authenticate; what is no well-formed Basic; two secrets at once.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA  qw(sha256_hex);
use MIME::Base64 qw(decode_base64 encode_base64);
use Test::More;

use Canary;
use Check;
use Flow;
use Https;
use Site;

my $site   = Site->new(programs => ['token']);
my %client = (
    basic  => $site->client(auth_method => 'client_secret_basic'),
    post   => $site->client(auth_method => 'client_secret_post'),
    either => $site->client(seed        => 1),
    none   => $site->client(type        => 'public')
);
my %server = (
    basic => $site->client(introspect => 'profile', auth_method => 'client_secret_basic'),
    post  => $site->client(introspect => 'profile', auth_method => 'client_secret_post')
);
my $stranger = $site->client;

# What an authentic client hears of a token that is none: each endpoint has looked at the client first.
my %endpoint = (
    '/token'      => [ \%client, [ grant_type => 'authorization_code', code => 'x' ], 400, 'invalid_grant' ],
    '/revoke'     => [ \%client, [ token => 'x' ], 200 ],
    '/introspect' => [ \%server, [ token => 'x' ], 200 ]
);

# The ways of sending: what stands in the body, and the header.
my %way = (
    basic => sub ($c, $secret) { ([], Authorization => Https::basic($c->{id}, $secret)) },
    post  => sub ($c, $secret) { ([ client_id => $c->{id}, client_secret => $secret ]) },
    none  => sub ($c, $) { ([ client_id => $c->{id} ]) },
    both  => sub ($c, $secret)
    { ([ client_id => $c->{id}, client_secret => $secret ], Authorization => Https::basic($c->{id}, $secret)) },
    'both, by the body\'s half' =>
        sub ($c, $secret) { ([ client_secret => $secret ], Authorization => Https::basic($c->{id}, $secret)) },
    'Basic of another id' => sub ($c, $secret) { ([ client_id => $c->{id} ], Authorization => Https::basic('another', $secret)) },
    'nothing'             => sub ($,  $) { ([]) },
    'an assertion'        => sub ($c, $) {
        (
            [
                client_id        => $c->{id}, client_assertion_type => 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
                client_assertion => 'e30.e30.'
            ]
        );
    },
    'a Bearer header'         => sub ($c, $secret) { ([ client_id => $c->{id} ], Flow::bearer($secret)) },
    'a certificate\'s header' =>
        sub ($c, $) { ([ client_id => $c->{id} ], 'X-SSL-Client-Verify' => 'SUCCESS', 'X-SSL-Client-Cert' => 'x') },
);
my %right = (
    basic => { basic => 1 }, post => { post => 1 }, either => { basic => 1, post => 1 },
    none  => { none  => 1, 'an assertion' => 1, 'a certificate\'s header' => 1 }    # which say nothing to who needs none
);

sub ask ($path, $body, %headers) { return $site->{https}->post($path, [ @{ $endpoint{$path}[1] }, @$body ], %headers) }

for my $path (sort keys %endpoint) {
    my ($clients, undef, $status, $error) = @{ $endpoint{$path} };
    for my $registered (sort keys %$clients) {
        my $client = $clients->{$registered};
        for my $way (sort keys %way) {
            my $name   = "$path, registered for $registered, sent $way";
            my $secret = $client->{secret} // $stranger->{secret};
            my $answer = ask($path, $way{$way}->($client, $secret));
            if ($way =~ /^both|another/) {
                oauth_error $answer, 400, 'invalid_request', "CA-2: $name: refused";
            }
            elsif (!$right{$registered}{$way}) {
                oauth_error $answer, 401, 'invalid_client', "CA-1: $name: refused";
            }
            elsif ($error) {
                oauth_error $answer, $status, $error, "CA-1: $name: taken";
            }
            else {
                is $answer->status, $status, "CA-1: $name: taken";
            }
            next unless $right{$registered}{$way} && $registered ne 'none';
            oauth_error ask($path, $way{$way}->($client, $_)), 401, 'invalid_client', "CA-1: $name, with a wrong secret"
                for $stranger->{secret}, 'secret', "$client->{secret}x", 'psts_' . 'A' x 49;
        }
    }
    for my $name (qw(client_id client_secret)) {
        for my $value ('', 'x', $client{post}{ $name eq 'client_id' ? 'id' : 'secret' }) {
            my $answer = $site->{https}->post("$path?$name=$value",
                [ @{ $endpoint{$path}[1] }, client_id => $client{post}{id}, client_secret => $client{post}{secret} ]);
            oauth_error $answer, 400, 'invalid_request', "CA-2: $path: $name in the URI" . ($value eq '' ? ', empty' : '');
        }
    }
}

# Basic is base64 of form-encoded id and secret (RFC 6749 2.3.1, RFC 7617 2).
my ($id, $secret) = @{ $client{basic} }{qw(id secret)};
my $encoded = encode_base64("$id:$secret", '');
Canary::add($encoded);
for my $good ("Basic $encoded", "basic $encoded", "BASIC   $encoded",
    'Basic ' . encode_base64(join('', map { sprintf '%%%02x', ord } split //, $id) . ":$secret", ''))
{
    oauth_error ask('/token', [], Authorization => $good), 400, 'invalid_grant', 'CA-1: another spelling of Basic is taken';
}
for (
    [ 'no colon',              encode_base64("$id$secret",          '') ],
    [ 'no id',                 encode_base64(":$secret",            '') ],
    [ 'no secret',             encode_base64("$id:",                '') ],
    [ 'nothing but a colon',   encode_base64(':',                   '') ],
    [ 'NUL in the id',         encode_base64("$id\0:$secret",       '') ],
    [ 'NUL in the secret',     encode_base64("$id:$secret\0",       '') ],
    [ 'an encoded NUL',        encode_base64("$id%00:$secret",      '') ],
    [ 'no UTF-8',              encode_base64("$id\xff:$secret",     '') ],
    [ 'a broken escape',       encode_base64("$id%4:$secret",       '') ],
    [ 'an & in it',            encode_base64("$id&x=y:$secret",     '') ],
    [ 'the secret twice',      encode_base64("$id:$secret:$secret", '') ],
    [ 'a space before the id', encode_base64(" $id:$secret",        '') ],
    [ 'another alphabet',      '-_' . $encoded ],
    [ 'a character too many',  $encoded . 'A' ],
    [ 'nothing',               '' ],
    [ 'four kilobytes',        encode_base64("$id:" . 'x' x 3000, '') ],
    )
{
    my ($case, $header) = @$_;
    my $answer = ask('/token', [], Authorization => "Basic $header");
    oauth_error $answer, 401, 'invalid_client', "CA-1: Basic with $case is refused";
    like $answer->header('WWW-Authenticate'), qr/^Basic realm="[^"]+"/, "CA-3: with a challenge ($case)";
}
my $twice =
    $site->{https}->raw("POST /token HTTP/1.1\r\nHost: localhost:81\r\nConnection: close\r\nAuthorization: Basic $encoded\r\n"
        . "Authorization: Basic $encoded\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n\r\ngrant_type=x"
    );
is $twice->status, 400, 'CA-2: two Authorization headers';

# Two secrets at once, then one.
my $client = $client{post};
my $new    = Flow::checked('psts_' . Flow::random(32) . 'xxxxxx');
my $digest = sub ($secret) { sha256_hex(decode_base64(substr($secret, 5, 43) =~ tr{-_}{+/}r)) };
Canary::add($new);
is $site->sql("select encode(digest, 'hex') || ' ' || scheme from oauth.client_secret where client_id = '$client->{id}'"),
    $digest->($client->{secret}) . ' sha256', 'CA-4: the database has a secret\'s digest and its scheme';
$site->sql(sprintf q(insert into oauth.client_secret (client_id, digest, expires_at) values ('%s', '\x%s', now() + interval '1 day')), $client->{id}, $digest->($new));
is ask('/revoke', [ client_id => $client->{id}, client_secret => $_ ])->status, 200, 'CA-4: two secrets are valid at once'
    for $new, $client->{secret};
$site->sql(sprintf q(update oauth.client_secret set expires_at = now() where digest = '\x%s'), $digest->($client->{secret}));
is join(' ', map { ask('/revoke', [ client_id => $client->{id}, client_secret => $_ ])->status } $new, $client->{secret}),
    '200 401',
    'CA-4: and then only the new one';
oauth_error ask('/revoke', [ client_id => $client{basic}{id}, client_secret => $new ]), 401, 'invalid_client',
    'CA-4: a secret is good for its own client alone';

$site->finish;
