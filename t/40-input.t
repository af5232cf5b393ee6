# SPDX-License-Identifier: ISC
# Bad parameters: each one of every endpoint too long, repeated, missing, not UTF-8, with NUL, with SQL, HTML or a header in it.
# Each gets a clear answer in the form of its endpoint, and the worker lives on.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Https;
use Site;

my $site   = Site->new(workers => 1);
my $user   = $site->user;
my $client = $site->client(no_pkce => 1);
my $person = $site->signed_in($user);
my $token  = $site->redeem($client, $site->code($client, $person))->json->{access_token};
my %worker = map { $_ => join ' ', $site->workers($_) } @Site::programs;
my (undef, $challenge) = Flow::pkce();

# The endpoints with good values of all their parameters.
my %app = (
    response_type  => 'code', client_id => $client->{id}, redirect_uri => $client->{redirect_uri}, scope => 'profile', state => 'x',
    code_challenge => $challenge, code_challenge_method => 'S256', resource => undef
);
my @endpoints = (
    [ '/authorize', 'GET',  {%app} ],
    [ '/authorize', 'GET',  { h => undef } ],
    [ '/authorize', 'POST', {%app} ],
    [ '/login',     'GET',  { h        => undef } ],
    [ '/login',     'POST', { username => 'x', password => 'y', csrf => 'z', t => '1', h => 'h' } ],
    [ '/consent',   'POST', { csrf     => 'z', t        => '1', h    => 'h', decision => 'allow' } ],
    [ '/logout',    'POST', { csrf     => 'z', t        => '1', h    => undef } ],
    [
        '/token', 'POST',
        {
            grant_type => 'authorization_code', code          => 'c',               redirect_uri  => $client->{redirect_uri},
            client_id  => $client->{id},        client_secret => $client->{secret}, code_verifier => undef
        }
    ],
    [ '/profile',  'GET',  { access_token => undef } ],
    [ '/profile',  'POST', { access_token => undef } ],
    [ '/contacts', 'GET',  { access_token => undef, limit => '10', cursor => undef } ],
);

sub ask ($path, $method, $query) {
    my $https  = $site->{ $path eq '/contacts' ? 'contacts' : 'https' };
    my %header = $path =~ /profile|contacts/ ? () : $person->cookie_header;
    $header{Authorization} = "Bearer $token" if $path eq '/contacts' && $query !~ /access_token/;
    return $https->request('GET', "$path?$query", \%header) if $method eq 'GET';
    return $https->request('POST', $path, Https::form_headers({ %header, Origin => $site->{issuer} }), $query);
}

# The request with one parameter spelled so, all others good.
sub with ($good, $name, $raw) {
    my $others = Https::form(map { $_ => $good->{$_} } grep { $_ ne $name } sort keys %$good);
    return join '&', grep {length} $others, $raw;
}

# An error in the form of its endpoint: a page for people; from /authorize to the client where the client may hear of it.
sub refused ($path, $parameter, $answer, $name) {
    return problem $answer,     400, 'invalid_request', $name if $path eq '/contacts';
    return oauth_error $answer, 400, 'invalid_request', $name if $path =~ m{^/(?:token|profile)$};
    return page $answer,        400, $name if $path ne '/authorize' || $parameter =~ /^(?:client_id|redirect_uri|h)$/;
    my %query = (error => $parameter eq 'resource' ? 'invalid_target' : 'invalid_request', error_description => undef,
        iss => $site->{issuer});
    $query{state} = 'x' if $parameter ne 'state';
    return redirected $answer, "$client->{redirect_uri}?", \%query, $name;
}

for (@endpoints) {
    my ($path, $method, $good) = @$_;
    for my $name (sort keys %$good) {
        my $value = Https::encode($good->{$name} // 'x');
        for (
            [ 'too long',         "$name=" . 'a' x 5000 ],
            [ 'not UTF-8',        "$name=$value%ff%fe" ],
            [ 'an overlong form', "$name=%c0%af" ],
            [ 'a surrogate',      "$name=%ed%a0%80" ],
            [ 'with NUL',         "$name=$value%00" ],
            [ 'a broken escape',  "$name=$value%4" ],
            [ 'repeated',         "$name=$value&$name=$value" ],
            )
        {
            my ($case, $raw) = @$_;
            next if $name eq 'resource' && $case eq 'repeated';
            refused $path, $name, ask($path, $method, with($good, $name, $raw)), "GE-2: $method $path, $name $case";
        }
        for (
            [ HTML  => '%22%3E%3Cscript%3Ealert%281%29%3C/script%3E' ], [ header => 'x%0d%0aX-Evil:%201%0d%0a%0d%0ax' ],
            [ SQL   => q(%27%3bdrop%20table%20oauth.client%3b--) ], [ format => '%25s%25n%7b%7bcsrf%7d%7d' ], [ missing => undef ],
            [ empty => '' ]
            )
        {
            my ($case, $raw) = @$_;
            my $answer = ask($path, $method, with($good, $name, defined $raw ? "$name=$raw" : ''));
            all_good "GE-3, GE-5: $method $path, $name: $case", $answer,
                'a clear status'  => $answer->status =~ /^(?:200|303|40[013])$/,
                'no split header' => !defined $answer->header('X-Evil'),
                'no HTML in HTML' => $answer->body !~ /<script/ || $answer->type ne 'text/html',
                'a whole answer'  => !$answer->{short} && defined $answer->header('X-Request-Id');
        }
    }
}

# GE-2: forms as such.
my $page = '/authorize?' . Https::form(%app);
is $site->{https}->get("$page&")->status,                303, 'a & at the end';
is $site->{https}->get('/authorize?&')->status,          400, 'a single &';
is $site->{https}->get('/authorize?=&==&%00=x')->status, 400, 'names that are none';
is $site->{https}->get($page . '&a=b' x 50)->status,     303, 'GE-2: fifty unknown parameters';
page $site->{https}->get('/authorize?' . join '&', map {"p$_=1"} 1 .. 70), 413, 'too many parameters';
oauth_error $site->{https}->post('/token', [ map { ("p$_" => 1) } 1 .. 70 ]), 413, 'invalid_request',
    'too many parameters at /token';

is join(' ', $site->workers($_)), $worker{$_}, "the worker of postern-$_ lives on" for @Site::programs;
$site->finish;
