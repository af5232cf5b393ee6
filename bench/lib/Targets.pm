# SPDX-License-Identifier: ISC
# What the contacts API must reach: two measurements of one run, their ratio in each round, the median.
package Targets;
use v5.36;

use Report;

# What is said of it, the measurement and the one that it is compared with, how: its rate must be at least so much of the other's, or its
# time at most.
my @targets = (
    [ 'a page of 100 by the usual echo', [ 'page 100', 'product' ], [ 'page 100', 'usual' ],   'rate', 0.45 ],
    [ 'a page of 3 by /profile',         [ 'page 3',   'product' ], [ 'profile',  'product' ], 'rate', 0.90 ],
    [ 'a page of 3 by /check',           [ 'page 3',   'product' ], [ 'check',    'product' ], 'rate', 0.90 ],
    map({ [ "the last page by the first: $_", [ "$_ last", 'product' ], [ "$_ first", 'product' ], 'time', 1.10 ] }
        qw(id name q sync)),
    [ 'the slowest page by the first: q', [ 'q slowest', 'product' ], [ 'q first', 'product' ], 'time', 1.10 ],
    map({ [ "many contacts by few: $_", [ $_, 'product' ], [ $_, 'small' ], 'time', 1.15 ] } 'page 3', 'id 1000', 'name 1000',
        'q 1000', 'sync 100', 'sync 0'),
);

# Of the targets that were measured: { what, how, ratio, target, met, postgresql (its processor time likewise, of what asks it) }.
sub met ($measured) {
    my @met;
    for my $target (@targets) {
        my ($what, $one, $other, $how, $limit) = @$target;
        my ($a, $b) = map { $measured->{ $_->[0] }{ $_->[1] } } $one, $other;
        next unless $a && $b;
        my $median = sub ($ratio) {
            return Report::median(map { $ratio->($a->[$_], $b->[$_]) } 0 .. $#$a);
        };
        my $ratio = $median->(sub ($x, $y) { $how eq 'rate' ? $x->{rate} / $y->{rate} : $y->{rate} / $x->{rate} });
        my %met   = (what => $what, how => $how, ratio => $ratio, target => $limit);
        $met{met}        = $how eq 'rate' ? $ratio >= $limit : $ratio <= $limit;
        $met{postgresql} = $median->(sub ($x, $y) { $x->{cpu}{postgresql} / $y->{cpu}{postgresql} }) if $other->[1] ne 'usual';
        push @met, \%met;
    }
    return @met;
}

sub table ($measured) {
    my $out = sprintf "\n%-34s %6s %12s %17s\n", qw(target ratio shall_be PostgreSQL);
    for my $t (met($measured)) {
        my $cpu = $t->{postgresql} ? sprintf '%.2f', $t->{postgresql} : '';
        $out .= sprintf "%-34s %6.2f %4s %s %4.2f %-6s %10s\n", $t->{what}, $t->{ratio}, $t->{how},
            $t->{how} eq 'rate' ? '>=' : '<=',
            $t->{target}, $t->{met} ? '' : 'MISSED', $cpu;
    }
    return
        "$out\"ratio\" is of the rates, or of the times of a request; \"PostgreSQL\" of its processor time: medians of the rounds' ratios.\n";
}

1;
