# SPDX-License-Identifier: ISC
# Bearer tokens at /profile and /contacts (RFC 6750): where they may stand, what is answered, whose they are.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Https;
use Site;

my $site    = Site->new;
my $user    = $site->user;
my $person  = $site->signed_in($user);
my $client  = $site->client;
my $seed    = $site->client(seed => 1);
my $token   = $site->token($client, $person);
my $seeded  = $site->redeem($seed, $site->code($seed, $person))->json->{access_token};
my $typo    = $token =~ s/(.)$/$1 eq 'A' ? 'B' : 'A'/er;
my $slot    = $token =~ s/^psta_\K([0-3])/($1 + 1) % 4/er;
my $checked = Flow::checked($slot);

# The same rules at both resources; they differ in the form of the error and in the body, which /contacts does not take.
for ([ 'profile', $site->{https}, \&oauth_error ], [ 'contacts', $site->{contacts}, \&problem ]) {
    my ($name, $https, $error) = @$_;
    my $get = sub (%headers) { $https->get("/$name", %headers) };
    is $get->(Authorization => "Bearer $token")->status,   200, "BT-1: /$name with the header";
    is $get->(Authorization => "$_ $token")->status,       200, "BT-2: the scheme in any case ($_)" for qw(bearer BEARER bEARER);
    is $get->(Authorization => "Bearer   $token")->status, 200, 'BT-2: and with more spaces';
    my $ok = $get->(Authorization => "Bearer $token");
    like $ok->header('Cache-Control'), qr/\bprivate\b/, "BT-3: /$name is private";
    is $https->request('HEAD', "/$name", { Authorization => "Bearer $token" })->body, '', "HEAD /$name has no body";
    is $https->request('HEAD', "/$name", { Authorization => "Bearer $token" })->header('Content-Length'), length $ok->body,
        'but its length';

    challenge $get->(),                              401, {}, "BT-2: /$name without a token has no error code";
    challenge $get->(Authorization => 'Basic eDp5'), 401, {}, 'BT-2: another scheme is no token';
    for (
        [ 'unknown',           'psta_0' . 'A' x 49 ],
        [ 'with a typo',       $typo ],
        [ 'of another slot',   $checked ],
        [ 'of another server', 'eyJhbGciOiJub25lIn0.e30.' ],
        [ 'too long',          'psta_0' . 'A' x 4000 ],
        [ 'with a quote',      q(psta_0' or '1'='1) ],
        [ 'a code',          $site->code($client, $person, code_challenge => (Flow::pkce())[1], code_challenge_method => 'S256') ],
        [ 'a client secret', $client->{secret} ],
        [ 'with a space',    "$token $token" ],
        )
    {
        my ($case, $bad) = @$_;
        my $answer = $get->(Authorization => "Bearer $bad");
        $error->($answer, 401, 'invalid_token', "BT-2: /$name with a token that is $case");
        challenge $answer, 401, { error => 'invalid_token' }, "BT-2: and its challenge ($case)";
    }

    my $query = "/$name?access_token=$token";
    $error->($https->get($query), 400, 'invalid_request', "BT-1: /$name?access_token= for a client not registered for it");
    is $https->get("/$name?access_token=$seeded")->status, 200, 'BT-1: for one registered by the seed\'s contract';
    $error->($https->get("/$name?access_token=$seeded", Authorization => "Bearer $seeded"), 400, 'invalid_request',
        'BT-1: two at once');
    $error->($https->get("/$name?access_token=$seeded&access_token=$seeded"), 400, 'invalid_request', 'GE-2: the same twice');
    challenge $https->get("/$name?access_token=$typo"), 401, { error => 'invalid_token' }, 'BT-2: a bad one in the query';
    $error->($https->request('DELETE', "/$name", { Authorization => "Bearer $token" }), 405, 'invalid_request',
        "GE-3: DELETE /$name");
}
my $body = sub (%change) { $site->{https}->post('/profile', [ access_token => $token ], %change) };
is $body->()->status, 200, 'BT-1: POST /profile with the token in the body';
oauth_error $body->(Authorization => "Bearer $token"), 400, 'invalid_request', 'BT-1: two at once';
oauth_error $site->{https}->post("/profile?access_token=$seeded", [ access_token => $seeded ]), 400, 'invalid_request',
    'BT-1: body and query';
is $site->{https}->post('/profile', [], Authorization => "Bearer $token")->status, 200, 'BT-1: POST with the header';
is $site->{https}->get('/profile', Authorization => "Bearer $token")->body, qq({"id":$user->{id},"username":"$user->{name}"}),
    'id and username';
problem $site->{contacts}->post('/contacts', [ access_token => $token ]), 405, 'invalid_request', 'GE-3: /contacts takes no POST';

# AU-1, scope: a token is good for what it was issued for, and nothing else.
my %uri = (profile => "$site->{issuer}/profile", contacts => $site->{contacts_url});
for my $one (qw(profile contacts)) {
    my $other  = $one eq 'profile' ? 'contacts' : 'profile';
    my %answer = map { $_ => { profile => $site->profile($_), contacts => $site->contact_list($_) } } my @both =
        ($site->token($client, $person, resource => $uri{$one}), $site->token($client, $person, scope => $one));
    is $answer{$_}{$one}->status, 200, "AU-1: /$one" for @both;
    challenge $answer{ $both[0] }{$other}, 401, { error => 'invalid_token' }, "AU-1: a token for /$one at /$other";
    challenge $answer{ $both[1] }{$other}, 403, { error => 'insufficient_scope', scope => $other },
        "BT-2: one of scope $one at /$other";
}

# A machine's own token is no person's (CA-5).
my $last = $site->token($client, $person);
$site->sql("update oauth.grants set account_id = null where id = (select max(id) from oauth.grants)");
challenge $site->profile($last), 403, { error => 'insufficient_scope', scope => 'profile' },
    'CA-5: a machine is no person at /profile';
challenge $site->contact_list($last), 403, { error => 'insufficient_scope', scope => 'contacts' }, 'CA-5: nor at /contacts';

$site->finish;
