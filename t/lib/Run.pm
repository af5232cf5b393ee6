# SPDX-License-Identifier: ISC
# What the files of one prove run share: a folder, a small CA, a PostgreSQL cluster and a migrated template database in it.
#
# The first file that needs a part makes it.  A guard process of its own owns the cluster, and stops and removes everything when
# prove ends (or the test itself, where no prove started it), however it ends.
package Run;
use v5.36;

use Fcntl      qw(:flock);
use File::Path qw(remove_tree);
use FindBin;
use Cwd         qw(realpath);
use POSIX       ();
use Time::HiRes qw(usleep);

use Cluster;
use Process qw(run);

our $source = $ENV{POSTERN_SRC}   // "$FindBin::Bin/..";
our $build  = $ENV{POSTERN_BUILD} // '.';
$_ = realpath($_) // $_ for $source, $build;
our $template = 'postern_template';

# One run is one life of one prove.  Asked early: prove may be gone when this file ends.
my @key = key();

sub key {
    my $pid = $ENV{HARNESS_ACTIVE} ? getppid : $$;
    open my $in, '<', "/proc/$pid/stat" or die "/proc/$pid/stat: $!\n";
    my $born = (split / /, readline($in) =~ s/^.*\) //r)[19];
    return ($pid, "$pid-$born");
}

sub path { return ($ENV{TMPDIR} // '/tmp') . "/postern-$key[1]" }

sub folder {
    die "tests run as an ordinary user: PostgreSQL refuses root\n" unless $>;
    mkdir path(), 0700 or $!{EEXIST} or die path() . ": $!\n";
    return path();
}

# The folder, with the guard that will remove it.
sub dir {
    cluster();
    return folder();
}

# Makes a part once, whoever comes first.
sub once ($part, $make) {
    my $dir = folder();
    return if -e "$dir/$part.made";
    open my $lock, '>', "$dir/$part.lock" or die "$dir/$part.lock: $!\n";
    flock $lock, LOCK_EX or die $!;
    return if -e "$dir/$part.made";
    $make->($dir);
    open my $made, '>', "$dir/$part.made" or die $!;
    close $made or die $!;
    return;
}

sub cluster {
    once(
        cluster => sub ($dir) {
            my $cluster = Cluster->new($dir);
            guard($cluster, $dir);
            $cluster->wait_ready;
        }
    );
    return Cluster->new(folder());
}

# The guard must hold neither prove's pipes (of which Test::Builder has copies) nor our lock, else they would wait for it.
sub guard ($cluster, $dir) {
    my ($watched) = @key;
    my $pid = fork // die "fork: $!\n";
    if ($pid) {
        waitpid $pid, 0;
        return;
    }
    POSIX::setsid();
    POSIX::_exit(0) if fork;
    POSIX::close(s{.*/}{}r) for grep { !m{/[012]$} } glob '/proc/self/fd/*';
    open STDIN,  '<',  '/dev/null'      or POSIX::_exit(1);
    open STDOUT, '>',  "$dir/guard.log" or POSIX::_exit(1);
    open STDERR, '>&', \*STDOUT         or POSIX::_exit(1);
    $SIG{$_} = 'IGNORE' for qw(INT HUP TERM);
    chdir '/';
    eval {
        $cluster->start;
        usleep 100_000 while kill 0, $watched;
        $cluster->stop;
        return if -e "$dir/failed";
        for (1 .. 50) {    # a test that prove left behind may still write
            remove_tree($dir);
            last unless -d $dir;
            usleep 100_000;
        }
    };
    print STDERR $@ if $@;
    POSIX::_exit(0);
}

# Called where a file failed: what would help to find out why is kept.
sub keep {
    open my $mark, '>', path() . '/failed' or return;
    return close $mark;
}

# A certificate for localhost: { ca, cert, key }, file names.
sub certificate {
    my %file = map { $_ => dir() . "/$_.pem" } qw(ca cakey cert key);
    once(
        certificate => sub (@) {
            my @ec = qw(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -x509);
            openssl(
                'req',     @ec, '-subj', '/CN=Postern test CA', '-keyout', $file{cakey}, '-out', $file{ca},
                '-addext', 'keyUsage=critical,keyCertSign'
            );
            openssl(
                'req', @ec, '-subj', '/CN=localhost', '-keyout', $file{key}, '-out', $file{cert}, '-CA', $file{ca}, '-CAkey',
                $file{cakey}, '-addext', 'subjectAltName=DNS:localhost,DNS:app.test,DNS:other.test,IP:127.0.0.1', '-addext',
                'basicConstraints=critical,CA:FALSE'
            );
        }
    );
    return \%file;
}

sub openssl (@arguments) {
    my $done = run([ 'openssl', @arguments ]);
    die "openssl @arguments: $done->{err}" if $done->{exit} || $done->{signal};
    return;
}

1;
