# SPDX-License-Identifier: ISC
# A private PostgreSQL cluster on a Unix socket.  It logs every statement with its parameters, so that a secret among them is found.
package Cluster;
use v5.36;

use Process qw(run wait_for);

sub bindir {
    my @found =
        map  { $_->[1] }
        sort { $b->[0] <=> $a->[0] }
        map  { m{/([0-9]+)/bin/initdb$} ? [ $1, s{/initdb$}{}r ] : () } glob '/usr/lib/postgresql/*/bin/initdb';
    return $found[0] // Process::program('initdb') =~ s{/initdb$}{}r;
}

# A cluster in that folder, made but not yet started.  A private one is of one file, which may stop it, and may have more settings and
# an environment of its own.
sub new ($class, $dir, %o) {
    my $self = bless { dir => $dir, data => "$dir/data", log => "$dir/postgresql.log", %o }, $class;
    return $self if -d $self->{data};
    my $made = run([
        bindir() . '/initdb',
        qw(--auth=trust --username=postgres --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions -D),
        $self->{data}
    ]);
    die "initdb: $made->{err}" if $made->{exit} || $made->{signal};
    open my $conf, '>>', "$self->{data}/postgresql.conf" or die $!;
    print $conf <<"CONF";
listen_addresses = ''
unix_socket_directories = '$dir'
max_connections = 200
fsync = off
full_page_writes = off
log_statement = all
log_line_prefix = '%m %d %u [%p] '
CONF
    print $conf $o{settings} // '';
    close $conf or die $!;
    return $self;
}

sub log_file ($self) { return $self->{log} }

sub env ($self) { return (PGHOST => $self->{dir}, PGPORT => 5432) }

sub start ($self) {
    $self->{server} = Process->start(
        'PostgreSQL', [ bindir() . '/postgres', '-D', $self->{data} ],
        log => $self->{log}, orphan => 'QUIT', env => $self->{environment}
    );
    $self->wait_ready;
    return $self;
}

# The last line of its pid file says so; the first is its pid, for one that was killed leaves its file behind.
sub wait_ready ($self) {
    my $own = $self->{server} ? $self->postmaster : qr/[0-9]+/;
    return wait_for(
        'PostgreSQL',
        sub {
            open my $in, '<', "$self->{data}/postmaster.pid" or return 0;
            my @lines = readline $in;
            return ($lines[0] // '') =~ /^$own$/ && grep {/^ready/} @lines;
        },
        30
    );
}

sub postmaster ($self) { return $self->{server}->pid }

# 'fast' or 'immediate', as pg_ctl's -m.
sub stop ($self, $mode = 'fast') {
    $self->{server}->stop($mode eq 'fast' ? 'INT' : 'QUIT') if $self->{server};
    return;
}

# kill -9 of the postmaster alone ('postmaster': its children end by themselves, when they are done with their statement) or of all
# of them at once ('all'); then a new one, which recovers.
sub crash ($self, $who) {
    my $pid = $self->postmaster;
    open my $in, '<', "/proc/$pid/task/$pid/children" or die "/proc/$pid: $!\n";
    my @children = split / /, readline($in) // '';
    kill KILL => $pid, $who eq 'all' ? @children : ();
    $self->{server}->finished;
    wait_for("the end of PostgreSQL's child $_", sub { ended($_) }) for @children;
    return $self->start;
}

# True for a process that is gone, or dead and not yet waited for.
sub ended ($pid) {
    open my $in, '<', "/proc/$pid/stat" or return 1;
    return (readline($in) // '') =~ /^\d+ \(.*\) [ZX]/;
}

# The rows of a query as psql -At shows them, without the last newline.  Dies where it fails, or takes more than 60 seconds (or seconds).
sub sql ($self, $database, $query, %o) {
    my $user = $o{user} // 'postgres';
    my $done = run(
        [
            bindir() . '/psql', qw(-X -q -A -t -v ON_ERROR_STOP=1 -d), $database, '-U', $user, map { ('-v', $_) } @{ $o{set} // [] }
        ],
        env   => { $self->env, %{ $o{env} // {} } },
        stdin => $query, seconds => $o{seconds} // 60
    );
    return $done               if $o{try};
    die "$query\n$done->{err}" if $done->{exit} || $done->{signal};
    return $done->{out} =~ s/\n\z//r;
}

# All rows of a database, into a file.
sub dump ($self, $database, $file) {
    my $done = run([ bindir() . '/pg_dump', qw(--data-only -U postgres -f), $file, $database ], env => { $self->env });
    die $done->{err} if $done->{exit} || $done->{signal};
    return;
}

1;
