# SPDX-License-Identifier: ISC
# The HTTPS client of a machine (Machine.pm): its curl, run in it.  What is asked goes by stdin, not by the list of arguments.
package Curl;
use v5.36;

use parent 'Https';
use Response;

# machine => a Machine, host => NAME:PORT, ca => FILE in the machine.
sub new ($class, %o) { return bless {%o}, $class }

# Comes back with the answer, to be read at once or later.
sub send ($self, $method, $target, $headers = {}, $body = undef) {
    my @config = (
        [ url => "https://$self->{host}$target" ], [ request => $method ], [ cacert => $self->{ca} ], [ 'max-time' => 30 ],
        (map { [ header => "$_: $headers->{$_}" ] } grep { defined $headers->{$_} } sort keys %$headers),
        defined $body ? [ 'data-raw' => $body ] : ()
    );
    my $done = $self->{machine}->run_inside([qw(curl -q -sS --http1.1 --include --raw --globoff -K -)], stdin => config(@config));
    die "curl of $method https://$self->{host}: $done->{err}" if $done->{exit};
    return bless { answer => Response->parse($done->{out}, $method) }, 'Curl::Answered';
}

# Pairs as curl reads them.
sub config (@pairs) {
    return join '', map { my ($name, $value) = @$_; sprintf qq(%s = "%s"\n), $name, $value =~ s/(["\\])/\\$1/gr } @pairs;
}

package Curl::Answered;
use v5.36;

sub answer ($self) { return $self->{answer} }

1;
