# SPDX-License-Identifier: ISC
# The programs in doc/clients.md for libraries that we did not write, as they stand there: Python's requests-oauthlib and Authlib, Perl's
# Net::OAuth2.  (Those in JavaScript: make check-clients.)
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Flow;
use Run;
use Site;
use Snippet;

my $site = Site->new(ports => 1);
my $user = $site->user;
$site->sql("insert into directory.person_contact (owner_id, id, username) values ($user->{id}, 7, 'friend')");
$site->tool_ok([ qw(scope add reports --sentence), 'read reports', '--machine' ]);
my $person  = $site->signed_in($user);
my $ca      = Run::certificate()->{ca};
my $profile = qq({"id":$user->{id},"username":"$user->{name}"});
my $friends = '{"contacts":[{"id":7,"username":"friend"}]}';
my $back    = 'https://partner.example/back';
my %command = (py => ['/usr/bin/python3'], pl => ['/usr/bin/perl']);

sub started ($name, $client) {
    return Snippet->new(
        $name, $site->{dir}, $command{ $name =~ s/.*\.//r },
        ISSUER               => $site->{issuer},         CONTACTS_URL       => $site->{contacts_url},
        CLIENT_ID            => $client->{id},           CLIENT_SECRET      => $client->{secret},
        REDIRECT_URI         => $client->{redirect_uri}, REQUESTS_CA_BUNDLE => $ca,
        PERL_LWP_SSL_CA_FILE => $ca
    );
}

sub registered (%more) {
    return $site->client(redirect_uri => $back, refresh => 1, auth_method => 'client_secret_basic', %more);
}

# A person's: it gives a link, the person allows, it reads where they were sent back to; then profile, contacts, and after a refresh
# the profile again; at last what /profile says after a revocation, where the library has one.
for my $name (qw(with_requests_oauthlib.py with_authlib.py with_net_oauth2.pl)) {
    my $client  = registered();
    my $program = started($name, $client);
    my $link    = $program->line;
    like $link, qr/^\Q$site->{issuer}\E\/authorize\?.*code_challenge_method=S256/, "$name gives a link, with PKCE";
    $person->open_page($link =~ s/^\Q$site->{issuer}\E//r);
    $program->tell($person->submit(decision => 'allow')->location);
    my $revokes = $name =~ /py$/;
    is Flow::unmarked($program->rest), "$profile\n$friends\n$profile\n" . ($revokes ? "401\n" : ''),
        "$name: profile, contacts, refresh, revocation";
    is $program->complaint, '', "$name: and no complaint";
    my $grant = "client_id = '$client->{id}'";
    is $site->sql(
        "select count(*) || ' ' || count(refresh_previous_digest) || ' ' || coalesce(string_agg(ended_why, ' '), 'lives')
        from oauth.grants where $grant"
        ),
        $revokes ? '1 1 revoked' : '1 1 lives', "$name: the refresh token was rotated";
    is $site->sql("select count(*) from oauth.grants where $grant and code_challenge is not null"), 1,
        "PK-1: $name: with a challenge";
}

# An answer of another server is not taken (RFC 9207).
for my $name (qw(with_requests_oauthlib.py with_authlib.py with_net_oauth2.pl)) {
    my $program = started($name, registered());
    $person->open_page($program->line =~ s/^\Q$site->{issuer}\E//r);
    my $where = $person->submit(decision => 'allow')->location;
    $program->tell($where =~ s/([?&]iss=)[^&]*/$1https%3A%2F%2Fevil.example/r);
    is $program->rest, '', "9207 2.4: $name takes no answer of another issuer";
    like $program->complaint, qr/an answer of another/, "9207 2.4: $name says so";
}

# A machine's own token; a resource server that asks about tokens.
my $machine = registered(machine => 1, refresh => 0, scope => 'reports');
my $program = started('machine_with_requests_oauthlib.py', $machine);
is $program->rest, "Bearer reports\n", 'machine_with_requests_oauthlib.py: client_credentials';
my $resource = registered(introspect => 'profile contacts', refresh => 0);
my $client   = registered();
my $token    = do {
    my ($verifier, $challenge) = Flow::pkce();
    my $code  = $site->code($client, $person, code_challenge => $challenge, code_challenge_method => 'S256');
    my %basic = (headers => { Authorization => Https::basic($client->{id}, $client->{secret}) });
    $site->redeem($client, $code, code_verifier => $verifier, client_secret => undef, %basic)->json->{access_token};
};
for ([ $token, "True profile contacts $client->{id} $user->{id}" ], [ 'else', 'False None None None' ]) {
    my ($what, $expected) = @$_;
    $program = started('introspection_with_authlib.py', $resource);
    $program->tell($what);
    is $program->rest, "$expected\n", "introspection_with_authlib.py: $expected";
}

# Every program of the handbook has its test, here or among those in JavaScript.
my $tests = join '', map { Nginx::slurp($_) } __FILE__, "$Run::source/t/clients/node.t";
is join(' ', grep { index($tests, $_) < 0 } Snippet::all()), '', 'every program in doc/clients.md is run';

$site->finish;
