# SPDX-License-Identifier: ISC
# DI-2: people of other frameworks sign in with their passwords: the hashes that crypt(3), PHP, Django and Keycloak made, the last
# through the view of doc/passwords.md over the rows that Keycloak keeps.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Hashes;
use Run;
use Site;

my $hashes = Hashes->new;
my $site   = Site->new(programs => ['authorize'], ids => [ 'text', 'integer' ], settings => { $hashes->settings });
my $count  = 0;

sub attempt ($name, $password) {
    my $person = $site->person('2001:db8:' . sprintf '%x::1', ++$count);
    $person->open_page('/login');
    return $person->submit(username => $name, password => $password)->status;
}

my @made = Hashes::lines('hashes');
my $n    = 0;
for (@made) {
    my ($who, $hash) = @$_;
    my $name = 'person-' . ++$n;
    $site->sql(
        'insert into directory.person (username, password_hash) values (:\'name\', :\'hash\')',
        set => [ "name=$name", "hash=$hash" ]
    );
    my $what = "$who, " . substr $hash, 0, 24;
    is attempt($name, 'Grüße, Ω-Passwort 2'), 403, "DI-2: $what: a wrong password";
    is attempt($name, $Hashes::password),     200, "DI-2: $what: the right one";
}

# What of these is verified, "postern check" has nothing to say about; the rest it counts.
my $check = sub { $site->tool(['check'])->{out} =~ /^(\w+ +passwords: .*\n(?:      .*\n)?)/m ? $1 : '' };
like $check->(), qr/^ok    passwords: all $n are of schemes that are verified/, 'DI-2: check finds all of them good';
$site->sql(
    q(insert into directory.person (username, password_hash, active) values ('des', 'abJnggxhB/yWI', true),
    ('plain', 'secret', true),
    ('huge', '$2b$31$XcrnbhkCUfVZKPqKsbGSqea0m7P5yEiTMKx933gtfpJcEnkbTOoZK', true), ('off', 'plain', false), ('none', null, true))
);
like $check->(), qr/^note  passwords: 3 of @{[ $n + 3 ]} never verify\n      \S/, 'DI-2: it counts what never verifies';

# Keycloak's tables, as far as the view reads them.
my ($view) = join('', Site::lines("$Run::source/doc/passwords.md")) =~ /```sql\n(create or replace view .*?)```/s;
$view =~ s/'REALM'/'r1'/;
$site->sql(
    "create schema keycloak;
     create table keycloak.user_entity (id varchar(36) primary key, username varchar(255), email varchar(255),
         enabled boolean not null,
         first_name varchar(255), last_name varchar(255), realm_id varchar(255), service_account_client_link varchar(255));
     create table keycloak.credential (id varchar(36) primary key, user_id varchar(36) references keycloak.user_entity,
         type varchar(255), credential_data text, secret_data text, priority integer);
     insert into keycloak.user_entity values ('no', 'no-password', null, true, null, null, 'r1', null),
         ('other', 'other-realm', null, true, null, null, 'r2', null);
     $view"
);
$site->{program}{authorize}->stop;
$site->start('authorize');    # a worker knows the directory for ten minutes
my %derived = map { $_->[0] => $_->[1] } grep { $_->[0] =~ /^Keycloak / } @made;

for (Hashes::lines('keycloak')) {
    my ($name, $data, $secret) = @$_;
    $site->sql(
        "insert into keycloak.user_entity values (:'name', :'name', :'name' || '\@example.com', true, 'A', 'Person', 'r1', null);
         insert into keycloak.credential values (:'name' || '-otp', :'name', 'otp', '{}', '{}', 1),
             (:'name', :'name', 'password', :'data', :'secret', 2)", set => [ "name=$name", "data=$data", "secret=$secret" ]
    );
    is $site->sql("select password_hash from directory.account where id = '$name'"), $derived{"Keycloak $name"},
        "DI-2: Keycloak, $name: the view makes the hash of its row";
    $hashes->calls;
    is attempt($name, $Hashes::password), 200, "DI-2: Keycloak, $name: the right password";
    my $calls = $hashes->calls;
    unlike $calls, qr/, /, "DI-2: Keycloak, $name: one hash, and none is made anew ($calls)";
    is attempt($name, 'Grüße, Ω-Passwort 2'), 403, "DI-2: Keycloak, $name: a wrong one";
}
is attempt('sha512@example.com', $Hashes::password), 200, 'DI-1, DI-2: by e-mail too';
is attempt('no-password',        'x'),               403, 'DI-2: without a password nobody signs in';
is $site->sql("select count(*) from keycloak.credential where secret_data like '%\$y\$%'"), 0, 'DI-2: nothing was written there';
like $site->sql("select username from directory.account where id = 'other'"), qr/^$/,           'the other realm is not shown';
unlike $site->log_text('authorize'),                                          qr/not_rehashed/, 'and nobody tried';

$site->finish;
