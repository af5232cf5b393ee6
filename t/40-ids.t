# SPDX-License-Identifier: ISC
# Whatever the type of an account's and a contact's id, the way is the same; a number is a JSON number, all else a string.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use Check;
use Device;
use Flow;
use Site;

# Account's and contact's type, contacts in the order of the pages, and how an id stands in JSON.
my $site;
for (
    [ bigint => 'uuid',   [ map { sprintf '%08d-0000-4000-8000-000000000000', $_ } 1 .. 5 ], qr/^\d+$/, qr/^"/ ],
    [ uuid   => 'text',   [ '',                   ' ', '"><', '0', 'a,b&c=d' ],           qr/^"[0-9a-f]{8}-/, qr/^"/ ],
    [ text   => 'bigint', [ -9223372036854775808, -1,  0,     1,   9223372036854775807 ], qr/^"/,             qr/^-?\d+$/ ],
    )
{
    my ($account, $contact, $ids, $account_json, $contact_json) = @$_;
    my $name = "$account, $contact";
    $site->check if $site;
    $site = Site->new(ids => [ $account, $contact ]);
    my $user   = $site->user;
    my $client = $site->client(seed => 1);
    $site->sql(
        'insert into directory.person_contact (owner_id, id, username) values ' . join ', ',
        map {"('$user->{id}', '$_', 'x')"} reverse @$ids
    );
    my $token = $site->redeem($client, $site->code($client, $site->signed_in($user)))->json->{access_token};
    my $body  = $site->profile($token)->body;
    my ($id)  = $body =~ /^\{"id":(.*?),"username"/;
    like $id, $account_json, "/profile: an account's id ($name)";
    is JSON::PP->new->allow_nonref->decode($id), $user->{id}, "the id is the account's ($name)";

    # Page by page, one contact each.
    my ($query, @seen) = ('?limit=1');
    while (defined $query && @seen < 9) {
        my $answer = $site->contact_list($token, $query);
        is $answer->status, 200, "/contacts$query" =~ s/cursor=.*/cursor=.../r . " ($name)";
        push @seen, $answer->body =~ /^\{"contacts":\[\{"id":(.*?),"username"/;
        $query = ($answer->json->{next} // '') =~ /(\?.*)/ ? $1 : undef;
    }
    is_deeply [ map { JSON::PP->new->allow_nonref->decode($_) . '' } @seen ], [ map {"$_"} @$ids ],
        "CT-2: all contacts, in order ($name)";
    like $_, $contact_json, "/contacts: a contact's id ($name)" for $seen[-1];

    # DV-1: the device grant, by somebody who types one wrong code before.
    my $tv     = $site->client(device => 'only', type => 'public');
    my $codes  = device_begins($site, $tv);
    my $person = $site->signed_in($user);
    is type_code($person, 'BCDF-GHJK')->status, 400, "8628 5.1: the account's guesses are counted ($name)";
    is $site->sql("select count(*) from oauth.login_limit where key = 'device account $user->{id}'"), 1, "by its id ($name)";
    is decided($person, $codes)->status, 200, "DV-1: the person allows a device ($name)";
    is poll($site, $tv, $codes)->status, 200, "DV-1: which gets its tokens ($name)";
    is $site->sql("select distinct account_id from oauth.audit where event in ('login', 'consent', 'token')"), $user->{id},
        "OP-6: the audit names the person ($name)";

    if ($account eq 'text') {
        my $machine = $site->user;
        $site->sql("update directory.person set id = 'client:x' where id = '$machine->{id}'");
        is $site->person->try($machine)->status, 403, 'CA-5: an account whose id reads as a machine\'s subject can\'t sign in';
        $site->sql("update directory.person set id = 'clienty' where id = 'client:x'");
        is $site->person->try($machine)->status, 200, 'CA-5: one that only looks like it can';
    }
    $site->sql("update directory.person set active = false");
    challenge $site->profile($token), 401, { error => 'invalid_token' }, "TK-13: a disabled account ($name)";
    $site->sql('delete from directory.person');
    like $site->tool_ok(['sample']), qr/psts_/, "the sample data ($name)";
}

# CA-5: a token of before, of an account whose id then reads as a machine's subject, is for nobody.
$site->sql('delete from directory.person');
my $user   = $site->user;
my $server = $site->client(introspect => 'profile');
my $token  = $site->token($site->client, $site->signed_in($user));
my $asked  = sub { $site->{https}->post('/introspect', [ token => $token, client_id => $server->{id}, client_secret => $server->{secret} ]) };
is $asked->()->json->{sub}, $user->{id}, 'IN-1: the subject is the account\'s id';
$site->sql("update directory.person set id = 'client:x' where id = '$user->{id}'");
$site->sql("update oauth.grants set account_id = 'client:x'");
is $asked->()->body, '{"active":false}', 'CA-5: a token of an account whose id begins with client: is for nobody';

$site->finish;
