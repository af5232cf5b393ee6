# SPDX-License-Identifier: ISC
# A worker or PostgreSQL dies in the middle of an exchange: at every moment the code is unused or its token complete (TK-10), and
# the dead are replaced (OP-2).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Process qw(wait_for);
use Site;

my $site    = Site->new(private => 1);
my $cluster = $site->{cluster};
my $client  = $site->client(no_pkce => 1);
my $person  = $site->signed_in($site->user);
my $token   = $site->redeem($client, $site->code($client, $person))->json->{access_token};

# Grants whose code is marked as used without a token, or the other way round.
sub half_done {
    return $site->sql(
        'select count(*) from oauth.grants g
          where (code_redeemed_at is not null) <> exists (select from oauth.access_token t where t.grant_id = g.id)'
    );
}

# An exchange that waits for the row of its grant.
sub in_the_middle ($code) {
    my $session = $site->session;
    $session->hold('select from oauth.grants for update');
    my $pending = $site->redeeming($client, $code);
    $session->await_waiters(1);
    return ($session, $pending);
}

# PostgreSQL crashes.
my $code = $site->code($client, $person);
my ($session, $pending) = in_the_middle($code);
$cluster->stop('immediate');
is $pending->answer->status, 503, 'TK-10: PostgreSQL crashes in the middle: 503';
$cluster->start;
is half_done(),                           0,   'TK-10: nothing is half done';
is $site->redeem($client, $code)->status, 200, 'TK-10: the code is still good';

# The workers die, before the row is let go and at about the time.
for my $n (1 .. 6) {
    $code = $site->code($client, $person);
    my @workers = $site->workers('token');
    ($session, $pending) = in_the_middle($code);
    $session->release if $n % 2;
    kill KILL => @workers;
    $site->announce_deaths(scalar @workers);
    $session->release unless $n % 2;
    like $pending->answer->status, qr/^(?:200|50[23])$/, "TK-10: the workers die in the middle ($n)";
    wait_for(
        'the backend',
        sub { !$site->sql("select count(*) from pg_stat_activity where usename like '%-token' and state = 'active'") }
    );
    is half_done(), 0, "TK-10: the code is unused or its token complete ($n)";
    wait_for('new workers', sub { 2 == $site->workers('token') });
    is $site->profile($token)->status, 200, "OP-2: the dead are replaced ($n)";
}

# A worker that can't start is tried again, ever more slowly, until it can.
$site->sql('alter table oauth.authorization_request rename state to something_else');
my @workers = $site->workers('authorize');
kill KILL => @workers;
$site->announce_deaths(scalar @workers);
my $tries = sub { scalar(() = $site->log_text('authorize') =~ /event=worker_died_before_ready/g) };
wait_for('a few tries', sub { $tries->() >= 6 });
$site->sql('alter table oauth.authorization_request rename something_else to state');
wait_for('a worker', sub { $site->log_text('authorize') =~ /worker_died_before_ready.*database_connected/s });
is $site->person->open_page('/login')->status, 200, 'OP-2: a worker that could not start is there as soon as it can';
$site->announce_deaths($tries->());
cmp_ok $tries->(), '<', 20, 'OP-2: it was not tried again and again';

$site->finish;
