# SPDX-License-Identifier: ISC
# Counts the password hashes that the programs of a site compute, by scheme and cost; and the hashes that frameworks made.
package Hashes;
use v5.36;

use File::Temp qw(tempdir);
use Process    qw(run);
use Run;

# What all hashes of t/passwords are made of.
our $password = "Grüße, Ω-Passwort 1";
utf8::decode($password);

sub new ($class) {
    my $dir  = tempdir('hashesXXXX', DIR => Run::dir(), CLEANUP => 1);
    my $done = run([ $ENV{CC} // 'cc', qw(-O1 -shared -fPIC -o), "$dir/count.so", "$Run::source/t/passwords/count.c" ]);
    die $done->{err} if $done->{exit};
    return bless { dir => $dir }, $class;
}

# The settings of a site whose hashes are counted.
sub settings ($self) {
    return (
        LD_PRELOAD   => "$self->{dir}/count.so", HASH_CALLS => "$self->{dir}/calls",
        ASAN_OPTIONS => join ':', $ENV{ASAN_OPTIONS} // (), 'verify_asan_link_order=0'
    );
}

# Those since the last look, separated by commas.
sub calls ($self) {
    open my $in, '<', "$self->{dir}/calls" or return '';
    chomp(my @calls = readline $in);
    close $in;
    unlink "$self->{dir}/calls" or die $!;
    return join ', ', @calls;
}

# Of t/passwords/FILE: the columns of each line.
sub lines ($file) {
    open my $in, '<', "$Run::source/t/passwords/$file" or die "t/passwords/$file: $!\n";
    return map { [ split /\t/, s/\n\z//r ] } grep { !/^#/ } readline $in;
}

1;
