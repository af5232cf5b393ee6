# SPDX-License-Identifier: ISC
# DI-1: an e-mail signs in only if exactly one active account has it; the user name goes first.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Check;
use Hashes;
use Site;

my $hashes = Hashes->new;
my $site   = Site->new(programs => ['authorize'], settings => { POSTERN_LOGIN_ACCOUNT_LIMIT => 6, $hashes->settings });
my ($anna, $ben, $carl, $dora) = map { $site->user } 1 .. 4;
my $count = 0;

sub email ($user, $email) {
    $site->sql("update directory.person set email = :'email' where id = $user->{id}", set => ["email=$email"]);
    return;
}

# The answer to a name and a password.
sub answer ($name, $password) {
    my $person = $site->person('2001:db8:' . sprintf '%x::1', ++$count);
    $person->open_page('/login');
    return $person->submit(username => $name, password => $password);
}

# Who is signed in by them: the page's words, or its status.
sub who ($name, $password) {
    $site->sql('truncate oauth.login_limit');
    my $answer = answer($name, $password);
    return $answer->status unless $answer->status == 200;
    return $answer->body =~ m{signed in as <strong>([^<]*)</strong>} ? $1 : 'nobody';
}

email($anna, 'anna@example.com');
email($ben,  'Ben.Müller@Example.com');
is who('anna@example.com',       $anna->{password}), $anna->{name}, 'DI-1: an e-mail signs in';
is who($anna->{name},            $anna->{password}), $anna->{name}, 'DI-1: the user name as well';
is who('Anna@Example.com',       $anna->{password}), $anna->{name}, 'DI-1: typed with a capital letter';
is who('Ben.Müller@Example.com', $ben->{password}),  $ben->{name},  'DI-1: as it was registered';
is who('anna@example.com',       $ben->{password}),  403,           'DI-1: not with the password of another';
is who('anna@example.co',        $anna->{password}), 403,           'DI-1: no other e-mail';
is who('%@example.com',          $anna->{password}), 403,           'DI-1: no pattern';

# Two that have it.
$hashes->calls;
is who('nobody@example.com', $anna->{password}), 403,      'DI-1: an unknown e-mail';
is $hashes->calls,                               '$y$j9T', 'SE-4: it costs a hash';
email($carl, 'anna@example.com');
is who('anna@example.com', $anna->{password}), 403,           'DI-1: an e-mail that two have signs neither in';
is $hashes->calls,                             '$y$j9T',      'SE-4: it costs what an unknown one does';
is who('anna@example.com', $carl->{password}), 403,           'DI-1: whoever asks';
is who($anna->{name}, $anna->{password}),      $anna->{name}, 'DI-1: by the user name each does';
is who($carl->{name}, $carl->{password}),      $carl->{name}, 'DI-1: and the other';
like $site->log_text('authorize'),   qr/several active accounts have this e-mail address/, 'the log says why';
unlike $site->log_text('authorize'), qr/anna\@example/,                                    'and names nobody';
my $change = sub ($user, $what) { $site->sql("update directory.person set $what where id = $user->{id}") };
$change->($carl, 'active = false');
is who('anna@example.com', $anna->{password}), $anna->{name}, 'DI-1: a disabled account does not count';
$change->($anna, 'active = false');
is who('anna@example.com', $anna->{password}), 403, 'DI-1: a disabled one does not sign in';
is who('anna@example.com', $carl->{password}), 403, 'DI-1: nor does the other';
$change->($_, 'active = true') for $anna, $carl;
email($carl, 'Anna@example.com');
is who('anna@example.com', $anna->{password}), $anna->{name}, 'DI-1: what differs by a capital letter differs';
is who('Anna@example.com', $carl->{password}), 403,           'DI-1: but in capitals it is either\'s';
is who('Anna@example.com', $anna->{password}), 403,           'DI-1: and so neither\'s';
$change->($carl, 'email = null');

# The user name goes first, whatever it looks like.
$change->($dora, q(username = 'anna@example.com'));
is who('anna@example.com', $dora->{password}), 'anna@example.com', 'DI-1: a user name that is another\'s e-mail is a user name';
is who('anna@example.com', $anna->{password}), 403,                'DI-1: its owner alone signs in by it';
$change->($dora, 'active = false');
is who('anna@example.com', $anna->{password}), 403, 'DI-1: even if he is disabled';
$change->($dora, qq(active = true, username = '$dora->{name}'));

# SE-4, SE-5: the same bytes, and the limits of the account that was found.
sub plain ($answer, $name) { return $answer->body =~ s/\Q$name\E/NAME/gr =~ s/(name="(?:csrf|t|h)" value=")[^"]*/$1/gr }
email($_, 'two@example.com') for $carl, $dora;
$site->sql('truncate oauth.login_limit');
my @same = map { plain(answer($_, 'wrong'), $_) } 'nobody-of-this-name', 'nobody@nowhere.example', 'two@example.com', $anna->{name},
    'anna@example.com';
is $same[$_], $same[0], 'SE-4: the same bytes, ' . (qw(- unknown ambiguous named known))[$_] for 1 .. 4;
$site->sql('truncate oauth.login_limit');
my @status = map { answer($_ % 2 ? 'anna@example.com' : $anna->{name}, 'wrong')->status } 1 .. 7;
is "@status", '403 403 403 403 403 403 429', 'SE-5: guesses by name and by e-mail are counted together, for the account';
@status = map { answer('two@example.com', 'wrong')->status } 1 .. 7;
is "@status", '403 403 403 403 403 403 429',              'SE-5: an ambiguous e-mail has the limit of a name';
is answer($carl->{name}, $carl->{password})->status, 200, 'SE-5: which locks none of its owners out';

$site->finish;
