# SPDX-License-Identifier: ISC
# A site with a large directory of sample contacts, and in the same cluster a small one with a postern-contacts of its own: sides
# "product" and "small" of one question.
package Directory;
use v5.36;

use parent 'Stage';
use Cluster;
use Process qw(wait_for);
use Run;
use Site;

# The small one has 4 people with a thousand contacts and 600 with ten.
my $small = 10_000;
my %small = (ten => 600, thousand => 4, spread => 0, most => 0);
my %large = (%small, spread => 1000, most => 2);

# The large one is loaded while nothing else happens, and read from then on: so there is little that goes to the log of transactions.
my $postgresql = <<'CONF';
fsync = off
shared_buffers = 2GB
max_wal_size = 4GB
wal_level = minimal
max_wal_senders = 0
CONF

# contacts => N, progress => a function that says where it is.
sub new ($class, %o) { return $class->SUPER::new(people => 0, grants => 0, postgresql => $postgresql, %o) }

sub fill ($self) {
    my $site = $self->{site};
    $self->{database} = { product => $site->{database}, small => "$site->{database}-small" };
    $site->{cluster}->sql('postgres', qq(create database "$self->{database}{small}" template template0));
    $site->tool_ok(['migrate'], user => 'postgres', env => { PGDATABASE => $self->{database}{small} });
    $self->load('small',   $small,            %small);
    $self->load('product', $self->{contacts}, %large);
    $self->{askers}{$_} = $self->read_askers($_) for qw(small product);
    $self->{small_program} = $self->start_beside('small', 'contacts', $Run::build, PGDATABASE => $self->{database}{small});
    $self->add_configuration(
        http     => $self->upstreams('contacts', 'small', 'small_contacts'),
        contacts => $self->beside({ path => '/contacts', host => 'contacts' }, address('small'), 'small')
    );
    return $site->disconnect;
}

sub sql ($self, $side, $query, @set) {
    return $self->{site}{cluster}->sql($self->{database}{$side}, $query, set => \@set, seconds => 7200);
}

# Sample people and contacts, without the triggers, whose work is done afterwards at once; then tokens.
sub load ($self, $side, $contacts, %kinds) {
    my $site  = $self->{site};
    my $where = qq("$site->{roles}-admin" in database "$self->{database}{$side}");
    $self->{progress}->("$side: $contacts contacts");
    $self->sql($side, "alter role $where set session_replication_role = replica");
    $self->sample_contacts($side, people($contacts), $contacts);
    $self->sql($side, "alter role $where reset session_replication_role");
    $self->{progress}->("$side: their words and indexes");
    $self->make_words($side);
    $self->sql($side, Stage::scripts(qw(fill askers)), map {"$_=$kinds{$_}"} keys %kinds);
    return;
}

# So many people that those who have neither 100,000 nor 1,000 contacts have ten each.
sub people ($contacts) {
    my $large  = int($contacts / 10 / 100_000);
    my $middle = int($contacts * 4 / 10 / 1000);
    return 4 + $large + $middle + int(($contacts - $large * 100_000 - $middle * 1000) / 10);
}

# "postern sample" says a line a minute.
sub sample_contacts ($self, $side, $people, $contacts) {
    my $log  = "$self->{dir}/log/sample_$side.log";
    my $said = 0;
    my $tool = Process->start(
        'postern sample', [ "$Run::build/postern", 'sample', '--people', $people, '--contacts', $contacts ],
        env => { %{ $self->{site}->env('admin') }, PGDATABASE => $self->{database}{$side} },
        out => '/dev/null', err => $log
    );
    return $self->await(
        $tool,
        sub {
            my @lines = Site::lines($log);
            my @new   = map { "$side: " . s/\n//r } @lines[ $said .. $#lines ];
            $said = @lines;
            return @new;
        }
    );
}

# The words, with the size of the database each minute.
sub make_words ($self, $side) {
    my $next = time + 60;
    my $psql = Process->start(
        'psql',
        [
            Cluster::bindir() . '/psql', qw(-X -q -o /dev/null -v ON_ERROR_STOP=1 -U postgres -f), "$Run::source/bench/words.sql",
            $self->{database}{$side}
        ],
        env => { $self->{site}{cluster}->env },
        log => "$self->{dir}/log/words_$side.log"
    );
    return $self->await(
        $psql,
        sub {
            return if time < $next;
            $next += 60;
            return "$side: " . $self->sql($side, 'select pg_size_pretty(pg_database_size(current_database()))');
        }
    );
}

# Waits for a process, and passes on what there is to say meanwhile.
sub await ($self, $process, $news) {
    wait_for(
        $process->{name},
        sub {
            my $ended = !$process->running;
            $self->{progress}->($_) for $news->();
            $ended;
        },
        4 * 3600
    );
    die "$process->{name}: exit status $process->{status}\n" if $process->{status};
    return;
}

# { kind => [ { n, token, slot, digest } ] }
sub read_askers ($self, $side) {
    my %askers;
    my $all = $self->sql(
        $side,
        q(select kind, n, bench.access_token(n), slot, sha256(bench.random('token', n)) from bench.asker, bench.ring order by n)
    );
    for my $line (split /\n/, $all) {
        my ($kind, @values) = split /\|/, $line;
        my %asker;
        @asker{qw(n token slot digest)} = @values;
        push @{ $askers{$kind} }, \%asker;
    }
    return \%askers;
}

# Where the contacts of a side are.
sub address ($side) { return $side eq 'small' ? '/bench/small' : '/contacts' }

sub parties ($self, $row) { return ($self->SUPER::parties($row), small => $self->{small_program}->pid) }

1;
