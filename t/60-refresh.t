# SPDX-License-Identifier: ISC
# TK-6: refreshers of one token, all at once: one rotates it, the others get the same successor; a replay among them ends the grant.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Canary;
use Check;
use Flow;
use Site;

my $site    = Site->new(programs => [qw(authorize token)], workers => 6);
my $person  = $site->signed_in($site->user);
my $client  = $site->client(no_pkce => 1, refresh => 1);
my $session = $site->session;

sub refreshing ($token) {
    return $site->sending('/token', $client, grant_type => 'refresh_token', refresh_token => $token);
}

# A new refresh token, and the answers to requests with tokens made of it that all waited for its grant.
sub raced (@tokens) {
    my @send = map {
        my $token = $_;
        sub ($first) { refreshing($token->($first)) }
    } @tokens;
    my ($first, @answers) = $session->race(
        'select id from oauth.grants order by id desc limit 1 for update',
        sub { $site->redeem($client, $site->code($client, $person))->json->{refresh_token} },
        \@send
    );
    Canary::add(grep {defined} map { $_->status == 200 ? $_->json->{refresh_token} : undef } @answers);
    return ($first, @answers);
}

my ($first, @answers) = raced((sub ($token) {$token}) x 5);
is join(' ', map { $_->status } @answers), '200 200 200 200 200', 'TK-6: all five are answered';
my %successors = map { $_->json->{refresh_token} => 1 } @answers;
is scalar keys %successors, 1, 'TK-6: with one and the same successor';
my %access = map { $_->json->{access_token} => 1 } @answers;
is scalar keys %access,                                             5,                     'TK-6: and an access token each';
is join(' ', map { $site->profile($_)->status } sort keys %access), '200 200 200 200 200', 'TK-6: all of them good';
is refreshing((keys %successors)[0])->answer->status,               200,                   'TK-6: the successor goes on';

# A forged one of the family beside the right one: whoever comes first, in the end the grant is over.
my (undef, @mixed) =
    raced(sub ($token) {$token}, sub ($token) { Flow::checked(substr($token, 0, 27) . Flow::random(32) . 'xxxxxx') });
is $mixed[1]->status,                                                         400,      'TK-6: the forged one is refused';
is $site->sql('select ended_why from oauth.grants order by id desc limit 1'), 'replay', 'TK-6: and ends the grant';
isnt $site->profile($mixed[0]->json->{access_token} // "none")->status,       200,      'TK-6: with the access token of the other';

$site->finish;
