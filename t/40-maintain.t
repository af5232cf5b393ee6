# SPDX-License-Identifier: ISC
# postern maintain (OP-9): what it empties, deletes and drops, and when; two at once, a lock that somebody holds, a period that
# changes while it waits, nothing to connect to.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use Flow;
use Site;
use Statements;

my $site   = Site->new(programs => [qw(authorize token)]);
my $client = $site->client(no_pkce => 1, refresh => 1);
my $user   = $site->user;

# Exit status, words on either stream.
sub run_is ($status, $name, %o) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $done =
        $site->tool([ 'maintain', @{ $o{with} // [] } ], user => $o{user} // "$site->{roles}-maintain", env => $o{env} // {});
    is "$done->{exit} $done->{signal}", "$status 0", "$name: exit $status" or diag $done->{out}, $done->{err};
    like $done->{out}, $o{out}, "$name: what it tells"   if $o{out};
    like $done->{err}, $o{err}, "$name: what it regrets" if $o{err};
    is $done->{err}, '', "$name: and nothing to regret" unless $o{err};
    return $done;
}

# Today's first run, twice.
my $done = run_is 0, 'a run', out => qr/^access_token +slot [0-3] +clean$/m;
like $done->{out}, qr/^\Q$_\E +(?:slot [0-3] +)?(?:deleted|clean)\b/m, "OP-9: of $_"
    for qw(authorization_request pushed_request grants session challenge_use device_code login_limit);
$done = run_is 0, 'with --json', with => ['--json'];
my $json = JSON::PP->new->utf8->decode($done->{out});
ok $json->{whole}, 'AD-1: for a machine: all is done';
is_deeply [ grep { $_->{table} eq 'login_limit' } @{ $json->{steps} } ],
    [ { table => 'login_limit', outcome => 'deleted', rows => 0 } ], 'AD-1: step by step';
run_is 64, 'another option', with => ['--yaml'], err => qr/option/;
run_is 64, 'an argument',    with => ['x'],      err => qr/x/;

# Every ring that there is has its line, with the period by which the statements file its rows.
is $site->sql(
    q(select string_agg(p.partrelid::regclass::text, ' ') from pg_partitioned_table p
        where p.partstrat = 'l' and p.partrelid::regclass::text not in (select 'oauth.' || name from oauth.ring))
) // '', '', 'OP-9: every table of slots is known as a ring';
my %seconds = map { split /\|/ } split /\n/, $site->sql('select name, seconds from oauth.ring');
my %filed;
for my $sql (map { $_->{sql} } Statements::all()) {
    $filed{$1}{$2} = 1 while $sql =~ /insert into oauth\.(\w+)\s*\(slot\b.*?oauth\.slot\([^;]*?, ([0-9]+)\)/gs;
}
is join(' ', map { "$_=" . join '/', sort keys %{ $filed{$_} } } sort keys %filed),
    join(' ', map {"$_=$seconds{$_}"} sort keys %filed), 'OP-9: by the same period everywhere';
ok $filed{access_token} && $filed{authorization_request} && $filed{pushed_request}, 'and these were found';

# Any second of two periods: what is living is never touched, what has had its time goes.  The clock is a setting of this session.
my $insert = "insert into %s select oauth.slot(made, %d), sha256(convert_to(made::text, 'UTF8')) %s";
my %ring   = (
    access_token => [
        86400, '(slot, digest, grant_id, scope, resources, issued_at, expires_at)',
        q(1, '{}', '{}', made, made + interval '1 day')
    ],
    authorization_request => [
        3600, '(slot, digest, client_id, redirect_uri, redirect_uri_sent, scope, resources, created_at)',
        q('x', 'x', true, '{}', '{}', made)
    ],
    pushed_request => [
        3600, '(slot, digest, client_id, redirect_uri, redirect_uri_sent, scope, resources, created_at, expires_at)',
        q('x', 'x', true, '{}', '{}', made, made + interval '1 hour')
    ]
);
$site->clock(q(current_setting('test.now')::timestamptz));
for my $ring (sort keys %ring) {
    my ($seconds, $columns, $values) = @{ $ring{$ring} };
    my ($made) = $columns =~ /(issued_at|created_at)/;
    my ($lost, $left, $tried) = split /\|/, $site->sql(<<"END") =~ s/.*\n//rs;
do \$\$
declare
    edge timestamptz := '2031-03-05 00:00:00+00';
    at timestamptz;
    made timestamptz;
    lost integer := 0;
    remained integer := 0;
    tried integer := 0;
    made_slot smallint;
    done record;
begin
    for at in select edge + make_interval(secs => n) from generate_series(-4, 4) n
              union all select edge + make_interval(secs => n) from generate_series(-$seconds, $seconds - 1, $seconds / 31) n
    loop
        perform set_config('test.now', at::text, false);
        truncate oauth.$ring;
        -- Made now, in the last second of its life, just over, two and three periods ago, or filed under its end.
        for made in select at - make_interval(secs => n * $seconds / 1000.0)
                      from unnest(array[0, 1, 500, 999, 1001, 2000, 2999, -999]) n
        loop
            made_slot := oauth.slot(made, $seconds);
            insert into oauth.$ring $columns select made_slot, sha256(convert_to(made::text, 'UTF8')), $values;
        end loop;
        select * into done from oauth.empty_ring('$ring');
        if done.outcome <> 'emptied' then
            raise '% at %', done.outcome, at;
        end if;
        lost := lost + 5 - (select count(*) from oauth.$ring where $made > at - make_interval(secs => $seconds));
        remained := remained
                    + (select count(*) from oauth.$ring
                        where slot = oauth.slot(at - make_interval(secs => 2 * $seconds), $seconds));
        tried := tried + 1;
    end loop;
    truncate oauth.$ring;
    perform set_config('test.result', lost || '|' || remained || '|' || tried, false);
end \$\$;
select current_setting('test.result');
END
    is $lost, 0, "OP-9: $ring: nothing that may still count is emptied, at none of $tried seconds";
    is $left, 0, "OP-9: $ring: and what is two periods old always is";
}
$site->later('0 seconds');

# A token two days old, in the slot that is to be emptied now.
my $slot = $site->sql(q(select oauth.slot(now() - interval '2 days', 86400)));
my $old =
    "insert into oauth.access_token select $slot, sha256('old'), 1, '{}', '{}', now() - interval '2 days', now() - interval '1 day'
    on conflict do nothing";
my $rows   = sub { return $site->sql("select count(*) from oauth.access_token_$slot") };
my $person = $site->signed_in($user);
my $redeem = sub { return $site->redeem($client, $site->code($client, $person))->json };
my $living = $redeem->()->{access_token};
$site->sql($old);
run_is 0, 'an old slot', out => qr/^access_token +slot $slot +emptied +[1-9][0-9]* bytes$/m;
is $rows->(),                       0,   'OP-9: it is empty';
is $site->profile($living)->status, 200, 'OP-9: a living token lives';

# A long reader: it gives up, and all else is done.
my $session = $site->session;
$site->sql($old);
$site->sql(q(update oauth.maintenance set whole_at = null));
$site->sql(q(insert into oauth.login_limit values ('name x', now() - interval '1 second')));
$session->hold("select count(*) from oauth.access_token_$slot");
my $process = $site->maintaining;
is $site->profile($living)->status, 200, 'OP-9: a request beside it is answered';
is $process->finished,              75,  'a long reader: exit 75';
run_is 75, 'a long reader', out => qr/^access_token +slot $slot +busy$/m, err => qr/lock.*50 ms.*again/;
is $rows->(),                                                    1,   'OP-9: the slot is whole';
is $site->sql('select count(*) from oauth.login_limit'),         0,   'OP-9: what follows was done all the same';
is $site->sql('select whole_at is null from oauth.maintenance'), 't', 'OP-9: but not all';
is $site->sql(q(select string_agg(distinct array_to_string(proconfig, ' ') ~ 'lock_timeout=50ms' || '', ' ') from pg_proc
                 where proname in ('empty_ring', 'keep_audit'))),
    'true', 'OP-9: nobody queues behind it for more than 50 ms';
$session->release;
run_is 0, 'without the reader', out => qr/^access_token +slot $slot +emptied/m;
is $site->sql('select whole_at is not null from oauth.maintenance'), 't', 'OP-9: all is done, and noted';

# The period changes while it waits: the clock jumps a day as soon as the lock is held.
$site->sql($old);
$site->sql(<<"END");
create function public.jump() returns interval language plpgsql as \$\$
begin
    return case when exists (select from pg_locks where pid = pg_backend_pid() and mode = 'AccessExclusiveLock'
                                                    and relation = 'oauth.access_token_$slot'::regclass)
                then interval '1 day' else interval '0' end;
end \$\$;
END
$site->clock('pg_catalog.transaction_timestamp()', 'pg_catalog.timeofday()::timestamptz + public.jump()');
run_is 75, 'a period that changes', out => qr/^access_token +slot $slot +late$/m, err => qr/period.*again/;
is $rows->(), 1, 'OP-9: it stops before it empties';
$site->later('0 seconds');
run_is 0, 'later', out => qr/^access_token +slot $slot +emptied/m;

# Two at once; beside a migration.
$site->sql($old);
my @both = map { $site->maintaining } 1 .. 2;
is join(' ', map { $_->finished } @both), '0 0', 'OP-9: two at once';
is $rows->(),                             0,     'OP-9: it is emptied';
$session->query('select pg_advisory_lock(7236838)');
$site->sql($old);
run_is 0, 'beside another one', err => qr/another one/, out => qr/^\z/;
is $rows->(), 1, 'OP-9: it does nothing';
my $other = JSON::PP->new->utf8->decode(run_is(0, 'beside another one, --json', with => ['--json'], err => qr/another one/)->{out});
is_deeply $other, { whole => JSON::PP::false, steps => [] }, 'AD-1: and says so';
$session->query('select pg_advisory_unlock_all(), pg_advisory_lock(7236837)');
run_is 75, 'beside a migration', err => qr/migration/;
is $rows->(), 1, 'OP-8: it does nothing';
$session->query('select pg_advisory_unlock_all()');

# What it can't do.
run_is 77, 'as another role',    user => "$site->{roles}-token", err => qr/\Q$site->{roles}-token\E may not/;
run_is 69, 'without a database', env  => { PGHOST               => "$site->{dir}/nowhere" }, err => qr/nowhere/;
run_is 78, 'without a schema',   env  => { PGDATABASE           => 'postgres' },             err => qr/postern migrate/;
run_is 78, 'a wrong setting',    env  => { POSTERN_AUDIT_MONTHS => 0 }, err => qr/POSTERN_AUDIT_MONTHS.*1 to 1200/;
is $rows->(), 1, 'and it did nothing';
run_is 0, 'at last';

# Which grants go.  [ case, stays, columns of it that differ from a living one with a refresh token ]
my $ago   = sub ($interval) {"now() - interval '$interval'"};
my $grant = sub ($name, %change) {
    my %column = (
        client_id    => "'$client->{id}'",           account_id      => $user->{id},      scope => "'{}'", resources => "'{}'",
        redirect_uri => "'$name'",                   code_expires_at => $ago->('9 days'), code_redeemed_at => $ago->('9 days'),
        idle_until   => q(now() + interval '1 day'), created_at => $ago->('9 days'), expires_at => q(now() + interval '300 days'),
        %change
    );
    my @names = sort keys %column;
    return sprintf 'insert into oauth.grants (%s) values (%s);', join(', ', @names), join(', ', @column{@names});
};
my @machine =
    (client_id => "'machine'", account_id => 'null', map { $_ => 'null' } qw(code_expires_at code_redeemed_at idle_until));
my @cases = (
    [ 'a living one',                                                             1 ],
    [ 'an expired one',                                                           0, expires_at => $ago->('1 second') ],
    [ 'one that expires in a minute',                                             1, expires_at => q(now() + interval '1 minute') ],
    [ 'a machine\'s, whatever it says',                                           1, @machine, expires_at => $ago->('1 hour') ],
    [ 'one that ended yesterday',                                                 1, ended_at   => $ago->('1 day 23 hours') ],
    [ 'one that ended three days ago',                                            0, ended_at   => $ago->('3 days') ],
    [ 'one idle since yesterday, of whose last refresh an access token may live', 1, idle_until => $ago->('1 day 23 hours') ],
    [ 'one idle for three days',                                                  0, idle_until => $ago->('3 days') ],
    [
        'a code of this hour, not redeemed', 1, idle_until => 'null', code_redeemed_at => 'null',
        code_expires_at => $ago->('1 hour')
    ],
    [ 'a code never redeemed', 0, idle_until => 'null', code_redeemed_at => 'null', code_expires_at => $ago->('3 days') ],
    [ 'a code that lives', 1, idle_until => 'null', code_redeemed_at => 'null', code_expires_at => q(now() + interval '1 minute') ],
    [
        'one without code, made now', 1, (map { $_ => 'null' } qw(code_expires_at code_redeemed_at idle_until)),
        created_at => 'now()'
    ],
    [ 'one whose tokens ended yesterday', 1, idle_until => 'null', code_redeemed_at => $ago->('1 day 23 hours') ],
);
$site->client(id => 'machine', machine => 1);
$site->sql(q(delete from oauth.grants where account_id is null));
$site->sql(join '', map { my ($name, undef, %change) = @$_; $grant->($name =~ s/'/''/gr, %change) } @cases);
run_is 0, 'grants';
my %stays = map { $_ => 1 } split /\n/, $site->sql('select redirect_uri from oauth.grants');
is $stays{ $_->[0] } // 0,          $_->[1], "OP-9: $_->[0] " . ($_->[1] ? 'stays' : 'goes') for @cases;
is $site->profile($living)->status, 200,     'OP-9: and whom they don\'t concern goes on';

# In batches; one that a request holds is left, and nobody waits.
$site->sql($grant->("batch", expires_at => $ago->('1 hour')) =~ s/values \((.*)\);/select $1 from generate_series(1, 2500);/r);
$session->hold(q(select id from oauth.grants where redirect_uri = 'batch' order by id limit 1 for update));
run_is 0, 'many', out => qr/^grants +deleted +2499 rows$/m;
is $site->sql(q(select count(*) from oauth.grants where redirect_uri = 'batch')), 1, 'OP-9: all but the one that a request holds';
$session->release;
run_is 0, 'the rest', out => qr/^grants +deleted +1 rows$/m;

# The walk over all grants goes on where it stopped.
my ($idle) = grep { $_->{name} eq 'maintain_idle' } Statements::all();
my $walk = sub ($count) {
    return $site->sql("prepare s as $idle->{sql}\nexecute s($count);", user => "$site->{roles}-maintain") . '|'
        . $site->sql('select walked_to from oauth.maintenance');
};
$site->sql('delete from oauth.grants where account_id is null');
$site->sql(join '', map { $grant->("walk $_", $_ % 2 ? (idle_until => $ago->('3 days')) : ()) } 1 .. 6);
my @ids  = split /\n/, $site->sql('select id from oauth.grants order by id');
my $at   = 0;
my $gone = 0;
while ($at + 4 <= @ids) {
    my ($looked, $deleted, $to) = split /\|/, $walk->(4);
    is "$looked $to", "4 $ids[$at + 3]", 'OP-9: the walk looks at four, and keeps its place';
    $gone += $deleted;
    $at   += 4;
}
my ($looked, $deleted, $to) = split /\|/, $walk->(4);
is "$looked $to",    @ids - $at . ' 0', 'OP-9: at the end it begins anew';
is $gone + $deleted, 3,                 'OP-9: having deleted what is of no more use';

# Sessions and limits.
$site->sql(
    "insert into oauth.session (digest, account_id, idle_seconds, expires_at)
     select sha256(n::text::bytea), $user->{id}, 60, now() + make_interval(mins => n) from generate_series(-3, 3) n where n <> 0"
);
$site->sql(
    q(insert into oauth.login_limit select 'x' || n, now() + make_interval(mins => n) from generate_series(-3, 3) n where n <> 0));
$site->sql(
    q(insert into oauth.challenge_use
      select 'x', 'x' || n, 1, 'x', null, now() + make_interval(secs => 20 * n) from generate_series(-3, 3) n where n <> 0)
);
$site->sql(
    "insert into oauth.device_code (digest, user_code, client_id, scope, resources, expires_at, interval_seconds)
     select sha256(n::text::bytea), sha256(n::text::bytea), (select min(client_id) from oauth.client), '{}', '{}',
            now() - interval '1 day' + make_interval(mins => n), 5
       from generate_series(-3, 3) n where n <> 0"
);
run_is 0, 'sessions, challenges, device codes and limits',
    out =>
    qr/^session +deleted +3 rows\nchallenge_use +deleted +3 rows\ndevice_code +deleted +3 rows\nlogin_limit +deleted +3 rows$/m;
is $site->sql(q(select count(*) from oauth.login_limit where key like 'x%')), 3, 'OP-9: a limit that still counts stays';
is $site->sql('select count(*) from oauth.challenge_use where client_id = \'x\' and expires_at > now()'), 3,
    'OP-9: so does one of a living code';
is $site->sql('select count(*) from oauth.device_code'), 3, 'OP-9: and a device code until a day after its end';
like $person->get('/')->body, qr/\Q$user->{name}\E/, 'OP-9: who is signed in is signed in';

# Counted failures go with the audit's months: those of whole months before.
$site->sql(
    q(insert into oauth.failure (minute, event, address, subject, count)
      select date_trunc('month', now()) - interval '12 months' + make_interval(mins => n), 'login', '192.0.2.1', s::text, 1
        from generate_series(-1000, 9) n, generate_series(1, 2) s)
);
run_is 0, 'counted failures', out => qr/^failure +deleted +2000 rows$/m;
is $site->sql('select count(*) from oauth.failure'), 20, 'OP-10: what is to be kept is kept';

# So long after the beginning of this month, whatever day it is.
my $into = sub ($after) {
    return $site->later(
        $site->sql("select date_trunc('month', transaction_timestamp()) + interval '$after' - transaction_timestamp()"));
};

# The audit's months: three ahead, kept as long as it is set.
my $months = sub {
    return $site->sql(q(select string_agg(right(inhrelid::regclass::text, 7), ' ' order by inhrelid::regclass::text)
    from pg_inherits where inhparent = 'oauth.audit'::regclass and inhrelid::regclass::text !~ 'default'));
};
my $expect = sub ($from, $to) {
    return $site->sql(
        "select string_agg(to_char(date_trunc('month', now()) + make_interval(months => n), 'YYYY_MM'), ' ' order by n)
           from generate_series($from, $to) n"
    );
};
is $months->(), $expect->(0, 3), 'OP-9: the audit has this month and three more';
my $events = $site->sql('select count(*) from oauth.audit');
$site->sql(q(insert into oauth.audit (at, event) values ('2001-02-03', 'old')));
$into->('2 months 10 days');
my $first = $expect->(-2, -2);
run_is 0, 'two months later', out => qr/^audit +\d{4}_\d{2} +made$/m, env => { POSTERN_AUDIT_MONTHS => 3 };
is $months->(),                                    $expect->(-2, 3), 'OP-9: three ahead again';
is $site->sql('select count(*) from oauth.audit'), $events, 'OP-10: what was older went out of the default, all else is there';
$session->hold(q(insert into oauth.audit (event) values ('held')));
run_is 75, 'while somebody writes to it for long', env => { POSTERN_AUDIT_MONTHS => 1 },
    out => qr/^audit +$first +busy$/m,
    err => qr/again/;
$session->release;
run_is 0, 'with one month', env => { POSTERN_AUDIT_MONTHS => 1 }, out => qr/^audit +$first +dropped$/m;
is $months->(), $expect->(-1, 3), 'OP-10: months before the last one are dropped';
$into->('14 months 10 days');
$site->signed_in($user);
is $site->sql(q(select count(*) > 0 from oauth.audit_default where event = 'login')), 't',
    'OP-9: a timer that sleeps stops no login: it is in the default';
run_is 0, 'after a year of sleep', env => { POSTERN_AUDIT_MONTHS => 12 };
is $site->sql('select count(*) from oauth.audit_default'), 0, 'OP-9: from where it goes to its month';
is $months->(), join(' ', map { $expect->(@$_) } [ -12, -9 ], [ 0, 3 ]),
    'OP-10: what was made for the year before is kept for a year';

# postern check says when it sleeps.
my $check = sub { return $site->tool(['check'])->{out} };
like $check->(), qr/^ok +maintenance: the last whole run was at \d{4}-\d\d-\d\d \d\d:\d\d UTC$/m, 'OP-9: check tells the last run';
$into->('14 months 10 days 4 hours');
like $check->(), qr/^FAIL +maintenance: .*\n +.*postern-maintain\.timer/m, 'OP-9: and when it is long ago, what to do';

$site->finish;
