# SPDX-License-Identifier: ISC
# CT-7: fields says which members a contact has; what it has no value for is left out.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Contacts;
use Site;

my $site   = Site->new;
my $reader = Contacts->somebody($site);
$reader->add(
    { id => 1, username => 'anna', name => 'Anna Bell', email => 'anna@example.com', phone => '+49 30 1' },
    { id => 2 },
    { id => 3, username => '', name => '', email => '', phone => '' }
);
$site->sql(
    "alter table directory.person_contact disable trigger touched;
    update directory.person_contact set updated_at = '2024-02-29 23:59:59.123456+02' where id = 1;
    alter table directory.person_contact enable trigger touched"
);
my %all = (
    id         => 1, username => 'anna', name => 'Anna Bell', email => 'anna@example.com', phone => '+49 30 1',
    updated_at => '2024-02-29T21:59:59.123456Z'
);
my @order = qw(id username name email phone updated_at);

# The text of the first contact, with its order of members.
sub first_text ($query) {
    my ($text) = $reader->list($query)->body =~ /^\{"contacts":\[(\{.*?\})/;
    return $text;
}

is_deeply $reader->list->json->{contacts}[0], { id => 1, username => 'anna' }, 'CT-1: id and username where nothing is said';
for my $fields (
    'id', 'username', 'name', 'email', 'phone', 'updated_at', 'name,email', 'email,name', join(',', @order), join ',',
    reverse @order
    )
{
    my %want = map { $_ => 1 } 'id', split /,/, $fields;
    my $got  = $reader->ask(fields => $fields)->json->{contacts}[0];
    is_deeply [ sort keys %$got ], [ sort keys %want ], "CT-7: fields=$fields has these, and id";
    is_deeply $got, { map { $_ => $_ eq 'updated_at' ? $got->{$_} : $all{$_} } keys %want }, "CT-7: with their values ($fields)";
    my $text = first_text("?fields=$fields");
    is join(',', $text =~ /"([a-z_]+)":/g), join(',', grep { $want{$_} } @order), "CT-7: in one order ($fields)";
}
like $reader->ask(fields => 'updated_at')->json->{contacts}[0]{updated_at}, qr/^2024-02-29T21:59:59(?:[.]123456)?Z$/,
    'CT-7: a time is RFC 3339, UTC';

# What there is no value for is left out, never null; an empty text is a value.
my $every = $reader->ask(fields => join ',', @order);
is join(',', sort keys %{ $every->json->{contacts}[1] }), 'id,updated_at', 'CT-7: no value, no member';
unlike $every->body, qr/null/, 'CT-7: null nowhere';
is_deeply { %{ $every->json->{contacts}[2] }{qw(username name email phone)} }, { map { $_ => '' } qw(username name email phone) },
    'CT-7: an empty text is one';
is_deeply $reader->ask(fields => 'name')->json->{contacts}[1], { id => 2 }, 'CT-7: id alone is left of one that has no more';

for (
    [ 'an unknown one',                 'nickname' ],
    [ 'one that is nobody\'s business', 'password_hash' ],
    [ 'the owner',                      'owner_id' ],
    [ 'another case',                   'Name' ],
    [ 'repeated',                       'name,name' ],
    [ 'id twice',                       'id,id' ],
    [ 'a space',                        'id, name' ],
    [ 'an empty one between',           'id,,name' ],
    [ 'an empty one first',             ',name' ],
    [ 'an empty one last',              'name,' ],
    [ 'a comma',                        ',' ],
    [ 'a star',                         '*' ],
    [ 'SQL',                            'id from directory.account--' ],
    [ 'NUL',                            "name\0" ],
    [ 'not UTF-8',                      "name,\xff" ],
    [ 'four kilobytes',                 join ',', ('name') x 800 ],
    )
{
    my ($case, $fields) = @$_;
    problem $reader->ask(fields => $fields), 400, 'invalid_request', "CT-7: fields with $case";
}
problem $reader->list('?fields=id&fields=name'), 400, 'invalid_request', 'GE-2: repeated fields';

# A pass keeps its fields: a cursor belongs to them.
$reader->add(map { { id => $_, username => "u$_", name => "n$_" } } 11 .. 20);
my $pass = $reader->pass('?limit=4&fields=name')->run;
is_deeply [ map { join ',', sort keys %$_ } @{ $pass->{contacts} } ], [ 'id,name', 'id', 'id,name', ('id,name') x 10 ],
    'CT-7: on all pages of a pass';
my $cursor = Response->query($reader->ask(limit => 4, fields => 'name')->json->{next})->{cursor};
problem $reader->ask(limit => 4, cursor => $cursor), 400, 'cursor_invalid', 'CT-3: a cursor of other fields';
problem $reader->ask(limit => 4, cursor => $cursor, fields => 'name,email'), 400, 'cursor_invalid', 'CT-3: of more fields';
is $reader->ask(limit => 4, cursor => $cursor, fields => 'name')->status, 200, 'CT-3: of the same';

# Every character of a value comes through: JSON escapes what it must (RFC 8259 7).
my $odd = join '', map {chr} 1 .. 0x7f, 0xa0, 0xad, 0x2028, 0x2029, 0xfeff, 0xfffd, 0xffff, 0x1f600, 0x10ffff;
$reader->add({ id => 99, username => $odd, name => "</script>\x{202e}", email => '"\\/', phone => "\x{7f}\x{80}\x{9f}\x{100}" });
my $got = $reader->ask(fields => 'username,name,email,phone', limit => 1000)->json->{contacts}[-1];
is $got->{username},                           $odd,                                                'CT-1: any text comes through';
is "$got->{name} $got->{email} $got->{phone}", "</script>\x{202e} \"\\/ \x{7f}\x{80}\x{9f}\x{100}", 'CT-1: in any member';

# A value that is far too long for what it says costs neither a worker nor anybody else his answer: it is as if there was none.
$site->sql(
    "alter table directory.person_contact disable trigger postern_inserted;
     insert into directory.person_contact (owner_id, id, username, name, email, phone)
     select $reader->{owner}, 200 + n, repeat('u', n), repeat('n', n), repeat('e', n), repeat('p', n) from generate_series(10000, 10001) n
     union all
     select $reader->{owner}, 30000, 'long', repeat('x', 8000000), null, null"
);
for ([ 10_200, 'username,name,email,phone' ], [ 10_201, '' ], [ 30_000, 'username' ]) {
    my ($id, $there) = @$_;
    my $one = $reader->get("/contacts/$id")->json;
    is join(',', grep { exists $one->{$_} } qw(username name email phone)), $there, "CT-1: one contact has of values so long: $there";
    my ($listed) = grep { $_->{id} == $id } @{ $reader->ask(fields => 'username,name,email,phone', limit => 1000)->json->{contacts} };
    delete $one->{updated_at};
    is_deeply $listed, $one, "CT-1: and so has a page ($id)";
    like $reader->get("/contacts/$id", Accept => 'text/vcard')->body, qr/^FN:[un0-9l][^\r]/m, "CT-7: and a card ($id)";
}

$site->finish;
