# SPDX-License-Identifier: ISC
# The programs' tables of routes, read from their sources, so that a test which walks all endpoints forgets none.
package Routes;
use v5.36;

use Run;

my %form = (
    page_error    => 'page', answer_oauth_error => 'json',    profile_refused => 'json',
    check_refused => 'json', contacts_refused   => 'problem', answer_problem  => 'problem'
);

# { program, path, name (the path, with ":82" before it where :81 has the same), methods => [GET, POST], form => page, json or problem: of its refusals, cors => scripts of other pages may read
# its answers, asked => nginx asks it for itself: it has no address }, ...
sub all {
    my $conf   = join '', map { slurp($_) } glob "$Run::source/nginx/*.conf.in";
    my @routes = map { of($_) } qw(authorize token contacts);
    $_->{asked} = $conf !~ m!^location (?:=|\^~) \Q$_->{path}\E \{!m for @routes;
    $_->{path} =~ s{(?<=.)/$}{/1} for @routes;    # a path that ends so goes on
    my %first = map { $_->{path} => $_ } reverse @routes;
    $_->{name} = ($first{ $_->{path} } == $_ ? '' : ':82') . $_->{path} for @routes;
    return @routes;
}

# Those that a client can reach.
sub reachable {
    return grep { !$_->{asked} } all();
}

sub of ($program) {
    my @routes;
    for (slurp("$Run::source/fcgi/$program/routes.c") =~ /^\t(\{ "\/.*)/mg) {
        my ($path, $methods, $refused) = /^\{ "([^"]*)", ([A-Z_| ]+), \w+, (\w+) \}/ or die "routes.c of $program: $_\n";
        push @routes, {
            program => $program, path => $path, methods => [ grep {/^(?:GET|POST)$/} split / \| /, $methods ],
            form => $form{$refused} // die("$path: unknown form: $refused\n"), cors => scalar($methods =~ m{CORS})
        };
    }
    return @routes;
}

sub slurp ($file) {
    open my $in, '<', $file or die "$file: $!\n";
    local $/ = undef;
    return readline $in;
}

1;
