# SPDX-License-Identifier: ISC
# What belongs to whom: a handle to its browser, a form to its own path (AZ-2, SE-3).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Site;

my $site   = Site->new(programs => ['authorize']);
my $user   = $site->user;
my $client = $site->client(no_pkce => 1);

# AZ-2: a browser that is known by a cookie of its own, and even signed in, is still another browser.
my $mine = $site->signed_in($user);
$mine->open_page($site->authorize_url($client, state => 'mine'));
my $other = $site->signed_in($site->user);
my $handle = $mine->{at};
my $answer = $other->get($handle);
is $answer->status, 303, 'AZ-2: a signed-in other browser is sent on';
isnt $answer->location, "$site->{issuer}$handle", 'AZ-2: to a request of its own';
like $other->follow->body, qr/\Q$client->{name}\E/, 'AZ-2: with the same parameters';
is $other->submit(decision => 'allow')->query->{state}, 'mine', 'AZ-2: which it can answer';
is $mine->submit(decision => 'deny')->query->{error}, 'access_denied', 'AZ-2: and which is not the first one';

# SE-3: a form's token is good for its own path alone.
$mine->open_page($site->authorize_url($client));
my %consent = %{ $mine->form->{fields} };
page $mine->post('/logout', [%consent]), 403, 'SE-3: the consent form at /logout';
page $mine->post('/login', [ %consent, username => $user->{name}, password => $user->{password} ]), 403, 'SE-3: and at /login';
my $leaving = $site->signed_in($user);
$leaving->open_page('/');
page $leaving->post('/consent', [ %{ $leaving->form->{fields} }, decision => 'allow' ]), 403, 'SE-3: the sign-out form at /consent';
page $leaving->open_page('/'), 200, 'SE-3: nothing happened', 'still in' => index($leaving->{last}->body, $user->{name}) > 0;

# A person who is not the one that is signed in goes on with the same request.
my $tab = $site->signed_in($user);
$tab->open_page($site->authorize_url($client, state => 'shared'));
my ($way) = $tab->{last}->body =~ m{href="(/\?h=[^"]+)"};
$tab->open_page($way);
page $tab->submit, 200, 'SE-1: after signing out the login page', 'a password' => $tab->{last}->body =~ /type="password"/;
$tab->sign_in($site->user);
is $tab->submit(decision => 'allow')->query->{state}, 'shared', 'SE-1: and the same request for somebody else';

$site->finish;
