# SPDX-License-Identifier: ISC
# TK-11: doc/tokens.md is true: each secret that the server gives out has the form, the length and the checksum that it says.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Device;
use Flow;
use Run;
use Site;

my $site   = Site->new(programs => [qw(authorize token)]);
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
    'device code'         => device_begins($site, $site->client(device => 'only'))->{device_code}
);

open my $in, '<', "$Run::source/doc/tokens.md" or die $!;
my $text = do { local $/ = undef; readline $in };
my ($scanner) = $text =~ /^    (\\b.*)$/m;
for my $kind (sort keys %given) {
    my ($prefix, $length) = $text =~ /^\| \Q$kind\E \| `(pst._)`.*?\| (\d+) \|/m;
    is substr($given{$kind}, 0, 5),  $prefix,       "TK-11: the prefix of the $kind";
    is length $given{$kind},         $length,       "TK-11: the length of the $kind";
    is Flow::checked($given{$kind}), $given{$kind}, "TK-11: the checksum of the $kind";
    like "key=$given{$kind};",    qr/$scanner/, "TK-11: the scanners' expression finds the $kind";
    unlike "key=$given{$kind}x;", qr/$scanner/, 'TK-11: and nothing longer';
}

$site->finish;
