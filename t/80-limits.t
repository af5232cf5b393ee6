# SPDX-License-Identifier: ISC
# nginx's limits per address (GE-3, IN-1): a flood at each limited location is stopped by 429 with Retry-After, in the form of the
# endpoint, and nobody else is concerned.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Https;
use Response;
use Run;
use Site;

my $site = Site->new(programs => [qw(authorize token)]);
my $n    = 0;

# The shipped limits, but for the rates: however slow this machine is, a flood is faster.
{
    my $file = "$site->{dir}/nginx/postern-http.conf";
    my $text = join '', Site::lines($file);
    ok $text =~ s{rate=[0-9]+r/s}{rate=1r/s}g, 'the rates are there';
    $site->{nginx}->stop;
    open my $out, '>', $file or die "$file: $!\n";
    print $out $text;
    close $out or die "$file: $!\n";
    $site->{nginx}->start;
}

# A limited location, its burst, and its form, as the configuration has them.
open my $in, '<', "$Run::source/nginx/postern-authorization.conf.in" or die $!;
my $conf  = do { local $/ = undef; readline $in };
my %limit = $conf                 =~ m{^location = (/\S+) \{(?:\n\t[^\n]*)*?\n\tlimit_req zone=\S+ burst=(\d+) nodelay;}mg;
my %page  = map { $_ => 1 } $conf =~ m{^location = (/\S+) \{\n(?:\t[^\n]*\n)*?\terror_page [^\n]* \@postern_page;}mg;
my @must  = qw(/authorize /consent /introspect /login /revoke /token);
is join(' ', grep { !$limit{$_} } @must), '', 'GE-3: who can be flooded is limited';

# Many requests of one address over one connection, the last of them a GET: how many were refused, and the answer to the last.
sub flood ($path, $address) {
    my $more = "$path HTTP/1.1\r\nHost: localhost:81\r\nX-Test-Address: $address\r\n";
    my $all  = $site->{https}->send_raw("HEAD $more\r\n" x 900 . "GET ${more}Connection: close\r\n\r\n")->all;
    return (scalar(() = $all =~ m{^HTTP/1.1 429 }gm), Response->parse($all =~ s/.*(?=^HTTP)//mrs, 'GET'));
}

for my $path (sort keys %limit) {
    my $address = '198.51.100.' . ++$n;
    my ($refused, $answer);
    for (1 .. 50) {
        ($refused, $answer) = flood($path, $address);
        last if $answer->status == 429;
    }
    cmp_ok $refused, '>', 0, "GE-3: a flood at $path is stopped";
    $page{$path}
        ? page $answer, 429, "GE-3: 429 as a page at $path",
        'Retry-After' => ($answer->header('Retry-After') // '') =~ /^[1-9][0-9]*$/
        : oauth_error $answer, 429, 'temporarily_unavailable', "GE-3: 429 in JSON at $path";
    isnt $site->{https}->from('203.0.113.1')->request('GET', $path)->status, 429, "GE-3: another address is not concerned ($path)";
}

# IN-1: who scans /introspect with guesses is stopped whatever he sends; the resource server at another address goes on.
my $server = $site->client(introspect => 'profile');
is $site->{https}->from('203.0.113.2')
    ->post('/introspect', [ client_id => $server->{id}, client_secret => $server->{secret}, token => 'x' ])->body,
    '{"active":false}', 'IN-1: a resource server beside a flood';

# GE-1: who claims another address has still his own.
my $liar = "HEAD /login HTTP/1.1\r\nHost: localhost:81\r\nX-Test-Address: 198.51.100.99\r\n";
my $all  = $site->{https}->send_raw(
    join(
        '',
        map {"${liar}X-Forwarded-For: 203.0.113.$_\r\nX-Real-IP: 203.0.113.$_\r\nForwarded: for=203.0.113.$_\r\n\r\n"}
            (1 .. 250) x 3
        )
        . "${liar}Connection: close\r\n\r\n",
    'HEAD'
)->all;
like $all, qr{^HTTP/1.1 429 }m, 'GE-1: no header of the request gives another address';

$site->finish;
