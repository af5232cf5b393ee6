# SPDX-License-Identifier: ISC
# A company's MariaDB, with its people, that hangs, and is gone (DI-4): 503 within the deadline, then at once; no backend of
# PostgreSQL piles up; what needs no person goes on; and all is back with it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);

use Check;
use Flow;
use Integrate;
use Mariadb;
use Process qw(wait_for);
use Run;
use Site;

my $workers = 2;
my ($anna)  = people('anna');
my $mariadb = Mariadb->new;
my $site    = Integrate::over_mysql($mariadb, [$anna], [ 1 .. 3 ], workers => $workers);
$site->tool_ok([ qw(scope add reports --sentence), 'read reports', '--machine' ]);
my $machine = $site->client(machine => 1, scope => 'reports');
my $person  = $site->signed_in($anna);
my $token   = $site->token($site->client, $person);
my %ask     = (
    profile  => sub { $site->{https}->send('GET', '/profile', { Flow::bearer($token) }) },
    contacts => sub { $site->{contacts}->send('GET', '/contacts', { Flow::bearer($token) }) },
    home     => sub { $site->{https}->send('GET', '/', { $person->cookie_header }) }
);

# The status of one of these, and how long it took.
sub timed ($send) {
    my $begin  = time;
    my $answer = $send->()->answer;
    return ($answer->status, time - $begin, $answer);
}

sub alive ($when) {
    for my $what (sort keys %ask) {
        wait_for("$what to be back", sub { (timed($ask{$what}))[0] == 200 }, 5);
        is join(' ', grep { $_ != 200 } map { (timed($ask{$what}))[0] } 1 .. 4 * $workers), '',
            "DI-4: $when: $what, by every worker";
    }
    return;
}

# What needs no person, while what needs one hangs.
sub others ($when) {
    my ($status, $took) = timed(sub { $site->sending('/token', $machine, grant_type => 'client_credentials') });
    is $status, 200, "DI-4: $when: a machine gets its token";
    cmp_ok $took, '<', 0.5, "DI-4: $when: and at once";
    is $site->{https}->get('/.well-known/oauth-authorization-server')->status, 200, "DI-4: $when: metadata";
    is $site->{https}->get('/style.css')->status,                              200, "DI-4: $when: what shows nobody";
    return;
}

# Backends of the programs in a statement that nobody waits for any more.
sub stuck {
    return $site->sql(
        "select count(*) from pg_stat_activity where usename like '$site->{roles}-%' and state = 'active'
          and query_start < clock_timestamp() - interval '1 s'"
    );
}

alive('before');
others('before');
is stuck(), 0, 'nobody is stuck';

$mariadb->signal('STOP');
for my $what (sort keys %ask) {
    my (@slow, @wrong);
    my $at_once = 0;
    for (1 .. 30) {
        my ($status, $took, $answer) = timed($ask{$what});
        push @wrong, $status if $status != 503 || ($answer->header('Retry-After') // '') !~ /^[1-9]/;
        push @slow, sprintf '%.2f s', $took if $took > 1.5;
        $at_once++ if $took < 0.1;
    }
    is "@wrong", '', "DI-4: MariaDB hangs: 503 with Retry-After ($what)";
    is "@slow",  '', "DI-4: within the deadline ($what)";
    cmp_ok $at_once, '>', 15, "DI-4: and soon at once ($what: $at_once of 30)";
    others("while $what hangs");
}
page $site->{https}->get('/login'), 503, 'DI-4: nobody can sign in, and is told so';
my $stuck = stuck();
cmp_ok $stuck, '<=', 3 * ($workers + 1), "DI-4: $stuck backends of PostgreSQL wait for MariaDB";
timed($ask{$_}) for (sort keys %ask) x 20;
cmp_ok stuck(), '<=', $stuck + 1, 'DI-4: and not one more for each request';
$mariadb->signal('CONT');
alive('MariaDB goes on');
wait_for('the backends to end', sub { stuck() == 0 }, 5);
pass 'DI-4: and no backend stays behind';

$mariadb->crash;
for my $what (sort keys %ask) {
    my @got = map { [ timed($ask{$what}) ] } 1 .. 6;
    is join(' ', grep { $_ != 503 } map { $_->[0] } @got), '', "DI-4: MariaDB is gone: 503 ($what)";
    is join(' ', grep { $_ > 1.5 } map { $_->[1] } @got),  '', "DI-4: within the deadline ($what)";
}
others('MariaDB is gone');
$mariadb->start;
alive('MariaDB is started again');
is stuck(), 0, 'and nobody is stuck';

$site->finish;
