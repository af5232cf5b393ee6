# SPDX-License-Identifier: ISC
# RV-1: /revoke (RFC 7009): who may revoke what, what ends with it, and what changes nothing.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA  qw(sha256_hex);
use MIME::Base64 qw(decode_base64);
use Test::More;

use Canary;
use Check;
use Flow;
use Https;
use Site;

my $site   = Site->new(workers => 4);
my $person = $site->signed_in($site->user);
my $client = $site->client;
my $other  = $site->client;
my $public = $site->client(type        => 'public');
my $basic  = $site->client(auth_method => 'client_secret_basic');

sub by ($client) { return (client_id => $client->{id}, client_secret => $client->{secret}) }

sub revoking ($client, $token, %change) { return $site->sending('/revoke', $client, token => $token, %change) }
sub revoke   (@what)                    { return revoking(@what)->answer }

# An empty answer that says: done, or nothing to do.
sub done ($answer, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return all_good(
        $name, $answer,
        'status 200' => $answer->status == 200,
        empty        => $answer->body eq '',
        'no-store'   => $answer->header('Cache-Control') eq 'no-store'
    );
}

# What the grant has a refresh token of: its locator, its current and its previous secret part, by SQL.
sub bytes ($base64url) { return decode_base64($base64url =~ tr{-_}{+/}r) }

sub spell ($locator, $secret) {
    my $token = Flow::checked("pstr_$locator${secret}xxxxxx");
    Canary::add($token);
    return $token;
}

sub refresh_tokens ($access_token) {
    my ($locator, @secrets)  = (Flow::random(16), map { Flow::random(32) } 1 .. 3);
    my ($current, $previous) = map { sha256_hex(bytes($_)) } @secrets;
    $site->sql(
              "update oauth.grants set refresh_locator = '\\x"
            . unpack('H*', bytes($locator))
            . "', refresh_digest = '\\x$current',
             refresh_previous_digest = '\\x$previous'
          where id = (select grant_id from oauth.access_token where digest = '\\x" . digest_of($access_token) . "')"
    );
    return map { spell($locator, $_) } @secrets;
}

sub digest_of ($access_token) { return sha256_hex(bytes(substr $access_token, 6, 43)) }

sub lives ($token) { return $site->profile($token)->status == 200 && $site->contact_list($token)->status == 200 ? 1 : 0 }

sub audited {
    return $site->sql(
        q(select string_agg(client_id || ' ' || detail, ', ' order by at) from oauth.audit where event = 'revocation'));
}

# The refusals: none of them changes anything.
my $token = $site->token($client, $person);
my ($current, $previous, $oldest) = refresh_tokens($token);
for (
    [ 'no token',                { token         => undef },                                 400, 'invalid_request' ],
    [ 'an empty token',          { token         => '' },                                    400, 'invalid_request' ],
    [ 'no client',               { client_id     => undef, client_secret => undef },         401, 'invalid_client' ],
    [ 'an unknown client',       { client_id     => 'nobody' },                              401, 'invalid_client' ],
    [ 'a wrong secret',          { client_secret => 'psts_' . 'A' x 49 },                    401, 'invalid_client' ],
    [ 'no secret',               { client_secret => undef },                                 401, 'invalid_client' ],
    [ 'another\'s secret',       { client_secret => $other->{secret} },                      401, 'invalid_client' ],
    [ 'a public client\'s name', { client_id     => $public->{id}, client_secret => undef }, 400, 'invalid_grant' ],
    [ 'another client',          { by($other) },                                     400, 'invalid_grant' ],
    [ 'another, with a hint',    { by($other), token_type_hint => 'refresh_token' }, 400, 'invalid_grant' ],
    [
        'Basic, registered for post',
        { client_secret => undef, headers => { Authorization => Https::basic($client->{id}, $client->{secret}) } },
        401, 'invalid_client'
    ],
    [
        'two ways (CA-2)', { headers => { Authorization => Https::basic($client->{id}, $client->{secret}) } },
        400, 'invalid_request'
    ],
    )
{
    my ($case, $change, $status, $error) = @$_;
    for my $one ($token, $current, $previous) {
        my $answer = revoke($client, $one, %$change);
        oauth_error $answer, $status, $error, "RV-1: $case";
        like $answer->header('WWW-Authenticate'), qr/^Basic realm=/, 'CA-3: with a challenge' if $status == 401;
    }
}
my $form = { 'Content-Type' => 'application/x-www-form-urlencoded' };
for my $pair (Https::form(token => $token), 'token_type_hint=x&token_type_hint=y') {
    my $body = Https::form(by($client), token => $token) . "&$pair";
    oauth_error $site->{https}->request('POST', '/revoke', $form, $body), 400, 'invalid_request', 'GE-2: a parameter twice';
}
oauth_error $site->{https}->request('POST', '/revoke?' . Https::form(token => $token), $form, Https::form(by($client))), 400,
    'invalid_request', 'RV-1: a token in the URI is none';
is revoke($client, $token, client_secret => 'psts_' . 'A' x 49)->body, revoke($client, $token, client_id => 'nobody')->body,
    'CA-3: the same answer for client and secret';
ok lives($token), 'RV-1: none of these changed anything';
for my $case (
    [ 'another client\'s, but an older one', $oldest, $other ],
    [
        'a code',
        $site->code(
            $other, $person, code_challenge => (Flow::pkce())[1],
            code_challenge_method => 'S256'
        ),
        $client
    ],
    [ 'a client secret',           $other->{secret},                                      $client ],
    [ 'an unknown access token',   Flow::checked('psta_0' . Flow::random(32) . 'xxxxxx'), $client ],
    [ 'an unknown refresh token',  spell(Flow::random(16), Flow::random(32)),             $client ],
    [ 'its own, but an older one', $oldest,                                               $client ],
    [ 'the access token\'s typo',  $token   =~ s/(.)$/$1 eq 'A' ? 'B' : 'A'/er, $client ],
    [ 'the refresh token\'s typo', $current =~ s/(.)$/$1 eq 'A' ? 'B' : 'A'/er, $client ],
    [ 'something else',            'x',        $client ],
    [ 'something long',            'x' x 4000, $client ]
    )
{
    my ($name, $what, $who) = @$case;
    done revoke($who, $what, %$_), "7009 2.2: $name is no error" for { }
    , { token_type_hint => 'access_token' };
}
ok lives($token), 'RV-1: and nothing is changed';
is audited(), '', 'RV-1: the audit knows of no revocation';

# An access token ends alone.
my $second = $site->token($client, $person);
done revoke($client, $second), 'RV-1: an access token';
ok !lives($second), 'RV-1: is dead at once';
ok lives($token),   'RV-1: another of the same person and client lives';
is audited(), "$client->{id} access_token", 'RV-1: and the audit knows';
done revoke($client, $second), '7009 2.2: once more is no error';
oauth_error $site->{https}->get('/profile', Flow::bearer($second)), 401, 'invalid_token', 'TK-13: it is like one that never was';
my ($kept) = refresh_tokens($token);
my $sibling = sub {
    $site->sql(
        "insert into oauth.access_token (slot, digest, grant_id, scope, resources, expires_at)
         select slot, '\\x" . digest_of($_[0]) . "', grant_id, scope, resources, expires_at from oauth.access_token
          where digest = '\\x" . digest_of($token) . "'"
    );
};
my $twin = Flow::checked(substr($token, 0, 6) . Flow::random(32) . 'xxxxxx');
Canary::add($twin);
$sibling->($twin);
ok lives($twin), 'a second access token of one grant';
done revoke($client, $twin, token_type_hint => 'refresh_token'), 'RV-1: revoked with a wrong hint';
is lives($twin) . lives($token), '01', 'RV-1: it ends, the grant\'s other one does not';

# A refresh token ends its grant, the current one and the one before, whatever the hint.
my $untouched = $site->token($client, $person);
for my $which (0, 1) {
    for my $hint (undef, 'refresh_token', 'access_token', 'nonsense', '') {
        my $granted = $site->token($client, $person);
        my @refresh = refresh_tokens($granted);
        done revoke($client, $refresh[$which], token_type_hint => $hint),
            'RV-1: the ' . ('current', 'previous')[$which] . ' refresh token, hint ' . ($hint // 'none');
        ok !lives($granted), 'RV-1: takes the access tokens along';
    }
}
is $site->sql('select string_agg(distinct ended_why, \' \') from oauth.grants'), 'revoked', 'RV-1: the grants say why they ended';
ok lives($untouched), 'RV-1: the person\'s other grants go on';
done revoke($client, $current), '7009 2.2: one of no grant any more';
my @refresh = refresh_tokens($token);
done revoke($client, $refresh[0]), 'RV-1: one that has access tokens';
my $events = audited();
done revoke($client, $refresh[0]), '7009 2.2: and once more';
is audited(), $events, 'RV-1: the audit has it once';
oauth_error revoke($other, $refresh[0]), 400, 'invalid_grant', 'RV-1: another client\'s, ended';

# Every way to authenticate.
for ([ 'none', $public, client_secret => undef ], [ 'Basic', $basic, client_id => undef, client_secret => undef ]) {
    my ($how, $who, %change) = @$_;
    my ($verifier, $challenge) = Flow::pkce();
    $change{headers} = { Authorization => Https::basic($who->{id}, $who->{secret}) } if $how eq 'Basic';
    my $code  = $site->code($who, $person, code_challenge => $challenge, code_challenge_method => 'S256');
    my $given = $site->redeem($who, $code, code_verifier => $verifier, %change)->json->{access_token};
    ok lives($given), "a token of a client by $how";
    done revoke($who, $given, %change), "RV-1: revoked by $how";
    ok !lives($given), 'RV-1: and dead';
}

# One that is disabled may no more; its tokens are dead anyway.
my $last = $site->token($other, $person);
$site->sql("update oauth.client set enabled = false where client_id = '$other->{id}'");
oauth_error revoke($other, $last), 401, 'invalid_client', 'TK-13: a disabled client';
like $site->log_text('token'), qr/path=\/revoke error=INVALID_CLIENT.*the client is disabled/,     'OP-6: the log says why';
like $site->log_text('token'), qr/path=\/revoke error=INVALID_GRANT.*issued to \Q$client->{id}\E/, 'OP-6: and whose token it was';

# Five at once, who all wait for the grant's row.
my $session = $site->session;
my $raced   = $site->token($client, $person);
my ($one)   = refresh_tokens($raced);
$session->hold('select id from oauth.grants order by id desc limit 1 for update');
my @pending = map { revoking($client, $one) } 1 .. 4;
$session->await_waiters(4, 1);
$session->release;
$_->answer for @pending;
done revoke($client, $one), 'RV-1: racing revocations';
ok !lives($raced), 'RV-1: end the grant';
is $site->sql("select count(*) from oauth.audit where event = 'revocation' and grant_id = (select max(id) from oauth.grants)"), 1,
    'OP-6: once, as the audit says';

$site->finish;
