# SPDX-License-Identifier: ISC
# The statements of the programs, as the .sql files hold them.
package Statements;
use v5.36;

use Run;

# [ { name, program, kind, sql, parameters }, ... ]; the program is the folder.
sub all {
    my @all;
    for my $file (sort glob "$Run::source/fcgi/*/*.sql") {
        my ($program, $name) = $file =~ m{([^/]+)/([^/]+)\.sql$};
        open my $in, '<', $file or die "$file: $!\n";
        my ($first, @lines) = readline $in;
        my $sql    = join '', grep { !/^\s*--/ } @lines;
        my ($most) = sort { $b <=> $a } 0, $sql =~ /\$([0-9]+)/g;
        my ($kind) = $first =~ /^-- (read|write)(?: \([a-z_.]+\))?: /;
        push @all, bless {
            name => $name, program => $program, kind => $kind, file => $file, sql => $sql, parameters => $most
        }, __PACKAGE__;
    }
    return @all;
}

# The database role that executes it: the tool runs its hourly maintenance as one of its own; what is every server's, one of them.
sub role ($self) {
    return $self->{name} =~ /^maintain_/ ? 'maintain' : $self->{program} eq 'db' ? 'contacts' : $self->{program};
}

# "(null, null)", or nothing where there is no parameter.
sub nulls ($self) { return $self->{parameters} ? '(' . join(', ', ('null') x $self->{parameters}) . ');' : ';' }

1;
