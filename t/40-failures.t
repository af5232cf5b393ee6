# SPDX-License-Identifier: ISC
# CA-3, SE-5, IN-1: failed authentications are counted, one row a minute however many they are; who guesses too often is told so,
# and a right secret is never refused for it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Https;
use Site;

my $limit  = 12;
my $site   = Site->new(workers => 6, settings => { POSTERN_CLIENT_FAILURE_LIMIT => $limit, POSTERN_LOGIN_ACCOUNT_LIMIT => 3 });
my $client = $site->client(refresh     => 1);
my $other  = $site->client(auth_method => 'client_secret_basic');
my $rs     = $site->client(introspect  => 'profile');
my $person = $site->signed_in(my $user = $site->user);
my $wrong  = 'psts_' . Flow::random(32) . 'xxxxxx';

# So no row falls into the next minute but when the test begins one.
my $minutes = 0;

sub another_minute ($n = 3) {
    $minutes += $n;
    return $site->stand_still("$minutes minutes");
}

# The rows of the minute that is now, and what is in them.
sub rows ($columns = 'event, address, subject, count') {
    return $site->sql(
        "select $columns from oauth.failure where minute = date_trunc('minute', now()) order by event, address, subject");
}

# One request of each endpoint where clients authenticate; with changes, from an address.
my %form = (
    '/token'      => [ grant_type => 'authorization_code', code => 'x' ],
    '/revoke'     => [ token      => 'x' ],
    '/introspect' => [ token      => 'x' ]
);

sub sending ($path, $address, $headers, @more) {
    my $https = $site->{https}->from($address);
    return $https->send('POST', $path, Https::form_headers($headers), Https::form(@{ $form{$path} }, @more));
}

sub in_body ($client, $secret) { return ({}, client_id => $client->{id}, client_secret => $secret) }

sub guess ($path, $address, $client, $secret = $wrong) { return sending($path, $address, in_body($client, $secret))->answer }

sub right ($path, $address, $client) { return guess($path, $address, $client, $client->{secret}) }

another_minute();
is rows(), '', 'at first there is nothing';
oauth_error guess('/token', '192.0.2.7', $client), 401, 'invalid_client', 'CA-3: a wrong secret';
is rows(), "client|192.0.2.7|$client->{id}|1", 'CA-3: is counted for client and address';
my $last = guess('/revoke', '192.0.2.7', $client);
is rows('subject, count, request_id'), "$client->{id}|2|" . $last->header('X-Request-Id'),
    'CA-3: one row a minute, with the id of the last request';

# A flood out of a wide network: from a thousand rows on those that are new are one.
another_minute();
guess('/token', '2001:db8::7', $client);
$site->sql("insert into oauth.failure (minute, event, address, subject, count)
    select date_trunc('minute', now()), 'client', '10.0.' || n / 256 || '.' || n % 256, '', 1 from generate_series(1, 999) n");
guess('/token', $_, $client) for '2001:db8:0:1::1', '2001:db8:0:2::1', '2001:db8::8';
is $site->sql("select string_agg(address || ' ' || count, ', ' order by address) from oauth.failure
    where subject <> '' and minute = date_trunc('minute', now())"), '2001:db8::/64 2, others 2',
    'CA-3: a minute has a thousand rows at most, whoever makes them; who was counted is counted on';
$site->sql('truncate oauth.failure');

# Every endpoint, every way to fail.
another_minute();
oauth_error guess($_, '192.0.2.8', $rs), 401, 'invalid_client', "CA-3, IN-1: a wrong secret at $_" for sort keys %form;
is rows('subject, count'), "$rs->{id}|3", 'CA-3: all endpoints count into one row';
another_minute();
my @ways = (
    [ 'no secret',             {}, client_id => $client->{id} ],
    [ 'a malformed secret',    {}, client_id => $client->{id}, client_secret => 'x' ],
    [ 'another method',        { Authorization => Https::basic($client->{id}, $client->{secret}) } ],
    [ 'the secret of another', {}, client_id => $client->{id}, client_secret => $other->{secret} ]
);
for (@ways) {
    my ($case, @what) = @$_;
    oauth_error sending('/token', '192.0.2.8', @what)->answer, 401, 'invalid_client', "CA-3: $case";
}
is rows('subject, count'), "$client->{id}|4", 'CA-3: each of these is counted for the client';
another_minute();
my @nobody = (
    [ 'no client at all',      {} ],
    [ 'a malformed client_id', {}, client_id => "a b\n", client_secret => $wrong ],
    [ 'a secret as client_id', {}, client_id => $wrong ],
    [ 'Basic that is none',    { Authorization => 'Basic ???' } ],
    [ 'another scheme',        { Authorization => 'Bearer x' } ],
    [ 'an id that nobody has', {}, client_id => 'nobody',  client_secret => $wrong ],
    [ 'a quote',               {}, client_id => "x'--",    client_secret => $wrong ],
    [ 'a client_id of 255',    {}, client_id => 'x' x 255, client_secret => $wrong ]
);
for (@nobody) {
    my ($case, @what) = @$_;
    oauth_error sending('/token', '192.0.2.8', @what)->answer, 401, 'invalid_client', "CA-3: $case";
}
is rows(), 'client|192.0.2.8||8', 'CA-3: whoever is unknown is one subject: made-up names make no rows';

# What is no failure of authentication is not counted, and a request that is good asks the database once.
another_minute();
oauth_error right('/token', '192.0.2.8', $client), 400, 'invalid_grant', 'a right secret with a code that nobody has';
oauth_error sending('/token', '192.0.2.8', { Authorization => Https::basic($client->{id}, $client->{secret}) },
    client_secret => 'x')->answer, 400, 'invalid_request', 'CA-2: two ways';
is right('/revoke',     '192.0.2.8', $client)->status, 200, 'a revocation';
is right('/introspect', '192.0.2.8', $rs)->status,     200, 'an introspection';
is rows(), '', 'CA-3: none of these is a failed authentication';

# The same bytes for an unknown client as for a wrong secret.
sub plain ($answer) { return $answer->bytes =~ s/^(?:X-Request-Id|Date): .*\r\n//gmr }
my ($unknown, $known) = (guess('/token', '192.0.2.9', { id => 'nobody' }), guess('/token', '192.0.2.9', $client));
is plain($unknown), plain($known), 'CA-3: the same answer for an unknown client and a wrong secret';

# A failure uses up no code.
my ($verifier, $challenge) = Flow::pkce();
my $code = $site->code($client, $person, code_challenge => $challenge, code_challenge_method => 'S256');
oauth_error $site->redeem($client, $code, code_verifier => $verifier, %$_), 401, 'invalid_client',
    'CA-3: a right code, a wrong client'
    for { client_secret => $wrong }
, { client_secret => undef }, { client_id => 'nobody' }, { client_id => $other->{id} };
is $site->redeem($client, $code, code_verifier => $verifier)->status, 200, 'CA-3: the code is still good';

# Over the limit, for each address: 429 for what is wrong, whatever the client and the endpoint; what is right is right.
another_minute();
my @status = map { guess('/token', '192.0.2.10', $_ % 2 ? $client : { id => "nobody-$_" })->status } 1 .. $limit + 1;
is "@status", join(' ', (401) x $limit, 429), 'CA-3: as many failures as the setting says, of all clients together';
for my $path (sort keys %form) {
    my $answer = guess($path, '192.0.2.10', $rs);
    oauth_error $answer, 429, 'temporarily_unavailable', "CA-3: then 429 at $path";
    my $wait = $answer->header('Retry-After');
    ok $wait > 60 && $wait <= 120, "GE-3: until a whole minute has passed ($wait s)";
    is $answer->header('WWW-Authenticate'), undef, 'CA-3: with no challenge';
}
($unknown, $known) = (guess('/token', '192.0.2.10', { id => 'nobody' }), guess('/token', '192.0.2.10', $client));
is plain($unknown), plain($known), 'CA-3: and there too the answers are the same';
like $site->log_text('token'),
    qr/error=TOO_MANY_GUESSES client=nobody detail="there is no such client; [0-9]+ failures from 192\.0\.2\.10 /,
    'OP-6: the log has the reason and the count';
is right('/revoke', '192.0.2.10', $client)->status, 200, 'CA-3: a right secret from the same address is never refused';
is $site->{https}->from('192.0.2.10')->get('/profile', Flow::bearer('x'))->status, 401, 'nor is anything else refused by this';
oauth_error guess('/token', '192.0.2.11', $client), 401, 'invalid_client', 'CA-3: nor another address';
another_minute(1);
oauth_error guess('/token', '192.0.2.10', $client), 429, 'temporarily_unavailable', 'CA-3: in the minute after it is the same';
cmp_ok guess('/token', '192.0.2.10', $client)->header('Retry-After'), '<=', 60, 'GE-3: but not for so long';
another_minute(1);
oauth_error guess('/token', '192.0.2.10', $client), 401, 'invalid_client', 'CA-3: and then it is over';

# An IPv6 /64 is one address.
another_minute();
@status = map { guess('/token', "2001:db8:0:1::$_", $client)->status } 1 .. $limit + 1;
is "@status", join(' ', (401) x $limit, 429),                           'CA-3: an IPv6 /64 is one';
is rows(),    "client|2001:db8:0:1::/64|$client->{id}|" . ($limit + 1), 'CA-3: one row';
is guess('/token', '2001:db8:0:2::1', $client)->status,    401,         'CA-3: the next /64 is another';
is guess('/token', '::ffff:203.0.113.9', $client)->status, 401,         'CA-3: a mapped IPv4 address';
like rows('address'), qr/^203\.0\.113\.9$/m, 'CA-3: is an IPv4 address';

# Racers: whether there is a row yet or not, each counts.
my $session = $site->session;

sub race ($lock) {
    $session->hold($lock);
    my @racers = map { sending('/token', '192.0.2.12', in_body($client, $wrong)) } 1 .. 5;
    my $seen   = $session->await_waiters(5, 1);
    $session->release;
    return "$seen " . join ' ', map { $_->answer->status } @racers;
}

for my $row (0, 1) {
    my $before;
    for (1 .. 10) {
        another_minute();
        guess('/token', '192.0.2.12', $client) if $row;
        last
            if race($row ? 'select from oauth.failure for update' : 'lock table oauth.failure in exclusive mode') eq
            '5 401 401 401 401 401'
            && $site->log_text('token') !~ /event=uncounted/;
        die "the racers never waited together\n" if $_ == 10;
    }
    is rows('count'), 5 + $row, 'CA-3: five that race are five, ' . ($row ? 'with a row' : 'before there is a row');
}

# A count that can't be written changes no answer.
another_minute();
$site->sql(qq(revoke insert on oauth.failure from "$site->{roles}-$_")) for qw(token authorize);
oauth_error guess('/token', '192.0.2.13', $client), 401, 'invalid_client',
    'CA-3: a failure that can\'t be counted is one all the same';
page $site->person('192.0.2.13')->try({ name => $user->{name}, password => 'wrong' }), 403, 'SE-5: and so is a login';
$site->sql(qq(grant insert on oauth.failure to "$site->{roles}-$_")) for qw(token authorize);
like $site->log_text($_), qr/level=warn program=postern-$_ event=uncounted id=[0-9a-f]{32} path=\S+ detail=/,
    "OP-6: the log of $_ says so"
    for qw(token authorize);

# SE-5: logins.
another_minute(30);
$site->sql('truncate oauth.login_limit');
@status = map { $site->person('192.0.2.14')->try({ name => $user->{name}, password => "wrong $_" })->status } 1 .. 4;
is "@status", '403 403 403 429',                'SE-5: wrong passwords up to the limit, and one above';
is rows(),    "login|192.0.2.14|$user->{id}|4", 'SE-5: are four, for the account';
is $site->person('192.0.2.14')->try({ name => "nobody-$_", password => 'x' })->status, 403, 'SE-5: a name that nobody has'
    for 1 .. 2;
$site->sql("update directory.person set active = false where id = $user->{id}");
$site->sql('truncate oauth.login_limit');
$site->person('2001:db8::1')->try($user);
is rows(), "login|192.0.2.14||2\nlogin|192.0.2.14|$user->{id}|4\nlogin|2001:db8::/64|$user->{id}|1",
    'SE-5: unknown names are one, a disabled account counts, an IPv6 /64 is one';
$site->sql("update directory.person set active = true where id = $user->{id}");
$site->sql('truncate oauth.login_limit');
$site->signed_in($user);
is $site->sql("select sum(count) from oauth.failure where minute = date_trunc('minute', now())"), 7,
    'SE-5: a right password counts nothing';

$site->finish;
