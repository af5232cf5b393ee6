# SPDX-License-Identifier: ISC
# The forms in an HTML page.
package Page;
use v5.36;

my %entity = (amp => '&', lt => '<', gt => '>', quot => '"', '#39' => q('), '#x27' => q('));

sub unescape ($text) { return $text =~ s/&(#?\w+);/$entity{$1} \/\/ "&$1;"/ger }

# The attributes of a tag; one without value is ''.
sub attributes ($tag) {
    my %value;
    while ($tag =~ /([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/gi) {
        $value{ lc $1 } = unescape($2 // $3 // $4 // '');
    }
    return \%value;
}

# [ { action, method, fields => { name => value }, buttons => [ [ name, value ], ... ] }, ... ]
sub forms ($html) {
    my @forms;
    while ($html =~ m{<form\b([^>]*)>(.*?)</form>}gs) {
        my ($head, $inside) = (attributes($1), $2);
        my %form = (action => $head->{action}, method => uc($head->{method} // 'GET'), fields => {}, buttons => []);
        while ($inside =~ m{<(input|button)\b([^>]*)>}g) {
            my ($kind, $a) = ($1, attributes($2));
            next unless defined $a->{name};
            my $is_button = $kind eq 'button' || ($a->{type} // '') eq 'submit';
            push @{ $form{buttons} }, [ $a->{name}, $a->{value} // '' ] if $is_button;
            $form{fields}{ $a->{name} } = $a->{value} // '' unless $is_button;
        }
        push @forms, \%form;
    }
    return \@forms;
}

# The words that a person reads.
sub text ($html) { return unescape($html =~ s/<[^>]*>/ /gr) =~ s/\s+/ /gr }

1;
