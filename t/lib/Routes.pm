# SPDX-License-Identifier: ISC
# The programs' tables of routes, read from their sources, so that a test which walks all endpoints forgets none.
package Routes;
use v5.36;

use Run;

my %form = (
    page_error       => 'page', answer_oauth_error => 'json', profile_refused => 'json',
    contacts_refused => 'problem', answer_problem  => 'problem'
);

# Those that clients and browsers reach (/check and /resource are asked by nginx alone):
# { program, path, methods => [GET, POST], form => page, json or problem: of its refusals }, ...
sub all {
    my @routes;
    for my $program (qw(authorize token contacts)) {
        open my $in, '<', "$Run::source/fcgi/$program/routes.c" or die "routes.c: $!\n";
        for (readline $in) {
            my ($path, $methods, $refused) = /\{ "(\/[^"]*)", ([A-Z_| ]+), \w+, (\w+) \}/ or next;
            next if $path =~ m{^/(?:check|resource)$};
            push @routes, {
                program => $program, path => $path, methods => [ grep {/^(?:GET|POST)$/} split / \| /, $methods ],
                form    => $form{$refused} // die "$path: unknown form: $refused\n"
            };
        }
    }
    return @routes;
}

1;
