# SPDX-License-Identifier: ISC
# The plan that each statement keeps for ever: by index only, under the settings that the workers connect with; and the locks that
# it takes, of which a backend has 16 fast ones.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use Run;
use Site;
use Statements;

my $site = Site->new(programs => []);

# What a worker's connection is opened with.
my ($options) = join('', Site::lines("$Run::source/fcgi/db/connection.c")) =~ /SESSION\[\] =\s*((?:"[^"]*"\s*)+);/;
$options = join '', $options =~ /"([^"]*)"/g;
like $options, qr/-c \Q$_\E(?: |$)/, "the workers connect with $_"
    for qw(plan_cache_mode=force_generic_plan enable_seqscan=off enable_hashjoin=off enable_mergejoin=off enable_memoize=off
    enable_sort=off jit=off);
my %worker = (env => { PGOPTIONS => $options });

# What a limit reads from stops when it has enough, unless a filter lets nothing through.
sub nodes ($plan) {
    my @below = @{ $plan->{Plans} // [] };
    $_->{ends} = $plan->{'Node Type'} eq 'Limit' && !defined $_->{Filter} for @below;
    return ($plan, map { nodes($_) } @below);
}

# A statement's generic plan, its parameters unknown.
sub plan_of ($s) {
    my $execute = $s->nulls =~ s/;$//r;
    my $text    = $site->sql(
        "prepare s as $s->{sql}\nexplain (format json) execute s$execute;", %worker,
        user => "$site->{roles}-" . $s->role
    );
    return map { nodes($_->{Plan}) } @{ JSON::PP->new->decode($text) };
}

# Of the tool's, those that delete from the large tables.
my @statements = grep { $_->{program} ne 'admin' || $_->{name} =~ /^maintain_/ && $_->{sql} =~ /\bdelete\b/ } Statements::all();
for my $s (@statements) {
    my @nodes = plan_of($s);
    my @seq   = map { $_->{'Relation Name'} } grep { $_->{'Node Type'} eq 'Seq Scan' && !$_->{ends} } @nodes;
    is "@seq", '', "$s->{name} reads no table from end to end";
    my @whole = map {"$_->{'Node Type'} of $_->{'Index Name'}"}
        grep { $_->{'Node Type'} =~ /^Index/ && !defined $_->{'Index Cond'} && !$_->{ends} } @nodes;
    is "@whole", '', "$s->{name} reads no index from end to end";
    is join(' ', grep {/^(?:client_authentic|bearer_judged|contact_id)$/} map { $_->{'Function Name'} // () } @nodes), '',
        "$s->{name} has its functions inlined";
    is join(' ', grep {/Hash Join|Merge Join|Memoize/} map { $_->{'Node Type'} } @nodes), '', "$s->{name} joins by nested loops";
}

# CT-4: a page starts at its place, however deep that is.
my %place = (
    contacts         => [ person_contact => 'id >= ' ],
    contacts_by_name => [ indexed_word   => 'ROW(word, id) >= ' ],
    contacts_search  => [ indexed_word   => 'ROW(w.word, w.id) >= ' ],
    contacts_sync    => [ logged_change  => 'ROW(xid, seq) > ' ],
);
for my $s (grep { $place{ $_->{name} } } @statements) {
    my ($relation, $condition) = @{ $place{ $s->{name} } };
    my ($first) = grep { ($_->{'Relation Name'} // '') eq $relation } plan_of($s);
    my $plain = $first->{'Index Cond'} =~ s/\b\w+\.(?=\w)//gr;
    like $plain, qr/owner_id = /,                                   "CT-4: $s->{name} goes to its owner";
    like $plain, qr/\Q@{[ $condition =~ s{\b\w+\.(?=\w)}{}gr ]}\E/, "CT-4: $s->{name} goes to its place";
}

# CT-4: nor does a page sort all that its owner has: its order is the index's, also while the tables are empty.
for my $s (grep { $_->{name} =~ /^contacts/ } @statements) {
    my @limits = grep { $_->{'Node Type'} eq 'Limit' } plan_of($s);
    cmp_ok scalar @limits, '>', 0, "CT-4: $s->{name} has a page's limit";
    is scalar(grep { $_->{'Node Type'} =~ /Sort$/ } map { nodes($_) } @limits), 0, "CT-4: $s->{name} sorts nothing for a page";
}

# Fast-path locks: design's numbers, so that they don't grow unseen.  Partitions of a cached generic plan and views count.
my %most =
    (profile => 14, check => 16, contacts => 17, contacts_by_name => 24, contacts_search => 24, contacts_sync => 24, contact => 17,
    token_code => 16, token_device => 17, introspect => 15);
for my $s (grep { $most{ $_->{name} } } @statements) {
    my $execute = 'execute s' . $s->nulls;
    my $locks   = $site->sql(
        "prepare s as $s->{sql}\n\\o /dev/null\n$execute\nbegin;\n$execute\n\\o\n
         select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'relation' and relation <> all
             (array['pg_locks'::regclass, 'pg_class'::regclass]); rollback;", %worker, user => "$site->{roles}-$s->{program}"
    );
    cmp_ok $locks, '<=', $most{ $s->{name} }, "$s->{name} takes $locks locks of relations, at most $most{$s->{name}}";
}

$site->finish;
