# SPDX-License-Identifier: ISC
# GE-1: what a worker trusts (RFC 9700 4.13), asked over its socket as nginx does, but with whatever parameters a mistaken or
# attacked nginx might send: it answers for its own paths alone, and no header decides about issuer, links, limits or identity.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::UNIX;
use Test::More;

use Check;
use Flow;
use Https;
use Response;
use Run;
use Site;

my $site   = Site->new;
my $client = $site->client(no_pkce => 1);
my $token  = $site->token($client, $site->signed_in($site->user));

# A record of the FastCGI protocol: begin (1), parameters (4), body (5); an empty one ends its stream.
sub record ($type, $content) { return pack('CCnnCC', 1, $type, 1, length $content, 0, 0) . $content }

sub sized ($text) { return length $text < 128 ? chr length $text : pack 'N', length($text) | 0x80000000 }

# The answer to these parameters, in a list since one may come twice.
sub ask ($program, @parameters) {
    my $socket = IO::Socket::UNIX->new(Peer => "$site->{dir}/run/postern/$program.sock") or die "$program: $!\n";
    my $pairs  = '';
    while (my ($name, $value) = splice @parameters, 0, 2) {
        $pairs .= sized($name) . sized($value) . "$name$value";
    }
    $socket->print(record(1, pack 'nCx5', 1, 0), record(4, $pairs), record(4, ''), record(5, ''));
    $socket->flush;
    my ($in, $out) = ('', '');
    1 while $socket->sysread($in, 65536, length $in);
    while (length $in >= 8) {
        my (undef, $type, undef, $size, $padding) = unpack 'CCnnC', $in;
        $out .= substr $in, 8, $size if $type == 6;
        substr $in, 0, 8 + $size + $padding, '';
    }
    my $status = $out eq '' ? 0 : $out =~ /^Status: ([0-9]+)/m ? $1 : 200;
    return Response->parse('HTTP/1.1 ' . $status . " x\r\nX-Request-Id: " . '0' x 32 . "\r\n$out", 'GET');
}

sub plain ($method, $path, %more) {
    my %parameters = (REQUEST_METHOD => $method, SCRIPT_NAME => $path, QUERY_STRING => '', REMOTE_ADDR => '192.0.2.1', %more);
    return %parameters;
}

# Its own paths; postern-contacts has a page and a style of its own at :82.
my %path = (
    authorize => [qw(/authorize /login /consent /logout / /style.css)],
    token     => [qw(/token /revoke /introspect /profile)],
    contacts  => [qw(/contacts /contacts/1 /openapi.json / /style.css)]
);
for my $program (@Site::programs) {
    my %own = map { $_ => 1 } @{ $path{$program} };
    for my $other (grep { !$own{$_} } map { @{ $path{$_} } } sort keys %path) {
        is ask($program, plain(GET => $other))->status, 404, "GE-1: postern-$program does not answer for $other";
    }
    is ask($program, plain(GET => $_))->status, 404, "GE-1: nor for '$_'"
        for '', '/nowhere', '//', '/../token', "$path{$program}[0]/", uc $path{$program}[0];
    isnt ask($program, plain(GET => $path{$program}[0]))->status, 404, "GE-1: but for $path{$program}[0]";
    is ask($program, plain($_ => '/nowhere'))->status, 404, "GE-1: whatever the method ($_)" for 'POST', 'HEAD', '', 'GET POST';
    is ask($program, REMOTE_ADDR => '192.0.2.1')->status, 404, "GE-1: nor for no path";
}

# Headers that other programs trust.
my %evil = (
    HTTP_HOST            => 'evil.example', HTTP_X_FORWARDED_HOST => 'evil.example', HTTP_X_FORWARDED_PROTO => 'http',
    HTTP_X_FORWARDED_FOR => '203.0.113.7',  HTTP_X_REAL_IP => '203.0.113.7', HTTP_FORWARDED => 'for=203.0.113.7;host=evil.example',
    HTTP_PROXY           => 'http://evil.example', HTTP_X_ORIGINAL_URL => '/token', HTTP_X_REWRITE_URL => '/token',
    HTTP_X_HTTP_METHOD_OVERRIDE => 'POST', HTTP_CLIENT_IP => '203.0.113.7', HTTP_X_REMOTE_USER => 'admin', REMOTE_USER => 'admin',
    SERVER_NAME                 => 'evil.example', SERVER_PORT => '80', HTTPS => '', REQUEST_SCHEME => 'http', AUTH_TYPE => 'Basic',
    PATH_INFO                   => '/token',
    DOCUMENT_URI => '/token', REQUEST_URI => '/token', SCRIPT_FILENAME => '/etc/passwd', HTTP_X_SSL_CLIENT_CERT => 'x'
);
my ($query) = $site->authorize_url($client) =~ /\?(.*)/;
my $answer = ask(authorize => plain(GET => '/authorize', QUERY_STRING => $query), %evil);
is $answer->status, 303, 'GE-1: an authorization request among such headers';
like $answer->location, qr{^\Q$site->{issuer}\E/authorize\?h=}, 'GE-1: its link begins with the issuer';
my $server = '/.well-known/oauth-authorization-server';
is ask(token => plain(GET => $server), %evil)->body, $site->{https}->get($server)->body, 'GE-1: the metadata is the same';
my $of = '/.well-known/oauth-protected-resource/contacts';
is ask(contacts => plain(GET => $of), %evil)->body, $site->{contacts}->get($of)->body, 'GE-1: that of the resource too';

for ([ token => 'profile' ], [ contacts => 'contacts' ]) {
    my ($program, $name) = @$_;
    is ask($program => plain(GET => "/$name"), %evil)->status, 401, "GE-1: no header makes anybody somebody (/$name)";
    is ask($program => plain(GET => "/$name", HTTP_AUTHORIZATION => "Bearer $token"), %evil)->status, 200,
        'GE-1: but the token does';
    unlike ask($program => plain(GET => "/$name"), %evil)->bytes, qr/evil|203\.0\.113/, 'GE-1: and nothing of them comes back';
}
unlike $site->log_text($_), qr/203\.0\.113\.7|evil\.example/, "GE-1: nor stands it in the log of postern-$_" for @Site::programs;

# What a parameter says that comes twice: the first, for all of the request.  So each location has one list.
is ask(token => SCRIPT_NAME => '/profile', plain(GET => '/nowhere', HTTP_AUTHORIZATION => "Bearer $token"))->status, 200,
    'GE-1: of a parameter that comes twice the first counts';
for my $file (grep { !/protect/ } glob "$Run::source/nginx/*.conf.in") {    # a snippet's list is its location's own
    my ($n, %seen, @wrong) = (0);
    for (Site::lines($file)) {
        $n++;
        my ($indent, $name) = /^(\s*)fastcgi_param\s+(\S+)/ or next;
        push @wrong, "line $n: $name" if $seen{$name}++ || $indent ne '' || /if_not_empty/ && $name !~ /^HTTP_/;
        push @wrong, "line $n: $name" if /\$http_(?:host|x_|forwarded|proxy)|\$host\b|\$proxy_add/;
    }
    is "@wrong", '', 'GE-1: one list of parameters, once each, for all locations of ' . $file =~ s{.*/}{}r;
}

# A body that is not what was announced is no request (GE-3).
for my $length (5, 1, '-1', '5x', ' 5', '99999999999999999999', '0x5') {
    my $type = 'application/x-www-form-urlencoded';
    is ask(token => plain(POST => '/token', CONTENT_TYPE => $type, CONTENT_LENGTH => $length))->status, 400,
        "GE-3: no body where '$length' bytes were announced";
}

# Who comes over a Unix socket, or from nowhere, is counted as one.
for my $address (undef, '', 'unix:', 'unix:/run/x') {
    my @more = defined $address ? (REMOTE_ADDR => $address) : ();
    my %good = plain(GET => '/login');
    delete $good{REMOTE_ADDR};
    is ask(authorize => %good, @more)->status, 200, 'GE-1: a request without an address is served';
}

$site->finish;
