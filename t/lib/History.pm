# SPDX-License-Identifier: ISC
# What the tables of contacts have held, as they were committed: a model that knows transactions, so that a test can say what a
# client may see.  Each commit is a step of time.
package History;
use v5.36;

# {of}{OWNER}{ID} = [ [ step, contact or undef ], ... ], oldest first.
sub new ($class) { return bless { now => 0, of => {} }, $class }

sub begin ($self) { return { change => {}, saved => [], touched => {} } }

sub key ($owner, $id) { return "$owner $id" }

# As the transaction sees it.
sub seen ($self, $tx, $owner, $id) {
    my $key = key($owner, $id);
    return exists $tx->{change}{$key} ? $tx->{change}{$key} : $self->value($owner, $id);
}

# undef deletes.
sub set ($self, $tx, $owner, $id, $contact) {
    my $key = key($owner, $id);
    $tx->{touched}{$key} = 1;
    return $tx->{change}{$key} = $contact;
}

sub savepoint ($self, $tx) { return push @{ $tx->{saved} }, { %{ $tx->{change} } } }

sub to_savepoint ($self, $tx) { return $tx->{change} = pop @{ $tx->{saved} } }

sub commit ($self, $tx) {
    my $step = ++$self->{now};
    for (keys %{ $tx->{change} }) {
        my ($owner, $id) = split / /;
        push @{ $self->{of}{$owner}{$id} }, [ $step, $tx->{change}{$_} ];
    }
    return $step;
}

sub now ($self) { return $self->{now} }

# Every id that this owner ever had.
sub ids ($self, $owner) {
    my @ids = sort { $a <=> $b } keys %{ $self->{of}{$owner} // {} };
    return @ids;
}

# The commits of a contact after that step and not after the other, latest first, and the last one before them.
sub commits ($self, $owner, $id, $after, $to = $self->{now}) {
    my @found;
    for my $commit (reverse @{ $self->{of}{$owner}{$id} // [] }) {
        next if $commit->[0] > $to;
        return $commit, @found if $commit->[0] <= $after;
        push @found, $commit;
    }
    return [ 0, undef ], @found;
}

# The last committed value, or that of a former step.
sub value ($self, $owner, $id, $step = $self->{now}) { return ($self->commits($owner, $id, $step, $step))[0][1] }

# Every value that was there at some time from one step to another.
sub values_between ($self, $owner, $id, $from, $to) {
    return map { $_->[1] } $self->commits($owner, $id, $from, $to);
}

# How many commits after that step, and not after the other, touched it.
sub touched ($self, $owner, $id, $after, $to = $self->{now}) {
    my @commits = $self->commits($owner, $id, $after, $to);
    return $#commits;
}

1;
