# SPDX-License-Identifier: ISC
# Refresh tokens: who gets them, rotation, the lost answer, the replay, narrowing, the end (TK-5, TK-6, TK-7, TK-12).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Canary;
use Check;
use Flow;
use Site;

my $site   = Site->new;
my $user   = $site->user;
my $person = $site->signed_in($user);
my $app    = $site->client(no_pkce => 1, refresh => 1);
my $fixed  = $site->client(no_pkce => 1, refresh => 1, no_rotation => 1);
my $plain  = $site->client(no_pkce => 1);
my $phone  = $site->client(type => 'public', refresh => 1);

# The answer to a first exchange.
sub first ($client, %query) {
    my ($verifier, $challenge) = Flow::pkce();
    my $code = $site->code($client, $person, code_challenge => $challenge, code_challenge_method => 'S256', %query);
    my $answer = $site->redeem($client, $code, code_verifier => $verifier);
    return $answer->json;
}

# The answer to a refresh, with changes; undef leaves a parameter out.
sub refresh ($client, $token, %change) {
    my %form = (
        grant_type => 'refresh_token', refresh_token => $token, client_id => $client->{id}, client_secret => $client->{secret}, %change
    );
    my $answer = $site->{https}->post('/token', [ map { $_ => $form{$_} } grep { defined $form{$_} } sort keys %form ]);
    Canary::add($answer->json->{refresh_token}) if $answer->status == 200 && $answer->json->{refresh_token};
    return $answer;
}

sub alive ($access) { return $site->profile($access)->status }

# TK-12: who gets one, and its form.
is first($plain)->{refresh_token}, undef, 'TK-12: a client without the grant gets no refresh token';
my $one = first($app);
like $one->{refresh_token}, qr/^pstr_[A-Za-z0-9_-]{71}$/, 'TK-11: the form of a refresh token';
oauth_error refresh($plain, $one->{refresh_token}), 400, 'unauthorized_client', 'TK-9: nor may it send one';

# TK-5, TK-6: rotation, and the lost answer.
my $two = refresh($app, $one->{refresh_token});
is $two->status, 200, 'TK-6: the current token is taken';
isnt $two->json->{refresh_token}, $one->{refresh_token}, 'TK-5: and rotates';
is alive($two->json->{access_token}), 200, 'TK-6: its access token is good';
my $row   = q(select idle_until, refresh_rotated_at, encode(refresh_digest, 'hex') from oauth.grants order by id desc limit 1);
my $moved = $site->sql($row);
my $again = refresh($app, $one->{refresh_token});
is $site->sql($row), $moved, 'TK-6: sent again, nothing moves: neither the idle time nor the minute';
is $again->json->{refresh_token}, $two->json->{refresh_token}, 'TK-6: sent again, the same successor';
isnt $again->json->{access_token}, $two->json->{access_token}, 'TK-6: with an access token of its own';
is alive($two->json->{access_token}), 200, 'TK-6: and the first one still good';
my $three = refresh($app, $two->json->{refresh_token});
is $three->status, 200, 'TK-6: the successor is taken';
is join(' ', map { alive($_->{access_token}) } $one, $two->json, $again->json, $three->json), '200 200 200 200',
    'TK-6: no access token ends by a refresh';

# TK-6: a true replay ends this grant, and no other of the person.
my $other = first($app);
oauth_error refresh($app, $one->{refresh_token}), 400, 'invalid_grant', 'TK-6: one whose successor was used is a replay';
is alive($three->json->{access_token}), 401, 'TK-6: it ends the grant and its access tokens';
oauth_error refresh($app, $three->json->{refresh_token}), 400, 'invalid_grant', 'TK-6: the newest one too';
is $site->sql("select ended_why from oauth.grants where ended_at is not null"), 'replay', 'TK-6: as the row says';
is $site->sql("select count(*) from oauth.audit where event = 'replay'"), 1, 'OP-6: and the audit, once';
is alive($other->{access_token}), 200, 'TK-6: the other grant lives on';

# A refresh token in the wrong hands changes nothing.
my $before = $site->sql('select md5(string_agg(g::text, \'\' order by id)) from oauth.grants g');
my $token  = $other->{refresh_token};
for (
    [ 'another client',      $fixed, $token,                  {},                        400, 'invalid_grant' ],
    [ 'a wrong secret',      $app,   $token,                  { client_secret => 'no' }, 401, 'invalid_client' ],
    [ 'no client',           $app,   $token,                  { client_id => undef, client_secret => undef }, 401, 'invalid_client' ],
    [ 'a typo',              $app,   $token =~ s/.$/!/r,      {},                        400, 'invalid_grant' ],
    [ 'nothing',             $app,   undef,                   {},                        400, 'invalid_request' ],
    [ 'an access token',     $app,   $other->{access_token},  {},                        400, 'invalid_grant' ],
    [ 'another locator',     $app,   Flow::checked('pstr_' . Flow::random(16) . Flow::random(32) . 'xxxxxx'), {}, 400, 'invalid_grant' ],
    [ 'a wider scope',       $app,   $token,                  { scope => 'profile contacts admin' },          400, 'invalid_scope' ],
    [ 'a malformed scope',   $app,   $token,                  { scope => 'a  b' },                            400, 'invalid_scope' ],
    [ 'a foreign resource',  $app,   $token,                  { resource => 'https://evil.example/' },        400, 'invalid_target' ],
    )
{
    my ($case, $client, $sent, $change, $status, $error) = @$_;
    oauth_error refresh($client, $sent, %$change), $status, $error, "TK-9: $case";
}
is $site->sql('select md5(string_agg(g::text, \'\' order by id)) from oauth.grants g'), $before, 'TK-9: and no grant changed';

# Nor does a used one, which its own client could end the grant with.
my $oldest = first($app);
my $newest = refresh($app, refresh($app, $oldest->{refresh_token})->json->{refresh_token})->json;
$before = $site->sql('select md5(string_agg(g::text, \'\' order by id)) from oauth.grants g');
for (
    [ 'another client',          $fixed, {},                                                     400, 'invalid_grant' ],
    [ 'a client without refresh', $plain, {},                                                    400, 'unauthorized_client' ],
    [ 'a wrong secret',          $app,   { client_secret => $fixed->{secret} },                  401, 'invalid_client' ],
    [ 'no secret',               $app,   { client_secret => undef },                             401, 'invalid_client' ],
    [ 'a public client',         $phone, {},                                                     400, 'invalid_grant' ],
    )
{
    my ($case, $client, $change, $status, $error) = @$_;
    oauth_error refresh($client, $oldest->{refresh_token}, %$change), $status, $error, "TK-6: a used token from $case is refused";
}
is $site->sql('select md5(string_agg(g::text, \'\' order by id)) from oauth.grants g'), $before, 'TK-6: and ends nothing';
is refresh($app, $newest->{refresh_token})->status, 200, 'TK-6: the honest client goes on';

# But the right locator with another secret, from the client itself, is a replay.
oauth_error refresh($app, Flow::checked(substr($token, 0, 27) . Flow::random(32) . 'xxxxxx')), 400, 'invalid_grant',
    'TK-6: a token of the family that never was';
oauth_error refresh($app, $token), 400, 'invalid_grant', 'TK-6: ends the grant';

# TK-7: narrower, never wider; the refresh token keeps its own.
my $wide   = first($app);
my $narrow = refresh($app, $wide->{refresh_token}, scope => 'profile', resource => "$site->{issuer}/profile");
is $narrow->json->{scope}, 'profile', 'TK-7: a narrower scope';
is $site->contact_list($narrow->json->{access_token})->status, 401, 'TK-7: and fewer resources';
my $back = refresh($app, $narrow->json->{refresh_token});
is $back->json->{scope}, 'profile contacts', 'TK-7: the refresh token has kept all';

# TK-5: a client whose tokens don't rotate.
my $same = first($fixed);
for my $n (1, 2) {
    my $answer = refresh($fixed, $same->{refresh_token});
    is $answer->status, 200, "TK-5: without rotation it is good again ($n)";
    is $answer->json->{refresh_token}, undef, 'TK-6: and no refresh_token member comes';
}

# TK-5: a public client's rotate always.
my $mobile = first($phone);
my $rotated = refresh($phone, $mobile->{refresh_token});
isnt $rotated->json->{refresh_token}, undef, 'TK-5: a public client\'s token rotates';

# The database alone does not give a successor away, nor does it with another token.
my $sealed = $site->sql("select encode(refresh_successor, 'hex') from oauth.grants where refresh_successor is not null order by id desc limit 1");
is length $sealed, 2 * (12 + 32 + 16), 'the successor is sealed';

# TK-6: the previous one is good for a minute, a lost answer longer ago is a replay.
my $slow = first($app);
refresh($app, $slow->{refresh_token});
$site->later('45 seconds');
is refresh($app, $slow->{refresh_token})->status, 200, 'TK-6: after 45 seconds the same successor';
$site->later('61 seconds');
oauth_error refresh($app, $slow->{refresh_token}), 400, 'invalid_grant', 'TK-6: after 61 it is a replay';

# TK-7: idle and absolute time.
my $idle = first($app);
my $keep = refresh($app, $idle->{refresh_token})->json->{refresh_token};
$site->later('29 days 23 hours');
$keep = refresh($app, $keep)->json->{refresh_token};
ok $keep, 'TK-7: used within its idle time it lives';
$site->later('59 days 22 hours');
$keep = refresh($app, $keep)->json->{refresh_token};
ok $keep, 'TK-7: and longer';
$site->later('100 days');
oauth_error refresh($app, $keep), 400, 'invalid_grant', 'TK-7: not used it ends';
$site->sql("update oauth.grants set idle_until = 'infinity' where ended_at is null");
$site->later('366 days 1 hour');
oauth_error refresh($app, $keep), 400, 'invalid_grant', 'TK-7: and in any case after a year';
$site->later('0 seconds');

# TK-7: an access token does not outlive its grant.
my $short = first($app);
$site->sql("update oauth.grants set expires_at = now() + interval '100 seconds' where id = (select max(id) from oauth.grants)");
my $last = refresh($app, $short->{refresh_token})->json->{expires_in};
ok $last > 0 && $last <= 100, "TK-7: an access token ends with its grant ($last s)";

# TK-13: what ends the grant ends its refresh token.
my $cut = first($app);
$site->sql("update directory.person set active = false where id = $user->{id}");
oauth_error refresh($app, $cut->{refresh_token}), 400, 'invalid_grant', 'TK-13: a disabled account';
$site->sql("update directory.person set active = true where id = $user->{id}");
is refresh($app, $cut->{refresh_token})->status, 200, 'TK-13: which is enabled again';
$site->tool_ok([ qw(user passwd), $user->{name} ], stdin => "another password\n");
oauth_error refresh($app, refresh($app, $cut->{refresh_token})->json->{refresh_token} // $cut->{refresh_token}), 400, 'invalid_grant',
    'TK-13: a changed password';

$site->finish;
