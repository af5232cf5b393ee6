# SPDX-License-Identifier: ISC
# DV-1: /device (RFC 8628 3.3, 5.1, 5.4): the person types the code, reads who asks for what, and decides; guessing is limited.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Device;
use Flow;
use Page;
use Site;

my $site   = Site->new(settings => { POSTERN_LOGIN_ACCOUNT_LIMIT => 5, POSTERN_LOGIN_ADDRESS_LIMIT => 12 });
my $user   = $site->user;
my $person = $site->signed_in($user);
my $client = $site->client(name => 'Tom & "Jerry" <TV>', device => 'only', type => 'public');
my $device = sub (%change) { device_begins($site, $client, %change) };
my @shown;

sub forget { return $site->sql('truncate oauth.login_limit') }

sub begins { my $codes = $device->(@_); push @shown, $codes->{user_code}; return $codes }

sub decision ($codes) {
    return $site->sql("select coalesce(decision, 'none') from oauth.device_code where digest = sha256(decode(translate('"
            . substr($codes->{device_code}, 5, 43)
            . "=', '-_', '+/'), 'base64'))");
}

sub counted { return $site->sql(q(select count(*) from oauth.login_limit where key like 'device %' and full_until > now())) }

# Not signed in: the login first, which comes back to the page, with the code.
my $codes    = begins();
my $stranger = $site->person;
$stranger->get('/device');
is $stranger->last_answer->location, "$site->{issuer}/login?to=device", 'DV-1: who is not signed in goes to the login';
$stranger->get('/device?user_code=' . lc $codes->{user_code});
is $stranger->last_answer->location, "$site->{issuer}/login?to=device&user_code=$codes->{user_code}", 'DV-1: the code goes along';
$stranger->get('/device?user_code=' . Https::encode("BCDF-GHJK\r\nSet-Cookie: a=b"));
is $stranger->last_answer->location, "$site->{issuer}/login?to=device", 'AZ-11: what is no user code does not';
page $stranger->open_page("/device?user_code=$codes->{user_code}"), 200, 'DV-1: the login page',
    'it says why' => $stranger->last_answer->body =~ /device/;
page $stranger->submit(username => $user->{name}, password => 'wrong'), 403, 'SE-1: a wrong password';
my $filled = $stranger->sign_in($user);
page $filled, 200, '8628 3.3.1: then the page with the code in it',
    'the code'                  => $filled->body                              =~ /value="$codes->{user_code}"/,
    'a question'                => Page::text($filled->body)                  =~ /exactly this code/,
    'form-action is ours alone' => $filled->header('Content-Security-Policy') =~ /form-action 'self'(?:;|$)/;
is counted(), 0, '8628 3.3.1: a link alone tries no code';
$stranger->open_page('/login?to=device');
is $stranger->{at}, '/device', 'DV-1: who is signed in already goes on at once';
$stranger->open_page('/login?to=https://evil.example');
is $stranger->{at}, '/', 'AZ-11: there is no other place to go on to';

# The page; what can be typed.
my $empty = $person->open_page('/device');
page $empty, 200, 'DV-1: the page', 'who is signed in' => index(Page::text($empty->body), $user->{name}) > 0,
    'an empty field' => $empty->body =~ /name="user_code"[^>]*value=""/;
my $letters = $codes->{user_code} =~ s/-//r;
my ($left, $right) = split /-/, $codes->{user_code};
for (
    $codes->{user_code}, $letters, lc $letters, lc $codes->{user_code}, " $left  $right ", "$left\x{2013}$right", "$left.$right",
    join('-', split //, $letters)
    )
{
    forget();
    page type_code($person, $_), 200, "8628 6.1: typed as \"$_\"", 'found' => $person->last_answer->body =~ /value="allow"/;
}
my $text = Page::text($person->last_answer->body);
like $text, qr/Tom & "Jerry" <TV>/,                                              'DV-1: the page names the client';
like $text, qr/see who you are: your id and your user name.*read your contacts/, 'DV-1: and what it may do then, in sentences';
like $text, qr/$codes->{user_code}/,                                             '8628 3.3.1: and the code again';
like $text, qr/start this yourself/, '8628 5.4: and warns of requests that are not the person\'s own';
is decision($codes), 'none', 'DV-1: nothing is decided by that';
forget();
my $narrow = begins(scope => 'profile');
unlike Page::text(read_request($person, $narrow)->body), qr/contacts/, 'DV-1: only what is asked for';

# What is no code, or none any more: the same answer.
sub plain ($answer) { return $answer->body =~ s/(name="(?:csrf|t|user_code)"[^>]* value=")[^"]*/$1/gr }
my ($denied, $expired, $disabled) = map { begins() } 1 .. 3;
forget();
decided($person, $denied, 'deny');
$site->sql("update oauth.device_code set expires_at = now() where created_at = (select max(created_at) from oauth.device_code)");
my $wrong = type_code($person, 'BCDF-GHJK');
page $wrong, 400, 'DV-1: an unknown code', 'an alert' => $wrong->body =~ /role="alert"/,
    'what was typed' => $wrong->body =~ /value="BCDF-GHJK"/;
is plain(type_code($person, $denied->{user_code})),   plain($wrong), 'DV-1: one that was decided, the same answer';
is plain(type_code($person, $disabled->{user_code})), plain($wrong), 'DV-1: one that has expired, the same answer';
forget();
$site->sql("update oauth.client set enabled = false where client_id = '$client->{id}'");
is plain(type_code($person, $expired->{user_code})), plain($wrong), 'DV-1: one of a client that was disabled, the same answer';
$site->sql("update oauth.client set enabled = true, grant_types = '{}' where client_id = '$client->{id}'");
is plain(type_code($person, $expired->{user_code})), plain($wrong), 'DV-1: or that may not use the grant any more';
$site->sql("update oauth.client set grant_types = '{$Device::grant_type}' where client_id = '$client->{id}'");
forget();

for my $typed ('', 'BCDF-GHJ', 'BCDF-GHJKL', 'ABCD-EFGH', '0123-4567', 'x' x 65, '"><script>alert(1)</script>', 'ВСDF-GHJK') {
    page type_code($person, $typed), 400, 'DV-1: no user code: ' . substr $typed, 0, 20;
}
is counted(), 0, '8628 5.1: what can be no code is not counted';
for my $pair ('user_code=BCDF-GHJK&user_code=BCDF-GHJK', 'user_code=%ff', 'user_code=%00', 'user_code=' . 'x' x 5000) {
    page $person->open_page("/device?$pair"), 400, 'GE-2: ' . substr $pair, 0, 40;
}
is $person->open_page('/device?user_code=')->status,          200, 'GE-2: an empty one is none';
is $person->open_page('/device?unknown=1&unknown=2')->status, 200, 'GE-2: an unknown parameter is ignored';
page $site->{https}->request('PUT', '/device'), 405, 'GE-3: another method';
is $person->{https}->request('HEAD', '/device', { $person->cookie_header })->status, 200, 'GE-3: HEAD';

# Deciding.
$codes = begins();
my $done = decided($person, $codes);
page $done, 200, 'DV-1: allowed', 'it says so' => Page::text($done->body) =~ /Device connected/,
    'the client' => $done->body =~ /Tom &amp;/;
is $site->sql(
    'select account_id, scope, resources, redirect_uri is null, code_locator is null, session_id is not null,
     expires_at > created_at + interval \'1 day\' from oauth.grants'
    ),
    "$user->{id}|{profile,contacts}|{profile,contacts}|t|t|t|t", 'DV-1: a grant like any other';
my $other = decided($person, begins(), 'deny');
page $other, 200, 'DV-1: denied', 'it says so' => Page::text($other->body) =~ /Device not connected/;
is $site->sql('select count(*) from oauth.grants'), 1, 'DV-1: makes no grant';

# The same button twice; the other one; another person.
forget();
my ($tab, $other_person) = map { $site->signed_in($_) } $user, $site->user;
my $twice = begins();
read_request($_, $twice) for $person, $tab, $other_person;
my @state = ($person->submit(decision => 'allow'), $tab->submit(decision => 'allow'), $tab->open_page('/device'));
is join(' ', map { $_->status } @state),            '200 200 200',             'DV-1: the same button twice is no mistake';
is $site->sql('select count(*) from oauth.grants'), 2,                         'DV-1: and makes one grant';
is $site->sql(q(select count(*) from oauth.audit where event = 'consent')), 2, 'OP-6: one row in the audit';
page $other_person->submit(decision => 'allow'), 400, 'DV-1: another person comes too late';
is $site->sql("select account_id from oauth.grants order by id desc limit 1"), $user->{id}, 'DV-1: it is the first one\'s';
forget();
$twice = begins();
read_request($_, $twice) for $person, $tab;
$person->submit(decision => 'allow');
page $tab->submit(decision => 'deny'), 400, 'DV-1: the other button afterwards changes nothing';
is decision($twice), 'allowed', 'DV-1: it stays allowed';

# A code that ends between the two forms.
my %ends = (
    'its time is over'            => "update oauth.device_code set expires_at = now() where decision is null",
    'its client is disabled'      => "update oauth.client set enabled = false",
    'its client may not any more' => "update oauth.client set grant_types = '{}'",
    'its client is gone'          => "delete from oauth.device_code where decision is null"
);
for my $case (sort keys %ends) {
    forget();
    read_request($person, begins());
    my $grants = $site->sql('select count(*) from oauth.grants');
    $site->sql($ends{$case});
    page $person->submit(decision => 'allow'), 400, "DV-1: allowed too late: $case",
        'no grant' => $site->sql('select count(*) from oauth.grants') == $grants;
    $site->sql("update oauth.client set enabled = true, grant_types = '{$Device::grant_type}'");
}

# SE-3: both forms carry a token and come from our own origin.
my $foreign = $site->signed_in($user);
$foreign->open_page('/device');
my %open = (
    code     => sub ($codes) { $person->open_page('/device'); return (user_code => $codes->{user_code}) },
    decision => sub ($codes) { read_request($person, $codes); return (decision  => 'allow') },
);
for my $form (sort keys %open) {
    for (
        [ 'another origin',           { headers => { Origin => 'https://evil.example', 'Sec-Fetch-Site' => undef } } ],
        [ 'another port',             { headers => { Origin => 'https://localhost:82', 'Sec-Fetch-Site' => undef } } ],
        [ 'Origin null alone',        { headers => { Origin => 'null',                 'Sec-Fetch-Site' => undef } } ],
        [ 'cross-site',               { headers => { 'Sec-Fetch-Site' => 'cross-site' } } ],
        [ 'no token',                 { csrf    => undef } ],
        [ 'a made-up token',          { csrf    => 'k1.' . 'A' x 43 } ],
        [ 'another session\'s',       { csrf    => $foreign->form->{fields}{csrf} } ],
        [ 'another time',             { t       => 1 } ],
        [ 'no cookie',                { headers => { Cookie => undef } } ],
        [ 'another person\'s cookie', { headers => { $other_person->cookie_header } } ],
        )
    {
        my ($case, $change) = @$_;
        forget();
        my $new    = begins();
        my %fields = $open{$form}->($new);
        my $before = counted();
        page $person->send_form(%fields, %$change), 403, "SE-3: the form for the $form with $case",
            'nothing is decided' => decision($new) eq 'none', 'or counted' => counted() == $before;
    }
}

# Deciding is no way round the count: the form is good for the code that was found in this session, and for no other.
forget();
my ($mine, $victim) = map { begins() } 1 .. 2;
read_request($person, $mine);
my %form = %{ $person->form->{fields} };
for my $h ($victim->{user_code} =~ s/-//r, 'BCDFGHJK', '', undef) {
    my $got = $person->post('/device', [ %{ { %form, h => $h, decision => 'allow' } } ]);
    is $got->status, 403, '8628 5.1: another code with the token of one that was found';
}
$person->open_page('/device');
%form = %{ $person->form->{fields} };
is $person->post('/device', [ %{ { %form, user_code => undef, h => $victim->{user_code} =~ s/-//r, decision => 'allow' } } ])
    ->status, 403,
    '8628 5.1: a code that was never looked for';
page $person->post('/device', [ %{ { %form, user_code => undef, decision => 'allow' } } ]), 400, '8628 5.1: no code at all';
is decision($victim), 'none', '8628 5.1: nothing is decided by these';
read_request($person, $mine);

for my $decision (undef, '', 'maybe', 'ALLOW') {
    page $person->send_form(decision => $decision), 400, 'DV-1: no such button: ' . ($decision // 'none');
    $person->open_page('/device');
    forget();
    read_request($person, $mine);
}
is decision($mine), 'none', 'DV-1: decides nothing';

# Sign out first, and go on with the device.
forget();
$codes = begins();
my $leaving = $site->signed_in($user);
read_request($leaving, $codes);
my ($out) = $leaving->last_answer->body =~ /href="(\/\?[^"]*)"/;
$leaving->open_page(Page::unescape($out));
$leaving->submit;
is $leaving->{at}, "/login?to=device&user_code=$codes->{user_code}", 'DV-1: after signing out the login, with the code';
my $gone = $site->signed_in($user);
read_request($gone, $codes);
$site->sql('update oauth.session set ended_at = now() where id = (select max(id) from oauth.session)');
$gone->submit(decision => 'allow');
is join(' ', $gone->{at}, decision($codes)), "/login?to=device&user_code=$codes->{user_code} none",
    'TK-13: a session that has ended decides nothing';
$gone->sign_in($user);
like $gone->last_answer->body, qr/value="$codes->{user_code}"/, 'DV-1: and the person goes on where he was';

# 8628 5.1: guessing, per account and per address.
sub guess ($who, $typed = 'BCDF-GHJK') { return type_code($who, $typed)->status }
forget();
my ($guesser, $neighbour) = map { $site->signed_in($site->user) } 1 .. 2;
is join(' ', map { guess($guesser) } 1 .. 6), '400 400 400 400 400 429', '8628 5.1: five wrong codes, then 429';
my $blocked = type_code($guesser, $codes->{user_code});
page $blocked, 429, '8628 5.1: for a right one too', 'the code stays' => $blocked->body =~ /value="$codes->{user_code}"/;
my $wait = $blocked->header('Retry-After') // 0;
ok $wait >= 1 && $wait <= 900, "8628 5.1: with Retry-After ($wait s)";
like Page::text($blocked->body),   qr/\b$wait seconds/, '8628 5.1: and the page says how long';
like $site->log_text('authorize'), qr/path=\/device error=TOO_MANY_ATTEMPTS.*device account/, 'OP-6: the log says which limit';
is guess($neighbour, $codes->{user_code}), 200, '8628 5.1: another account is not concerned';
$guesser->open_page('/login');
is $site->person->try($user)->status, 200, 'SE-5: nor is signing in';
forget();
my @crowd = map { my $p = $site->signed_in($site->user); $p->{https} = $p->{https}->from("2001:db8:0:1::$_"); $p } 1 .. 4;
is join(
    ' ',
    map {
        my $p = $_;
        map { guess($p) } 1 .. 4
    } @crowd
    ),
    '400 ' x 12 . '429 429 429 429', '8628 5.1: the limit per address: an IPv6 /64 is one';
$neighbour->{https} = $neighbour->{https}->from('2001:db8:0:2::1');
is guess($neighbour), 400, '8628 5.1: not the next /64';
forget();
is join(' ', map { decided($person, begins(), $_ % 2 ? 'allow' : 'deny')->status } 1 .. 8), join(' ', (200) x 8),
    '8628 5.1: right codes count nothing';

# AZ-2: a form is good for half an hour.
forget();
read_request($person, $codes = begins());
$tab->open_page('/device');
$site->sql("update oauth.device_code set expires_at = now() + interval '2 hours'");
$site->later('31 minutes');
$site->sql('update oauth.session set last_seen_at = now()');
page $person->submit(decision => 'allow'), 200, 'AZ-2: a late form shows the page again',
    'with the code' => $person->last_answer->body =~ /value="$codes->{user_code}"/;
page $tab->submit(user_code => $codes->{user_code}), 200, 'AZ-2: the other one too',
    'with the code' => $tab->last_answer->body =~ /value="$codes->{user_code}"/;
is decision($codes) . counted(), 'none0', 'AZ-2: neither decides or counts anything';
$person->submit;
page $person->submit(decision => 'allow'), 200, 'AZ-2: whose form is good', 'allowed' => decision($codes) eq 'allowed';

# KE-1: a new key in the device keyring, first known to both programs, then active: codes of before go on.
my $ring = "$site->{dir}/device.keys";
my $old  = begins();
for my $step ([qw(key add)], [qw(key activate)]) {
    my @id = "@$step" eq 'key activate' ? $site->tool_ok([ qw(key list), $ring ]) =~ /^(\S+) .*verifies/m : ();
    $site->tool_ok([ @$step, $ring, @id ]);
    for my $program (qw(authorize token)) {
        $site->{program}{$program}->stop;
        $site->start($program);
    }
}
forget();
page decided($person, $old),            200, 'KE-1: a code by the old key', 'allowed' => decision($old) eq 'allowed';
page decided($person, $old = begins()), 200, 'KE-1: one by the new key',    'allowed' => decision($old) eq 'allowed';

# BT-4: no user code stands in a log: neither nginx's, the programs' nor, among the parameters, PostgreSQL's.
my $any    = join '|', map { my $l = s/-//r; ($_, $l) } @shown;
my @logged = map {
    my $file = $_;
    grep {/$any/i} Site::lines($file)
} $site->logs;
is "@logged", '', 'BT-4: none of ' . @shown . ' user codes stands in a log';

$site->finish;
