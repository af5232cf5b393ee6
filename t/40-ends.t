# SPDX-License-Identifier: ISC
# TK-13: each condition that ends a token ends it with the next request, at /profile, /contacts, introspection and refresh alike, and
# nobody else's.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Site;

my $site = Site->new;
my ($client, $bystander) = map { $site->client(refresh => 1) } 1 .. 2;
my $server = $site->client(introspect => 'profile contacts');
my ($user,   $neighbour) = map { $site->user } 1 .. 2;
my $person = $site->signed_in($user);
my @others = ($site->token($bystander, $person), $site->token($client, $site->signed_in($neighbour)));
my $id     = "id = $user->{id}";
my $mine   = "client_id = '$client->{id}'";
my $hash   = $site->sql("select password_hash from directory.person where $id");
my $again  = "update directory.person set active = true, password_hash = '$hash' where $id";

sub statuses ($token) {
    return join ' ', map { $_->status } $site->profile($token), $site->contact_list($token);
}

# Whether a token is active for a resource server.
sub introspected ($token) {
    my @by = (client_id => $server->{id}, client_secret => $server->{secret});
    return $site->{https}->post('/introspect', [ @by, token => $token ])->body;
}

# A token with its refresh token, and what the latter gives.
sub both ($browser) {
    my ($verifier, $challenge) = Flow::pkce();
    my $code = $site->code($client, $browser, code_challenge => $challenge, code_challenge_method => 'S256');
    return @{ $site->redeem($client, $code, code_verifier => $verifier)->json }{qw(access_token refresh_token)};
}

sub refreshed ($token) {
    my @by = (client_id => $client->{id}, client_secret => $client->{secret});
    return $site->{https}->post('/token', [ @by, grant_type => 'refresh_token', refresh_token => $token ]);
}

for (
    [ 'password changed by the tool', sub { $site->tool_ok([ qw(user passwd), $user->{name} ], stdin => "another\n") }, 'person' ],
    [
        'password changed in the table',
        sub { $site->sql("update directory.person set password_hash = password_hash || '.' where $id") }, 'person'
    ],
    [ 'password taken away', sub { $site->sql("update directory.person set password_hash = null where $id") },           'person' ],
    [ 'account disabled',    sub { $site->sql("update directory.person set active = false where $id") },                 'person' ],
    [ 'client disabled',     sub { $site->sql("update oauth.client set enabled = false where $mine") },                  'client' ],
    [ 'grant ended',         sub { $site->sql("update oauth.grants set ended_at = now() where $mine and account_$id") }, '' ],
    [ 'grant expired',       sub { $site->sql("update oauth.grants set expires_at = now() where $mine and account_$id") }, '' ],
    [
        'token expired',
        sub {
            $site->sql(
                "update oauth.access_token t set expires_at = now() from oauth.grants g
                     where g.id = t.grant_id and g.$mine and g.account_$id"
            );
        },
        ''
    ],
    )
{
    my ($case, $end, $takes_along) = @$_;
    my ($token, $refresh) = both($site->signed_in($user));
    is statuses($token), '200 200', "a living token ($case)";
    like introspected($token), qr/^\{"active":true,/, "for a resource server too ($case)";
    $end->();
    is introspected($token), '{"active":false}', "TK-13: $case ends it at introspection";
    if ($case eq 'token expired') {
        is refreshed($refresh)->status, 200, 'TK-13: a token that has expired can be refreshed';
    } else {
        oauth_error refreshed($refresh), $case eq 'client disabled' ? (401, 'invalid_client') : (400, 'invalid_grant'),
            "TK-13: $case ends the refresh token";
    }
    challenge $site->profile($token),      401, { error => 'invalid_token' }, "TK-13: $case ends it at /profile";
    challenge $site->contact_list($token), 401, { error => 'invalid_token' }, "TK-13: and at /contacts ($case)";
    is statuses($others[0]), $takes_along eq 'person' ? '401 401' : '200 200',
        "TK-13: the person's token of another client ($case)";
    is statuses($others[1]), $takes_along eq 'client' ? '401 401' : '200 200', "TK-13: another person's of the same client ($case)";
    $site->sql($again);
    $site->sql("update oauth.client set enabled = true where $mine");
    is "@{[ map { statuses($_) } @others ]}", '200 200 200 200', 'and they are back with the account or client'
        unless $case =~ /by the tool/;
}

# Logout, for a client registered so; not for the other.
$site->sql("update oauth.client set logout_ends_grants = true where $mine");
my $leaving = $site->signed_in($user);
my ($ends, $refresh) = both($leaving);
my $stays = $site->token($bystander, $leaving);
my %s256  = (code_challenge_method => 'S256');
my ($verifier, $challenge) = Flow::pkce();
my $code = $site->code($client, $leaving, %s256, code_challenge => $challenge);
$leaving->open_page('/');
$leaving->submit;
is statuses($ends),  '401 401', 'TK-13: logout ends the tokens of a client that is registered so';
is introspected($ends), '{"active":false}', 'TK-13: for a resource server too';
oauth_error refreshed($refresh), 400, 'invalid_grant', 'TK-13: and its refresh token';
oauth_error $site->redeem($client, $code, code_verifier => $verifier), 400, 'invalid_grant',
    'AZ-8: and a code of that session that was not redeemed yet';
is statuses($stays), '200 200', 'TK-13: and no other\'s';
is $site->sql("select ended_why from oauth.grants where $mine order by id desc limit 1"), 'logout', 'with the reason';

# The tool removes a client; the customer deletes an account, and makes another one of that number.
my $removed = $site->token($client, $site->signed_in($user));
$site->tool_ok([ qw(client remove), $client->{id} ]);
is statuses($removed), '401 401', 'TK-13: a client that was removed';
my $gone = $site->token($bystander, $site->signed_in($user));
$site->sql("delete from directory.person where $id");
is statuses($gone), '401 401', 'TK-13: an account that is gone';
$site->sql("insert into directory.person (id, username, password_hash) values ($user->{id}, 'somebody else', '*')");
is statuses($gone), '401 401', 'DI-3: one that was made anew with the same id';

# GE-7: an hour, by the database's clock.
my $hour = $site->token($bystander, $site->signed_in($neighbour));
$site->later('59 minutes');
is statuses($hour), '200 200', 'GE-7: after 59 minutes';
$site->later('60 minutes 5 seconds');
is statuses($hour), '401 401', 'GE-7: after an hour';

$site->finish;
