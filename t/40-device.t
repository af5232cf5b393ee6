# SPDX-License-Identifier: ISC
# DV-1: /device_authorization and the grant device_code at /token (RFC 8628 3.1, 3.2, 3.4, 3.5): what a device hears.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha256_hex);
use Test::More;

use Check;
use Device;
use Flow;
use Https;
use Site;
use Statements;

my $site   = Site->new(settings => { POSTERN_LOGIN_ACCOUNT_LIMIT => 1000, POSTERN_LOGIN_ADDRESS_LIMIT => 1000 });
my $user   = $site->user;
my $person = $site->signed_in($user);
my $client = $site->client(device => 1, refresh => 1);
my $other  = $site->client(device => 1);
my $public = $site->client(device => 'only', type        => 'public');
my $basic  = $site->client(device => 'only', auth_method => 'client_secret_basic');
my $none   = $site->client;
my %basic =
    (headers => { Authorization => Https::basic($basic->{id}, $basic->{secret}) }, client_id => undef, client_secret => undef);

sub rows { return $site->sql('select count(*) from oauth.device_code') }

sub column ($columns) { return $site->sql("select $columns from oauth.device_code order by created_at desc limit 1") }

# 3.2: the answer, and what of it the database has.
my $answer = device_asks($site, $client);
my $codes  = $answer->json;
is $answer->status, 200, 'DV-1, 8628 3.2: an answer';
is join(' ', $answer->type, $answer->header('Cache-Control')), 'application/json no-store', 'DV-1, 8628 3.2: JSON, not to be kept';
is join(' ', sort keys %$codes), 'device_code expires_in interval user_code verification_uri verification_uri_complete',
    'DV-1, 8628 3.2: its members';
like $codes->{device_code}, qr/^pstd_[A-Za-z0-9_-]{49}$/,                              'GE-6: the device code has 256 random bits';
like $codes->{user_code},   qr/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/, 'DV-1, 8628 6.1: letters without vowels';
is $codes->{verification_uri}, "$site->{issuer}/device", 'DV-1, 8628 3.2: where to type it';
is $codes->{verification_uri_complete}, "$site->{issuer}/device?user_code=$codes->{user_code}",
    'DV-1, 8628 3.3.1: and with the code';
is "$codes->{expires_in} $codes->{interval}", '600 5', 'DV-1, 8628 3.2: for ten minutes, every five seconds';
is column('extract(epoch from expires_at - created_at)::int, interval_seconds, client_id, decision is null'),
    "600|5|$client->{id}|t", 'DV-1: the row says so too';
my $letters = $codes->{user_code} =~ s/-//r;
my $stored  = column("encode(user_code, 'hex')");
ok !grep({ $stored eq sha256_hex($_) } $codes->{user_code}, $letters, lc $letters), 'DV-1: of the user code no bare digest is kept';
is device_asks($site, $public, scope => 'profile')->status, 200,                        'DV-1: a public client names itself';
is column('scope, resources, client_id'), "{profile}|{profile,contacts}|$public->{id}", 'DV-1: with the scope that it asked for';
is device_asks($site, $public, scope => '', resource => "$site->{issuer}/profile")->status, 200, 'GE-2: an empty scope is none';
is column('scope, resources'),                 '{profile,contacts}|{profile}', 'DV-1, 8707 2: the default scope, one resource';
is device_asks($site, $basic, %basic)->status, 200,                            'CA-1: a client by Basic';
my %seen = map { device_begins($site, $public)->{user_code} => 1 } 1 .. 20;
is scalar keys %seen, 20, 'DV-1: another user code each time';

# Who gets none, and why; nothing is written.
$site->sql(q(insert into oauth.scope values ('calendar', true)));
my $strict = $site->client(device => 'only', type => 'public');
$site->sql(
    "update oauth.client set default_scope = '{}', resources = '{profile}', default_resources = '{profile}'
     where client_id = '$strict->{id}'"
);
my $before = rows();
for (
    [ 'no client',         $client, { client_id     => undef, client_secret => undef }, 401, 'invalid_client' ],
    [ 'an unknown client', $client, { client_id     => 'nobody' },                      401, 'invalid_client' ],
    [ 'a wrong secret',    $client, { client_secret => 'psts_' . 'A' x 49 },            401, 'invalid_client' ],
    [ 'no secret',         $client, { client_secret => undef },                         401, 'invalid_client' ],
    [
        'two ways', $client, { headers => { Authorization => Https::basic($client->{id}, $client->{secret}) } }, 400,
        'invalid_request'
    ],
    [ 'a client not registered so', $none,   {},                                           400, 'unauthorized_client' ],
    [ 'a malformed scope',          $client, { scope => 'profile  contacts' },             400, 'invalid_scope' ],
    [ 'an unknown scope',           $client, { scope => 'profile email' },                 400, 'invalid_scope' ],
    [ 'a forbidden scope',          $client, { scope => 'calendar' },                      400, 'invalid_scope' ],
    [ 'no scope and no default',    $strict, {},                                           400, 'invalid_scope' ],
    [ 'an unknown resource',        $client, { resource => 'https://elsewhere.example/' }, 400, 'invalid_target' ],
    [ 'a forbidden resource',       $strict, { scope => 'profile', resource => $site->{contacts_url} }, 400, 'invalid_target' ],
    [ 'a scope over the limit',     $client, { scope => 'x' x 5000 },                                   400, 'invalid_request' ],
    )
{
    my ($case, $who, $change, $status, $error) = @$_;
    oauth_error device_asks($site, $who, %$change), $status, $error, "DV-1: $case";
}
my %form = ('Content-Type' => 'application/x-www-form-urlencoded');
my $who  = Https::form(client_id => $public->{id});
for (
    [ 'scope twice',           'POST', '',      "$who&scope=profile&scope=profile", 400, 'invalid_request' ],
    [ 'client_id twice',       'POST', '',      "$who&$who",                        400, 'invalid_request' ],
    [ 'scope not UTF-8',       'POST', '',      "$who&scope=%ff",                   400, 'invalid_request' ],
    [ 'scope with NUL',        'POST', '',      "$who&scope=a%00",                  400, 'invalid_request' ],
    [ 'its name in the URI',   'POST', "?$who", 'scope=profile',                    400, 'invalid_request' ],
    [ 'nothing at all',        'POST', '',      '',                                 401, 'invalid_client' ],
    [ 'GET',                   'GET',  "?$who", undef,                              405, 'invalid_request' ],
    [ 'a body over the limit', 'POST', '',      "$who&x=" . 'x' x 70_000,           413, 'invalid_request' ],
    )
{
    my ($case, $method, $query, $body, $status, $error) = @$_;
    oauth_error $site->{https}->request($method, "/device_authorization$query", \%form, $body), $status, $error,
        "GE-2, GE-3: $case";
}
oauth_error $site->{https}->request('POST', '/device_authorization', { 'Content-Type' => 'application/json' }, '{}'), 415,
    'invalid_request', 'GE-3: a body that is no form';
is $site->{https}->request('POST', '/device_authorization', \%form, "$who&unknown=1&unknown=2")->status, 200,
    'GE-2: an unknown parameter is ignored';
is rows(), $before + 1, 'DV-1: what was refused has written nothing';

# A user code that is taken: another is drawn, and a third; then it is given up.
my $taken = column("encode(user_code, 'hex')");
$site->sql(
    "create sequence oauth.tries;
     create function oauth.collide() returns trigger language plpgsql security definer as \$\$ begin
         if nextval('oauth.tries') <= 2 then new.user_code := '\\x$taken'; end if; return new; end \$\$;
     create trigger collide before insert on oauth.device_code for each row execute function oauth.collide()"
);
is device_asks($site, $public)->status,              200, 'DV-1: a taken user code is not given out again, another is found';
is $site->sql('select last_value from oauth.tries'), 3,   'DV-1: at the third try';
$site->sql("select setval('oauth.tries', 1, false)");
$site->sql(
    "alter sequence oauth.tries increment by 1; create or replace function oauth.collide() returns trigger language plpgsql
     security definer as \$\$ begin perform nextval('oauth.tries'); new.user_code := '\\x$taken'; return new; end \$\$"
);
oauth_error device_asks($site, $public), 503, 'temporarily_unavailable', 'DV-1: three taken ones are a 503';
is $site->sql('select last_value from oauth.tries'), 3, 'DV-1: after three tries';
$site->sql('drop trigger collide on oauth.device_code');
is $site->sql("select count(*) from oauth.device_code where user_code = '\\x$taken'"), 1, 'DV-1: it is still unique';

# While the device keyring has two keys, a code that is taken by the older one is taken (the statement alone: no code is drawn twice).
my ($asking) = grep { $_->{name} eq 'device_authorization' } Statements::all();
my $free     = "'\\x" . '00' x 32 . "'";
my $by_old   = $site->sql(
    "prepare s as $asking->{sql}
     execute s('$public->{id}', null, 'none', null, null, sha256('x'), $free, array[$free, '\\x$taken']::bytea[], 600, 5)",
    user => "$site->{roles}-token"
);
is $by_old, 'user_code_taken|', 'KE-1: a user code that is taken by an old key is taken';

# 3.5: pending, and too soon.
sub earlier ($seconds) {
    return $site->sql("update oauth.device_code set polled_at = polled_at - interval '$seconds seconds'");
}

sub of_code ($what) { return $site->sql("select $what from oauth.device_code where client_id = '$client->{id}'") }
oauth_error poll($site, $client, $codes), 400, 'authorization_pending', '8628 3.5: nothing is decided yet';
oauth_error poll($site, $client, $codes), 400, 'slow_down',             '8628 3.5: asked again at once';
is join(' ', $site->log_text('token') =~ /path=\/token error=(AUTHORIZATION_PENDING|SLOW_DOWN)/g), 'SLOW_DOWN',
    'OP-6: only what is a mistake stands in the log';
is of_code('interval_seconds'), 10, '8628 3.5: five seconds longer from now on';
earlier(8);
oauth_error poll($site, $client, $codes), 400, 'slow_down', '8628 3.5: after eight';
is of_code('interval_seconds'), 15, '8628 3.5: and five more';
earlier(14.5);
oauth_error poll($site, $client, $codes), 400, 'authorization_pending',
    '8628 3.5: after fifteen, of which the network took a little';
is of_code('interval_seconds'), 15, '8628 3.5: that makes it no longer';

# What is refused leaves the code as it is.
earlier(20);
$before = of_code('polled_at, interval_seconds, redeemed_at is null');
my $unknown = Flow::checked('pstd_' . Flow::random(32) . 'xxxxxx');
for (
    [ 'no device_code',     { device_code => undef },      400, 'invalid_request' ],
    [ 'an empty one',       { device_code => '' },         400, 'invalid_request' ],
    [ 'a malformed one',    { device_code => 'x' },        400, 'invalid_grant' ],
    [ 'one over the limit', { device_code => 'x' x 5000 }, 400, 'invalid_request' ],
    [ 'an unknown one',     { device_code => $unknown },   400, 'invalid_grant' ],
    [
        'one with a slip of the pen', { device_code => $codes->{device_code} =~ s/(.)$/$1 eq 'A' ? 'B' : 'A'/er }, 400,
        'invalid_grant'
    ],
    [ 'the user code in its place', { device_code => $codes->{user_code} },                           400, 'invalid_grant' ],
    [ 'a wrong secret',             { client_secret => 'psts_' . 'A' x 49 },                          401, 'invalid_client' ],
    [ 'another client',             { client_id => $other->{id}, client_secret => $other->{secret} }, 400, 'invalid_grant' ],
    [ 'another, a public one',      { client_id => $public->{id}, client_secret => undef },           400, 'invalid_grant' ],
    [ 'one not registered so',      { client_id => $none->{id}, client_secret => $none->{secret} },   400, 'unauthorized_client' ],
    [ 'an unknown resource',        { resource => 'https://elsewhere.example/' },                     400, 'invalid_target' ],
    [ 'its short name',             { grant_type => 'device_code' }, 400, 'unsupported_grant_type' ],
    )
{
    my ($case, $change, $status, $error) = @$_;
    oauth_error poll($site, $client, $codes, %$change), $status, $error, "8628 3.4: $case";
}
my $twice = Https::form(client_id => $client->{id}, client_secret => $client->{secret}, grant_type => $Device::grant_type) . '&'
    . Https::form(device_code => $codes->{device_code}, device_code => $codes->{device_code});
oauth_error $site->{https}->request('POST', '/token', \%form, $twice), 400, 'invalid_request', 'GE-2: device_code twice';
is of_code('polled_at, interval_seconds, redeemed_at is null'), $before, '8628 3.4: none of these changed anything';

# Denied.
decided($person, $codes, 'deny');
oauth_error poll($site, $client, $codes), 400, 'access_denied', '8628 3.5: the person said no';
oauth_error poll($site, $client, $codes), 400, 'access_denied', '8628 3.5: and that stays so';
is of_code('decision, grant_id is null, account_id'), "denied|t|$user->{id}", 'DV-1: the row says who said so';
is $site->sql('select count(*) from oauth.grants'),   0,                      'DV-1: a denial makes no grant';

# Allowed: tokens, once.
sub allowed ($who, %change) {
    my $new = device_begins($site, $who, %change);
    decided($person, $new);
    return $new;
}
$codes = allowed($client);
poll($site, $client, $codes, client_secret => undef);
my $tokens = poll($site, $client, $codes);
is $tokens->status, 200, '8628 3.5: allowed';
is_deeply { %{ $tokens->json }, access_token => '', refresh_token => '' },
    { access_token => '', refresh_token => '', token_type => 'Bearer', expires_in => 3600, scope => 'profile contacts' },
    'TK-2: a token response like any other';
my ($access, $refresh) = @{ $tokens->json }{qw(access_token refresh_token)};
is $site->profile($access)->json->{username}, $user->{name}, 'DV-1: the access token is the person\'s';
is $site->contact_list($access)->status,      200,           'DV-1: for both resources';
my $more = $site->{https}->post(
    '/token',
    [ grant_type => 'refresh_token', refresh_token => $refresh, client_id => $client->{id}, client_secret => $client->{secret} ]
);
is $more->status, 200, 'DV-1: the refresh token works';
is $site->sql(
    "select string_agg(event || ' ' || detail, ', ' order by at) from oauth.audit
     where client_id = '$client->{id}' and grant_id is not null"
    ),
    'consent device: profile contacts, token device_code, token refresh_token', 'OP-6: the audit has it all';
is $site->sql(q(select event, detail, account_id, grant_id is null from oauth.audit where event = 'denial')),
    "denial|device: profile contacts|$user->{id}|t", 'OP-6: and the denial before';
oauth_error poll($site, $client, $codes), 400, 'invalid_grant', 'DV-1: a device code is good once';
is $site->profile($access)->status, 401, 'DV-1: used twice it ends its grant: one of the two devices is not the person\'s';
is $site->profile($more->json->{access_token})->status, 401, 'DV-1: with all tokens of it';
oauth_error poll($site, $client, $codes), 400, 'invalid_grant', 'DV-1: a third time';
is $site->sql(q(select count(*) from oauth.audit where event = 'replay' and detail = 'device_code')), 1,
    'OP-6: the replay stands there once';

# Another client that has seen a used code ends nothing.
$codes  = allowed($client);
$access = poll($site, $client, $codes)->json->{access_token};
oauth_error poll($site, $client, $codes, client_id => $other->{id}, client_secret => $other->{secret}), 400, 'invalid_grant',
    'DV-1: another client\'s replay';
oauth_error poll($site, $client, $codes, client_secret => 'psts_' . 'A' x 49), 401, 'invalid_client',
    'DV-1: and one without the secret';
is $site->profile($access)->status, 200, 'DV-1: end nothing';

# A client whose tokens live shorter.
$site->sql("update oauth.client set access_seconds = 60 where client_id = '$client->{id}'");
is poll($site, $client, allowed($client))->json->{expires_in}, 60, 'DV-1: the client\'s own shorter life';

# Clients of each kind; a narrower request.
for ([ 'a public client', $public ], [ 'one by Basic', $basic, %basic ]) {
    my ($case, $who, %change) = @$_;
    my $got = poll($site, $who, allowed($who, %change, scope => 'profile'), %change)->json;
    is join(' ', sort keys %$got), 'access_token expires_in scope token_type', "TK-12: $case without refresh tokens";
    is $got->{scope},              'profile',                                  "TK-2: the scope of $case";
    is $site->profile($got->{access_token})->status,      200,                 "DV-1: the token of $case";
    is $site->contact_list($got->{access_token})->status, 403,                 'DV-1: and no wider';
}
$codes = allowed($other, resource => "$site->{issuer}/profile");
oauth_error poll($site, $other, $codes, resource => $site->{contacts_url}), 400, 'invalid_target',
    'AU-1: a resource that was not asked for';
my $narrow = poll($site, $other, $codes, resource => "$site->{issuer}/profile")->json->{access_token};
is join(' ', $site->profile($narrow)->status, $site->contact_list($narrow)->status), '200 401',
    'AU-1: the code is still good, for its own';

# TK-13: what ends the grant between the approval and the exchange.
my $id   = "id = $user->{id}";
my $hash = $site->sql("select password_hash from directory.person where $id");
for (
    [ 'the password is changed', "update directory.person set password_hash = password_hash || '.' where $id", 'invalid_grant' ],
    [ 'the account is disabled', "update directory.person set active = false where $id",                       'invalid_grant' ],
    [ 'the grant is ended',      'update oauth.grants set ended_at = now() where ended_at is null',            'invalid_grant' ],
    [
        'the client may not any more', "update oauth.client set grant_types = '{}' where client_id = '$other->{id}'",
        'unauthorized_client'
    ],
    [ 'the client is disabled', "update oauth.client set enabled = false where client_id = '$other->{id}'", 'invalid_client' ],
    )
{
    my ($case, $change, $error) = @$_;
    $codes = allowed($other);
    $site->sql($change);
    oauth_error poll($site, $other, $codes), $error eq 'invalid_client' ? 401 : 400, $error, "TK-13: $case";
    $site->sql(
        "update directory.person set active = true, password_hash = '$hash' where $id;
        update oauth.client set enabled = true, grant_types = '{$Device::grant_type}' where client_id = '$other->{id}'"
    );
}
$codes  = allowed($other);
$access = poll($site, $other, $codes)->json->{access_token};
$site->sql("update directory.person set password_hash = password_hash || '.' where $id");
is $site->profile($access)->status, 401, 'TK-13: and what ends its tokens later';
$site->sql("update directory.person set password_hash = '$hash' where $id");

# A client that is removed, and registered anew by the same name.
$codes = device_begins($site, $strict, scope => 'profile');
$site->tool_ok([ qw(client remove), $strict->{id} ]);
my $anew = $site->client(device => 'only', type => 'public', id => $strict->{id});
oauth_error poll($site, $anew, $codes), 400, 'invalid_grant', 'DV-1: a client registered anew has not asked';

# A client that is registered otherwise meanwhile: its device begins again, whether the person has decided or not.
$codes = device_begins($site, $other);
my $decided = allowed($other);
$site->tool_ok([ qw(client change), $other->{id}, qw(--scope profile) ]);
oauth_error poll($site, $other, $codes), 400, 'expired_token', '8628 3.5: a change of the registration ends what waits for a person';
oauth_error poll($site, $other, $decided), 400, 'expired_token', 'TK-7: nor does what was allowed give a scope that was taken away';
like $site->log_text('token'), qr/error=EXPIRED_TOKEN .*registered otherwise since/, 'AD-2: the log says so';

# The tool.
is $site->tool([qw(client add --name x --device --introspect profile)])->{exit}, 64, 'nor is a resource server';
is $site->sql("select grant_types from oauth.client where client_id in ('$client->{id}', '$basic->{id}') order by client_id"),
    join("\n", map {"{$_}"} "authorization_code,refresh_token,$Device::grant_type", $Device::grant_type),
    'a device client without a redirect URI has that grant alone';

# GE-7: time.
$codes = device_begins($site, $public);
my $ready = allowed($public);
my $late  = allowed($public);
$site->later('9 minutes 50 seconds');
is poll($site, $public, $ready)->status, 200, 'GE-7: just before its end';
$site->later('10 minutes 1 second');
oauth_error poll($site, $public, $codes), 400, 'expired_token', '8628 3.5: after ten minutes';
oauth_error poll($site, $public, $late),  400, 'expired_token', '8628 3.5: allowed or not';
oauth_error poll($site, $public, $ready), 400, 'invalid_grant', 'DV-1: and one that was used stays used';

$site->finish;
