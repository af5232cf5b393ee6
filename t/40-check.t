# SPDX-License-Identifier: ISC
# RS-1: what an administrator protects by access tokens behind the same nginx, with the configuration of doc/protect.md as it is
# written there: a folder of files, a CGI through fcgiwrap, an application behind a proxy.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Text::ParseWords qw(shellwords);

use Canary;
use Check;
use Flow;
use Https;
use IO::Socket::UNIX;
use Nginx;
use Process qw(program wait_for);
use Run;
use Site;

# The page's server{}, with what a test must change; the application behind the proxy tells what it was sent.
my ($server) = Nginx::slurp("$Run::source/doc/protect.md") =~ /^```nginx\n(.*?)^```$/ms;
my $tls      = Run::certificate();
my @changed  = (
    $server =~ s{listen 443 ssl;}{listen unix:protected.sock ssl;},
    $server =~ s{server_name \S+;}{server_name localhost;},
    $server =~ s{ssl_certificate \S+;}{ssl_certificate $tls->{cert};},
    $server =~ s{ssl_certificate_key \S+;}{ssl_certificate_key $tls->{key};},
    $server =~ s{/usr/share/postern/nginx/}{}g,
    $server =~ s{/var/log/nginx/}{../log/}g,
    $server =~ s{root /srv/www;}{root ../www;},
    $server =~ s{unix:/run/fcgiwrap[.]socket}{unix:fcgiwrap.sock},
    $server =~ s{http://127.0.0.1:8080;}{http://unix:application.sock;}
);
is scalar(grep {$_} @changed), 9, 'the page has what the test changes';

# More locations than the page shows: what its text says of them.
my $protect = 'include postern-protect-location.conf;';
my %more    = (
    '/app/token/' => "set \$postern_resource reports; set \$postern_scope reports.read; $protect
        proxy_set_header Authorization \$http_authorization; proxy_pass http://unix:application.sock;",
    '/app/any/' =>
        "satisfy any; allow 192.0.2.7; deny all; set \$postern_resource reports; set \$postern_scope reports.read; $protect
        proxy_pass http://unix:application.sock;",
    '= /.well-known/oauth-protected-resource/nowhere' =>
        'set $postern_resource elsewhere; set $postern_scope x; include postern-protect-metadata.conf;',
    '/app/default/'  => "$protect proxy_pass http://unix:application.sock;",
    '/app/nowhere/'  => "set \$postern_resource elsewhere; $protect proxy_pass http://unix:application.sock;",
    '/app/nothing/'  => "set \$postern_resource ''; $protect proxy_pass http://unix:application.sock;",
    '~ [.]txt$'      => 'expires 1d;',
    '/app/contacts/' =>
        "set \$postern_resource contacts; set \$postern_scope contacts; $protect proxy_pass http://unix:application.sock;"
);
my $locations = join '', map {"location $_ { $more{$_} }\n"} sort keys %more;
$server =~ s/\}\s*\z/$locations}\n/;
$server =~ s{(location \^~ /reports/ \{)}{$1 location /reports/inside/ { }};

# A requirement of the whole server: the locations' own count all the same.
$server =~ s/(root [^;]+;)/$1 set \$postern_resource reports; set \$postern_scope nobody.has;/;
my $application = <<"END";
server {
	listen unix:whole.sock ssl;
	ssl_certificate $tls->{cert};
	ssl_certificate_key $tls->{key};
	access_log off;
	include postern-protect-server.conf;
	set \$postern_resource reports;
	set \$postern_scope reports.read;
	$protect
	location / { proxy_pass http://unix:application.sock; }
	location = /.well-known/oauth-protected-resource/reports { include postern-protect-metadata.conf; }
}
END
$application .= <<'END';
server {
	listen unix:application.sock;
	access_log off;
	error_log /dev/null emerg;
	location / {
		default_type text/plain;
		return 200 'subject=$http_x_postern_subject client=$http_x_postern_client scope=$http_x_postern_scope auth=$http_authorization\n';
	}
}
END

my $site = Site->new(nginx => $server . $application, private => 1);
my $www  = "$site->{dir}/www";
mkdir $_ or die "$_: $!\n" for $www, "$www/reports", "$www/cgi";
put("$www/reports/1.txt", "the first report\n");
put("$www/cgi/show",      "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nenv\ncat\n");
chmod 0755, "$www/cgi/show" or die $!;
my $socket   = $site->{nginx}->socket_file('fcgiwrap');
my $fcgiwrap = Process->start(
    'fcgiwrap', [ program('fcgiwrap'), '-s', "unix:$socket" ],
    log => "$site->{dir}/log/fcgiwrap.log"
);
wait_for('fcgiwrap', sub { IO::Socket::UNIX->new(Peer => $socket) });

sub put ($file, $text) {
    open my $out, '>', $file or die "$file: $!\n";
    print $out $text;
    return close $out;
}

# The resource, its scopes and a machine that may have them, by the page's own commands; and a client for people.
my $uri        = 'https://reports.example.com/reports';
my ($commands) = Nginx::slurp("$Run::source/doc/protect.md") =~ /^```sh\n(.*?)^```$/ms;
my %robot      = (id => 'reporter');
for my $command (split /\n/, $commands) {
    my ($postern, @arguments) = shellwords($command);
    is $postern, 'postern', "the page says: $command";
    ($robot{secret}) = $site->tool_ok(\@arguments) =~ /(psts_[A-Za-z0-9_-]+)/;
}
my $all    = 'reports.read reports.write profile contacts';
my $client = $site->client(no_pkce => 1, refresh => 1, scope => $all);
$site->tool_ok([ qw(client change), $client->{id}, '--resources', 'reports profile contacts' ]);
my $user   = $site->user;
my $person = $site->signed_in($user);
my $host   = Https->new(
    ca      => $tls->{ca}, socket => $site->{nginx}->socket_file('protected'), host => 'localhost',
    address => '192.0.2.1'
);

sub token (%query) { return $site->redeem($client, $site->code($client, $person, %query))->json->{access_token} }
my $token  = token();
my $reader = token(scope => 'reports.read profile contacts');

# Lets it pass.
my $report = $host->get('/reports/1.txt', Flow::bearer($token));
is $report->status . $report->body, "200the first report\n",                        'RS-1: a file for a good token';
is $host->get('/reports/1.txt', Authorization => "bearer  $token")->status,    200, 'BT-2: the scheme in any case, more spaces';
is $host->request('HEAD', '/reports/1.txt', { Flow::bearer($token) })->status, 200, 'RS-1: HEAD';
is $host->get('/reports/2.txt', Flow::bearer($token))->status,                 404, 'RS-1: what is not there is 404';
my $again = { Flow::bearer($token), 'If-Modified-Since' => $report->header('Last-Modified'), Range => 'bytes=0-2' };
is $host->request('GET', '/reports/1.txt', $again)->status, 304, 'RS-1: a conditional request is as without protection';

my %forged = (
    'X-Postern-Subject' => 'forged', 'X-Postern-Client' => 'forged', 'X-Postern-Scope' => 'forged', 'X_Postern_Subject' => 'forged',
    'Postern-Check-Scope' => 'profile', 'X-Postern-Check-Scope' => 'profile'
);
my $form = { %forged, Flow::bearer($token), 'Content-Type' => 'application/x-www-form-urlencoded' };
my $cgi  = $host->request('POST', '/cgi/show?x=y', $form, 'the body');
my %env  = $cgi->body =~ /^(\w+)=(.*)$/mg;
is $cgi->status, 200, 'RS-1: a CGI for a good token';
is_deeply [ @env{qw(HTTP_X_POSTERN_SUBJECT HTTP_X_POSTERN_CLIENT HTTP_X_POSTERN_SCOPE)} ], [ $user->{id}, $client->{id}, $all ],
    'RS-1: it hears of subject, client and scope, whatever a client sends';
is_deeply [ @env{qw(REQUEST_METHOD QUERY_STRING CONTENT_LENGTH)} ], [ 'POST', 'x=y', 8 ], 'RS-1: and the request as it came';
like $cgi->body, qr/the body\z/, 'RS-1: with its body';
ok !exists $env{HTTP_AUTHORIZATION}, 'RS-1: the token ends at nginx';
unlike $cgi->body, qr/forged/, 'RS-1: nothing that was forged';

my $told = "subject=$user->{id} client=$client->{id} scope=$all auth=";
is $host->get('/app/',       %forged, Flow::bearer($token))->body, "$told\n",                'RS-1: an application behind a proxy';
is $host->get('/app/token/', %forged, Flow::bearer($token))->body, "${told}Bearer $token\n", 'RS-1: one that wants the token';
my $machine =
    $site->{https}->post('/token', [ grant_type => 'client_credentials' ], Authorization => Https::basic(@robot{qw(id secret)}));
is $host->get('/app/', Flow::bearer($machine->json->{access_token}))->body,
    "subject=client:$robot{id} client=$robot{id} scope=reports.read reports.write auth=\n",
    'CA-5: a machine\'s subject is no person\'s';

# Refuses.
my $elsewhere = token(resource => $site->{contacts_url});
my %challenge = (401 => {}, 403 => { error => 'insufficient_scope', scope => 'reports.read reports.write' });

sub refused ($answer, $status, $error, $name, $attributes = { error => $error }) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    challenge $answer, $status, $attributes, $name;
    my @challenges = $answer->bytes =~ /^(WWW-Authenticate:)/mg;
    is scalar @challenges, 1, "$name: one challenge";
    like $answer->header('WWW-Authenticate'),
        qr{resource_metadata="https://reports[.]example[.]com/[.]well-known/oauth-protected-resource/reports"},
        '9728 5.1: where the resource\'s metadata stand';
    return is $answer->type . ' ' . ($answer->header('Cache-Control') // ''), 'application/json no-store',
        "$name: JSON, not stored";
}
refused($host->get('/reports/1.txt'),                     401, undef, 'BT-2: no token',             {});
refused($host->get('/reports/1.txt', %forged),            401, undef, 'RS-1: forged headers',       {});
refused($host->get("/reports/1.txt?access_token=$token"), 401, undef, 'RS-1: a token in the query', {});
refused(
    $host->request('POST', '/cgi/show', { 'Content-Type' => 'application/x-www-form-urlencoded' }, "access_token=$token"),
    401, undef, 'RS-1: in the body', {}
);
refused(
    $host->get('/reports/1.txt', Authorization => Https::basic($client->{id}, $client->{secret})),
    401, undef, 'BT-2: another scheme', {}
);
refused($host->get('/reports/1.txt', Authorization => "Bearer $_->[1]"), 401, 'invalid_token', "BT-2: $_->[0]")
    for (
    [ 'an unknown token',   Flow::checked('psta_0' . Flow::random(32) . 'xxxxxx') ],
    [ 'a typo',             $token =~ s/(.)$/$1 eq 'A' ? 'B' : 'A'/er ],
    [ 'a client\'s secret', $client->{secret} ],
    [ 'two tokens',         "$token $token" ],
    [ 'a quote',            q(psta_0' or '1'='1) ],
    [ 'AU-1: the audience', $elsewhere ]
    );
refused(
    $host->request('POST', '/cgi/show', { Flow::bearer($reader) }, ''), 403, 'insufficient_scope', 'BT-2: a scope is missing',
    $challenge{403}
);
is $host->get('/reports/inside/1.txt', Flow::bearer($token))->status, 503,
    'RS-1: a location inside lets nobody in without its own lines';
is $host->get('/reports/1.txt', Flow::bearer($reader))->status, 200, 'RS-1: each location has its own requirement';
my $two = "GET /reports/1.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" . "Authorization: Bearer %s\r\n" x 2 . "\r\n";
isnt $host->raw(sprintf $two, $token, $elsewhere)->status, 200, 'RS-1: two Authorization headers, the right one first';
isnt $host->raw(sprintf $two, $elsewhere, $token)->status, 200, 'RS-1: the right one last';
is $host->get('/reports/', Flow::bearer($token))->status,  403, 'RS-1: a 403 of nginx\'s own';
is $host->get('/reports/', Flow::bearer($token))->header('WWW-Authenticate'), undef, 'RS-1: is no challenge';

# The resource's metadata, where the challenge says that they are (RFC 9728 3).
my $metadata = $host->get('/.well-known/oauth-protected-resource/reports');
is_deeply $metadata->json,
    {
    resource => $uri, authorization_servers => [ $site->{issuer} ], scopes_supported => [qw(reports.read reports.write)],
    bearer_methods_supported => ['header']
    },
    'MD-2: the resource\'s metadata';
like $metadata->header('Cache-Control'), qr/public/, 'GE-8: may be cached';
is $host->get('/.well-known/oauth-protected-resource/reports', 'If-None-Match' => $metadata->header('ETag'))->status, 304,
    'GE-8: ETag';
is $host->request('HEAD', '/.well-known/oauth-protected-resource/reports')->header('Content-Length'), length $metadata->body,
    'GE-8: HEAD';
oauth_error $host->post('/.well-known/oauth-protected-resource/reports', []), 405, 'invalid_request', 'MD-2: POST';
oauth_error $host->get('/.well-known/oauth-protected-resource/nowhere'), 404, 'not_found', 'MD-2: of a resource that there is not';
oauth_error $site->{https}->get('/resource'),                            404, 'not_found', 'MD-2: no address of :81';

# Nobody outside reaches the question itself.
is $host->get($_, Flow::bearer($token), %forged)->status, 404, "RS-1: $_ from outside"
    for qw(/.postern_check /.postern_check_again /.postern_check/x /check);
oauth_error $site->{https}->get('/check', Flow::bearer($token)), 404, 'not_found', 'RS-1: /check on :81';

# What the page says of other configurations.
refused(
    $host->get('/app/default/', Flow::bearer($token)), 403, 'insufficient_scope', 'RS-1: a requirement of the whole server',
    { error => 'insufficient_scope', scope => 'nobody.has' }
);
is $host->get('/app/contacts/', Flow::bearer($elsewhere))->status, 200, 'RS-1: a resource of ours may be protected so';
like $host->get('/app/contacts/')->header('WWW-Authenticate'),
    qr{resource_metadata="https://localhost:82/[.]well-known/oauth-protected-resource/contacts"}, 'its metadata are at home';
is $host->get('/app/any/', Flow::bearer($token))->body, "$told\n", 'satisfy any: with a token';
is $host->get('/app/any/')->status,                     401,       'satisfy any: neither';
is $host->from('192.0.2.7')->get('/app/any/', %forged, Flow::bearer($token))->body, "subject= client= scope= auth=\n",
    'satisfy any: from the right address';

sub away ($answer, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    oauth_error $answer, 503, 'temporarily_unavailable', $name;
    return is $answer->header('WWW-Authenticate'), undef, "$name: no challenge";
}
my $whole = Https->new(%$host, socket => $site->{nginx}->socket_file('whole'));
is $whole->get('/', Flow::bearer($token))->body, "$told\n", 'RS-1: a whole server{}';
refused($whole->get('/'), 401, undef, 'RS-1: a whole server{}', {});
refused($whole->get('/', Flow::bearer($elsewhere)), 401, 'invalid_token', 'RS-1: a whole server{}');
is $whole->get('/.well-known/oauth-protected-resource/reports')->status, 200, 'MD-2: its metadata are for everybody';

away($host->get('/app/nowhere/', Flow::bearer($token)), 'GE-1: a resource that there is not');
away($host->get('/app/nothing/', Flow::bearer($token)), 'GE-1: a location without a requirement');
like $site->log_text('token'), qr/path=\/check error=SERVER_ERROR[^\n]*$_/, "OP-6: the log says: $_"
    for 'a resource that there is not: elsewhere', 'names no resource';

# What ends a token ends it here, with the next request (TK-13).
my $revoked = token();
$site->{https}->post('/revoke', [ client_id => $client->{id}, client_secret => $client->{secret}, token => $revoked ]);
refused($host->get('/reports/1.txt', Flow::bearer($revoked)), 401, 'invalid_token', 'RV-1: a revoked token');
for (
    [ 'the client is disabled',  "update oauth.client set enabled = %s where client_id = '$client->{id}'", 'false',     'true' ],
    [ 'the account is disabled', "update directory.person set active = %s where id = $user->{id}",         'false',     'true' ],
    [ 'the token has expired',   "update oauth.access_token set expires_at = now() + interval '%s'",       '-1 second', '1 hour' ],
    [ 'the grant was ended',     'update oauth.grants set ended_at = %s',                                  'now()',     'null' ]
    )
{
    my ($case, $sql, $off, $on) = @$_;
    $site->sql(sprintf $sql, $off);
    refused($host->get('/reports/1.txt', Flow::bearer($token)), 401, 'invalid_token', "TK-13: $case");
    $site->sql(sprintf $sql, $on);
    is $host->get('/reports/1.txt', Flow::bearer($token))->status, 200, 'TK-13: and not any more';
}

# It only reads: when all workers die in the middle of it, with the connections that nginx kept, it is asked once more.
my $session = $site->session;
my @workers = $site->workers('token');
$session->hold('lock table oauth.client in access exclusive mode');
my @held = map { $host->send('GET', '/reports/1.txt', { Flow::bearer($token) }) } 1 .. 6;
$session->await_waiters(2);
kill KILL => @workers;
$site->announce_deaths(scalar @workers);
$session->release;
is join(' ', map { $_->answer->status } @held), '200 200 200 200 200 200', 'OP-2: all workers die in the middle of a request';
wait_for('new workers', sub { @workers == $site->workers('token') });

# PostgreSQL away, Postern away: 503, with and without a token; and back.
$site->{cluster}->stop('fast');
away($host->get('/reports/1.txt', Flow::bearer($token)),          'OP-3: PostgreSQL is away');
away($host->get('/reports/1.txt'),                                'OP-3: without a token too');
away($host->get('/.well-known/oauth-protected-resource/reports'), 'OP-3: nor are there metadata');
away($host->get("/cgi/show?access_token=$token"),                 'BT-4: nor is a query logged then');
$site->{cluster}->start;
is $host->get('/reports/1.txt', Flow::bearer($token))->status, 200, 'OP-3: and back';
$site->{program}{token}->stop;
away($host->get("/reports/1.txt?access_token=$token", Flow::bearer($token)), 'RS-1: Postern is away');
is $host->from('192.0.2.7')->get('/app/any/')->status, 200, 'satisfy any: who needs no token is not asked for one';
$site->start('token');
is $host->get('/reports/1.txt', Flow::bearer($token))->status, 200, 'RS-1: and back';

# The connection stays for the next question: its inode is the same after two of them.
my $socket_file = $site->socket_file('token');

sub connections {
    $host->get('/reports/1.txt', Flow::bearer($token));
    return map {/ 0001 03 +([0-9]+) \Q$socket_file\E$/} Site::lines('/proc/net/unix');
}
my $kept = 0;
for (1 .. 20) {
    my %before = map { $_ => 1 } connections();
    last if $kept = grep { $before{$_} } connections();
}
cmp_ok $kept, '>', 0, 'RS-1: nginx keeps its connection to the worker';

# An id of the customer's that would pass for a machine's subject, or for no text of a header.
$fcgiwrap->stop;
$site->check;
$site = Site->new(nginx => $server . $application, ids => [ 'text', 'integer' ]);
my $last = $site->user;
$client = $site->client(no_pkce => 1);
$host   = Https->new(%$host, socket => $site->{nginx}->socket_file('protected'));
$token  = $site->redeem($client, $site->code($client, $site->signed_in($last)))->json->{access_token};

for ([ 'client:robot' => 401 ], [ "a\x{0d}b" => 401 ], [ "\x{7f}" => 401 ], [ 'clientele' => 200 ]) {
    my ($id, $status) = @$_;
    $site->sql("update directory.person set id = :'id'; update oauth.grants set account_id = :'id'", set => ["id=$id"]);
    is $host->get('/app/contacts/', Flow::bearer($token))->status, $status,
        'CA-5: an account whose id is ' . ($id =~ s/[^ -~]/?/gr);
}

$site->finish;
