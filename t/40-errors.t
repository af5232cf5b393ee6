# SPDX-License-Identifier: ISC
# Every error that a client can hear (AZ-6, TK-9): made to happen, in the RFC's words, without a trace in the database.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Https;
use Site;

my $site   = Site->new;
my $user   = $site->user;
my $person = $site->signed_in($user);
my $client = $site->client(no_pkce => 1, refresh => 1);
my $narrow = $site->client(no_pkce => 1, scope   => 'profile', refresh => 1);
my $naked  = $site->client(no_pkce => 1);
my $other  = $site->client(no_pkce => 1);
my %iss    = (error_description => undef, iss => $site->{issuer}, state => 's');

sub ask ($client, %change) { return $site->{https}->get($site->authorize_url($client, state => 's', %change)) }

sub rows {
    return $site->sql(
        'select (select count(*) from oauth.authorization_request), (select count(*) from oauth.grants),
        (select count(*) from oauth.access_token), (select count(*) from oauth.audit)'
    );
}

# AZ-6: what the client hears at its redirect_uri.
$site->sql("update oauth.client set default_scope = '{}' where client_id = '$naked->{id}'");
$site->sql("update oauth.client set grant_types = '{refresh_token}' where client_id = '$other->{id}'");
$site->sql("update oauth.client set resources = '{profile}', default_resources = '{profile}' where client_id = '$narrow->{id}'");
my $before = rows();
for (
    [ 'a client that may not use this grant',         $other, {}, 'unauthorized_client' ],
    [ 'no scope, and none registered as the default', $naked, {}, 'invalid_scope' ],
    [ 'an empty one',                    $naked,  { scope         => '' },                          'invalid_scope' ],
    [ 'a scope that others may have',    $narrow, { scope         => 'profile contacts' },          'invalid_scope' ],
    [ 'a scope in another case',         $client, { scope         => 'Profile' },                   'invalid_scope' ],
    [ 'two spaces between scopes',       $client, { scope         => 'profile  contacts' },         'invalid_scope' ],
    [ 'a tab between scopes',            $client, { scope         => "profile\tcontacts" },         'invalid_scope' ],
    [ 'a space at the end',              $client, { scope         => 'profile ' },                  'invalid_scope' ],
    [ 'a resource that others may have', $narrow, { resource      => $site->{contacts_url} },       'invalid_target' ],
    [ 'a resource with a fragment',      $client, { resource      => "$site->{issuer}/profile#x" }, 'invalid_target' ],
    [ 'a relative resource',             $client, { resource      => '/profile' },                  'invalid_target' ],
    [ 'a resource with a query',         $client, { resource      => "$site->{issuer}/profile?" },  'invalid_target' ],
    [ 'implicit',                        $client, { response_type => 'token' },                     'unsupported_response_type' ],
    [ 'OpenID Connect\'s implicit',      $client, { response_type => 'id_token' },                  'unsupported_response_type' ],
    [ 'no response at all',              $client, { response_type => 'none' },                      'unsupported_response_type' ],
    [ 'code in another case',            $client, { response_type => 'CODE' },                      'unsupported_response_type' ],
    [ 'code twice',                      $client, { response_type => 'code code' },                 'unsupported_response_type' ],
    (
        map { [ "response_mode=$_", $client, { response_mode => $_ }, 'invalid_request' ] }
            qw(fragment form_post web_message jwt query.jwt fragment.jwt form_post.jwt QUERY), 'query fragment'
    ),
    [ 'a state of over two kilobytes', $client, { state => 's' x 2049 }, 'invalid_request' ],
    )
{
    my ($case, $who, $change, $error) = @$_;
    my %query = (%iss, error => $error);
    delete $query{state} if length($change->{state} // '') > 2048;
    redirected ask($who, %$change), "$who->{redirect_uri}?", \%query, "AZ-6: $case is $error";
}
is rows(), $before, 'AZ-6: none of these was kept';
redirected ask($client, state => 's' x 2048), "$site->{issuer}/authorize?", { h => undef },
    'AZ-7: a state of two kilobytes is kept';
is $site->sql('select max(length(state)) from oauth.authorization_request'), 2048, 'GE-2: whole';

redirected ask($client, response_mode => $_), "$site->{issuer}/authorize?", { h => undef }, "MD-1: response_mode=$_ is good"
    for 'query', '';

# AZ-6: denied, and what became impossible while the person read the page.
$person->open_page($site->authorize_url($client, state => 's'));
redirected $person->submit(decision => 'deny'), "$client->{redirect_uri}?", { %iss, error => 'access_denied' }, 'AZ-6: denied';
is $site->sql("select count(*) from oauth.grants"), 0, 'AZ-6: no grant comes of it';
$person->open_page($site->authorize_url($client, state => 's'));
$site->sql("update oauth.client set enabled = false where client_id = '$client->{id}'");
my $page = $person->{at};
redirected $person->submit(decision => 'allow'), "$client->{redirect_uri}?", { %iss, error => 'unauthorized_client' },
    'AZ-6: the client was disabled meanwhile';
redirected $person->get($page), "$client->{redirect_uri}?", { %iss, error => 'unauthorized_client' },
    'AZ-6: nor is its page shown again';
is $site->sql("select count(*) from oauth.grants"), 0, 'AZ-6: no grant comes of that either';
page ask($client), 400, 'AZ-3: a disabled client is an unknown one';
$site->sql("update oauth.client set enabled = true where client_id = '$client->{id}'");

# AZ-6: without the database no redirect_uri can be trusted, so a failure of ours is a page; the request is not lost.
$person->open_page($site->authorize_url($client, state => 's'));
my $session = $site->session;
$session->hold('lock table oauth.client in access exclusive mode');
page ask($client), 503, 'AZ-6: /authorize without the database', 'Retry-After' => 1;
my $late = $person->sending(decision => 'allow')->answer;
page $late, 503, 'AZ-6: nor can the person\'s answer be written', 'Retry-After' => $late->header('Retry-After') >= 1;
$session->release;
like $person->submit(decision => 'allow')->query->{code}, qr/^pstc_/, 'AZ-6: and sent again it is';

# TK-9: what the client hears at /token, each grant, each error.
my $code    = $site->code($client, $person);
my $refresh = $site->redeem($client, $site->code($client, $person))->json->{refresh_token};
my $thin    = $site->redeem($narrow, $site->code($narrow, $person))->json->{refresh_token};
my %by      = map { $_->{id} => [ client_id => $_->{id}, client_secret => $_->{secret} ] } $client, $narrow, $other, $naked;
my %code    = (grant_type => 'authorization_code', code => $code, redirect_uri => $client->{redirect_uri});
my %refresh = (grant_type => 'refresh_token', refresh_token => $refresh);
$before = $site->sql('select md5(string_agg(g::text, \'\' order by id)) from oauth.grants g');
my $tokens = $site->sql('select count(*) from oauth.access_token');

for (
    [ 'a grant of another case', $client, { grant_type => 'Authorization_Code' }, 400, 'unsupported_grant_type' ],
    [
        'the password grant', $client, { grant_type => 'password', username => 'x', password => 'x' }, 400, 'unsupported_grant_type'
    ],
    [ 'a device grant\'s extension name', $client, { grant_type => 'device_code' },        400, 'unsupported_grant_type' ],
    [ 'a code as a refresh token',        $client, { %refresh, refresh_token => $code },   400, 'invalid_grant' ],
    [ 'a refresh token as a code',        $client, { %code, code => $refresh },            400, 'invalid_grant' ],
    [ 'a client without the grant',       $other,  {%code},                                400, 'unauthorized_client' ],
    [ 'a refresh without the grant',      $naked,  {%refresh},                             400, 'unauthorized_client' ],
    [ 'a machine\'s grant for people',    $client, { grant_type => 'client_credentials' }, 400, 'unauthorized_client' ],
    [ 'another\'s code',                  $narrow, {%code},                                400, 'invalid_grant' ],
    [ 'another\'s refresh token',         $narrow, {%refresh},                             400, 'invalid_grant' ],
    [
        'a scope that was not granted', $narrow, { %refresh, refresh_token => $thin, scope => 'profile contacts' }, 400,
        'invalid_scope'
    ],
    [ 'a resource with a fragment', $client, { %code, resource => "$site->{issuer}/profile#x" }, 400, 'invalid_target' ],
    [
        'one that was not granted', $narrow, { %refresh, refresh_token => $thin, resource => $site->{contacts_url} }, 400,
        'invalid_target'
    ],
    [ 'a longer redirect_uri',   $client, { %code, redirect_uri => "$client->{redirect_uri}/" },   400, 'invalid_grant' ],
    [ 'an encoded redirect_uri', $client, { %code, redirect_uri => 'https://app.example/b%61ck' }, 400, 'invalid_grant' ],
    )
{
    my ($case, $who, $form, $status, $error) = @$_;
    oauth_error $site->{https}->post('/token', [ @{ $by{ $who->{id} } }, %$form ]), $status, $error, "TK-9: $case is $error";
}
is $site->sql('select md5(string_agg(g::text, \'\' order by id)) from oauth.grants g'), $before, 'TK-9: no grant changed by that';
is $site->sql('select count(*) from oauth.access_token'),                               $tokens, 'TK-9: and no token was issued';
is $site->{https}->post('/token', [ @{ $by{ $client->{id} } }, %code ])->status,        200,     'TK-3: the code is still good';
is $site->{https}->post('/token', [ @{ $by{ $client->{id} } }, %refresh ])->status,     200, 'TK-6: and so is the refresh token';

$site->finish;
