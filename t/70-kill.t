# SPDX-License-Identifier: ISC
# kill -9 of workers, of PostgreSQL's backends, of its postmaster and of all of it, again and again, in the middle of redemptions and
# refreshes: nothing is half done, nothing done twice (TK-10), and who sends a refresh again whose answer was lost goes on (TK-6).
# POSTERN_KILLS says how many of them; make check-long takes hundreds.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA  qw(sha256_hex);
use MIME::Base64 qw(decode_base64);
use Test::More;
use Time::HiRes qw(time usleep);

use Check;
use Flow;
use Https;
use Process qw(wait_for);
use Site;

my $kills   = $ENV{POSTERN_KILLS} // 36;
my $site    = Site->new(private => 1, programs => [qw(authorize token)]);
my $cluster = $site->{cluster};
my $client  = $site->client(no_pkce => 1, refresh => 1);
my $person  = $site->signed_in($site->user);
my %secret  = (client_id => $client->{id}, client_secret => $client->{secret});
my (%seen, @wrong);

# The grants of which something may never be seen, whatever died: a code that is used without its token and its line in the audit, or
# the other way round; a code used twice; a token without a line; a rotation without its sealed successor, or the other way round.
my $half_done = <<'SQL';
select coalesce(string_agg(g.id || ': ' || to_jsonb(g)::text, e'\n'), '')
  from oauth.grants g
       cross join lateral (select count(*) as count from oauth.access_token t where t.grant_id = g.id) token
       cross join lateral (select count(*) filter (where event = 'token' and detail = 'authorization_code') as code,
                                  count(*) filter (where event = 'token' and detail = 'refresh_token') as refresh,
                                  count(*) filter (where event = 'replay') as replay
                             from oauth.audit a where a.grant_id = g.id) line
 where line.code <> (case when g.code_redeemed_at is null then 0 else 1 end)
    or token.count <> line.code + line.refresh
    or num_nulls(g.refresh_locator, g.refresh_digest) <> (case when g.code_redeemed_at is null then 2 else 0 end)
    or num_nulls(g.refresh_previous_digest, g.refresh_successor, g.refresh_key_id, g.refresh_rotated_at)
       <> (case when line.refresh = 0 then 4 else 0 end)
    or line.replay <> (case when g.ended_why = 'replay' then 1 else 0 end)
SQL

sub wrong ($what) { return push @wrong, $what }

sub refresh_form ($token) { return { grant_type => 'refresh_token', refresh_token => $token, %secret } }

sub code_form ($code) {
    return { grant_type => 'authorization_code', code => $code, redirect_uri => $client->{redirect_uri}, %secret };
}

# All are on their way before the first is answered: the connections are there already.
sub sent_together (@forms) {
    my @socket = map { $site->{https}->connected } @forms;
    my @bytes  = map { $site->{https}->bytes('POST', '/token', Https::form_headers({}), Https::form(%$_)) } @forms;
    return map { $site->{https}->send_raw($bytes[$_], 'POST', $socket[$_]) } 0 .. $#forms;
}

# A client asks again until there is an answer; 502 and 503 are none.
sub patient ($form) {
    my ($answer) = sent_together($form);
    $answer = $answer->answer;
    return wait_for(
        'an answer',
        sub {
            return $answer if $answer->status =~ /^[24]/;
            $answer = (sent_together($form))[0]->answer;
            return;
        },
        20
    );
}

sub new_code {
    return wait_for(
        'a code',
        sub {
            eval { $site->code($client, $person) }
        },
        20
    );
}

sub new_refresh_token { return patient(code_form(new_code()))->json->{refresh_token} }

# Locator and digest of a code or refresh token, in hex.
sub known_by ($value) {
    my ($locator, $random) = map { decode_base64(tr{-_}{+/}r) } $value =~ /^pst[cr]_(.{22})(.{43})/;
    return (unpack('H*', $locator), sha256_hex($random));
}

sub family ($token) {
    my ($locator, $digest) = known_by($token);
    my ($state, $current) = split /\|/, $site->sql(<<"SQL");
select case when ended_at is not null then 'ended'
            when refresh_digest = '\\x$digest' then 'not done'
            when refresh_previous_digest = '\\x$digest' and refresh_successor is not null then 'done'
            else 'lost' end, encode(refresh_digest, 'hex')
  from oauth.grants where refresh_locator = '\\x$locator'
SQL
    return ($state, $current);
}

# What became of a refresh; the client's token from now on.  The old one is the current one still, or the one before a successor that
# the database keeps: then it gives just that.
sub refreshed ($token, $answer) {
    my ($state, $current) = family($token);
    my $got = $answer->status == 200 ? $answer : patient(refresh_form($token));
    $seen{ 'refresh ' . ($answer->status == 200 ? 'answered' : $state) }++;
    wrong("refresh: $state, " . $answer->bytes) if $state !~ /done/ || $answer->status == 200 && $state ne 'done';
    return wrong('an honest refresh is refused: ' . $got->bytes) && new_refresh_token() if $got->status != 200;
    my $successor = $got->json->{refresh_token};
    wrong('not the successor of which the database knows') if $state eq 'done' && (known_by($successor))[1] ne $current;
    return $successor;
}

# What became of a redemption.  A code that was not used is still good; one that was used and whose answer was lost is, sent again, a
# replay: no token of the grant is alive, and the person signs in anew (TK-4).
sub redeemed ($code, $answer) {
    my ($locator) = known_by($code);
    my $state = "select case when ended_at is not null then ended_why when code_redeemed_at is null then 'not done' else 'done' end
        from oauth.grants where code_locator = '\\x$locator'";
    my $before = $site->sql($state);
    $seen{ 'redemption ' . ($answer->status == 200 ? 'answered' : $before) }++;
    return $before eq 'done' || wrong("redemption: $before, " . $answer->bytes) if $answer->status == 200;
    my $again = patient(code_form($code));
    my $after = $again->status . ' ' . $site->sql($state);
    return $after eq ($before eq 'done' ? '400 replay' : '200 done') || wrong("redemption: $before, sent again: $after");
}

sub token_backends {
    return split /\n/, $site->sql("select pid from pg_stat_activity where usename = '$site->{roles}-token' order by pid");
}

# Until PostgreSQL knows of it: before that it may answer once more, and then no more until it has recovered.
sub kill_backend ($pid) {
    kill KILL => $pid or die "no backend $pid\n";
    return wait_for('the end of the backend', sub { !-e "/proc/$pid" });
}

sub kill_workers (@pids) { return $site->announce_deaths(kill KILL => @pids) }

# What dies: who is told the pids that were alive before.
my %kill = (
    'a worker'                 => sub ($workers, $) { kill_workers($workers->[0]) },
    'all workers'              => sub ($workers, $) { kill_workers(@$workers) },
    'a backend'                => sub ($,        $backends) { kill_backend($backends->[0]) },
    'a backend, a worker'      => sub ($workers, $backends) { kill_backend($backends->[0]); kill_workers($workers->[-1]) },
    'the postmaster'           => sub ($,        $) { $cluster->crash('postmaster') },
    'the postmaster and all'   => sub ($,        $) { $cluster->crash('all') },
    'PostgreSQL by SIGQUIT'    => sub ($,        $) { $cluster->stop('immediate'); $cluster->start },
    'nobody, to know the time' => sub ($,        $) { }
);

sub whole_again {
    wait_for('PostgreSQL', sub { $cluster->sql($site->{database}, 'select 1', try => 1)->{exit} == 0 }, 20);
    wait_for(
        'an end of what was begun',
        sub { !$site->sql("select count(*) from pg_stat_activity where usename like '%-token' and state <> 'idle'") }
    );
    return wait_for('two workers', sub { 2 == $site->workers('token') });
}

# One round: four refreshes and two redemptions are on their way, and something dies in the middle of them.
my @held = map { new_refresh_token() } 1 .. 4;
my $span = 0;

sub round ($what, $die_after) {
    my @codes = map { new_code() } 1 .. 2;
    patient(code_form('no code'));    # so that a worker has a backend, also when all of them have died
    my @workers  = $site->workers('token');
    my @backends = token_backends();
    my @pending  = sent_together((map { refresh_form($_) } @held), map { code_form($_) } @codes);
    my $begin    = time;
    $die_after->();
    $kill{$what}->(\@workers, \@backends);
    my @answers = map { $_->answer } @pending;
    my $took    = time - $begin;
    whole_again();
    my $half = $site->sql($half_done);
    @held = map { refreshed($held[$_], $answers[$_]) } 0 .. 3;
    redeemed($codes[$_], $answers[ 4 + $_ ]) for 0, 1;
    $half = "$half\n" . $site->sql($half_done);
    wrong("half done:$half") if $half ne "\n";
    return $took;
}

$span = round('nobody, to know the time', sub { }) for 1 .. 3;
is "@wrong",                                         '', 'where nobody dies nothing is wrong';
is join(', ', map {"$_ $seen{$_}"} sort keys %seen), 'redemption answered 6, refresh answered 12', 'and all is answered';

# At a random moment of the time that a round takes.
my (%deaths, @kinds);
%seen = ();
for my $n (1 .. $kills) {
    @kinds = grep { !/^nobody/ } sort keys %kill unless @kinds;
    my $what   = shift @kinds;
    my $so_far = @wrong;
    round($what, sub { usleep rand 1e6 * $span });
    $deaths{$what}++;
    diag "death $n, of $what: $_" for @wrong[ $so_far .. $#wrong ];
    last if @wrong > 5;
}
is "@wrong", '', "TK-10, TK-6: after each of $kills deaths nothing is half done, nothing twice, no honest refresh lost";
diag join ', ', map({"$deaths{$_} x $_"} sort keys %deaths), map {"$seen{$_} x $_"} sort keys %seen if $kills > 36;
cmp_ok $seen{"$_ not done"} // 0, '>', 0, "some came before a $_" for qw(refresh redemption);

# At the moment that no chance finds often: PostgreSQL has committed, and the worker dies before it answers.
sub committed_and_lost (@forms) {
    my $session = $site->session;
    for (1 .. 10) {
        $session->hold('select from oauth.grants for update');
        my @pending = sent_together(@forms);
        my $waiting = $session->await_waiters(scalar @forms, 1);
        my @workers = $site->workers('token');
        kill STOP => @workers;
        $session->release;
        wait_for(
            'the commit',
            sub { !$site->sql("select count(*) from pg_stat_activity where usename like '%-token' and state <> 'idle'") }
        );
        kill_workers(@workers);
        my @answers = map { $_->answer } @pending;
        whole_again();
        return @answers if $waiting == @forms;
    }
    die "they never waited\n";
}

%seen = ();
my ($code,           $token)       = (new_code(), $held[0]);
my ($refresh_answer, $code_answer) = committed_and_lost(refresh_form($token), code_form($code));
is $site->sql($half_done), '', 'TK-10: an answer that is lost after the commit leaves nothing half done';
my $successor = refreshed($token, $refresh_answer);
redeemed($code, $code_answer);
is join(', ', sort keys %seen), 'redemption done, refresh done', 'both were done and their answers lost';
is "@wrong", '', 'TK-6: the refresh sent again gives the stored successor; TK-4: the code sent again ends its grant';
is patient(refresh_form($successor))->status, 200, 'TK-6: the client goes on with it';
is $site->sql($half_done),                    '',  'TK-10: nothing is half done in the end';

$site->finish;
