# SPDX-License-Identifier: ISC
# Login: the words, and the limits on guessing.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Site;

my $site = Site->new(
    programs => ['authorize'],
    settings => { POSTERN_LOGIN_ACCOUNT_LIMIT => 5, POSTERN_LOGIN_ADDRESS_LIMIT => 40 }
);
my $user = $site->user;

# The answer to a name and a password, from an address.
sub attempt ($name, $password, $address = '192.0.2.1') {
    my $person = $site->person($address);
    $person->open_page('/login');
    return $person->submit(username => $name, password => $password);
}

sub right ($user, @from) { return attempt($user->{name}, $user->{password}, @from)->status }

page $site->person->open_page('/login'), 200, 'the login page';
page attempt($user->{name}, $user->{password}), 200, 'a right password', 'who' => 1;

# SE-4: unknown name and wrong password, the same words.
sub plain ($answer, $name) { return $answer->body =~ s/\Q$name\E/NAME/gr =~ s/(name="(?:csrf|t|h)" value=")[^"]*/$1/gr }

sub names ($answer) {
    return [ map { lc $_->[0] } @{ $answer->{headers} } ];
}

my $known   = attempt($user->{name},         'wrong');
my $unknown = attempt('nobody-of-this-name', 'wrong');
page $known, 403, 'SE-4: a wrong password', 'SE-1: the name stays in the form' => $known->body =~ /value="\Q$user->{name}\E"/;
page $unknown, 403, 'SE-4: an unknown name';
my $expected = plain($known, $user->{name});
is plain($unknown, 'nobody-of-this-name'), $expected, 'SE-4: the same bytes, but for the name and the form\'s token';
is_deeply names($unknown), names($known), 'SE-4: the same headers';
my $other  = $site->user;
my $change = sub ($what) { $site->sql("update directory.person set $what where id = $other->{id}") };
$change->('active = false');
is plain(attempt($other->{name}, $other->{password}), $other->{name}), $expected, 'SE-4: a disabled account likewise';

for my $hash ("'plain'", 'null', "''", q('$1$abcdefgh$' || repeat('x', 22)), "'abJnggxhB/yWI'") {
    $change->("active = true, password_hash = $hash");
    is plain(attempt($other->{name}, 'plain'), $other->{name}), $expected, "SE-4, DI-2: what can't be verified likewise ($hash)";
    $site->sql('truncate oauth.login_limit');
}

# Any text is a name or a password, and stays text.
page attempt('"><script>alert(1)</script>',      'x'),            403, 'a name that is HTML is escaped';
page attempt('Ünïcödé ☃ 名前',                     'пароль'),       403, 'any script can be typed';
page attempt(q('; drop table oauth.session; --), q(' or '1'='1)), 403, 'a name that is SQL is a name';
page attempt('x',                                'p' x 512),      403, 'a password of 512 bytes is wrong';
like attempt('',                                 '')->body, qr/<form/, 'SE-1: an empty form shows the form again';
my $accented = $site->user('Ünïcödé ☃ 名前');
is right($accented), 200, 'a name in any script signs in';

# SE-5: the limit per account counts before the hash; beyond it not even the right password is tried.
my $victim = $site->user;
my @status = map { attempt($victim->{name}, "wrong $_", "198.51.100.$_")->status } 1 .. 5;
is "@status", '403 403 403 403 403', 'SE-5: as many wrong passwords as the setting says';
my $answer = attempt($victim->{name}, $victim->{password}, '198.51.100.9');
page $answer, 429, 'SE-5: then 429, even for the right one';
my $wait = $answer->header('Retry-After') // 0;
ok $wait >= 1 && $wait <= 900, "SE-5: with Retry-After ($wait s)";
like Page::text($answer->body), qr/\b$wait\b/, 'SE-5: and the page says how long';
is right($user, '198.51.100.9'), 200, 'SE-5: another account is not concerned';
@status = map { attempt('a name of nobody', "wrong $_", "198.51.100.$_")->status } 1 .. 6;
is "@status", '403 403 403 403 403 429', 'SE-5: an unknown name has the same limit';
@status = map { attempt("no-$_", 'x', "2001:db8:0:1::$_")->status } 1 .. 41;
is "@status[39, 40]", '403 429', 'SE-5: the limit per address counts an IPv6 /64 as one';
is attempt('no-42', 'x', '2001:db8:0:2::1')->status,    403, 'SE-5: not the next /64';
is attempt('no-43', 'x', '::ffff:203.0.113.9')->status, 403, 'SE-5: a mapped IPv4 address is an IPv4 address';
$site->later('4 minutes');
is right($victim, '198.51.100.9'),                        200, 'SE-5: after a while the right password is taken again';
is join(' ', map { right($user, '203.0.113.1') } 1 .. 7), '200 200 200 200 200 200 200', 'SE-5: right passwords count nothing';

$site->finish;
