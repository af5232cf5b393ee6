# SPDX-License-Identifier: ISC
# The tree itself: what the house style forbids, and the lists that stand in two places and must agree.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Find qw(find);
use Test::More;

use Process qw(run);
use Run;
use Statements;

chdir $Run::source or die "$Run::source: $!\n";
my @files;
find(
    { no_chdir => 1, wanted => sub { push @files, s{^\./}{}r if -f && -T _ && !m{/\.deps/} } },
    grep {-e} qw(fcgi nginx pages migrations systemd t bin doc bench README Makefile.am configure.ac autogen.sh .ci)
);
@files = sort @files;
my @c = grep {m{^(?:fcgi|t|bench)/.*\.[ch]$}} @files;

sub lines ($file) { open my $in, '<', $file or die "$file: $!\n"; return readline $in }

sub text ($file) { return join '', lines($file) }

# All matches of a pattern, as FILE:LINE: text.
sub found ($pattern, @in) {
    my @found;
    for my $file (@in) {
        my $n = 0;
        for my $line (lines($file)) {
            $n++;
            push @found, "$file:$n: $line" if $line =~ $pattern;
        }
    }
    return join '', @found;
}

cmp_ok scalar @c, '>', 50, 'the sources are there';
my $calls = join '|',
    qw(strcpy strncpy strcat strncat sprintf vsprintf gets atoi atol atoll strtok system popen tmpnam mktemp alloca signal_r);
is found(qr/\b(?:$calls)\s*\(/, @c), '', 'none of the calls that we do without';
is found(qr/\bgoto\b/,          grep {m{^fcgi/(?:oauth|authorize|token|contacts|html)/}} @c), '', 'no goto in a handler';
is found(qr/\b(?:malloc|calloc|realloc|free)\s*\(/, grep {m{^fcgi/(?:oauth|authorize|token|contacts)/}} @c), '',
    'no malloc and free there';
is found(qr/\btypedef\b/, grep {m{^fcgi/}} @c), '', 'no typedef';
my ($todo, $mirror) =
    ('\b(?:TO' . 'DO|FIX' . 'ME|X' . 'XX|HA' . 'CK)\b', 'https?://[^ )"]*(?:regis' . 'try|arti' . 'factory|mir' . 'ror)');
is found(qr/$todo/,                             grep { !m{^doc/} } @files),             '', 'nothing left for later';
is found(qr/$mirror/,                           @files),                                '', 'no host of a package mirror';
is found(qr{(?:^|[^a-z.])/(?:work|home|root)/}, grep { !m{^(?:doc|systemd)/} } @files), '', 'no path of one machine';
is found(qr/\bsleep\b *\(?[0-9.]/,              grep {/\.t$/} @files),                  '', 'no test sleeps';
is found(qr/[ \t]+$/, grep {/\.(?:c|h|sql|t|pm|def|awk|in)$/} @files),                  '', 'no blanks at the end of a line';

# Head lines.
my %head = (
    c    => qr{^/\* SPDX-License-Identifier: ISC \*/\n/\* \S}, h => qr{^/\* SPDX-License-Identifier: ISC \*/\n/\* \S},
    pm   => qr{^# SPDX-License-Identifier: ISC\n# \S}, t => qr{^# SPDX-License-Identifier: ISC\n# \S}, sql => qr{^-- \S},
    conf => qr/^# SPDX-License-Identifier: ISC\n# \S/
);
for my $end (sort keys %head) {
    my @bad = grep { text($_) !~ $head{$end} } grep {/\.\Q$end\E(?:\.in|\.example)?$/} @files;
    is "@bad", '', "every .$end file begins with its head lines";
}
is join(' ', map { $_->{file} } grep { !$_->{kind} } Statements::all()), '', 'every statement is a read, a write or a script';
is join(' ', map { $_->{name} } grep { $_->{kind} eq 'read' && $_->{sql} =~ /\b(?:insert|update|delete)\b/i } Statements::all()),
    '',
    'and a read changes nothing';

# Each .h compiles alone, from whatever folder.
my @flags = split ' ', run([qw(pkg-config --cflags libpq json-c libcrypto libcrypt)])->{out};
my @alone = ($ENV{CC} // 'cc', qw(-std=gnu11 -fsyntax-only -Wall -x c), "-I$Run::source/fcgi", "-I$Run::build", @flags);
my $built = run([ @alone, map {"$Run::source/$_"} grep {m{^fcgi/.*\.h$}} @c ]);
is $built->{exit}, 0, 'each .h compiles alone' or diag $built->{err};
my @up = map {
    my $file = $_;
    my ($own) = $file =~ m{^fcgi/([^/]+)/};
    grep {defined} map { m{^#include "([a-z]+)/} && above($1, $own) ? "$file includes $1/" : undef } lines($file)
} grep {m{^fcgi/}} @c;
is "@up", '', 'includes point down only';

# The floors of doc/architecture.md's table, which has the ground at its end; the programs share the top, and never include each other.
sub above ($included, $own) {
    state %floor;
    if (!%floor) {
        my @rows = reverse grep {m{^\| `[a-z]+/`}} lines('doc/architecture.md');
        for my $n (0 .. $#rows) { $floor{$_} = $n for (split /\|/, $rows[$n])[1] =~ m{`([a-z]+)/`}g }
    }
    return $included ne $own && $floor{$included} >= $floor{$own};
}

# Errors: each has a step for the administrator.
my @errors = text('fcgi/http/error.def') =~ /^ERROR\((\w+)/mg;
my @steps  = text('fcgi/admin/why.def')  =~ /^WHY\((\w+)/mg;
is join(' ', sort @steps), join(' ', sort @errors), 'why.def has a step for each error, and no other';
my %command = map { $_ => 1 } text('fcgi/admin/postern.c') =~ /^\t\{ "([a-z -]+)",/mg;
is join(', ', grep { !$command{$_} } text('fcgi/admin/why.def') =~ /\\"postern ((?:client|scope|user) [a-z-]+|[a-z]+)/g),
    '', 'and names no command that does not exist';

# Settings: the table, the manual, the sample.
my @settings = text('fcgi/server/settings.def') =~ /"(POSTERN_[A-Z_]+)"/g;
my @manual   = text('doc/man/postern.7')        =~ /^\.It Ev (POSTERN_[A-Z_]+)/mg;
is join(' ', sort @manual), join(' ', sort @settings), 'postern(7) has every setting, and no other';
my %known = map  { $_ => 1 } @settings;
my @alien = grep { !$known{$_} } map { text($_) =~ /\b(POSTERN_[A-Z_]+)=/g } grep {m{^systemd/}} @files;
is "@alien", '', 'the units and the sample name no setting that does not exist';

# nginx's locations, the programs' tables, the README's picture: the same addresses.
sub routes    ($program) { return text("fcgi/$program/routes.c") =~ /\{ "(\/[^"]*)",/g }
sub locations ($host) { return text("nginx/postern-$host.conf.in") =~ m%^location (?:= |\^~ (?=/\S*/ ))(/(?!\.postern_)\S*) \{%mg }
my @asked  = map { text($_) =~ /fastcgi_param SCRIPT_NAME +(\/\S+);/g } glob 'nginx/postern-protect-*.conf.in';
my @readme = map { m{(?:─ postern-(?:authorize|token|contacts)|│) +((?:/\S* ?)+)$} ? split ' ', $1 : () } lines('README');
is join(' ', sort(locations('authorization'), @asked)), join(' ', sort(routes('authorize'), routes('token'))),
    'nginx\'s :81, what protects, and the programs agree';
is join(' ', sort(locations('contacts'))), join(' ', sort(routes('contacts'))), 'and so do :82 and postern-contacts';
is join(' ', sort @readme), join(' ', sort grep { $_ ne '/style.css' } map { routes($_) } qw(authorize token contacts)),
    'the README names them all';
my $tests = join '', map { text($_) } grep {m{^t/40-.*\.t$}} @files;
is join(' ', grep { index($tests, "'$_") < 0 && index($tests, "\"$_") < 0 } map { routes($_) } qw(authorize token contacts)), '',
    'and each has a test';

# Each test of a whole site ends with the harness's own tests.
my @unfinished = grep { my $t = text($_); $t =~ /Site->new/ && $t !~ /^\$site->finish;\n\z/m } grep {m{^t/[1-9][^/]*\.t$}} @files;
is "@unfinished", '', 'every test of a site ends with the harness\'s own';
is found(qr/\b(?:skip_all|todo_skip)\b|\bskip\s*\(/, grep { m{^t/[^/]*\.t$} && !m{00-tree} } @files), '', 'no test is skipped';

done_testing;
