# SPDX-License-Identifier: ISC
# doc/conformance.md and the tests agree: each promise has its tests, each test that it names is there, and each number that a test
# names is one of its promises.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Run;

sub text ($file) {
    open my $in, '<', "$Run::source/$file" or return;
    local $/ = undef;
    return readline $in;
}

# The lines of the tables: { line, number, promise, source, tests }.
sub promises ($text) {
    my ($n, @promises) = (0);
    for (split /\n/, $text) {
        $n++;
        my @cells = /^\| (.*)\|$/ ? map {s/^ +| +$//gr} split /\|/, $1, -1 : next;
        next if $cells[0] =~ /^(?:number|---)$/;
        push @promises,
            {
            line  => $n, number => $cells[0], promise => $cells[1], source => $cells[2], tests => $cells[3],
            cells => scalar @cells
            };
    }
    return @promises;
}

my $number  = qr/\b[A-Z]{2}-[0-9]+\b/;
my $section = qr/[0-9]{4} [0-9]+(?:\.[0-9]+)*/;
my %rfc     = map { $_ => 1 } qw(6350 6749 6750 7009 7617 7636 7662 8252 8414 8628 8707 9110 9126 9207 9457 9700 9728);

# What is wrong with the list, given what a file of t/ holds (undef: there is none) and which numbers the tests name.
sub wrong ($text, $file, %named) {
    my (@wrong, %known, %proved);
    for my $p (promises($text)) {
        my $at = "line $p->{line} ($p->{number})";
        push @wrong, "$at: four cells" and next     if $p->{cells} != 4;
        push @wrong, "$at: no number"               if $p->{number}  !~ /^$number$/;
        push @wrong, "$at: no promise"              if $p->{promise} !~ /^\S.*[.]$/;
        push @wrong, "$at: no source: $p->{source}" if $p->{source}  !~ /^(?:ours|$section(?:, $section)*)$/;
        push @wrong, "$at: unknown RFC $_" for grep { !$rfc{$_} } $p->{source} =~ /\b([0-9]{4}) /g;
        push @wrong, "$at: no test" if $p->{tests}                             !~ /\S/;
        $known{ $p->{number} } = 1;

        for (split /<br>/, $p->{tests}) {
            my ($name, $words) = m{^`((?:root/)?[0-9]{2}-[a-z0-9-]+\.t|unit/[a-z_]+\.c|lib/[A-Z][a-z]+\.pm)` (\S.{3,})$};
            push @wrong, "$at: not of the form `FILE` WORDS: $_" and next unless defined $words;
            my $content = $file->($name);
            push @wrong, "$at: there is no t/$name" and next unless defined $content;
            push @wrong, "$at: t/$name has no test with: $words" if index($content, $words) < 0;
            $proved{ $p->{number} } = 1 if $content =~ /\b\Q$p->{number}\E\b/;
        }
    }
    push @wrong, "$_: none of its tests names it"          for grep { !$proved{$_} } sort keys %known;
    push @wrong, "$_: named in $named{$_}, and no promise" for grep { !$known{$_} } sort keys %named;
    return @wrong;
}

# The numbers that stand in the tests.
my (%named, %content);
for my $path (sort glob("$Run::source/t/*.t"), glob("$Run::source/t/root/*.t"), glob("$Run::source/t/unit/*.c"),
    glob("$Run::source/t/lib/*.pm"))
{
    my ($name) = $path =~ m{/t/(.*)$};
    next if $name eq '00-conformance.t';
    $content{$name} = text("t/$name");
    $named{$_} //= "t/$name" for $content{$name} =~ /$number/g;
}
my $file = sub ($name) { $content{$name} };
my $list = text('doc/conformance.md');
cmp_ok scalar promises($list), '>', 100, 'doc/conformance.md has its tables';
is join("\n", wrong($list, $file, %named)), '', 'each promise has its tests, and each number in a test its promise';

# doc/security.md goes through all of RFC 9700, and leans on promises only.
my $walk  = text('doc/security.md');
my %known = map { $_->{number} => 1 } promises($list);
is join(' ', grep { !$known{$_} } $walk =~ /$number/g), '', 'doc/security.md names no number that is no promise';
my @sections = $walk =~ /^\*\*([24]\.[0-9]+(?:\.[0-9]+)?) /mg;
is "@sections", join(' ', qw(2.1 2.1.1 2.1.2), (map {"2.$_"} 2 .. 6), map {"4.$_"} 1 .. 17),
    'and goes through RFC 9700 in its order';

# This test itself can fail: one thing is spoiled at a time.
my $row = '| XX-1 | A promise. | 9700 4.13 | `40-x.t` the words |';
for (
    [ 'all is well',              $row,                                                      undef ],
    [ 'no test',                  '| XX-1 | A promise. | 9700 4.13 |  |',                    'no test' ],
    [ 'a file that is not there', '| XX-1 | A promise. | ours | `40-y.t` the words |',       'there is no t/40-y.t' ],
    [ 'words that are not there', '| XX-1 | A promise. | ours | `40-x.t` other words |',     'no test with: other words' ],
    [ 'a number of no test',      "$row\n| XX-2 | A promise. | ours | `40-x.t` the words |", 'none of its tests names it' ],
    [ 'a number of no promise',   '',                                                        'named in t/40-x.t, and no promise' ],
    [ 'no source',                '| XX-1 | A promise. |  | `40-x.t` the words |',           'no source' ],
    [ 'no such RFC',              '| XX-1 | A promise. | 9999 1 | `40-x.t` the words |',     'unknown RFC 9999' ],
    [ 'no section',               '| XX-1 | A promise. | 9700 | `40-x.t` the words |',       'no source' ],
    [ 'a cell too few',           '| XX-1 | A promise. | `40-x.t` the words |',              'four cells' ],
    [ 'no form',                  '| XX-1 | A promise. | ours | t/40-x.t the words |',       'not of the form' ],
    )
{
    my ($case, $text, $expected) = @$_;
    my @wrong = wrong($text, sub ($name) { $name eq '40-x.t' ? "is 1, 1, 'XX-1: the words';" : undef }, 'XX-1' => 't/40-x.t');
    defined $expected ? like "@wrong", qr/\Q$expected\E/, "it would be seen: $case" : is "@wrong", '', $case;
}

done_testing;
