# SPDX-License-Identifier: ISC
# Snippet: a program that stands in doc/clients.md, run as it stands there; its first line is its name, in a comment.
package Snippet;
use v5.36;

use IPC::Open2 qw(open2);

use Nginx;
use Process;
use Run;

# The names of all of them.
sub all { return Nginx::slurp("$Run::source/doc/clients.md") =~ m{^```\w+\n(?:#|//) (\S+)$}mg }

# Writes it into that folder and starts it with this command and environment.
sub new ($class, $name, $dir, $command, %env) {
    my ($text) = Nginx::slurp("$Run::source/doc/clients.md") =~ m{^```\w+\n((?:#|//) \Q$name\E\n.*?)^```$}ms;
    open my $file, '>', "$dir/$name" or die "$dir/$name: $!\n";
    print $file $text // die "doc/clients.md has no $name\n";
    close $file or die $!;
    local %ENV = (PATH => '/usr/bin:/bin', LC_ALL => 'C.UTF-8', HOME => $dir, %env);
    my @quiet = ('sh', '-c', 'exec "$@" 2>"$0"', "$dir/$name.err");
    my $pid   = open2(my $out, my $in, @quiet, Process::program('setpriv'), qw(--pdeathsig TERM --), @$command, "$dir/$name");
    return bless { pid => $pid, in => $in, out => $out, err => "$dir/$name.err" }, $class;
}

# Its next line, without the end; an empty one where it says no more.
sub line ($self) {
    my $line = readline $self->{out};
    return ($line // '') =~ s/\n\z//r;
}

sub tell ($self, $line) {
    print { $self->{in} } "$line\n";
    return $self->{in}->flush;
}

# What it complained of.
sub complaint ($self) { return Nginx::slurp($self->{err}) // '' }

# All that it still says; its exit status is in {status} then.
sub rest ($self) {
    close $self->{in};
    my @lines = readline $self->{out};
    waitpid $self->{pid}, 0;
    $self->{status} = $?;
    return join '', @lines;
}

sub stop ($self) {
    kill TERM => $self->{pid};
    return $self->rest;
}

1;
