# SPDX-License-Identifier: ISC
# The programs of a site: the three servers and the tool, from the build tree, with the site's own settings.
package Programs;
use v5.36;

use Canary;
use Process qw(run wait_for);
use Run;

our @servers = qw(authorize token contacts);

sub tool_env ($roles) {
    return (
        POSTERN_ISSUER       => 'https://localhost:81',
        POSTERN_CONTACTS_URL => 'https://localhost:82/contacts',
        POSTERN_ROLES        => $roles =~ tr/_/-/r,
        POSTERN_MIGRATIONS   => "$Run::source/migrations",
        POSTERN_PAGES        => "$Run::source/pages"
    );
}

# The environment of a program, or of the tool ('admin').
sub env ($self, $program) {
    return {
        $self->{cluster}->env,
        tool_env($self->{roles}),
        PGDATABASE             => $self->{database},
        PGUSER                 => "$self->{roles}-$program",
        POSTERN_ISSUER         => $self->{issuer},
        POSTERN_CONTACTS_URL   => $self->{contacts_url},
        POSTERN_RUN            => "$self->{dir}/run/postern",
        POSTERN_KEYRING        => "$self->{dir}/$program.keys",
        POSTERN_DEVICE_KEYRING => "$self->{dir}/device.keys",

        # A test that tries all that is wrong with a client's authentication does not hear 429 for it.
        POSTERN_CLIENT_FAILURE_LIMIT => 1000,
        %{ $self->{settings} // {} }
    };
}

sub socket_file ($self, $program) { return "$self->{dir}/run/postern/$program.sock" }
sub log_file    ($self, $program) { return "$self->{dir}/log/$program.log" }

sub command ($self, $program) { return [ "$Run::build/postern-$program", '--workers', $self->{workers} // 2 ] }

sub start ($self, $program) {
    my $seen = -s $self->log_file($program) // 0;
    $self->{program}{$program} = Process->start(
        "postern-$program",          [ @{ $self->command($program) }, '--listen', $self->socket_file($program) ],
        env => $self->env($program), log => $self->log_file($program)
    );
    wait_for(
        "postern-$program",
        sub {
            $self->{program}{$program}->running or die "postern-$program ended:\n" . $self->log_text($program);
            substr($self->log_text($program), $seen) =~ /event=ready/;
        }
    );
    return $self->{program}{$program};
}

# The pids of a program's workers.
sub workers ($self, $program) {
    my $pid = $self->{program}{$program}->pid;
    open my $in, '<', "/proc/$pid/task/$pid/children" or die "/proc/$pid: $!\n";
    return split / /, readline($in) // '';
}

sub log_text ($self, $program) {
    open my $in, '<', $self->log_file($program) or return '';
    local $/ = undef;
    return readline($in) // '';
}

# Runs the tool: { exit, signal, out, err }.
sub tool ($self, $arguments, %o) {
    my %env = (%{ $self->env('admin') }, %{ $o{env} // {} });
    $env{PGUSER} = $o{user} if $o{user};
    my $done = run([ "$Run::build/postern", @$arguments ], env => \%env, stdin => $o{stdin});
    open my $log, '>>', $self->log_file('tool') or die $!;
    print $log $done->{err};
    close $log or die $!;
    Canary::add($done->{out} =~ /(psts_[A-Za-z0-9_-]+)/g);
    return $done;
}

sub tool_ok ($self, $arguments, %o) {
    my $done = $self->tool($arguments, %o);
    return $done->{out} unless $done->{exit} || $done->{signal};
    die "postern @$arguments: exit $done->{exit}, signal $done->{signal}\n$done->{out}$done->{err}";
}

1;
