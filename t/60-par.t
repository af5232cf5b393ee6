# SPDX-License-Identifier: ISC
# Races for one pushed request and for one code_challenge: the row is held until all racers wait for it, then let go.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Https;
use Site;

my $site    = Site->new(workers => 6);
my $client  = $site->client;
my $session = $site->session;
my $user    = $site->user;
my @people  = map { $site->signed_in($user) } 1 .. 4;

# All of them send their consent form while $lock is held; the answers, when all waited at once.
sub raced ($prepare, $lock) {
    my @send = map {
        my $one = $_;
        sub ($) { $one->sending(decision => 'allow') }
    } @people;
    my (undef, @answers) = $session->race($lock, $prepare, \@send);
    return @answers;
}

my $grants = 'select count(*) from oauth.grants where ended_at is null';
my $before;
my @answers = raced(
    sub {
        my $uri = $site->{https}->post(
            '/par',
            [
                client_id     => $client->{id}, client_secret  => $client->{secret}, redirect_uri => $client->{redirect_uri},
                response_type => 'code',        code_challenge => (Flow::pkce())[1], code_challenge_method => 'S256'
            ]
        )->json->{request_uri};
        $_->open_page('/authorize?' . Https::form(client_id => $client->{id}, request_uri => $uri)) for @people;
        $before = $site->sql($grants);
    },
    'select from oauth.pushed_request where completed_at is null for update'
);
is join(' ', sort map { $_->status } @answers), '303 400 400 400',
    'PR-1: of four who complete one pushed request at once, one does';
page $_, 400, 'PR-1: the others read that it is over' for grep { $_->status == 400 } @answers;
is $site->sql($grants), $before + 1, 'PR-1: one grant';

# The unique key makes the later ones wait for the first; here another one's row that is not committed yet stands for it.
@answers = raced(
    sub {
        my %pkce = (code_challenge => (Flow::pkce())[1], code_challenge_method => 'S256');
        $_->open_page($site->authorize_url($client, %pkce)) for @people;
        $before = $site->sql($grants);
    },
    'lock table oauth.challenge_use in share mode'
);
is join(' ', sort map { $_->query->{error} // 'code' } @answers), 'code invalid_request invalid_request invalid_request',
    'PK-4: of four sessions that race with one challenge, one gets a code';
is $site->sql($grants), $before + 1, 'PK-4: one grant';

# The same session sends the form four times at once: who waited for the first has not seen its grant, and ends it all the same.
my ($same, $challenge) = $people[0];
my %pkce = (code_challenge_method => 'S256');
@people  = ($same) x 4;
@answers = raced(
    sub {
        $pkce{code_challenge} = $challenge = (Flow::pkce())[1];
        $same->open_page($site->authorize_url($client, %pkce));
        $before = $site->sql($grants);
    },
    sub { "insert into oauth.challenge_use values ('$client->{id}', '$challenge', 0, '', null, now())" }
);
is scalar(grep { defined $_->query->{code} } @answers), 4, 'PK-4: of four forms of one session at once each gets a code';
is $site->sql($grants), $before + 1, 'PK-4: of which one lives';

$site->finish;
