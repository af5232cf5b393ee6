# SPDX-License-Identifier: ISC
# AD-2: "postern why" tells the true reason of every refusal: each error of error.def is provoked at an endpoint, and asked about by
# the request id of its answer.  Of what nginx refuses itself, its logs tell.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use Check;
use Device;
use Flow;
use Https;
use Process qw(run wait_for);
use Run;
use Site;

my $site  = Site->new(settings => { POSTERN_CLIENT_FAILURE_LIMIT => 6, POSTERN_LOGIN_ACCOUNT_LIMIT => 2 });
my $https = $site->{https};
$site->stand_still;
my %log   = map { $_ => $site->log_file($_) } @Site::programs;
my @logs  = map { ('--log', $log{$_}) } sort keys %log;
my %nginx = map { $_ => "$site->{dir}/log/postern-$_.log" } qw(access failure);

my $user   = $site->user;
my $person = $site->signed_in($user);
my $client = $site->client(refresh => 1, id => 'app');
my $loose  = $site->client(no_pkce => 1, id => 'loose');
$site->tool_ok([qw(scope add report --sentence reports --machine)]);
my $machine = $site->client(machine    => 1,          scope => 'report', id => 'machine');
my $device  = $site->client(device     => 1,          id    => 'device');
my $rs      = $site->client(introspect => 'contacts', id    => 'rs');
my $token   = $site->token($client, $person);
my $narrow  = $site->token($client, $person, scope => 'contacts');
my %pkce    = (code_challenge => (Flow::pkce())[1], code_challenge_method => 'S256');
my %mine    = (client_id => $client->{id}, client_secret => $client->{secret});

# Its status, and its JSON's findings of a kind.
sub why ($id, @more) {
    my $done = $site->tool([ 'why', $id, '--json', @more ]);
    my $all  = eval { JSON::PP->new->utf8->decode($done->{out}) } // {};
    is $all->{request_id}, $id, 'AD-2: JSON names the request' unless $done->{exit} > 1;
    return ($done->{exit}, @{ $all->{findings} // [] });
}

sub of_kind ($kind, @findings) {
    return grep { $_->{kind} eq $kind } @findings;
}

sub authorize ($client, %change) { return $person->get($site->authorize_url($client, %pkce, state => 's', %change)) }
sub token     (@form)            { return $https->post('/token', [@form]) }
sub wrong     ($client)          { return (client_id => $client->{id}, client_secret => 'psts_' . Flow::random(32) . 'xxxxxx') }
sub par       (@form)            { return $https->post('/par', [ %mine, response_type => 'code', %pkce, @form ]) }

# The login form in a new browser, sent with changes.
sub login (%change) {
    my $browser = $site->person;
    $browser->open_page('/login');
    return $browser->send_form(username => $user->{name}, password => $user->{password}, %change);
}

sub consent_page ($client) {
    my $browser = $site->signed_in($user);
    $browser->open_page($site->authorize_url($client, %pkce));
    return $browser;
}
sub at_consent ($client, %decision) { return consent_page($client)->send_form(%decision) }

# A form that is sent half an hour after it was opened.
sub late ($open, $send) {
    my $browser = $open->();
    $site->stand_still('31 minutes');
    my $answer = $browser->$send();
    $site->stand_still;
    return $answer;
}

# A request of another browser, while that one keeps no cookies.
sub without_cookies {
    my $handle = $person->open_page($site->authorize_url($client, %pkce)) && $person->{at};
    return $https->get("$handle&c=1");
}

# While something is broken in the database, or locked.
sub broken ($break, $mend, $do) {
    $site->sql($break);
    my $answer = $do->();
    $site->sql($mend);
    return $answer;
}

sub locked ($lock, $do) {
    my $session = $site->session;
    $session->hold($lock);
    my $answer = $do->();
    $session->release;
    return $answer;
}

sub restart ($program) {
    $site->{program}{$program}->stop;
    return $site->start($program);
}

sub with_client ($client, $set, $back, $do) {
    return broken(map({"update oauth.client set $_ where client_id = '$client->{id}'"} $set, $back), $do);
}

# [ error, where, what the reason must say, how it is provoked ].
my @refusals = (
    [ MISSING_PARAMETER => token     => qr/grant_type/,    sub { token(%mine) } ],
    [ MISSING_PARAMETER => authorize => qr/response_type/, sub { authorize($client, response_type => undef) } ],
    [
        REPEATED_PARAMETER => authorize => qr/scope/,
        sub { $person->get($site->authorize_url($client, %pkce, scope => 'a') . '&scope=b') }
    ],
    [
        BAD_ENCODING => token => qr/\bcode\b/,
        sub {
            $https->request(
                'POST', '/token', Https::form_headers({}),
                Https::form(%mine, grant_type => 'authorization_code') . '&code=%ff'
            );
        }
    ],
    [ LONG_PARAMETER => authorize => qr/state has 3000 bytes, allowed are 2048/, sub { authorize($client, state => 'x' x 3000) } ],
    [ BAD_PARAMETER      => contacts  => qr/limit is some/,     sub { $site->contact_list($token, '?limit=some') } ],
    [ BAD_PARAMETER      => authorize => qr/^42 characters/,    sub { authorize($client, code_challenge => 'x' x 42) } ],
    [ BAD_PARAMETER      => authorize => qr/decision is maybe/, sub { at_consent($client, decision => 'maybe') } ],
    [ CREDENTIALS_IN_URI => token     => qr/in the URI/,        sub { $https->post('/token?client_id=app', [%mine]) } ],
    [
        TWO_AUTHENTICATIONS => token => qr/beside an Authorization header/,
        sub { $https->post('/token', [%mine], Authorization => Https::basic('app', 'x')) }
    ],
    [
        INVALID_CLIENT => token => qr/there is no such client; 1 failures from 192\.0\.2\.1/,
        sub { token(wrong({ id => 'nobody' }), grant_type => 'authorization_code', code => 'x') }
    ],
    [
        INVALID_CLIENT => token => qr/registered for client_secret_post, came by basic/,
        sub { $https->post('/revoke', [ token => 'x' ], Authorization => Https::basic('app', $client->{secret})) }
    ],
    [ INVALID_CLIENT => token => qr/mistyped or cut off/, sub { $https->post(q(/introspect), [ token => q(x), wrong($rs) ]) } ],
    [
        INVALID_CLIENT => token => qr/none of this client/,
        sub { $https->post(q(/introspect), [ token => q(x), client_id => q(rs), client_secret => $client->{secret} ]) }
    ],
    [
        INVALID_CLIENT => token => qr/the secret expired at 2/,
        sub {
            my $expiry = "update oauth.client_secret set expires_at = %s where client_id = 'rs'";
            broken(
                map({ sprintf($expiry, $_) } q(now()), q(null)),
                sub { $https->post(q(/introspect), [ token => q(x), client_id => q(rs), client_secret => $rs->{secret} ]) }
            );
        }
    ],
    [
        INVALID_CLIENT => token => qr/the client is disabled/,
        sub {
            with_client($client, 'enabled = false', 'enabled = true', sub { par() });
        }
    ],
    [
        TOO_MANY_GUESSES => token => qr/7 failures from 192\.0\.2\.1 in this minute/,
        sub { $https->post('/revoke', [ token => 'x', wrong($client) ]) }
    ],
    [ INVALID_GRANT => token => qr/no grant has this code/, sub { token(%mine, grant_type => 'authorization_code', code => 'x') } ],
    [
        INVALID_GRANT => token => qr/no grant has this refresh token/,
        sub { token(%mine, grant_type => 'refresh_token', refresh_token => 'x') }
    ],
    [
        INVALID_GRANT => token => qr{redirect_uri https://app\.example/else is not https://app\.example/back},
        sub { $site->redeem($loose, $site->code($loose, $person), redirect_uri => 'https://app.example/else') }
    ],
    [
        UNAUTHORIZED_CLIENT => token => qr/not registered for client_credentials/,
        sub { token(%mine, grant_type => 'client_credentials') }
    ],
    [
        UNAUTHORIZED_CLIENT => token => qr/not registered as a resource server/,
        sub { $https->post('/introspect', [ %mine, token => 'x' ]) }
    ],
    [
        UNAUTHORIZED_CLIENT => authorize => qr/app was disabled meanwhile/,
        sub {
            my $browser = $site->signed_in($user);
            $browser->open_page($site->authorize_url($client, %pkce));
            with_client($client, 'enabled = false', 'enabled = true', sub { $browser->send_form(decision => 'allow') });
        }
    ],
    [ UNSUPPORTED_GRANT_TYPE => token => qr/grant_type is password/, sub { token(%mine, grant_type => 'password') } ],
    [
        UNSUPPORTED_RESPONSE_TYPE => authorize => qr/response_type is id_token/,
        sub { authorize($client, response_type => 'id_token') }
    ],
    [
        INVALID_SCOPE => authorize => qr/scope e-mail is not within: profile contacts/,
        sub { authorize($client, scope => 'e-mail') }
    ],
    [ INVALID_SCOPE => authorize => qr/scope is a  b/, sub { authorize($client, scope => 'a  b') } ],
    [
        INVALID_SCOPE => token => qr/scope profile is not within: report/,
        sub {
            token(
                client_id => 'machine', client_secret => $machine->{secret}, grant_type => 'client_credentials',
                scope     => 'profile'
            );
        }
    ],
    [
        SCOPE_REQUIRED => authorize => qr/no default scope/,
        sub {
            with_client($client, "default_scope = '{}'", 'default_scope = scope', sub { authorize($client) });
        }
    ],
    [
        INVALID_TARGET => authorize => qr{resources https://elsewhere\.example/ are not within: profile contacts},
        sub { authorize($client, resource => 'https://elsewhere.example/') }
    ],
    [ INVALID_TARGET => authorize => qr/resource is elsewhere/, sub { authorize($client, resource => 'elsewhere') } ],
    [ PKCE_REQUIRED  => authorize => qr/code_challenge/,        sub { $person->get($site->authorize_url($client)) } ],
    [
        PKCE_NOT_S256 => authorize => qr/code_challenge_method is plain/,
        sub { authorize($client, code_challenge_method => 'plain') }
    ],
    [
        PAR_REQUIRED => authorize => qr{/par},
        sub {
            with_client($client, 'par_required = true', 'par_required = false', sub { authorize($client) });
        }
    ],
    [
        REDIRECT_URI_NOT_REGISTERED => token => qr{redirect_uri https://x\.example/ is not one of: https://app\.example/back},
        sub { par(redirect_uri => 'https://x.example/') }
    ],
    [ REQUEST_NOT_SUPPORTED     => authorize => qr/signed/,                 sub { authorize($client, request     => 'x') } ],
    [ REQUEST_URI_NOT_SUPPORTED => authorize => qr/did not give out urn:x/, sub { authorize($client, request_uri => 'urn:x') } ],
    [
        REQUEST_URI_EXPIRED => authorize => qr/no such pushed request/,
        sub { authorize($client, request_uri => 'urn:ietf:params:oauth:request_uri:x') }
    ],
    [
        CHALLENGE_REUSED => authorize => qr/in another session/,
        sub { at_consent($client, decision => 'allow'); at_consent($client, decision => 'allow') }
    ],
    [ ACCESS_DENIED => authorize => qr/the person said no to client app/, sub { at_consent($client, decision => 'deny') } ],
    [
        DEVICE_DENIED => token => qr/said no/,
        sub {
            my $codes = device_begins($site, $device);
            decided($site->signed_in($user), $codes, 'deny');
            poll($site, $device, $codes);
        }
    ],
    [
        SLOW_DOWN => token => qr/too soon/,
        sub { my $codes = device_begins($site, $device); poll($site, $device, $codes); poll($site, $device, $codes) }
    ],
    [
        EXPIRED_TOKEN => token => qr/has expired/,
        sub {
            my $codes = device_begins($site, $device);
            $site->stand_still('11 minutes');
            my $answer = poll($site, $device, $codes);
            $site->stand_still;
            $answer;
        }
    ],
    [ USER_CODE_WRONG => authorize => qr/no request has this code/,     sub { type_code($site->signed_in($user), 'BBBB-BBBB') } ],
    [ INVALID_GRANT   => token     => qr/there is no such device code/, sub { poll($site, $device, { device_code => 'x' }) } ],
    [ UNKNOWN_CLIENT  => authorize => qr/no enabled client nobody/,     sub { authorize({ %$client, id => 'nobody' }) } ],
    [
        BAD_REDIRECT_URI => authorize => qr{redirect_uri https://app\.example/bak is not one of: https://app\.example/back},
        sub { authorize($client, redirect_uri => 'https://app.example/bak') }
    ],
    [ REQUEST_EXPIRED => authorize => qr/no request of this handle in the last hour/, sub { $person->get('/authorize?h=x') } ],
    [ COOKIES_NEEDED  => authorize => qr/keeps no cookie/,                            sub { without_cookies() } ],
    [ FORM_FORGED     => authorize => qr/does not fit its cookie/,                    sub { login(csrf => 'x') } ],
    [
        FORM_FORGED => authorize => qr{Origin is https://evil\.example, Sec-Fetch-Site is same-origin, ours is \Q$site->{issuer}\E},
        sub { login(headers => { Origin => 'https://evil.example' }) }
    ],
    [
        FORM_LATE => authorize => qr/open for too long/,
        sub {
            late(
                sub { my $browser = $site->person; $browser->open_page('/login'); $browser },
                sub ($browser) { $browser->send_form(username => 'x', password => 'y') }
            );
        }
    ],
    [
        FORM_LATE => authorize => qr/open for too long/,
        sub {
            late(sub { consent_page($client) }, sub ($browser) { $browser->send_form(decision => 'allow') });
        }
    ],
    [
        LOGIN_REQUIRED => authorize => qr/sign in first/,
        sub {
            my $browser = consent_page($client);
            broken(
                map({"update oauth.session set ended_at = $_"} 'now()', 'null'),
                sub { $browser->send_form(decision => 'allow') }
            );
        }
    ],
    [ NAME_AND_PASSWORD => authorize => qr/half empty/,                             sub { login(password => undef) } ],
    [ WRONG_PASSWORD    => authorize => qr/nobody has this user name/,              sub { login(username => 'nobody') } ],
    [ WRONG_PASSWORD    => authorize => qr/wrong password for account $user->{id}/, sub { login(password => 'wrong') } ],
    [
        WRONG_PASSWORD => authorize => qr/account $user->{id} is disabled/,
        sub {
            broken("update directory.person set active = false", "update directory.person set active = true", sub { login() });
        }
    ],
    [ TOO_MANY_ATTEMPTS => authorize => qr/account $user->{id}/, sub { login() } ],
    [ TOKEN_MISSING     => token     => qr/no access token/,     sub { $https->get('/profile') } ],
    [ INVALID_TOKEN     => token     => qr/not of the form/,     sub { $site->profile('x') } ],
    [
        INVALID_TOKEN => contacts => qr/no such token/,
        sub { $site->contact_list(Flow::checked('psta_0' . Flow::random(32) . 'xxxxxx')) }
    ],
    [
        INVALID_TOKEN => token => qr/not of the form/,
        sub { $https->post('/introspect', [ client_id => 'rs', client_secret => $rs->{secret}, token => 'x' ]) }
    ],
    [ INSUFFICIENT_SCOPE => token => qr/its scope is: contacts/, sub { $site->profile($narrow) } ],
    [
        QUERY_TOKEN_REFUSED => contacts => qr/client app is not registered/,
        sub { $site->contact_list('', "?access_token=$token") && $site->{contacts}->get("/contacts?access_token=$token") }
    ],
    [ TWO_TOKENS         => contacts => qr/a token in more than one/, sub { $site->contact_list($token, "?access_token=$token") } ],
    [
        CONFLICTING_PARAMETERS => contacts => qr/parameter q and order/,
        sub { $site->contact_list($token, '?q=a&order=id') }
    ],
    [ BAD_SYNC => contacts => qr/did not make/, sub { $site->contact_list($token, '?sync=x') } ],
    [
        SYNC_EXPIRED => contacts => qr/older than the log/,
        sub {
            my $mark = $site->contact_list($token)->json->{sync};
            $site->sql('truncate directory.person_contact');
            $site->contact_list($token, "?sync=$mark");
        }
    ],
    [
        NOT_OFFERED => contacts => qr/q needs the view directory\.contact_word/,
        sub {
            broken(
                map({ "alter view directory.contact_word$_->[0] rename to contact_word$_->[1]" } [ '', 's' ], [ 's', '' ]),
                sub { restart('contacts'); $site->contact_list($token, '?q=a') }
            );
        }
    ],
    [
        NO_CONTACT => contacts => qr/no such contact/,
        sub { restart('contacts'); $site->{contacts}->get('/contacts/42', Flow::bearer($token)) }
    ],
    [
        NOT_ACCEPTABLE => contacts => qr{Accept is text/html},
        sub { $site->{contacts}->get('/contacts', Flow::bearer($token), Accept => 'text/html') }
    ],
    [ BAD_CURSOR         => contacts => qr/did not make/,             sub { $site->contact_list($token, '?cursor=x') } ],
    [
        TOO_MANY_REQUESTS => contacts => qr/more than 1 requests in a minute/,
        sub {
            my $few = $site->token($site->client(id => 'few', contacts_per_minute => 1), $person);
            $site->contact_list($few);
            $site->contact_list($few);
        }
    ],
    [ METHOD_NOT_ALLOWED => token    => qr/method GET/,               sub { $https->get('/token') } ],
    [
        TOO_LARGE => token => qr/more than 64 parameters/,
        sub {
            token(%mine, map { ("p$_" => 1) } 1 .. 70);
        }
    ],
    [
        UNSUPPORTED_MEDIA_TYPE => token => qr{Content-Type is application/json},
        sub { $https->request('POST', '/token', { 'Content-Type' => 'application/json' }, '{}') }
    ],
    [
        SERVER_ERROR => token => qr/profile: 42501 permission denied/,
        sub {
            my $right = 'select (username) on oauth.live_token';
            broken(
                qq(revoke $right from "$site->{roles}-token"), qq(grant $right to "$site->{roles}-token"),
                sub { $site->profile($token) }
            );
        }
    ],
    [
        TEMPORARILY_UNAVAILABLE => contacts => qr/./,
        sub {
            locked('lock table oauth.client in access exclusive mode', sub { $site->contact_list($token) });
        }
    ],
);

for (@refusals) {
    my ($error, $program, $reason, $provoke) = @$_;
    my $answer = $provoke->();
    my $id     = $answer->header('X-Request-Id');
    my ($exit, @findings) = why($id, @logs);
    my ($found, @more)    = of_kind('refusal', @findings);
    all_good(
        "AD-2: $error of $program", $answer,
        'exit 0'                                       => $exit == 0,
        'one refusal'                                  => $found && !@more,
        "error $error, not " . ($found->{error} // '') => !!(($found->{error}   // '') eq $error),
        "of $program"                                  => !!(($found->{program} // '') eq "postern-$program"),
        'the reason: ' . ($found->{reason} // '')      => !!(($found->{reason}  // '') =~ $reason),
        'its sentence'                                 => length($found->{sentence} // ''),
        'a step, filled in'                            => !!(($found->{step} // '') =~ /\w/ && $found->{step} !~ /[{}]/),
        'time, request, address'                       => 3 == grep { length($found->{$_} // '') } qw(time request address),
        'the status' => $answer->status == 303 || $found->{status} == $answer->status || $error =~ /INVALID_TOKEN|FORM_LATE/
    );
}

# Each error of the table was provoked, or no request of nginx's can have it.
my %not = (
    INVALID_REQUEST       => 'nginx counts the body itself',
    NOT_FOUND             => 'nginx passes on no other path',
    AUTHORIZATION_PENDING => 'a poll that has to wait is no refusal',
    USER_CODE_TAKEN       => 'of 2.56e10 codes three are taken, one after the other',
    OTHER_BROWSER         => 'the browser gets a copy'
);
open my $in, '<', "$Run::source/fcgi/http/error.def" or die $!;
my @errors = join('', readline $in) =~ /^ERROR\((\w+)/mg;
close $in;
my %provoked = map { $_->[0] => 1 } @refusals;
is join(' ', grep { !$provoked{$_} && !$not{$_} } @errors), '', 'AD-2: every error of error.def is explained';

# TK-13: whatever ends a token, /profile, /contacts and /introspect log what it was; of a living one there is nothing to say.
my $newest = 'select %s from oauth.access_token order by issued_at desc limit 1';
my $fate   = sub { $site->sql(sprintf $newest, "coalesce(oauth.token_fate(slot, digest), 'none')") };
my $ended  = q(update oauth.grants set ended_at = %s, ended_why = 'administrator');
my $alive  = $site->token($client, $person);
$site->stand_still('1 second');
$alive = $site->token($client, $person);
is $fate->(), 'none', 'AD-2: a living token has no fate';

for (
    [ qr/^the token expired at 2/, q(update oauth.access_token set expires_at = %s),              'now()', q(now() + '1 hour') ],
    [ qr/^its grant was ended at 2.*: administrator$/, $ended,                                    'now()', 'null' ],
    [ qr/^its grant expired at 2/,                     'update oauth.grants set expires_at = %s', 'now()', q(now() + '1 day') ],
    [ qr/^client app is disabled$/,          q(update oauth.client set enabled = %s where client_id = 'app'),  'false', 'true' ],
    [ qr/^account $user->{id} is disabled$/, "update directory.person set active = %s where id = $user->{id}", 'false', 'true' ],
    [
        qr/^account $user->{id} is gone$/, "update directory.person set id = %s where username = '$user->{name}'", 999_999,
        $user->{id}
    ],
    [
        qr/^the password of account $user->{id} was changed$/,
        "update directory.person set password_hash = %s where id = $user->{id}",
        q('x' || password_hash), 'substr(password_hash, 2)'
    ],
    )
{
    my ($reason, $sql, $off, $on) = @$_;
    $site->sql(sprintf $sql, $off);
    for my $ask (
        sub { $site->profile($alive) }, sub { $site->contact_list($alive) },
        sub { $https->post('/introspect', [ client_id => 'rs', client_secret => $rs->{secret}, token => $alive ]) }
        )
    {
        my (undef, @findings) = why($ask->()->header('X-Request-Id'), @logs);
        my ($found) = of_kind('refusal', @findings);
        like $found->{reason}, $reason, "AD-2: $found->{program} says what ended a token";
    }
    $site->sql(sprintf $sql, $on);
    is $site->profile($alive)->status, 200, 'AD-2: and without that it lives';
}

# For people: aligned, in words; a secret that was pasted stands nowhere.
my $bad  = authorize($client, redirect_uri => 'https://app.example/bak');
my $text = $site->tool([ 'why', $bad->header('X-Request-Id'), @logs ]);
is $text->{exit}, 0, 'AD-2: for people';
like $text->{out}, qr/\A\w+:\n(?:  [a-z]+ *  \S.*\n)+\z/, 'AD-2: a line for each part, aligned';
is scalar(keys %{ { map { length() => 1 } $text->{out} =~ /^(  \w+ +)/mg } }), 1, 'AD-2: in one column';
like $text->{out}, qr/^  reason +redirect_uri \S+ is not one of: \S+\n  step +Compare/m, 'AD-2: the reason, and what to do';
my $pasted = authorize($client, client_id => $client->{secret}, redirect_uri => undef);
my $hidden = $site->tool([ 'why', $pasted->header('X-Request-Id'), @logs ])->{out};
like $hidden, qr/a secret stands where/, 'AD-2: the reason of a secret in the wrong place';
ok index($hidden, $client->{secret}) < 0, 'AD-1: without the secret';

# Security events: the audit, and the counted failures, of this request and no other.
my $code    = $site->code($loose, $person);
my $granted = $site->redeem($loose, $code);
my $replay  = $site->redeem($loose, $code);
my ($exit, @found) = why($replay->header('X-Request-Id'), @logs);
is join(' ', map { $_->{kind} } @found), 'refusal audit', 'AD-2: a replay is in the log and in the audit';
is_deeply {
    map { $_ => $found[1]{$_} } qw(event client account address)
},
    { event => 'replay', client => 'loose', account => $user->{id}, address => '192.0.2.1' }, 'AD-2: with who and whence';
($exit, @found) = why($granted->header('X-Request-Id'), '--log', '/dev/null');
is "$exit @{[ map { $_->{event} } @found ]}", '0 token', 'AD-2: what was not refused is found in the audit';
$site->stand_still('10 minutes');
token(wrong($client), grant_type => 'authorization_code', code => 'x') for 1 .. 2;
my $guess = $https->post('/revoke', [ token => 'x', wrong($client) ]);
($exit, @found) = why($guess->header('X-Request-Id'), @logs);
is_deeply [ map { [ @$_{qw(kind event client address count)} ] } @found[ 1 .. $#found ] ],
    [ [ 'failures', 'client', 'app', '192.0.2.1', 3 ] ], 'AD-2, CA-3: a failure, with those of its minute';

# What nginx refuses by itself.  It writes the line when it is done with the request, which is after the answer.
sub nginx ($answer, @kinds) {
    my $id = $answer->header('X-Request-Id');
    wait_for(
        'nginx\'s log',
        sub {
            grep {/id=$id/} map { Site::lines($_) } values %nginx;
        }
    );
    my (undef, @findings) = why($id, map { ('--log', $nginx{$_}) } @kinds);
    return (of_kind('nginx', @findings))[0];
}
like nginx($https->post('/token', [ x => 'y' x 70_000 ]), 'failure')->{reason}, qr/over 64 KiB/, 'AD-2: a body that is too large';
like nginx($https->get('/' . 'x' x 40_000), 'failure')->{reason}, qr/longer than nginx reads/, 'AD-2: an address that is too long';
like nginx($https->get('/nowhere'),         'access')->{reason},  qr/no such address/,         'AD-2: an address that is none';
like nginx($https->raw("TRACE / HTTP/1.1\r\nHost: localhost:81\r\nConnection: close\r\n\r\n"), 'failure')->{reason},
    qr/this method/, 'AD-2: TRACE';
like nginx($site->contact_list($token, '?limit=x'), 'failure')->{reason}, qr/a worker answered/,
    'AD-2: a worker\'s refusal is told from nginx\'s';
is nginx($site->contact_list($token), 'access')->{status}, 200, 'AD-2: what went well is found too';
my $flood = $https->send_raw("HEAD /login HTTP/1.1\r\nHost: localhost:81\r\nX-Test-Address: 198.51.100.7\r\n\r\n" x 449
        . "HEAD /login HTTP/1.1\r\nHost: localhost:81\r\nX-Test-Address: 198.51.100.7\r\nConnection: close\r\n\r\n", 'HEAD')->all;
my ($limited) = $flood =~ m{^HTTP/1.1 429 .*?^X-Request-Id: (\w+)}ms;
like((of_kind('nginx', (why($limited, '--log', $nginx{failure}))[1]))[0]{reason}, qr/^nginx's limit/, 'AD-2: nginx\'s limit');
$site->{program}{contacts}->stop;
like nginx($site->contact_list($token), 'failure')->{reason}, qr/no worker took/, 'AD-2: a service that is down';
$site->start('contacts');

# What a log may hold, on standard input: nothing of it moves a terminal, and no line is taken for another's.
my $id = '0123456789abcdef' x 2;

sub of_text ($log, @more) { return $site->tool([ 'why', $id, '--log', '-', @more ], stdin => $log) }
my $line = "2026-11-24T12:00:00+00:00 id=$id addr=192.0.2.9 \"GET /contacts\"";
for (
    [ "502 up=502, 502 conn=0.000, 0.000 first=-, - rt=0.1 lim=-", qr/ended in the middle/ ],
    [ "502 up=502 conn=- first=- rt=0.1 lim=-",                    qr/no worker took/ ],
    [ "504 up=504 conn=0.000 first=- rt=5 lim=PASSED",             qr/did not answer in time/ ],
    [ "499 up=- conn=0.000 first=- rt=1 lim=PASSED",               qr/hung up/ ],
    [ "408 up=- conn=- first=- rt=60 lim=-",                       qr/too slow/ ],
    [ "418 up=- conn=- first=- rt=60 lim=-",                       qr/by itself/ ],
    )
{
    like of_text("$line $_->[0]\n")->{out}, qr/^  reason +.*$_->[1]/m, "AD-2: nginx's $_->[0]";
}
my $event = "level=info program=postern-token event=refused id=$id method=POST path=/token error=INVALID_GRANT";
like of_text("Nov 24 12:00:00 host postern-token[7]: $event detail=\"a \\\"b\\\"\"")->{out}, qr/^  reason +a "b"$/m,
    'AD-2: a line of syslog, the last without an end';
like of_text("$event detail=\"a\\\\\" error=FORGED\n")->{out}, qr/^  error +INVALID_GRANT\n.*^  reason +a\\\n/ms,
    'AD-2: a backslash before the quote';
like of_text("$event detail=\"x\\nreason=forged\"\n")->{out}, qr/^  reason +x\\nreason=forged$/m, 'AD-2: an escape stays one';
is of_text($_->[1])->{exit}, 1, "AD-2: $_->[0] is no line"
    for [ 'what moves a terminal', "$event detail=\e[2J\n" ], [ 'what is not UTF-8', "$event detail=\xff\n" ],
    [ 'another id',      $event =~ s/$id/x$id/r . "\n" ], [ 'an id in a value', "event=refused detail=\"id=$id\"\n" ],
    [ 'a line of words', 'x ' x 1000 . "$event\n" ],
    [ 'a NUL',           "$event\0\n" ], [ 'a line of a megabyte', $event . 'x' x 1_000_000 . "\n" ],
    [ 'no event',        "id=$id x\n" ], [ 'nothing',              '' ];
is of_text('x' x 200_000 . "\n$event\n")->{exit}, 0, 'AD-2: the line after a long one';
like of_text("event=refused id=$id error=NO_SUCH_ERROR detail=x\n")->{out}, qr/^  error +NO_SUCH_ERROR\n  reason +x$/m,
    'AD-2: an error of another version';
like of_text("level=warn event=uncounted id=$id detail=x\n")->{out}, qr/^  event +uncounted$/m, 'AD-2: another event';

# Wrong calls, what can't be read.
is $site->tool([ 'why', @$_ ])->{exit}, 64, "a wrong call: @$_"
    for [], ['x'], [ uc $id ], ["$id$id"], [ $id, $id ], [ $id, '--log' ], [ $id, '--seconds', 0 ], [ $id, '--seconds', 'x' ],
    ["$id'; drop table oauth.audit --"];
my $none = $site->tool([ 'why', $id, @logs ]);
is $none->{exit}, 1,  'AD-2: nothing is known';
is $none->{out},  '', 'and nothing said, but';
like $none->{err}, qr/nothing is known of $id/, 'on standard error';
is $site->tool([ 'why', $id, '--log', "$site->{dir}/no-such-file" ])->{exit}, 66, 'a log that is not there';
is $site->tool([ 'why', $id, '--log', $site->{dir} ])->{exit},                66, 'a folder';
my $away = $site->tool([ 'why', $bad->header('X-Request-Id'), @logs ], env => { PGHOST => "$site->{dir}/nowhere" });
is $away->{exit}, 69, 'PostgreSQL that is away';
like $away->{out}, qr/BAD_REDIRECT_URI/, 'and what the logs have is told all the same';

# The journal: journalctl with arguments that are always the same, nothing of our environment, and no longer than allowed.
sub journal ($script, @arguments) {
    my $bin = "$site->{dir}/bin";
    mkdir $bin;
    open my $out, '>', "$bin/journalctl" or die $!;
    print $out "#!/bin/sh\n$script\n";
    close $out or die $!;
    chmod 0755, "$bin/journalctl" or die $!;
    return $site->tool(
        [ 'why', $bad->header('X-Request-Id'), @arguments ],
        env => { PATH => "$bin:/usr/bin:/bin", PGPASSWORD => 'a word' }
    );
}
my $journal = journal(
    qq(echo "\$@" > $site->{dir}/arguments; env > $site->{dir}/environment\n)
        . qq(sed 's/^time=/2026-11-24T12:00:00+0000 host postern-authorize[7]: /' $log{authorize})
);
is $journal->{exit}, 0, 'AD-2: the journal';
like $journal->{out}, qr/BAD_REDIRECT_URI/, 'AD-2: is read without --log';
is join('', Site::lines("$site->{dir}/arguments")), "--quiet --no-pager --utc --output=short-iso --unit=postern-*\n",
    'with these arguments';
is join(' ', sort grep { !/^(?:PWD|SHLVL|_|OLDPWD)$/ } map {/^(\w+)=/} Site::lines("$site->{dir}/environment")), 'LC_ALL PATH',
    'AD-1: and no more of an environment';
is journal('exit 1')->{exit}, 66, 'a journal that can\'t be read';
my $late = journal('exec tail -f /dev/null', '--seconds', 1);
is $late->{exit}, 66, 'one that takes too long';
like $late->{err}, qr/--seconds/, 'and what to do then';
is $site->tool([ 'why', $id ], env => { PATH => '/nowhere' })->{exit}, 66, 'no journalctl at all';

$site->finish;
