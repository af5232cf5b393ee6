# SPDX-License-Identifier: ISC
# A person with a real browser: from an application's site to ours and back to it, with the redirect on to another site that
# form-action would stop if it named the client's origin only (SE-7).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Canary;
use Chrome;
use Device;
use Run;
use Site;

# Two sites of the application's, which send the person on; and an application on the person's own device.
my ($tls, $plain) = Nginx::free_ports();
my $own  = Run::certificate();
my $site = Site->new(ports => 1, nginx => <<"CONF");
    server {
        listen 127.0.0.1:$tls ssl;
        listen 127.0.0.1:$plain;
        server_name app.test other.test 127.0.0.1;
        ssl_certificate $own->{cert};
        ssl_certificate_key $own->{key};
        access_log off;
        error_log /dev/null;
        location / { return 204; }
        location = /back { return 302 https://other.test:$tls/welcome?\$args; }
        location = /welcome {
            default_type text/html;
            return 200 "<title>Welcome</title>error=\$arg_error state=\$arg_state <a id=go href=/>go</a>";
        }
    }
CONF
my $user   = $site->user;
my $app    = $site->client(name => 'Tom & "Jerry" <Ltd>', no_pkce => 1, redirect_uri => "https://app.test:$tls/back");
my $native = $site->client(type => 'native', redirect_uri => 'http://127.0.0.1/welcome');
my $chrome = Chrome->new($own->{cert});

sub code {
    return $chrome->url =~ /[?&]code=([^&]+)/ ? do { Canary::add($1); $1 } : '';
}

# From the application's page to the login, a wrong password, the right one, consent, and back.
$chrome->open_page("$site->{issuer}" . $site->authorize_url($app, state => 'first'));
$chrome->wait_title('Sign in');
like $chrome->url,  qr{^\Q$site->{issuer}\E/authorize\?h=[\w-]+$}, 'AZ-2: the address bar has a handle only';
like $chrome->text, qr/Tom & "Jerry" <Ltd>/,                       'SE-7: a name that looks like HTML is text';
$chrome->type('#username', $user->{name});
$chrome->type('#password', 'wrong');
$chrome->click('button');
ok eval { $chrome->wait_text(qr/wrong/i) }, 'SE-1: a wrong password: the page again';
is $chrome->property('#username', 'value'), $user->{name}, 'SE-1: with the name still in it';
$chrome->type('#password', $user->{password});
$chrome->click('button');
$chrome->wait_title('Allow access?');
like $chrome->text, qr/contacts/, 'the consent page says what is asked';
$chrome->click('button[value=allow]');
$chrome->wait_title('Welcome');
like $chrome->url, qr{^https://other\.test:$tls/welcome\?code=pstc_},
    'SE-7: the form leads to the application, and on to its other site';
like $chrome->text, qr/state=first/, 'AZ-7: with the state';
is $site->redeem($app, code())->status, 200, 'and the code is good';

# The cookies, as the browser holds them.
$chrome->open_page("$site->{issuer}/");
my %cookie = map { $_->{name} => $_ } $chrome->cookies;
Canary::add(map { $_->{value} } values %cookie);
for my $name ('__Host-postern', '__Host-postern-browser') {
    my $c = $cookie{$name} // {};
    is join(' ', map { $c->{$_} // '' } qw(secure httpOnly sameSite path)), '1 1 Lax /', "SE-2: the browser keeps $name as it must";
}
is $chrome->ask('POST', '/execute/sync', { script => 'return document.cookie', args => [] }), '', 'SE-2: no script sees them';

# A second time: from the application's own page, signed in already; the person says no.
$chrome->open_page("https://app.test:$tls/welcome");
$chrome->ask(
    'POST',
    '/execute/sync',
    {
        script => 'document.getElementById("go").href = arguments[0]',
        args   => [ $site->{issuer} . $site->authorize_url($app, state => 'second') ]
    }
);
$chrome->click('#go');
$chrome->wait_title('Allow access?');
$chrome->click('button[value=deny]');
$chrome->wait_title('Welcome');
like $chrome->text, qr/error=access_denied state=second/, 'AZ-6: a denial goes back to the application';

# AZ-1: the application sends the request by a form, cross-site: without our cookies, and the person is signed in all the same.
$chrome->open_page("https://app.test:$tls/welcome");
my %post = (response_type => 'code', client_id => $app->{id}, redirect_uri => $app->{redirect_uri}, state => 'posted');
$chrome->ask('POST', '/execute/sync', { args => [ "$site->{issuer}/authorize", \%post ], script => <<'END' });
const form = document.createElement('form');
form.method = 'post';
form.action = arguments[0];
for (const [name, value] of Object.entries(arguments[1])) {
    const input = document.createElement('input');
    input.name = name;
    input.value = value;
    form.append(input);
}
document.body.append(form);
form.submit();
END
$chrome->wait_title('Allow access?');
$chrome->click('button[value=allow]');
$chrome->wait_title('Welcome');
like $chrome->text, qr/state=posted/, 'AZ-1: a cross-site POST';
ok code(), 'AZ-1: with a code';

# A native application's loopback address, by http and with any port (RFC 8252 7.3).
my ($verifier, $challenge) = Flow::pkce();
my $loopback = { %$native, redirect_uri => "http://127.0.0.1:$plain/welcome" };
$chrome->open_page($site->{issuer}
        . $site->authorize_url($loopback, state => 'native', code_challenge => $challenge, code_challenge_method => 'S256'));
$chrome->wait_title('Allow access?');
$chrome->click('button[value=allow]');
$chrome->wait_title('Welcome');
like $chrome->url, qr{^http://127\.0\.0\.1:$plain/welcome\?code=}, 'AZ-4, SE-7: back to a loopback address';
is $site->redeem($loopback, code(), code_verifier => $verifier)->status, 200, 'and the code is good';

# Logout.
$chrome->open_page("$site->{issuer}/");
like $chrome->text, qr/\Q$user->{name}\E/, 'who am I';
$chrome->click('button');
$chrome->wait_title('Signed out');
is scalar(grep { $_->{name} eq '__Host-postern' } $chrome->cookies), 0, 'SE-2: logout takes the cookie away';

# DV-1: a device shows a link; the person opens it, signs in, sees the code again, and decides.
my $tv    = $site->client(name => 'TV', device => 'only', type => 'public');
my $codes = device_begins($site, $tv);
$chrome->open_page($codes->{verification_uri_complete});
$chrome->wait_title('Sign in');
$chrome->type('#username', $user->{name});
$chrome->type('#password', $user->{password});
$chrome->click('button');
$chrome->wait_title('Connect a device');
is $chrome->property('#user_code', 'value'), $codes->{user_code}, '8628 3.3.1: the code of the link, to be compared';
$chrome->click('button');
$chrome->wait_title('Allow access for a device?');
like $chrome->text, qr/\bTV\b.*contacts/s, 'DV-1: who asks for what';
$chrome->click('button[value=allow]');
$chrome->wait_title('Device connected');
is poll($site, $tv, $codes)->status, 200, 'DV-1: the device has its tokens';
Canary::add(map { $_->{value} } $chrome->cookies);

$chrome->quit;
$site->finish;
