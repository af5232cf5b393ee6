# SPDX-License-Identifier: ISC
# Every secret that a test has seen, to be looked for in every log (BT-4).
package Canary;
use v5.36;

use MIME::Base64 qw(decode_base64);

use Process qw(run);

my %seen;

# The words that are too short, or too common in a log, to tell anything.
sub add (@secrets) {
    for my $secret (grep { defined && length >= 10 } @secrets) {
        $seen{$_} = 1 for $secret, encoded($secret), binary($secret);
    }
    return;
}

# As a URL spells it.
sub encoded ($secret) { return $secret =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger }

# As PostgreSQL's log spells the random bytes in an opaque value: they may be known by their digest only.
sub binary ($secret) {
    my ($random) = $secret =~ /^pst[a-z]_[0-9]?.{0,22}?([A-Za-z0-9_-]{43})[A-Za-z0-9_-]{6}$/ or return;
    return unpack 'H*', decode_base64($random =~ tr{-_}{+/}r);
}

sub count { return scalar keys %seen }

sub among ($text) {
    return scalar grep { index($text, $_) >= 0 } keys %seen;
}

# "FILE:NUMBER:line" of each line that holds one, at most five of a file.  grep finds thousands of them at once.
sub found (@files) {
    my @there = grep {-e} @files or return;
    my $done  = run([ qw(grep -a -H -n -F -m 5 -f - --), @there ], env => { LC_ALL => 'C' }, stdin => join '',
        map {"$_\n"} sort keys %seen);
    die "grep: $done->{err}" if $done->{exit} > 1 || $done->{signal};
    return split /^/, $done->{out};
}

1;
