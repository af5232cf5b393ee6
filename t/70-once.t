# SPDX-License-Identifier: ISC
# A write whose outcome is unknown is not repeated; a read is, once (design: deadlines); mistakes in PG* end the start (OP-5).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Process qw(run);
use Run;
use Site;

my $site    = Site->new;
my $person  = $site->signed_in($site->user);
my $client  = $site->client(no_pkce => 1);
my $session = $site->session;
my $code    = $site->code($client, $person);

# The backend that waits for the row ends; then the row is free, so that a second try would succeed.
my $met;
for (1 .. 10) {
    $session->hold('select id from oauth.grants for update');
    my $pending = $site->redeeming($client, $code);
    $met = $session->await_waiters(1, 1);
    $site->sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = '$site->{roles}-token' and wait_event_type = 'Lock'");
    $session->query('rollback');
    my $answer = $pending->answer;
    next unless $met;
    oauth_error $answer, 503, 'temporarily_unavailable', 'TK-10: a redemption that was cut off is not tried again';
    last;
}
ok $met, 'it was cut off while it waited';
is $site->sql('select count(*) from oauth.access_token'), 0, 'TK-10: nothing was issued';
is $site->redeem($client, $code)->status, 200, 'TK-10: and the code is still good';

# OP-5: what libpq itself finds wrong.
for ([ PGPORT => 'abc' ], [ PGPORT => '70000' ], [ PGSSLMODE => 'nonsense' ]) {
    my ($name, $value) = @$_;
    my $done = run([ "$Run::build/postern-token", '--listen', "$site->{dir}/x.sock", '--workers', '1' ],
        env => { %{ $site->env('token') }, $name => $value });
    is $done->{exit}, 78, "OP-5: $name=$value ends the start";
    like $done->{err}, qr/setting_wrong.*PG/, 'OP-5: and is named';
}
my $warned = run([ "$Run::build/postern-token", '--listen', "$site->{dir}/x.sock" ],
    env => { %{ $site->env('token') }, POSTERN_WORKRS => 3, PGPORT => 'abc' });
like $warned->{err}, qr/setting_unknown.*POSTERN_WORKRS/, 'OP-5: a name that no setting has is warned of';

$site->finish;
