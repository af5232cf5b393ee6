# SPDX-License-Identifier: ISC
# How the programs start: a socket passed as systemd does, one of their own, a stale one; wrong settings, each named (OP-5).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::UNIX;
use Test::More;

use Process qw(program run wait_for);
use Run;
use Site;

my $site   = Site->new(programs => ['authorize']);
my $user   = $site->user;
my $client = $site->client(no_pkce => 1);
my $person = $site->signed_in($user);
my $socket = $site->socket_file('token');
my $log    = $site->log_file('token');

sub command (@options) { return [ "$Run::build/postern-token", @options ] }
sub works              { return $site->profile('psta_0' . 'A' x 49)->status }

# A program run to its end: exit status and what it said.
sub ended ($status, $name, $says, $command, %env) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $done = run($command, env => { %{ $site->env('token') }, %env });
    is $done->{exit}, $status, "$name: exit $status" or diag $done->{err};
    like $done->{err} . $done->{out}, $says, "$name: what it says";
    return;
}

# A socket that systemd passes: the program starts with the first connection, and the socket stays when it ends.
my $systemd = Process->start(
    'systemd-socket-activate',
    [
        program('systemd-socket-activate'), '-l', $socket, (map { ('-E', $_) } keys %{ $site->env('token') }),
        @{ command(qw(--workers 1)) }
    ],
    env => $site->env('token'),
    log => $log
);
# It is there before it listens.
wait_for('the passed socket', sub { IO::Socket::UNIX->new(Peer => $socket) });
is works(),                                                       401, 'OP-1: a socket passed by systemd';
is $site->redeem($client, $site->code($client, $person))->status, 200, 'OP-1: and the whole way works';
like $site->log_text('token'), qr/event=ready workers=1/, 'it is ready';
$systemd->stop;
ok -S $socket, 'OP-1: the socket is systemd\'s and stays';

# One of its own.
ended 64, 'neither passed nor named', qr/no_socket/, command();
is works(), 502, 'the one that is left there is dead';
my $own = $site->start('token');
is works(),                                       401,    'a stale socket is replaced';
is sprintf('%04o', (stat $socket)[2] & oct 7777), '0660', 'it has mode 0660';
ended 73, 'a socket on which somebody listens', qr/listen/, command('--listen', $socket);
is works(), 401, 'whoever listened goes on';
$own->stop;
ok !-e $socket, 'its own socket goes with it';
open my $file, '>', $socket or die $!;
ended 73, 'a file in the way', qr/no socket/, command('--listen', $socket);
ok -f $socket, 'a file is not removed';
unlink $socket;
ended 73, 'a folder that is not there', qr/no_socket/, command('--listen', "$site->{dir}/nowhere/x.sock");
ended 73, 'a path of 200 bytes',        qr/107/,       command('--listen', "$site->{dir}/" . 'x' x 200);

# Options.
ended 0,  '--help',            qr/POSTERN_ISSUER/,      command('--help');
ended 0,  '--version',         qr/postern-token [0-9]/, command('--version');
ended 64, 'an unknown option', qr/--help/,              command('--listen', $socket, '--wrong');
ended 64, 'an argument',       qr/--help/,              command('--listen', $socket, 'more');
ended 64, "--workers $_",      qr/workers/,             command('--listen', $socket, '--workers', $_) for '-1', 'many', '1025', '';

# OP-5: every wrong setting is named with what is allowed, and several at once.
my @wrong = (
    (
        map { [ POSTERN_ISSUER => $_ ] } 'http://localhost:81', 'https://localhost:81/', 'https://localhost:81?x',
        'https://localhost:81#x', 'https://LOCALHOST',
        'https://localhost:0',    'https://localhost:65536', 'https://', 'https://a b', 'localhost', 'https://u@localhost',
        "https://localhost\n"
    ),
    (map { [ POSTERN_CONTACTS_URL   => $_ ] } 'http://localhost:82/contacts', '/contacts', 'https://localhost:82/contacts?x'),
    (map { [ POSTERN_ACCESS_SECONDS => $_ ] } '59', '86401', '1h', '-60', '1e3', ' 60', '9' x 30),
    [ POSTERN_WORKERS => '1025' ]
);
for (@wrong) {
    my ($name, $value) = @$_;
    ended 78, "OP-5: $name=" . $value =~ s/\n/\\n/r, qr/$name.*allowed/, command('--listen', $socket), $name => $value;
}
my %authorize = %{ $site->env('authorize') };
for (
    [ POSTERN_CODE_SECONDS        => 61 ], [ POSTERN_SESSION_IDLE_SECONDS => 119 ], [ POSTERN_SESSION_SECONDS => 2_592_001 ],
    [ POSTERN_LOGIN_ACCOUNT_LIMIT => 0 ],
    [ POSTERN_LOGIN_ADDRESS_LIMIT => 100_001 ], [ POSTERN_PAGES => '/nowhere' ], [ POSTERN_KEYRING => '/nowhere' ],
    [ POSTERN_KEYRING             => '' ]
    )
{
    my ($name, $value) = @$_;
    ended 78, "OP-5: $name=$value", qr/$name/, [ "$Run::build/postern-authorize", '--listen', "$site->{dir}/x.sock" ], %authorize,
        $name => $value;
}
my $done = run(command('--listen', $socket), env => { POSTERN_ISSUER => '', POSTERN_ACCESS_SECONDS => 'x' });
is $done->{exit}, 78, 'OP-5: several mistakes';
like $done->{err}, qr/\b$_\b/, "OP-5: $_ is named among them" for qw(POSTERN_ISSUER POSTERN_CONTACTS_URL POSTERN_ACCESS_SECONDS);

# A schema that doesn't fit, a keyring or page that is spoiled: a failed start, not a failed login.
my $failed = sub ($name, $program, $says, %env) {
    my $done = run(
        [ "$Run::build/postern-$program", '--workers', 1, '--listen', "$site->{dir}/x.sock" ],
        env => { %{ $site->env($program) }, %env }
    );
    is $done->{exit}, 78, "$name: exit 78";
    like $done->{err},   $says,                                                   "$name: what it says";
    unlike $done->{err}, qr/worker_died_before_ready.*worker_died_before_ready/s, "$name: not tried again and again";
};
$failed->('an empty database', 'contacts', qr/schema_mismatch.*postern migrate/, PGDATABASE => 'postgres');
$site->sql('alter table oauth.authorization_request rename state to something_else');
$failed->('a column that is not there', 'authorize', qr/schema_mismatch.*authorize_begin/);
$site->sql('alter table oauth.authorization_request rename something_else to state');
open my $keys, '>', "$site->{dir}/spoiled.keys" or die $!;
chmod 0600, "$site->{dir}/spoiled.keys";
$failed->('an empty keyring', 'contacts', qr/keyring/, POSTERN_KEYRING => "$site->{dir}/spoiled.keys");
chmod 0644, "$site->{dir}/contacts.keys";
$failed->('a keyring that others may read', 'contacts', qr/keyring/);

$site->finish;
