# SPDX-License-Identifier: ISC
# Who asks: wrk over TLS, or pgbench with the statement alone.  Both give { rate, p50, p99 (milliseconds), errors, done }.
package Generator;
use v5.36;

use Cluster;
use Process qw(program run);
use Run;

# url, file of requests, connections, seconds, once => each request of the file is sent once, bytes => that an answer has.
sub wrk (%o) {
    my $threads = 2;
    my $done    = run(
        [
            program('wrk'), "-t$threads", "-c$o{connections}", "-d$o{seconds}s", '-s', "$Run::source/bench/wrk.lua", $o{url}, '--',
            $o{file},
            $threads, $o{once} ? 'once' : 'again'
        ],
        seconds => $o{seconds} + 120
    );
    my ($count, $duration, $bytes, $errors, $p50, $p99) =
        $done->{out} =~ /^figures (.*)$/m
        ? split / /, $1
        : die "wrk: $done->{out}$done->{err}";
    die "wrk got no answer: $done->{out}\n" unless $count;
    return {
        done => $count, rate => $count / $duration * 1e6, p50 => $p50 / 1000, p99 => $p99 / 1000, errors => $errors,
        size => $bytes / $count
    };
}

# scripts ([ files ], each as often as another), database, user, settings (the workers' connection options), variables => { }, cluster, clients, dir; either seconds or
# count of transactions for each client.
sub pgbench (%o) {
    unlink glob "$o{dir}/pgbench.log.*";
    my @how  = $o{count} ? ('-t', $o{count}) : ('-T', $o{seconds});
    my $done = run(
        [
            Cluster::bindir() . '/pgbench', qw(-n -M prepared -c), $o{clients}, '-j', $o{clients}, @how, '-l',
            "--log-prefix=$o{dir}/pgbench.log",
            map({ ('-f', $_) } @{ $o{scripts} }), '-U', $o{user},
            map({ ('-D', "$_=$o{variables}{$_}") } sort keys %{ $o{variables} }), $o{database}
        ],
        env     => { $o{cluster}->env, PGOPTIONS => $o{settings} },
        seconds => 600
    );
    my ($rate)   = $done->{out} =~ /^tps = ([0-9.]+)/m or die "pgbench: $done->{out}$done->{err}";
    my ($failed) = $done->{out} =~ /^number of failed transactions: ([0-9]+)/m;
    my ($count)  = $done->{out} =~ m{^number of transactions actually processed: ([0-9]+)}m;
    my @times    = sort { $a <=> $b } map { times_of($_) } glob "$o{dir}/pgbench.log.*";
    return {
        done   => $count, rate => $rate, p50 => $times[ @times * 0.50 ] / 1000, p99 => $times[ @times * 0.99 ] / 1000,
        errors => $failed // 0
    };
}

# The third column is a transaction's microseconds.
sub times_of ($file) {
    open my $in, '<', $file or die "$file: $!\n";
    return map { (split / /)[2] } readline $in;
}

1;
