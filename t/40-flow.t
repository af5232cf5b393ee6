# SPDX-License-Identifier: ISC
# The seed's contract, as an existing partner's client meets it: sample data, the whole way, every answer as promised.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Https;
use Site;

my $site     = Site->new;
my $sample   = $site->tool_ok([qw(sample --redirect-uri https://partner.example/back)]);
my ($secret) = $sample =~ /(psts_[A-Za-z0-9_-]+)/;
my %client   = (id => 'hcs-stack-int~test.oauth.client', secret => $secret, redirect_uri => 'https://partner.example/back');
like $sample, qr/\Q$client{id}\E/, 'the tool prints the sample client and its secret';

my $person = $site->person;
my $answer = $person->get($site->authorize_url(\%client, state => 'as sent'));
like $answer->location, qr{^\Q$site->{issuer}\E/authorize\?h=[A-Za-z0-9_-]{43,}$}, 'AZ-2: the URL carries a handle only';
is $answer->status, 303, 'GE-4: by 303';
page $person->follow, 200, 'AZ-9: a login page without a session',
    'asks for a password' => $person->{last}->body =~ /type="password"/;
page $person->submit(username => 'user1', password => 'password'), 200, 'AZ-9: the consent page after the login',
    'names the client' => $person->{last}->body =~ /<strong>/,
    'offers both'      => join(',', sort map { $_->[1] } @{ $person->form->{buttons} }) eq 'allow,deny';
$answer = $person->submit(decision => 'allow');
redirected $answer, "$client{redirect_uri}?", { code => undef, state => 'as sent', iss => $site->{issuer} },
    'AZ-7: back to the client with code, state and issuer';
my $code = $answer->query->{code};
like $code, qr/^pstc_[A-Za-z0-9_-]{71}$/, 'TK-11: the code has its prefix and length';

$answer = $site->{https}->post(
    '/token', [ grant_type => 'authorization_code', code => $code, redirect_uri => $client{redirect_uri} ],
    Authorization => Https::basic($client{id}, $secret)
);
is $answer->status, 200, 'TK-3: the code is exchanged, the client by Basic';
is_deeply [ sort keys %{ $answer->json } ], [qw(access_token expires_in scope token_type)], 'TK-2: the members of the answer';
is $answer->json->{token_type},      'Bearer',           'TK-2: a bearer token';
is $answer->json->{expires_in},      3600,               'TK-2: of an hour';
is $answer->json->{scope},           'profile contacts', 'AZ-12: of the default scope';
is $answer->header('Cache-Control'), 'no-store',         'TK-2: no-store';
my $token = $answer->json->{access_token};
like $token, qr/^psta_[0-3][A-Za-z0-9_-]{49}$/, 'TK-11: the token has its prefix, slot and length';

my $again = $site->redeem(\%client, $site->code(\%client, $person));
is $again->status, 200, 'CA-1: the client in the body, and no second login or password in the same browser';

for ([ 'the header', $site->profile($token) ], [ 'the query', $site->{https}->get("/profile?access_token=$token") ]) {
    my ($how, $got) = @$_;
    is $got->body, '{"id":1,"username":"user1"}', "BT-1: /profile with the token in $how";
    is $got->type, 'application/json',            "/profile is JSON ($how)";
}
for ([ 'the header', $site->contact_list($token) ], [ 'the query', $site->contact_list('', "?access_token=$token") ]) {
    my ($how, $got) = @$_;
    is Flow::unmarked($got->body),
        '{"contacts":[{"id":2,"username":"user2"},{"id":3,"username":"user3"},{"id":4,"username":"user4"}]}',
        "CT-1: /contacts with the token in $how";
    like $got->header('Cache-Control'), qr/\bprivate\b/, "BT-3: it is private ($how)";
}

for ([ user2 => '1,4' ], [ user3 => '2' ], [ user4 => '1' ]) {
    my ($name, $ids) = @$_;
    my $other = $site->signed_in({ name => $name, password => 'password' });
    my $got   = $site->contact_list($site->redeem(\%client, $site->code(\%client, $other))->json->{access_token});
    is join(',', map { $_->{id} } @{ $got->json->{contacts} }), $ids, "CT-1: the contacts of $name are their own";
}
page $person->open_page('/'), 200, '/ says who is signed in', 'user1' => $person->{last}->body =~ /user1/;
is $site->sql('select count(*) from directory.person where not sample'), 0, 'the sample people are marked as such';
is $site->sql('select count(*) from oauth.client where not sample'),     0, 'and so is the sample client';

$site->finish;
