# SPDX-License-Identifier: ISC
# A company's MariaDB, with its people, that hangs, and is gone (DI-4): 503 within the deadline, then at once; no backend of
# PostgreSQL piles up; what needs no person goes on, by the same statements as what does; and all is back with it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);

use Check;
use Flow;
use Https;
use Integrate;
use Mariadb;
use Process qw(wait_for);
use Run;
use Site;

# What is behind /check: for people, and for machines.
my $tls       = Run::certificate();
my $protected = join '', map {
    "location = /$_ { set \$postern_resource contacts; set \$postern_scope $_; include postern-protect-location.conf;
        proxy_pass http://unix:application.sock; }\n"
} qw(contacts reports);
my $nginx = <<"END";
server {
	listen unix:protected.sock ssl;
	ssl_certificate $tls->{cert};
	ssl_certificate_key $tls->{key};
	access_log off;
	include postern-protect-server.conf;
	$protected
}
server {
	listen unix:application.sock;
	access_log off;
	location / { return 200 'here\n'; }
}
END

my $workers = 2;
my ($anna)  = people('anna');
my $mariadb = Mariadb->new;
my $site    = Integrate::over_mysql($mariadb, [$anna], [ 1 .. 3 ], workers => $workers, nginx => $nginx, private => 1);
$site->tool_ok([ qw(scope add reports --sentence), 'read reports', '--machine' ]);
my $machine = $site->client(machine => 1, scope => 'reports');
my $person  = $site->signed_in($anna);
my $token   = $site->token($site->client, $person);
my $server  = $site->client(introspect => 'contacts');
my $host    = Https->new(
    ca      => $tls->{ca}, socket => $site->{nginx}->socket_file('protected'), host => 'localhost',
    address => '192.0.2.1'
);
my %ask = (
    check      => sub { $host->send('GET', '/contacts', { Flow::bearer($token) }) },
    introspect => sub { $site->sending('/introspect', $server, token => $token) },
    profile    => sub { $site->{https}->send('GET', '/profile', { Flow::bearer($token) }) },
    contacts   => sub { $site->{contacts}->send('GET', '/contacts', { Flow::bearer($token) }) },
    home       => sub { $site->{https}->send('GET', '/', { $person->cookie_header }) }
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

my $own     = $site->sending('/token', $machine, grant_type => 'client_credentials')->answer->json->{access_token};
my $made_up = Flow::checked('psta_0' . Flow::random(32) . 'xxxxxx');

# What needs no person, while what needs one hangs.
sub others ($when) {
    my ($status, $took) = timed(sub { $site->sending('/token', $machine, grant_type => 'client_credentials') });
    is $status, 200, "DI-4: $when: a machine gets its token";
    cmp_ok $took, '<', 0.5, "DI-4: $when: and at once";
    is $site->{https}->get('/.well-known/oauth-authorization-server')->status, 200, "DI-4: $when: metadata";
    is $site->{https}->get('/style.css')->status,                              200, "DI-4: $when: what shows nobody";
    for (1 .. 2 * $workers) {
        my ($seen, $longest) = without_account();
        is $seen, '200 401 1 0 403 401 200',
            "DI-4: $when: a machine's token and a made-up one at /check, /introspect, /profile; the page /login";
        cmp_ok $longest, '<', 0.5, "DI-4: $when: each at once";
    }
    return;
}

sub without_account {
    my (@seen, $longest);
    my $note = sub ($what, $send) {
        my ($status, $took, $answer) = timed($send);
        push @seen, $what eq 'active' && $status == 200 ? $answer->json->{active} ? 1 : 0 : $status;
        $longest = $took if $took > ($longest // 0);
    };
    $note->(status => sub { $host->send('GET', '/reports', { Flow::bearer($_) }) })          for my @both = ($own, $made_up);
    $note->(active => sub { $site->sending('/introspect', $server, token => $_) })           for @both;
    $note->(status => sub { $site->{https}->send('GET', '/profile', { Flow::bearer($_) }) }) for @both;
    $note->(status => sub { $site->{https}->send('GET', '/login', {}) });
    return ("@seen", $longest);
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
page $site->person->try($anna), 503, 'DI-4: nobody can sign in, and is told so';
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

# Hooked up without that call: whatever looks at a token goes there.
Integrate::checked($site);
$site->sql('call oauth.directory_is_far(false)');
my ($seen) = without_account();
is $seen, '200 401 1 0 403 401 200', 'all the same while it is there';
like $site->tool(['check'], user => 'postgres')->{out},
    qr/^note  plan: while the server of directory\.account hangs.*\n +call oauth\.directory_is_far\(true\)/m,
    'AD-3: postern check tells what to call';
$mariadb->signal('STOP');
is join(' ', map { (timed($ask{$_}))[0] } qw(check introspect profile)), '503 503 503', 'it hangs again';
is $host->get('/reports', Flow::bearer($own))->status,                   503,           'a machine\'s token hangs with it';
$mariadb->signal('CONT');

$site->finish;
