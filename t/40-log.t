# SPDX-License-Identifier: ISC
# BT-4: nginx's error log would print the whole request line.  A dead worker, a limit, a body too large, a time-out, a client that
# hangs up: with secrets in query, body, headers and Referer of each.  The harness then looks for them in every log.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Canary;
use Check;
use Flow;
use Https;
use Process qw(wait_for);
use Site;

my $site   = Site->new(workers => 1);
my $user   = $site->user;
my $client = $site->client(seed => 1);
my $token  = $site->redeem($client, $site->code($client, $site->signed_in($user)))->json->{access_token};
my ($https, $contacts) = @$site{qw(https contacts)};
my $secret = 'psta_1' . Flow::random(32) . 'xxxxxx';
my $cookie = Flow::random(32);
Canary::add($secret, $cookie);

# A request full of secrets, wherever a mistaken client may put them.
my %headers = (
    Authorization => "Bearer $secret", Cookie => "__Host-postern=$cookie; other=$secret",
    Referer       => "https://app.example/?code=$secret",
    Origin        => "https://$secret.example", 'X-Secret' => $secret, 'User-Agent' => "agent $secret"
);
my $query = "access_token=$secret&code=$secret&client_secret=$secret&code_verifier=$secret&password=$secret";
my @all   = (
    [ $https, 'GET',  '/authorize' ], [ $https, 'POST', '/authorize' ], [ $https, 'GET', '/login' ], [ $https, 'POST', '/login' ],
    [ $https, 'POST', '/consent' ],   [ $https, 'POST', '/logout' ],    [ $https, 'GET', '/' ],     [ $https, 'GET', '/style.css' ],
    [ $https, 'POST', '/token' ], [ $https, 'POST', '/revoke' ], [ $https, 'POST', '/introspect' ], [ $https, 'GET', '/profile' ],
    [ $https,    'POST', '/profile' ],  [ $https,    'GET', '/nowhere' ],
    [ $contacts, 'GET',  '/contacts' ], [ $contacts, 'GET', '/nowhere' ]
);

sub everywhere ($case, %more) {
    my %status;
    for (@all) {
        my ($of, $method, $path) = @$_;
        my $body = $method eq 'POST' ? Https::form(a => 1) . "&$query" . ($more{body} // '') : undef;
        my $answer =
            $of->request($method, "$path?$query", { %{ Https::form_headers(\%headers) }, %{ $more{headers} // {} } }, $body);
        $status{ $answer->status }++;
        fail "no answer to $method $path ($case)" unless $answer->status;
        ok index($answer->bytes, $secret) < 0 || $path eq '/authorize', "no secret comes back from $method $path ($case)";
    }
    return join ' ', sort keys %status;
}

like everywhere('healthy'),                             qr/400/, 'secrets in good health';
like everywhere('large', body => '&x=' . 'y' x 70_000), qr/413/, 'bodies that are too large';

# A worker that dies in the middle: while it waits for a lock that the test holds.
my %ask = (
    authorize => sub { $https->send('GET', $site->authorize_url($client) . "&$query", \%headers) },
    token     => sub {
        $https->send(
            'POST', '/token', Https::form_headers({ Referer => $headers{Referer} }),
            "grant_type=authorization_code&code=$secret&client_id=x&client_secret=$secret"
        );
    },
    contacts => sub { $contacts->send('GET', "/contacts?access_token=$token", {}) }
);
my $session = $site->session;
for my $program (sort keys %ask) {
    my $status = 0;
    for (1 .. 5) {
        my ($worker) = $site->workers($program);
        $session->hold('lock table oauth.client in access exclusive mode');
        my $pending = $ask{$program}->();
        $session->await_waiters(1);
        kill KILL => $worker;
        $site->announce_deaths;
        wait_for("a new worker of postern-$program", sub { (($site->workers($program))[0] // $worker) != $worker });
        $session->release;
        $status = $pending->answer->status;
        last if $status == ($program eq 'contacts' ? 200 : 502);    # else it died too late: it waits for 0.3 s only
    }
    is $status, $program eq 'contacts' ? 200 : 502,
        "a worker of postern-$program dies while it is asked" . ($program eq 'contacts' ? ', and nginx asks again' : '');
}

# A limit of nginx: more requests at once than it takes from one address.
my $head  = "HEAD /login?$query HTTP/1.1\r\nHost: localhost:81\r\nX-Test-Address: 198.51.100.77\r\nReferer: $headers{Referer}\r\n";
my $flood = $https->send_raw("$head\r\n" x 449 . "${head}Connection: close\r\n\r\n", 'HEAD')->all;
cmp_ok scalar(() = $flood =~ m{^HTTP/1.1 429 }gm), '>', 20, 'nginx refuses what is over its limit';
like $flood, qr/^Retry-After: 1\r$/m, 'GE-3: with Retry-After';

# A worker that hangs: nginx gives up; a client that does so before.
kill STOP => map { $site->workers($_) } @Site::programs;
my @hanging = map { $_->() } @ask{qw(authorize token)};
push @hanging, $https->send('POST', "/login?$query", Https::form_headers(\%headers), $query);
my $impatient = $https->send('POST', "/token?$query", Https::form_headers(\%headers), $query);
$impatient->hang_up;
is join(' ', map { $_->answer->status } @hanging), '504 504 504', 'workers that hang';
kill CONT => map { $site->workers($_) } @Site::programs;

for my $status (499, 502, 504, 413) {
    ok eval {

        # nginx writes the line when it is done with the request, which is after the answer.
        wait_for("a $status", sub { join('', Site::lines("$site->{dir}/log/postern-failure.log")) =~ m{POST /token" $status } });
    }, "the failure log names it: $status";
}

# The programs are gone, and nobody listens.
$site->{program}{$_}->stop for @Site::programs;
like everywhere('gone'), qr/502/, 'nobody listens';
is $https->get('/profile')->header('Retry-After'), 2, 'GE-3: 502 with Retry-After';
oauth_error $https->get('/profile'), 502, 'temporarily_unavailable', 'GE-3: in JSON for a machine';
page $https->get('/login'), 502, 'GE-3: as a page for a person';
problem $contacts->get('/contacts'), 502, 'temporarily_unavailable', 'GE-3: as a problem at :82';
$site->start($_) for @Site::programs;
is $site->profile($token)->status, 200, 'and they are back';

$site->finish;
