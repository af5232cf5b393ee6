# SPDX-License-Identifier: ISC
# Child processes of a test: started with their output in a log, awaited, stopped; none outlives its test.
package Process;
use v5.36;

use Exporter 'import';
use Fcntl qw(F_GETFD F_SETFD FD_CLOEXEC);
use IO::Handle;
use POSIX       qw(dup2 WNOHANG);
use Time::HiRes qw(time usleep);

our @EXPORT_OK = qw(run wait_for program);

# Waits until the condition is true and returns its value; dies after so many seconds.
sub wait_for ($what, $condition, $seconds = 10) {
    my $end = time + $seconds;
    while (1) {
        my $value = $condition->();
        return $value                       if $value;
        die "waited $seconds s for $what\n" if time > $end;
        usleep 5000;
    }
}

# The path of a program that may stand in a folder for administrators.
sub program ($name) {
    for my $folder (split(/:/, $ENV{PATH} // ''), qw(/usr/sbin /sbin /usr/bin)) {
        return "$folder/$name" if -x "$folder/$name";
    }
    die "no $name on this machine\n";
}

# A child's environment holds nothing of the caller's but what it needs to run.
sub environment ($env) {
    my %clean = (PATH => '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL => 'C.UTF-8', TZ => 'UTC');
    $clean{$_} = $ENV{$_} for grep { defined $ENV{$_} } qw(ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS);
    return (%clean, %$env);
}

# In the child: descriptors, folder, environment, and no life beyond the parent's.  A socket to listen on is passed as systemd does.
sub become ($command, %o) {
    my $listen = $o{listen};
    open STDIN,  '<',  $o{in}  // '/dev/null' or die "$o{in}: $!\n";
    open STDOUT, '>>', $o{out} // '/dev/null' or die "$o{out}: $!\n";
    open STDERR, '>>', $o{err} // $o{out} // '/dev/null' or die "$o{err}: $!\n";
    chdir $o{cwd} or die "$o{cwd}: $!\n" if $o{cwd};
    local %ENV = environment($o{env} // {});
    if ($listen) {
        fileno $listen == 3 ? fcntl $listen, F_SETFD, fcntl($listen, F_GETFD, 0) & ~FD_CLOEXEC : dup2(fileno $listen, 3);
        @ENV{qw(LISTEN_FDS LISTEN_PID)} = (1, $$);
    }
    exec program('setpriv'), '--pdeathsig', $o{orphan} // 'TERM', '--', @$command;
}

sub spawn ($command, %o) {
    my $pid = fork // die "fork: $!\n";
    return $pid if $pid;
    eval { become($command, %o) };
    warn "$command->[0]: ", $@ || $!, "\n";
    POSIX::_exit(127);
}

# Runs a command to its end: { exit, signal, out, err }.  The three files have no name, so that none is left behind.
sub run ($command, %o) {
    my %file;
    for my $stream (qw(in out err)) {
        open $file{$stream}, '+>', undef or die "no temporary file: $!\n";
    }
    print { $file{in} } $o{stdin} // '';
    $file{in}->flush;
    my $pid = spawn($command, %o, map { $_ => '/dev/fd/' . fileno $file{$_} } qw(in out err));
    local $SIG{ALRM} = sub { kill KILL => $pid };
    alarm($o{seconds} // 60);
    waitpid $pid, 0;
    alarm 0;
    my %result = (exit => $? >> 8, signal => $? & 127);

    for my $stream (qw(out err)) {
        seek $file{$stream}, 0, 0;
        local $/ = undef;
        $result{$stream} = readline($file{$stream}) // '';
    }
    return \%result;
}

sub start ($class, $name, $command, %o) {
    return bless { name => $name, owner => $$, pid => spawn($command, out => $o{log}, %o) }, $class;
}

sub pid ($self) { return $self->{pid} }

sub signal ($self, $signal) { return kill $signal => $self->{pid} }

# True while it runs; its wait status stays in {status}.
sub running ($self) {
    return 0 if defined $self->{status};
    return 1 unless waitpid($self->{pid}, WNOHANG) == $self->{pid};
    $self->{status} = $?;
    return 0;
}

# Waits for its end and returns the exit status, 128 + N where a signal ended it.
sub finished ($self, $seconds = 30) {
    wait_for("the end of $self->{name}", sub { !$self->running }, $seconds);
    return $self->{status} & 127 ? 128 + ($self->{status} & 127) : $self->{status} >> 8;
}

sub stop ($self, $signal = 'TERM', $seconds = 30) {
    return unless $self->running;
    $self->signal($signal);
    return if eval { $self->finished($seconds); 1 };
    $self->signal('KILL');
    $self->finished;
    die "$self->{name} did not end within $seconds s of SIG$signal\n";
}

sub DESTROY ($self) {
    local ($?, $@);
    eval { $self->stop } if $self->{owner} == $$;
    return;
}

1;
