# SPDX-License-Identifier: ISC
# /openapi.json is true (CT-9): each path with each parameter, good and bad; every answer is as the document says, and all that it
# says is seen.  It says what this directory can give, and of what type its ids are.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use OpenApi;
use Site;

my $site = Site->new(workers => 1);
my $host = $site->{contacts};
my ($user, $other) = map { $site->user } 1, 2;
my $person = $site->signed_in($user);
my $client = $site->client;
my %token  = (
    good    => $site->token($client,                     $person),
    foreign => $site->token($client,                     $site->signed_in($other)),
    profile => $site->token($client,                     $person, scope => 'profile'),
    limited => $site->token(my $limited = $site->client, $person)
);
$site->sql("update oauth.client set contacts_per_minute = 1 where client_id = '$limited->{id}'");
$site->sql(
    "insert into directory.person_contact (owner_id, id, username, name, email, phone)
     values ($user->{id}, 1, 'anna', 'Anna Berg', 'anna\@example.com', '+46 8 123 456'), ($user->{id}, 2, 'bo', null, null, null),
            ($user->{id}, 3, 'Zoë', 'Zoë \"Z\" Öhman', 'zoe\@example.com', null)"
);

# The document itself.
my $description = $host->get('/openapi.json');
my $api         = OpenApi->new($description->json);
my $is          = $api->{document};
is $is->{openapi}, '3.1.0', 'CT-9: OpenAPI 3.1';
is_deeply $is->{servers}, [ { url => $site->{contacts_url} =~ s{/contacts$}{}r } ], 'CT-9: the server is this one';
my $flow = $is->{components}{securitySchemes}{oauth}{flows}{authorizationCode};
my $meta = $site->{https}->get('/.well-known/oauth-authorization-server')->json;
is_deeply [ @$flow{qw(authorizationUrl tokenUrl)} ], [ @$meta{qw(authorization_endpoint token_endpoint)} ],
    'CT-9, MD-1: the addresses of OAuth are those of the metadata';
unlike $description->body, qr/\{\{|"x-(?:needs|by-type|guide)"|\$comment/, 'CT-9: nothing of its making is left in it';
my @examples;

sub look ($part, $schema = undef) {
    if (ref $part eq 'ARRAY') { look($_) for @$part }
    return unless ref $part eq 'HASH';
    $api->resolved($part);
    $schema = $part->{schema} if ref $part->{schema};
    push @examples, [ $schema, $_ ]
        for map { $_->{value} } grep {ref} values %{ ref $part->{examples} eq 'HASH' ? $part->{examples} : {} };
    push @examples, [ $part,   $_ ] for ref $part->{examples} eq 'ARRAY' ? @{ $part->{examples} } : ();
    push @examples, [ $schema, $part->{example} ] if exists $part->{example};
    look($_) for values %$part;
    return;
}
look($is);
cmp_ok scalar @examples, '>', 10, 'CT-9: there are examples';
is join("\n", grep {length} map { $api->wrong(@$_) } @examples), '', 'CT-9: and each is as its schema says';

# Asks, and compares the answer with the document.
sub ask ($path, $query, $name, %o) {
    my $target  = ($o{target} // $path) . ($query eq '' ? '' : "?$query");
    my %headers = (exists $o{token} ? () : Flow::bearer($token{good}), %{ $o{headers} // {} });
    %headers = (%headers, Flow::bearer($o{token})) if defined $o{token};
    my $answer = $host->request($o{method} // 'GET', $target, \%headers);
    is $api->differs($path, $answer), undef,      "CT-9: $path as described: $name" or diag $answer->bytes;
    is $answer->status,               $o{status}, "CT-9: and $o{status}: $name" if $o{status};
    is $answer->json->{error},        $o{error},  "CT-9: $o{error}: $name"      if $o{error};
    return $answer;
}

# What a schema allows and forbids, as a query spells it.
sub values_of ($schema) {
    my (@good, @bad);
    if ($schema->{type} eq 'integer') {
        @good = ($schema->{minimum}, $schema->{default}, 1000, 1001, '9' x 30);
        @bad  = ($schema->{minimum} - 1, -1, 'x', '1.5', '1e3', '%201');
    }
    elsif (my $words = $schema->{enum} // $schema->{items}{enum}) {
        @good = @$words;
        @bad  = ('x', uc $words->[0], "$words->[0]%20");
        push @good, join ',',                  @$words if $schema->{items};
        push @bad,  "$words->[0],$words->[0]", 'id,,x' if $schema->{uniqueItems};
    }
    elsif ($schema->{pattern}) {
        @bad = ('x', '%20', 'a' x ($schema->{maxLength} + 1));
    }
    else {
        @good = ('a', 'x' x $schema->{maxLength}, '%C3%A9' x $schema->{maxLength});
        @bad  = ('x' x ($schema->{maxLength} + 1), '%ff', '%00');
    }
    return (\@good, [ @bad, "x&$schema->{name}=x" ]);
}

my %path = ('/contacts' => {}, '/contacts/{id}' => { target => '/contacts/1' });
for my $path (sort keys %path) {
    for my $parameter (grep { $_->{in} eq 'query' } $api->parameters($path)) {
        my $name = $parameter->{name};
        my ($good, $bad) = values_of({ %{ $api->resolved($parameter->{schema}) }, name => $name });
        ask($path, "$name=" . $_, "$name=" . substr($_, 0, 30), %{ $path{$path} }, status => 200) for @$good, '';
        ask($path, "$name=$_", "a bad $name: " . substr($_, 0, 30), %{ $path{$path} }, status => 400) for @$bad;
        $api->tried($path, $name);
    }
    my $answer = ask($path, '', 'a good one', %{ $path{$path} }, status => 200);
    my %same   = (headers => { 'If-None-Match' => $answer->header('ETag') });
    ask($path, '', 'known already', %{ $path{$path} }, %same, status => 304);
    $api->tried($path, 'If-None-Match');
    my $no = sub ($query, $name, %o) { return ask($path, $query, $name, %{ $path{$path} }, %o) };
    $no->('', 'no token',                            token  => undef,           status => 401);
    $no->('', 'a token of another make',             token  => 'x',             status => 401, error => 'invalid_token');
    $no->('', 'a token for something else',          token  => $token{profile}, status => 403, error => 'insufficient_scope');
    $no->("access_token=$token{good}", 'two tokens', status => 400,             error  => 'invalid_request');
    $no->('', 'neither JSON nor vCard wanted',      headers => { Accept => 'text/html' }, status => 406, error => 'not_acceptable');
    $no->('', 'as vCard',                           headers => { Accept => 'text/vcard' }, status => 200);
    $no->('', 'by PUT',                             method  => 'PUT', status => 405);
    $no->('x=' . 'a' x 40_000, 'too long',          status  => 414);
    $no->('',                  'a first request',   token   => $token{limited});
    $no->('',                  'too many requests', token   => $token{limited}, status => 429, error => 'too_many_requests');
    my $ended = $site->token($client, $person);
    $no->('', 'a token', token => $ended, status => 200);
    $site->{https}->post('/revoke', [ token => $ended, client_id => $client->{id}, client_secret => $client->{secret} ]);
    $no->('', 'the same when it was revoked', token => $ended, status => 401, error => 'invalid_token');
}
ask('/contacts/{id}', '', "the contact $_", target => "/contacts/$_", status => 404, error => 'not_found') for 4, 'x', -1, '9' x 30;
ask('/contacts/{id}', '', 'a contact with NUL', target => '/contacts/%00', status => 400, error => 'invalid_request');
$api->tried('/contacts/{id}', 'id');

# Pages, marks and changes.
my $first = ask('/contacts', 'limit=1', 'the first of many pages', status => 200);
my ($cursor) = $first->json->{next} =~ /cursor=([^&]+)/;
ask('/contacts', "limit=1&cursor=$cursor", 'the second', status => 200);
ask('/contacts', 'limit=1',        'a page that is known', status => 304, headers => { 'If-None-Match' => $first->header('ETag') });
ask('/contacts', "cursor=$cursor", 'another\'s cursor',    status => 400, error   => 'cursor_invalid', token => $token{foreign});
my $mark = ask('/contacts', '', 'the last page', status => 200)->json->{sync};
is $api->wrong($_->{schema}, $mark // ''), '', 'CT-9: a mark is as described'
    for grep { $_->{name} eq 'sync' } $api->parameters('/contacts');
ask('/contacts', "sync=$mark",    'nothing has changed', status => 200);
ask('/contacts', "sync=$mark&$_", "with $_", status => 400, error => 'invalid_request') for 'q=a', 'order=id', "cursor=$cursor";
ask('/contacts', "sync=$mark",    'as vCard',      status => 406, headers => { Accept => 'text/vcard' });
ask('/contacts', "sync=x$mark",   'a forged mark', status => 400, error   => 'sync_invalid');
ask('/contacts', 'q=a&order=id',  'q with order',  status => 400, error   => 'invalid_request');
$site->sql(
    "delete from directory.person_contact where id = 2; update directory.person_contact set username = 'anna2' where id = 1");
my $changes = ask('/contacts', "sync=$mark", 'a deletion and a change', status => 200)->json->{contacts};
is_deeply [
    sort map {
        join ' ',
            map {"$_"}
            sort keys %$_
    } @$changes
    ],
    [
    'deleted id',
    'id username'
    ],
    'CT-6: both come';
$site->sql('update oauth.contact_log set truncated_in = pg_current_xact_id()');
ask('/contacts', "sync=$mark", 'a mark that is too old', status => 410, error => 'sync_expired');

# What needs no token.
for my $path (grep { !$path{$_} } sort keys %{ $is->{paths} }) {
    my $answer = ask($path, '', 'without token', token => undef, status => 200);
    ask($path, '', 'known already', token => undef, status => 304, headers => { 'If-None-Match' => $answer->header('ETag') });
    ask($path, '', 'by PUT', method => 'PUT', status => 405);
    $api->tried($path, 'If-None-Match');
    my $head = $host->request('HEAD', $path);
    is join(' ', $head->status, $head->header('Content-Length')), '200 ' . length $answer->body, "GE-8: HEAD $path";
}

# What can't be had now, and what nobody answers.
my $database = $site->session;
$database->hold('lock table directory.person_contact in access exclusive mode');
ask($_, '', 'the table is locked', %{ $path{$_} }, status => 503, error => 'temporarily_unavailable')
    for '/contacts', '/contacts/{id}';
$database->query('lock table oauth.contact_log in access exclusive mode; lock table directory.contact in access exclusive mode');
ask('/openapi.json', '', 'the directory is locked', token => undef, status => 503, error => 'temporarily_unavailable');
$database->release;
$site->{program}{contacts}->stop;
ask($_, '', 'nobody is there', %{ $path{$_} // {} }, status => 502) for sort keys %{ $is->{paths} };
$site->start('contacts');
is join("\n", $api->unseen), 'error server_error', 'CT-9: all that it says was seen, but for a defect of ours';

# CT-5, CT-6: a directory that has neither words nor a log.
$site->sql('drop view directory.contact_word; drop view directory.contact_change');
$site->disconnect;
$api = OpenApi->new($host->get('/openapi.json')->json);
isnt $host->get('/openapi.json')->header('ETag'), $description->header('ETag'), 'GE-8: another directory, another tag';
is join(' ', map { $_->{name} } $api->parameters('/contacts')), 'limit cursor fields If-None-Match',
    'CT-5, CT-6: the description offers nothing that there is not';
ask('/contacts', '', 'a page without mark', status => 200);
ask('/contacts', $_, "$_ is not offered", status => 400, error => 'not_offered') for 'q=a', 'order=name', "sync=$mark";
$api->tried('/contacts', 'cursor');
unlike $host->get('/openapi.json')->body, qr/"(?:sync|sync_expired|sync_invalid|Deleted|410)"/, 'CT-6: nor speaks of it';
$site->finish;
