# SPDX-License-Identifier: ISC
# A bare Debian boots, is set up by the very commands of doc/install.md, and serves the whole flow: units, sandbox, restarts, logs.
#
# Root is needed, and debootstrap and systemd-nspawn; "make check-systemd" runs it.  POSTERN_ROOTS is the folder of the roots.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Cwd qw(realpath);
use Test::More;
use Time::HiRes qw(time);

use Canary;
use Check;
use Curl;
use Flow;
use Https;
use Machine;
use Process qw(run wait_for);

my $source   = realpath($ENV{POSTERN_SRC}   // "$FindBin::Bin/../..");
my $build    = realpath($ENV{POSTERN_BUILD} // '.');
my @programs = qw(authorize token contacts);
my @services = map {"postern-$_.service"} @programs;
my @units    = ((map {"postern-$_.socket"} @programs), @services, 'postern-maintain.timer');
my $job      = 'postern-maintain.service';
my $host     = 'login.example.com';
my $ca       = "/etc/ssl/certs/$host.pem";
my $token_service = 'postern-token.service';

local @SIG{qw(INT TERM HUP)} = (sub { exit 130 }) x 3;
die "this test boots a machine: only root can\n" if $>;
umask 022;

# doc/install.md: [ its bold words, its commands ], ...
sub steps {
    open my $in, '<', "$source/doc/install.md" or die "doc/install.md: $!\n";
    local $/ = undef;
    my $text = readline $in;
    my @steps;
    push @steps, [ $1 =~ tr/.//dr, $2 ] while $text =~ /^\*\*(.+?)\*\*.*?^```sh\n(.*?)^```$/gms;
    return @steps;
}

# The machine as its administrator had it before.
my ($first, @steps) = steps();
my $configured = run([ "$build/config.status", '--config' ])->{out};
my @missing    = grep { index($configured, $_) < 0 } $first->[1] =~ /(--[a-z]+=\S+)/g;
is "@missing", '', 'the build tree is configured as doc/install.md says' or BAIL_OUT("configure with @missing");
my $start   = time;
my $machine = Machine->new(cache => $ENV{POSTERN_ROOTS} // "$source/var/roots");
note sprintf 'booted after %.1f s', time - $start;

sub ask (@command) { return $machine->ask(@command) }
sub may (@command) { return $machine->run_inside(\@command)->{exit} == 0 }

is ask(qw(systemctl is-system-running)), 'running', 'a bare Debian boots, with nginx and PostgreSQL';
my $others = sub { return ask(qw(curl -sS http://localhost/)) };
like $others->(), qr/Welcome to nginx!/, q(Debian's nginx serves its site);
$machine->must('sh', '-c', "echo 127.0.0.1 $host >>/etc/hosts");
my @files = ('-out', $ca, '-keyout', "/etc/ssl/private/$host.key");
my @names = ('-subj', "/CN=$host", '-addext', "subjectAltName=DNS:$host");
$machine->must(qw(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2), @names, @files);

# Set-up, by the manual alone.
$start = time;
my $done = $machine->install($build);
is $done->{exit}, 0, "doc/install.md: $first->[0]" or BAIL_OUT("make install: $done->{out}$done->{err}");
my $password = Flow::random(9);
Canary::add($password);
$done = $machine->run_inside([ 'bash', '-exc', join '', map {"$_->[1]echo '-- $_->[0]'\n"} @steps ], stdin => "$password\n");
note sprintf 'set up after %.1f s', time - $start;
like $done->{out}, qr/^-- \Q$_->[0]\E$/m, "doc/install.md: $_->[0]" for @steps;
is $done->{exit}, 0, 'each of its commands works' or BAIL_OUT("$done->{out}$done->{err}");
my %client = (redirect_uri => 'https://app.example.com/callback');
($client{secret}) = $done->{out} =~ /(psts_[A-Za-z0-9_-]+)/;
($client{id})     = $done->{out} =~ /^client_?id\W+(\S+)/mi;
Canary::add($client{secret});

# The units.
sub show ($unit, $property) { return $machine->must(qw(systemctl show --value -p), $property, $unit) }

for my $unit (@units) {
    my $state = show($unit, 'ActiveState') . ' ' . show($unit, 'UnitFileState');
    is $state, 'active enabled', "$unit is active, and enabled for the next boot";
}
$done = $machine->run_inside([ qw(systemd-analyze verify --man=no), @units, $job ]);
is "$done->{exit} $done->{out}$done->{err}", '0 ', 'systemd-analyze verify has nothing to say';
for my $service (@services, $job) {
    my %form = ('as loaded' => [$service], 'offline' => [ '--offline=true', "/lib/systemd/system/$service" ]);
    for my $form (sort keys %form) {
        my $text = ask(qw(systemd-analyze --no-pager security), @{ $form{$form} });
        my ($exposure) = $text =~ /exposure level for \S+: ([0-9.]+)/ or diag $text;
        cmp_ok $exposure // 10, '<=', 1.0, "systemd-analyze security, $form: $service has " . ($exposure // 'none');
    }
}

# The hourly job, at once.
$machine->must(qw(systemctl start), $job);
is show($job, 'Result'), 'success', 'OP-9: the hourly job does its work in its sandbox';
like ask(qw(journalctl -o cat -u), $job), qr/^login_limit +deleted/m, 'and the journal has what it did';

# The processes, and who may come near them.
for my $program (@programs) {
    my $main   = show("postern-$program.service", 'MainPID');
    my $uid    = ask('id', '-u', "postern-$program");
    my %status = map {/^(\w+):\s*(.*)/} split /\n/, ask('cat', "/proc/$main/status");
    all_good(
        "postern-$program runs in its sandbox", undef,
        'as its own user'      => $status{Uid} eq join("\t", ($uid) x 4),
        'without capabilities' => $status{CapEff} =~ /^0+$/ && $status{CapBnd} =~ /^0+$/,
        'and none to come'     => $status{NoNewPrivs} == 1,
        'with a filter'        => $status{Seccomp} == 2,
        'without network'      => ask('cat', "/proc/$main/net/dev") !~ /^\s*(?!lo:)\w+:/m,
        'on a read-only root'  => ask('cat', "/proc/$main/mountinfo") =~ m{ / / ro\b}
    );
}
my $psql = sub ($sql) { return ask(qw(runuser -u postgres -- psql -AtqX postern -c), $sql) };
is $psql->(q(select distinct usename from pg_stat_activity where usename ~ '^postern-' order by 1)),
    join("\n", sort map {"postern-$_"} @programs), 'each has its own database role, by peer authentication';
is ask('sh', '-c', 'stat -c "%a %U" /etc/postern/*.keyring | sort -u'), '600 root', 'the keyrings are for root alone';
my $knock = 'print IO::Socket::UNIX->new(Peer => "/run/postern/$_.sock") ? "in\n" : "$!\n" for @ARGV';
for ([ 'www-data', 'in' ], [ 'nobody', 'Permission denied' ], [ 'postern-authorize', 'Permission denied' ]) {
    my ($user, $expected) = @$_;
    is ask('runuser', '-u', $user, '--', qw(perl -MIO::Socket::UNIX -e), $knock, @programs), join("\n", ($expected) x 3),
        "$user at the sockets: $expected";
}

# The flow, with the person and the client of the manual.
my $id = $psql->(q(select id from directory.person where username = 'anna'));
$psql->("insert into directory.person_contact (owner_id, id, username) values ($id, 7, 'otto')");
my %how = (machine => $machine, ca => $ca);
my ($https, $contacts) = map { Curl->new(%how, host => "$host:$_") } 81, 82;
my $site = bless { issuer => "https://$host:81", https => $https, contacts => $contacts }, 'Flow';
my ($verifier, $challenge) = Flow::pkce();
my %query  = (state => 'as sent', code_challenge => $challenge, code_challenge_method => 'S256');
my $person = $site->person;
my $answer = $person->get($site->authorize_url(\%client, %query));
is $answer->status, 303, 'the authorization request is taken';
page $person->follow, 200, 'a login page';
page $person->sign_in({ name => 'anna', password => $password }), 200, 'after it the consent page';
$answer = $person->submit(decision => 'allow');
redirected $answer, "$client{redirect_uri}?", { code => undef, state => 'as sent', iss => $site->{issuer} }, 'a code';
my %basic = (client_id => undef, client_secret => undef, headers => { Authorization => Https::basic(@client{qw(id secret)}) });
$answer = $site->redeem(\%client, $answer->query->{code}, code_verifier => $verifier, %basic);
is $answer->status, 200, 'a token for it';
my $token = $answer->json->{access_token};
is $site->profile($token)->body, qq({"id":$id,"username":"anna"}), 'the profile';
is_deeply $site->contact_list($token)->json->{contacts}, [ { id => 7, username => 'otto' } ], 'the contacts';
like $others->(), qr/Welcome to nginx!/, q(Debian's own site goes on beside them);

# Units that ask again and again, so often a second, until they are stopped; each answer is a line "STATUS SECONDS".
my %load = (
    profile  => [ '81/profile',  50, 200, [ header => "Authorization: Bearer $token" ] ],
    contacts => [ '82/contacts', 50, 200, [ header => "Authorization: Bearer $token" ] ],
    token    => [ '81/token', 50, 400, [ user => "$client{id}:$client{secret}" ], [ data => 'grant_type=authorization_code&code=none' ] ],
    login    => [ '81/login',    10, 200 ]
);

sub load ($name) {
    my ($target, $rate, undef, @more) = @{ $load{$name} };
    my $config = Curl::config(
        [ url  => "https://$host:$target#[1-1000000]" ],
        [ rate => "$rate/s" ], [ cacert => $ca ], [ 'max-time' => 30 ], @more,
        [ output => '/dev/null' ], [ 'write-out' => '%{stderr}%{http_code} %{time_total}\n' ]
    );
    $machine->run_inside([ 'sh', '-c', "umask 077; cat >/run/$name.curl" ], stdin => $config);
    my @unit = (qw(systemd-run --quiet --collect -p), "StandardError=truncate:/run/$name", "--unit=$name");
    $machine->must(@unit, qw(curl -q -sS -K), "/run/$name.curl");
    return;
}

# Waits for more answers of every load; one has 14 bytes at most.
sub more {
    my %size   = map { $_ => -s $machine->file("/run/$_") // 0 } keys %load;
    my $enough = sub ($name) { return -s $machine->file("/run/$name") >= $size{$name} + 5 * 14 };
    return wait_for('more answers of all', sub { !grep { !$enough->($_) } keys %load }, 60);
}

sub finish_load ($name, $what) {
    $machine->must(qw(systemctl stop), "$name.service");
    my @lines = split /\n/, ask('cat', "/run/$name");
    my @lost  = grep { !/^$load{$name}[2] / } @lines;
    my ($longest) = sort { $b <=> $a } map {/ (.*)/} @lines;
    my $got = sprintf '%d, the longest %.2f s', scalar @lines, $longest;
    ok @lines > 10 && !@lost, "$what: no request of $name is lost ($got)" or diag join "\n", splice @lost, 0, 20;
    return;
}

# Does so to these services, one after the other, while requests go on.
sub meanwhile ($what, $services, $do) {
    load($_) for sort keys %load;
    more();
    for my $service (@$services) {
        my $began = time;
        $do->($service);
        note sprintf '%s of %s: %.2f s', $what, $service, time - $began;
        more();
    }
    finish_load($_, $what) for sort keys %load;
    return;
}

my $inodes = sub { return ask(qw(stat -c %i /run/postern), map {"/run/postern/$_.sock"} @programs) };
my $before = $inodes->();
meanwhile 'systemctl restart', [ ($token_service) x 3, @services ], sub ($service) {
    $machine->must(qw(systemctl restart), $service);
};
is $inodes->(), $before, 'the sockets are the same ones';
meanwhile 'kill -9', \@services, sub ($service) {
    $machine->must(qw(systemctl kill --kill-whom=main -s KILL), $service);
    wait_for("another $service", sub { show($service, 'NRestarts') == 1 && show($service, 'ActiveState') eq 'active' }, 30);
};

# What an administrator does, and what goes wrong.
my $profile  = sub { return $site->profile($token)->status };
my $restarts = show($token_service, 'NRestarts');
$machine->must(qw(systemctl stop postgresql@15-main));
is $profile->(), 503, 'PostgreSQL is stopped: 503';
$machine->must(qw(systemctl start postgresql@15-main));
ok wait_for('the database', sub { $profile->() == 200 }), 'it is started: the answers are good again';
is show($token_service, 'NRestarts'), $restarts, 'and no program was started anew for it';

$machine->must('sh', '-c', 'cp /etc/postern/postern.env /run && echo POSTERN_ACCESS_SECONDS=7 >>/etc/postern/postern.env');
ok !may(qw(systemctl restart postern-token)), 'a wrong setting: systemctl restart fails';
is show($token_service, 'ExecMainStatus'), 78, 'with status 78';
like ask(qw(journalctl -o cat -u postern-token)), qr/event=setting_wrong name=POSTERN_ACCESS_SECONDS given=7 allowed=/,
    'the journal names it';
is $site->profile($token)->json->{error}, 'temporarily_unavailable', 'nginx answers for the program';
$machine->must('sh', '-c', 'cat /run/postern.env >/etc/postern/postern.env');
ok wait_for('a start', sub { may(qw(systemctl restart postern-token)) }, 15), 'the setting is right again: so is the restart';
is $profile->(), 200, 'and the answer';

$machine->must(qw(systemctl stop postern-contacts.service));
is $site->contact_list($token)->status, 200, 'systemctl stop of the service alone: the next request starts it';
$machine->must(qw(systemctl stop postern-contacts.socket));
my $both = sub { return ask(qw(systemctl is-active postern-contacts.service postern-contacts.socket)) };
is $both->(), "inactive\ninactive", 'systemctl stop of the socket: the service stops, too';
problem $site->contact_list($token), 502, 'temporarily_unavailable', 'nginx answers for it';
is $both->(), "inactive\ninactive", 'it stays stopped';
$machine->must(qw(systemctl start postern-contacts.service));
is $site->contact_list($token)->status, 200, 'systemctl start of the service starts both';

# What was written down.
$machine->must('sh', '-c', 'journalctl --no-pager -o verbose >/run/journal');
my $journal = ask(qw(journalctl -o cat -u postern-*));
for my $program (@programs) {
    like $journal, qr/^level=info program=postern-$program event=ready workers=[0-9]+$/m, "the journal has postern-$program";
}
# AD-2: the tool reads the journal, and nginx's log.
sub why ($answer, @more) {
    my $as_admin = 'set -a; . /etc/postern/postern.env; runuser -u postern-admin -G systemd-journal -G adm -- postern why "$@"';
    my $done     = $machine->run_inside([ 'bash', '-c', $as_admin, 'why', $answer->header('X-Request-Id'), @more ]);
    return $done->{exit} ? "exit $done->{exit}: $done->{err}" : $done->{out};
}
my $refused = $site->profile('x');
my $told    = '';
wait_for('the journal', sub { ($told = why($refused)) !~ /^exit 1:/ });
like $told, qr/^  time +20\S+T\S+\n  program +postern-token\n.*^  error +INVALID_TOKEN$/ms, 'AD-2: postern why reads the journal';
like why($site->{https}->get('/x'), '--log', '/var/log/nginx/postern-access.log'), qr/^  reason +there is no such address/m,
    'AD-2: and nginx\'s log';
my $made = qr/ event=(?:database_away|setting_wrong) | event=refused .* error=TEMPORARILY_UNAVAILABLE /;
is join("\n", grep { !/$made/ } $journal =~ /^level=error .*/gm), '', 'no error in it but those that were made';
my @logs = map { glob $machine->file($_) } '/run/journal', '/var/log/nginx/*.log', '/var/log/postgresql/*.log';
is join('', Canary::found(@logs)), '', 'BT-4: none of ' . Canary::count() . ' secrets stands in the ' . @logs . ' logs';
is ask('sh', '-c', 'grep -hE "\[(alert|emerg)\]" /var/log/nginx/*.log'), '', 'no alert in the logs of nginx';
is ask(qw(systemctl --failed --plain --no-legend)), '', 'no unit has failed';

# The next boot.
$machine->reboot;
is ask(qw(systemctl is-system-running)), 'running', 'the machine boots again';
is ask('systemctl', 'is-active', @units), join("\n", ('active') x @units), 'all units are there by themselves';
is $profile->(), 200, 'the token is good as before';
like $others->(), qr/Welcome to nginx!/, q(so is Debian's own site);
is $machine->power_off, 0, 'the machine powers off';
done_testing;
