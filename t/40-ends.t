# SPDX-License-Identifier: ISC
# TK-13: each condition that ends a token ends it with the next request, at /profile and /contacts alike, and nobody else's.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Site;

my $site = Site->new;
my ($client, $bystander) = map { $site->client } 1 .. 2;
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
    my $token = $site->token($client, $site->signed_in($user));
    is statuses($token), '200 200', "a living token ($case)";
    $end->();
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
my ($ends, $stays) = map { $site->token($_, $leaving) } $client, $bystander;
$leaving->open_page('/');
$leaving->submit;
is statuses($ends),  '401 401', 'TK-13: logout ends the tokens of a client that is registered so';
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
