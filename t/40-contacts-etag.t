# SPDX-License-Identifier: ISC
# CT-7: ETag and If-None-Match (RFC 9110 8.8.3, 13.1.2): who has a page already hears 304, and nobody who has another.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Contacts;
use Site;

my $site   = Site->new;
my $reader = Contacts->somebody($site);
my $other  = Contacts->somebody($site, client => $reader->{client});
my $me     = $reader->{owner};
$_->add(map { { id => $_, username => "u$_", name => "n$_" } } 1 .. 9) for $reader, $other;

my @targets = (
    '/contacts', '/contacts?limit=3', '/contacts?limit=3&fields=name', '/contacts?order=name&limit=2', '/contacts?q=n',
    '/contacts?q=nobody',
    '/contacts/1', '/contacts/1?fields=name',
);
push @targets, $reader->get('/contacts?limit=3')->json->{next} =~ s{^https://[^/]+}{}r;
push @targets, '/contacts?sync=' . $reader->list->json->{sync};
my %tag;
for my $target (@targets) {
    for my $accept ('application/json', 'text/vcard') {
        my @how  = (Accept => $accept);
        my $what = substr("$target, $accept", 0, 70);
        my $got  = $reader->get($target, @how);
        next if $target =~ /sync=/ && $accept eq 'text/vcard';
        is $got->status, 200, "CT-7: $what";
        my $tag = $got->header('ETag') // '';
        like $tag, qr{^(?:W/)?"[\x21\x23-\x7e]{16,}"$}, "CT-7: an ETag ($what)";
        is $got->header('Cache-Control'), 'private, no-cache', "CT-7: a private cache that asks each time ($what)";
        is join(', ', sort grep { $_ ne 'Origin' } split /,\s*/, $got->header('Vary') // ''), 'Accept, Authorization',
            "CT-7: Vary ($what)";
        $tag{$tag}{ $got->body } = $what;

        # A mark, and the cursor of a pass that will end with one, differ each time and say the same.
        $site->sql('select pg_current_xact_id()');
        my $differs = $reader->get($target, @how)->body ne $got->body;
        my $strong  = $tag !~ m{^W/};
        ok !$differs || !$strong, "CT-7: weak where the bytes differ each time ($what)";
        ok $strong, "CT-7: strong without mark and next ($what)" if $accept eq 'text/vcard' || $got->body !~ /"(?:sync|next)":/;
        my $plain = $tag =~ s{^W/}{}r;
        for (
            [ 'it', $tag ], [ 'weak', "W/$plain" ], [ 'strong', $plain ], [ 'among others', qq("x", W/"y", $tag, "z") ],
            [ 'without spaces', qq("x",$plain,"z") ], [ 'any', '*' ]
            )
        {
            my ($case, $known) = @$_;
            for my $method (qw(GET HEAD)) {
                my $same = $reader->request($method, $target, @how, 'If-None-Match' => $known);
                all_good(
                    "CT-7: 304 to $method where If-None-Match is $case ($what)", $same,
                    '304'      => $same->status == 304,
                    'no body'  => $same->body eq '',
                    'its ETag' => ($same->header('ETag') // '') eq $tag,
                    'its Link' => defined $same->header('Link') == defined $got->header('Link'),
                    map { ("its $_" => ($same->header($_) // '') eq ($got->header($_) // '')) } qw(Cache-Control Vary)
                );
            }
        }
        for (
            [ 'another',    '"x"' ], [ 'empty', '""' ], [ 'cut', substr $plain, 0, -2 ], [ 'longer', $plain =~ s/"$/x"/r ],
            [ 'not quoted', $plain =~ tr/"//dr ], [ 'in another case', $plain =~ tr/A-Za-z/a-zA-Z/r ],
            [ 'nothing',    '' ], [ 'rubbish', ',,;"' ], [ 'long', join ', ', map {qq("$_")} 1 .. 600 ],
            [ 'of a star among others', qq("x", "*") ]
            )
        {
            my ($case, $known) = @$_;
            is $reader->get($target, @how, 'If-None-Match' => $known)->status, 200,
                "CT-7: 200 where If-None-Match is $case ($what)";
        }
        is $reader->get($target, @how)->header('ETag'), $tag, "CT-7: the same the next time ($what)";
    }
}
is join(' | ', map { keys %$_ > 1 ? join ' = ', values %$_ : () } values %tag), '', 'CT-7: what differs has another ETag';

# It follows what is shown, and that alone: [ SQL, for which of these it changes ].
my $table = 'directory.person_contact';
my %watch = (
    page    => '/contacts?limit=3',           names => '/contacts?limit=3&fields=name', all => '/contacts',
    one     => '/contacts/2?fields=username', found => '/contacts?q=n1',
    changes => $targets[-1]
);
for (
    [ 'nothing',                             'select 1',                                                       '' ],
    [ 'a name that is shown',                "update $table set name = 'n2b' where owner_id = $me and id = 2", 'changes names' ],
    [ 'a name of one that was told already', "update $table set name = 'n2c' where owner_id = $me and id = 2", 'names' ],
    [ 'a user name',         "update $table set username = 'v2' where owner_id = $me and id = 2", 'all changes one page' ],
    [ 'one on another page', "update $table set username = 'v9' where owner_id = $me and id = 9", 'all changes' ],
    [ 'a deletion',          "delete from $table where owner_id = $me and id = 2",                'all changes names one page' ],
    [ 'another\'s contact',  "update $table set username = 'x' where owner_id = $other->{owner}", '' ],
    [ 'other transactions',  'select pg_current_xact_id()',                                       '' ],
    )
{
    my ($what, $sql, $expected) = @$_;
    my %before = map { $_ => $reader->get($watch{$_})->header('ETag') // '' } keys %watch;
    $site->sql($sql);
    my %after = map { $_ => $reader->get($watch{$_}, 'If-None-Match' => $before{$_}) } keys %watch;
    is join(' ', sort grep { $before{$_} && $after{$_}->status != 304 } keys %after), $expected,
        "CT-7: what is new to a cache after a change of $what";
}

# A cache that hears 304 goes on with the mark that it has: one that has ended is not what it wants.
my %page = (whole => '/contacts', last => $reader->get('/contacts?limit=5')->json->{next} =~ s{^https://[^/]+}{}r);
my %kept = map { $_ => $reader->get($page{$_}) } keys %page;
$site->sql("create temporary table kept as select * from $table; truncate $table; insert into $table select * from kept");
for (sort keys %page) {
    my $asked = $reader->get(
        $_ eq 'whole' ? $page{$_} : $reader->get('/contacts?limit=5')->json->{next} =~ s{^https://[^/]+}{}r,
        'If-None-Match' => $kept{$_}->header('ETag')
    );
    is $asked->status, 200, "CT-7, CT-6: a mark that has ended is not what a cache has ($_)";
    is $reader->list('?sync=' . ($asked->status == 200 ? $asked : $kept{$_})->json->{sync})->status, 200,
        "CT-6: who asks gets one that is good ($_)";
}

# Whose token it is comes first: a cache's ETag opens nothing, and tells nothing.
my $tag = $reader->get('/contacts?limit=3')->header('ETag');
is $other->get('/contacts?limit=3', 'If-None-Match' => $tag)->status, 200, 'CT-7: another person\'s ETag is not one\'s own';
challenge $reader->get('/contacts', Authorization => undef, 'If-None-Match' => $_), 401, {}, "CT-7: $_ without a token"
    for $tag, '*';
challenge $reader->get('/contacts', Authorization => 'Bearer x', 'If-None-Match' => $_), 401, { error => 'invalid_token' },
    "CT-7: $_ with a wrong one" for $tag, '*';
problem $reader->get('/contacts?limit=0', 'If-None-Match' => '*'), 400, 'invalid_request', 'CT-7: an error stays one';
problem $reader->get('/contacts/999',     'If-None-Match' => '*'), 404, 'not_found',       'CT-7: as does what is not there';
ok !defined $reader->get('/contacts?limit=0')->header('ETag'), 'CT-7: an error has no ETag';

# Each error of a token is private and kept by nobody.
like $reader->get('/contacts', Authorization => 'Bearer x')->header('Cache-Control'), qr/no-store/, 'CT-7: an error is not kept';

$site->finish;
