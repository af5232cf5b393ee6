# SPDX-License-Identifier: ISC
# A company's own tables in the same database, hooked up as doc/integrate.md says.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Integrate;
use Site;

my ($anna, $ben, $eve) = my @people = people(qw(anna ben eve));
my $site = hooked_up(
    sub ($site) {
        $site->sql(block('same_tables.sql') . 'create role "' . "$site->{roles}-crm" . '" login;
            grant usage on schema crm to "' . "$site->{roles}-crm" . '";
            grant select, insert, update, delete on all tables in schema crm to "' . "$site->{roles}-crm" . '"');
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

$site->finish;
