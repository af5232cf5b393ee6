# SPDX-License-Identifier: ISC
# SE-4: what can't be right is hashed with a scheme and cost out of the directory's own mix: which, a name's HMAC says.  The hash
# calls are counted, and the answers compared.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Hashes;
use Site;
use Statements;

my $hashes = Hashes->new;
my $site   = Site->new(
    programs => [],
    settings => { POSTERN_LOGIN_ACCOUNT_LIMIT => 10_000, POSTERN_LOGIN_ADDRESS_LIMIT => 100_000, $hashes->settings }
);

# Half of the directory is Django's, a quarter Argon2id, a quarter SHA-512.
my %kind = (
    django => [ 'pbkdf2_sha256$1000$saltsaltsalt$' . 'A' x 43 . '=',        'pbkdf2 1000 32' ],
    argon2 => [ '$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$' . 'A' x 43,      'argon2 m=64,t=1,p=1' ],
    sha512 => [ '$6$rounds=2000$saltsalt$' . 'A' x 86,                      '$6$rounds=2000' ],
    bcrypt => [ '$2b$04$' . 'A' x 53,                                       '$2b$04' ],
    md5    => [ '$1$abcdefgh$G//4keteveJp0qb8z2DxG/',                       '' ],
    plain  => [ 'plain',                                                    '' ],
    nthash => [ '$3$$8846f7eaee8fb117ad06bdd830b7586c',                     '' ],
    huge   => [ '$argon2id$v=19$m=4000000,t=1,p=1$c2FsdHNhbHQ$' . 'A' x 43, '' ],
    cut    => [ '$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$' . 'A' x 10,      '' ],
    cuts   => [ 'pbkdf2_sha256$1000$saltsaltsalt$' . 'A' x 42,              '' ],
);
my $add = sub ($name, $hash, $active = 'true') {
    $site->sql(
        'insert into directory.person (username, password_hash, active) values (:\'name\', :\'hash\', :\'active\')',
        set => [ "name=$name", "hash=$hash", "active=$active" ]
    );
};
my @people = (('django') x 8, ('argon2') x 4, ('sha512') x 4);
$add->("$people[$_]-$_", $kind{ $people[$_] }[0]) for 0 .. $#people;
$add->("$_-off", $kind{$_}[0], 'false')           for qw(django argon2 sha512 bcrypt);
$add->($_, $kind{$_}[0])                          for qw(md5 plain nthash huge cut cuts);
$site->sql("insert into directory.person (username) values ('machine')");
$site->start('authorize');
$hashes->calls;

# Each from an address of its own: nginx has a limit for one.
my $count = 0;

sub attempt ($name, $password = 'plain') {
    my $person = $site->person('2001:db8:' . sprintf '%x::1', ++$count);
    $person->open_page('/login');
    return $person->submit(username => $name, password => $password);
}

# The hash calls for a name; the answer is a wrong password's.
sub plain ($answer, $name) { return $answer->body =~ s/\Q$name\E/NAME/gr =~ s/(name="(?:csrf|t|h)" value=")[^"]*/$1/gr }
my $expected = plain(attempt('django-0'), 'django-0');
is $hashes->calls, $kind{django}[1], 'SE-4: a wrong password costs one hash of the account\'s own';
like $expected, qr/The user name or the password is wrong/, 'SE-4: the answer to a wrong password';

sub cost ($name, @password) {
    my $answer = attempt($name, @password);
    is $answer->status,       403,       "SE-4: $name is refused"             if $answer->status != 403;
    is plain($answer, $name), $expected, "SE-4: $name has not the same bytes" if plain($answer, $name) ne $expected;
    return $hashes->calls;
}
my %drawn = map { $kind{$_}[1] => 0 } qw(django argon2 sha512);
my %first;
my $alien = '';
for my $name (map {"nobody-$_"} 1 .. 60) {
    $first{$name} = cost($name);
    exists $drawn{ $first{$name} } ? $drawn{ $first{$name} }++ : ($alien .= "$name: $first{$name}; ");
}
is $alien, '', 'SE-4: an unknown name costs one hash, of a scheme and cost that the directory has';
for (qw(django argon2 sha512)) {
    my ($n, $share) = ($drawn{ $kind{$_}[1] }, $_ eq 'django' ? 30 : 15);
    ok $n > $share / 2 && $n < $share * 2, "SE-4: $_ as often as the directory has it ($n of 60, $share are its share)";
}
is join(' ', grep { cost($_) ne $first{$_} } sort keys %first),                        '', 'SE-4: always the same for a name';
is join(' ', grep { cost(uc $_) ne $first{$_} } (sort keys %first)[ 0 .. 9 ]),         '', 'SE-4: in small or capital letters';
is join(' ', grep { cost($_, 'x' x 600) ne $first{$_} } (sort keys %first)[ 0 .. 9 ]), '', 'SE-4: for a very long password';
is cost('sha512-12', 'x' x 600), $kind{sha512}[1], 'SE-4: which costs one of the account\'s own where there is one';

my %other;
for my $name ((map {"$_-off"} qw(django argon2 sha512 bcrypt)), qw(md5 plain nthash huge cut cuts machine)) {
    my $cost = $other{$name} = cost($name);
    ok exists $drawn{$cost}, "SE-4, DI-2: $name costs one hash out of the mix ($cost)";
}
$site->{program}{authorize}->stop;
$site->start('authorize');
is join(' ', grep { cost($_) ne $first{$_} } (sort keys %first)[ 0 .. 19 ]), '', 'SE-4: the same after another start';
is join(' ', grep { cost($_) ne $other{$_} } sort keys %other),              '', 'SE-4: for what can\'t be verified as well';

# Over the limit nothing is hashed.
$site->sql("update oauth.login_limit set full_until = now() + interval '1 hour'");
is attempt('nobody-1')->status, 429, 'SE-5: over the limit';
is $hashes->calls,              '',  'SE-5: no hash is made';
$site->sql('truncate oauth.login_limit');

# The sample: out of all of a large directory, and no more than a few hundred rows are read for it, whatever an id is.
for (
    [ 'numbers',                 'generate_series(1, 20000) as n',               'n' ],
    [ 'numbers that begin late', 'generate_series(1000000001, 1000020000) as n', 'n' ],
    [ 'a few numbers',           'generate_series(1, 5) as n',                   'n' ],
    )
{
    my ($case, $series, $id) = @$_;
    $site->sql(
        "truncate directory.person cascade; insert into directory.person (id, username, password_hash)
        select $id, n, case when row_number() over (order by n) > 10000
            then '$kind{sha512}[0]' else '$kind{argon2}[0]' end from $series;
        analyze directory.person"
    );
    my ($mix) = grep { $_->{name} eq 'login_mix' } Statements::all();
    my @rows  = split /\n/, $site->sql(
        "begin; $mix->{sql}; select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables
            where relid = 'directory.person'::regclass; commit",
        env => { PGOPTIONS => '-c enable_seqscan=off' }
    );
    my $read = pop @rows;
    cmp_ok $read, '<=', 768 + 64, "SE-4: $case: the sample reads no more than it needs ($read rows)";
    my %share = map { my @cell = split /\|/; $cell[2] =~ /^\$6/ ? (new => $cell[3]) : (old => $cell[3]) } @rows;
    cmp_ok $share{new} // 0, '>', $share{old} / 5,
        "SE-4: $case: the young accounts are in it as well as the old ($share{new}, $share{old})"
        if $case eq 'numbers';
}

# What leaves the database of the hashes: schemes, costs, lengths.
my $secrets = '$2b$05$' . 'XcrnbhkCUfVZKPqKsbGSqe' . 'a0m7P5yEiTMKx933gtfpJcEnkbTOoZK';
for ([ 'crypt', $secrets ], Hashes::lines('hashes')) {
    my ($who, $hash) = @$_;
    my $told = $site->sql('select oauth.password_setting(:\'hash\')', set => ["hash=$hash"]);
    is length $told, length $hash, "SE-4: of $who\'s, " . substr($hash, 0, 20) . ': the length';
    my @parts = grep { length > 11 && !/=\d|pbkdf2/ } split /\$/, $hash;
    is join(' ', grep { index($told, substr $_, -11) >= 0 } @parts), '', 'SE-4: neither salt nor digest (' . @parts . ' parts)';
}
is $site->sql(
    qq(select count(oauth.password_setting(h)) from unnest(array['', '\$1\$abcdefgh\$G//4keteveJp0qb8z2DxG/', 'plain', '!']) h)), 0,
    'SE-4: nothing of what is never verified';

$site->finish;
