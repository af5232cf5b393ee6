# SPDX-License-Identifier: ISC
# A client's two secrets (CA-4), and the switch that stops it (TK-13).
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempfile);
use Test::More;

use Canary;
use Check;
use Flow;
use Process;
use Run;
use Site;

my $site = Site->new;
$site->tool_ok([ qw(scope add reports --machine --sentence), 'read reports' ]);
my $app = $site->client(machine => 1, scope => 'reports');

# Which of these secrets /token takes: "yes no ...".
sub taken (@secrets) {
    return join ' ', map {
        my %form = (grant_type => 'client_credentials', client_id => $app->{id}, client_secret => $_);
        $site->{https}->post('/token', [%form])->status == 200 ? 'yes' : 'no'
    } @secrets;
}

sub tool (@arguments) { return $site->tool([@arguments]) }

sub rotated (@options) {
    my $done = tool(qw(client rotate-secret), $app->{id}, @options);
    is $done->{exit}, 0, "client rotate-secret @options" or diag $done->{err};
    return $done->{out} =~ /^client_secret +(psts_\S+)$/m ? $1 : die "no secret: $done->{out}\n";
}

my $first = $app->{secret};
my $second = rotated();
isnt $second, $first, 'CA-4: another secret';
is taken($first, $second), 'yes yes', 'CA-4: both are good';
like $site->tool_ok([ qw(client show), $app->{id} ]), qr/^Secrets +since \S+\n +since \S+, until \S+$/m, 'CA-4: as client show tells';
my $third = tool(qw(client rotate-secret), $app->{id});
is $third->{exit}, 65, 'CA-4: never three';
like $third->{err}, qr/two valid secrets/, 'CA-4: and it says so';
unlike $third->{out}, qr/psts_/, 'CA-4: no secret is shown then';
$site->later('6 days 23 hours');
is taken($first, $second), 'yes yes', 'CA-4: seven days long';
$site->later('7 days 1 minute');
is taken($first, $second), 'no yes', 'CA-4: and then the old one is refused';
like $site->tool_ok([ qw(client show), $app->{id} ]), qr/, ended /, 'CA-4: as client show tells';
$third = rotated(qw(--keep 12h));
is taken($first, $second, $third), 'no yes yes', 'CA-4: now there is room for another';
$site->later('7 days 11 hours');
is taken($second, $third), 'yes yes', 'CA-4: --keep 12h';
$site->later('7 days 13 hours');
is taken($second, $third), 'no yes', 'CA-4: no longer';
my $fourth = rotated(qw(--keep 0));
is taken($third, $fourth), 'no yes', 'CA-4: --keep 0: the old one ends at once';

# One of two ends early.
my $fifth = rotated();
$site->tool_ok([ qw(client remove-secret), $app->{id} ]);
is taken($fourth, $fifth), 'no yes', 'CA-4: remove-secret ends the older one';
is tool(qw(client remove-secret), $app->{id})->{exit}, 65, 'CA-4: but never the last one';
my $sixth = rotated();
$site->tool_ok([ qw(client remove-secret --newest), $app->{id} ]);
is taken($fifth, $sixth), 'yes no', 'CA-4: --newest takes the rotation back';
$site->later('30 days');
is taken($fifth), 'yes', 'CA-4: and the older one is without end again';
my $seventh = rotated();
my $eighth = rotated(qw(--keep 0));
is taken($fifth, $seventh, $eighth), 'no no yes', 'CA-4: --keep 0 ends both old ones';
is $site->sql("select count(*) from oauth.client_secret"), 1, 'CA-4: what has ended is not kept';

# Two administrators at once: the second waits, and never makes a third one valid.
my $session = $site->session;
$session->hold("select from oauth.client where client_id = '$app->{id}' for update");
my @said = map { (tempfile(DIR => $site->{dir}))[1] } 1 .. 2;
my @tools = map {
    Process->start('postern', [ "$Run::build/postern", qw(client rotate-secret), $app->{id} ], env => $site->env('admin'), out => $_)
} @said;
is $session->await_waiters(2), 2, 'two rotate at once';
$session->release;
is join(' ', sort map { $_->finished } @tools), '0 65', 'CA-4: one of them makes a second secret';
my $output = join '', map { Site::lines($_) } @said;
Canary::add($output =~ /(psts_[A-Za-z0-9_-]+)/g);
like $output, qr/one secret of a client has no end/, 'the rule of the database says why not the other';
is $site->sql("select count(*) from oauth.client_secret where expires_at is null or expires_at > now()"), 2, 'CA-4: two are valid';

# Two changes at once: the second has judged what is no more.
$session->hold("update oauth.client set name = 'Other' where client_id = '$app->{id}'");
my $change = Process->start('postern', [ "$Run::build/postern", qw(client change --access-life 60), $app->{id} ],
    env => $site->env('admin'), out => $said[0]);
is $session->await_waiters(1), 1, 'a change waits for another';
$session->query('commit');
is $change->finished, 75, 'AD-1: what was changed meanwhile is not overwritten';
is $site->sql("select name, access_seconds from oauth.client where client_id = '$app->{id}'"), 'Other|', 'and nothing of it is written';

# TK-13: disabled, it can do nothing, and its tokens nothing either; enabled again, all is as before.
my $user   = $site->user;
my $person = $site->signed_in($user);
my $web    = $site->client(no_pkce => 1, refresh => 1);
my $tokens = $site->redeem($web, $site->code($web, $person))->json;
Canary::add($tokens->{refresh_token});

sub state_of_it {
    my $refresh = $site->{https}->post('/token',
        [ grant_type => 'refresh_token', refresh_token => $tokens->{refresh_token}, client_id => $web->{id}, client_secret => $web->{secret} ]);
    Canary::add($refresh->json->{refresh_token} // ());
    return join ' ', $site->profile($tokens->{access_token})->status, $site->contact_list($tokens->{access_token})->status,
        $refresh->status, $person->open_page($site->authorize_url($web))->status;
}
is state_of_it(), '200 200 200 200', 'TK-13: a client at work';
like $site->tool_ok([ qw(client disable), $web->{id} ]), qr/Disabled/, 'client disable';
is state_of_it(), '401 401 401 400', 'TK-13: disabled: its tokens, its refresh token, its page';
like $site->tool_ok([ qw(client disable), $web->{id} ]), qr/already/, 'disabled already';
like $site->tool_ok([qw(client list)]), qr/^\Q$web->{id}\E .* disabled /m, 'the list tells';
$site->tool_ok([ qw(client enable), $web->{id} ]);
is state_of_it(), '200 200 200 200', 'TK-13: enabled again';

# What can't be.
my $public = $site->client(type => 'public');
for (
    [ 'a public one has no secret to rotate', 65, [ qw(client rotate-secret), $public->{id} ] ],
    [ 'nor one to end',                       65, [ qw(client remove-secret), $public->{id} ] ],
    [ 'a secret of nobody',                   65, [qw(client rotate-secret nobody)] ],
    [ 'to end one of nobody',                 65, [qw(client remove-secret nobody)] ],
    [ 'to disable nobody',                    65, [qw(client disable nobody)] ],
    [ 'to enable nobody',                     65, [qw(client enable nobody)] ],
    [ 'to show nobody',                       65, [qw(client show nobody)] ],
    [ 'to change nobody',                     65, [qw(client change nobody --name x)] ],
    (map { [ "--keep $_", 64, [ qw(client rotate-secret), $app->{id}, '--keep', $_ ] ] } '', '-1', '1w', '1.5d', 'd', '366d', '7 d', '9' x 20),
    (map { [ "$_ with an argument too many", 64, [ 'client', $_, $app->{id}, 'more' ] ] } qw(show rotate-secret remove-secret disable enable)),
    (map { [ "$_ of nobody named", 64, [ 'client', $_ ] ] } qw(show change rotate-secret remove-secret disable enable)),
    )
{
    my ($case, $exit, $arguments) = @$_;
    is tool(@$arguments)->{exit}, $exit, "AD-1: $case";
}

my $me = getpwuid $>;
is $site->sql("select string_agg(distinct event, ' ' order by event) from oauth.audit where detail = 'by $me' and event like 'client%'"),
    'client_add client_disable client_enable client_secret client_secret_end', 'AD-1: all of it is audited';

$site->finish;
