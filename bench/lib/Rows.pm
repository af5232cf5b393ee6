# SPDX-License-Identifier: ISC
# The rows of the table: an endpoint, the requests that wrk sends it, its statement and how pgbench binds the parameters.
package Rows;
use v5.36;

use Run;

# Requests are rows of method, path, authorization and body; :base and :count say which numbers, :tokens how many living tokens there
# are.  A row with "fresh" uses each number once.
my $bearer = q(select 'GET', '%s', 'Bearer ' || bench.access_token(n), '' from (select 1 + floor(random() * :tokens)::bigint as n
                 from generate_series(1, :count)) r);
my $rich = q(select 'GET', '/contacts', 'Bearer ' || bench.access_token(n), ''
               from (select floor(random() * (:tokens / 100))::bigint * 100 + 99 as n from generate_series(1, :count)) r);
my $introspect = q(select 'POST', '/introspect', bench.basic('server-' || n % 4), 'token=' || bench.access_token(n)
                     from (select 1 + floor(random() * :tokens)::bigint as n from generate_series(1, :count)) r);
my $code =
    q(select 'POST', '/token', '', 'grant_type=authorization_code&client_id=bench-' || n % 100 || '&client_secret=' || bench.secret()
                    || '&redirect_uri=https%3A%2F%2Fapp.example%2F' || n % 100 || '&code_verifier=' || bench.verifier() || '&code='
                    || bench.spelled('pstc_' || bench.base64url(bench.locator('code', n)) || bench.base64url(bench.random('code', n)))
               from generate_series(:base, :base + :count - 1) n);
my $refresh =
    q(select 'POST', '/token', '', 'grant_type=refresh_token&client_id=bench-' || n % 100 || '&client_secret=' || bench.secret()
                       || '&refresh_token='
                       || bench.spelled('pstr_' || bench.base64url(bench.locator('refresh', n)) || bench.base64url(bench.random('refresh', n)))
                  from generate_series(:base, :base + :count - 1) n);
my $machine =
    q(select 'POST', '/token', '', 'grant_type=client_credentials&client_id=machine-' || n % 10 || '&client_secret=' || bench.secret()
                  from generate_series(1, :count) n);

# What pgbench puts in the place of $1, $2, ...  A number n is drawn, or counted up where it is used once.  nullif(:none, '-') is null,
# but not to the planner.
my $token   = [ ':slot',                          q{sha256(sha256(convert_to('token ' || :n, 'UTF8')))} ];
my $address = [ q{'10.9.' || :client_id || '.1'}, ':id' ];
my $none    = q{nullif(:none, '-')};
my $new     = sub ($what) { return "sha256(convert_to('pgbench $what ' || :n, 'UTF8'))" };
my $secret  = sub ($kind) { return qq{sha256(sha256(convert_to('$kind ' || :n, 'UTF8')))} };
my $locator = sub ($kind) { return qq{substr(sha256(convert_to('$kind locator ' || :n, 'UTF8')), 1, 16)} };

my @rows = (
    {
        name => 'profile', path => '/profile', sql => 'token/profile', requests => sprintf($bearer, '/profile'),
        bind => [ @$token, ':no' ],
    },
    {
        name     => 'introspect', path => '/introspect', sql => 'token/introspect',
        requests => $introspect,  bind => [ q{'server-' || :n % 4}, ':secret', ':basic', @$token ],
    },
    {
        name => 'check', path => '/bench/check/product', sql => 'token/check', protected => 1,
        requests => sprintf($bearer, '/bench/check/product'), bind => [ @$token, ':resource', ':resource' ],
    },
    {
        name     => 'contacts 3', path => '/contacts', sql => 'contacts/contacts', host => 'contacts',
        requests => sprintf($bearer, '/contacts') . ' where n % 100 <> 99',
        bind     => [ @$token, ':no', $none, "$none\::integer", $none, "$none\::integer", ':no' ],
    },
    {
        name     => 'contacts 100', path => '/contacts', sql => 'contacts/contacts', host => 'contacts',
        requests => $rich,          draw => '\set n 100 * random(0, :tokens / 100 - 1) + 99',
        bind     => [ @$token, ':no', $none, "$none\::integer", $none, "$none\::integer", ':no' ],
    },
    {
        name => 'token code', path => '/token', sql => 'token/token_code', requests => $code, fresh => 1,
        bind => [
            q{'bench-' || :n % 100}, ':secret', ':post', $locator->('code'), $secret->('code'),
            q{'https://app.example/' || :n % 100},
            ':challenge',          ':yes', $new->('code'), ':life', @$address, $none,
            $locator->('pgbench'), $new->('next')
        ],
    },
    {
        name => 'token refresh', path => '/token', sql => 'token/token_refresh', requests => $refresh, fresh => 1,
        bind => [
            q{'bench-' || :n % 100}, ':secret', ':post', $locator->('refresh'), $secret->('refresh'), $new->('successor'),
            ':sealed',         ':key',
            $new->('refresh'), ':life', @$address, $none, $none, ':grace'
        ],
    },
    {
        name => 'token machine', path => '/token', sql => 'token/token_client', requests => $machine, counts => 1,
        bind => [ q{'machine-' || :n % 10}, ':secret', ':post', $none, $none, $new->('machine'), ':life', @$address ],
    },
);

sub names {
    return map { $_->{name} } @rows;
}

# The rows of these names ("token" means all that begin so), in their order; all where none is named.
sub chosen (@names) {
    for my $name (@names) {
        grep { index($_->{name}, $name) == 0 } @rows or die "no row \"$name\"; there are: " . join(', ', names()) . "\n";
    }
    return grep {
        my $row = $_;
        !@names || grep { index($row->{name}, $_) == 0 } @names
    } @rows;
}

# The statement as a pgbench script.
sub script ($row) {
    my $draw = $row->{draw} // '\set n random(1, :tokens)';
    $draw = '\set n :base + :client_id * :each + :i' . "\n" . '\set i :i + 1' if $row->{fresh} || $row->{counts};
    return "$draw\n" . bound($row->{sql}, @{ $row->{bind} });
}

sub statement ($name) {
    my $file = "$Run::source/fcgi/$name.sql";
    open my $in, '<', $file or die "$file: $!\n";
    return join '', grep { !/^\s*--/ } readline $in;
}

# With these expressions in the place of $1, $2, ...  A colon in a constant would be a variable of pgbench's.
sub bound ($name, @bind) {
    my $sql = statement($name) =~ s{'([^']*)'}{index($1, ':') < 0 ? "'$1'" : "E'" . $1 =~ s/:/\\x3a/gr . "'"}ger;
    return $sql =~ s/\$([0-9]+)/($bind[$1 - 1])/gr;
}

1;
