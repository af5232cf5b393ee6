# SPDX-License-Identifier: ISC
# PostgreSQL restarted, crashed, hanging, its backends ended: 503 with Retry-After within a second, and back without a restart of
# ours (OP-3).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);

use Check;
use Flow;
use Site;

my $site    = Site->new(private => 1);
my $cluster = $site->{cluster};
my $user    = $site->user;
my $client  = $site->client(no_pkce => 1);
my $person  = $site->signed_in($user);
my $token   = $site->redeem($client, $site->code($client, $person))->json->{access_token};
my %parents = map { $_ => join ' ', $site->{program}{$_}->pid, $site->workers($_) } @Site::programs;

# A request at each endpoint: what it is, how it is sent, how its errors look.
my %machine = (
    '/profile'  => [ sub { $site->{https}->send('GET', '/profile', { Flow::bearer($token) }) },     \&oauth_error ],
    '/token'    => [ sub { $site->redeeming($client, 'x') },                                        \&oauth_error ],
    '/contacts' => [ sub { $site->{contacts}->send('GET', '/contacts', { Flow::bearer($token) }) }, \&problem ]
);
my %people = (
    '/authorize' => sub { $site->{https}->send('GET', $site->authorize_url($client)) },
    '/login'     => sub { $site->{https}->send('GET', '/login') },
    '/'          => sub { $site->{https}->send('GET', '/') }
);

sub away ($case) {
    for my $path (sort(keys %machine), sort keys %people) {
        my $begin   = time;
        my $answer  = ($machine{$path} ? $machine{$path}[0] : $people{$path})->()->answer;
        my $elapsed = time - $begin;
        $machine{$path}
            ? $machine{$path}[1]->($answer, 503, 'temporarily_unavailable', "OP-3: $case: $path answers 503")
            : page $answer, 503, "OP-3: $case: $path answers 503";
        like $answer->header('Retry-After'), qr/^[1-9][0-9]*$/, "OP-3: with Retry-After ($path)";
        cmp_ok $elapsed, '<', 1, sprintf 'OP-3: within a second (%s: %.2f s)', $path, $elapsed;
    }
    return;
}

# At once, with every worker, and a POST with effects among the first requests.
sub back ($case) {
    for my $turn (1 .. 3) {
        is $site->profile($token)->status,                                200, "OP-3: $case: /profile is back";
        is $site->contact_list($token)->status,                           200, "OP-3: $case: /contacts is back";
        is $site->redeem($client, $site->code($client, $person))->status, 200, "OP-3: $case: the whole way to a token is back";
    }
    is join(' ', $site->{program}{$_}->pid, $site->workers($_)), $parents{$_}, "OP-3: $case: without a restart of postern-$_"
        for @Site::programs;
    return;
}

# The backends end between two requests: nobody notices.
$site->disconnect;
back('backends ended');

# A restart: fast, and a crash.
for my $mode ('fast', 'immediate') {
    $cluster->stop($mode);
    away("stopped ($mode)");
    $cluster->start;
    back("stopped ($mode)");
}

# PostgreSQL hangs: postmaster and backends, so that neither a connection nor a new one answers.
my @pids = ($cluster->postmaster, split /\n/, $site->sql("select pid from pg_stat_activity where usename like '$site->{roles}-%'"));
kill STOP => @pids;
away('hanging');
kill CONT => @pids;
back('hanging');

# A lock is held: no answer in time, for those who need it.
my $session = $site->session;
my $code    = $site->code($client, $person);
$session->hold('select from oauth.grants for update');
my $begin = time;
oauth_error $site->redeem($client, $code), 503, 'temporarily_unavailable', 'OP-3: a row is locked: /token answers 503';
cmp_ok time - $begin, '<', 1, 'OP-3: within a second';
is $site->profile($token)->status, 200, 'OP-3: who doesn\'t need it goes on';
$session->release;
is $site->redeem($client, $code)->status, 200, 'TK-10: the code was not used up';

# A program may start before PostgreSQL does.
$cluster->stop('fast');
$site->{program}{token}->stop;
$site->start('token');
oauth_error $site->profile($token), 503, 'temporarily_unavailable', 'OP-3: started without a database';
$cluster->start;
is $site->profile($token)->status, 200, 'OP-3: it is there as soon as PostgreSQL is';

$site->finish;
