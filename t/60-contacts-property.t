# SPDX-License-Identifier: ISC
# CT-2, CT-6 as a property: contacts change at random, by several sessions whose transactions commit late or roll back, while one
# client pages by id, one by name, one by a word, and another keeps a copy by sync; each sees what it must, and when all is quiet
# each has exactly the server's set.
#
# What a client must see is known from a model of what was committed when (lib/History.pm).  POSTERN_SEED repeats a run,
# POSTERN_ROUNDS says how long it is; make check-long takes thousands.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Contacts;
use History;
use Site;

my $seed   = $ENV{POSTERN_SEED}   // time ^ $$ << 8;
my $rounds = $ENV{POSTERN_ROUNDS} // 200;
my $site   = Site->new(settings => { POSTERN_CONTACTS_PER_MINUTE => 1_000_000 });
my $client = $site->client;
my ($mine, $theirs) = map { $site->user } 1, 2;
my ($me, $they) = map { $_->{id} } $mine, $theirs;
my $token   = $site->token($client, $site->signed_in($mine));
my $reader  = Contacts->new($site, $token);
my $history = History->new;
my @writers = map { { name => $_, session => $site->session } } 'A' .. 'C';
my (@wrong, @trace, $count);

sub wrong ($what) {
    push @wrong, $what;
    diag "seed $seed: $what\n  ", join("\n  ", @trace[ ($#trace > 60 ? $#trace - 60 : 0) .. $#trace ]) if @wrong == 1;
    return;
}

sub trace ($what) { return push @trace, $what }

# A generator of our own, so that nothing else draws from it: POSIX's example, of which the higher bits count.
my $state = $seed & 0x7fffffff;
sub chance ($n)    { return int(($state = ($state * 1103515245 + 12345) & 0x7fffffff) / 65536) % $n }
sub one_of (@list) { return @list ? $list[ chance(scalar @list) ] : undef }

# A contact as its members; the user name has a number that no other version has.
my @words = qw(Anna albert ANNE bob Bo bobby Carla alba Zoe zora);

sub contact {
    my $n = ++$count;
    return {
        chance(5) ? (username => one_of(@words) . $n)                         : (),
        chance(6) ? (name => join ' ', map { one_of(@words) } 0 .. chance(3)) : (),
        chance(3) ? ()                                                        : (email => one_of(@words) . "$n\@example.com"),
        chance(3) ? ()                                                        : (phone => "+49 $n"),
    };
}

sub spelled ($contact) {
    return defined $contact ? join ', ', map {"$_=$contact->{$_}"} grep { $_ ne 'id' } sort keys %$contact : 'none';
}

# Whether a word of it begins so.
sub found_by ($contact, $q) {
    my ($name, @others) = map { $contact->{$_} // '' } qw(name username email);
    return $name =~ /\b\Q$q\E/i || grep {/\A\Q$q\E/i} @others;
}

sub columns ($contact) {
    return join ', ', map { defined $contact->{$_} ? "'$contact->{$_}'" : 'null' } qw(username name email phone);
}

# What writers do: SQL, and the same in the model.  A row that another open transaction has touched is left alone: it would wait.
my $ids = 24;

sub usable ($w, $owner) {
    my %held = map { $_ => 1 } map { keys %{ $_->{tx}{touched} } } grep { $_ != $w && $_->{tx} } @writers;
    return grep { !$held{ History::key($owner, $_) } } 1 .. $ids;
}

sub execute ($w, $sql) {
    trace("$w->{name}: $sql");
    return $w->{session}->query($sql);
}

my $table = 'directory.person_contact';
my $names = '(username, name, email, phone)';
my %do    = (
    insert => sub ($w, $owner, $there, $free) {
        my $id  = one_of(@$free) // return;
        my $new = contact();
        execute($w, "insert into $table (owner_id, id, username, name, email, phone) values ($owner, $id, " . columns($new) . ')');
        $history->set($w->{tx}, $owner, $id, $new);
    },
    update => sub ($w, $owner, $there, $) {
        my $id  = one_of(@$there) // return;
        my $new = contact();
        execute($w, "update $table set $names = (" . columns($new) . ") where owner_id = $owner and id = $id");
        $history->set($w->{tx}, $owner, $id, $new);
    },
    rename => sub ($w, $owner, $there, $) {
        my $id   = one_of(@$there) // return;
        my $name = one_of(@words);
        execute($w, "update $table set name = '$name' where owner_id = $owner and id = $id");
        $history->set($w->{tx}, $owner, $id, { %{ $history->seen($w->{tx}, $owner, $id) }, name => $name });
    },
    'rename many' => sub ($w, $owner, $there, $) {
        my @some = grep { chance(2) } @$there or return;
        execute($w, "update $table set name = 'bob ' || id where owner_id = $owner and id in (" . join(', ', @some) . ')');
        $history->set($w->{tx}, $owner, $_, { %{ $history->seen($w->{tx}, $owner, $_) }, name => "bob $_" }) for @some;
    },
    touch => sub ($w, $owner, $there, $) {
        my $id = one_of(@$there) // return;
        execute($w, "update $table set name = name where owner_id = $owner and id = $id");
        $history->set($w->{tx}, $owner, $id, $history->seen($w->{tx}, $owner, $id));
    },
    delete => sub ($w, $owner, $there, $) {
        my $id = one_of(@$there) // return;
        execute($w, "delete from $table where owner_id = $owner and id = $id");
        $history->set($w->{tx}, $owner, $id, undef);
    },
    'delete and insert' => sub ($w, $owner, $there, $) {
        my $id  = one_of(@$there) // return;
        my $new = contact();
        execute($w, "delete from $table where owner_id = $owner and id = $id");
        execute($w, "insert into $table (owner_id, id, username, name, email, phone) values ($owner, $id, " . columns($new) . ')');
        $history->set($w->{tx}, $owner, $id, $new);
    },
    'change the key' => sub ($w, $owner, $there, $free) {
        my ($from, $to) = (one_of(@$there), one_of(@$free));
        return unless defined $from && defined $to;
        execute($w, "update $table set id = $to where owner_id = $owner and id = $from");
        $history->set($w->{tx}, $owner, $to,   $history->seen($w->{tx}, $owner, $from));
        $history->set($w->{tx}, $owner, $from, undef);
    },
    'change the owner' => sub ($w, $owner, $there, $) {
        my $to   = $owner == $me ? $they : $me;
        my %free = map { $_ => 1 } grep { !defined $history->seen($w->{tx}, $to, $_) } usable($w, $to);
        my $id   = one_of(grep { $free{$_} } @$there) // return;
        execute($w, "update $table set owner_id = $to where owner_id = $owner and id = $id");
        $history->set($w->{tx}, $to,    $id, $history->seen($w->{tx}, $owner, $id));
        $history->set($w->{tx}, $owner, $id, undef);
    },
    upsert => sub ($w, $owner, $there, $free) {
        my $id  = one_of(@$there, @$free) // return;
        my $new = contact();
        execute(
            $w,
            "insert into $table (owner_id, id, username, name, email, phone) values ($owner, $id, "
                . columns($new)
                . ') on conflict (owner_id, id) do update set (username, name, email, phone) = '
                . '(excluded.username, excluded.name, excluded.email, excluded.phone)'
        );
        $history->set($w->{tx}, $owner, $id, $new);
    },
    merge => sub ($w, $owner, $there, $free) {
        my ($old, $doomed, $id) = (one_of(@$there), one_of(@$there), one_of(@$free));
        return unless defined $id && defined $old && $old != $doomed;
        my ($changed, $new) = (contact(), contact());
        execute(
            $w,
            "merge into $table t using (values ($old, "
                . columns($changed)
                . "), ($doomed, null, null, null, null), ($id, "
                . columns($new)
                . ")) as n (id, username, name, email, phone) on t.owner_id = $owner and t.id = n.id
            when matched and n.id = $doomed then delete
            when matched then update set (username, name, email, phone) = (n.username, n.name, n.email, n.phone)
            when not matched then insert (owner_id, id, username, name, email, phone)
                values ($owner, n.id, n.username, n.name, n.email, n.phone)"
        );
        $history->set($w->{tx}, $owner, $old,    $changed);
        $history->set($w->{tx}, $owner, $doomed, undef);
        $history->set($w->{tx}, $owner, $id,     $new);
    },
    savepoint => sub ($w, @) {
        execute($w, 'savepoint s');
        $history->savepoint($w->{tx});
    },
    'rollback to savepoint' => sub ($w, @) {
        return unless @{ $w->{tx}{saved} };
        execute($w, 'rollback to s; release s');
        $history->to_savepoint($w->{tx});
    }
);
my @kinds = ((sort keys %do), qw(insert insert insert update update rename rename delete));

sub end ($w, $how = chance(4) ? 'commit' : 'rollback') {
    execute($w, $how);
    $history->commit($w->{tx}) if $how eq 'commit';
    return delete $w->{tx};
}

sub write_something {
    my $w = one_of(@writers);
    return end($w) if $w->{tx} && !chance(4);
    if (!$w->{tx}) {
        execute($w, 'begin');
        $w->{tx} = $history->begin;
    }
    my $owner  = chance(4) ? $me : $they;
    my @usable = usable($w, $owner);
    my @there  = grep { defined $history->seen($w->{tx},  $owner, $_) } @usable;
    my @free   = grep { !defined $history->seen($w->{tx}, $owner, $_) } @usable;
    $do{ one_of(@kinds) }->($w, $owner, \@there, \@free);
    return end($w) if chance(2);    # the others stay open, for rounds perhaps
    return;
}

sub settle {
    end($_) for grep { $_->{tx} } @writers;
    return;
}

# Expires all marks.
my $truncated = 0;

sub empty {
    settle();
    execute($writers[0], "truncate $table");
    my $tx = $history->begin;
    for my $owner ($me, $they) { $history->set($tx, $owner, $_, undef) for $history->ids($owner) }
    return $truncated = $history->commit($tx);
}

# What a pass over all shows: every contact that nobody touched meanwhile exactly once, of the others only what they were.
my $fields = 'fields=id,username,name,email,phone';

sub check_pass ($pass, $q = undef) {
    my ($from, $to, %seen) = ($pass->{from}, $history->now);
    my $what = "$pass->{what} of steps $from to $to";
    wrong("$what: $_") for @{ $pass->{wrong} };
    push @{ $seen{ $_->{id} } }, spelled($_) for @{ $pass->{contacts} };
    for my $id ($history->ids($me)) {
        my %may = map { (!defined $q || defined && found_by($_, $q) ? (spelled($_) => 1) : (none => 1)) }
            $history->values_between($me, $id, $from, $to);
        my @got  = @{ delete $seen{$id} // [] };
        my $once = !$history->touched($me, $id, $from, $to);
        wrong("$what: $id comes " . @got . ' times') if $once && @got != !$may{none} || $pass->{ordered} && @got > 1;
        wrong("$what: $id is $_, and may be " . join ' or ', sort keys %may) for grep { !$may{$_} } @got;
    }
    wrong("$what: $_ was never a contact of this person") for sort keys %seen;
    my @ids = map { $_->{id} } @{ $pass->{contacts} };
    wrong("$what: not in order: @ids") if $pass->{ordered} && "@ids" ne join ' ', sort { $a <=> $b } @ids;
    return;
}

# A client that keeps a copy: a pass over all, then changes.
my %copy = (of => {});

sub begin_sync {
    delete $copy{mark} if !chance(40);    # one that lost its mark starts over
    $copy{full} = !defined $copy{mark};
    $copy{of}   = {} if $copy{full};
    my $query = $copy{full} ? one_of("?$fields", "?order=id&$fields", "?order=name&$fields") : "?sync=$copy{mark}&$fields";
    $copy{before} = { %{ $copy{of} } };
    return begin_pass($copy{full} ? "a whole pass $query" : 'a pass of changes', $query);
}

sub check_sync ($pass) {
    return expired($pass) if $pass->{status} == 410 && !$copy{full} && $copy{from} < $truncated;
    my ($from, $to, %times) = ($pass->{from}, $history->now);
    my $what = "$pass->{what} of steps $from to $to" . ($copy{full} ? '' : ", after step $copy{from}");
    return wrong("$what: status $pass->{status}: " . $pass->{answer}->body)          if $pass->{status} != 200;
    return wrong("$what: a mark of before step $truncated, which emptied the table") if !$copy{full} && $copy{from} < $truncated;
    return wrong("$what: no mark at its end") unless defined $pass->{mark};
    wrong("$what: $_") for @{ $pass->{wrong} };
    for (@{ $pass->{contacts} }) {
        my %contact = %$_;
        my $id      = delete $contact{id};
        my $gone    = delete $contact{deleted};
        $times{$id}++;
        $copy{of}{$id} = $gone ? undef : \%contact;
        wrong("$what: deleted, and more: $id") if $gone            && %contact;
        wrong("$what: $id comes twice")        if $times{$id} == 2 && !$copy{full};
        wrong("$what: $id did not change")     if !$copy{full}     && !$history->touched($me, $id, $copy{from}, $to);
    }
    my %known = map { $_ => 1 } $history->ids($me);
    wrong("$what: $_ was never a contact of this person") for grep { !$known{$_} } sort keys %{ $copy{of} };
    for my $id (sort keys %known) {
        my @may =
            $history->touched($me, $id, $from, $to)
            ? ($history->values_between($me, $id, $from, $to), $copy{before}{$id})
            : $history->value($me, $id, $from);
        my $is = spelled($copy{of}{$id});
        wrong("$what: the copy has of $id: $is, not: " . join ' or ', map { spelled($_) } @may)
            unless grep { spelled($_) eq $is } @may;
    }
    @copy{qw(mark from)} = ($pass->{mark}, $from);
    return;
}

my $expiries = 0;

sub expired ($pass) {
    wrong('410 without sync_expired: ' . $pass->{answer}->body) if $pass->{answer}->json->{error} ne 'sync_expired';
    $expiries++;
    return delete $copy{mark};
}

sub begin_pass ($what, $query, %o) {
    my $most = 1 + chance(9);
    return $reader->pass($query, limit => sub { 1 + chance($most) }, what => $what, from => $history->now, %o);
}

# The next page of a pass; true where there is none any more.
sub go_on ($pass) {
    my $got = $pass->page;
    trace("$pass->{what}: $pass->{status}, " . ($got ? join ' ', map { $_->{id} . ($_->{deleted} ? '-' : '') } @$got : 'nothing'));
    return $pass->ended || !$got;
}

sub round {
    my $q     = one_of(qw(a an bo z bobby1 carla));
    my @going = (
        [ \&check_pass,                          begin_pass('by id',         "?$fields", ordered => 1) ],
        [ \&check_pass,                          begin_pass('by name',       "?order=name&$fields") ],
        [ sub ($pass) { check_pass($pass, $q) }, begin_pass("found by '$q'", "?q=$q&$fields") ],
        [ \&check_sync,                          begin_sync() ]
    );
    while (@going) {
        write_something() for 1 .. chance(4);
        my $n = chance(scalar @going);
        next unless go_on($going[$n][1]);
        my ($check, $pass) = @{ splice @going, $n, 1 };
        $check->($pass);
    }
    return;
}

# As psql shows it.
sub row ($contact) {
    return join '|', map { $contact->{$_} // '' } qw(username name email phone);
}

# When all is quiet: the server's set, by SQL, and the order of names.
sub quiet {
    settle();
    my $what = 'with nothing under way';
    my %is   = map { my ($id, @is) = split /\|/, $_, -1; ($id => join '|', @is) }
        split /\n/, $site->sql("select id, username, name, email, phone from directory.contact where owner_id = $me");
    my %read = map { $_->{id} => row($_) } @{ begin_pass($what, "?$fields")->run->{contacts} };
    is_deeply \%read, \%is, "CT-2: the pages are the server's set" or wrong('pages differ');
    check_sync(begin_sync()->run);
    check_sync(begin_sync()->run) if !defined $copy{mark};
    my %have = map { $_ => row($copy{of}{$_}) } grep { $copy{of}{$_} } keys %{ $copy{of} };
    is_deeply \%have, \%is, 'CT-6: the copy is the server\'s set' or wrong('the copy differs');
    my $sorted = $site->sql(
        "select coalesce(string_agg(id::text, ' ' order by coalesce(name, username, email) collate directory.ignoring, id), '')
        from directory.contact where owner_id = $me and coalesce(name, username, email) is not null"
    );
    is join(
        ' ',
        map      { $_->{id} }
            grep { defined($_->{name} // $_->{username} // $_->{email}) }
            @{ begin_pass($what, "?order=name&$fields")->run->{contacts} }
        ),
        $sorted, 'CT-5: in the order of names'
        or wrong('another order');
    return;
}

note "POSTERN_SEED=$seed";
for my $n (1 .. $rounds) {
    trace("round $n");
    @trace = @trace[ -200 .. -1 ] if @trace > 400;
    eval { round(); 1 } or wrong("round $n: $@");
    quiet() if !($n % 25);
    empty() if !($n % 40);
    last    if @wrong;
}
is "@wrong", '', "CT-2, CT-6: $rounds rounds (POSTERN_SEED=$seed)";
cmp_ok $expiries, '>', 0, 'CT-6: marks of before the table was emptied have ended' if $rounds >= 100;

# And with writers that truly run beside the reader: no model knows what it sees on the way, but at the end it has what there is.
settle();
my $many = 60 + $rounds;
my $busy = sub ($n) {
    return "select setseed($n / 10.0);
        do \$\$
        declare a integer; b integer;
        begin
            for i in 1 .. $many loop
                a := 1000 + random() * 30;
                b := a + 1 + random() * 3;
                insert into $table (owner_id, id, name) values ($me, a, 'anna ' || i)
                    on conflict (owner_id, id) do update set name = 'zora ' || i || ' of $n';
                if random() < 0.3 then
                    delete from $table where owner_id = $me and id = b;
                elsif random() < 0.5 then
                    update $table set phone = i where owner_id = $me and id = b;
                end if;
                if random() < 0.3 then perform pg_sleep(random() * 0.01); end if;
                if random() < 0.2 then rollback; else commit; end if;
            end loop;
        end \$\$"
};
my %mirror;

sub follow ($mark) {
    my $pass = $reader->pass(defined $mark ? "?sync=$mark&$fields" : "?$fields", limit => sub { 1 + chance(20) })->run;
    die "status $pass->{status}\n" if $pass->{status} != 200;
    $mirror{ $_->{id} } = $_->{deleted} ? undef : $_ for @{ $pass->{contacts} };
    return $pass->{mark};
}
my $mark   = follow(undef);
my $passes = 0;
my @busy   = map { $writers[$_]{session}->begin($busy->($_ + 1)) } 0 .. $#writers;
my $still  = sub { $site->sql("select count(*) from pg_stat_activity where query like 'do %zora%' and state = 'active'") };
do { $mark = follow($mark) for 1 .. 5; $passes += 5 } while $still->();
$_->lines for @busy;
$mark = follow($mark);
my $is     = join "\n", map { spelled($mirror{$_}) . " $_" } sort { $a <=> $b } grep { defined $mirror{$_} } keys %mirror;
my $should = join "\n", map { my ($id, %c) = split /\|/, $_; spelled(\%c) . " $id" } split /\n/, $site->sql(
    "select concat_ws('|', id, 'username|' || username, 'name|' || name, 'email|' || email, 'phone|' || phone)
       from directory.contact where owner_id = $me order by id"
);
is $is, $should, 'CT-6: a copy that followed writers who ran beside it';
cmp_ok $passes, '>', 5, 'while they ran it was asked for changes';

$site->finish;
