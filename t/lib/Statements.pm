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
        my ($kind) = $first =~ /^-- (script|(?:read|write)(?= \(|:))(?: \([a-z_.]+\))?: /;
        push @all, bless { name => $name, program => $program, kind => $kind, file => $file, sql => $sql, parameters => $most },
            __PACKAGE__;
    }
    return @all;
}

# What must have run in its session before it: the scripts that make an import's temporary tables.
sub before ($self, @all) {
    my ($way) = $self->{name} =~ /^import_(people|contacts|bad|counts)(?:_|\z)/ or return '';
    $way = 'contacts' unless $way eq 'people';
    my %script = map { $_->{name} => $_->{sql} } grep { $_->{kind} eq 'script' } @all;
    my $stage  = $script{"import_${way}_stage"};
    return '' if $self->{name} =~ /_stage\z/;
    return $self->{name} =~ /_(?:copy|judge)\z/ ? $stage : $stage . $script{"import_${way}_judge"};
}

# The database role that executes it: the tool runs its hourly maintenance as one of its own, and tries a hook-up as the owner; what is
# every server's, one of them.
sub role ($self) {
    return $1 if $self->{name} =~ /^(maintain|hookup)_/;
    return $self->{program} eq 'db' ? 'contacts' : $self->{program};
}

# What a worker's connection is opened with.
sub worker_options {
    my ($options) = join('', Site::lines("$Run::source/fcgi/db/connection.c")) =~ /SESSION\[\] =\s*((?:"[^"]*"\s*)+);/;
    return join '', $options =~ /"([^"]*)"/g;
}

# "(null, null)", or nothing where there is no parameter.
sub nulls ($self) { return $self->{parameters} ? '(' . join(', ', ('null') x $self->{parameters}) . ');' : ';' }

1;
