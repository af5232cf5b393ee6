# SPDX-License-Identifier: ISC
# Load: a few child processes that ask again and again over kept connections, until told to stop, and count what went wrong.
package Load;
use v5.36;

use JSON::PP ();
use POSIX    ();

use Https;

# Requests: [ $https, method, target, headers, body, expected status ], ...; each child sends them in turn, at least $least and at
# most $most altogether.
sub new ($class, $children, $stop, $least, $most, @requests) {
    my @child;
    for (1 .. $children) {
        pipe my $result, my $write or die $!;
        my $pid = fork // die "fork: $!\n";
        if (!$pid) {
            my $count = eval { hammer($stop, $least, $most, @requests) } // { wrong => $@ };
            print {$write} JSON::PP->new->encode($count);
            close $write;
            POSIX::_exit(0);
        }
        push @child, [ $pid, $result ];
    }
    return bless { child => \@child, stop => $stop }, $class;
}

sub hammer ($stop, $least, $most, @requests) {
    my ($done, %wrong, %socket) = (0);
    until ($done >= $most || $done >= $least && -e $stop) {
        for my $request (@requests) {
            my ($https, $method, $target, $headers, $body, $expected) = @$request;
            my $status =
                one($https, \$socket{$https}, $https->bytes($method, $target, { Connection => 'keep-alive', %$headers }, $body));
            $wrong{"$method $target: $status"}++ if $status ne $expected;
            $done++;
        }
    }
    return { done => $done, wrong => \%wrong };
}

# One request on a kept connection to nginx, or on a new one.
sub one ($https, $socket, $bytes) {
    $$socket //= $https->connected;
    local $SIG{ALRM} = sub { die "no answer\n" };
    alarm 30;
    $$socket->print($bytes);
    my $answer = '';
    until (Https::Pending::complete({ method => 'GET' }, $answer)) {
        $$socket->sysread($answer, 65536, length $answer) or last;
    }
    alarm 0;
    undef $$socket if $answer !~ /^Connection: keep-alive/mi;
    return $answer =~ m{^HTTP/1.1 ([0-9]{3})} ? $1 : 'none';
}

# How many have been answered, and what was not as expected.
sub finish ($self) {
    open my $flag, '>', $self->{stop} or die $!;
    close $flag;
    my ($done, @wrong) = (0);
    for (@{ $self->{child} }) {
        my ($pid, $result) = @$_;
        my $count = JSON::PP->new->decode(readline($result) // '{"done":0,"wrong":"a child died"}');
        waitpid $pid, 0;
        $done += $count->{done} // 0;
        push @wrong, ref $count->{wrong} ? map {"$count->{wrong}{$_} x $_"} sort keys %{ $count->{wrong} } : $count->{wrong};
    }
    unlink $self->{stop};
    return ($done, join ', ', @wrong);
}

1;
