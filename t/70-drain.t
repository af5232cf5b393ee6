# SPDX-License-Identifier: ISC
# A reload under load (OP-1): a second parent works on the same listening socket while the first drains; nothing is lost, neither a
# GET nor a POST.  And workers that are killed under load: what may be repeated is not lost (OP-2).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::UNIX;
use Test::More;

use Flow;
use Https;
use Load;
use Process qw(wait_for);
use Site;

my $site   = Site->new(programs => []);
my $user   = $site->user;
my $client = $site->client(no_pkce => 1);
$site->sql(qq(alter database "$site->{database}" set log_statement = none));

# The listening sockets are the test's own, and passed on as systemd passes them.
my %listen = map { $_ => IO::Socket::UNIX->new(Local => $site->socket_file($_), Listen => 511) || die "$_: $!\n" } @Site::programs;
my %ready  = map { $_ => 0 } @Site::programs;
my @old;

sub start ($program) {
    my $new = Process->start(
        "postern-$program", $site->command($program), env => $site->env($program), log => $site->log_file($program),
        listen => $listen{$program}
    );
    $ready{$program}++;
    wait_for("postern-$program", sub { (() = $site->log_text($program) =~ /event=ready/g) == $ready{$program} });
    return $new;
}

# The new parent is ready before the old one is told to end.
sub reload ($program) {
    my $new = start($program);
    $site->{program}{$program}->signal('TERM');
    push @old, $site->{program}{$program};
    return $site->{program}{$program} = $new;
}
$site->{program}{$_} = start($_) for @Site::programs;

my $token  = $site->redeem($client, $site->code($client, $site->signed_in($user)))->json->{access_token};
my %bearer = Flow::bearer($token);
my $exchange =
    Https::form(grant_type => 'authorization_code', code => 'x', client_id => $client->{id}, client_secret => $client->{secret});
my @reads = (
    [ $site->{https},    'GET',  '/profile',  \%bearer,                       undef, 200 ],
    [ $site->{contacts}, 'GET',  '/contacts', \%bearer,                       undef, 200 ],
    [ $site->{https},    'POST', '/profile',  Https::form_headers({%bearer}), 'a=b', 200 ]
);
my @all = (
    @reads,
    [ $site->{https}, 'POST', '/token', Https::form_headers({}),       $exchange, 400 ],
    [ $site->{https}, 'GET',  '/login', { 'X-Test-Address' => undef }, undef,     200 ]
);

my $load = Load->new(3, "$site->{dir}/stop", 200, 20_000, @all);
for my $turn (1 .. 4) {
    reload($_) for @Site::programs;
}
my ($done, $wrong) = $load->finish;
is $wrong, '', "OP-1: nothing is lost in twelve reloads, of $done GETs and POSTs";
my @status = map { $_->finished(25) } @old;
is "@status", join(' ', (0) x 12), 'each old parent ended by itself, when nginx had closed its connections';
is join('', map { $site->log_text($_) =~ /(event=worker_drained.*left_open=[1-9].*)/g } @Site::programs), '', 'and left none open';

# The worker after a dead one is ready when its own statements are prepared.
sub connected ($program) { return scalar(() = $site->log_text($program) =~ /event=database_connected/g) }

# Workers that are killed under load: nginx repeats what only reads; the dead are replaced.
$load = Load->new(3, "$site->{dir}/stop", 200, 20_000, @reads);
for my $turn (1 .. 6) {
    for my $program (qw(token contacts)) {
        my $ready = connected($program);
        kill KILL => ($site->workers($program))[0];
        $site->announce_deaths;
        wait_for("a new worker of postern-$program", sub { connected($program) > $ready });
    }
}
($done, $wrong) = $load->finish;
is $wrong, '', "OP-2: nothing that may be repeated is lost when twelve workers are killed, of $done requests";

$site->finish;
