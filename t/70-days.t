# SPDX-License-Identifier: ISC
# Sixty days of a busy site in half a minute (OP-9): people sign in, clients redeem, refresh and forget, the hourly job runs, late
# now and then and sometimes twice at once.  Nothing that counts is lost, nothing grows, and a look-up costs on the last day what it
# did on the first.
#
# A day here has 25 hours, so that the job comes by at every hour of the day.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP   ();
use List::Util qw(max);
use Test::More;

use Canary;
use Flow;
use Site;
use Statements;

my $days = 60;
my $site = Site->new(
    programs => [qw(authorize token)], workers => 1,
    settings => { POSTERN_ACCESS_SECONDS => 86400, POSTERN_AUDIT_MONTHS => 1 }
);
my $user   = $site->user;
my $daily  = $site->client(refresh => 1, no_pkce => 1);
my $seldom = $site->client(refresh => 1, no_pkce => 1);
my $once   = $site->client(no_pkce => 1);
$site->tool_ok([qw(scope add machine --sentence x --machine)]);
my $machine = $site->client(machine => 1, scope => 'machine');
$site->sql("update oauth.client set refresh_idle_seconds = 3 * 86400 where client_id = '$daily->{id}'");

# A busy machine may answer 503 to what is due within 300 ms; a client then asks again.
sub patient ($ask) {
    my $answer = $ask->();
    for (1 .. 5) {
        last if $answer->status != 503;
        $answer = $ask->();
    }
    return $answer;
}

sub token_request ($client, %form) {
    my $answer =
        patient(sub { $site->{https}->post('/token', [ client_id => $client->{id}, client_secret => $client->{secret}, %form ]) });
    Canary::add(grep {defined} @{ $answer->json }{qw(access_token refresh_token)}) if $answer->status == 200;
    return $answer;
}

sub profile ($of) {
    return patient(sub { $site->profile($of) })->status;
}

# A day's load, by the hundred: what the servers' statements would write.
my $load = <<"END";
create procedure public.load(day integer) language plpgsql as \$\$
declare
    rest text[] := '{profile}';
begin
    insert into oauth.session (digest, account_id, idle_seconds, expires_at)
    select sha256((day || ' session ' || n)::bytea), $user->{id}, 1800, now() + interval '12 hours' from generate_series(1, 100) n;
    insert into oauth.login_limit
    select 'name ' || day || ' ' || n, now() + interval '10 minutes' from generate_series(1, 200) n;
    insert into oauth.authorization_request (slot, digest, client_id, redirect_uri, redirect_uri_sent, state, scope, resources)
    select oauth.slot(now(), 3600), sha256((day || ' request ' || n)::bytea), '$once->{id}', 'x', true, repeat('s', 200), rest, rest
      from generate_series(1, 200) n;
    insert into oauth.pushed_request (slot, digest, client_id, redirect_uri, redirect_uri_sent, scope, resources, expires_at)
    select oauth.slot(now() + interval '1 minute', 3600), sha256((day || ' pushed ' || n)::bytea), '$once->{id}', 'x', true, rest,
           rest, now() + interval '1 minute'
      from generate_series(1, 100) n;
    insert into oauth.challenge_use (client_id, challenge, session_id, code_locator, expires_at)
    select '$once->{id}', day || ' ' || n, n, '', now() + interval '1 minute' from generate_series(1, 100) n;
    -- Of 300 grants a fifth is never redeemed, two fifths have no refresh token, and a tenth is ended at once.
    insert into oauth.grants (client_id, account_id, credential, scope, resources, redirect_uri, code_locator, code_digest,
                              code_expires_at, code_redeemed_at, refresh_locator, refresh_digest, idle_until, expires_at, ended_at)
    select case when n % 5 < 2 then '$once->{id}' else '$daily->{id}' end, $user->{id}, a.credential, rest, rest, 'load',
           substr(sha256((day || ' code ' || n)::bytea), 1, 16), sha256((day || ' secret ' || n)::bytea),
           now() + interval '1 minute',
           case when n % 5 < 4 then now() end,
           case when n % 5 in (2, 3) then substr(sha256((day || ' refresh ' || n)::bytea), 1, 16) end,
           case when n % 5 in (2, 3) then sha256((day || ' first ' || n)::bytea) end,
           case when n % 5 in (2, 3) then now() + interval '3 days' end,
           now() + interval '1 day 1 minute' + case when n % 5 < 2 then interval '0' else interval '365 days' end,
           case when n % 10 = 3 then now() end
      from generate_series(1, 300) n, directory.account a
     where a.id = $user->{id};
    -- Fifty are faithful, and refresh every day.
    if day = 1 then
        update oauth.grants set redirect_uri = 'faithful'
         where id in (select id from oauth.grants
                       where idle_until is not null and ended_at is null and redirect_uri = 'load' limit 50);
    end if;
    update oauth.grants
       set refresh_previous_digest = refresh_digest, refresh_digest = sha256((day || ' next ' || id)::bytea),
           refresh_rotated_at = now(), refresh_successor = repeat('x', 60)::bytea, idle_until = now() + interval '3 days'
     where redirect_uri = 'faithful';
    insert into oauth.access_token (slot, digest, grant_id, scope, resources, expires_at)
    select oauth.slot(now(), 86400), sha256((day || ' token ' || id || ' ' || n)::bytea), id, rest, rest, now() + interval '1 day'
      from oauth.grants, generate_series(1, 2) n
     where account_id is not null and (created_at = now() or redirect_uri = 'faithful');
    insert into oauth.audit (event, detail) select 'token', 'load' from generate_series(1, 300);
end \$\$;
END
$site->sql($load);

# All that counts now, as one line: a row that maintenance must not touch.
my $counts = <<'END';
select (select count(*) from oauth.live_token) || ' tokens, '
       || (select count(*) from oauth.authorization_request where created_at > now() - interval '1 hour') || ' requests, '
       || (select count(*) from oauth.pushed_request where expires_at > now() - interval '1 hour') || ' pushed, '
       || (select count(*) from oauth.challenge_use where expires_at > now()) || ' challenges, '
       || (select count(*) from oauth.grants where ended_at is null and expires_at > now()
              and (idle_until > now() or code_redeemed_at is null and code_expires_at > now() or account_id is null)) || ' grants, '
       || (select count(*) from oauth.live_session) || ' sessions, '
       || (select count(*) from oauth.login_limit where full_until > now()) || ' limits';
END

# What autovacuum does within a day, and then the tables' sizes with their indexes.
my $sizes = <<'END';
vacuum oauth.grants, oauth.session, oauth.challenge_use, oauth.login_limit;
select 'size', coalesce(pg_partition_root(oid)::regclass, oid::regclass), sum(pg_total_relation_size(oid))
  from pg_class where relnamespace = 'oauth'::regnamespace and relkind = 'r' group by 2;
END
my %size;

# The blocks that the look-up of a living token reads.
my ($lookup)  = grep { $_->{name} eq 'profile' } Statements::all();
my ($options) = join('', Site::lines("$Run::source/fcgi/db/connection.c")) =~ /SESSION\[\] =\s*((?:"[^"]*"\s*)+);/;
$options = join '', $options =~ /"([^"]*)"/g, ' -c statement_timeout=0';

sub lookup_cost {
    my ($slot, $digest) = split /\|/, $site->sql(q(select slot, digest from oauth.live_token where account_id is not null limit 1));
    my $explain = "explain (analyze, buffers, format json) execute s($slot, '$digest', false);";
    my $out     = $site->sql(
        "prepare s as $lookup->{sql}\n\\o /dev/null\n$explain\n\\o\n$explain",
        user => "$site->{roles}-token", env => { PGOPTIONS => $options }
    );
    my ($plan) = @{ JSON::PP->new->decode($out) };
    like $out, qr/"Actual Rows": 1/, 'the look-up finds the token';
    return $plan->{Plan}{'Shared Hit Blocks'} + $plan->{Plan}{'Shared Read Blocks'};
}

# A run beside requests; each must succeed.
my (%wrong, $refresh, $token, $late);

sub note_wrong ($what, $day, $good) { push @{ $wrong{$what} }, $day unless $good; return }

sub run_maintenance ($day, $count) {
    my @runs   = map { $site->maintaining } 1 .. $count;
    my $answer = token_request($daily, grant_type => 'refresh_token', refresh_token => $refresh);
    note_wrong('refresh', $day, $answer->status == 200);
    $refresh = $answer->json->{refresh_token} // $refresh;
    $token   = $answer->json->{access_token}  // $token;
    note_wrong('a machine\'s token', $day, token_request($machine, grant_type => 'client_credentials')->status == 200);
    note_wrong('/profile',           $day, profile($token) == 200);
    note_wrong('maintain',           $day, !grep { $_->finished } @runs);
    return;
}

my $person = $site->signed_in($user);
($refresh, my $rare) = map { $site->redeem($_, $site->code($_, $person))->json->{refresh_token} } $daily, $seldom;
Canary::add($refresh, $rare);
my @cost;
for my $day (1 .. $days) {
    $site->later(25 * $day . ' hours');
    my ($before) = $site->sql("call public.load($day); $counts");
    if ($day % 13 == 7) {
        $late++;
        note_wrong('refresh', $day, 1);
    }
    else {
        run_maintenance($day, $day % 5 ? 1 : 2);
    }
    my ($after, @sizes) = grep { $_ ne 'VACUUM' } split /\n/, $site->sql("$counts $sizes");
    my ($tokens_before, $tokens_after) = map {/^(\d+)/} $before, $after;
    note_wrong(
        "what counts ($before, then $after)", $day,
        $after =~ s/^\d+//r =~ s/(\d+) grants/grants/r eq $before =~ s/^\d+//r =~ s/(\d+) grants/grants/r
            && $tokens_after >= $tokens_before
    );
    for (@sizes) {
        my (undef, $table, $bytes) = split /\|/;
        $size{$table}[$day] = $bytes;
    }
    next if $day % 6;

    # An access token in the last minutes of its life, after one more run; a rare guest; a person who signs in.
    push @cost, lookup_cost();
    $site->later(25 * $day + 23 . ' hours 55 minutes');
    note_wrong('maintain',            $day, !$site->maintaining->finished);
    note_wrong('a token of 24 hours', $day, profile($token) == 200);
    my $new = eval { $site->token($once, $site->signed_in($user)) };
    note_wrong('a sign-in', $day, $new && profile($new) == 200);
    next if $day % 24;
    my $answer = token_request($seldom, grant_type => 'refresh_token', refresh_token => $rare);
    note_wrong('a refresh after 24 days', $day, $answer->status == 200);
    $rare = $answer->json->{refresh_token} // $rare;
}

is join('; ', map {"$_ on day @{ $wrong{$_} }"} sort keys %wrong), '',
    "OP-9: in $days days nothing that counts was lost, and no request failed";
cmp_ok $late, '>', 3, 'a few days had no run at all';
is $site->sql(q(select count(*) from oauth.grants where redirect_uri = 'faithful' and idle_until > now() and ended_at is null)), 50,
    'OP-9: no honest refresh token is lost';
is $site->sql('select count(*) from oauth.grants where account_id is null'), 1, 'OP-9: nor a machine\'s grant';

for my $table (grep { !/audit/ } sort keys %size) {
    my ($early, $last) = map { max(@{ $size{$table} }[@$_]) } [ 20 .. 30 ], [ $days - 10 .. $days ];
    cmp_ok $last, '<=', 1.1 * $early + 65536, "OP-9: $table is as large as it was, $early and $last bytes";
}
cmp_ok $size{'oauth.access_token'}[20], '>', 300_000, 'and they are not empty';
is $site->sql(q(select count(distinct date_trunc('month', at)) <= 2 from oauth.audit)), 't',
    'OP-10: of the audit, this month and the last one are left';
is $site->sql('select count(*) from oauth.audit_default'), 0, 'OP-9: nothing in its default';
cmp_ok $cost[-1], '<=', $cost[0] + 1, "OP-9: a look-up reads as many blocks as on the first days: @cost";
my ($hot) =
    $site->sql(q(select round(100.0 * n_tup_hot_upd / n_tup_upd) from pg_stat_user_tables where relid = 'oauth.grants'::regclass));
cmp_ok $hot, '>=', 80, "a refresh touches no index: $hot of 100 updates";

$site->finish;
