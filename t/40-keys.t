# SPDX-License-Identifier: ISC
# Keyrings (KE-1) and "postern check" (AD-3): the tool's parts that look at files, settings, database and sockets.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Copy qw(copy);
use Test::More;

use Canary;
use Run;
use Site;

my $site = Site->new;
my $ring = "$site->{dir}/some.keys";

sub tool ($status, $name, $arguments, $says, %o) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $done = $site->tool($arguments, %o);
    is "$done->{exit} $done->{signal}", "$status 0", "$name: exit $status" or diag $done->{out}, $done->{err};
    like $done->{out} . $done->{err}, $says, "$name: what it says";
    return $done->{out};
}
sub ids   { return $site->tool_ok([ qw(key list), $ring ]) =~ /^([a-z0-9]{1,16})\s+2/gm }
sub lines { open my $in, '<', $ring or die $!; return readline $in }

# KE-1: the file.
tool 0, 'key create', [ qw(key create), $ring ], qr/\Q$ring\E/;
is sprintf('%04o', (stat $ring)[2] & oct 7777), '0600', 'KE-1: nobody else may read it';
like join('', lines()), qr/^[a-z0-9]{1,16} 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ [0-9a-f]{64}\n$/, 'KE-1: id, time of making, 256 bits';
my ($key) = lines() =~ /([0-9a-f]{64})/;
Canary::add(map { (split)[2] } map { Site::lines("$site->{dir}/$_.keys") } qw(authorize contacts some));
tool 73, 'key create again', [ qw(key create), $ring ], qr/already/;
is((lines())[0] =~ /\Q$key\E/, 1, 'and the key is still there');
my ($first) = ids();
tool 0, 'key add', [ qw(key add), $ring ], qr/key/;
my (undef, $second) = ids();
is join(' ', ids()), "$first $second", 'KE-1: a new key comes after the active one';
tool 65, 'removing the active key', [ qw(key remove), $ring, $first ],    qr/active/;
tool 65, 'a key that is not there', [ qw(key activate), $ring, 'nokey' ], qr/nokey/;
tool 64, 'no key named',            [ qw(key activate), $ring ],          qr/id/;
tool 0,  'key activate',            [ qw(key activate), $ring, $second ], qr/$second/;
is join(' ', ids()), "$second $first", 'KE-1: the active key is the first';
tool 0, 'key remove', [ qw(key remove), $ring, $first ], qr/$first/;
is join(' ', ids()), $second, 'KE-1: the old key is gone';
unlike $site->tool_ok([ qw(key list), $ring ]), qr/[0-9a-f]{64}/, 'KE-1: list shows no key';
tool 0,  'key add',           [ qw(key add), $ring ], qr/key/ for 2 .. 16;
tool 65, 'a seventeenth key', [ qw(key add), $ring ], qr/16/;

# A keyring that is not as it must be is named, and never shown.
sub spoiled ($change) {
    my ($line) = lines();
    local $_ = $line;
    $change->();
    open my $out, '>', "$ring.bad" or die $!;
    print $out $_;
    close $out or die $!;
    chmod 0600, "$ring.bad";
    return "$ring.bad";
}
for (
    [ 'a short key',     sub {s/..\n/\n/} ],
    [ 'no hexadecimal',  sub {s/.\n/g\n/} ],
    [ 'a long id',       sub {s/^/aaaaaaaaaaaaaaaaa/} ],
    [ 'an id twice',     sub { $_ .= $_ } ],
    [ 'a word too many', sub {s/\n/ more\n/} ],
    [ 'nothing',         sub { $_ = '' } ],
    )
{
    my ($case, $change) = @$_;
    my $out = tool 65, "a keyring with $case", [ qw(key list), spoiled($change) ], qr/\Q$ring\E/;
    unlike $out, qr/[0-9a-f]{60}/, "KE-1: and no key is shown ($case)";
}
chmod 0640, $ring;
tool 65, 'a keyring that others may read', [ qw(key list), $ring ], qr/chmod|owner|0600/i;
chmod 0600, $ring;

# AD-3: postern check, each mistake with what to do.
$site->{settings}{POSTERN_KEYRING} = "$site->{dir}/authorize.keys";
my $all = tool 0, 'check', ['check'], qr/^ok .*schema/m;
unlike $all, qr/^FAIL/m,               'AD-3: all is well';
like $all,   qr{^ok .*/\Q$_\E\.sock}m, "AD-3: the socket of $_" for @Site::programs;
$site->sql("insert into oauth.audit (event, address) select 'login', '10.0.0.1' from generate_series(1, 100)");
like $site->tool_ok(['check']), qr/^note .*addresses.*10\.0\.0\.1\n\s+.*set_real_ip_from/m,
    'AD-3, GE-1: who all come from one address may stand behind a balancer';
$site->sql("insert into oauth.audit (event, address) values ('login', '10.0.0.2')");
unlike $site->tool_ok(['check']), qr/^note .*addresses/m, 'AD-3: from two it is no note';
$site->{program}{token}->stop;
tool 1, 'check without a program', ['check'], qr{^FAIL .*token\.sock.*\n\s+\S}m;
$site->start('token');
tool 1,  'check without a database', ['check'], qr/^FAIL .*database.*\n\s+\S/m,  env => { PGHOST        => "$site->{dir}/nowhere" };
tool 1,  'check with other roles',   ['check'], qr/^FAIL .*role.*\n\s+\S/m,      env => { POSTERN_ROLES => 'nobodys' };
tool 1,  'check with another keyring', ['check'], qr/^FAIL .*keyring.*\n\s+\S/m, env => { POSTERN_KEYRING => "$ring.bad" };
tool 78, 'check with a wrong setting', ['check'], qr/POSTERN_ISSUER/,            env => { POSTERN_ISSUER  => 'http://localhost' };
mkdir "$site->{dir}/pages" or die $!;
for my $page (glob "$Run::source/pages/*") { copy($page, "$site->{dir}/pages/") or die "$page: $!\n" }
tool 0, 'check with a copy of the pages', ['check'], qr{^ok +pages: .*/pages$}m, env => { POSTERN_PAGES => "$site->{dir}/pages" };
unlink "$site->{dir}/pages/device_done.html" or die $!;
tool 1, 'check with a page missing', ['check'], qr/^FAIL .*device_done\.html.*\n\s+\S/m,
    env => { POSTERN_PAGES => "$site->{dir}/pages" };
$site->sql(qq(revoke select on directory.contact from "$site->{roles}-contacts"));
tool 1, 'check with a right that is missing', ['check'], qr/^FAIL .*contacts.*\n\s+.*migrate/m;
$site->tool_ok(['migrate'], user => 'postgres');
tool 0, 'check after migrate', ['check'], qr/^ok/m;
$site->sql('delete from oauth.migration where number = 6');
tool 1, 'check with a migration missing', ['check'], qr/^FAIL .*migration.*\n\s+.*migrate/m;

$site->finish;
