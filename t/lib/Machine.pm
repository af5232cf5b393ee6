# SPDX-License-Identifier: ISC
# A bare Debian with a booted systemd, in a container of its own, over a root that is made once and never written to.
#
# All of it lives in a mount and a process namespace whose first process dies with the test: nothing is left to stop or unmount.
package Machine;
use v5.36;

use Digest::SHA qw(sha256_hex);
use Fcntl       qw(:flock);
use File::Find  qw(finddepth);
use File::Path  qw(make_path remove_tree);
use File::Temp  qw(tempdir);

use Process qw(run wait_for);

# What an administrator of such a machine has, and what the programs need of libraries.
my @packages = qw(systemd systemd-sysv dbus nginx postgresql curl openssl libfcgi0ldbl libpq5 libssl3 libcrypt1 libargon2-1 liburiparser1 libjson-c5);

my @isolated = qw(unshare --mount --pid --fork --kill-child=KILL --mount-proc --propagation private);
my @all;

# A private /run/systemd, since systemd-nspawn looks there for a systemd that would run this host; what is written goes to memory.
my $boot = <<'END';
mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd && mount -t tmpfs tmpfs "$2" &&
mkdir "$2/upper" "$2/work" "$2/root" &&
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay "$2/root" || exit
status=133  # it has asked for a reboot
while [ $status = 133 ]; do
	systemd-nspawn -D "$2/root" -M postern --boot --private-network --register=no --keep-unit --console=read-only
	status=$?
done
exit $status
END

# cache => the folder of the roots.
sub new ($class, %o) {
    my $root = root($o{cache});
    my $dir  = tempdir(($ENV{TMPDIR} // '/tmp') . '/pmXXXXXX');
    my $self = bless { dir => $dir, owner => $$, console => "$dir/console" }, $class;
    push @all, $self;
    mkdir "$dir/disk" or die "$dir/disk: $!\n";
    my @command = (@isolated, 'sh', '-c', $boot, 'sh', $root, "$dir/disk");
    $self->{process} = Process->start('the machine', \@command, log => $self->{console}, orphan => 'KILL');
    return $self->up;
}

# Where a package of this host's own release comes from, as its apt knows it.
sub archive ($release) {
    my @which = ("Release: $release", 'Identifier: Packages', 'Component: main', 'Origin: Debian');
    my $done  = run([ qw(apt-get indextargets --format $(REPO_URI)), @which ]);
    my ($url) = split /\n/, $done->{out};
    return $url // die "apt-get indextargets names no archive of Debian $release (apt-get update, as root, may help)\n$done->{err}";
}

# The proxy that apt uses.
sub proxy {
    my ($proxy) = run([qw(apt-config dump --format %v%n Acquire::http::Proxy)])->{out} =~ /^(.*:.*)$/m;
    $proxy //= $ENV{http_proxy};
    return $proxy && $proxy ne 'DIRECT' ? (http_proxy => $proxy) : ();
}

# The root of these packages, made if it isn't there.  A half-made one has another name.
sub root ($cache) {
    my ($release) = run([ 'sh', '-c', '. /etc/os-release && echo $VERSION_CODENAME' ])->{out} =~ /(\w+)/;
    my $root = "$cache/$release-" . substr sha256_hex("@packages"), 0, 8;
    make_path($cache);
    open my $lock, '>', "$cache/lock" or die "$cache/lock: $!\n";
    flock $lock, LOCK_EX or die "$cache/lock: $!\n";
    return $root if -d $root;
    remove_tree("$root.new");
    warn "making $root: a minute or two\n";
    my @options = ('--variant=minbase', '--include=' . join ',', @packages);
    my @command = (@isolated, 'debootstrap', @options, $release, "$root.new", archive($release));
    my $done    = run(\@command, env => { proxy() }, seconds => 1200, orphan => 'KILL');
    die "debootstrap:\n" . substr($done->{out} . $done->{err}, -2000) . "\n" if $done->{exit} || $done->{signal};
    unlink glob "$root.new/var/cache/apt/archives/*.deb";
    rename "$root.new", $root or die "$root: $!\n";
    return $root;
}

sub children ($pid) {
    open my $in, '<', "/proc/$pid/task/$pid/children" or return;
    return split / /, readline($in) // '';
}

# Waits until its systemd has started everything, and returns with {init}, its first process as seen from here.
sub up ($self) {
    my $state = '';
    wait_for(
        'the machine to be up',
        sub {
            $self->{process}->running or die "the machine ended:\n", $self->console_text;
            my ($nspawn) = map { children($_) } $self->{shell} = (children($self->{process}->pid))[0] // return;
            ($self->{init}) = children($nspawn // return);
            $state = $self->{init} ? $self->ask(qw(systemctl is-system-running --wait)) : '';
            return $state =~ /running|degraded/;
        },
        60
    );
    return $self;
}

sub console_text ($self) {
    open my $in, '<', $self->{console} or return '';
    local $/ = undef;
    return readline($in) // '';
}

# A command line that runs in it.
sub inside ($self, @command) { return ('nsenter', '-t', $self->{init}, '-a', '--', @command) }

# Runs a command in it: { exit, signal, out, err }.
sub run_inside ($self, $command, %o) { return run([ $self->inside(@$command) ], %o) }

# What it prints, without the last newline, however it ends.
sub ask ($self, @command) { return $self->run_inside(\@command)->{out} =~ s/\n\z//r }

# What it prints; dies where it fails.
sub must ($self, @command) {
    my $done = $self->run_inside(\@command);
    die "@command: exit $done->{exit}\n$done->{out}$done->{err}" if $done->{exit} || $done->{signal};
    return $done->{out} =~ s/\n\z//r;
}

# Its root, to be read from here; what is written there may follow a link to a file of this host.
sub file ($self, $path) { return "/proc/$self->{init}/root$path" }

# "make install" of a build tree into it.
sub install ($self, $build) {
    return run([ qw(nsenter -m -t), $self->{shell}, qw(-- make -s -C), $build, 'install', "DESTDIR=$self->{dir}/disk/root" ]);
}

# Its life ends, and another begins on the same disk.
sub reboot ($self) {
    my $old = $self->{init};
    $self->run_inside([qw(systemctl reboot)]);
    wait_for('the machine to go down', sub { !-e "/proc/$old" }, 60);
    return $self->up;
}

# Returns the exit status of the machine.
sub power_off ($self) {
    $self->run_inside([qw(systemctl poweroff)]);
    return $self->{process}->finished(60);
}

# However the test ends.  unshare passes no SIGTERM on; SIGKILL ends its first process, and that all others.
sub destroy ($self) {
    $self->{process}->stop('KILL') if $self->{process};
    wait_for('the end of the machine', sub { !-e "/proc/$self->{shell}" }) if $self->{shell};
    remove_cgroups();
    return remove_tree($self->{dir});
}

# systemd-nspawn leaves two groups below our own; rmdir removes the empty ones only.
sub remove_cgroups {
    open my $in, '<', '/proc/self/cgroup' or return;
    my %path = map {/^\d+:([^:]*):(.*)$/} readline $in;
    my ($unified, $named) = map { ($path{$_} // '') =~ s{/\z}{}r } '', 'name=systemd';
    my @groups = ("/sys/fs/cgroup$unified", "/sys/fs/cgroup/unified$unified", "/sys/fs/cgroup/systemd$named");
    my @left   = grep {-d} map { ("$_/payload", "$_/supervisor") } @groups;
    finddepth({ no_chdir => 1, wanted => sub { -d && rmdir } }, @left) if @left;
    return;
}

END {
    my $status = $?;
    $_->destroy for grep { $_->{owner} == $$ } @all;
    $? = $status;
}

1;
