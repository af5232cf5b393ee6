# SPDX-License-Identifier: ISC
# The administrator's tool: each subcommand's effect, its exit status, and that a secret is shown once.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use Canary;
use Check;
use Flow;
use Https;
use Process qw(run);
use Run;
use Site;

my $site = Site->new;

# Exit status and what stands on which stream.
sub tool ($status, $name, $arguments, %o) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $done = $site->tool($arguments, %o);
    my $fail = $status ? $done->{err} : $done->{out};
    is "$done->{exit} $done->{signal}", "$status 0", "$name: exit $status" or diag $done->{out}, $done->{err};
    like $fail, $o{says}, "$name: what it says" if $o{says};
    return $done;
}

tool 0,  'help',               ['--help'],     says => qr/client add/;
tool 0,  'version',            ['--version'],  says => qr/^postern [0-9.]+$/;
tool 64, 'no command',         [],             says => qr/command/;
tool 64, 'an unknown command', ['frobnicate'], says => qr/frobnicate/;
tool 64, 'half a command',     ['client'],     says => qr/client/;
my @commands = $site->tool_ok(['--help']) =~ /^  ([a-z]+(?: [a-z-]+)?) {2,}/gm;
tool 0, "$_ --help", [ split(/ /, $_), '--help' ], says => qr/^Usage: postern \Q$_\E/ for @commands;
tool 64, "$_ with a wrong option", [ split(/ /, $_), '--wrong' ] for grep { !/^key|^check/ } @commands;

# client add: what it refuses (AZ-5, PK-2), what it registers (CA-4).
my @good = (qw(client add --name Application --redirect-uri https://app.example/back));
for (
    [ 'no name',                               [qw(client add --redirect-uri https://a.example/)] ],
    [ 'no redirect_uri',                       [qw(client add --name x)] ],
    [ 'an unknown type',                       [ @good, qw(--type secret) ] ],
    [ 'an unknown method',                     [ @good, qw(--auth-method none) ] ],
    [ 'an id with a space',                    [ @good, '--id',    'a b' ] ],
    [ 'an id beyond ASCII',                    [ @good, '--id',    "\xc3\xbc" ] ],
    [ 'an id of 256 characters',               [ @good, '--id',    'x' x 256 ] ],
    [ 'a malformed scope',                     [ @good, '--scope', 'profile  contacts' ] ],
    [ 'a public one without PKCE',             [ @good, qw(--type public --no-pkce) ] ],
    [ 'a public one by the seed\'s contract',  [ @good, qw(--type native --seed-contract) ] ],
    [ 'a resource server with a redirect_uri', [ @good, qw(--introspect profile) ] ],
    [ 'a public resource server',              [qw(client add --name x --type public --introspect profile)] ],
    [ 'malformed resources',                   [ qw(client add --name x --introspect), 'profile  contacts' ] ],
    [ 'an argument too many',                  [ @good,                                'more' ] ],
    map { [ "AZ-5: redirect_uri $_", [ qw(client add --name x --redirect-uri), $_ ] ] } (
        '/back', 'http://app.example/back', 'https://app.example/back#x', 'https://user@app.example/back', 'https://app.example/ü',
        'https://app.example/a b', 'https:///back', 'javascript:alert(1)', 'data:text/html,x', 'app:/back', 'http://127.0.0.2/',
        'http://127.0.0.1/back',
        'ftp://app.example/',
        'http://localhost.evil.example/', "https://app.example/\n", 'https://app.example:99999/', '',
    )
    )
{
    tool 64, $_->[0], $_->[1];
}
tool 65, 'an unknown scope',    [ @good, '--scope', 'everything' ],                says => qr/contacts profile/;
tool 65, 'an unknown resource', [qw(client add --name x --introspect everything)], says => qr/contacts profile/;
is $site->sql('select count(*) from oauth.client'), 0, 'none of these registered a client';

# Each option of a registration, with values that it can't have: the same for add and change.
$site->tool_ok([ @good, '--id', 'changed' ]);
for (
    (map { [ 'name',         $_ ] } '', ' x', 'x ', "a\tb", "\xff", "\xc2\x85", 'x' x 201),
    (map { [ 'redirect-uri', $_ ] } '', 'http://app.example/', 'https://app.example/#', 'https://a@app.example/'),
    (map { [ 'auth-method',  $_ ] } '', 'none',                'private_key_jwt',       'CLIENT_SECRET_BASIC'),
    (
        map {
            my $option = $_;
            map { [ $option, $_ ] } ' profile', 'profile ', 'a  b', "a\nb", 'a"b', "\xc3\xbc"
        } qw(scope resources introspect)
    ),
    [ 'scope',             '' ],
    [ 'resources',         '' ],
    [ 'default-resources', '' ],
    [ 'introspect',        '' ],
    [ 'default-scope',     ' ' ],
    [ 'default-scope',     'other' ],
    [ 'default-resources', 'other' ],
    (map { [ 'access-life', $_ ] } '', '59', '0', '-60', '86401', '25h', '1d1', '1 h', '1w', '99999999999999999999', 'never'),
    (map { [ 'contacts-per-minute', $_ ] } '', '0',   '-1',    '1000001', '1.5', 'x', ' 7', '99999999999999999999'),
    (map { [ 'contacts-limit',      $_ ] } '', '0',   '-1',    '1001',    'all'),
    (map { [ 'refresh-idle',        $_ ] } '', '59s', '731d',  'default'),
    (map { [ 'refresh-life',        $_ ] } '', '59s', '3651d', 'default'),
    )
{
    my ($option, $value) = @$_;
    my $shown = $value =~ s/[^ -~]/?/gr;
    tool 64, "add --$option '$shown'", [ @good, "--$option", $value ];
    tool 64, "change --$option '$shown'", [ qw(client change changed), "--$option", $value ];
}
for (
    [ 'an id can\'t be changed',         [qw(--id other)] ],
    [ 'nor a type',                      [qw(--type public)] ],
    [ 'nothing to change',               [] ],
    [ 'an option twice',                 [qw(--name a --name b)] ],
    [ 'an option and its opposite',      [qw(--par --no-par)] ],
    [ 'a grant and its opposite',        [qw(--refresh --machine --no-refresh)] ],
    [ 'the seed\'s contract, and not',   [qw(--seed-contract --no-seed-contract)] ],
    [ 'it with another method',          [qw(--seed-contract --auth-method client_secret_post)] ],
    [ 'a URI that it has not',           [qw(--remove-redirect-uri https://other.example/)] ],
    [ 'its last URI',                    [qw(--remove-redirect-uri https://app.example/back)] ],
    [ 'a client for people as a server', [qw(--introspect profile)] ],
    [ 'PAR without a URI',               [qw(--machine --par --remove-redirect-uri https://app.example/back)] ],
    [ 'contacts without their scope',    [qw(--contacts-limit 7 --scope profile)] ],
    [ 'or their resource',               [qw(--contacts-per-minute 7 --resources profile)] ],
    [ 'refresh tokens for a machine',    [qw(--machine --refresh --remove-redirect-uri https://app.example/back)] ],
    )
{
    tool 64, "change: $_->[0]", [ qw(client change changed), @{ $_->[1] } ];
}
tool 65, 'change: an unknown scope',    [ qw(client change changed --scope),     'profile other' ], says => qr/contacts profile/;
tool 65, 'change: an unknown resource', [ qw(client change changed --resources), 'profile other' ], says => qr/contacts profile/;
$site->tool_ok([ @good, qw(--id open --type public) ]);
tool 64, "change of a public one: @$_", [ qw(client change open), @$_ ]
    for ['--no-pkce'], ['--no-rotation'], ['--machine'], ['--seed-contract'], [qw(--auth-method client_secret)],
    [qw(--introspect profile)];
$site->tool_ok([qw(client add --name x --id server --introspect profile)]);
tool 64, "change of a resource server: @$_", [ qw(client change server), @$_ ]
    for ['--refresh'], ['--machine'], ['--par'], [qw(--contacts-limit 7)], [qw(--contacts-per-minute 7)], [qw(--scope profile)],
    [qw(--resources profile)],
    [qw(--redirect-uri https://a.example/)];
is $site->sql(q(select count(*) from oauth.audit where event = 'client_change')), 0, 'none of these changed a client';
$site->tool_ok([ qw(client remove), $_ ]) for qw(changed open server);
my $added = tool 0, 'client add',
    [ @good, '--id', 'app', '--redirect-uri', 'com.example.app:/back', '--redirect-uri', 'https://app.example/second' ];
my ($secret) = $added->{out} =~ /(\S{54})$/m;
like $secret, qr/^psts_[A-Za-z0-9_-]{49}$/, 'CA-4, TK-11: a secret of the documented form';
tool 65, 'the same id again', [ @good, '--id', 'app' ], says => qr/already/;
like tool(0, 'without an id', \@good)->{out}, qr/client-[A-Za-z0-9_-]{16}/, 'a random id';
like tool(0, 'without PKCE', [ @good, '--no-pkce' ])->{err}, qr/warning.*PKCE/, 'PK-2: the tool warns';
unlike tool(0, 'a native one', [ @good, qw(--id native --type native) ])->{out}, qr/psts_/, 'a native client has no secret';

# client list, sheet.
my $json = JSON::PP->new->utf8->decode(tool(0, 'client list --json', [qw(client list --json)])->{out});
my ($app) = grep { $_->{client_id} eq 'app' } @$json;
is scalar @$json, 4, 'AD-1: four clients for a machine';
is_deeply $app->{redirect_uris}, [ 'https://app.example/back', 'com.example.app:/back', 'https://app.example/second' ],
    'AD-1: with all that was registered';
my $list  = tool 0, 'client list',  [qw(client list)], says => qr/^app\b.*Application/m;
my $sheet = tool 0, 'client sheet', [qw(client sheet app)];
like $sheet->{out}, qr/\Q$_\E/, "the sheet names $_"
    for (map {"$site->{issuer}/$_"} qw(authorize token revoke profile .well-known/oauth-authorization-server)),
    $site->{contacts_url},
    'https://app.example/back';
is join('', map { $_->{out} =~ /psts_/g } $list, $sheet), '', 'CA-4: a secret is shown once';
tool 65, 'the sheet of nobody', [qw(client sheet nobody)], says => qr/nobody/;

# A sheet tells each kind of client what it is registered for, and nothing else.
my %kind = (
    web => [ qw(--redirect-uri https://app.example/back --refresh --par --access-life 10m --logout-ends-grants
        --contacts-limit 55 --contacts-per-minute 77) ],
    fixed   => [qw(--redirect-uri https://app.example/back --refresh --no-rotation --no-pkce)],
    machine => [qw(--machine)],
    tv      => [qw(--device --type native)],
);
my @parts = (
    qr{/authorize\b}, qr{/par\b}, qr{/device_authorization\b}, qr/refresh_token=/, qr/within 60 s/, qr/client_credentials/,
    qr/CHALLENGE/,
    qr/client\.conf/, qr/after 10m/, qr/Logout/,
    qr/^Contacts on a page +100, or limit/m,
    qr/^Requests for them +6000 in a minute/m,
    qr/^Contacts on a page +55, or limit/m,
    qr/^Requests for them +77 in a minute/m
);
my %parts = (web => '11011011110011', fixed => '10010001001100', machine => '00000101000000', tv => '00100000001100');
for my $id (sort keys %kind) {
    $site->tool_ok([ qw(client add --name X --id), $id, @{ $kind{$id} } ]);
    my $its = $site->tool_ok([ qw(client sheet), $id ]);
    is join('', map { $its =~ $_ ? 1 : 0 } @parts), $parts{$id}, "the sheet of a client of kind $id";
    like $its, qr{\Q$site->{issuer}\E/\.well-known/oauth-authorization-server}, 'and where the metadata is';
    $site->tool_ok([ qw(client remove), $id ]);
}

# A resource server (IN-1): another sheet.
tool 0, 'a resource server', [ qw(client add --name Server --id rs --introspect), 'profile contacts' ], says => qr/psts_/;
my $rs = tool 0, 'its sheet', [qw(client sheet rs)];
like $rs->{out},   qr{\Q$site->{issuer}\E/introspect.*profile contacts}s, 'IN-1: where to ask, and about what';
unlike $rs->{out}, qr{/authorize\b|/token\b|redirect}i,                   'IN-1: nothing of getting tokens';
is $site->sql(q(select grant_types, redirect_uris, resources, scope from oauth.client where client_id = 'rs')), '{}|{}|{}|{}',
    'IN-1: it is registered for none';
my ($listed) = grep { $_->{client_id} eq 'rs' } @{ JSON::PP->new->utf8->decode($site->tool_ok([qw(client list --json)])) };
is_deeply $listed->{introspects}, [qw(profile contacts)], 'AD-1: and listed';

# user add, passwd: never a password in argv.
tool 64, 'user add without a name',   [qw(user add)];
tool 64, 'a password as an argument', [qw(user add somebody password)], stdin => "x\n";
tool 66, 'no password',               [qw(user add somebody)],          stdin => '';
tool 65, $_->[0], [qw(user add somebody)], stdin => $_->[1]
    for [ 'an empty password', "\n" ], [ 'one of 512 bytes', 'x' x 512 . "\n" ], [ 'one of no UTF-8', "\xff\n" ];
tool 0, 'user add', [ qw(user add somebody --name), "\xc3\x9cber", '--email', 'some@body.example' ],
    stdin => "first password\nrest";
tool 65, 'the same name again', [qw(user add somebody)], stdin => "x\n", says => qr/somebody/;
like $site->sql(q(select password_hash from directory.person where username = 'somebody')), qr/^\$y\$j9T\$/,
    'yescrypt for a new password';
my $person = $site->signed_in({ name => 'somebody', password => 'first password' });
tool 0, 'user passwd', [qw(user passwd somebody)], stdin => "second password\n";
unlike $person->get('/')->body, qr/somebody/, 'TK-13: the sessions of the old password have ended';
ok $site->signed_in({ name => 'somebody', password => 'second password' }), 'the new password signs in';
tool 65, 'the password of nobody', [qw(user passwd nobody)], stdin => "x\n", says => qr/nobody/;
Canary::add('first password', 'second password');

# client remove; AD-1: each change is audited with the operator's name.
tool 0, 'client remove', [qw(client remove app)];
tool 65, 'a client that is not there', [qw(client remove app)], says => qr/app/;
my $me = getpwuid $>;
is $site->sql("select string_agg(distinct event, ' ' order by event) from oauth.audit where detail = 'by $me'"),
    'client_add client_remove user_add user_passwd', 'AD-1: every change is audited, with the operator\'s name';

# sample: again it works, beside real people it refuses.
tool 65, 'sample beside people', ['sample'], says => qr/no sample/;
is $site->sql('select count(*) from directory.person where sample'), 0, 'and it loads nothing';
$site->sql('delete from directory.person');
my ($first, $second) = map { tool(0, 'sample', ['sample'])->{out} =~ /(psts_\S{49})/ } 1 .. 2;
isnt $first, $second, 'sample again: a new secret';
is $site->sql(
    'select count(*), (select count(*) from directory.person_contact), (select count(*) from oauth.client where sample)
           from directory.person'
    ),
    '4|7|1', 'and the same people, contacts and client';
$site->tool_ok([qw(user add newcomer)], stdin => "x\n");
cmp_ok $site->sql(q(select id from directory.person where username = 'newcomer')), '>', 4,
    'who comes after them gets a number of their own';

# AU-1: resources of the administrator's own.
my @reports = (qw(resource add reports), 'https://reports.example.com/reports');
tool 0,  'resource add',            [@reports],                                               says => qr/^Added reports/;
tool 65, 'the same again',          [@reports],                                               says => qr/already: reports /;
tool 65, 'its URI by another name', [ qw(resource add x), $reports[3] ],                      says => qr/already: reports /;
tool 65, 'another URI by its name', [qw(resource add reports https://reports.example.com/x)], says => qr/already: reports /;
tool 65, 'a name of ours',          [qw(resource add profile https://reports.example.com/x)], says => qr/already: profile/;
tool 64, 'AU-1: a resource that is ' . $_->[0], [ 'resource', 'add', @$_[ 1 .. $#$_ ] ]
    for (
    [ 'no URI',              'x' ],
    [ 'named in capitals',   'X', 'https://reports.example.com/x' ],
    [ 'named by nothing',    '',  'https://reports.example.com/x' ],
    [ 'with a fragment',     'x', 'https://reports.example.com/x#y' ],
    [ 'with a query',        'x', 'https://reports.example.com/x?y' ],
    [ 'http elsewhere',      'x', 'http://reports.example.com/x' ],
    [ 'not absolute',        'x', '/x' ],
    [ 'of a private scheme', 'x', 'com.example:/x' ],
    [ 'ours: profile',       'x', "$site->{issuer}/profile" ],
    [ 'ours: contacts',      'x', $site->{contacts_url} ],
    [ 'followed by more',    'x', 'https://reports.example.com/x', 'y' ]
    );
my $resources = JSON::PP->new->decode($site->tool_ok([qw(resource list --json)]));
is_deeply $resources, [ { name => 'profile' }, { name => 'contacts' }, { name => 'reports', uri => $reports[3] } ],
    'resource list --json';
tool 0, 'resource list', [qw(resource list)], says => qr/^reports +0 +\Q$reports[3]\E$/m;
my $server = $site->client(introspect => 'reports');
tool 65, 'resource remove: one in use', [qw(resource remove reports)], says => qr/registered for it: $server->{id}/;
$site->tool_ok([ qw(client remove), $server->{id} ]);
tool 0,  'resource remove',          [qw(resource remove reports)], says => qr/^Removed reports/;
tool 65, 'resource remove: unknown', [qw(resource remove reports)], says => qr/no resource/;
tool 65, 'resource remove: ours',    [qw(resource remove profile)], says => qr/own/;
is $site->sql("select string_agg(event || ' ' || detail, ', ' order by at) from oauth.audit where event like 'resource%'") =~
    s/ by [^:]*://gr, 'resource_add reports, resource_remove reports', 'AD-1: each change is audited';

$site->finish;
