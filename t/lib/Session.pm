# SPDX-License-Identifier: ISC
# A database session of a test that stays open: it holds locks, and waits for others to wait for them.
package Session;
use v5.36;

use Cluster;
use Process;

sub new ($class, $cluster, $database) {
    my ($their_in, $my_in, $their_out, $my_out);
    pipe $their_in, $my_in     or die $!;
    pipe $my_out,   $their_out or die $!;
    my $process = Process->start(
        'psql', [ Cluster::bindir() . '/psql', qw(-X -q -A -t -v ON_ERROR_STOP=1 -U postgres -d), $database ],
        in => '/dev/fd/' . fileno $their_in, out => '/dev/fd/' . fileno $their_out, env => { $cluster->env }
    );
    $my_in->autoflush(1);
    return bless { process => $process, in => $my_in, out => $my_out, held => [ $their_in, $their_out ] }, $class;
}

# Executes statements, and returns their rows' lines when they are done.
sub query ($self, $sql) { return $self->begin($sql)->lines }

# Begins to execute them; lines waits.
sub begin ($self, $sql) {
    print { $self->{in} } "$sql;\n\\echo done\n";
    return bless { %$self, asked => $sql }, 'Session::Asked';
}

sub hold ($self, $sql) { return $self->query("begin; $sql") }

# Waits until so many others of this database wait for a lock.
sub await_waiters ($self, $count, $seconds = 10) {
    my $waiting = 'select count(distinct pid) from pg_locks join pg_stat_activity using (pid)
                    where not granted and datname = current_database()';
    my ($seen) = $self->query(
        "do \$\$ begin
            for i in 1 .. $seconds * 1000 loop
                perform pg_stat_clear_snapshot();
                exit when ($waiting) >= $count;
                perform pg_sleep(0.001);
            end loop;
        end \$\$; $waiting"
    );
    return $seen;
}

sub release ($self) { return $self->query('rollback') }

# What $prepare makes anew, and the answers to requests about it (functions of it, in $send) that all waited for a lock at once ($lock is
# SQL, or a function of it that gives SQL).  With ordered => 1 each is sent when the one before it waits: the lock goes to whoever has
# waited longest.  end => 'commit' lets go so.
#
# The workers give up a lock after 0.3 s, so on a busy machine a racer may be late for it; then all is tried again, with something new.
sub race ($self, $lock, $prepare, $send, %o) {
    for (1 .. 10) {
        my $what = $prepare->();
        $self->hold(ref $lock ? $lock->($what) : $lock);
        my ($waiting, @pending) = (0);
        for my $one (@$send) {
            push @pending, $one->($what);
            $waiting = $self->await_waiters(scalar @pending, 1) if $o{ordered} || @pending == @$send;
        }
        $self->query($o{end} // 'rollback');
        my @answers = map { $_->answer } @pending;
        return ($what, @answers) if $waiting == @$send && !grep { $_->status == 503 } @answers;
    }
    die "the racers never waited together\n";
}

sub DESTROY ($self) { close $self->{in}; return }

package Session::Asked;
use v5.36;

sub lines ($self) {
    my @lines;
    while (defined(my $line = readline $self->{out})) {
        chomp $line;
        return @lines if $line eq 'done';
        push @lines, $line;
    }
    die "psql ended at: $self->{asked}\n";
}

1;
