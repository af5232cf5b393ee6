# SPDX-License-Identifier: ISC
# A company's tables in another PostgreSQL, hooked up by postgres_fdw as doc/integrate.md says.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Integrate;
use Run;

my ($anna, $ben, $eve) = my @people = people(qw(anna ben eve));
my $cluster = Run::cluster();
my $there   = "crm-$$";
my $reader  = "$there-reader";
my $company = sub ($sql) { return $cluster->sql($there, $sql) };
$cluster->sql('postgres', qq(create database "$there" template template0));
$company->(
    "create schema crm;
     create table crm.users (id uuid primary key default gen_random_uuid(), login varchar(64) not null unique, mail varchar(190),
         password varchar(200), password_changed_at timestamptz not null default clock_timestamp(),
         enabled boolean not null default true, full_name text);
     create table crm.contacts (id uuid primary key default gen_random_uuid(),
         user_id uuid not null references crm.users on delete cascade, nick varchar(64), full_name text,
         mail varchar(190), changed_at timestamptz not null default now());"
);
$company->(block('postgres_there.sql', postern_reader => qq("$reader")));

for my $person (@people) {
    ($person->{id}) = $company->(
        "insert into crm.users (login, password, full_name) values ('$person->{name}', '$person->{hash}', 'The $person->{name}')
         returning id"
    );
}
$company->(
    "insert into crm.contacts (user_id, nick) select u.id, 'c' || n from crm.users u, generate_series(1, 5) n where login <> 'eve'"
);
my @ids  = split /\n/, $company->("select id from crm.contacts where user_id = '$anna->{id}' order by id");
my $site = hooked_up(
    sub ($site) {
        my %env = $site->{cluster}->env;
        $site->sql(block(
            'postgres_here.sql',
            'db.example.com' => $env{PGHOST}, 5432 => $env{PGPORT}, "dbname 'company'" => "dbname '$there'",
            postern_reader   => $reader,
        ));
    },
    ids => ids_of('Tables in another PostgreSQL')
);
my $of    = sub ($who) { return "where id = '$who->{id}'" };
my $token = whole_way(
    $site,
    people          => \@people,
    contacts        => \@ids,
    disable         => sub ($who) { $company->("update crm.users set enabled = false " . $of->($who)) },
    enable          => sub ($who) { $company->("update crm.users set enabled = true " . $of->($who)) },
    change_password => sub ($who) {
        $company->("update crm.users set password = '$eve->{hash}', password_changed_at = now() " . $of->($who));
    },
    delete_person  => sub ($who) { $company->("delete from crm.users " . $of->($who)) },
    delete_contact => sub ($id) { $company->("delete from crm.contacts where id = '$id'") }
);
$company->("update crm.users set password = '$eve->{hash}' " . $of->($anna));
is Integrate::statuses($site, $token), '200 200', 'with a password-change time, a hash that is renewed at sign-in ends nothing';
frameworks(
    $site,    $anna,             sub ($hash) { $company->("update crm.users set password = '$hash' " . $of->($anna)) },
    'Django', 'Keycloak sha512', 'Keycloak argon2'
);
checked($site);
without_log($site, $token);
travels($site, 'Remote SQL');

$site->finish;
