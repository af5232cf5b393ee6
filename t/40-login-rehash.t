# SPDX-License-Identifier: ISC
# DI-2: a password of an old scheme that was right is hashed anew; sessions and grants go on, and the sign-in never depends on it.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Hashes;
use Site;

my $hashes = Hashes->new;
my $site   = Site->new(settings => { $hashes->settings });
my $client = $site->client(no_pkce => 1, refresh => 1);
my $user   = $site->user;
my $now    = crypt $user->{password}, '$6$rounds=2000$saltsalt$';

# The person has the old hash, or another one.
my $set = sub ($hash) {
    $site->sql("update directory.person set password_hash = :'hash' where id = $user->{id}", set => ["hash=$hash"]);
};
my $hash = sub { $site->sql("select password_hash from directory.person where id = $user->{id}") };
my $log  = sub { scalar(() = $site->log_text('authorize') =~ /event=not_rehashed/g) };

# What can't be done now stays for the next time: the person is signed in all the same.
$set->($now);
my $session = $site->session;
$session->hold("select from directory.person where id = $user->{id} for update");
my $person = $site->signed_in($user);
is $log->(), 1, 'a row that somebody holds: the hash stays, and the log says why';
$session->release;
is $hash->(), $now, 'it is the old one';
my $tokens = $site->redeem($client, $site->code($client, $person))->json;
my $code   = $site->code($client, $person);
$hashes->calls;

# Now in another browser.
my $other = $site->signed_in($user);
is $hashes->calls, '$6$rounds=2000, $y$j9T', 'DI-2: the old scheme is verified, and a new hash is made';
like $hash->(), qr/^\$y\$j9T\$/, 'DI-2: which is yescrypt';
isnt $site->sql("select credential from directory.account where id = $user->{id}"),
    $site->sql("select left(encode(sha256(convert_to('$now', 'UTF8')), 'hex'), 32)"), 'DI-2: with another credential';
page $person->open_page('/'), 200, 'DI-2: the session from before goes on', 'who' => $person->last_answer->body =~ /signed in as/;
page $other->open_page('/'),  200, 'DI-2: the new one too',                 'who' => $other->last_answer->body  =~ /signed in as/;
is $site->profile($tokens->{access_token})->status, 200, 'DI-2: the access token lives on';
my %refresh = (grant_type => 'refresh_token', refresh_token => $tokens->{refresh_token});
is $site->sending('/token', $client, %refresh)->answer->status, 200, 'DI-2: the refresh token as well';
is $site->redeem($client, $code)->status,                       200, 'DI-2: and a code that was not redeemed yet';
is $site->sql("select count(*) from oauth.audit where event = 'rehash' and account_id = '$user->{id}' and request_id is not null"),
    1,
    'DI-2: it stands in the audit';
my $new = $hash->();
$site->signed_in($user);
is $hashes->calls, '$y$j9T', 'DI-2: the next sign-in makes one hash';
is $hash->(),      $new,     'DI-2: and changes none';

# A wrong password renews nothing; nor does a right one of a disabled account.
$set->($now);
$hashes->calls;
is $site->person->try({ %$user, password => 'wrong' })->status, 403,              'a wrong password';
is $hashes->calls,                                              '$6$rounds=2000', 'DI-2: is not hashed anew';
is $hash->(),                                                   $now,             'DI-2: the hash stays';

# yescrypt of another cost is an old scheme, too.
$set->(scalar crypt $user->{password}, '$y$j75$saltsaltsalt$');
$site->signed_in($user);
like $hash->(), qr/^\$y\$j9T\$/, 'DI-2: a cheaper yescrypt is renewed';

# What ended stays ended: a session and a grant of an earlier password do not come back.
my $before = $site->signed_in($user);
my $ended  = $site->redeem($client, $site->code($client, $before))->json;
$set->($now);
page $before->open_page('/'), 200, 'a session of another password has ended',
    'nobody' => $before->last_answer->body =~ /Nobody is signed in/;
$site->signed_in($user);
page $before->open_page('/'), 200, 'TK-13: a new hash does not bring it back',
    'nobody' => $before->last_answer->body =~ /Nobody is signed in/;
is $site->profile($ended->{access_token})->status, 401, 'TK-13: nor its tokens';

# A form that was sent twice: the second was read with the old hash, and ends after the first has renewed it.
$set->($now);
my $twice = $site->person('198.51.100.7');
$twice->open_page('/login');
$site->sql("insert into oauth.login_limit values ('address 198.51.100.7', now())");
my (undef, $made) = $session->race(
    "select from oauth.login_limit where key = 'address 198.51.100.7' for update",
    sub { $set->($now); $site->sql('update oauth.login_limit set full_until = now()') },
    [ sub ($) { $twice->sending(username => $user->{name}, password => $user->{password}) } ],
    end => "select oauth.rehash(id, credential, '$new') from directory.account where id = $user->{id}; commit"
);
is $made->status, 303,  'DI-2: a right password stays right when another sign-in has hashed it anew meanwhile';
is $hash->(),     $new, 'DI-2: and the new hash stays';

# Tokens that are asked for while the new credential is written wait for it, and then do not take it for a changed password.
my $renewing = "select oauth.rehash(id, credential, '$new') from directory.account where id = $user->{id}";
my $browser;
my $afresh = sub {
    $set->($now);
    $browser = $site->signed_in($user);
    $set->($now);
    $site->sql(
        "update oauth.session set credential =
    (select credential from directory.account where id = $user->{id}) where id = (select max(id) from oauth.session)"
    );
};
my (undef, $redeemed) = $session->race(
    $renewing, sub { $afresh->(); $site->code($client, $browser) },
    [ sub ($it) {
        $site->redeeming($client, $it);
    } ],
    end => 'commit'
);
is $redeemed->status, 200, 'DI-2: a code that was redeemed meanwhile gives tokens';
my (undef, $refreshed) = $session->race(
    $renewing,
    sub { $afresh->(); $site->redeem($client, $site->code($client, $browser))->json->{refresh_token} },
    [ sub ($it) {
        $site->sending('/token', $client, grant_type => 'refresh_token', refresh_token => $it);
    } ],
    end => 'commit'
);
is $refreshed->status, 200, 'DI-2: a refresh token as well';

# The function renews nothing but what it is asked for.
my $try = sub ($account, $credential, $hash) {
    $site->sql("select oauth.rehash($account, $credential, '$hash')");
};
my $credential = "(select credential from directory.account where id = $user->{id})";
is $try->($user->{id}, q('x'),      $new),    'f', 'not with another credential';
is $try->($user->{id}, 'null',      $new),    'f', 'not without';
is $try->($user->{id}, $credential, 'plain'), 'f', 'nothing but yescrypt';
is $try->(-1,          $credential, $new),    'f', 'nobody';
$site->sql("update directory.person set active = false where id = $user->{id}");
is $try->($user->{id}, $credential, $new), 'f', 'no disabled account';
$site->sql("update directory.person set active = true where id = $user->{id}");

# Another table, be the view updatable or not, is not ours.
$set->($now);
for my $from ('company.people', '(select distinct * from company.people) p') {
    $site->sql(
        "create schema if not exists company; create table if not exists company.people as select * from directory.person;
        create or replace view directory.account as select id, username, password_hash, active,
        left(encode(sha256(convert_to(password_hash, 'UTF8')), 'hex'), 32) as credential, name, email from $from"
    );
    $site->{program}{authorize}->stop;
    $site->start('authorize');
    $hashes->calls;
    $site->signed_in($user);
    is $hashes->calls,                         '$6$rounds=2000', "DI-2: over $from no hash is made anew";
    is $try->($user->{id}, $credential, $new), 'f',              'DI-2: nor could it be';
}
is $site->sql("select count(*) from company.people where password_hash like '\$y\$%'"), 0, 'DI-2: and the table is as it was';

$site->finish;
