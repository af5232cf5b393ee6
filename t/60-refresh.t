# SPDX-License-Identifier: ISC
# TK-6: refreshers of one token, all at once: one rotates it, the others get the same successor; a replay among them ends the grant.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Canary;
use Check;
use Flow;
use Https;
use Site;

my $site    = Site->new(programs => [qw(authorize token)], workers => 6);
my $person  = $site->signed_in($site->user);
my $client  = $site->client(no_pkce => 1, refresh => 1);
my $session = $site->session;

sub refreshing ($token) {
    my %form = (grant_type => 'refresh_token', refresh_token => $token, client_id => $client->{id}, client_secret => $client->{secret});
    return $site->{https}->send('POST', '/token', Https::form_headers({}), Https::form(map { $_ => $form{$_} } sort keys %form));
}

# A new refresh token, and the answers to requests with these tokens that all waited for its grant.
sub raced ($count, $tokens) {
    for (1 .. 10) {
        my $first = $site->redeem($client, $site->code($client, $person))->json->{refresh_token};
        $session->hold('select id from oauth.grants order by id desc limit 1 for update');
        my @pending = map { refreshing($_) } $tokens->($first);
        my $waiting = $session->await_waiters($count, 1);
        $session->query('rollback');
        my @answers = map { $_->answer } @pending;
        Canary::add(grep {defined} map { $_->status == 200 ? $_->json->{refresh_token} : undef } @answers);
        return ($first, @answers) if $waiting == $count && !grep { $_->status == 503 } @answers;
    }
    die "the racers never waited together\n";
}

my ($first, @answers) = raced(5, sub ($token) { ($token) x 5 });
is join(' ', map { $_->status } @answers), '200 200 200 200 200', 'TK-6: all five are answered';
my %successors = map { $_->json->{refresh_token} => 1 } @answers;
is scalar keys %successors, 1, 'TK-6: with one and the same successor';
my %access = map { $_->json->{access_token} => 1 } @answers;
is scalar keys %access, 5, 'TK-6: and an access token each';
is join(' ', map { $site->profile($_)->status } sort keys %access), '200 200 200 200 200', 'TK-6: all of them good';
is refreshing((keys %successors)[0])->answer->status, 200, 'TK-6: the successor goes on';

# A forged one of the family beside the right one: whoever comes first, in the end the grant is over.
my (undef, @mixed) = raced(2, sub ($token) { ($token, Flow::checked(substr($token, 0, 27) . Flow::random(32) . 'xxxxxx')) });
is $mixed[1]->status, 400, 'TK-6: the forged one is refused';
is $site->sql('select ended_why from oauth.grants order by id desc limit 1'), 'replay', 'TK-6: and ends the grant';
isnt $site->profile($mixed[0]->json->{access_token} // "none")->status, 200, 'TK-6: with the access token of the other';

$site->finish;
