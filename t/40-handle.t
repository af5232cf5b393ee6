# SPDX-License-Identifier: ISC
# The handle of a kept authorization request: bound to its browser, good for an hour, one a tab; cross-site POSTs; loopback ports.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Https;
use Site;

my $site   = Site->new(programs => ['authorize']);
my $user   = $site->user;
my $client = $site->client(no_pkce => 1);
my $native = $site->client(type => 'native', redirect_uri => [ 'http://127.0.0.1/cb', 'http://[::1]/cb', 'http://localhost/cb' ]);
my $page   = '/authorize?h=';

# AZ-1: a POST from another site.
my %query  = (response_type => 'code', client_id => $client->{id}, redirect_uri => $client->{redirect_uri}, state => 'posted');
my $answer = $site->{https}->post('/authorize', [%query], Origin => 'https://app.example', 'Sec-Fetch-Site' => 'cross-site');
is $answer->status, 303, 'AZ-1: a cross-site POST is kept, and answered by 303';
like $answer->location, qr{\Q$page\E[A-Za-z0-9_-]+$}, 'AZ-1: to a handle';
is_deeply [ $answer->all('Set-Cookie') ], [], 'AZ-1: it sets no cookie';
my $person = $site->person;
$person->keep_cookies($answer);
page $person->follow, 200, 'AZ-1: the GET after it shows the login page', 'password' => $person->{last}->body =~ /type="password"/;
$person->sign_in($user);
is $person->submit(decision => 'allow')->query->{state}, 'posted', 'AZ-1: and the way goes on with the posted request';

# AZ-2: bound to the browser.
my $mine = $site->signed_in($user);
$mine->open_page($site->authorize_url($client, state => 'mine'));
my $handle = $mine->{at};
my %form   = %{ $mine->form->{fields} };
my $other  = $site->person;
$answer = $other->get($handle);
is $answer->status, 303, 'AZ-2: opened in another browser, a handle makes a new request';
isnt $answer->location =~ s/^\Q$site->{issuer}\E//r, $handle, 'AZ-2: with a handle of its own';
page $other->follow, 200, 'AZ-2: where nobody is signed in', 'password' => $other->{last}->body =~ /type="password"/,
    'not the first one\'s name' => index($other->{last}->body, $user->{name}) < 0;
my $second = $site->user;
$other->sign_in($second);
is $other->submit(decision => 'allow')->query->{state}, 'mine', 'AZ-2: the new request has the same parameters';
is $site->sql('select account_id from oauth.grants order by id desc limit 1'), $second->{id},
    'AZ-2: the person comes from the session of the browser that answered';
my $thief = $site->signed_in($second);
page $thief->post('/consent', [ %form, decision => 'allow' ]), 403, 'AZ-2, SE-3: a form of one browser sent by another is refused';
my ($browser, $own) = ('__Host-postern-browser', $mine->cookie('__Host-postern-browser'));

for my $cookie ('A' x 43, $thief->cookie($browser), undef) {
    $mine->open_page($handle);
    $mine->{jar}{$browser} = $cookie;
    delete $mine->{jar}{$browser} unless defined $cookie;
    page $mine->send_form(decision => 'allow'), 400, 'AZ-2: the session alone is not the browser';
    $mine->{jar}{$browser} = $own;
}
$mine->open_page($handle);
is $mine->submit(decision => 'allow')->query->{state}, 'mine', 'AZ-2: the first browser\'s request is untouched';

# AZ-2: one handle a tab.
my $tabs = $site->signed_in($user);
my @tab  = map { $tabs->open_page($site->authorize_url($client, state => $_)); $tabs->{at} } 'left', 'right';
for my $n (0, 1) {
    $tabs->open_page($tab[$n]);
    is $tabs->submit(decision => 'allow')->query->{state}, (qw(left right))[$n], "AZ-2: each tab has its own request ($n)";
}

# AZ-2: a late form shows the page again; after an hour it is over.  (The client is older than any request.)
$site->sql("update oauth.client set changed_at = '2000-01-01'");
$tabs->open_page($tab[0]);
my $fresh = $site->signed_in($user);
$fresh->open_page($site->authorize_url($client));
age('31 minutes');
$fresh->open_page($fresh->{at});
page $fresh->{last}, 200, 'AZ-2: after half an hour the page is still there';
age('30 minutes');
page $fresh->open_page($fresh->{at}), 400, 'AZ-2: after the hour a page says to start again',
    'says so' => $fresh->{last}->body =~ /start again/;
my $slow = $site->signed_in($user);
$slow->open_page($site->authorize_url($client));
age('61 minutes');
page $slow->send_form(decision => 'allow'), 400, 'AZ-2: nor is a form of it taken after the hour',
    'no grant' => $site->sql("select count(*) from oauth.grants where session_id = (select max(id) from oauth.session)") == 0;
page $site->person->open_page("${page}pstq_0" . 'x' x 49), 400, 'AZ-2: a handle that was never given is a page';
page $site->person->open_page("${page}%00"),               400, 'AZ-2: so is one with NUL';

# The rows are in a ring by hour: made older within the slot that the handle carries.
sub age ($interval) { return $site->sql("update oauth.authorization_request set created_at = created_at - interval '$interval'") }

# AZ-4: the port of a native client's loopback address.
my (undef, $challenge) = Flow::pkce();
for (
    [ 'http://127.0.0.1:49152/cb', 1 ],          [ 'http://[::1]:8080/cb',   1 ], [ 'http://localhost:3000/cb', 1 ],
    [ 'http://127.0.0.1/cb',       1 ],          [ 'http://127.0.0.1:1/cb2', 0 ], [ 'http://127.0.0.2:1/cb',    0 ],
    [ 'http://127.0.0.1:99999/cb', 0 ],          [ 'https://127.0.0.1:1/cb', 0 ],
    [ 'http://127.0.0.1:1@evil.example/cb', 0 ], [ 'http://localhost.evil.example:1/cb', 0 ], [ 'http://127.0.0.1:1x/cb', 0 ],
    )
{
    my ($uri, $good) = @$_;
    my %pkce = (code_challenge => $challenge, code_challenge_method => 'S256');
    my $got  = $site->{https}->get($site->authorize_url($native, redirect_uri => $uri, %pkce));
    is $got->status, $good ? 303 : 400, 'AZ-4: ' . ($good ? 'any port: ' : 'not: ') . $uri;
}
my $web = $site->client(seed => 1, redirect_uri => 'http://127.0.0.1/cb');
page $site->{https}->get($site->authorize_url($web, redirect_uri => 'http://127.0.0.1:1/cb')), 400,
    'AZ-4: no other client has free ports';

$site->finish;
