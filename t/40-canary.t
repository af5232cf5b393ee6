# SPDX-License-Identifier: ISC
# BT-4: no secret stands in a log of nginx, whatever fails: at every location that nginx/*.conf.in has, with a secret wherever one may
# stand, in every failure that nginx logs.  A second nginx whose locations keep their error log shows that nginx would have written it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::UNIX;
use Test::More;

use Bad;
use Canary;
use Flow;
use Https;
use Nginx;
use Process qw(wait_for);
use Run;
use Site;

# Limits of one request a minute, and shorter waits: the same failures sooner.
sub hasty ($text) { return $text =~ s/rate=\d+r\/s/rate=1r\/m/gr =~ s/ burst=\d+ nodelay//gr =~ s/(_timeout) 5s/$1 1s/gr }

# As hasty, and at server level a second error log of what the level "info" adds, which is not one of the site's logs.
sub told ($text) { return hasty($text) =~ s{^(\s*)(error_log) \S+ error;\K}{ $2 ../info.log info;}gmr }

# Without what the locations do about it.
sub bare ($text) { return hasty($text) =~ s{error_log /dev/null emerg;}{}gr }

my $site = Site->new(nginx_change => \&told);
my $dir  = "$site->{dir}/bare";
mkdir $_ or die "$_: $!\n" for $dir, "$dir/log";
my $bare = Nginx->new(dir => $dir, runstatedir => "$site->{dir}/run", change => \&bare)->start;
my %port = (authorization => 'https', contacts => 'contacts');
my %host = (
    shipped => { map { $_ => $site->{$_} } values %port },
    bare    => { map { $_ => bless { %{ $site->{$_} }, socket => $bare->socket_file($_) }, 'Https' } values %port }
);

# A secret of each kind; what has no prefix is as long as ours.
my ($cookie, $verifier) = map { Flow::random(32) } 1, 2;
my %secret =
    map { $_ => Flow::checked("pst${_}_" . ($_ =~ /[aq]/ ? '1' : $_ eq 's' ? '' : Flow::random(16)) . Flow::random(32) . 'x' x 6) }
    qw(a c r s q);
my $password = 'pw-' . Flow::random(12);
Canary::add($cookie, $verifier, $password, values %secret);
my $query = Https::form(
    access_token  => $secret{a}, code     => $secret{c}, refresh_token => $secret{r}, h => $secret{q}, client_secret => $secret{s},
    code_verifier => $verifier,  password => $password,  token         => $secret{a}, csrf => $cookie
);
my %headers = (
    Authorization    => Https::basic('client', $secret{s}),
    Cookie           => "__Host-postern=$cookie; other=$secret{a}",
    Referer          => "https://app.example/?code=$secret{c}",
    Origin           => "https://$secret{r}.example",
    'User-Agent'     => "agent $secret{r}",
    'X-Anything'     => "$password $verifier",
    'If-None-Match'  => qq("$secret{q}"),
    'Sec-Fetch-Site' => $secret{a},
    Accept           => "text/$secret{a}"
);

# Every location of the shipped files: [ port, path ].
my (@locations, @silent);
for my $file (grep { !/protect/ } glob "$Run::source/nginx/*.conf.in") {    # 40-check.t has those
    my ($name) = $file =~ m{/postern-([^/]*)\.conf\.in$};
    my $text = Nginx::slurp($file);
    while ($text =~ /^location (= |\^~ )?(\S+) \{\n(.*?)^\}/gms) {
        my ($path, $block) = ($2, $3);
        push @silent,    "$name $path"           if $block                !~ m{^\terror_log /dev/null emerg;$}m;
        push @locations, [ $port{$name}, $path ] if $port{$name} && $path =~ m{^/};
        push @locations, map { [ $port{$name}, "/$_" ] } $secret{a}, "x/$secret{s}/y", $verifier, $secret{c} =~ s/p/%70/r,
            $secret{r} =~ s/p/%2570/r
            if $port{$name} && $path eq '/';
        push @locations, [ $port{$name}, $path . $secret{a} ] if $port{$name} && $path =~ m{./$};    # what goes on may be anything
    }
    my $all = () = $text =~ /^\s*location\b/gm;
    my $top = () = $text =~ /^location (?:= |\^~ )?[\/@]\S* \{$/gm;
    is $all, $top, "postern-$name.conf: each location is of a form that this test reads";
}
is "@silent", '', 'BT-4: each location has its error log off';
cmp_ok scalar @locations, '>', 20, 'the locations are found';

# Each request comes from an address of its own, so that no limit strikes but where it is meant to.
my $count = 0;

sub from_anew ($https) {
    return $https->from(join '.', 10, map { $_ & 255 } $count >> 16, $count >> 8, $count++);
}

# A request at each location, on its way to both nginx's (POST: what both log of a failure is alike): [ shipped or bare, pending ], ...
sub everywhere ($method, %more) {
    my @pending;
    for my $where (@locations) {
        my ($port, $path) = @$where;
        my $body = $method eq 'POST' ? $query : undef;
        my %all  = (%headers, $body ? %{ Https::form_headers({}) } : (), %more);
        push @pending,
            map { [ $_, from_anew($host{$_}{$port})->send($method, "$path?$query", \%all, $body) ] }
            $body ? qw(shipped bare) : 'shipped';
    }
    return @pending;
}

# The statuses that come from the shipped nginx; what comes from the other is read too.
sub statuses (@pending) {
    my %status;
    for (@pending) {
        my ($which, $pending) = @$_;
        my $status = $pending->answer->status;
        $status{$status}++ if $which eq 'shipped';
    }
    return join ' ', sort keys %status;
}

sub bare_log { return join '', Site::lines("$dir/log/postern-error.log") }

# Nothing in the logs; and the other nginx has written a secret that it had not before.
my $told = 0;

sub silent ($case, $control = undef) {
    is join('', Canary::found(grep { !/postgresql/ } $site->logs)), '', "BT-4: $case";
    my $log = bare_log();
    if ($control) {
        my @lines = grep { /$control/ && /\Q$secret{a}\E/ } split /\n/, substr $log, $told;
        ok scalar @lines, "  which nginx would write to its error log with the request ($control)";
    }
    $told = length $log;
    return;
}

# What goes well, what is refused.
like statuses(everywhere('GET')),  qr/400.*404/, 'GET everywhere';
like statuses(everywhere('POST')), qr/400.*404/, 'POST everywhere';
is statuses(everywhere('TRACE')), '405', 'TRACE everywhere';
statuses(everywhere($_)) for qw(HEAD OPTIONS PUT DELETE PROPFIND);
silent('whatever method');
is statuses(everywhere('POST', 'Content-Length' => 70_000)), '404 413', 'a body that is too large, everywhere (404: internal)';
silent('413', 'client intended to send too large body');

# Over the limit, where there is one.
for my $where (@locations) {
    my ($port, $path) = @$where;
    for my $of (values %host) {
        my $one = from_anew($of->{$port});
        $one->request('HEAD', "$path?$query", \%headers) for 1, 2;
    }
}
like join('', Site::lines("$site->{dir}/log/postern-failure.log")), qr/ 429 .* lim=REJECTED/, 'a limit strikes';
silent('429', 'limiting requests');

# Nobody listens; somebody does who is not as a worker should be.
$site->{program}{$_}->stop for @Site::programs;
like statuses(everywhere('POST')), qr/^404 (?:405 )?502$/, 'nobody listens';
silent('nobody listens', 'connect\(\) to \S+ failed');
my %control = (
    'closes unread'                 => 'failed \(\d+: |prematurely closed',
    'closes without an answer'      => 'prematurely closed',
    'speaks something else'         => 'unsupported FastCGI protocol version',
    'sends too large a header'      => 'too big header',
    'sends a header without a name' => 'invalid header',
    'ends before its header'        => 'closed prematurely|prematurely closed',
    'ends in its header'            => 'closed prematurely|prematurely closed',
    'dies in the middle of a body'  => 'prematurely closed',
    'sends more than it announced'  => '',
    'complains'                     => 'FastCGI sent in stderr',
    'hangs'                         => 'timed out'
);
is join(' ', sort keys %control), join(' ', sort(Bad::kinds())), 'each bad program is tried';
for my $kind (Bad::kinds()) {
    my $bad     = Bad->new($kind, map { $site->socket_file($_) } @Site::programs);
    my @pending = map { everywhere($_) } qw(GET POST);
    like statuses(@pending), $kind eq 'hangs' ? qr/504/ : qr/502|200/, "a program $kind";
    $bad->stop;
    silent("a program $kind", $control{$kind});
}

# Clients that hang up.
my $hanging = Bad->new('hangs', map { $site->socket_file($_) } @Site::programs);
for my $where (@locations) {
    my ($port, $path) = @$where;
    from_anew($_->{$port})->send('POST', "$path?$query", Https::form_headers(\%headers), $query)->hang_up for values %host;
}
wait_for('what nginx says of them', sub { join('', Site::lines("$site->{dir}/log/postern-failure.log")) =~ / 499 / });
$hanging->stop;
silent('499');
$site->start($_) for @Site::programs;

# What is no request, or one that nginx refuses before it knows the location.
my $line  = "/profile?$query";
my $local = "Host: localhost\r\n";
my $more  = join '', map {"$_: $headers{$_}\r\n"} sort keys %headers;
my %raw   = (
    'too long a line'          => "GET $line&x=" . 'x' x 40_000 . " HTTP/1.1\r\n$local$more\r\n",
    'too large a header'       => "GET $line HTTP/1.1\r\n$local${more}X: " . 'x' x 40_000 . "\r\n\r\n",
    'no Host'                  => "GET $line HTTP/1.1\r\n$more\r\n",
    'two Hosts'                => "GET $line HTTP/1.1\r\n$local$local$more\r\n",
    'a Host that is none'      => "GET $line HTTP/1.1\r\nHost: $secret{a}/\@\r\n$more\r\n",
    'another Host'             => "GET $line HTTP/1.1\r\nHost: $secret{a}.example\r\n$more\r\n",
    'no such version'          => "GET $line HTTP/9.9\r\n$local$more\r\n",
    'no version'               => "GET $line\r\n",
    'another protocol'         => "GET $line FTP/1.1\r\n$local$more\r\n",
    'a method that is none'    => "$secret{a} $line HTTP/1.1\r\n$local$more\r\n",
    'small letters'            => "get $line HTTP/1.1\r\n$local$more\r\n",
    'CONNECT'                  => "CONNECT $secret{a}:443 HTTP/1.1\r\n$local$more\r\n",
    'an absolute address'      => "GET https://user:$secret{s}\@localhost$line HTTP/1.1\r\n$local$more\r\n",
    'up and out'               => "GET /../..$line HTTP/1.1\r\n$local$more\r\n",
    'NUL in the path'          => "GET /%00$secret{a}?$query HTTP/1.1\r\n$local$more\r\n",
    'a broken escape'          => "GET /%zz$secret{a}?$query HTTP/1.1\r\n$local$more\r\n",
    'a header without a colon' => "GET $line HTTP/1.1\r\n$local$more$secret{a}\r\n\r\n",
    'NUL in a header'          => "GET $line HTTP/1.1\r\n$local${more}X: $secret{a}\x00\r\n\r\n",
    'a length that is none'    => "POST $line HTTP/1.1\r\n$local${more}Content-Length: $secret{a}\r\n\r\n$query",
    'two lengths'              => "POST $line HTTP/1.1\r\n$local${more}Content-Length: 5\r\nContent-Length: 6\r\n\r\n$query",
    'length and chunks'     => "POST $line HTTP/1.1\r\n$local${more}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n$query",
    'an unknown encoding'   => "POST $line HTTP/1.1\r\n$local${more}Transfer-Encoding: $secret{a}\r\n\r\n$query",
    'a chunk that is none'  => "POST $line HTTP/1.1\r\n$local${more}Transfer-Encoding: chunked\r\n\r\n$query\r\n",
    'half a header'         => "GET $line HTTP/1.1\r\n$local$more",
    'half a body'           => "POST $line HTTP/1.1\r\n$local${more}Content-Length: 9999\r\n\r\n$query",
    'the preface of HTTP/2' => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n$query",
    'nothing but a secret'  => "$secret{a}\r\n\r\n"
);
for my $port (values %port) {
    for my $case (sort keys %raw) {
        for my $of (values %host) {
            my $pending = from_anew($of->{$port})->send_raw($raw{$case});
            $case =~ /^half/ ? $pending->hang_up : $pending->answer;
        }
    }
}
silent('no request, or a bad one');

# In plain text to the port of TLS; TLS that is none; one that ends in the middle.
for my $of (values %host) {
    for my $bytes ("GET $line HTTP/1.1\r\n$local$more\r\n", "\x16\x03\x01\x02\x00$secret{a}$query", "\x16\x03\x01", $secret{a}) {
        for my $port (values %port) {
            my $plain = IO::Socket::UNIX->new(Peer => $of->{$port}{socket}) or die "$of->{$port}{socket}: $!\n";
            $plain->print($bytes);
            $plain->flush;
            shutdown $plain, 1;
            1 while $plain->sysread(my $answer, 65536);
        }
    }
}
silent('no TLS');

# The limit of this: what the level "info" adds, which nginx/README forbids.
my %shown = map { s/^.*?\*[0-9]+ //r =~ s/(?: while |, client: |: ").*//sr => 1 }
    grep { Canary::among($_) } Site::lines("$site->{dir}/info.log");
cmp_ok scalar keys %shown, '>', 10, 'at the level "info" nginx writes the request';
is join('; ', grep { !/^client / } sort keys %shown), '',
    'of what clients did wrong before their location was known, and of nothing else';
$bare->stop;

$site->finish;
