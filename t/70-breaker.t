# SPDX-License-Identifier: ISC
# A directory that hangs (DI-4): 503 within the deadline, then at once, one probe at a time, and back within a second of its return; no
# backend of PostgreSQL piles up, and what doesn't need the directory goes on.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX qw(mkfifo);
use Test::More;
use Time::HiRes qw(time);

use Check;
use Flow;
use Process qw(wait_for);
use Site;

my $workers = 4;
my $site    = Site->new(private => 1, workers => $workers, programs => [qw(authorize token contacts)]);
my $user    = $site->user;
my $person  = $site->signed_in($user);
my $client  = $site->client(no_pkce => 1);
$site->tool_ok([ qw(scope add reports --sentence), 'read reports', '--machine' ]);
my $machine = $site->client(machine    => 1, scope => 'reports');
my $server  = $site->client(introspect => 'contacts');
my $token   = $site->redeem($client, $site->code($client, $person))->json->{access_token};
my $session = $site->session;
$site->sql("insert into directory.person_contact (owner_id, id, username) values ($user->{id}, 1, 'c')");

sub machine_token { return $site->sending('/token', $machine, grant_type => 'client_credentials')->answer }
my $own = machine_token()->json->{access_token};

sub asking ($path) {
    my $https = $path =~ m{^/contacts} ? $site->{contacts} : $site->{https};
    return $https->send('GET', $path, { Flow::bearer($token) });
}

sub opened ($statement, $what = 'opened', $program = 'contacts') {
    return scalar(() = $site->log_text($program) =~ /event=breaker_$what statement=$statement\b/g);
}

sub refused_at_once ($program, $statement) {
    return scalar(() = $site->log_text($program) =~ /$statement: not asked/g);
}

# Many requests at once, again and again, until so many were refused without a statement.
sub flood ($program, $statement, $path, $count) {
    my $begin = refused_at_once($program, $statement);
    my ($asked, $slowest, @wrong) = (0, 0);
    while (refused_at_once($program, $statement) - $begin < $count && $asked < 50 * $count) {
        my $start   = time;
        my @pending = map { asking($path) } 1 .. 8;
        for (@pending) {
            my $answer = $_->answer;
            push @wrong, $answer->status unless $answer->status == 503 && ($answer->header('Retry-After') // '') =~ /^[1-9]/;
        }
        $asked += @pending;
        my $took = time - $start;
        $slowest = $took if $took > $slowest;
    }
    is "@wrong", '', "DI-4: $asked requests for $path: each hears 503 with Retry-After";
    cmp_ok refused_at_once($program, $statement) - $begin, '>=', $count, "DI-4: $count of them at once";
    return $slowest;
}

# It answers within a second from now on; a probe that was sent just before may take half of it.
sub back ($path) {
    my $begin = time;
    wait_for("$path to be back", sub { asking($path)->answer->status == 200 }, 5);
    my $took = time - $begin;
    cmp_ok $took, '<', 1, sprintf 'DI-4: %s is back within a second (%.2f s)', $path, $took;
    is join(' ', grep { $_ != 200 } map { asking($path)->answer->status } 1 .. 3 * $workers), '', 'DI-4: with every worker';
    return;
}

# A table that is locked for longer than anybody waits: the statements end by PostgreSQL's own time-outs.
$session->hold('lock table directory.person_contact in access exclusive mode');
flood('contacts', 'contacts', '/contacts', 100);
is opened('contacts'), 1, 'DI-4: that the breaker has opened is logged once';
$session->release;
back('/contacts');
is opened('contacts', 'closed'), 1, 'DI-4: and that it has closed';
is opened('profile', 'opened', 'token'), 0, 'DI-4: another statement is not concerned';

# A row that somebody holds is nobody else's matter, however often.
my @codes = map { $site->code($client, $person) } 1 .. 6;
$session->hold('select from oauth.grants for update');
oauth_error $site->redeem($client, $_), 503, 'temporarily_unavailable', 'a row is held' for @codes[ 0 .. 4 ];
$session->release;
is $site->redeem($client, $codes[5])->status, 200, 'DI-4: locked rows open no breaker';
is opened('token_code', 'opened', 'token'),   0,   'DI-4: nor is one logged';

# From here on the accounts and contacts come from another server, as PostgreSQL sees it: reading them reads a file.  A FIFO in its place
# is a server that hangs: the backend is in open(2), where no time-out and no cancel reaches it.
my $file = "$site->{dir}/remote";

sub away { unlink $file; mkfifo($file, 0644) or die "$file: $!\n"; return }

# Who waits at the FIFO is let go, and nobody waits any more.
sub return_it ($free = 1) {
    rename $file, "$file.old" if -p $file;
    open my $out, '>', "$file.new" or die $!;
    print $out 'up';
    close $out or die $!;
    rename "$file.new", $file or die $!;
    let_go() if $free;
    return;
}

sub let_go { open my $fifo, '+<', "$file.old" or die $!; close $fifo or die $!; return }

# The function that a row needs.
sub remote ($language, $body) {
    return $site->sql("create or replace function directory.remote() returns boolean language $language as \$\$ $body \$\$");
}

my @reading = ('plpgsql security definer', "begin return pg_catalog.pg_read_file('$file') = 'up'; end");
return_it(0);
remote(@reading);
for my $view (qw(account contact)) {
    my $now = $site->sql("select rtrim(pg_get_viewdef('directory.$view'::regclass), ';')");
    $site->sql("create or replace view directory.$view as select v.* from ($now) v where directory.remote()");
}
is asking($_)->answer->status, 200, "the other server is there: $_" for qw(/contacts /profile);

# What doesn't come from there says nothing of it: between the deadlines unknown tokens are refused, and it opens all the same.
remote('plpgsql security definer', "begin perform pg_advisory_xact_lock_shared(7); return true; end");
$session->hold('select pg_advisory_xact_lock(7)');
my $times = opened('contacts');
for (1 .. 3) {
    problem asking('/contacts')->answer, 503, 'temporarily_unavailable', 'DI-4: a deadline';
    is $site->contact_list(Flow::checked('psta_0' . Flow::random(32) . 'xxxxxx'))->status, 401, 'an unknown token' if $_ < 3;
}
is opened('contacts'), $times + 1,
    'DI-4: three deadlines, with answers between them that say nothing of the directory: it has opened';
problem asking('/contacts')->answer, 503, 'temporarily_unavailable', 'DI-4: refused at once';
$session->release;
back('/contacts');

# It hangs for good.
remote(@reading);

# Backends that have been in a statement for longer than any deadline.
sub stuck { return $site->sql(stuck_where()) }

sub stuck_where {
    return "select count(*) from pg_stat_activity where usename like '$site->{roles}-%' and state = 'active'
             and query_start < statement_timestamp() - interval '0.45 s'";
}

away();
my $slowest = flood('contacts', 'contacts', '/contacts', 200);
my $left    = stuck();
cmp_ok $left,    '<=', $workers + 2, "DI-4: it hangs for good: $left backends hang, not more than were asking when it began";
cmp_ok $left,    '>',  0,            'and these do';
cmp_ok $slowest, '<',  2,            sprintf 'DI-4: eight requests for four workers took %.2f s at most', $slowest;
flood('contacts', 'contacts', '/contacts', 200);
is stuck(), $left, 'DI-4: and 200 requests later there is no other';

# The program for machines, with what needs no person beside what does.
flood('token', 'profile', '/profile', 100);
my $all = stuck();
cmp_ok $all - $left, '<=', $workers + 2, 'DI-4: likewise at /profile';
is machine_token()->status,                                                200, 'DI-4: a machine gets its token';
is $site->{https}->get('/.well-known/oauth-authorization-server')->status, 200, 'DI-4: the metadata is there';
is $site->{https}->get('/login')->status,                                  200, 'DI-4: a page that needs no account is there';
ok $site->sending('/introspect', $server, token => $own)->answer->json->{active}, 'DI-4: it is a good one';
is $site->{https}->post('/revoke', [ client_id => $machine->{id}, client_secret => $machine->{secret}, token => $own ])->status,
    200,
    'DI-4: a machine\'s token is found and revoked';
is stuck(), $all, 'DI-4: none of them needs the directory';

# It returns, and with it the backends.
return_it();
back($_) for qw(/contacts /profile);
is stuck(),                              0, 'DI-4: no backend hangs any more';
is opened('profile', 'closed', 'token'), 1, 'DI-4: that the breaker has closed is logged';

# The other server is there and says that it can't: an error at once is no deadline.
remote('plpgsql', "begin raise exception 'gone' using errcode = 'HV00N'; end");
my $before = opened('contacts');
problem asking('/contacts')->answer, 503, 'temporarily_unavailable', 'DI-4: the other server is gone: 503' for 1 .. 2 * $workers;
is opened('contacts'), $before, 'DI-4: at once, so no breaker is needed';

# Its connection was lost, which the wrapper finds out with its next query: asked once more.
$site->sql('create sequence directory.calls');
remote(
    'plpgsql security definer', "begin
                if nextval('directory.calls') % 4 = 1 then
                    raise exception 'lost connection' using errcode = 'HV00L';
                end if;
                return true;
            end"
);
is asking('/contacts')->answer->status, 200, 'DI-4: a connection that the wrapper has lost is nobody\'s matter';
cmp_ok $site->sql('select last_value from directory.calls'), '>', 1, 'it was tried again';

# OP-3: PostgreSQL that ends, restarts or is away opens no breaker, so nobody waits for a probe afterwards.
remote('sql', 'select true');
my $count = () = join('', map { $site->log_text($_) } @Site::programs) =~ /event=breaker_opened/g;
for my $mode ('fast', 'immediate') {
    my @pending = map { asking($_) } (qw(/contacts /profile)) x $workers;
    $site->{cluster}->stop($mode);
    $_->answer for @pending;
    for (1 .. 3) {
        $_->answer for map { asking($_) } (qw(/contacts /profile)) x $workers;
    }
    $site->{cluster}->start;
    is join(' ', grep { $_ != 200 } map { asking($_)->answer->status } (qw(/contacts /profile)) x $workers), '',
        "OP-3: stopped ($mode) under load and started: everything is there with the first request";
}
my $then = () = join('', map { $site->log_text($_) } @Site::programs) =~ /event=breaker_opened/g;
is $then, $count, 'OP-3: no breaker has opened';

$site->finish;
