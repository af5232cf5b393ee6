# SPDX-License-Identifier: ISC
# SE-4, SE-5: a wrong password costs the same work, whatever is the reason, and over the limit none is done: by the CPU time of
# the one worker, as the kernel counts it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Site;

my $site = Site->new(programs => ['authorize'], workers => 1, settings => { POSTERN_LOGIN_ACCOUNT_LIMIT => 20 });
my ($user, $disabled, $machine, $old) = map { $site->user } 1 .. 4;
$site->sql(
    "update directory.person set active = false where id = $disabled->{id};
    update directory.person set password_hash = null where id = $machine->{id};
    update directory.person set password_hash = '\$1\$abcdefgh\$' || repeat('x', 22) where id = $old->{id}"
);
my ($worker) = $site->workers('authorize');

# Nanoseconds on a processor so far.
sub spent {
    open my $in, '<', "/proc/$worker/schedstat" or die "/proc/$worker/schedstat: $!\n";
    return (split / /, readline $in)[0];
}

# Milliseconds of the worker for one attempt: the median of a few.
sub cost ($name, $password, $status) {
    my @cost;
    for (1 .. 7) {
        my $person = $site->person;
        $person->open_page('/login');
        my $before = spent();
        is $person->send_form(username => $name, password => $password)->status, $status, "status $status" if $_ == 1;
        $person->send_form(username => $name, password => $password) if $_ > 1;
        push @cost, (spent() - $before) / 1e6;
    }
    return (sort { $a <=> $b } @cost)[ $#cost / 2 ];
}

my $wrong = cost($user->{name}, 'wrong', 403);
cmp_ok $wrong, '>', 3, sprintf 'a wrong password costs a hash (%.1f ms)', $wrong;
for (
    [ 'an unknown name',                 'a name of nobody', 'wrong' ],
    [ 'a disabled account',              $disabled->{name},  $disabled->{password} ],
    [ 'an account without hash',         $machine->{name},   'wrong' ],
    [ 'a hash of a refused kind',        $old->{name},       'wrong' ],
    [ 'a very long password',            $user->{name},      'x' x 600 ],
    [ 'one over all lengths, of nobody', 'a name of nobody', 'x' x 600 ],
    )
{
    my ($case, $name, $password) = @$_;
    my $cost = cost($name, $password, 403);
    ok $cost > 0.6 * $wrong && $cost < 1.7 * $wrong, sprintf 'SE-4: %s costs the same (%.1f ms, %.1f ms)', $case, $cost, $wrong;
}
my $person = $site->person;
$person->open_page('/login');
for (1 .. 20) { last if $person->send_form(username => $user->{name}, password => 'wrong')->status == 429 }
my $refused = cost($user->{name}, $user->{password}, 429);
cmp_ok $refused, '<', 0.3 * $wrong, sprintf 'SE-5: over the limit no hash is made (%.1f ms)', $refused;

$site->finish;
