# SPDX-License-Identifier: ISC
# The comment at the head of each statement tells the truth: every parameter and every column is in it, and no other parameter.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Site;
use Statements;

my $site       = Site->new(programs => []);
my @statements = Statements::all();

# The part of it that says which rows come.
sub rows_of ($head) { return $head =~ /((?:One row|A row|No parameter).*)\z/s ? $1 : '' }

my $columns = 0;
for my $s (@statements) {
    my ($head) = join('', Site::lines($s->{file})) =~ /\A((?:--[^\n]*\n)*)/;
    my %named = map { $_ => 1 } $head =~ /\$([0-9]+)/g;
    is join(' ', sort { $a <=> $b } keys %named), join(' ', 1 .. $s->{parameters}), "$s->{program} $s->{name}: its parameters";
    next if $s->{kind} eq 'script';
    my $sql     = $s->{sql} =~ s/\$[0-9]+/null/gr =~ s/;\s*\z//r;
    my @columns = map { (split /\|/)[0] } split /\n/, $site->sql($s->before(@statements) . "$sql \\gdesc");
    my $rows    = rows_of($head);
    is join(' ', grep { $rows !~ /\b\Q$_\E\b/ } @columns), '', "$s->{program} $s->{name}: its columns";
    $columns += @columns;
}
cmp_ok $columns, '>', @statements, 'the columns are there';

$site->finish;
