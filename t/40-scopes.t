# SPDX-License-Identifier: ISC
# Scopes of the administrator's own, and what the consent page says of them.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use Flow;
use Site;

my $site = Site->new;
my $german = "Ihre Gr\xc3\xb6\xc3\x9fe lesen";

sub tool (@arguments) { return $site->tool([@arguments]) }

sub listed { return { map { $_->{scope} => $_ } @{ JSON::PP->new->utf8->decode($site->tool_ok([qw(scope list --json)])) } } }

# What can't be.
for (
    [ 'no sentence',                  64, [qw(scope add size)] ],
    [ 'none in the pages\' language', 64, [ qw(scope add size --sentence), "de=$german" ] ],
    [ 'two in one language',          64, [ qw(scope add size --sentence one --sentence en=two) ] ],
    [ 'an empty sentence',            64, [ qw(scope add size --sentence), '' ] ],
    [ 'an empty one with a language', 64, [ qw(scope add size --sentence en=) ] ],
    [ 'control characters',           64, [ qw(scope add size --sentence), "a\tb" ] ],
    [ 'not UTF-8',                    64, [ qw(scope add size --sentence), "\xff" ] ],
    [ '401 bytes',                    64, [ qw(scope add size --sentence), 'x' x 401 ] ],
    [ 'people and machines',          64, [ qw(scope add size --sentence x --person --machine) ] ],
    [ 'two scopes',                   64, [ qw(scope add size --sentence x more) ] ],
    (map { [ "a scope '$_'", 64, [ qw(scope add --sentence x), '--', $_ ] ] } '', 'a b', 'a"b', 'a\\b', 'x' x 101),
    [ 'a scope beyond ASCII',         64, [ qw(scope add --sentence x), "\xc3\xbc" ] ],
    [ 'to change nothing',            64, [qw(scope change profile)] ],
    [ 'to change what is not there',  65, [ qw(scope change size --sentence x) ] ],
    [ 'to remove what is not there',  65, [qw(scope remove size)] ],
    [ 'to remove Postern\'s own',     65, [qw(scope remove profile)] ],
    )
{
    my ($case, $exit, $arguments) = @$_;
    is tool(@$arguments)->{exit}, $exit, "scope: $case";
}
is_deeply [ sort keys %{ listed() } ], [qw(contacts profile)], 'none of these added a scope';

# Added, it can be asked for, and the page says the sentence of its language.
my @add = (qw(scope add size --sentence), 'read your size = <height>', '--sentence', "de=$german");
$site->tool_ok(\@add);
is_deeply listed()->{size},
    { scope => 'size', needs_person => JSON::PP::true, sentences => { en => 'read your size = <height>', de => "Ihre Gr\x{f6}\x{df}e lesen" } },
    'a scope with its sentences';
like tool(@add)->{out}, qr/already/, 'just so once more: no error';
is tool(qw(scope add size --sentence other))->{exit}, 65, 'but not another way';
my $client = $site->client(no_pkce => 1, scope => 'profile size');
my $person = $site->signed_in($site->user);
my $page   = $person->open_page($site->authorize_url($client));
like $page->body,   qr/read your size = &lt;height&gt;/, 'the consent page says it, escaped';
like $page->body,   qr/see who you are/,                 'beside the other scope\'s';
unlike $page->body, qr/Ihre/,                            'in its own language alone';
$site->tool_ok([ qw(scope change size --sentence), 'see how tall you are' ]);
like $person->open_page($site->authorize_url($client))->body, qr/see how tall you are/, 'scope change: at once';

# A machine can have what needs no person.
my $machine = $site->client(machine => 1, scope => 'size');
my $ask = sub {
    $site->{https}->post('/token', [ grant_type => 'client_credentials', client_id => $machine->{id}, client_secret => $machine->{secret} ])->status;
};
is $ask->(), 400, 'CA-5: a scope that needs a person is none of a machine';
like $site->tool_ok([qw(scope change size --machine)]), qr/Changed of size: person/, 'scope change --machine';
is $ask->(), 200, 'CA-5: now it is';
like $site->tool_ok([qw(scope change size --machine)]), qr/already/, 'so already';
$site->tool_ok([qw(scope change size --person)]);
is $ask->(), 400, 'CA-5: and no more';

# What is missing is told.
$site->sql(q(delete from oauth.scope_sentence where scope = 'size' and language = 'en'));
like $site->tool_ok([qw(scope list)]), qr/^size +people +en +\(missing/m, 'the list tells of a sentence that is missing';
like $person->open_page($site->authorize_url($client))->body, qr/\bsize\b/, 'the page then says the scope itself';

# Removed, when no client is registered for it any more.
my $used = tool(qw(scope remove size));
is $used->{exit}, 65, 'a scope that clients have stays';
like $used->{err}, qr/\Q$client->{id}\E, \Q$machine->{id}\E/, 'and it says which';
$site->tool_ok([ qw(client change --scope profile), $client->{id} ]);
$site->tool_ok([ qw(client remove), $machine->{id} ]);
$site->tool_ok([qw(scope remove size)]);
is_deeply [ sort keys %{ listed() } ], [qw(contacts profile)], 'then it goes';
is $site->sql('select count(*) from oauth.scope_sentence where scope not in (select scope from oauth.scope)'), 0, 'with its sentences';

my $me = getpwuid $>;
is $site->sql("select string_agg(detail, '; ' order by at) from oauth.audit where event like 'scope%'"),
    "by $me: size; by $me: size: sentence en; by $me: size: person; by $me: size: person; by $me: size", 'AD-1: all of it is audited';

$site->finish;
