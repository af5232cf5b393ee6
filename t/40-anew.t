# SPDX-License-Identifier: ISC
# What a sign-in that is under way may not outlive: its client's registration, its session (AZ-3, TK-13).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Site;

my $site   = Site->new(programs => [qw(authorize token)]);
my $user   = $site->user;
my $person = $site->signed_in($user);

# AZ-3, AZ-12: a client that was registered anew has not asked for what the old one asked for.
my $old = $site->client(id => 'moved', no_pkce => 1, redirect_uri => 'https://old.example/cb');
$person->open_page($site->authorize_url($old));
my $page = $person->{at};
$site->tool_ok([qw(client remove moved)]);
my $new = $site->client(id => 'moved', redirect_uri => 'https://new.example/cb', scope => 'profile');
page $person->submit(decision => 'allow'), 400, 'AZ-3: a consent to a registration that is gone',
    'no grant' => $site->sql('select count(*) from oauth.grants') == 0;
page $person->open_page($page), 400, 'AZ-3: and its page';

# TK-13: a logout that is under way when the person allows counts: the grant that ends with its session is not made.
my $app = $site->client(no_pkce => 1);
$site->sql("update oauth.client set logout_ends_grants = true where client_id = '$app->{id}'");
$person->open_page($site->authorize_url($app));
my $session = $site->session;
my $held;
for (1 .. 10) {
    $session->hold('update oauth.session set ended_at = now()');
    my $pending = $person->sending(decision => 'allow');
    $held = $session->await_waiters(1, 1);
    $session->query($held ? 'commit' : 'rollback');
    my $answer = $pending->answer;
    last if $held && $answer->status == 303;
}
ok $held, 'the consent waits for the logout';
is $site->sql('select count(*) from oauth.grants'), 0, 'TK-13: and makes no grant';

$site->finish;
