# SPDX-License-Identifier: ISC
# SE-3: our own forms carry a token and come from our own origin, with its port; else 403, and nothing happens.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Site;

my $site   = Site->new(programs => ['authorize']);
my $user   = $site->user;
my $client = $site->client(no_pkce => 1);
my $same   = 'same-origin';

# Each of our three forms: a browser, the page with the form, the fields that send it, and a count of what has happened.
my $opened = sub ($person, $path) { $person->open_page($path); return $person };
my %form   = (
    login => [
        sub { $site->person },
        sub ($person) { $opened->($person, '/login') },
        { username => $user->{name}, password => $user->{password} },
        sub { $site->sql('select count(*) from oauth.session') }
    ],
    consent => [
        sub { $site->signed_in($user) },
        sub ($person) { $opened->($person, $site->authorize_url($client)) },
        { decision => 'allow' },
        sub { $site->sql('select count(*) from oauth.grants') }
    ],
    logout => [
        sub { $site->signed_in($user) },
        sub ($person) { $opened->($person, '/') },
        {},
        sub { $site->sql('select count(*) from oauth.session where ended_at is not null') }
    ],
);

for my $name (sort keys %form) {
    my ($browser, $open, $fields, $happened) = @{ $form{$name} };
    for (
        [ 'Origin of ours',                          { Origin => $site->{issuer}, 'Sec-Fetch-Site' => undef } ],
        [ 'Origin null, Sec-Fetch-Site same-origin', { Origin => 'null',          'Sec-Fetch-Site' => $same } ],
        )
    {
        my ($case, $headers) = @$_;
        my $person = $open->($browser->());
        my $before = $happened->();
        is $person->send_form(%$fields, headers => $headers)->status, 303,         "SE-3: $name is taken with $case";
        is $happened->(),                                             $before + 1, "SE-3: and it happens ($name)";
    }
    my $person = $browser->();
    my $other  = $open->($browser->());
    for (
        [ 'another origin',        { headers => { Origin => 'https://evil.example',         'Sec-Fetch-Site' => undef } } ],
        [ 'another port',          { headers => { Origin => 'https://localhost:82',         'Sec-Fetch-Site' => undef } } ],
        [ 'no port',               { headers => { Origin => 'https://localhost',            'Sec-Fetch-Site' => undef } } ],
        [ 'http',                  { headers => { Origin => 'http://localhost:81',          'Sec-Fetch-Site' => undef } } ],
        [ 'a longer host',         { headers => { Origin => "$site->{issuer}.evil.example", 'Sec-Fetch-Site' => undef } } ],
        [ 'Origin null alone',     { headers => { Origin => 'null',                         'Sec-Fetch-Site' => undef } } ],
        [ 'null from a neighbour', { headers => { Origin => 'null',                         'Sec-Fetch-Site' => 'same-site' } } ],
        [ 'null from elsewhere',   { headers => { Origin => 'null',                         'Sec-Fetch-Site' => 'cross-site' } } ],
        [ 'ours, but cross-site',  { headers => { 'Sec-Fetch-Site' => 'cross-site' } } ],
        [ 'two origins',           { headers => { Origin           => "$site->{issuer}, https://evil.example" } } ],
        [ 'no token',              { csrf    => undef } ],
        [ 'an empty token',        { csrf    => '' } ],
        [ 'a made-up token',       { csrf    => 'k1.' . 'A' x 43 } ],
        [ 'another form\'s token', { csrf    => $other->form->{fields}{csrf} } ],
        [ 'no time',               { t       => undef } ],
        [ 'another time',          { t       => 1 } ],
        [ 'a time that is none',   { t       => '1e9' } ],
        [ 'no cookie',             { headers => { Cookie => undef } } ],
        [ 'a broken cookie',       { headers => { Cookie => '__Host-postern=x; __Host-postern-browser=x' } } ],
        [ 'another browser\'s cookie', { headers => { $other->cookie_header } } ],
        )
    {
        my ($case, $change) = @$_;
        $open->($person);
        my $before = $happened->();
        page $person->send_form(%$fields, %$change), 403, "SE-3: $name is refused with $case",
            'nothing happens' => $happened->() == $before;
    }
}

# A token is good for its own request and for no other form.
my $person = $site->signed_in($user);
$person->open_page($site->authorize_url($client));
my $first = $person->form->{fields};
$person->open_page($site->authorize_url($client));
page $person->send_form(decision => 'allow', csrf => $first->{csrf}, t => $first->{t}), 403, 'SE-3: the token of another request';
page $person->post('/logout', [ t => $first->{t}, csrf => $first->{csrf} ]),            403, 'SE-3: the consent\'s token at logout';

# AZ-2: a form is good for half an hour; a late one shows the page again by itself, with a new token.
sub fresh ($name) { return $form{$name}[1]->($form{$name}[0]->()) }

sub after ($interval) {
    $site->later($interval);
    $site->sql('update oauth.session set last_seen_at = now()');
    return;
}
my $late   = fresh('consent');
my $tab    = fresh('login');
my $out    = fresh('logout');
my $grants = $site->sql('select count(*) from oauth.grants');
after('29 minutes');
my $good = fresh('consent');
like $late->submit(decision => 'allow')->query->{code}, qr/^pstc_/, 'AZ-2: a form of 29 minutes is taken';
after('60 minutes');
page $good->submit(decision => 'allow'), 200, 'AZ-2: one of 31 minutes shows the page again',
    'no grant' => $site->sql('select count(*) from oauth.grants') == $grants + 1;
like $good->submit(decision => 'allow')->query->{code}, qr/^pstc_/, 'AZ-2: whose form is good';
page $tab->sign_in($user), 200, 'AZ-2: a late login form shows the page again', 'a form' => $tab->{last}->body =~ /type="password"/;
page $tab->sign_in($user), 200, 'AZ-2: whose form is good', 'signed in'             => index($tab->{last}->body, $user->{name}) > 0;
page $out->submit, 200, 'AZ-2: a late logout form shows the page again', 'still in' => index($out->{last}->body, $user->{name}) > 0;
page $out->submit, 200, 'AZ-2: whose form is good', 'signed out'                    => index($out->{last}->body, $user->{name}) < 0;

$site->finish;
