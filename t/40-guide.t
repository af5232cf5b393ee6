# SPDX-License-Identifier: ISC
# The page at / of :82, the description of the API for a person (CT-9): it has all that /openapi.json has, its links lead somewhere,
# each error's type leads to it, and it keeps to the rules of our pages.
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
my $home = $site->{contacts_url} =~ s/contacts$//r;

sub of_page ($name, $offered) {
    my $api  = OpenApi->new($host->get('/openapi.json')->json);
    my $is   = $api->{document};
    my $page = $host->get('/');
    page $page, 200, "SE-8: a page, $name";
    my $html  = $page->body;
    my $text  = $html =~ s/<[^>]*>//gr;
    my @named = (
        $is->{info}{description} =~ /^## (.*)$/mg, keys %{ $is->{paths} },
        (map { $_->{name} } map { $api->parameters($_) } keys %{ $is->{paths} }),
        keys %{ $is->{components}{schemas}{Contact}{properties} }
    );
    my @marked = (
        (map {"<code>$_</code>"} map { keys %{ $_->{get}{responses} } } values %{ $is->{paths} }),
        map {"<dt id=\"$_\">"} keys %{ $api->errors }
    );
    is join(' ', grep { index($html, $_) < 0 } @marked, map {s/'/&#39;/gr} @named), '',
        "CT-9: it has each chapter, path, parameter, status, member and error, $name";
    unlike $html, qr/\{\{|`|x-needs/, "CT-9: and no gap is left open, $name";
    my %ids = map { $_ => 0 } my @ids = $html =~ / id="([^"]*)"/g;
    is scalar(keys %ids), scalar(@ids), "SE-8: each id is there once, $name";
    is join(' ', grep { !exists $ids{$_} } $html =~ /(?:href="#|labelledby=")([^"]*)"/g), '',
        "SE-8: and each link finds its place, $name";
    is join(' ', grep { !m{^(?:#.*|/openapi\.json|/style\.css)$} } $html =~ /href="([^"]*)"/g), '',
        "SE-8: nothing leads elsewhere, $name";
    like $text, qr/\Q$site->{contacts_url}\E.*\Q$site->{issuer}\E/s, "CT-9: it has the two addresses, $name";
    my $parameters = join ' ', map { $_->{name} } $api->parameters('/contacts');
    is $parameters, $offered, "CT-9: what is offered, $name";
    return $html;
}

my $all = of_page('a directory with everything', 'limit cursor fields order q sync If-None-Match');
my @open;
for ($all =~ m{<(/?\w+)[^>]*>}g) {
    next if /^(?:meta|link|input|br)$/;
    /^\/(.*)/ ? ($open[-1] // '') eq $1 ? pop @open : push @open, $_ : push @open, $_;
}
is "@open", '', 'SE-8: what is opened is closed';
my @levels = $all =~ /<h([1-6])/g;
is join('', grep { $levels[$_] > $levels[ $_ - 1 ] + 1 } 1 .. $#levels), '',     'SE-8: no level of headings is left out';
is $host->get('/style.css')->body,      $site->{https}->get('/style.css')->body, 'SE-8: the style is that of the other pages';
is $host->request('HEAD', '/')->status, 200,                                     'GE-8: HEAD';

# The type of an error is the place of its paragraph; the metadata and the sheet name the page.
my $problem =
    $host->get('/contacts?limit=0', Flow::bearer($site->token(my $client = $site->client, $site->signed_in($site->user))));
my ($anchor) = $problem->json->{type} =~ /^\Q$home\E#(.*)/;
like $all, qr/<dt id="\Q$anchor\E">/, 'CT-8: the type of an error leads to what it means';
is $host->get('/.well-known/oauth-protected-resource/contacts')->json->{resource_documentation}, $home,
    '9728 2: the metadata lead to the page';
like $site->tool_ok([ qw(client sheet), $client->{id} ]), qr/^Contacts explained +\Q$home\E$/m, 'AD-1: so does the hand-over sheet';

# CT-5, CT-6: what this directory can't give, is not promised.
$site->sql('drop view directory.contact_change');
$site->disconnect;
like of_page('a directory without log', 'limit cursor fields order q If-None-Match'), qr/keeps no log of changes/,
    'CT-6: it says so';
$site->sql('drop view directory.contact_word');
$site->disconnect;
like of_page('a directory without words', 'limit cursor fields If-None-Match'), qr/has no index of words/, 'CT-5: it says so';

# The ids are of the type that the directory has.
for (
    [ bigint => { type => 'integer', format    => 'int64' }, qr/"id":17\b/ ],
    [ uuid   => { type => 'string',  format    => 'uuid' },  qr/"id":"0d9c2b6e-/ ],
    [ text   => { type => 'string',  minLength => 1 },       qr/"id":"c-17"/ ],
    )
{
    my ($type, $schema, $example) = @$_;
    my $other = Site->new(workers => 1, programs => ['contacts'], ids => [ $type, $type ]);
    my $id    = $other->{contacts}->get('/openapi.json')->json->{components}{schemas}{Id};
    delete @$id{qw(description examples)};
    is_deeply $id, $schema, "CT-9: ids of the type $type";
    like $other->{contacts}->get('/')->body =~ s/&quot;/"/gr, $example, "CT-9: in the examples of the page, too ($type)";
    $other->check;
}

$site->finish;
