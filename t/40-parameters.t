# SPDX-License-Identifier: ISC
# Each parameter of each endpoint missing, empty, repeated, oversized, not UTF-8, with NUL, in the wrong place (GE-2): the answer in
# the form of the endpoint, and a database that did not change.  The endpoints are those of the programs' tables of routes; a
# request that was so often refused works at last, so nothing else was wrong with it.  And with SQL, HTML or a header in it (GE-5).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Device;
use Flow;
use Https;
use Routes;
use Site;

my $site   = Site->new(workers => 2);
my $user   = $site->user;
my $person = $site->signed_in($user);
my $client = $site->client(refresh    => 1);
my $open   = $site->client(no_pkce    => 1,        redirect_uri => 'https://app.example/open');
my $public = $site->client(type       => 'public', refresh      => 1);
my $seed   = $site->client(seed       => 1);
my $server = $site->client(introspect => 'profile contacts');
my $machine =
    do { $site->tool_ok([ qw(scope add reports --sentence), 'x', '--machine' ]); $site->client(machine => 1, scope => 'reports') };
my $device   = $site->client(device => 'only');
my $database = $site->session;
my %worker   = map { $_ => join ' ', $site->workers($_) } @Site::programs;
my $profile  = "$site->{issuer}/profile";

sub by ($who) { return (client_id => $who->{id}, client_secret => $who->{secret}) }

sub seed_token { return $site->redeem($seed, $site->code($seed, $person))->json->{access_token} }

# The answer to a first exchange of this client.
sub tokens ($who) {
    my ($verifier, $challenge) = Flow::pkce();
    my $code = $site->code($who, $person, code_challenge => $challenge, code_challenge_method => 'S256');
    return $site->redeem($who, $code, code_verifier => $verifier)->json;
}

sub exchange ($who, @credentials) {
    my ($verifier, $challenge) = Flow::pkce();
    my $code = $site->code($who, $person, code_challenge => $challenge, code_challenge_method => 'S256');
    return {
        grant_type    => 'authorization_code', code     => $code, redirect_uri => $who->{redirect_uri}, @credentials,
        code_verifier => $verifier,            resource => $profile
    };
}

sub authorization {
    return {
        response_type  => 'code', client_id => $open->{id}, redirect_uri => $open->{redirect_uri}, scope => 'profile', state => 'x',
        code_challenge => (Flow::pkce())[1], code_challenge_method => 'S256', resource => $profile, response_mode => 'query'
    };
}

# A browser at a page, and the fields of its form.
sub at_page ($browser, $target, %fields) {
    $browser->open_page($target);
    return ({ %{ $browser->form->{fields} }, %fields }, { $browser->cookie_header, Origin => $site->{issuer} });
}

sub at_handle ($browser) {
    $browser->open_page($site->authorize_url($open));
    return ({ h => $browser->{at} =~ s/.*h=//r }, { $browser->cookie_header });
}

sub pushed {
    my $answer = $site->{https}->post('/par', [ %{ authorization() }, client_secret => $open->{secret} ]);
    return { client_id => $open->{id}, request_uri => $answer->json->{request_uri} // die $answer->bytes };
}

# How an endpoint says no: in which form, for which parameter.
my %form = (
    json    => sub ($answer, $status, $error, $, $name) { oauth_error $answer, $status, $error,          $name },
    problem => sub ($answer, $status, $error, $, $name) { problem $answer,     $status, $error || undef, $name },
    page    => sub ($answer, $status, $,      $, $name) { page $answer,        $status, $name },
    client  => sub ($answer, $status, $error, $parameter, $name) {
        return page $answer, $status, $name if $parameter =~ /^(?:client_id|redirect_uri)$/;
        my %query = (error => $error, error_description => undef, iss => $site->{issuer});
        $query{state} = 'x' if $parameter !~ /^(?:state|request_uri)$/;
        return redirected $answer, "$open->{redirect_uri}?", \%query, $name;
    }
);
my @missing = (400, 'invalid_request');
my %by_post = (client_id => [ 401, 'invalid_client' ], client_secret => [ 401, 'invalid_client' ]);
my %request =
    (client_id => [@missing], response_type => [@missing], code_challenge => [@missing], code_challenge_method => [@missing]);
my %own_form = map { $_ => [403] } qw(csrf t h);

# Endpoint: what is asked, form of its refusals, status of the good answer, what is heard without a parameter (one that is not named
# here may be missing), and how a good request is made: its parameters, its headers.
my %endpoint = (
    'GET /authorize' => [
        [ 'a request',    'client', 303, {%request}, sub { authorization() } ],
        [ 'a pushed one', 'client', 303, { client_id => [@missing], request_uri => [@missing] }, sub { pushed() } ],
        [ 'a handle',     'page',   200, { h         => [@missing] },                            sub { at_handle($person) } ]
    ],
    'POST /authorize' => [ [ 'a request', 'client', 303, {%request}, sub { authorization() } ] ],
    'GET /login'      => [
        [ 'a handle',               'page', 200, {}, sub { at_handle($site->person) } ],
        [ 'on the way to a device', 'page', 200, {}, sub { return { to => 'device', user_code => 'BCDF-GHJK' } } ]
    ],
    'POST /login' => [
        [
            'the form', 'page', 303, { username => [@missing], password => [@missing], %own_form },
            sub { at_page($site->person, $site->authorize_url($open), username => $user->{name}, password => $user->{password}) }
        ],
        [
            'the form on the way to a device', 'page', 303,
            { username => [@missing], password => [@missing], csrf => [403], t => [403] },
            sub {
                at_page($site->person, '/device?user_code=BCDF-GHJK', username => $user->{name}, password => $user->{password});
            }
        ]
    ],
    'POST /consent' => [ [
        'the form', 'page', 303, { decision => [@missing], %own_form },
        sub { at_page($person, $site->authorize_url($open), decision => 'allow') }
    ] ],
    'POST /logout' => [ [
        'the form', 'page', 303, {%own_form},
        sub {
            my $leaving = $site->signed_in($user);
            my ($handle) = at_handle($leaving);
            at_page($leaving, "/?h=$handle->{h}");
        }
    ] ],
    'GET /' => [
        [ 'a handle', 'page', 200, {}, sub { at_handle($person) } ],
        [
            'on the way to a device', 'page', 200, {},
            sub { return ({ to => 'device', user_code => 'BCDF-GHJK' }, { $person->cookie_header }) }
        ]
    ],
    (
        map { ("GET $_" => [ [ 'a page, or what belongs to it', 'page', 200, {}, sub { return {} } ] ]) }
            qw(/style.css :82/style.css :82/)
    ),
    'POST /token' => [
        [
            'a code', 'json', 200,
            { grant_type => [@missing], code => [@missing], code_verifier => [ 400, 'invalid_grant' ], %by_post },
            sub { exchange($client, by($client)) }
        ],
        [
            'a public client\'s code', 'json', 200,
            {
                grant_type => [@missing], code => [@missing], code_verifier => [ 400, 'invalid_grant' ],
                client_id  => [ 401, 'invalid_client' ]
            },
            sub { exchange($public, client_id => $public->{id}) }
        ],
        [
            'a refresh token', 'json', 200, { grant_type => [@missing], refresh_token => [@missing], %by_post },
            sub {
                return {
                    grant_type => 'refresh_token', refresh_token => tokens($client)->{refresh_token}, by($client),
                    scope      => 'profile',       resource      => $profile
                };
            }
        ],
        [
            'a device code', 'json', 200, { grant_type => [@missing], device_code => [@missing], %by_post },
            sub {
                my $codes = device_begins($site, $device);
                decided($person, $codes);
                return {
                    grant_type => $Device::grant_type, device_code => $codes->{device_code}, by($device),
                    resource   => $profile
                };
            }
        ],
        [
            'for itself', 'json', 200, { grant_type => [@missing], %by_post },
            sub { return { grant_type => 'client_credentials', by($machine), scope => 'reports', resource => $profile } }
        ]
    ],
    'POST /par' => [ [ 'a request', 'json', 201, { %request, %by_post }, sub { return { %{ authorization() }, by($open) } } ] ],
    'POST /device_authorization' => [ [
        'a device', 'json', 200, {%by_post},
        sub { return { by($device), scope => 'profile', resource => $profile } }
    ] ],
    'GET /device'  => [ [ 'a code', 'page', 200, {}, sub { return ({ user_code => 'BCDF-GHJK' }, { $person->cookie_header }) } ] ],
    'POST /device' => [
        [
            'a code', 'page', 200, { %own_form, user_code => [@missing] },
            sub { at_page($person, '/device', user_code => device_begins($site, $device)->{user_code}) }
        ],
        [
            'a decision', 'page', 200, { %own_form, user_code => [@missing], decision => [@missing] },
            sub {
                read_request($person, device_begins($site, $device));
                return (
                    { %{ $person->form->{fields} }, decision => 'allow' },
                    { $person->cookie_header,       Origin   => $site->{issuer} }
                );
            }
        ]
    ],
    'POST /revoke' => [
        [
            'an access token', 'json', 200, { token => [@missing], %by_post },
            sub { return { by($client), token => tokens($client)->{access_token}, token_type_hint => 'access_token' } }
        ],
        [
            'a refresh token', 'json', 200, { token => [@missing], client_id => [ 401, 'invalid_client' ] },
            sub {
                return {
                    client_id       => $public->{id}, token => tokens($public)->{refresh_token},
                    token_type_hint => 'refresh_token'
                };
            }
        ]
    ],
    'POST /introspect' => [ [
        'an access token', 'json', 200, { token => [@missing], %by_post },
        sub { return { by($server), token => tokens($client)->{access_token}, token_type_hint => 'access_token' } }
    ] ],
    'GET /profile' => [ [
        'a token in the query', 'json', 200, { access_token => [ 401, '' ] }, sub { return { access_token => seed_token() } } ] ],
    'POST /profile' => [ [
        'a token in the body', 'json', 200, { access_token => [ 401, '' ] },
        sub { return { access_token => tokens($client)->{access_token} } }
    ] ],
    'GET /contacts' => [
        [
            'a page', 'problem', 200, {},
            sub {
                my $token = seed_token();
                $site->sql(
                    "insert into directory.person_contact (owner_id, id, username)
                    select $user->{id}, i, 'x' from generate_series(1, 3) i on conflict do nothing"
                );
                my ($cursor) = $site->contact_list($token, '?limit=1')->json->{next} =~ /cursor=([^&]*)/;
                return ({ limit => 1, cursor => $cursor }, { Flow::bearer($token) });
            }
        ],
        [
            'in the order of names', 'problem', 200, {},
            sub { return ({ order => 'name', fields => 'name' }, { Flow::bearer(seed_token()) }) }
        ],
        [ 'found by a word', 'problem', 200, {}, sub { return ({ q => 'x' }, { Flow::bearer(seed_token()) }) } ],
        [
            'what changed', 'problem', 200, {},
            sub {
                my $token = seed_token();
                return ({ sync => $site->contact_list($token, '?limit=1000')->json->{sync} }, { Flow::bearer($token) });
            }
        ],
        [
            'a token in the query', 'problem', 200, { access_token => [ 401, '' ] }, sub { return { access_token => seed_token() } }
        ]
    ],
    'GET /contacts/1' => [ [ 'one', 'problem', 200, {}, sub { return ({ fields => 'name' }, { Flow::bearer(seed_token()) }) } ] ],
    map { ("GET $_" => [ [ 'metadata', 'json', 200, {}, sub { return {} } ] ]) } qw(
        /.well-known/oauth-authorization-server /.well-known/oauth-protected-resource/profile
        /.well-known/oauth-protected-resource/contacts /.well-known/oauth-protected-resource /openapi.json)
);

# GE-2: the list is that of the programs, so that none is forgotten.
my %host   = map { $_->{name} => $site->{ $_->{program} eq 'contacts' ? 'contacts' : 'https' } } Routes::reachable();
my @routes = map {
    my $r = $_;
    map {"$_ $r->{name}"} @{ $r->{methods} }
} Routes::reachable();
is join("\n", sort keys %endpoint), join("\n", sort @routes), 'GE-2: these are all endpoints of routes.c, with all their methods';

# Every table with a digest of its rows.
sub tables {
    return map { split / / } $database->query(
        "select c.oid::regclass || ' ' || md5(query_to_xml(
                format('select md5(string_agg(t::text, '','' order by t::text)) from %s t', c.oid::regclass), true, false, '')::text)
           from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname in ('oauth', 'directory') and c.relkind in ('r', 'p') and not c.relispartition"
    );
}

# Each request comes from another address: nginx would stop so many of one.
sub ask ($endpoint, $raw, $headers, $uri = '') {
    state $asked = 0;
    my ($method, $name) = split / /, $endpoint;
    my $path = $name =~ s/^:82//r;
    my $from = $host{$name}->from('198.51.100.' . $asked++ % 250);
    $headers //= {};
    return $from->request('GET', $raw eq '' ? $path : "$path?$raw", $headers) if $method eq 'GET';
    return $from->request('POST', "$path$uri", Https::form_headers($headers), $raw);
}

# The request with one parameter spelled so (nothing: without it), all others as they are.
sub with ($good, $name, $raw = '') {
    return join '&', grep {length} Https::form(map { $_ => $good->{$_} } grep { $_ ne $name } sort keys %$good), $raw;
}

# Whether a good request of this endpoint changes the database.
sub writes ($endpoint, $what) {
    return $endpoint =~ m{^(?:GET|POST) /authorize$|^POST /(?:login|consent|device|device_authorization|logout|token|revoke|par)$}
        && $what ne 'a handle';
}

# The bad cases of one good request; it must be refused in each, and write nothing.
sub refused ($endpoint, $entry, $good, $headers) {
    my ($what, $form, undef, $missing) = @$entry;
    my %before = tables();
    for my $name (sort keys %$good) {
        my $value = Https::encode($good->{$name});
        my @bad   = $name eq 'resource' ? (400, 'invalid_target') : @missing;
        my @cases = (
            [ 'oversized',            "$name=" . 'a' x 4097,       @bad ], [ 'not UTF-8',            "$name=$value%ff%fe",  @bad ],
            [ 'an overlong form',     "$name=%c0%af",              @bad ], [ 'a surrogate',          "$name=%ed%a0%80",     @bad ],
            [ 'with NUL',             "$name=$value%00",           @bad ], [ 'only NUL',             "$name=%00",           @bad ],
            [ 'raw bytes',            "$name=$value\xff",          @bad ], [ 'a broken escape',      "$name=$value%4",      @bad ],
            [ 'repeated',             "$name=$value&$name=$value", @bad ], [ 'repeated, then empty', "$name=$value&$name=", @bad ],
            [ 'repeated in disguise', "$name=$value&%" . sprintf('%02x', ord $name) . substr($name, 1) . "=$value", @bad ],
        );
        @cases = grep { $_->[0] !~ /^repeated/ } @cases if $name eq 'resource';
        push @cases, [ 'missing', '', @{ $missing->{$name} } ], [ 'empty', "$name=", @{ $missing->{$name} } ],
            [ 'without =', $name, @{ $missing->{$name} } ]
            if $missing->{$name};
        push @cases,
            [ 'in the URI', '', $name =~ /^client_/ && $form eq 'json' ? @missing : @{ $missing->{$name} }, "?$name=$value" ]
            if $missing->{$name} && $endpoint =~ /^POST/ && $name ne 'access_token';
        for (@cases) {
            my ($case, $raw, $status, $error, $uri) = @$_;
            my $answer = ask($endpoint, with($good, $name, $raw), $headers, $uri // '');
            $form{$form}->($answer, $status, $error, $name, "GE-2: $endpoint, $what: $name $case");
            my %after   = tables();
            my @written = grep { $before{$_} ne $after{$_} } sort keys %before;
            @written = grep { $_ ne 'oauth.failure' } @written if ($error // '') eq 'invalid_client';    # that is counted (CA-3)
            is "@written", '', 'GE-2: and nothing is written';
            %before = %after;
        }
    }
    return;
}

# What must not hurt: each with a new request, as it works.
sub harmless ($endpoint, $entry, $good) {
    my ($what, undef, $status, $missing) = @$entry;
    for my $name (grep { !$missing->{$_} } sort keys %$good) {
        for my $case ('', "$name=") {
            my ($new, $headers) = $entry->[4]->();
            is ask($endpoint, with($new, $name, $case), $headers)->status, $status,
                "GE-2: $endpoint, $what: $name may be " . ($case ? 'empty' : 'missing');
        }
    }
    my ($new, $headers) = $entry->[4]->();
    for my $name (sort keys %$new) {
        for (
            [ HTML => '%22%3E%3Cscript%3Ealert%281%29%3C/script%3E' ],       [ header => 'x%0d%0aX-Evil:%201%0d%0a%0d%0ax' ],
            [ SQL  => q(%27%3bdrop%20table%20oauth.client%20cascade%3b--) ], [ format => '%25s%25n%7b%7bcsrf%7d%7d' ],
            )
        {
            my ($case, $raw) = @$_;
            my $answer = ask($endpoint, with($new, $name, "$name=$raw"), $headers);
            all_good "GE-5: $endpoint, $what: $name with $case", $answer,
                'a clear status'  => $answer->status =~ /^(?:20[01]|303|40[013])$/,
                'no split header' => !defined $answer->header('X-Evil'),
                'no HTML in HTML' => $answer->body !~ /<script/ || $answer->type ne 'text/html',
                'a whole answer'  => !$answer->{short} && defined $answer->header('X-Request-Id');
            ($new, $headers) = $entry->[4]->() if $answer->status == $status;
        }
    }
    ($new, $headers) = $entry->[4]->();
    my $more = 'unknown=1&unknown=2&bad=%ff%00&%ff=x&&=&=x&long=' . 'a' x 5000;
    $more .= '&' . Https::form(resource => $new->{resource}) if $new->{resource};
    is ask($endpoint, join('&', grep {length} with($new, ''), $more), $headers)->status, $status,
        "GE-2: $endpoint, $what: what is unknown is ignored, whatever it is";
    return;
}

for my $endpoint (sort keys %endpoint) {
    for my $entry (@{ $endpoint{$endpoint} }) {
        my ($what, undef, $status, undef, $make) = @$entry;
        my ($good, $headers) = $make->();
        refused($endpoint, $entry, $good, $headers);
        my %before = tables();
        is ask($endpoint, with($good, ''), $headers)->status, $status,
            "GE-2: $endpoint, $what: after all that it is a good request";
        my %after = tables();
        is !!grep({ $before{$_} ne $after{$_} } keys %before), !!writes($endpoint, $what),
            'GE-2: which is written, if it has effects';
        harmless($endpoint, $entry, $good);
    }
}

# GE-2: forms as such.
my $page = '/authorize?' . with(authorization(), '');
my $many = join '&', map {"p$_=1"} 1 .. 70;
is $site->{https}->get("$page&")->status,                303, 'GE-2: a & at the end';
is $site->{https}->get('/authorize?&')->status,          400, 'GE-2: a single &';
is $site->{https}->get('/authorize?=&==&%00=x')->status, 400, 'GE-2: names that are none';
is $site->{https}->get($page . '&a=b' x 50)->status,     303, 'GE-2: fifty unknown parameters';
page $site->{https}->get("/authorize?$many"), 413, 'GE-3: too many parameters';
oauth_error $site->{https}->request('POST', '/token', Https::form_headers({}), $many), 413, 'invalid_request',
    'GE-3: too many parameters at /token';

is join(' ', $site->workers($_)), $worker{$_}, "GE-2: the workers of postern-$_ live on" for @Site::programs;
$site->finish;
