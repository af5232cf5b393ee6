# SPDX-License-Identifier: ISC
# A private MariaDB of one test file, in which a company has its people; an ordinary user's, without any service of the machine.
package Mariadb;
use v5.36;

use File::Temp qw(tempdir);

use Nginx;
use Process qw(run wait_for);
use Run;

my $system = '/usr/share/mysql';

my @all;

# Started.
sub new ($class) {
    my $dir  = tempdir('mariadbXXXX', DIR => Run::dir(), CLEANUP => 1);
    my $self = bless { dir => $dir, owner => $$, port => (Nginx::free_ports())[0] }, $class;
    push @all, $self;
    mkdir $_ or die "$_: $!\n" for map {"$self->{dir}/$_"} qw(tmp data data/mysql);
    my $tables = join '', "use mysql;\nset \@auth_root_socket = null;\n",
        map { Nginx::slurp($_) }
        map { (glob "$system/{mysql,mariadb}_$_.sql")[0] // die "no $_.sql\n" } qw(system_tables system_tables_data);
    my $made = run([ $self->server, '--bootstrap' ], stdin => $tables);
    die "mariadbd: $made->{err}" if $made->{exit} || $made->{signal};
    return $self->start;
}

# Small, and without a thought for a crash of the machine.  (A starting server deletes what others have in the same tmpdir.)
sub server ($self) {
    return (
        Process::program('mariadbd'), '--no-defaults', "--datadir=$self->{dir}/data", "--tmpdir=$self->{dir}/tmp",
        "--lc-messages-dir=$system",  qw(
            --innodb-log-file-size=4M --innodb-buffer-pool-size=16M --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync
            --skip-innodb-doublewrite --performance-schema=off --character-set-server=utf8mb4 --default-time-zone=+05:00),
        map { "--ssl-$_=" . Run::certificate()->{$_} } qw(ca cert key)
    );
}

# What an administrator writes instead of the handbook's words to reach it.
sub adapted ($self) {
    return ('db.example.com' => '127.0.0.1', 3306 => $self->{port}, '/etc/ssl/certs/db-ca.pem' => Run::certificate()->{ca});
}

sub socket_file ($self) { return "$self->{dir}/sock" }

sub start ($self) {
    my @listen =
        ('--bind-address=127.0.0.1', "--port=$self->{port}", '--socket=' . $self->socket_file, "--pid-file=$self->{dir}/pid");
    $self->{process} = Process->start('MariaDB', [ $self->server, @listen ], log => "$self->{dir}/log");
    wait_for(
        'MariaDB',
        sub {
            $self->{process}->running or die "MariaDB ended:\n" . Nginx::slurp("$self->{dir}/log");
            my $asked = $self->ask('select 1');
            return !$asked->{exit};
        },
        30
    );
    return $self;
}

sub ask ($self, $sql) {
    my @client = ('--no-defaults', '--socket=' . $self->socket_file, qw(--user=root --batch --skip-column-names));
    return run([ Process::program('mariadb'), @client, '--default-character-set=utf8mb4' ], stdin => $sql);
}

# The rows of statements, tabs between columns, without the last newline.  Dies where they fail.
sub sql ($self, $sql) {
    utf8::encode($sql) if utf8::is_utf8($sql);
    my $done = $self->ask($sql);
    die "$sql\n$done->{err}" if $done->{exit} || $done->{signal};
    return $done->{out} =~ s/\n\z//r;
}

# How many connections others have open.
sub connections ($self) {
    return $self->sql("select count(*) from information_schema.processlist where user <> 'root' and user <> 'system user'");
}

sub signal ($self, $signal) { return $self->{process}->signal($signal) }

sub crash ($self) {
    $self->signal('KILL');
    return $self->{process}->finished;
}

sub stop ($self) {
    return unless $self->{process};
    $self->signal('CONT');
    return $self->{process}->stop;
}

# Before its folder goes, and who still waits for it.
END {
    my $status = $?;
    eval { $_->stop } for grep { $_->{owner} == $$ } @all;
    $? = $status;
}

1;
