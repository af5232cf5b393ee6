# SPDX-License-Identifier: ISC
# A company's own tables in the same database, hooked up as doc/integrate.md says.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Integrate;
use Nginx;
use Run;

my ($anna, $ben, $eve) = my @people = people(qw(anna ben eve));
my $site = hooked_up(
    sub ($site) {
        $site->sql(
                  block('same_tables.sql')
                . 'create role "'
                . "$site->{roles}-crm"
                . '" login;
            grant usage on schema crm to "' . "$site->{roles}-crm" . '";
            grant select, insert, update, delete on all tables in schema crm to "' . "$site->{roles}-crm" . '"'
        );
        $site->sql("insert into crm.users (login, password, full_name) values ('$_->{name}', '$_->{hash}', 'The ' || '$_->{name}')")
            for @people;
        $_->{id} = $site->sql("select id from crm.users where login = '$_->{name}'") for @people;
        $site->sql(block('same_views.sql'));
    },
    ids => ids_of('The types of ids')
);
my $company = sub ($sql) { return $site->sql($sql, user => "$site->{roles}-crm") };
my @ids     = split /\n/, $company->(
    "insert into crm.contacts (user_id, nick, full_name)
        select u.id, 'c' || n, 'Contact ' || n from crm.users u, generate_series(1, 5) n where u.login <> 'eve' order by 1, 2;
     select id from crm.contacts where user_id = $anna->{id} order by id"
);
my $token = whole_way(
    $site,
    people          => \@people,
    contacts        => \@ids,
    disable         => sub ($who) { $company->("update crm.users set status = 'left' where id = $who->{id}") },
    enable          => sub ($who) { $company->("update crm.users set status = 'active' where id = $who->{id}") },
    change_password => sub ($who) { $company->("update crm.users set password = '$eve->{hash}' where id = $who->{id}") },
    delete_person   => sub ($who) { $company->("delete from crm.users where id = $who->{id}") },
    delete_contact  => sub ($id) { $company->("delete from crm.contacts where id = $id") }
);

checked($site);

# The search, the order by name and the changes: what the company's application does is seen, and it has no right on what is ours.
my $list  = sub ($query) { return $site->contact_list($token, $query)->json };
my $found = sub ($query) {
    return join ' ', map { $_->{username} // "-$_->{id}" } @{ $list->($query)->{contacts} };
};
is $found->('?q=CONT%C3%81CT%203'), 'c3',          'CT-5: a contact found by its name';
is $found->('?order=name'),         'c1 c3 c4 c5', 'CT-5: in the order of names';
my $mark = $list->('')->{sync};
$company->(
    "insert into crm.contacts (user_id, nick, full_name) values ($anna->{id}, 'new', 'A\xc3\xa9rea');
     update crm.contacts set full_name = 'Zoe' where nick = 'c4' and user_id = $anna->{id};
     delete from crm.contacts where nick = 'c5' and user_id = $anna->{id}"
);
is $found->("?sync=$mark"), "new c4 -$ids[4]", 'CT-6: what changed since, in order';
is $found->('?order=name'), 'new c1 c3 c4',    'CT-5: the order of the new names';
is $found->('?q=aere'),     'new',             'CT-5: and the new names are found';
is $found->('?q=zo'),       'c4',              'CT-5: the changed one, too';
$mark = $list->("?sync=$mark")->{sync};
is $found->("?sync=$mark"), '', 'CT-6: nothing since';
$site->sql('truncate crm.contacts');
problem $site->contact_list($token, "?sync=$mark"), 410, 'sync_expired', 'CT-6: after a truncate a client starts over';
is $found->(''), '', 'and finds none';
is $site->sql(
    "select count(*) from pg_class where relnamespace in ('directory'::regnamespace, 'oauth'::regnamespace)
    and relkind in ('r', 'v', 'p') and has_table_privilege('$site->{roles}-crm', oid, 'select, insert, update, delete')"
    ),
    0,
    'the company\'s application may nothing with Postern\'s tables';

# Nobody of Postern's reads the company's tables but by the views, and the password hash is one program's alone.
for my $role (map {"$site->{roles}-$_"} qw(authorize token contacts admin maintain)) {
    is $site->sql(
        "select has_table_privilege('$role', 'crm.users', 'select') or has_table_privilege('$role', 'crm.contacts', 'select')"),
        'f', "OP-4: $role does not read the company's tables";
    is $site->sql("select has_column_privilege('$role', 'directory.account', 'password_hash', 'select')"),
        $role =~ /authorize/ ? 't' : 'f', "OP-4: nor, but for one, a password hash ($role)";
}

# Every block of the handbook has its test.
my $tests = join '', map { Nginx::slurp($_) } glob("$Run::source/t/50-integrate-*.t"), "$Run::source/t/lib/Integrate.pm";
is join(' ', grep { index($tests, "'$_'") < 0 } Integrate::blocks()), '', 'each block of SQL in doc/integrate.md is run';

$site->finish;
