# SPDX-License-Identifier: ISC
# doc/adapter.py, as a partner would run it: it pages, keeps up with changes and deletions, waits, starts over, and is killed in
# between.  Its copy is in the end what the server has.  The order of things is a random one, of the seed that is printed (SEED=...).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use Nginx;
use Process;
use Run;
use Site;

my $site   = Site->new(ports => 1);
my $user   = $site->user;
my $client = $site->client;
my $token  = $site->token($client, $site->signed_in($user));
my $mine   = "owner_id = $user->{id}";
my ($writer, $late) = map { $site->session } 1, 2;
my $copy = "$site->{dir}/copy.json";
my $next = 1000;
note 'SEED=' . (defined $ENV{SEED} ? srand $ENV{SEED} : srand);

# Runs it.  After each line that it prints, $each says whether it may go on; else it is killed.  Returns what it printed, and its exit.
sub adapter ($page, $each = sub {1}) {
    local %ENV = (
        %ENV,
        CONTACTS_URL  => $site->{contacts_url}, ACCESS_TOKEN => $token, PAGE => $page,
        SSL_CERT_FILE => Run::certificate()->{ca}
    );
    my $pid = open my $out, '-|', Process::program('setpriv'), qw(--pdeathsig TERM -- /usr/bin/python3),
        "$Run::source/doc/adapter.py", $copy or die $!;
    my $printed = '';
    while (defined(my $line = readline $out)) {
        $printed .= $line;
        kill KILL => $pid if !$each->($line);
    }
    close $out;
    return ($printed, $?);
}

sub state_of { return -e $copy ? JSON::PP->new->decode(Nginx::slurp($copy)) : { contacts => {}, next => undef } }

# The two sets as texts.
sub theirs {
    my $contacts = state_of()->{contacts};
    return join ' ', map {"$_=$contacts->{$_}{username}"} sort { $a <=> $b } keys %$contacts;
}

sub ours {
    return $site->sql(
        "select coalesce(string_agg(id || '=' || username, ' ' order by id), '') from directory.person_contact where $mine");
}

# The late one changes contacts of its own, for which nobody else waits.
sub change ($session) {
    my $own = $session == $late ? 'id <= 20' : 'id > 20';
    my $some =
          "id = (select id from directory.person_contact where $mine and $own order by id offset "
        . int(rand($session == $late ? 20 : 200))
        . ' limit 1)';
    my $id   = $next++;
    my @kind = (
        "insert into directory.person_contact (owner_id, id, username) values ($user->{id}, $id, 'new $id')",
        "delete from directory.person_contact where $mine and $some",
        "update directory.person_contact set username = 'now $id' where $mine and $some"
    );
    return $session->query($kind[ rand @kind ]);
}

$site->sql(
    "insert into directory.person_contact (owner_id, id, username) select $user->{id}, i, 'contact ' || i from generate_series(1, 300) i"
);
my ($printed, $exit) = adapter(1000);
is $exit,                               0,            'the first pass' or diag $printed;
is $printed,                            "page 300\n", 'is one page';
is theirs(),                            ours(),       'CT-2: and the copy is what the server has';
is state_of()->{contacts}{7}{username}, 'contact 7',  'with its members';
$site->sql("delete from directory.person_contact where $mine and id = 7");
adapter(1000);
is theirs(), ours(), 'CT-6: a deletion is told';

# At random: changes between pages and between runs, transactions that commit late, death at any page.
my ($pages, $kills, $held, $wrong) = (0, 0, 0, 0);
for my $round (1 .. ($ENV{ROUNDS} // 12)) {
    if (!$held && rand() < .5) { $late->query('begin'); change($late); $held = 1 }
    my $lives = rand() < .5 ? 1e9 : 1 + int rand 5;
    change($writer) for 1 .. 10 + rand 40;
    my ($said, $how) = adapter(3 + int rand 10, sub (@) { $pages++; change($writer) if rand() < .3; return --$lives > 0 });
    $kills++ if $how & 127;
    if ($held && rand() < .5) { $late->query('commit'); $held = 0 }
    adapter(5 + int rand 20) if defined state_of()->{next};
    next                     if $held;
    my ($after, $end) = adapter(1000);
    is theirs(), ours(), "CT-2, CT-6: round $round" or $wrong++;
}
$late->query('commit') if $held;
adapter(1000);
is theirs(), ours(), 'CT-6: a transaction that commits late is not lost';
cmp_ok $pages, '>', 20, "there were $pages pages";
note "$kills deaths";

# It goes on in the middle of a pass over all, though the process is another.
unlink $copy;
my $left = 4;
(undef, $exit) = adapter(10, sub (@) { return --$left > 0 });
is $exit & 127, 9, 'killed in the middle of a pass';
ok defined state_of()->{next}, 'it knows where to go on';
is theirs(), '', 'and has no half copy';
adapter(10);
is theirs(), ours(), 'CT-2: the next run goes on there';

# A mark that is too old: from the start, and what was deleted unseen is gone.
$site->sql(
    "delete from directory.person_contact where $mine and id % 3 = 0; update oauth.contact_log set truncated_in = pg_current_xact_id()"
);
($printed) = adapter(1000);
like $printed, qr/^start over\npage \d+\n\z/, 'CT-6: at 410 it starts over';
is theirs(), ours(), 'CT-6: and has what there is';

# A forged or foreign place: it starts over, too.
my $state = state_of();
$state->{mark} = "x$state->{mark}";
open my $file, '>', $copy or die $!;
print $file JSON::PP->new->encode($state);
close $file or die $!;
($printed) = adapter(1000);
like $printed, qr/^start over\n/, 'CT-3: at a bad mark it starts over';
is theirs(), ours(), 'CT-3: and has what there is';

# 503 with Retry-After: it waits, and goes on.
$late->hold('lock table directory.person_contact in access exclusive mode');
($printed) = adapter(1000, sub ($line) { $late->release if $line =~ /wait/; return 1 });
like $printed, qr/^(?:wait 503\n)+page \d+\n\z/, 'OP-3: at 503 it waits';
is theirs(), ours(), 'OP-3: and goes on';

$site->finish;
