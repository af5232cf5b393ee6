# SPDX-License-Identifier: ISC
# The limit of a client's requests to the contacts API (GE-3): counted by all workers together, told in RateLimit headers, and refused
# with 429 beyond it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);

use Check;
use Flow;
use Process qw(wait_for);
use Site;

my $site   = Site->new(workers => 4, settings => { POSTERN_CONTACTS_PER_MINUTE => 50 });
my $user   = $site->user;
my $person = $site->signed_in($user);
my $usual  = $site->client;
my $few    = $site->client(contacts_per_minute => 5, contacts_limit => 2);
my $other  = $site->client(contacts_per_minute => 5);
$site->sql(
    "insert into directory.person_contact (owner_id, id, username) select $user->{id}, n, 'c' || n from generate_series(1, 3) n");

# What an answer says: the quota, how many are left, and for how long; nothing where it says nothing.
sub told ($answer) {
    my ($quota) = ($answer->header('RateLimit-Policy') // '') =~ /^"client";q=([0-9]+);w=60$/;
    my @left = ($answer->header('RateLimit') // '') =~ /^"client";r=([0-9]+);t=([0-9]+)$/;
    return join ' ', $quota // (), @left;
}

sub asking ($token, $query = '', $method = 'GET', %more) {
    return $site->{contacts}->send($method, "/contacts$query", { Flow::bearer($token), %more });
}
sub ask (@what) { return asking(@what)->answer }

# What a client of fifty hears, one request after the other, whatever the answer is.
my $token = $site->token($usual, $person);
my $first = ask($token);
is $first->status, 200,       'GE-3: the first request';
is told($first),   '50 49 2', 'GE-3: 49 of 50 are left, and in two seconds all of them';
my $left = 49;
for (
    [ 'GET',                        200, '' ],
    [ 'HEAD',                       200, '', 'HEAD' ],
    [ 'what it has already',        304, '', 'GET', 'If-None-Match' => '*' ],
    [ 'one contact',                200, '/1' ],
    [ 'no contact of the person',   404, '/nobody' ],
    [ 'a malformed parameter',      400, '?limit=0' ],
    [ 'a repeated one',             400, '?limit=1&limit=2' ],
    [ 'a cursor that nobody made',  400, '?cursor=x' ],
    [ 'a token where none belongs', 400, "?access_token=$token", 'GET', Authorization => '' ],
    )
{
    my ($case, $status, @how) = @$_;
    my $answer = ask($token, @how);
    is $answer->status, $status, "GE-3: $case";
    my ($quota, $now, $whole) = split / /, told($answer);
    ok $quota == 50 && $now < $left + 2 && $now >= $left - 1 && $whole >= 1 && $whole <= 60,
        "GE-3: it says what is left ($case: " . told($answer) . ')';
    $left = $now;
}
is told($site->contact_list('x')),                                                   '', 'GE-3: nothing to nobody';
is told($site->contact_list(Flow::checked('psta_0' . Flow::random(32) . 'xxxxxx'))), '', 'GE-3: nor to an unknown token';
is told($site->{contacts}->get('/.well-known/oauth-protected-resource')),            '', 'GE-3: nor where no token is';

# The client has its own limit.  All workers count, and each of its tokens.
my @tokens  = map { $site->token($few, $_) } $person, $person, $site->signed_in($site->user);
my @pending = map { asking($tokens[ $_ % 3 ]) } 1 .. 40;
my @answers = map { $_->answer } @pending;
is scalar(grep { $_->status == 200 } @answers), 5,  'GE-3: of 40 requests at once, over four workers, five are let through';
is scalar(grep { $_->status == 429 } @answers), 35, 'GE-3: and the others refused';
is join(' ', sort map { (split / /, told($_))[1] } grep { $_->status == 200 } @answers), '0 1 2 3 4',
    'GE-3: each with another number left';
my $over = ask($tokens[0]);
problem $over, 429, 'too_many_requests', 'GE-3: one too many';
my ($quota, $none, $wait) = split / /, told($over);
is "$quota $none",               '5 0', 'GE-3: nothing is left of five';
is $over->header('Retry-After'), $wait, 'GE-3: Retry-After and RateLimit name the same time';
ok $wait >= 1 && $wait <= 12,                  "GE-3: that of one request ($wait s)";
ok !defined $over->header('WWW-Authenticate'), 'GE-3: no challenge: the token is good';
is ask($site->token($other, $person))->status, 200, 'GE-3: another client of the same person is not concerned';
is ask($token)->status,                        200, 'GE-3: nor is one without a number of its own';
is $site->profile($tokens[0])->status,         200, 'GE-3: it is about contacts only';

# Who is over the limit costs no statement: the database could not be asked.
my $session = $site->session;
$session->hold('lock table oauth.access_token in access exclusive mode');
is join(' ', grep { $_->status != 429 } map { ask($_) } @tokens), '',  'GE-3: over the limit no database is asked';
is ask($token)->status,                                           503, 'GE-3: as it is for others';
$session->release;
wait_for('the database to be asked again', sub { ask($token)->status == 200 });
is scalar(() = $site->log_text('contacts') =~ /TOO_MANY_REQUESTS client=$few->{id} detail="more than 5 requests in a minute"/g), 39,
    'AD-2: each refusal is logged, with the client\'s name';

# It is for the limit alone that a token is remembered: one that has ended is refused as ever, and forgotten.
my $short = $site->token($other, $person);
like told(ask($short)), qr/^5 3 2[0-4]$/, 'GE-3: a token of the other client';
$site->sending('/revoke', $other, token => $short)->answer;
challenge ask($short), 401, { error => 'invalid_token' }, 'TK-13: it was revoked, and is worth nothing';
is told(ask($short)), '', 'GE-3: nor is it counted any more';

# The count is the program's, not a worker's.
$site->announce_deaths(4);
my @old = $site->workers('contacts');
kill KILL => @old;
wait_for(
    'other workers',
    sub {
        my @new = $site->workers('contacts');
        @new == 4 && !grep {
            my $pid = $_;
            grep { $_ == $pid } @old
        } @new;
    }
);
is ask($tokens[0])->status, 429, 'OP-2: workers die, and the count lives on';

# A number that is changed counts from the next answer on; a client without limit hears of none.
sub change ($client, @options) { return $site->tool_ok([ qw(client change), $client->{id}, @options ]) }
change($usual, qw(--contacts-per-minute 1000 --contacts-limit 1));
ask($token);
my $changed = ask($token);
like told($changed), qr/^1000 /, '--contacts-per-minute';
is scalar @{ $changed->json->{contacts} },                1, 'CT-1: --contacts-limit: its own number on a page';
is scalar @{ ask($token, '?limit=3')->json->{contacts} }, 3, 'CT-1: where a request names none';
change($usual, qw(--contacts-per-minute default --contacts-limit default));
ask($token);
$changed = ask($token);
like told($changed), qr/^50 /, '--contacts-per-minute default';
is scalar @{ $changed->json->{contacts} }, 3, 'CT-1: --contacts-limit default';

$site->{program}{contacts}->stop;
$site->{settings}{POSTERN_CONTACTS_PER_MINUTE} = 0;
$site->start('contacts');
is told(ask($token)),     '',       'GE-3: a setting of 0 is no limit, of which nothing is told';
is told(ask($tokens[0])), '5 4 12', 'GE-3: a client\'s own number counts all the same, anew after a restart';

$site->finish;
