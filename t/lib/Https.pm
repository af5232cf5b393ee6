# SPDX-License-Identifier: ISC
# An HTTPS client over a Unix socket: one connection a request, no redirect followed, any bytes possible.
package Https;
use v5.36;

use IO::Socket::SSL;
use IO::Socket::UNIX;
use MIME::Base64 qw(encode_base64);

use Canary;
use Response;

# nginx may answer and close before it has read all of a bad request.
$SIG{PIPE} = 'IGNORE';

# socket => PATH, ca => FILE, host => what the Host header says, address => whence nginx believes that it comes.
sub new ($class, %o) {
    my $context = IO::Socket::SSL::SSL_Context->new(SSL_ca_file => $o{ca}, SSL_verify_mode => SSL_VERIFY_PEER);
    return bless { %o, context => $context }, $class;
}

# The same client at another address.
sub from ($self, $address) { return bless { %$self, address => $address }, ref $self }

sub connected ($self) {
    my $unix = IO::Socket::UNIX->new(Peer => $self->{socket}) or die "$self->{socket}: $!\n";
    return IO::Socket::SSL->start_SSL(
        $unix,
        SSL_reuse_ctx       => $self->{context},
        SSL_hostname        => 'localhost',
        SSL_verifycn_name   => 'localhost',
        SSL_verifycn_scheme => 'http'
    ) || die "TLS: $SSL_ERROR\n";
}

# Percent-encodes all but the unreserved characters.
sub encode ($text) {
    utf8::encode($text) if utf8::is_utf8($text);
    return $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger;
}

# A query or form body of pairs, in a list or in an array where a name comes twice.  Undefined values are left out.
sub form (@pairs) {
    @pairs = @{ $pairs[0] } if ref $pairs[0] eq 'ARRAY';
    my @out;
    while (my ($name, $value) = splice @pairs, 0, 2) {
        push @out, encode($name) . '=' . encode($value) if defined $value;
    }
    return join '&', @out;
}

sub basic ($id, $secret) {
    my $both = encode_base64(encode($id) . ':' . encode($secret), '');
    Canary::add($both);
    return "Basic $both";
}

sub bytes ($self, $method, $target, $headers, $body) {
    my %header = (Host => $self->{host}, Connection => 'close', 'X-Test-Address' => $self->{address}, %$headers);
    $header{'Content-Length'} //= length $body if defined $body;
    my $head = join '', map {"$_: $header{$_}\r\n"} grep { defined $header{$_} } sort keys %header;
    return "$method $target HTTP/1.1\r\n$head\r\n" . ($body // '');
}

# Sends a request and returns at once, so that others can be sent before its answer is read.
sub send ($self, $method, $target, $headers = {}, $body = undef) {
    return $self->send_raw($self->bytes($method, $target, $headers, $body), $method);
}

# Over a connection that is there already, where one is given.
sub send_raw ($self, $bytes, $method = 'GET', $socket = $self->connected) {
    $socket->print($bytes);
    $socket->flush;
    return bless { socket => $socket, method => $method }, 'Https::Pending';
}

sub request ($self, @what) { return $self->send(@what)->answer }

sub raw ($self, $bytes) { return $self->send_raw($bytes)->answer }

sub get ($self, $target, %headers) { return $self->request('GET', $target, \%headers) }

# POSTs pairs as a form.
sub post ($self, $target, $pairs, %headers) { return $self->request('POST', $target, form_headers(\%headers), form(@$pairs)) }

sub form_headers ($headers) { return { 'Content-Type' => 'application/x-www-form-urlencoded', %$headers } }

package Https::Pending;
use v5.36;

# As many bytes as the answer's head announces: nginx, when it refuses a body, keeps the connection for it.
sub complete ($self, $bytes) {
    my $head = index $bytes, "\r\n\r\n";
    return 0 if $head < 0;
    return 1 if $self->{method} eq 'HEAD' || $bytes =~ m{^HTTP/1.1 (?:204|304) };
    return substr($bytes, 0, $head) =~ /^Content-Length: ([0-9]+)/mi && length $bytes >= $head + 4 + $1;
}

# The bytes of all answers until the connection ends.
sub all ($self) {
    my $bytes = '';
    1 while $self->{socket}->sysread($bytes, 65536, length $bytes);
    return $bytes;
}

sub hang_up ($self) { return $self->{socket}->close(SSL_no_shutdown => 1) }

# The whole answer: a Response, or one with status 0 where the connection ended without one.
sub answer ($self, $seconds = 30) {
    my $answer = $self->answer_kept($seconds);
    $self->{socket}->close;
    return $answer;
}

# Likewise, and the connection stays.
sub answer_kept ($self, $seconds = 30) {
    my $bytes = '';
    local $SIG{ALRM} = sub { die "no answer within $seconds s\n" };
    alarm $seconds;
    until ($self->complete($bytes)) {
        $self->{socket}->sysread($bytes, 65536, length $bytes) or last;
    }
    alarm 0;
    return Response->parse($bytes, $self->{method});
}

1;
