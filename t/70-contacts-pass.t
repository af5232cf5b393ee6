# SPDX-License-Identifier: ISC
# A pass over contacts goes on, and ends right, whatever dies or is exchanged between its pages: a worker, all of the program, its
# keyring, PostgreSQL, nginx.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Cluster;
use Contacts;
use Flow;
use Process qw(wait_for);
use Site;

my $site    = Site->new(private => 1);
my $reader  = Contacts->somebody($site);
my $me      = $reader->{owner};
my $cluster = $site->{cluster};
my $table   = 'directory.person_contact';
my $keys    = "$site->{dir}/contacts.keys";
my $restart = sub { $site->{program}{contacts}->stop; $site->start('contacts') };

# Of those who live: one that is dead may not have been replaced yet.
sub kill_workers ($count) {
    my @alive;
    wait_for(
        'two workers',
        sub {
            2 == (@alive = grep { !Cluster::ended($_) } $site->workers('contacts'));
        }
    );
    return $site->announce_deaths(kill KILL => @alive[ 0 .. $count - 1 ]);
}

my %between = (
    'nothing'                  => sub { },
    'kill -9 of a worker'      => sub { kill_workers(1) },
    'kill -9 of all workers'   => sub { kill_workers(2) },
    'a restart of the program' => $restart,
    'a reload of it'           => sub { $site->{program}{contacts}->signal('HUP') },
    'a new key'                => sub {
        my %old = map { $_ => 1 } $site->tool_ok([ qw(key list), $keys ]) =~ /^([a-z0-9]{1,16})\b/gm;
        $site->tool_ok([ qw(key add), $keys ]);
        my ($new) = grep { !$old{$_} } $site->tool_ok([ qw(key list), $keys ]) =~ /^([a-z0-9]{1,16})\b/gm;
        $site->tool_ok([ qw(key activate), $keys, $new ]);
        $restart->();
    },
    'the end of its connections' => sub { $site->disconnect },
    'a restart of PostgreSQL'    => sub { $cluster->stop; $cluster->start },
    'a crash of PostgreSQL'      => sub { $cluster->crash('all') },
    'a reload of nginx'          => sub { $site->{nginx}{process}->signal('HUP') },
    'a vacuum'                   => sub { $site->sql("vacuum (full, analyze) $table; reindex database \"$site->{database}\"") },
    'new plans'                  => sub { $site->sql("analyze; create index on $table (name); drop index $table" . '_name_idx') },
);

# 503 and 502 are no answers: a client asks again.
sub page ($pass) {
    return wait_for(
        'a page',
        sub {
            my $got = $pass->page;
            return $got // ($pass->{status} =~ /^50[23]$/ ? undef : []);
        },
        20
    );
}

for my $what (sort keys %between) {
    $site->sql("delete from $table where owner_id = $me");
    $reader->add(map { { id => $_, username => "u$_", name => sprintf 'anna %02d', $_ } } 1 .. 12);
    my $mark = wait_for('a mark', sub { $reader->pass('')->run->{mark} }, 20);
    $site->sql(
        "update $table set name = name || 'x' where owner_id = $me and id between 3 and 8;
        delete from $table where owner_id = $me and id = 12"
    );
    my %pass = (
        'by id'      => [ $reader->pass('?limit=2'),            '1 2 3 4 5 6 7 8 9 10 11' ],
        'by name'    => [ $reader->pass('?order=name&limit=2'), '1 2 3 4 5 6 7 8 9 10 11' ],
        'of a word'  => [ $reader->pass('?q=anna&limit=2'),     '1 2 3 4 5 6 7 8 9 10 11' ],
        'of changes' => [ $reader->pass("?sync=$mark&limit=2"), '3 4 5 6 7 8 12' ]
    );
    for my $page (1 .. 2) {
        for (sort keys %pass) { page($pass{$_}[0]) }
        $between{$what}->();
    }
    for (sort keys %pass) {
        my ($pass, $ids) = @{ $pass{$_} };
        until ($pass->ended) {
            page($pass);
            last if $pass->{status} != 200;
        }
        is join(' ', map { $_->{id} } @{ $pass->{contacts} }), $ids, "CT-2: a pass $_ between whose pages is $what";
        is $pass->{status},                                    200,  "CT-2: it ends well ($_, $what)";
    }
    $mark = $pass{'of changes'}[0]{mark};
    $site->sql("update $table set name = 'after' where owner_id = $me and id = 5");
    my $more = $reader->pass("?sync=$mark");
    page($more);
    is join(' ', $more->{status}, map { $_->{id} } @{ $more->{contacts} }), '200 5', "CT-6: and its mark leads on ($what)";
}

# kill -9 in the middle of a page: nginx asks another worker, for a GET may be repeated.
$site->sql("delete from $table where owner_id = $me");
$reader->add(map { { id => $_, username => "u$_" } } 1 .. 60);
my $session = $site->session;
my ($deaths, $pass) = (0, $reader->pass('?limit=3'));
while (!$pass->ended && $pass->{pages} < 100) {
    if ($pass->{pages} % 4 == 1) {
        $session->hold("lock table $table in access exclusive mode");
        my $pending = $site->{contacts}->send('GET', "/contacts$pass->{query}", { Flow::bearer($reader->{token}) });
        $session->await_waiters(1, 1);
        $deaths++;
        kill_workers(2);
        $session->release;
        my $status = $pending->answer->status;
        ok $status =~ /^(?:200|50[23])$/, "CT-2: of a page whose workers died meanwhile: $status";
    }
    page($pass);
}
is join(' ', map { $_->{id} } @{ $pass->{contacts} }), join(' ', 1 .. 60), 'CT-2: and the pass has all of them, once';
cmp_ok $deaths, '>', 3, 'though workers died in the middle of it';

$site->finish;
