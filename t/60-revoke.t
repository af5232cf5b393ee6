# SPDX-License-Identifier: ISC
# RV-1, IN-1: revocations that race with each other, with refreshes and with introspection: whoever comes first, what was revoked is
# dead when the revocation has been answered.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Site;

my $site     = Site->new(workers => 8);
my $person   = $site->signed_in($site->user);
my $client   = $site->client(no_pkce    => 1, refresh => 1);
my $resource = $site->client(introspect => 'profile contacts');
my $session  = $site->session;
my $newest   = 'select id from oauth.grants order by id desc limit 1 for update';
my $grant    = '(select max(id) from oauth.grants)';

sub revoking      ($token) { return $site->sending('/revoke',     $client, token      => $token) }
sub refreshing    ($token) { return $site->sending('/token',      $client, grant_type => 'refresh_token', refresh_token => $token) }
sub introspecting ($token) { return $site->sending('/introspect', $resource, token    => $token) }
sub active        ($token) { return introspecting($token)->answer->json->{active} ? 1 : 0 }

sub granted { return $site->redeem($client, $site->code($client, $person))->json }

sub audited {
    return $site->sql(
        "select string_agg(event || ' ' || detail, ', ' order by event desc, detail) from oauth.audit
        where grant_id = $grant and event not in ('consent', 'token')"
    );
}

# New tokens, and the answers to requests about them that all waited for the grant, in this order.
sub raced (@send) { return $session->race($newest, \&granted, \@send, ordered => 1) }

my $revoke  = sub ($tokens) { revoking($tokens->{refresh_token}) };
my $refresh = sub ($tokens) { refreshing($tokens->{refresh_token}) };

# A refresh and a revocation of the same refresh token.
for my $case ([ 'a revocation before a refresh', $revoke, $refresh ], [ 'a refresh before a revocation', $refresh, $revoke ]) {
    my ($name,    @order)     = @$case;
    my ($tokens,  @answers)   = raced(@order);
    my ($revoked, $refreshed) = $name =~ /^a rev/ ? @answers : reverse @answers;
    is $revoked->status, 200, "RV-1: $name: it is revoked";
    $refreshed->status == 200
        ? is($name, 'a refresh before a revocation', 'TK-6: who comes first gets tokens')
        : oauth_error $refreshed, 400, 'invalid_grant', 'TK-13: who comes too late hears invalid_grant';
    my @access = ($tokens->{access_token}, $refreshed->json->{access_token} // ());
    is join(' ', map { $site->profile($_)->status } @access), join(' ', (401) x @access), 'RV-1: no access token is alive';
    is join(' ', map { active($_) } @access),                 join(' ', (0) x @access),   'IN-1: nor active';
    my $last = $refreshed->json->{refresh_token} // $tokens->{refresh_token};
    oauth_error refreshing($last)->answer, 400, 'invalid_grant', 'RV-1: and no refresh token good';
    is $site->sql("select ended_why from oauth.grants where id = $grant"), 'revoked', 'RV-1: the grant was revoked';
    is audited(),                                                          'revocation refresh_token', 'OP-6: once in the audit';
}

# Three refreshes and three revocations, one after the other.
my ($tokens, @answers) = raced(($refresh, $revoke) x 3);
is join(' ', map { $answers[$_]->status } 1, 3, 5), '200 200 200', 'RV-1: of three revocations each is answered by 200';
my @given = grep { $_->status == 200 } @answers[ 0, 2, 4 ];
oauth_error $_, 400, 'invalid_grant', 'TK-13: a refresh after a revocation hears invalid_grant'
    for grep { $_->status != 200 } @answers[ 0, 2, 4 ];
is $answers[0]->status, 200,                        'TK-6: the refresh that waited longest gets tokens';
is audited(),           'revocation refresh_token', 'OP-6: the audit has one revocation';
is $site->sql("select count(*) from oauth.access_token where grant_id = $grant"), 1 + @given,
    'TK-10: and no token was issued but those that were answered';
is $site->profile($_->json->{access_token})->status, 401, 'RV-1: they are dead' for @given;

# Five revocations of one access token: the row is held.
for (1 .. 10) {
    $tokens = granted();
    $session->hold("select from oauth.access_token where grant_id = $grant for update");
    my @pending = map { revoking($tokens->{access_token}) } 1 .. 5;
    my $waiting = $session->await_waiters(5, 1);
    $session->release;
    @answers = map { $_->answer } @pending;
    last if $waiting == 5 && !grep { $_->status == 503 } @answers;
}
is join(' ', map { $_->status } @answers),               '200 200 200 200 200',     'RV-1: five revocations of one access token';
is audited(),                                            'revocation access_token', 'OP-6: one in the audit';
is $site->profile($tokens->{access_token})->status,      401,                       'RV-1: it is dead';
is refreshing($tokens->{refresh_token})->answer->status, 200,                       'RV-1: its grant lives';

# Introspection does not wait for a revocation that is under way: active until it has been answered, never afterwards.
my ($during, $revoked) = (0, 0);
for (1 .. 10) {
    $tokens = granted();
    $session->hold($newest);
    my $pending = revoking($tokens->{refresh_token});
    my $waiting = $session->await_waiters(1, 1);
    $during = active($tokens->{access_token});
    $session->release;
    last if ($revoked = $pending->answer->status) == 200 && $waiting;
}
is "$during $revoked",              '1 200', 'IN-1: active while a revocation waits';
is active($tokens->{access_token}), 0,       'IN-1: not active when it has been answered';

# No worker keeps what it has seen.
$tokens = granted();
my @before  = map { introspecting($tokens->{access_token}) } 1 .. 5;
my $pending = revoking($tokens->{access_token});
my @beside  = map { introspecting($tokens->{access_token}) } 1 .. 5;
is $pending->answer->status,                                   200,                 'a revocation among introspections';
is join(' ', map { active($tokens->{access_token}) } 1 .. 20), join(' ', (0) x 20), 'IN-1: no worker knows the token any more';
my @bad = grep { $_->status != 200 || $_->body !~ /^\{"active":(?:true,|false\}\z)/ } map { $_->answer } @before, @beside;
is scalar @bad, 0, 'IN-1: those beside it hear the one or the other whole';

$site->finish;
