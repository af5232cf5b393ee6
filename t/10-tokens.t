# SPDX-License-Identifier: ISC
# TK-11: doc/tokens.md is true: each secret that the server gives out has the form, the length and the checksum that it says.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Device;
use Flow;
use Process qw(run);
use Run;
use Site;

my $site   = Site->new;
my $person = $site->signed_in($site->user);
my $client = $site->client(no_pkce => 1, refresh => 1);
$person->open_page($site->authorize_url($client));
my ($handle) = $person->{at} =~ /h=(.*)/;
my $code     = $person->submit(decision => 'allow')->query->{code};
my $tokens   = $site->redeem($client, $code)->json;
my %given    = (
    'access token'        => $tokens->{access_token},
    'authorization code'  => $code,
    'refresh token'       => $tokens->{refresh_token},
    'client secret'       => $client->{secret},
    'handle of a sign-in' => $handle,
    'in a `request_uri` (RFC 9126)' => pushed(),
    'device code'         => device_begins($site, $site->client(device => 'only'))->{device_code}
);

sub pushed {
    my @form = (response_type => 'code', client_id => $client->{id}, client_secret => $client->{secret});
    return $site->{https}->post('/par', [@form])->json->{request_uri} =~ s/.*://r;
}

open my $in, '<', "$Run::source/doc/tokens.md" or die $!;
my $text      = do { local $/ = undef; readline $in };
my ($scanner) = $text =~ /^    (\\b.*)$/m;
my @kinds     = $text =~ /^\| ([^|]+) \| `pst._`/mg;
is join(', ', sort @kinds), join(', ', sort keys %given), 'TK-11: the kinds that the handbook names';
for my $kind (sort keys %given) {
    my ($prefix, $length) = $text =~ /^\| \Q$kind\E \| `(pst._)`.*?\| (\d+) \|/m;
    is substr($given{$kind}, 0, 5),  $prefix,       "TK-11: the prefix of the $kind";
    is length $given{$kind},         $length,       "TK-11: the length of the $kind";
    is Flow::checked($given{$kind}), $given{$kind}, "TK-11: the checksum of the $kind";
}

# TK-11: what a scanner finds, with that one expression, by grep -E, by PCRE and by Perl: each kind wherever it stands, and no near
# miss.
my (@hit, @miss);
for my $kind (sort keys %given) {
    my $t = $given{$kind};
    push @hit, $t, "key=$t;", "\"$t\"", "<$t>", "https://x.example/?a=$t&b=c", "Bearer $t", "x $t, y", "\t$t ", "urn:x:$t", "($t)",
        "-$t";
    push @miss, substr($t, 0, -1), "${t}x", "${t}_", "$t-", "x$t", "_$t", "1$t", uc $t, ucfirst $t, $t =~ s/^pst./pstx/r,
        $t =~ s/_/-/r,
        $t =~ s/^(.{30})./$1+/r, $t =~ s/^(.{30})./$1 /r, $t =~ s/^(.{30})./$1\//r, $t =~ s/^(.{30})./$1=/r,
        $t =~ s/^(.{30})/$1\n/r,
        $t =~ s/^(.{30})./$1\xc3\xa4/r;
    push @miss, $t =~ s/^(pst[a-z]_)[0-3]/${1}4/r if $t =~ /^pst[apq]/;
}
push @miss, 'psta', 'psta_', 'psta_0', 'pstgres', 'postern_access_token', 'pst_' . 'A' x 49;

# The lines in which they find something.
sub found ($how, @lines) {
    my $in = join '', map {"$_\n"} @lines;
    return run([ 'grep', $how, '-e', $scanner ], stdin => $in)->{out} =~ s/\n\z//r if $how =~ /^-/;
    return join "\n", grep {/$scanner/} split /\n/, $in;
}
for my $how (qw(-E -P perl)) {
    is found($how, @hit),  join("\n", @hit), "TK-11: a scanner finds each of them ($how)";
    is found($how, @miss), '',               "TK-11: and nothing that is like one ($how)";
}

# GE-6: what has no prefix: documented bits, and never the same twice.
my %bits = $text =~ /^\| (session cookie|browser cookie|token of a form|cursor) \| [^|]* \| (\d+) \|$/mg;
my $user = $site->user;
$site->sql("insert into directory.person_contact (owner_id, id, username) select $user->{id}, i, 'x' from generate_series(1, 3) i");
my %seen;
for my $turn (1 .. 3) {
    my $browser  = $site->signed_in($user);
    my $page     = $browser->open_page('/');
    my $access   = $site->redeem($client, $site->code($client, $browser))->json->{access_token};
    my ($cursor) = $site->contact_list($access, '?limit=1')->json->{next} =~ /cursor=([^&]*)/;
    my %part     = (
        'session cookie'  => $browser->cookie('__Host-postern'),
        'browser cookie'  => $browser->cookie('__Host-postern-browser'),
        'token of a form' => ($page->body =~ /name="csrf" value="([^"]*)"/)[0],
        'cursor'          => $cursor
    );
    for my $what (sort keys %part) {
        my ($last) = $part{$what} =~ /(?:^|\.)([A-Za-z0-9_-]+)$/;
        is 6 * length($last) - 2, $bits{$what}, "GE-6: the $what has its documented bits ($turn)";
        is $seen{$last}++,        0,            "GE-6: and another one had others ($what)" if $what ne 'cursor';
    }
}

$site->finish;
