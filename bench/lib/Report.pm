# SPDX-License-Identifier: ISC
# The figures of a run: medians of the rounds, and ratios, each taken within its round.
package Report;
use v5.36;

# Options, sides (a row may have some of them only), workers, { row => { side => [ figures of each round ] } }, the rows in their order.
sub new ($class, $options, $sides, $workers, $measured, @rows) {
    my $self = bless { options => $options, sides => $sides, workers => $workers, measured => $measured, rows => \@rows }, $class;
    return $self;
}

sub median (@values) {
    @values = sort { $a <=> $b } @values;
    return @values % 2 ? $values[ @values / 2 ] : ($values[ @values / 2 - 1 ] + $values[ @values / 2 ]) / 2;
}

# The rate of one side by that of another.
sub ratio ($self, $row, $one, $other) {
    my ($a, $b) = @{ $self->{measured}{$row} }{ $one, $other };
    return unless $a && $b;
    return median(map { $a->[$_]{rate} / $b->[$_]{rate} } 0 .. $#$a);
}

sub side ($self, $row, $side) {
    my @rounds = @{ $self->{measured}{$row}{$side} };
    my %out    = map {
        my $what = $_;
        $what => median(map { $_->{$what} } @rounds)
    } qw(rate p50 p99);
    $out{errors} += $_->{errors} for @rounds;
    my $worker = $side =~ /kept|usual|before|small/ ? $side : 'product';
    $out{cpu} = {
        nginx      => median(map { $_->{cpu}{nginx} } @rounds),
        worker     => median(map { $_->{cpu}{$worker} } @rounds),
        postgresql => median(map { $_->{cpu}{postgresql} } @rounds)
    };
    $out{of_it} = $self->ratio($row, 'product', $side);
    return \%out;
}

sub sides ($self, $row) {
    return grep { $self->{measured}{$row}{$_} } @{ $self->{sides} };
}

sub figures ($self) {
    my %rows;
    for my $row (@{ $self->{rows} }) {
        $rows{$row} = { map { $_ => $self->side($row, $_) } $self->sides($row) };
        $rows{$row}{kept_by_usual} = $self->ratio($row, 'kept', 'usual');
    }
    return { options => $self->{options}, workers => $self->{workers}, rows => \%rows, rounds => $self->{measured} };
}

sub table ($self) {
    my $figures = $self->figures;
    my $out     = sprintf "\n%-14s %-8s %9s %8s %8s %7s %8s   %s\n", 'row', 'side', 'per s', 'p50 ms', 'p99 ms', 'errors', 'ratio',
        'CPU us: nginx  worker  PostgreSQL';
    for my $row (@{ $self->{rows} }) {
        my @sides = $self->sides($row);
        for my $side (@sides) {
            my $f = $figures->{rows}{$row}{$side};
            $out .= sprintf "%-14s %-8s %9.0f %8.2f %8.2f %7d %8.2f   %13.1f %7.1f %11.1f\n",
                $side eq $sides[0] ? $row : '', $side,
                @$f{qw(rate p50 p99 errors)}, $f->{of_it} // 0, @{ $f->{cpu} }{qw(nginx worker postgresql)};
        }
        $out .= sprintf "%-14s kept/usual %7.2f\n", '', $_ for grep {defined} $figures->{rows}{$row}{kept_by_usual};
    }
    my $o = $self->{options};
    return
          $out
        . "\n$o->{rounds} rounds of $o->{seconds} s, $o->{connections} connections, $self->{workers} workers; the generator works on the same cores.\n"
        . "\"ratio\" is the product's rate by that of the side, the median of the rounds' ratios.\n";
}

1;
