# SPDX-License-Identifier: ISC
# A FastCGI client (FastCGI 1.0): asks a program over its own socket, without nginx, many times a second.
package Fcgi;
use v5.36;

use IO::Socket::UNIX;

# Types of records; the role of all our programs.
my ($begin, $end, $params, $stdin, $stdout) = (1, 3, 4, 5, 6);
my $responder = 1;

# keep => 1: the connection stays.
sub new ($class, $socket, %o) { return bless { path => $socket, %o }, $class }

# The bytes of a request, as nginx would send it: parameters, a body.
sub bytes ($self, $body = '', %parameter) {
    my %all = (REQUEST_METHOD => 'GET', REMOTE_ADDR => '192.0.2.1', REQUEST_ID => 'f' x 32, %parameter);
    $all{CONTENT_LENGTH} //= length $body if $all{REQUEST_METHOD} eq 'POST';
    my $pairs = join '', map { size(length $_) . size(length $all{$_}) . $_ . $all{$_} } sort keys %all;
    return
          record($begin, pack 'nCx5', $responder, $self->{keep} ? 1 : 0)
        . record($params, $pairs)
        . record($params, '')
        . join('', map { record($stdin, $_) } unpack '(a32000)*', $body)
        . record($stdin, '');
}

sub size ($n) { return $n < 128 ? pack 'C', $n : pack 'N', $n | 0x80000000 }

sub record ($type, $content) { return pack('CCnnCx', 1, $type, 1, length $content, 0) . $content }

# Sends these bytes; the whole answer, headers and body.
sub ask ($self, $bytes) {
    my $socket = $self->{socket} //= IO::Socket::UNIX->new(Peer => $self->{path}) || die "$self->{path}: $!\n";
    syswrite($socket, $bytes) == length $bytes or die "a request was not sent: $!\n";
    my ($in, $answer) = ('', '');
    while (1) {
        while (length $in >= 8) {
            my ($type, $length, $padding) = unpack 'x C x2 n C', $in;
            last if length $in < 8 + $length + $padding;
            $answer .= substr $in, 8, $length if $type == $stdout;
            substr $in, 0, 8 + $length + $padding, '';
            next                   unless $type == $end;
            delete $self->{socket} unless $self->{keep};
            return $answer;
        }
        sysread($socket, $in, 65536, length $in) or die "the connection ended before the answer\n";
    }
}

1;
