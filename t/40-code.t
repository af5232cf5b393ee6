# SPDX-License-Identifier: ISC
# The life of a code: once, a minute, and what a replay ends (AZ-8, TK-4); what else ends it before it is redeemed.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Https;
use Site;

my $site   = Site->new(programs => [qw(authorize token)]);
my $user   = $site->user;
my $person = $site->signed_in($user);
my $client = $site->client(redirect_uri => [ 'https://app.example/back', 'https://app.example/other' ]);
my $second = $site->client;
my ($verifier, $challenge) = Flow::pkce();
my %s256 = (code_challenge => $challenge, code_challenge_method => 'S256');
my %with = (code_verifier  => $verifier);

sub new_code        { return $site->code($client, $person, %s256) }
sub alive ($answer) { return $site->profile($answer->json->{access_token})->status }

my $code = new_code();

# TK-4: what a replay ends, and what not.
my $first = $site->redeem($client, $code, %with);
is alive($first), 200, 'the token of a code';
my ($wrong) = Flow::pkce();
my $forged = forged($code);
for (
    [ 'wrong client secret',        { client_secret => $second->{secret} },                                 401, 'invalid_client' ],
    [ 'another client',             { client_id     => $second->{id}, client_secret => $second->{secret} }, 400, 'invalid_grant' ],
    [ 'wrong verifier',             { code_verifier => $wrong },                                            400, 'invalid_grant' ],
    [ 'no verifier',                { code_verifier => undef },                                             400, 'invalid_grant' ],
    [ 'another redirect_uri',       { redirect_uri  => 'https://app.example/other' },                       400, 'invalid_grant' ],
    [ 'another secret in the code', { code          => $forged },                                           400, 'invalid_grant' ],
    )
{
    my ($case, $change, $status, $error) = @$_;
    oauth_error $site->redeem($client, $code, %with, %$change), $status, $error, "TK-4: a replay with $case is refused";
    is alive($first), 200, 'TK-4: and ends nothing';
}
oauth_error $site->redeem($client, $code, %with), 400, 'invalid_grant', 'TK-4: a replay with all else right';
is alive($first),                                                             401,      'TK-4: ends the grant and its token';
is $site->sql("select ended_why from oauth.grants order by id desc limit 1"), 'replay', 'TK-4: as the row says';
is $site->sql("select count(*) from oauth.audit where event = 'replay'"),     1,        'OP-6: and the audit, once';
oauth_error $site->redeem($client, $code, %with), 400, 'invalid_grant', 'TK-4: and again';

# The locator with another secret, its checksum right: what somebody can make who knows the locator only.
sub forged ($code) { return Flow::checked(substr($code, 0, 27) . Flow::random(32) . 'xxxxxx') }
my $unused = new_code();
oauth_error $site->redeem($client, forged($unused), %with), 400, 'invalid_grant', 'TK-4: a code with another secret, unused';
is $site->redeem($client, $unused, %with)->status, 200, 'TK-4: changes nothing';

# AZ-8: bound to the person, who is still the same.
my $hash        = $site->sql("select password_hash from directory.person where id = $user->{id}");
my $change_user = sub ($what) { $site->sql("update directory.person set $what where id = $user->{id}") };
for (
    [ 'the password was changed', sub { $change_user->(q(password_hash = password_hash || '.')) } ],
    [ 'the account is disabled',  sub { $change_user->('active = false') } ],
    [ 'the grant was ended',      sub { $site->sql(q(update oauth.grants set ended_at = now(), ended_why = 'administrator')) } ],
    )
{
    my ($case, $change) = @$_;
    my $lost = new_code();
    $change->();
    oauth_error $site->redeem($client, $lost, %with), 400, 'invalid_grant', "AZ-8, TK-13: refused when $case";
    $change_user->("password_hash = '$hash', active = true");
}
my $lost = new_code();
$site->sql(q(update oauth.client set enabled = false where client_id = :'id'), set => ["id=$client->{id}"]);
oauth_error $site->redeem($client, $lost, %with), 401, 'invalid_client', 'TK-13: a disabled client is not authenticated';
$site->sql(q(update oauth.client set enabled = true, grant_types = '{}' where client_id = :'id'), set => ["id=$client->{id}"]);
oauth_error $site->redeem($client, $lost, %with), 400, 'unauthorized_client', 'TK-9: a client that may not use this grant';
$site->sql(q(update oauth.client set grant_types = '{authorization_code}' where client_id = :'id'), set => ["id=$client->{id}"]);
is $site->redeem($client, $lost, %with)->status, 200, 'TK-3: none of these used the code up';

# CA-4: two secrets at once, and one that has run out.
my $expires = sub ($when) {
    $site->sql(qq(update oauth.client_secret set expires_at = $when where client_id = :'id'), set => ["id=$client->{id}"]);
};
$expires->(q(now() + interval '1 minute'));
is $site->redeem($client, new_code(), %with)->status, 200, 'CA-4: a secret that is about to end';
$expires->('now()');
oauth_error $site->redeem($client, $lost = new_code(), %with), 401, 'invalid_client', 'CA-4: one that has ended';
$expires->('null');

# AZ-8: sixty seconds, by the database's clock.
my ($early_verifier, $early_challenge) = Flow::pkce();
my ($early,          $late)            = ($site->code($client, $person, %s256, code_challenge => $early_challenge), new_code());
$site->later('45 seconds');
is $site->redeem($client, $early, code_verifier => $early_verifier)->status, 200, 'AZ-8: a code of 45 seconds';
$site->later('61 seconds');
oauth_error $site->redeem($client, $late, %with), 400, 'invalid_grant', 'AZ-8: a code of 61 seconds';

# TK-4: a replay counts also when the code's time is over.
my $spent  = new_code();
my $issued = $site->redeem($client, $spent, %with);
is alive($issued), 200, 'TK-4: a code that was redeemed in time';
$site->later('3 minutes');
is alive($issued), 200, 'TK-4: its token lives on';
oauth_error $site->redeem($client, $spent, %with), 400, 'invalid_grant', 'TK-4: the code comes again after its minute';
is alive($issued), 401, 'TK-4: and ends the grant all the same';

# OP-6: what happened stands in the audit, with nginx's id of the request and the address.
$site->sql('truncate oauth.audit');
my $good = $site->redeem($client, new_code(), %with);
is $site->sql('select string_agg(event, \' \' order by at) from oauth.audit'), 'consent token',
    'OP-6: consent and token are audited';
is $site->sql(
    "select client_id || ' ' || account_id || ' ' || request_id || ' ' || host(address) from oauth.audit where event = 'token'"),
    "$client->{id} $user->{id} " . $good->header('X-Request-Id') . ' 192.0.2.1', 'OP-6: with who, what request, whence';

$site->finish;
