# SPDX-License-Identifier: ISC
# A company's tables in MariaDB, hooked up by mysql_fdw as doc/integrate.md says.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Integrate;
use Mariadb;

my ($anna, $ben, $eve) = my @people = people(qw(Anna ben eve));
my $mariadb = Mariadb->new;

# In the order of its collation, which is not that of ours.
my @ids  = ('10', '9', 'a', 'B', 'c', "\x{1f600}");
my $site = Integrate::over_mysql($mariadb, \@people, \@ids);
$mariadb->sql("insert into crm.contacts (id, user_id, nick) values ('ben-1', $ben->{id}, 'x')");
my $of    = sub ($who) { return "where id = $who->{id}" };
my $token = whole_way(
    $site,
    people          => \@people,
    contacts        => \@ids,
    disable         => sub ($who) { $mariadb->sql("update crm.users set enabled = 0 " . $of->($who)) },
    enable          => sub ($who) { $mariadb->sql("update crm.users set enabled = 1 " . $of->($who)) },
    change_password =>
        sub ($who) { $mariadb->sql("update crm.users set password = '$eve->{hash}', password_changed_at = now(6) " . $of->($who)) },
    delete_person  => sub ($who) { $mariadb->sql("delete from crm.users " . $of->($who)) },
    delete_contact => sub ($id) { $mariadb->sql("delete from crm.contacts where id = '$id'") }
);

# One account by what its collation takes for the same name: the guesses at all spellings count for it.
for my $spelling ('anna', 'ANNA ', 'Ännä') {
    is $site->person->try({ %$anna, name => $spelling })->status, 200, "'$spelling' is Anna for MariaDB, and signs in";
}
my $limited = "oauth.login_limit where key = 'account $anna->{id}'";
$site->sql("delete from oauth.login_limit");
$site->person("192.0.2.$_")->try({ name => (qw(anna ANNA Ännä))[ $_ % 3 ], password => 'wrong' }) for 1 .. 3;
is $site->sql("select count(*) from $limited"), 1, 'SE-5: the guesses at its spellings are the account\'s';
is $site->sql("select round(extract(epoch from full_until - now()) / 90) from $limited"), 3, 'SE-5: three of them';
is $site->sql(
    "select count(*) from oauth.audit where account_id is distinct from '$anna->{id}' and account_id is distinct from '$ben->{id}'
    and account_id is distinct from '$eve->{id}' and event = 'login'"
    ),
    0, 'OP-6: the audit names accounts by their ids';

# Characters beyond the first plane, and times in UTC though the server's zone is another.
is $site->sql("select username from directory.contact where owner_id = $anna->{id} and id = U&'\\+01F600'"), "n-\xf0\x9f\x98\x80",
    'an emoji comes through';
is $site->sql(
    "select abs(extract(epoch from now() - updated_at)) < 600 from directory.contact where owner_id = $anna->{id} limit 1"),
    't', 'and a time is a time';
frameworks($site, $anna, sub ($hash) { $mariadb->sql("update crm.users set password = '$hash' " . $of->($anna)) }, 'PHP');
checked($site);
without_log($site, $token);
travels($site, 'Remote query');

$site->finish;
