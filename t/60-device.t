# SPDX-License-Identifier: ISC
# DV-1, raced: devices that redeem one code, people who decide about one code, polls while somebody decides, parallel guesses.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Device;
use Flow;
use Page;
use Site;

my $site    = Site->new(workers => 6, settings => { POSTERN_LOGIN_ACCOUNT_LIMIT => 5, POSTERN_LOGIN_ADDRESS_LIMIT => 1000 });
my $user    = $site->user;
my $person  = $site->signed_in($user);
my $other   = $site->signed_in($site->user);
my $client  = $site->client(device => 'only', type => 'public', refresh => 1);
my $session = $site->session;
my $newest  = 'select from oauth.device_code order by created_at desc limit 1 for update';

# What $prepare makes, and the answers to requests about it that all waited for a lock at once, or in order.
sub raced ($prepare, $lock, $end, @send) {
    my $anew = sub {
        $site->sql('truncate oauth.login_limit');
        return $prepare->();
    };
    return $session->race($lock, $anew, \@send, $end eq 'in order' ? (ordered => 1) : (end => $end));
}

sub begun { return device_begins($site, $client) }

sub allowed {
    my $codes = begun();
    decided($person, $codes);
    return $codes;
}

sub found (@who) {
    my $codes = begun();
    read_request($_, $codes) for @who;
    return $codes;
}

my $grant = '(select max(id) from oauth.grants)';
my $polls = sub ($codes) { polling($site, $client, $codes) };
my $of    = sub ($what) { $site->sql("select $what from oauth.device_code order by created_at desc limit 1") };

# Five redeem one code: one gets tokens; the others are replays, and so those are dead at once, as with an authorization code (TK-4).
my ($codes, @answers) = raced(\&allowed, $newest, 'rollback', ($polls) x 5);
is join(' ', sort map { $_->status } @answers), '200 400 400 400 400', 'DV-1: of five racing devices one gets tokens';
oauth_error $_, 400, 'invalid_grant', 'DV-1: the others hear invalid_grant' for grep { $_->status != 200 } @answers;
is $site->sql("select count(*) from oauth.access_token where grant_id = $grant"), 1, 'TK-10: exactly one token was issued';
my ($won) = grep { $_->status == 200 } @answers;
is $site->profile($won->json->{access_token})->status, 401, 'DV-1: as the others are replays, its token is dead';
is $site->sql("select string_agg(event, ' ' order by event desc) from oauth.audit where grant_id = $grant and event <> 'consent'"),
    'token replay', 'OP-6: one token, one replay in the audit';

# Five poll while nothing is decided: one in time, four too early.
(undef, @answers) = raced(\&begun, $newest, 'rollback', ($polls) x 5);
is join(' ', sort map { $_->json->{error} } @answers), join(' ', 'authorization_pending', ('slow_down') x 4),
    '8628 3.5: five polls at once';
is $of->('interval_seconds'), 25, '8628 3.5: each of the four makes it five seconds longer';

# Two people allow one code; one person allows in one tab and denies in another.
my $press = sub ($who, $decision) {
    return sub ($) { $who->sending(decision => $decision) }
};
my $grants = sub { $site->sql('select count(*) from oauth.grants') };
my $before;
($codes, @answers) = raced(
    sub { my $new = found($person, $other); $before = $grants->(); $new }, $newest, 'rollback',
    map { $press->($_, 'allow') } $person, $other
);
is join(' ', sort map { $_->status } @answers), '200 400',   'DV-1: of two people who allow one code one does';
is $grants->(),                                 $before + 1, 'DV-1: one grant is made';
my ($winner) = $answers[0]->status == 200 ? $person : $other;
my $token = poll($site, $client, $codes)->json->{access_token};
$winner->open_page('/');
like $winner->last_answer->body, qr/\Q@{[ $site->profile($token)->json->{username} ]}\E/, 'DV-1: that of the one who was told so';
my $tab = $site->signed_in($user);
(undef, @answers) = raced(
    sub { my $new = found($person, $tab); $before = $grants->(); $new },
    $newest, 'rollback', $press->($person, 'allow'), $press->($tab, 'deny')
);
is join(' ', sort map { $_->status } @answers), '200 400', 'DV-1: allowed and denied at once: one of them';
is $grants->() - $before,                       $of->(q((decision = 'allowed')::int)), 'DV-1: and a grant if it was allowed';
is join(' ', map { $_->status } @answers), $of->(q(case decision when 'allowed' then '200 400' else '400 200' end)),
    'DV-1: as the person was told';
(undef, @answers) = raced(
    sub { my $new = found($person, $tab); $before = $grants->(); $new },
    $newest, 'rollback', $press->($person, 'allow'), $press->($tab, 'allow')
);
is join(' ', map { $_->status } @answers), '200 200',   'DV-1: the same button twice at once is no mistake';
is $grants->(),                            $before + 1, 'DV-1: and one grant';

# A poll that waits for the very decision: nothing is lost, nothing is given twice.
($codes, my ($allowing, $waited)) =
    raced(sub { found($person) }, 'select from oauth.login_limit for update', 'in order', $press->($person, 'allow'), $polls);
is $allowing->status, 200, 'DV-1: the person allows while the device asks';
oauth_error $waited, 400, 'authorization_pending', 'DV-1: the poll that waited comes too soon';
is poll($site, $client, $codes)->status, 200, 'DV-1: the next one gets the tokens';

# A grant that ends while the device waits for its code.
(undef, my $doomed) = raced(
    \&allowed, "$newest; update oauth.grants set ended_at = now(), ended_why = 'administrator' where id = $grant",
    'commit',  $polls
);
oauth_error $doomed, 400, 'invalid_grant', 'TK-13: a device code whose grant ends while it waits';

# Somebody signs out while the same session allows.
my $out;
(undef, my $leaving) = raced(
    sub { found($out = $site->signed_in($user)) },
    'update oauth.session set ended_at = now() where id = (select max(id) from oauth.session)',
    'commit', sub ($) { $out->sending(decision => 'allow') }
);
like $leaving->location, qr{^\Q$site->{issuer}\E/device\?user_code=}, 'TK-13: a session that ends while it allows: the page again';
is $of->('decision is null'), 't', 'TK-13: nothing is allowed';

# A user code that another request takes at the same instant.
$site->sql(
    q(create sequence oauth.tries;
      create function oauth.collide() returns trigger language plpgsql security definer as $$ begin
          if nextval('oauth.tries') = 1 then new.user_code := decode(repeat('00', 32), 'hex'); end if; return new; end $$;
      create trigger collide before insert on oauth.device_code for each row execute function oauth.collide())
);
(undef, my $drawn) = raced(
    sub { $site->sql(q(delete from oauth.device_code where user_code = decode(repeat('00', 32), 'hex'))) },
    "insert into oauth.device_code (digest, user_code, client_id, scope, resources, expires_at, interval_seconds)
         values (sha256(clock_timestamp()::text::bytea), decode(repeat('00', 32), 'hex'), '$client->{id}', '{}', '{}',
                 now() + interval '1 minute', 5);
     select setval('oauth.tries', 1, false)",
    'commit', sub ($) { $site->sending('/device_authorization', $client) }
);
is $drawn->status, 200, 'DV-1: a user code that another took meanwhile is not given out: the next one is';
is $site->sql('select last_value from oauth.tries'), 2, 'DV-1: by a second try';
$site->sql('drop trigger collide on oauth.device_code');

# 8628 5.1: parallel guesses never pass the limit, whether the account's row is there already or not.
for (
    [
        'a row', sub ($id) { $site->sql("insert into oauth.login_limit values ('device account $id', now())") },
        'select from oauth.login_limit for update'
    ],
    [ 'no row', sub ($id) { }, 'lock table oauth.login_limit in exclusive mode' ],
    )
{
    my ($case, $first, $lock) = @$_;
    my $guesser = $site->user;
    my @tabs    = map { $site->signed_in($guesser) } 1 .. 6;
    my @guess   = map {
        my $who = $_;
        sub ($) { $who->sending(user_code => 'BCDF-GHJK') }
    } @tabs;
    (undef, @answers) = raced(sub { $_->open_page('/device') for @tabs; $first->($guesser->{id}) }, $lock, 'rollback', @guess);
    is join(' ', sort map { $_->status } @answers), '400 400 400 400 400 429',
        "8628 5.1: of six parallel guesses five are looked at ($case)";
}

$site->finish;
