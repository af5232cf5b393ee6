# SPDX-License-Identifier: ISC
# A whole Postern of one test file: a database of its own, the three programs from the build tree, nginx before them.
package Site;
use v5.36;

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use Test::More;

use parent qw(Flow Programs);
use Canary;
use Https;
use Nginx;
use Process qw(run);
use Response;
use Run;
use Session;

our @programs = @Programs::servers;
my @all;

binmode Test::More->builder->$_, ':encoding(UTF-8)' for qw(output failure_output todo_output);

# programs => [...] to start, settings => { POSTERN_... }, workers => N, ports => 1 for TLS on loopback too,
# private => 1 for a cluster of its own, postgresql => more settings of it, environment => { of the server }, ids => [ account's, contact's type ],
# nginx => more configuration at http level, nginx_change => a function that changes the text of nginx's files.
sub new ($class, %o) {
    my $name = $0 =~ s{.*/}{}r =~ s/\.t\z//r;
    my $dir  = tempdir('siteXXXX', DIR => Run::dir());
    my $key  = "$name-$$" . ('', map {"-$_"} 2 .. 9)[ scalar @all ];
    my $self = bless { dir => $dir, owner => $$, roles => $key, database => $key, deaths => 0, %o }, $class;
    push @all, $self;
    mkdir "$dir/$_" or die "$dir/$_: $!\n" for qw(log run run/postern pg);
    $self->{cluster} = $o{private} ? private_cluster("$dir/pg", %o) : Run::cluster();
    $self->{ports}   = [ Nginx::free_ports() ] if $o{ports};
    $self->{port}    = $self->{ports} ? $self->{ports}[0] : 81;
    my $second = $self->{ports} ? $self->{ports}[1] : 82;
    $self->{issuer}       = "https://localhost:$self->{port}";
    $self->{contacts_url} = "https://localhost:$second/contacts";
    $self->make_database;
    $self->make_keyrings;
    my %nginx = (extra => $o{nginx}, change => $o{nginx_change});
    delete @nginx{ grep { !defined $nginx{$_} } keys %nginx };
    $self->{nginx} = Nginx->new(dir => $dir, runstatedir => "$dir/run", ports => $self->{ports}, %nginx)->start;
    $self->start($_) for @{ $o{programs} // \@programs };
    my %how = (ca => Run::certificate()->{ca}, address => '192.0.2.1');
    $self->{https}    = Https->new(%how, socket => $self->{nginx}->socket_file('https'),    host => "localhost:$self->{port}");
    $self->{contacts} = Https->new(%how, socket => $self->{nginx}->socket_file('contacts'), host => "localhost:$second");
    return $self;
}

sub private_cluster ($dir, %o) {
    return Cluster->new($dir, private => 1, settings => $o{postgresql}, environment => $o{environment})->start;
}

# A copy of the migrated template, and roles of our own in it; or a new one for other types of ids.
sub make_database ($self) {
    my $template = $self->{ids} || $self->{cluster}{private} ? 'template0' : template();
    $self->{cluster}->sql('postgres', qq(create database "$self->{database}" template $template));
    my @ids = $self->{ids} ? ('--account-id', $self->{ids}[0], '--contact-id', $self->{ids}[1]) : ();
    $self->tool_ok([ 'migrate', @ids ], user => 'postgres');
    return;
}

sub template {
    Run::once(
        template => sub (@) {
            my $cluster = Run::cluster();
            $cluster->sql('postgres', "drop database if exists $Run::template");
            $cluster->sql('postgres', "create database $Run::template");
            my %env  = ($cluster->env, PGDATABASE => $Run::template, PGUSER => 'postgres', Programs::tool_env($Run::template));
            my $done = run([ "$Run::build/postern", 'migrate' ], env => \%env);
            die "postern migrate: $done->{out}$done->{err}" if $done->{exit} || $done->{signal};
        }
    );
    return $Run::template;
}

sub make_keyrings ($self) {
    $self->tool_ok([ qw(key create), "$self->{dir}/$_.keys" ]) for qw(authorize token contacts device);
    return;
}

sub session ($self) { return Session->new($self->{cluster}, $self->{database}) }

sub sql ($self, $query, %o) { return $self->{cluster}->sql($self->{database}, $query, %o) }

# The workers connect anew with their next statements.
sub disconnect ($self) { return $self->sql($self->disconnecting) }

sub disconnecting ($self) {
    return "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where usename like '$self->{roles}-%'";
}

# From here on the clock of this file's database, the only one that counts (GE-7), is ahead by so much: now() itself is replaced, and
# clock_timestamp() with it.
sub later ($self, $interval) {
    return $self->clock(map {"pg_catalog.$_ + interval '$interval'"} 'transaction_timestamp()', 'timeofday()::timestamptz');
}

# The two as SQL expressions: when a transaction began, and what time it is.  PostgreSQL takes them only where its planner can put them in
# place of the calls: no subquery.
sub clock ($self, $began, $is = $began) {
    return $self->sql(
        "create or replace function pg_catalog.now() returns timestamptz language sql stable parallel safe
         as \$\$ select $began \$\$;
         create or replace function pg_catalog.clock_timestamp() returns timestamptz language sql volatile parallel safe
         as \$\$ select $is \$\$;
         " . $self->disconnecting
    );
}

# The same, but there the clock stands, a second after the begin of a minute: what is counted by the minute falls into one.
sub stand_still ($self, $interval = '0') {
    $self->{minute} //= $self->sql("select date_trunc('minute', now()) + interval '1 second'");
    return $self->clock("timestamptz '$self->{minute}' + interval '$interval'");
}

# A "postern maintain" that runs beside the test.
sub maintaining ($self) {
    my $command = [ "$Run::build/postern", 'maintain' ];
    return Process->start('postern maintain', $command, env => $self->env('maintain'), log => $self->log_file('tool'));
}

# The test itself kills so many workers by a signal.
sub announce_deaths ($self, $count = 1) { return $self->{deaths} += $count }

sub logs ($self) { return (glob("$self->{dir}/log/*"), $self->{cluster}->log_file) }

# The last tests of every site: what went wrong unseen, and what was written down that must not be.
sub finish ($self) {
    $self->check;
    return done_testing;
}

sub check ($self) {
    my @stopped = map {
        my $p = $_;
        eval { $p->stop; 1 } ? () : $@
    } grep {defined} delete $self->{nginx}, values %{ delete $self->{program} // {} };
    is "@stopped", '', 'everything stops when it is told to';
    is join('', grep {/\[(?:alert|emerg|crit)\]/} lines("$self->{dir}/log/nginx-error.log")), '', 'no alert in the log of nginx';
    my @own = map { lines($self->log_file($_)) } @programs, 'tool';
    is join('', grep {/Sanitizer|runtime error|event=defect/} @own), '', 'no defect, no report of a sanitizer';
    is scalar(grep {/event=worker_died/} @own), $self->{deaths}, 'no worker died but those that the test killed';
    is join('', Canary::found($self->logs)),    '',              'BT-4: none of ' . Canary::count() . ' secrets stands in a log';
    $self->{cluster}->dump($self->{database}, "$self->{dir}/rows");
    return is join('', Canary::found("$self->{dir}/rows")), '', 'AZ-8, SE-2, CA-4: nor in the database';
}

sub lines ($file) {
    open my $in, '<', $file or return;
    return readline $in;
}

# However the file ends: nothing runs on, and only what can explain a failure stays.
END {
    my $status = $?;
    for my $self (grep { $_->{owner} == $$ } @all) {
        eval { $_->stop } for grep {defined} delete $self->{nginx}, values %{ delete $self->{program} // {} };
        $self->{cluster}->stop if $self->{cluster}{private};
        if ($status == 130 || $status == 0 && Test::More->builder->is_passing) {
            remove_tree($self->{dir});
            next;
        }
        diag "kept: $self->{dir}, and the database $self->{database} in " . Run::dir();
        Run::keep();
    }
    $? = $status;
}

$SIG{$_} = sub { exit 130 }
    for qw(INT TERM HUP);    # so that END runs

1;
