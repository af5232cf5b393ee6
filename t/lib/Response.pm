# SPDX-License-Identifier: ISC
# An HTTP answer.  Whatever is secret in it becomes a canary: it must stand in no log.
package Response;
use v5.36;

use JSON::PP ();

use Canary;

sub parse ($class, $bytes, $method) {
    my ($head, $body) = split /\r\n\r\n/, $bytes, 2;
    my ($first, @lines) = split /\r\n/, $head // '';
    my ($status) = ($first // '') =~ m{^HTTP/1\.[01] ([0-9]{3})(?: |$)};
    my $self     = bless { status => $status // 0, headers => [ map { [ split /: ?/, $_, 2 ] } @lines ], bytes => $bytes }, $class;
    $body = unchunk($body) if lc($self->header('Transfer-Encoding') // '') eq 'chunked';
    $self->{body} = $body // '';
    $self->{short} =
        defined $self->header('Content-Length') && $method ne 'HEAD' && length $self->{body} != $self->header('Content-Length');
    $self->notice;
    return $self;
}

sub unchunk ($in) {
    my $out = '';
    while ($in =~ s/^([0-9A-Fa-f]+)[^\r]*\r\n//) {
        my $size = hex $1 or last;
        $out .= substr $in, 0, $size, '';
        $in =~ s/^\r\n//;
    }
    return $out;
}

sub status ($self) { return $self->{status} }
sub body   ($self) { return $self->{body} }
sub bytes  ($self) { return $self->{bytes} }

# All values of a header, or the only one; dies where it comes twice.
sub all ($self, $name) {
    return map { $_->[1] } grep { lc $_->[0] eq lc $name } @{ $self->{headers} };
}

sub header ($self, $name) {
    my @values = $self->all($name);
    die "$name comes " . @values . " times\n" if @values > 1;
    return $values[0];
}

sub type     ($self) { return ($self->header('Content-Type') // '') =~ s/\s*;.*//r }
sub location ($self) { return $self->header('Location') // '' }

sub json ($self) { return $self->{json} //= JSON::PP->new->utf8->decode($self->{body}) }

# The parameters in the query of the Location, or of another URL; dies where one comes twice.
sub query ($self, $url = $self->location) {
    my %value;
    for my $pair (split /&/, $url =~ s/#.*//r =~ s/^[^?]*\??//r) {
        my ($name, $value) = map { tr/+/ /r =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger } split(/=/, $pair, 2), '';
        die "$name comes twice in $url\n" if exists $value{$name};
        $value{$name} = $value;
    }
    return \%value;
}

# The cookies that it sets: name => [ value, { attribute => value, ... } ].
sub cookies ($self) {
    my %cookie;
    for my $line ($self->all('Set-Cookie')) {
        my ($first, @attributes) = split /;\s*/, $line;
        my ($name, $value) = split /=/, $first, 2;
        $cookie{$name} = [ $value, { map { my ($n, $v) = split /=/, $_, 2; (lc $n => $v // '') } @attributes } ];
    }
    return \%cookie;
}

sub notice ($self) {
    Canary::add(map { $_->[0] } values %{ $self->cookies });
    Canary::add($self->{body} =~ /"(?:access_token|refresh_token|id_token|device_code)"\s*:\s*"([^"]+)"/g);
    Canary::add($self->{body} =~ /name="?csrf"?[^>]*value="([^"]+)"/g);
    Canary::add(grep {defined} $self->query->{code}) if grep { lc $_->[0] eq 'location' } @{ $self->{headers} };
    return;
}

1;
