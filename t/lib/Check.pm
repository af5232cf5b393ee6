# SPDX-License-Identifier: ISC
# Checks of whole answers, one line of a test each.
package Check;
use v5.36;

use Exporter 'import';
use Test::More;

our @EXPORT = qw(oauth_error problem page redirected challenge all_good);

# One test out of many conditions: [ what => true or false ], ...
sub all_good ($name, $answer, @conditions) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @wrong;
    while (my ($what, $good) = splice @conditions, 0, 2) {
        push @wrong, $what unless $good;
    }
    ok !@wrong, $name and return 1;
    diag 'not so: ', join '; ', @wrong;
    diag $answer->bytes =~ s/\A(.{0,2000}).*/$1/rs if $answer;
    return 0;
}

# What every answer carries.
sub common ($answer) {
    return ('has a request id' => ($answer->header('X-Request-Id') // '') =~ /^[0-9a-f]{32}$/, 'is whole' => !$answer->{short});
}

# What a machine's error looks like (RFC 6749 5.2).
sub oauth_error ($answer, $status, $error, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $json = eval { $answer->json } // {};
    return all_good(
        $name, $answer,
        common($answer),
        "status $status" => $answer->status == $status,
        "error $error"   => ($json->{error} // '') eq $error,
        'JSON'           => $answer->type eq 'application/json',
        'no-store'       => ($answer->header('Cache-Control') // '') =~ /\bno-store\b/,
        'its characters' => ($json->{error_description}       // '') =~ /\A[\x20-\x21\x23-\x5b\x5d-\x7e]*\z/,
        'Retry-After'    => $status !~ /^(?:429|503)$/ || ($answer->header('Retry-After') // '') =~ /^[1-9][0-9]*$/,
        'Allow'          => $status != 405 || defined $answer->header('Allow')
    );
}

# An error of /contacts (RFC 9457), with the code as an extension member.
sub problem ($answer, $status, $error, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $json = eval { $answer->json } // {};
    return all_good(
        $name, $answer,
        common($answer),
        "status $status"                => $answer->status == $status && ($json->{status} // 0) == $status,
        'error ' . ($error // '(none)') => ($json->{error} // '') eq ($error // ''),
        'problem+json'                  => $answer->type eq 'application/problem+json',
        'no-store'                      => ($answer->header('Cache-Control') // '') =~ /\bno-store\b/,
        'Retry-After'                   => $status !~ /^(?:429|503)$/ || ($answer->header('Retry-After') // '') =~ /^[1-9][0-9]*$/,
        'Allow'                         => $status != 405 || defined $answer->header('Allow')
    );
}

# A page for a person, with the headers of AZ-9 and SE-7; no script, no foreign address in it.
sub page ($answer, $status, $name, @conditions) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $csp = $answer->header('Content-Security-Policy') // '';
    return all_good(
        $name, $answer,
        common($answer),
        "status $status"  => $answer->status == $status,
        'HTML in UTF-8'   => ($answer->header('Content-Type')    // '') =~ m{^text/html; charset=utf-8$}i,
        'no-store'        => ($answer->header('Cache-Control')   // '') =~ /\bno-store\b/,
        'no referrer'     => ($answer->header('Referrer-Policy') // '') eq 'no-referrer',
        'not framed'      => $csp          =~ /\bframe-ancestors 'none'/,
        'a closed policy' => $csp          =~ /\bdefault-src 'none'/ && $csp !~ /unsafe/ && $csp =~ /\bform-action\b/,
        'no script'       => $answer->body !~ /<script|\son[a-z]+=|javascript:/i,
        'nothing foreign' => $answer->body !~ /<(?:link|img|script|iframe)[^>]*(?:src|href)="?(?:https?:)?\/\//i,
        'no redirect'     => !defined $answer->header('Location'),
        @conditions
    );
}

# A redirect to the client: it begins so, and its query has just these parameters (a value of undef: any).
sub redirected ($answer, $to, $query, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $got = $answer->query;
    return all_good(
        $name, $answer,
        common($answer),
        'status 303'     => $answer->status == 303,
        "to $to"         => index($answer->location, $to) == 0,
        'no-store'       => ($answer->header('Cache-Control')   // '') =~ /\bno-store\b/,
        'no referrer'    => ($answer->header('Referrer-Policy') // '') eq 'no-referrer',
        'its parameters' => join(' ', sort keys %$got) eq join(' ', sort keys %$query),
        map { ("$_ is $query->{$_}" => ($got->{$_} // '') eq $query->{$_}) } grep { defined $query->{$_} } sort keys %$query
    );
}

# A Bearer challenge (RFC 6750 3) with these attributes and, besides, at most realm, error_description and resource_metadata.
sub challenge ($answer, $status, $expected, $name) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $line  = $answer->header('WWW-Authenticate') // '';
    my %got   = $line =~ /([a-z_]+)="([^"]*)"/g;
    my @alien = grep { !/^(?:realm|error_description|resource_metadata)$/ && !exists $expected->{$_} } keys %got;
    return all_good(
        $name, $answer,
        common($answer),
        "status $status"    => $answer->status == $status,
        'Bearer with realm' => $line =~ /^Bearer / && defined $got{realm},
        "no @alien"         => !@alien,
        map { ("$_=$expected->{$_}" => ($got{$_} // '') eq $expected->{$_}) } sort keys %$expected
    );
}

1;
