# SPDX-License-Identifier: ISC
# What people and libraries get wrong: a secret in the wrong place, another spelling, a login that fails half way.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Https;
use Site;

my $site   = Site->new(settings => { POSTERN_LOGIN_ACCOUNT_LIMIT => 3 });
my $user   = $site->user;
my $person = $site->signed_in($user);
my $client = $site->client(no_pkce => 1);
my $token  = $site->token($client, $person);

# BT-4: the harness looks for them in every log at the end.
$site->person->open_page("/authorize?client_id=$client->{secret}&response_type=code");
page $site->person->open_page("/authorize?client_id=$client->{secret}&request_uri=urn:ietf:params:oauth:request_uri:x"), 400,
    'BT-4: a secret as client_id beside a request_uri';
$site->person->open_page("/authorize?client_id=$client->{id}&response_type=code&redirect_uri=https://x.example/?t=$token");
is $site->{https}->get("/profile/$token")->status,   404, 'BT-4: a token in the path is no endpoint';
problem $site->{contacts}->get("/contacts/$token"), 401, undef, 'BT-4: at :82 it is no one that counts';
problem $site->{contacts}->get("/contacts/$token", Authorization => "Bearer $token"), 404, 'not_found', 'BT-4: and no contact';
problem $site->contact_list($token, "?$_=$token"), 400, 'invalid_request', "BT-4: nor $_" for qw(fields order limit q);
problem $site->contact_list($token, "?$_=$token"), 400, "${_}_invalid", "BT-4: nor $_" for qw(cursor sync);
oauth_error $site->redeem({ %$client, id => $client->{secret} }, 'x'), 401, 'invalid_client', 'BT-4: a secret as client_id';
my $log = $site->log_text('authorize');
like $log, qr/a secret stands where the client_id should/, 'BT-4: the log says that it was a secret';

# CA-2: credentials in the URI are refused, repeated and empty ones too.
for my $query ('client_secret=a&client_secret=b', 'client_id=', "client_id=$client->{id}") {
    my $code = $site->code($client, $person);
    my %form = (grant_type => 'authorization_code', code => $code, client_id => $client->{id}, client_secret => $client->{secret});
    oauth_error $site->{https}->post("/token?$query", [%form]), 400, 'invalid_request', "CA-2: $query in the URI";
}

# RFC 6749 5.1: both headers against caches.
my $answer = $site->redeem($client, $site->code($client, $person));
is $answer->header('Pragma'), 'no-cache', 'TK-2: Pragma: no-cache beside Cache-Control';
for my $host (qw(https contacts)) {
    my $trace = $site->{$host}->request('TRACE', $host eq 'https' ? '/token' : '/contacts');
    is $trace->status, 405, "GE-3: TRACE at $host";
    ok defined $trace->header('Allow'), 'GE-3: says what is allowed';
}

# SE-4: another spelling of a name tells nothing: somebody's and nobody's are counted alike.
my $somebody = $site->user('somebody');
for my $name ('somebody', 'anybody') {
    $site->person("192.0.2.$_")->try({ name => $name, password => 'wrong' }) for 11 .. 13;
    my $other = $site->person('192.0.2.14');
    $other->open_page('/login');
    is $other->submit(username => uc $name, password => 'wrong')->status, 429, "SE-4: $name, then " . uc $name;
}

# A login that could not be finished leaves the browser's session as it was.
my $form = $site->signed_in($user);
$form->get('/login');
my $session = $site->session;
my $second  = $site->signed_in($user);
my $before  = $second->cookie('__Host-postern');
my $login   = $site->person;
$login->open_page('/login');
$login->{jar}{'__Host-postern'} = $before;
$session->hold('lock table oauth.session in exclusive mode');
my $late = $login->send_form(username => $user->{name}, password => $user->{password});
$session->query('rollback');
is $late->status, 503, 'a login that PostgreSQL does not finish';
is $login->cookie('__Host-postern'), $before, 'SE-2: gives no new cookie and takes none';

# A page of contacts that would be too large ends early, and the next one goes on there (CT-2).
$site->sql("insert into directory.person_contact (owner_id, id, username)
    select $user->{id}, n, repeat('x', 9000) from generate_series(1, 300) n");
my ($url, $count, $pages) = ('?limit=1000', 0, 0);
while (defined $url) {
    my $page = $site->contact_list($token, $url);
    $pages++;
    last unless is $page->status, 200, "CT-2: page $pages of large contacts";
    $count += @{ $page->json->{contacts} };
    $url = ($page->json->{next} // '') =~ /(\?.*)/ ? $1 : undef;
}
is $count, 300, "CT-2: each comes once, on $pages pages";
cmp_ok $pages, '>', 1, 'CT-2: a page is bounded in bytes';

$site->finish;
