# SPDX-License-Identifier: ISC
# Races, without a sleep: the row is held by another session until all racers wait for it, then let go.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Flow;
use Https;
use Process;
use Run;
use Site;

my $site    = Site->new(workers => 6, settings => { POSTERN_LOGIN_ACCOUNT_LIMIT => 5 });
my $user    = $site->user;
my $person  = $site->signed_in($user);
my $client  = $site->client(no_pkce => 1);
my $session = $site->session;

# What $prepare makes, and the answers to so many requests about it that all waited for a lock at once.
sub raced ($prepare, $lock, $count, $send, $end = 'rollback') {
    my @send = map {
        my $n = $_;
        sub ($what) { $send->($what, $n) }
    } 1 .. $count;
    return $session->race($lock, $prepare, \@send, end => $end);
}

# TK-4: five redeemers of one code: one gets a token; the others are replays, and so it is dead at once.
sub redeeming ($code, %change) { return $site->redeeming($client, $code, %change) }
my $newest = 'select id from oauth.grants order by id desc limit 1 for update';
my ($code, @answers) = raced(sub { $site->code($client, $person) }, $newest, 5, sub ($code, $) { redeeming($code) });
is join(' ', sort map { $_->status } @answers), '200 400 400 400 400', 'TK-4: of five racing redeemers one gets tokens';
oauth_error $_, 400, 'invalid_grant', 'TK-4: the others hear invalid_grant' for grep { $_->status != 200 } @answers;
my ($won) = grep { $_->status == 200 } @answers;
is $site->profile($won->json->{access_token})->status, 401, 'TK-4: as the others are replays, its token is dead at once';
my $grant = '(select max(id) from oauth.grants)';
is $site->sql("select count(*) from oauth.access_token where grant_id = $grant"), 1,        'TK-10: exactly one token was issued';
is $site->sql("select ended_why from oauth.grants where id = $grant"),            'replay', 'TK-4: the grant was ended as a replay';
is $site->sql("select string_agg(event, ' ' order by event desc) from oauth.audit where grant_id = $grant and event <> 'consent'"),
    'token replay',
    'OP-6: one token, one replay in the audit';

# A racer with another secret in its code, a wrong verifier or as another client ends nothing.
my ($other, @mixed) = raced(
    sub { $site->code($client, $person) },
    $newest, 3,
    sub ($code, $n) {
        return redeeming($code)                                                             if $n == 1;
        return redeeming(Flow::checked(substr($code, 0, 27) . Flow::random(32) . 'xxxxxx')) if $n == 2;
        return redeeming($code, redirect_uri => 'https://app.example/other');
    }
);
is join(' ', map { $_->status } @mixed),                    '200 400 400', 'TK-4: wrong ones beside the right one';
is $site->profile($mixed[0]->json->{access_token})->status, 200,           'TK-4: its token lives';

# A code against the end of its grant: never a token of a grant that has ended.
my (undef, $doomed) = raced(
    sub { $site->code($client, $person) },
    "update oauth.grants set ended_at = now(), ended_why = 'administrator' where id = (select max(id) from oauth.grants)",
    1, sub ($code, $) { redeeming($code) }, 'commit'
);
oauth_error $doomed, 400, 'invalid_grant', 'TK-13: a code whose grant ends while it waits is refused';

# A request that began while a change of its client waited was judged by the registration as it was: it does not count.
my $changing = $site->client(no_pkce => 1);
$session->hold("select from oauth.client where client_id = '$changing->{id}' for update");
my $tool = Process->start(
    'postern client change', [ "$Run::build/postern", qw(client change), $changing->{id}, qw(--scope profile) ],
    env => $site->env('admin'), log => $site->log_file('tool')
);
$session->await_waiters(1);
$person->open_page($site->authorize_url($changing));
$session->release;
is $tool->finished, 0, 'a change of a registration that waited';
page $person->submit(decision => 'allow'), 400, 'AZ-8: a person who was asked meanwhile has not allowed the former scope';

# SE-5: parallel guesses never pass the limit, whether the account's row is there already or not.
sub guesses ($prepare, $lock, $what) {
    my ($victim, @status) = raced(
        $prepare, $lock, 6,
        sub ($victim, $n) { $victim->{browser}[$n]->sending(username => $victim->{name}, password => "guess $n") }
    );
    is join(' ', sort map { $_->status } @status), '403 403 403 403 403 429',
        "SE-5: of six parallel guesses five are looked at ($what)";
    is $site->person('203.0.113.1')->try($victim)->status, 429, "SE-5: and then not even the right password ($what)";
    return;
}

sub victim {
    my $victim = $site->user;
    $victim->{browser} = [ map { my $p = $site->person("198.51.100.$_"); $p->open_page('/login'); $p } 0 .. 6 ];
    $site->sql('truncate oauth.login_limit');
    return $victim;
}
guesses(
    sub { my $victim = victim(); $site->sql("insert into oauth.login_limit values ('account $victim->{id}', now())"); $victim },
    'select from oauth.login_limit for update', 'a row'
);
guesses(\&victim, 'lock table oauth.login_limit in exclusive mode', 'no row');

$site->finish;
