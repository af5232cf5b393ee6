# SPDX-License-Identifier: ISC
# Each property of a client's registration: "client change" changes it, and the wire shows it at once.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use Canary;
use Check;
use Flow;
use Site;

my $site   = Site->new;
my $person = $site->signed_in($site->user);
my $app    = $site->client(no_pkce => 1, refresh => 1);
$site->tool_ok([ qw(scope add reports --machine --sentence), 'read reports' ]);

sub change (@options) { return $site->tool_ok([ qw(client change), $app->{id}, @options ]) }

# What the client gets for a code, or for a refresh token.
sub tokens (%query) {
    my ($verifier, $challenge) = Flow::pkce();
    my $code   = $site->code($app, $person, code_challenge => $challenge, code_challenge_method => 'S256', %query);
    my $answer = $site->redeem($app, $code, code_verifier => $verifier);
    Canary::add($answer->json->{refresh_token} // ());
    return $answer->json;
}

sub ask (%form) {
    my %all    = (client_id => $app->{id}, client_secret => $app->{secret}, %form);
    my $answer = $site->{https}->post('/token', [ map { $_ => $all{$_} } grep { defined $all{$_} } sort keys %all ]);
    Canary::add($answer->json->{refresh_token} // ()) if $answer->status == 200;
    return $answer;
}

sub refresh ($tokens, %form) { return ask(grant_type => 'refresh_token', refresh_token => $tokens->{refresh_token}, %form) }

# What /authorize tells the client without showing a page; "page" where it shows one.
sub refusal (%query) {
    my $answer = $site->person->open_page($site->authorize_url($app, %query));
    return $answer->status == 303 ? $answer->query->{error} : $answer->status == 200 ? 'page' : $answer->status;
}

# The name.
change('--name', "\xc3\x84nderung & <Co>");
like $site->person->open_page($site->authorize_url($app))->body, qr/Änderung &amp; &lt;Co&gt;/, 'its name is what people read';

# AZ-3, AZ-4: redirect URIs.
my %third = (redirect_uri => 'https://third.example/back');
is refusal(%third), 400, 'AZ-3: another redirect_uri';
change('--add-redirect-uri', $third{redirect_uri});
is refusal(%third), 'page', 'AZ-3: --add-redirect-uri adds one';
is refusal(),       'page', 'AZ-3: beside the other';
change('--remove-redirect-uri', $third{redirect_uri});
is refusal(%third), 400, 'AZ-3: --remove-redirect-uri takes it away';
change('--redirect-uri', $third{redirect_uri}, '--redirect-uri', 'com.example.app:/back');
is join(' ', refusal(), refusal(%third), refusal(redirect_uri => 'com.example.app:/back')), '400 page page',
    'AZ-3: --redirect-uri is the whole list';
$person->open_page($site->authorize_url($app, %third));
change('--redirect-uri', $app->{redirect_uri});
page $person->submit(decision => 'allow'), 400, 'AZ-3: nor does a person who was just asked send a code there';
my ($verifier, $challenge) = Flow::pkce();
my $code = $site->code($app, $person, code_challenge => $challenge, code_challenge_method => 'S256');
change(qw(--scope profile));
oauth_error $site->redeem($app, $code, code_verifier => $verifier), 400, 'invalid_grant',
    'TK-7: a code that was on its way gives nothing of the former registration';
change('--scope', 'profile contacts', '--default-scope', 'profile contacts');

# AZ-12: scope and default scope.
is tokens()->{scope}, 'profile contacts', 'AZ-12: without scope the default, all that it may have';
change(qw(--default-scope contacts));
is tokens()->{scope}, 'contacts', 'AZ-12: --default-scope';
is tokens(scope => 'profile contacts')->{scope}, 'profile contacts', 'AZ-12: by name it may have more';
change('--default-scope', '');
is refusal(), 'invalid_scope', 'AZ-12: with none it has to name scopes';
like $site->tool([ qw(client change), $app->{id}, '--default-scope', 'reports' ])->{err}, qr/not within --scope/,
    'AZ-12: a default that is not within';
change('--default-scope', 'profile contacts');
my $wide = tokens();
change(qw(--scope profile));
is tokens()->{scope},                        'profile',       'AZ-12: a default that was all follows --scope';
is refusal(scope => 'contacts'),             'invalid_scope', 'AZ-12: what was taken away can\'t be asked for';
my $less = refresh($wide);
is $less->json->{scope},                     'profile',       'TK-7: nor does a refresh give it any more';
is refresh($less->json, scope => 'profile contacts')->json->{error}, 'invalid_scope', 'TK-7: not even by name';
change(qw(--scope reports));
oauth_error refresh($less->json), 400, 'invalid_scope', 'TK-7: with nothing left there is no token';
change('--scope', 'profile contacts');
is refresh($less->json)->json->{scope}, 'profile contacts', 'TK-7: the grant itself has kept all';

# AU-1: resources and default resources.
change(qw(--default-resources profile));
my $here = tokens()->{access_token};
is join(' ', $site->profile($here)->status, $site->contact_list($here)->status), '200 401', 'AU-1: --default-resources';
is $site->contact_list(tokens(resource => $site->{contacts_url})->{access_token})->status, 200, 'AU-1: by name it may have the other';
my $both = tokens(resource => $site->{contacts_url});
change(qw(--resources profile));
is refusal(resource => $site->{contacts_url}), 'invalid_target', 'AU-1: --resources';
oauth_error refresh($both), 400, 'invalid_target', 'AU-1: and a refresh gives no more';
change('--resources', 'profile contacts', '--default-resources', 'profile contacts');

# Lifetimes.
is tokens()->{expires_in}, 3600, 'an access token lives as the setting says';
change(qw(--access-life 2m));
is tokens()->{expires_in}, 120, '--access-life: shorter';
change(qw(--access-life 24h));
is tokens()->{expires_in}, 3600, 'but never longer than the setting';
change(qw(--access-life default));
is tokens()->{expires_in}, 3600, 'and back';
change(qw(--refresh-idle 10m --refresh-life 1h));
my ($idle, $whole) = (tokens(), tokens());
$site->later('9 minutes');
$whole = refresh($whole)->json;
$site->later('11 minutes');
oauth_error refresh($idle), 400, 'invalid_grant', 'TK-7: --refresh-idle';
$whole = refresh($whole)->json;
ok $whole->{refresh_token}, 'TK-7: used, it lives on';
change(qw(--refresh-idle 30d));
$whole = refresh($whole)->json;
$site->later('26 hours');
oauth_error refresh($whole), 400, 'invalid_grant', 'TK-7: --refresh-life';
$site->later('0 seconds');
change(qw(--refresh-life 365d));
$person = $site->signed_in($site->user);

# TK-5, TK-6: rotation; TK-12: who gets refresh tokens.
change('--no-rotation');
my $fixed = tokens();
is refresh($fixed)->json->{refresh_token}, undef, 'TK-6: --no-rotation: it stays the same';
change('--rotation');
isnt refresh($fixed)->json->{refresh_token}, undef, 'TK-6: --rotation: a new one';
my $kept = tokens();
change('--no-refresh');
is tokens()->{refresh_token}, undef, 'TK-12: --no-refresh: none comes';
oauth_error refresh($kept), 400, 'unauthorized_client', 'TK-12: and none is taken';
change('--refresh');
is refresh($kept)->status, 200, 'TK-12: --refresh: again';

# PK-2, PR-1.
change('--pkce');
is refusal(), 'invalid_request', 'PK-2: --pkce: a request without is refused';
change('--no-pkce');
is refusal(), 'page', 'PK-2: --no-pkce';
change('--par');
isnt refusal(), 'page', 'PR-1: --par: a request that was not pushed is refused';
change('--no-par');
is refusal(), 'page', 'PR-1: --no-par';

# CA-1: the method.
is $site->redeem($app, 'x')->json->{error}, 'invalid_grant', 'CA-1: authenticated in the body';
change(qw(--auth-method client_secret_basic));
is $site->redeem($app, 'x')->json->{error}, 'invalid_client', 'CA-1: --auth-method: that is no way any more';
is $site->{https}->post('/token', [ grant_type => 'authorization_code', code => 'x' ],
    Authorization => Https::basic($app->{id}, $app->{secret}))->json->{error}, 'invalid_grant', 'CA-1: but Basic is';
change(qw(--auth-method client_secret_post));

# TK-8: tokens for itself, beside those for people.
my %machine = (grant_type => 'client_credentials', scope => 'reports');
change('--scope', 'profile contacts reports', '--default-scope', 'profile contacts');
oauth_error ask(%machine), 400, 'unauthorized_client', 'TK-8: not for itself';
change('--machine');
my $own_token = ask(%machine)->json->{access_token};
challenge $site->profile($own_token), 403, { error => 'insufficient_scope', scope => 'profile' }, 'TK-8: --machine: a living token';
is tokens()->{scope}, 'profile contacts', 'TK-8: people as before';
change('--no-machine');
oauth_error ask(%machine), 400, 'unauthorized_client', 'TK-8: --no-machine';
challenge $site->profile($own_token), 401, { error => 'invalid_token' }, 'TK-8: its own tokens end';
change('--machine');
is ask(%machine)->status, 200, 'TK-8: --machine again';
challenge $site->profile($own_token), 401, { error => 'invalid_token' }, 'TK-8: which wakes no old token';

# BT-1: the seed's contract.
my $query = sub ($token) { $site->{https}->get("/profile?access_token=$token")->status };
isnt $query->(tokens()->{access_token}), 200, 'BT-1: no token in the query';
change('--seed-contract');
my $seed = tokens()->{access_token};
is $query->($seed), 200, 'BT-1: --seed-contract: a token in the query';
is $site->sql("select auth_method, pkce_required from oauth.client where client_id = '$app->{id}'"), 'client_secret|f',
    'CA-1: and either secret method, no PKCE';
change('--no-seed-contract', '--auth-method', 'client_secret_post');
isnt $query->($seed), 200, 'BT-1: --no-seed-contract';

# TK-13: logout.
my $user = $site->user;
for my $ends (0, 1) {
    change($ends ? '--logout-ends-grants' : '--no-logout-ends-grants');
    $person = $site->signed_in($user);
    my $token = tokens()->{access_token};
    $person->open_page('/');
    $person->submit;
    is $site->profile($token)->status, $ends ? 401 : 200, 'TK-13: ' . ($ends ? '--logout-ends-grants' : 'a logout ends nothing else');
}

# IN-1: about which tokens a resource server may ask.
my $server = $site->client(introspect => 'profile');
my $active = sub ($token) {
    my $answer = $site->{https}->post('/introspect', [ token => $token, client_id => $server->{id}, client_secret => $server->{secret} ]);
    return $answer->json->{active} ? 'active' : 'not';
};
$person = $site->signed_in($user);
my $asked = tokens(resource => $site->{contacts_url})->{access_token};
is $active->($asked), 'not', 'IN-1: a token for another resource';
$site->tool_ok([ qw(client change), $server->{id}, '--introspect', 'profile contacts' ]);
is $active->($asked), 'active', 'IN-1: --introspect';

# A registration as a whole stays sound: what was not asked for has not changed, and what is so already is no change.
my $row = sub { $site->sql("select to_jsonb(c) from oauth.client c where client_id = '$app->{id}'") };
my $before = $row->();
like change('--refresh'), qr/already/, 'what is so already';
is $row->(), $before, 'is not written';
is $site->sql(qq(select count(*) from oauth.grants where client_id = '$app->{id}' and account_id is null)), 1, 'one grant of its own';

# AD-1: the audit has the operator's name and what changed, no value.
my $me = getpwuid $>;
$site->sql('delete from oauth.audit');
change('--name', 'Secret name', '--scope', 'profile', '--default-scope', 'profile', '--access-life', '5m');
is $site->sql('select event, client_id, detail from oauth.audit'),
    "client_change|$app->{id}|by $me: access_seconds, default_scope, name, scope", 'AD-1: one row for one change, with the names of what changed';

# AD-1: client show.
my $shown = JSON::PP->new->utf8->decode($site->tool_ok([ qw(client show --json), $app->{id} ]));
is_deeply [ @$shown{qw(name scope access_seconds)} ], [ 'Secret name', ['profile'], 300 ], 'AD-1: client show --json';
is scalar @{ $shown->{secrets} }, 1, 'CA-4: with the dates of its secrets';
cmp_ok $shown->{living_grants}, '>', 0, 'and how many grants live';
my $table = $site->tool_ok([ qw(client show), $app->{id} ]);
like $table,   qr/^$_->[0] +\Q$_->[1]\E$/m, "client show: $_->[0]"
    for [ 'Access token life', '5m' ], [ 'Scope', 'profile' ], [ 'Living grants', $shown->{living_grants} ], [ 'State', 'enabled' ];
unlike $table . JSON::PP->new->encode($shown), qr/digest|psts_/, 'CA-4: neither secret nor digest';

$site->finish;
