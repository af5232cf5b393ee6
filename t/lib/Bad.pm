# SPDX-License-Identifier: ISC
# Bad: programs that stand where the workers should, and answer nginx as no worker of ours does, each in its own way.
package Bad;
use v5.36;

use IO::Select;
use IO::Socket::UNIX;
use POSIX ();

# A record of FastCGI.
sub record ($type, $text) { return pack('CCnnCC', 1, $type, 1, length $text, 0, 0) . $text }

sub out ($text) { return record(6, $text) }

my $end  = record(6, '') . record(3, pack 'NCx3', 0, 0);
my $head = "Status: 200 OK\r\nContent-Type: text/plain\r\n";

# What each does with a connection, when it has read what nginx sent; undef: no answer, and the connection stays open.
my %answer = (
    'closes without an answer'      => '',
    'speaks something else'         => "HTTP/1.1 200 OK\r\n\r\n",
    'sends too large a header'      => out($head . 'X-Large: ' . 'x' x 40_000 . "\r\n\r\n") . $end,
    'sends a header without a name' => out("Status: 200 OK\r\n: \x00x\r\n\r\n") . $end,
    'ends before its header'        => $end,
    'ends in its header'            => out('Content-Type: text') . $end,
    'dies in the middle of a body'  => out("${head}Content-Length: 100\r\n\r\nhalf"),
    'sends more than it announced'  => out("${head}Content-Length: 4\r\n\r\nmore than that") . $end,
    'complains'                     => record(7, 'a complaint') . out("$head\r\ngood") . $end,
    'hangs'                         => undef
);

sub kinds { return ('closes unread', sort keys %answer) }

# Starts one that listens on these sockets.
sub new ($class, $kind, @paths) {
    unlink @paths;
    my @listening = map { IO::Socket::UNIX->new(Local => $_, Listen => 128) || die "$_: $!\n" } @paths;
    my $pid       = fork // die "fork: $!\n";
    if (!$pid) {
        eval { serve($kind, @listening) };
        POSIX::_exit(1);
    }
    return bless { pid => $pid, paths => \@paths, owner => $$ }, $class;
}

sub serve ($kind, @listening) {
    my $select = IO::Select->new(@listening);
    my @open;
    while (my @ready = $select->can_read) {
        for my $socket (map { scalar $_->accept } @ready) {
            next if $kind eq 'closes unread';
            $socket->sysread(my $request, 65536);
            push @open, $socket and next unless defined $answer{$kind};
            $socket->print($answer{$kind});
            $socket->flush;
        }
    }
    return;
}

sub stop ($self) {
    return unless delete $self->{owner};
    kill KILL => $self->{pid};
    waitpid $self->{pid}, 0;
    return unlink @{ $self->{paths} };
}

sub DESTROY ($self) {
    local ($?, $@);
    $self->stop if ($self->{owner} // 0) == $$;
    return;
}

1;
