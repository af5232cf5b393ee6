# SPDX-License-Identifier: ISC
# What a client's machine reads first: the metadata of the authorization server and of both resources, and that all of it is true.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use Check;
use Flow;
use Https;
use Site;

my $site   = Site->new(workers => 1);
my $issuer = $site->{issuer};
my ($https, $contacts) = @$site{qw(https contacts)};
my $server = '/.well-known/oauth-authorization-server';
my $of     = '/.well-known/oauth-protected-resource';
my %of = (profile => '/.well-known/oauth-protected-resource/profile', contacts => '/.well-known/oauth-protected-resource/contacts');
my $path_of = sub ($url) { $url =~ s/^\Q$issuer\E//r };

# MD-1: the authorization server (RFC 8414 2, 9207 3, 9728 4).
my $answer = $https->get($server);
my $is     = $answer->json;
is $answer->status, 200,                'MD-1: there it is';
is $answer->type,   'application/json', 'MD-1, 8414 3.2: JSON';
is_deeply $is,
    {
    issuer                                         => $issuer,
    authorization_endpoint                         => "$issuer/authorize",
    token_endpoint                                 => "$issuer/token",
    device_authorization_endpoint                  => "$issuer/device_authorization",
    scopes_supported                               => [qw(contacts profile)],
    response_types_supported                       => ['code'],
    response_modes_supported                       => ['query'],
    grant_types_supported                          => $is->{grant_types_supported},
    token_endpoint_auth_methods_supported          => [qw(none client_secret_basic client_secret_post)],
    pushed_authorization_request_endpoint          => "$issuer/par",
    revocation_endpoint                            => "$issuer/revoke",
    revocation_endpoint_auth_methods_supported     => [qw(none client_secret_basic client_secret_post)],
    introspection_endpoint                         => "$issuer/introspect",
    introspection_endpoint_auth_methods_supported  => [qw(client_secret_basic client_secret_post)],
    code_challenge_methods_supported               => ['S256'],
    authorization_response_iss_parameter_supported => JSON::PP::true,
    request_parameter_supported                    => JSON::PP::false,
    request_uri_parameter_supported                => JSON::PP::false,
    protected_resources                            => [ "$issuer/profile", $site->{contacts_url} ],
    },
    'MD-1: these members and no other';
$site->sql(q(insert into oauth.scope values ('calendar', false)));
is_deeply $https->get($server)->json->{scopes_supported}, [qw(calendar contacts profile)],
    'MD-1: scopes are those that the administrator has';

# MD-1, 8414 3.2: a list without members is left out, never empty.
$site->sql('create table kept as table oauth.scope; delete from oauth.scope');
my $without = $https->get($server);
ok !exists $without->json->{scopes_supported}, 'MD-1, 8414 3.2: without scopes there is no list of them';
unlike $_->body, qr/\[\]|null|""/, 'MD-1, 8414 3.2: no member is empty' for $without, map { $https->get($_) } $of{profile};
$site->sql('insert into oauth.scope select * from kept');

# MD-1: true.  What it names works.
my $client = $site->client(auth_method => 'client_secret_basic');
my ($by_body, $public) = ($site->client, $site->client(type => 'public'));
my %method = (
    client_secret_basic => [ [], basic => 1 ],
    client_secret_post  => [ [ client_id => $by_body->{id}, client_secret => $by_body->{secret} ] ],
    none                => [ [ client_id => $public->{id} ] ]
);
my %basic = (Authorization => Https::basic($client->{id}, $client->{secret}));

sub post ($endpoint, $method, @form) {
    my ($who, %how) = @{ $method{$method} };
    return $https->post($path_of->($is->{"${endpoint}_endpoint"}), [ @form, @$who ], $how{basic} ? %basic : ());
}
for my $endpoint (qw(token revocation introspection)) {
    my @named = sort @{ $is->{"${endpoint}_endpoint_auth_methods_supported"} };
    my @works = grep { post($endpoint, $_, grant_type => 'x', token => 'x')->status =~ /^(?:200|400)$/ } sort keys %method;
    @works = grep { $_ ne 'none' } @works if $endpoint eq 'introspection';    # who is public is no resource server
    is "@named", "@works", "MD-1: ways to authenticate at the $endpoint endpoint";
}
for my $type (@{ $is->{grant_types_supported} }) {
    my $got = post(token => 'client_secret_basic', grant_type => $type);
    isnt $got->json->{error}, 'unsupported_grant_type', "MD-1: grant_type=$type works";
}
my %known = map { $_ => 1 } @{ $is->{grant_types_supported} };
ok $known{authorization_code}, 'MD-1: authorization_code among them';

# MD-1, MD-3: nothing works that it does not name.
my @out = (
    qw(password implicit authorization_code_x client_credentials refresh_token urn:openid:params:grant-type:ciba),
    map {"urn:ietf:params:oauth:grant-type:$_"} qw(token-exchange jwt-bearer saml2-bearer device_code)
);
for my $type (grep { !$known{$_} } @out) {
    oauth_error post(token => 'client_secret_basic', grant_type => $type), 400, 'unsupported_grant_type',
        "MD-1, MD-3: grant_type=$type does not";
}
my $person = $site->signed_in($site->user);
my (undef, $challenge) = Flow::pkce();
my %good = (code_challenge => $challenge, code_challenge_method => 'S256');
is $person->open_page($site->authorize_url($client, %good))->status, 200,           'MD-1: the authorization endpoint, with S256';
is $person->submit(decision => 'allow')->query->{iss},               $is->{issuer}, 'MD-1, 9207 2: iss is the issuer';
for (
    [ 'plain',                       'invalid_request',           code_challenge_method => 'plain' ],
    [ 'response_type=token',         'unsupported_response_type', response_type         => 'token' ],
    [ 'response_type=code id_token', 'unsupported_response_type', response_type         => 'code id_token' ],
    )
{
    my ($case, $error, %change) = @$_;
    redirected $person->open_page($site->authorize_url($client, %good, %change)), $client->{redirect_uri},
        { error => $error, error_description => undef, iss => $issuer }, "MD-1: $case does not";
}
for (qw(openid-configuration jwks.json oauth-protected-resource oauth-authorization-server/x oauth-protected-resource/contacts)) {
    oauth_error $https->get("/.well-known/$_"), 404, 'not_found', "MD-1: /.well-known/$_ is not on :81";
}
oauth_error $https->request('POST', $_), 404, 'not_found', "MD-3: nothing at $_" for qw(/register /bc-authorize);
problem $contacts->get($_), 404, 'not_found', "MD-2: $_ is not on :82"
    for $server, $of{profile}, "$of/", '/.well-known/openid-configuration';

# MD-2: the resources (RFC 9728 3.3), and the way from a challenge to them (5.1).
my %at = (
    $of{profile} => [
        $https,
        {
            resource         => "$issuer/profile", authorization_servers    => [$issuer],
            scopes_supported => ['profile'],       bearer_methods_supported => [qw(header body)]
        }
    ],
    map {
        $_ => [
            $contacts,
            {
                resource               => $site->{contacts_url}, authorization_servers    => [$issuer],
                scopes_supported       => ['contacts'],          bearer_methods_supported => ['header'],
                resource_documentation => $site->{contacts_url} =~ s/contacts$//r
            }
        ]
    } $of{contacts},
    $of
);
is_deeply $at{$_}[0]->get($_)->json, $at{$_}[1], "MD-2: $_" for sort keys %at;
for ([ '/profile', $https ], [ '/contacts', $contacts ]) {
    my ($path, $host) = @$_;
    for my $token (undef, 'x') {
        my $refused = $host->get($path, $token ? (Authorization => "Bearer $token") : ());
        my ($url) = $refused->header('WWW-Authenticate') =~ /resource_metadata="([^"]*)"/;
        is $url, "https://$host->{host}$of$path", "BT-2, 9728 5.1: the challenge of $path names its metadata";
        my $resource = $host->get($url =~ s{^https://[^/]*}{}r)->json->{resource};
        is $resource, "https://$host->{host}$path", 'MD-2, 9728 3.3: which is of the resource that was asked';
    }
}

# GE-8: caches, HEAD, other methods.
for my $path ($server, sort keys %at) {
    my $host = $path eq $server ? $https : $at{$path}[0];
    my $got  = $host->get($path);
    my $tag  = $got->header('ETag') // '';
    like $tag, qr/^"[A-Za-z0-9_-]{20}"$/, "GE-8: an ETag ($path)";
    is $got->header('Cache-Control'), 'public, max-age=3600', 'GE-8: an hour in a cache';
    for my $known ($tag, "W/$tag", qq("x", $tag), '*') {
        my $same = $host->get($path, 'If-None-Match' => $known);
        is join(' ', $same->status, $same->header('ETag'), length $same->body), "304 $tag 0", "GE-8: If-None-Match: $known";
    }
    is $host->get($path, 'If-None-Match' => '"x"')->body, $got->body, 'GE-8: another ETag';
    my $head = $host->request('HEAD', $path);
    is join(' ', $head->status, $head->header('Content-Length'), length $head->body), join(' ', 200, length $got->body, 0),
        'GE-8: HEAD';
    my $post = $host->request('POST', $path, { 'Content-Type' => 'application/x-www-form-urlencoded' }, 'a=b');
    is join(' ', $post->status, $post->header('Allow')), '405 GET, HEAD, OPTIONS', 'GE-3: no POST';
    is $host->get("$path?x=1&x=2")->status,              200,             'GE-2: an unknown parameter is ignored';
}

$site->finish;
