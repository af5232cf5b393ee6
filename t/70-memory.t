# SPDX-License-Identifier: ISC
# A worker's memory does not grow: it is the same after many requests, good and bad, as after the first thousand.
# MEMORY_REQUESTS says how many there are (bench/memory has more).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Fcgi;
use Flow;
use Https;
use Site;

my $many = $ENV{MEMORY_REQUESTS} // 12_000;
my $few  = 1000;

# What the allocator may round, in KiB: a leak of ten bytes a request is more.
my $slack = 64;

# The address sanitizer, where it is built in, keeps what was freed for a while.
$ENV{ASAN_OPTIONS} = join ':', $ENV{ASAN_OPTIONS} // (), 'quarantine_size_mb=0', 'thread_local_quarantine_size_kb=0';
my $site = Site->new(workers => 1, settings => { POSTERN_CLIENT_FAILURE_LIMIT => 100_000 });
my $user    = $site->user;
my $person  = $site->signed_in($user);
my $client  = $site->client(refresh    => 1, no_rotation => 1);
my $machine = $site->client(machine    => 1, scope       => 'profile');
my $server  = $site->client(introspect => 'profile contacts');
$site->sql(
    "insert into directory.person_contact (owner_id, id, username) select $user->{id}, n, 'contact-' || n from generate_series(1, 300) n"
);

my ($verifier, $challenge) = Flow::pkce();
my $code   = $site->code($client, $person, code_challenge => $challenge, code_challenge_method => 'S256');
my $tokens = $site->redeem($client, $code, code_verifier => $verifier)->json;
my %bearer = (HTTP_AUTHORIZATION => "Bearer $tokens->{access_token}");
my %by     = (client_id => $client->{id}, client_secret => $client->{secret});
my %asking = (client_id => $server->{id}, client_secret => $server->{secret});

sub get ($path, %more) { return [ '', SCRIPT_NAME => $path, QUERY_STRING => '', %more ] }

sub post ($path, @pairs) {
    return [
        Https::form(@pairs), SCRIPT_NAME => $path, REQUEST_METHOD => 'POST',
        CONTENT_TYPE => 'application/x-www-form-urlencoded'
    ];
}

# Of each program: requests, and the status that each gets.
my %requests = (
    token => [
        [ 200, get('/profile', %bearer) ],
        [ 401, get('/profile') ],
        [ 401, get('/profile', HTTP_AUTHORIZATION => 'Bearer x') ],
        [ 405, post('/.well-known/oauth-authorization-server') ],
        [ 404, get('/nowhere') ],
        [ 200, get('/.well-known/oauth-authorization-server') ],
        [ 200, post('/introspect', %asking, token => $tokens->{access_token}) ],
        [ 200, post('/introspect', %asking, token => 'x') ],
        [ 401, post('/introspect', client_id => $server->{id}, client_secret => 'x' x 100, token => 'x') ],
        [ 200, post('/token',      %by, grant_type => 'refresh_token',      refresh_token => $tokens->{refresh_token}) ],
        [ 400, post('/token',      %by, grant_type => 'refresh_token',      refresh_token => 'x' x 3000) ],
        [ 400, post('/token',      %by, grant_type => 'authorization_code', code          => $code) ],
        [ 400, post('/token',      %by, grant_type => 'x',                  map { ("p$_" => 'x') } 1 .. 60) ],
        [ 413, post('/token',      map { ("p$_" => 'x') } 1 .. 100) ],
        [ 200, post('/revoke',     %by, token => 'x') ]
    ],
    contacts => [
        [ 200, get('/contacts', %bearer) ],
        [ 200, get('/contacts', %bearer, QUERY_STRING => 'limit=1000') ],
        [ 400, get('/contacts', %bearer, QUERY_STRING => 'limit=x') ],
        [ 400, get('/contacts', %bearer, QUERY_STRING => 'cursor=' . 'x' x 500) ],
        [ 401, get('/contacts') ]
    ],
    authorize => [
        [ 200, get('/login') ],
        [ 400, get('/authorize', QUERY_STRING => 'client_id=nobody') ],
        [
            303,
            get(
                '/authorize',
                QUERY_STRING => "client_id=$client->{id}&response_type=code&code_challenge=$challenge&code_challenge_method=S256"
            )
        ],
        [ 404, get('/nowhere') ],
        [ 200, get('/style.css') ]
    ]
);

# KiB that are the worker's own.
sub own ($program) {
    my ($pid)   = $site->workers($program);
    my ($dirty) = join('', Site::lines("/proc/$pid/smaps_rollup")) =~ /^Private_Dirty: +([0-9]+) kB/m;
    return $dirty;
}

for ([ token => $many ], [ contacts => $many / 5 ], [ authorize => $many / 5 ]) {
    my ($program, $count) = @$_;
    my $fcgi = Fcgi->new($site->socket_file($program), keep => $program ne 'authorize');
    my @all  = map { [ $_->[0], $fcgi->bytes(@{ $_->[1] }) ] } @{ $requests{$program} };
    my ($wrong, $early) = ('');
    for my $n (1 .. $count) {
        my ($status, $bytes) = @{ $all[ $n % @all ] };
        my $answer = $fcgi->ask($bytes);
        $wrong ||= "request $n: $answer" if $answer !~ /^Status: $status /;
        $early = own($program)           if $n == $few;
    }
    is $wrong, '', "$program: every answer has its status";
    my $late = own($program);
    cmp_ok abs($late - $early), '<=', $slack, "$program: as much memory after $count requests as after $few ($early, $late KiB)";
}

$site->finish;
