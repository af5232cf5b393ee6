# SPDX-License-Identifier: ISC
# The session: its cookies, renewal, logout, and every way in which it ends.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Site;

my $site = Site->new(programs => ['authorize']);
my $user = $site->user;
my ($session, $browser) = qw(__Host-postern __Host-postern-browser);

# What a page says of who is signed in with this cookie alone.
sub name_with ($cookie) {
    my $person = $site->person;
    $person->{jar} = { $session => $cookie };
    return index($person->get('/')->body, $user->{name}) >= 0 ? 'signed in' : 'nobody';
}

# SE-2: the cookies.
my $person = $site->person;
my $before = $person->open_page('/login')->cookies;
is_deeply [ keys %$before ], [$browser], 'SE-2: before the login the browser has a cookie of its own';
my $answer = $person->send_form(username => $user->{name}, password => $user->{password});
is $answer->status, 303, 'a right password is answered by 303';
for ([ $browser, $before ], [ $session, $answer->cookies ]) {
    my ($name,  $set)        = @$_;
    my ($value, $attributes) = @{ $set->{$name} };
    is_deeply $attributes, { path => '/', secure => '', httponly => '', samesite => 'Lax' }, "SE-2: the attributes of $name";
    like $value, qr/^[A-Za-z0-9_-]{43}$/, "GE-6: $name has 256 bits";
}
my $cookie = $person->cookie($session);
is name_with($cookie),             'signed in', 'the cookie is the session';
is $person->get('/login')->status, 303,         'who is signed in is not asked again';

# SE-2: the id is new at each login; another service of the host may have planted one.
for my $planted ('A' x 43, $cookie) {
    my $fresh = $site->person;
    $fresh->{jar}{$session} = $planted;
    $site->sql('update oauth.session set ended_at = now() where ended_at is null') if $planted eq $cookie;
    $fresh->open_page('/login');
    $fresh->sign_in($user);
    isnt $fresh->cookie($session), $planted, 'SE-2: renewed at login';
    is name_with($planted),        'nobody', 'SE-2: the planted one gives nothing';
}
for my $broken ('', 'x', '%00', 'A' x 4000, "\xff\xfe", '"quoted"', 'A' x 42 . '!') {
    is name_with($broken), 'nobody', 'a broken cookie is none';
}
my $again = $site->signed_in($user);
my $old   = $again->cookie($session);
delete $again->{jar}{$session};
$again->open_page('/login');
$again->{jar}{$session} = $old;
$again->sign_in($user);
is name_with($old), 'nobody', 'SE-2: another login in the same browser ends the session before';

# SE-2: logout.
my $leaving = $site->signed_in($user);
$old = $leaving->cookie($session);
$leaving->open_page('/');
page $leaving->submit, 200, 'logout leads to a page', 'signed out' => index($leaving->{last}->body, $user->{name}) < 0;
ok !defined $leaving->cookie($session), 'SE-2: logout takes the cookie away';
is name_with($old),                        'nobody', 'SE-2: and ends the session itself';
is $site->{https}->get('/logout')->status, 405,      'no link signs anybody out';

# SE-2: the ends, by the database's clock.
my ($idle, $used) = map { $site->signed_in($user)->cookie($session) } 1 .. 2;
sub last_seen ($which = 'max') { return $site->sql("select $which(last_seen_at) from oauth.session where ended_at is null") }
my $at = last_seen();
name_with($used);
is last_seen(), $at, 'SE-2: within a minute last-seen is not written again';
$site->later('24 minutes');
is name_with($used), 'signed in', 'SE-2: used after 24 minutes';
isnt last_seen(),    $at,         'SE-2: later it is';
$site->later('29 minutes');
is name_with($idle), 'signed in', 'SE-2: after 29 idle minutes a session is there';
$idle = $site->signed_in($user)->cookie($session);
$site->later('52 minutes');
is name_with($used), 'signed in', 'SE-2: a session that is used goes on';
$site->later('60 minutes');
is name_with($idle), 'nobody', 'SE-2: one that is idle for half an hour has ended';
$site->sql('update oauth.session set idle_seconds = 86400');
$site->later('11 hours 59 minutes');
is name_with($used), 'signed in', 'SE-2: before the twelfth hour';
$site->later('12 hours 1 minute');
is name_with($used), 'nobody', 'SE-2: twelve hours after its login it ends in any case';

# TK-13: what else ends it at once.
my $hash = $site->sql("select password_hash from directory.person where id = $user->{id}");
for (
    [ 'another password', q(password_hash = password_hash || '.') ],
    [ 'no password',      'password_hash = null' ],
    [ 'account disabled', 'active = false' ],
    )
{
    my ($case, $change) = @$_;
    $cookie = $site->signed_in($user)->cookie($session);
    $site->sql("update directory.person set $change where id = $user->{id}");
    is name_with($cookie), 'nobody', "TK-13: $case ends the session";
    $site->sql("update directory.person set active = true, password_hash = '$hash' where id = $user->{id}");
}
$cookie = $site->signed_in($user)->cookie($session);
$site->sql("delete from directory.person where id = $user->{id}");
is name_with($cookie), 'nobody', 'TK-13: an account that is gone ends the session';

$site->finish;
