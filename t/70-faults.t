# SPDX-License-Identifier: ISC
# PostgreSQL restarted, crashed, hanging, its tables locked, its backends ended: 503 with Retry-After within a second at every endpoint
# that the programs' tables of routes name, and back without a restart of ours (OP-3).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);

use Check;
use Flow;
use Https;
use Process qw(wait_for);
use Routes;
use Site;

my $site    = Site->new(private => 1);
my $cluster = $site->{cluster};
my $user    = $site->user;
my $client  = $site->client(no_pkce => 1);
my $person  = $site->signed_in($user);
my $token   = $site->redeem($client, $site->code($client, $person))->json->{access_token};
my %parents = parents();

sub parents {
    return map { $_ => join ' ', $site->{program}{$_}->pid, $site->workers($_) } @Site::programs;
}

# Every endpoint as the programs name it: [ program, path, method ].
my @endpoints = map {
    my $r = $_;
    map { [ @$r{qw(program path)}, $_ ] } @{ $r->{methods} }
} Routes::reachable();
cmp_ok scalar @endpoints, '>', 15, 'the endpoints are found';

# What a request must be like to reach the database.  Forms of pages are opened while it is there.  Any other endpoint gets all of
# these parameters in a query or a body, and the token in the header.
my %form = map {
    $_ => do { my $p = $site->signed_in($user); $p->open_page($site->authorize_url($client)); $p }
} '/consent', '/logout';
$form{'/logout'}->open_page('/');
$form{'/device'} = $site->signed_in($user);
$form{'/device'}->open_page('/device');
$form{'/login'} = $site->person;
$form{'/login'}->open_page('/login');
my %machine = (
    client_id     => $client->{id}, client_secret => $client->{secret},       grant_type => 'authorization_code', code => 'x',
    response_type => 'code',        redirect_uri  => $client->{redirect_uri}, scope      => 'profile',
    token         => $site->redeem($client, $site->code($client, $person))->json->{access_token}
);
my %own = (
    'GET /authorize' => sub { $site->{https}->send('GET', $site->authorize_url($client)) },
    'POST /login'    => sub { $form{'/login'}->sending(username => $user->{name}, password => 'wrong') },
    'POST /consent'  => sub { $form{'/consent'}->sending(decision => 'allow') },
    'POST /device'   => sub { $form{'/device'}->sending(user_code => 'BCDF-GHJK') },
    'POST /logout'   => sub { $form{'/logout'}->sending },
    'POST /profile'  => sub { $site->{https}->send('POST', '/profile', { Flow::bearer($token) }) }
);

# And these need no database.
my %needs_none =
    map { $_ => 1 } 'GET /style.css', map {"GET /.well-known/oauth-protected-resource$_"} '', qw(/profile /contacts);

sub asking ($program, $path, $method) {
    return $own{"$method $path"}->() if $own{"$method $path"};
    my $https = $program eq 'contacts' ? $site->{contacts} : $site->{https};
    return $https->send('GET', $path, { Flow::bearer($token), $person->cookie_header }) if $method eq 'GET';
    return $https->send($method, $path, Https::form_headers({}), Https::form(map { $_ => $machine{$_} } sort keys %machine));
}

# A 503 in the form of its endpoint.
sub refused ($program, $path, $answer, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return page $answer, 503, $name if $program eq 'authorize' || $path eq '/';
    return ($program eq 'contacts' ? \&problem : \&oauth_error)->($answer, 503, 'temporarily_unavailable', $name);
}

# One endpoint of each program at a time.
sub each_asked ($look) {
    my %todo;
    push @{ $todo{ $_->[0] } }, $_ for @endpoints;
    while (my @now = grep {defined} map { shift @$_ } values %todo) {
        my $begin   = time;
        my @pending = map { asking(@$_) } @now;
        for (@now) {
            my $answer = (shift @pending)->answer;
            $look->($answer, time - $begin, @$_);
        }
    }
    return;
}

# The seconds that it takes by itself: of what comes together on a busy machine one may be late.
sub alone (@endpoint) {
    my $begin = time;
    asking(@endpoint)->answer;
    return time - $begin;
}

sub away ($case) {
    return each_asked(
        sub ($answer, $elapsed, $program, $path, $method) {
            return is $answer->status, 200, "OP-3: $case: $method $path needs no database" if $needs_none{"$method $path"};
            refused($program, $path, $answer, "OP-3: $case: $method $path answers 503");
            like $answer->header('Retry-After'), qr/^[1-9][0-9]*$/, "OP-3: with Retry-After ($path)";
            $elapsed = alone($program, $path, $method) if $elapsed >= 1;
            return cmp_ok $elapsed, '<', 1, sprintf 'OP-3: within a second (%s: %.2f s)', $path, $elapsed;
        }
    );
}

# No endpoint answers 503 any more, at the latest a second from now.
sub served ($case) {
    my $begin = time;
    my @away  = @endpoints;
    @away = grep { asking(@$_)->answer->status == 503 } @away while @away && time - $begin < 1;
    is join(' ', map {"$_->[2] $_->[1]"} @away), '', "OP-3: $case: every endpoint is back within a second";
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

# The postmaster alone hangs: who is connected goes on.
for (@Site::programs) {
    $site->{program}{$_}->stop;
    $site->start($_);
}
%parents = parents();
wait_for(
    'a connection of each worker',
    sub { $site->sql("select count(*) from pg_stat_activity where usename like '$site->{roles}-%'") == 2 * @Site::programs }
);
kill STOP => $cluster->postmaster;
back('the postmaster hangs');
kill CONT => $cluster->postmaster;

# The backends alone hang: each worker finds out once, and then has another.
my @backends = split /\n/, $site->sql("select pid from pg_stat_activity where usename like '$site->{roles}-%'");
kill STOP => @backends;
each_asked(
    sub ($answer, $elapsed, $program, $path, $method) {
        cmp_ok $elapsed, '<', 1, "OP-3: a backend hangs: $method $path answers within a second (" . $answer->status . ')';
    }
);
wait_for(
    'each worker to have found out',
    sub {
        !grep { asking(@$_)->answer->status == 503 } (@endpoints) x 2;
    }
);
back('the backends hang');
kill CONT => @backends;

# Every table is locked: the lock is given up in time.  What hung often is probed (DI-4).
my $tables = $site->sql(
    "select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables where schemaname in ('oauth', 'directory')");
my $locker = $site->session;
$locker->hold("lock table $tables in access exclusive mode");
away('locked');
$locker->release;
served('locked');

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
