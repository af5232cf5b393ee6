# SPDX-License-Identifier: ISC
# Processor time of whole groups of processes, as the kernel counts it.
package Cpu;
use v5.36;

sub children ($pid) {
    open my $in, '<', "/proc/$pid/task/$pid/children" or return;
    return split / /, readline($in) // '';
}

# Nanoseconds of a process and of its living children, and of the dead ones that it has waited for (in steps of 10 ms).  A child that is
# waited for in between is counted once.
sub of ($pid) {
    my ($dead, $sum);
    do {
        $dead = $sum = dead($pid);
        for my $one ($pid, children($pid)) {
            open my $in, '<', "/proc/$one/schedstat" or next;
            $sum += (split / /, readline($in) // 0)[0];
        }
    } while dead($pid) != $dead;
    return $sum;
}

sub dead ($pid) {
    open my $in, '<', "/proc/$pid/stat" or return 0;
    my @field = split / /, readline($in) =~ s/^.*\) //r;
    return ($field[13] + $field[14]) * 1e7;
}

1;
