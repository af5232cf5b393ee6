# SPDX-License-Identifier: ISC
# AZ-11, GE-4: no page leads to an address that is not registered, whatever a parameter says, and every redirect is a 303 (RFC 9700
# 4.11.2, 4.12).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Https;
use Site;

my $site   = Site->new(programs => ['authorize'], settings => { POSTERN_LOGIN_ACCOUNT_LIMIT => 50 });
my $user   = $site->user;
my $client = $site->client(no_pkce => 1, redirect_uri => 'https://app.example/back');
my $issuer = $site->{issuer};
my @names  = qw(
    next url return to return_to returnTo redirect redirect_url redirect_to goto target continue back rd dest
    post_logout_redirect_uri client_uri logout_uri initiate_login_uri origin u r user_code
);

# Where an answer leads: by its Location, or by a link, form or frame of its page.
sub leads ($answer) {
    return grep {length} $answer->location, $answer->body =~ /\b(?:href|src|action|formaction|content|data)="([^"]*)"/g;
}

sub stays ($answer, $name, @status) {
    my @away =
        grep { !m{^(?:\Q$issuer\E)?/(?![/\\])} && !m{^\Q$client->{redirect_uri}\E\?(?:code|error)=} && $_ !~ m{^[a-z0-9 =,.-]*$} }
        leads($answer);
    return all_good $name, $answer,
        'status ' . join('|', @status) => scalar(grep { $_ == $answer->status } @status),
        "leads to @away"               => !@away,
        'no refresh'                   => !defined $answer->header('Refresh');
}

for my $evil (
    'https://evil.example/', '//evil.example/', '/\\evil.example', '\\\\evil.example', 'https:evil.example',
    "$issuer\@evil.example/",
    "$issuer.evil.example/", 'javascript:alert(1)', "/\t/evil.example", "/authorize\r\nLocation: https://evil.example/",
    '.evil.example'
    )
{
    my @more  = map { $_ => $evil } @names;
    my $more  = Https::form(@more);
    my $label = $evil =~ s/[\r\n\t]/?/gr;

    # Nobody is signed in.
    my $person = $site->person;
    stays $person->get("/?$more"),                                "AZ-11: /, $label",                200;
    stays $person->get("/login?$more"),                           "AZ-11: /login, $label",           200;
    stays $person->get($site->authorize_url($client) . "&$more"), "AZ-11, GE-4: /authorize, $label", 303;
    page $person->follow, 200, "AZ-11: the login page, $label";
    stays $person->last_answer, "AZ-11: and its links, $label", 200;
    stays $person->send_form(username => $user->{name}, password => 'wrong', @more), "AZ-11: a wrong password, $label", 403;
    stays $person->send_form(username => $user->{name}, password => $user->{password}, @more), "AZ-11, GE-4: the login, $label",
        303;
    stays $person->follow,                                "AZ-11: the consent page, $label", 200;
    stays $person->send_form(decision => 'allow', @more), "AZ-11, GE-4: allowed, $label",    303;

    # Signed in.
    stays $person->get("/login?$more"),                      "AZ-11, GE-4: /login when signed in, $label", 303;
    stays $person->get("/?$more"),                           "AZ-11: / when signed in, $label",            200;
    stays $person->open_page($site->authorize_url($client)), "AZ-11: the consent page again, $label",      200;
    stays $person->send_form(decision => 'deny', @more),     "AZ-11, GE-4: denied, $label",                303;
    stays $person->post('/authorize', [ response_type => 'code', client_id => $client->{id}, @more ]), "AZ-11, GE-4: POST, $label",
        303;
    $person->open_page('/');
    stays $person->send_form(@more), "AZ-11, GE-4: signed out, $label", 303;

    # The parameters that are ours.
    stays $person->get('/authorize?' . Https::form(h => $evil)), "AZ-11: a handle, $label", 400;
    stays $person->get("$_?" . Https::form(h => $evil)), "AZ-11: a handle at $_, $label", 200, 400 for '/', '/login';
    stays $person->get("$_?" . Https::form(to => 'device', user_code => $evil)), "AZ-11: to a device, $_, $label", 200, 303
        for '/', '/login', '/device';
    stays $person->get($site->authorize_url($client, redirect_uri => $evil)), "AZ-11: redirect_uri, $label",      400;
    stays $person->get($site->authorize_url($client, client_id    => $evil)), "AZ-11: client_id, $label",         400;
    stays $person->get($site->authorize_url($client, request_uri  => $evil)), "AZ-11, GE-4: request_uri, $label", 303;
    stays $person->get(
        '/authorize?' . Https::form(client_id => $client->{id}, request_uri => "urn:ietf:params:oauth:request_uri:$evil")),
        "AZ-11: a request_uri that looks like ours, $label", 400;
    stays $person->get($site->authorize_url($client, state => $evil, scope => $evil)), "AZ-11, GE-4: state and scope, $label", 303;
    stays $person->get($site->authorize_url($client, response_type => $evil, response_mode => $evil)),
        "AZ-11, GE-4: response_type and response_mode, $label", 303;
}

# nginx makes no redirect of its own either: neither for a slash at the end, nor to another host's name or port.
for my $path (qw(/authorize/ /login/ //evil.example/ //evil.example/.. /.well-known), '/%2f%2fevil.example/', '/%5cevil.example') {
    my $answer = $site->{https}->get($path);
    all_good "AZ-11: no redirect from $path", $answer, 'no redirect' => $answer->location eq '' && $answer->status !~ /^3/;
}

$site->finish;
