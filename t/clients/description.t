# SPDX-License-Identifier: ISC
# What others make of /openapi.json (CT-9): openapi-spec-validator finds it well-formed, and schemathesis, which makes requests of it by
# the hundred, good ones and bad ones, finds nothing that the server does otherwise.  make check-clients installs both.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Flow;
use Process qw(run);
use Run;
use Site;

my $bin    = "$Run::build/check-clients.d/venv/bin";
my $site   = Site->new(ports => 1);
my $client = $site->client;
my $user   = $site->user;
my $token  = $site->token($client, $site->signed_in($user));
my $api    = $site->{contacts_url} =~ s{/contacts$}{}r;
my $seed   = $ENV{SEED} // int rand 1e9;
$site->sql(
    "update oauth.client set contacts_per_minute = 1000000 where client_id = '$client->{id}';
     insert into directory.person_contact (owner_id, id, username, name, email)
         select $user->{id}, i, 'contact ' || i, 'Name ' || i, i || '\@example.com' from generate_series(1, 30) i"
);

sub tool ($name, @arguments) {
    my $done = run(
        [ "$bin/$name", @arguments ],
        env => { HOME => $site->{dir}, SSL_CERT_FILE => Run::certificate()->{ca} },
        cwd => $site->{dir}, seconds => 300
    );
    is $done->{exit}, 0, "CT-9: $name finds nothing" or diag "$done->{out}$done->{err}" =~ s/\Q$token\E/TOKEN/gr;
    return;
}

for my $views ([], ['contact_change'], ['contact_word']) {
    $site->sql("drop view directory.$_") for @$views;
    $site->disconnect if @$views;
    note "without @$views, seed $seed";
    open my $file, '>', "$site->{dir}/openapi.json" or die $!;
    print $file $site->{contacts}->get('/openapi.json')->body;
    close $file or die $!;
    tool('openapi-spec-validator', "$site->{dir}/openapi.json");
    tool(
        'schemathesis', '--config-file', "$FindBin::Bin/schemathesis.toml", 'run', "$api/openapi.json",
        '--header',     "Authorization: Bearer $token", '--tls-verify', Run::certificate()->{ca},
        qw(--checks all --max-examples 100 --no-color --seed), $seed
    );
}

$site->finish;
