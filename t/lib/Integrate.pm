# SPDX-License-Identifier: ISC
# A site whose people are a company's own, hooked up by the SQL that stands in doc/integrate.md, and what must work then.
package Integrate;
use v5.36;

use Exporter 'import';
use Test::More;

use Canary;
use Check;
use Flow;
use Hashes;
use Nginx;
use Run;
use Site;
use Statements;

our @EXPORT = qw(block ids_of hooked_up people whole_way frameworks checked without_log travels);

my $handbook = Nginx::slurp("$Run::source/doc/integrate.md");

# A block of SQL by its name, with what an administrator puts in instead of what stands there.
sub block ($name, %adapted) {
    my ($sql) = $handbook =~ m{^```sql\n-- \Q$name\E\n(.*?)^```$}ms or die "doc/integrate.md has no $name\n";
    for my $written (sort keys %adapted) {
        die "$name doesn't say $written\n" unless $sql =~ s/\Q$written\E/$adapted{$written}/g;
    }
    return $sql;
}

# The names of all of them.
sub blocks { return $handbook =~ /^```sql\n-- (\S+)$/mg }

# The arguments of the first "postern migrate" after a heading.
sub ids_of ($heading) {
    my @ids =
        $handbook =~ m{^\#\# \Q$heading\E\n.*?^runuser -u postgres -- postern migrate --account-id (\w+) --contact-id (\w+)\n}ms
        or die "doc/integrate.md migrates nothing under $heading\n";
    return \@ids;
}

# A site of these types of ids, whose programs start when the function has pointed its views elsewhere.
sub hooked_up ($hook_up, %o) {
    my $site = Site->new(programs => [], %o);
    $hook_up->($site);
    $site->start($_) for @Site::programs;
    return $site;
}

# A site over a MariaDB in whose tables these people are (they get their ids), the first of them with these contacts.
sub over_mysql ($mariadb, $people, $contacts, %o) {
    $mariadb->sql(
        "create database crm; use crm;
         create table users (id bigint unsigned auto_increment primary key, login varchar(64) not null unique, mail varchar(190),
             password varchar(200), enabled tinyint(1) not null default 1,
             password_changed_at timestamp(6) not null default current_timestamp(6), full_name varchar(190));
         create table contacts (id varchar(36) primary key, user_id bigint unsigned not null, nick varchar(64),
             full_name varchar(190), mail varchar(190), telephone varchar(40),
             changed_at timestamp not null default current_timestamp on update current_timestamp)"
    );
    $mariadb->sql(block('mysql_there.sql'));
    for my $person (@$people) {
        my $name = $person->{name};
        $mariadb->sql(
            "insert into crm.users (login, mail, password, full_name)
             values ('$name', '$name\@example.com', '$person->{hash}', '$name')"
        );
        $person->{id} = $mariadb->sql("select id from crm.users where login = '$name'");
    }
    $mariadb->sql(
        'insert into crm.contacts (id, user_id, nick) values ' . join ', ',
        map {"('$_', $people->[0]{id}, 'n-$_')"} reverse @$contacts
    );
    my $hook_up = sub ($site) { $site->sql(block('mysql_here.sql', $mariadb->adapted)) };
    return hooked_up($hook_up, ids => ids_of('Tables in MySQL or MariaDB'), %o);
}

# Three people, each with a password hash of another scheme: { name, password, hash }.
sub people (@names) {
    my @settings = ('$2b$04$abcdefghijklmnopqrstuu', '$6$rounds=1000$saltsaltsalt$', '$y$j75$saltsaltsalt$');
    return map {
        my $password = "pw $_ " . Flow::random(6);
        Canary::add($password);
        { name => $_, password => $password, hash => crypt($password, shift @settings) }
    } @names;
}

# The ids in all pages of a token's contacts, two on each, by the links.
sub paged ($site, $token) {
    my ($query, @ids) = ('?limit=2');
    for (1 .. 20) {
        my $answer = $site->contact_list($token, $query);
        return 'status ' . $answer->status if $answer->status != 200;
        push @ids, map { $_->{id} } @{ $answer->json->{contacts} };
        ($query) = ($answer->json->{next} // '') =~ /(\?.*)/ or return "@ids";
    }
    return 'pages without end';
}

sub statuses ($site, $token) {
    return join ' ', map { $_->status } $site->profile($token), $site->contact_list($token);
}

# Everything that a company's people can do, and what its own changes do to them.
#
# people => [ three of { name, password, hash, id } ], contacts => the ids of the first one's, in order (the second has others, the
# third none); the company's own doing are disable, enable, change_password, delete_person (functions of a person) and
# delete_contact (of an id).
sub whole_way ($site, %company) {
    my ($anna, $ben, $eve) = @{ $company{people} };
    my $client = $site->client(seed => 1);
    my %token  = map { $_->{name} => $site->token($client, $site->signed_in($_)) } $anna, $ben, $eve;
    my $of     = sub ($person) { return $token{ $person->{name} } };
    for my $person ($anna, $ben, $eve) {
        my $said = $site->profile($of->($person))->json;
        is "$said->{id} $said->{username}", "$person->{id} $person->{name}",
            'DI-2: a password of ' . substr($person->{hash}, 0, 3) . ' signs in; /profile tells who it is';
    }
    is paged($site, $of->($anna)), "@{ $company{contacts} }", 'CT-2: all contacts page by page, in order';
    is paged($site, $of->($eve)),  '',                        'CT-1: nobody else\'s';
    is $site->person->try({ %$anna, password => 'wrong' })->status, 403, 'a wrong password does not sign in';

    my $gone = $company{contacts}[1];
    $company{delete_contact}->($gone);
    is paged($site, $of->($anna)), join(' ', grep { $_ ne $gone } @{ $company{contacts} }),
        'DI-1: a contact that was deleted vanishes';

    is statuses($site, $of->($ben)), '200 200', 'a living token';
    $company{disable}->($ben);
    challenge $site->profile($of->($ben)), 401, { error => 'invalid_token' }, 'DI-3: a disabled account ends its tokens';
    is statuses($site, $of->($ben)),     '401 401', 'DI-3: also at /contacts';
    is $site->person->try($ben)->status, 403,       'DI-3: and can\'t sign in';
    $company{enable}->($ben);
    is statuses($site, $of->($ben)), '200 200', 'and it is back with the account';
    $company{change_password}->($ben);
    is statuses($site, $of->($ben)),                                        '401 401', 'DI-3: a changed password ends them';
    is $site->person->try($ben)->status,                                    403,       'DI-3: the old one does not sign in';
    is $site->person->try({ %$ben, password => $eve->{password} })->status, 200,       'DI-3: the new one does';
    $company{delete_person}->($eve);
    is statuses($site, $of->($eve)),  '401 401', 'DI-3: and so does a deleted account';
    is statuses($site, $of->($anna)), '200 200', 'nobody else\'s ended';
    return $of->($anna);
}

# The passwords that these frameworks hashed sign in, when the company has their hashes in its table.
sub frameworks ($site, $person, $set_hash, @who) {
    for my $line (Hashes::lines('hashes')) {
        my ($from, $hash) = @$line;
        next unless grep { $from eq $_ } @who;
        $set_hash->($hash);
        is $site->person->try({ %$person, password => $Hashes::password })->status, 200,
            "DI-2: a password hash of $from signs in: " . substr($hash, 0, 20);
    }
    return;
}

# What "postern check" says of a good hook-up: nothing to do.  (The tool of a test has no keyring.)
sub checked ($site) {
    my @complaints = grep { /^FAIL/ && !/keyring/ } split /\n/, $site->tool(['check'], user => 'postgres')->{out};
    is join("\n", @complaints), '', 'AD-3: postern check finds nothing wrong';
    return;
}

# What the triggers are for is not there, and is not given out as if it were.
sub without_log ($site, $token) {
    problem $site->contact_list($token, "?$_"), 400, 'not_offered', "CT-5, CT-6: no $_ without the log"
        for qw(q=x order=name sync=x);
    my $answer = $site->contact_list($token);
    is join(' ', sort keys %{ $answer->json }), 'contacts', 'CT-6: nor a mark on the last page';
    return;
}

# Each statement of the programs asks the other server for what it needs, by a key, and for nothing else; $called is EXPLAIN's word.
# (login_mix looks at a sample of the accounts.)  And nobody of Postern's may read what is below the views, nor see its password.
sub travels ($site, $called) {
    my @options = (env => { PGOPTIONS => Statements::worker_options() . ' -c statement_timeout=0' });
    my (%asks, %whole);
    for my $s (grep { $_->{program} ne 'admin' && $_->{sql} !~ /directory\.contact_/ } Statements::all()) {
        my $execute = $s->nulls =~ s/;$//r;
        my $plan    = $site->sql(
            "prepare s as $s->{sql}\nexplain (verbose) execute s$execute;", @options,
            user => "$site->{roles}-" . $s->role
        );
        my @remote = $plan =~ /$called: (.*)/g;
        push @{ $asks{ $s->{name} } }, @remote;
        my @without = grep { !/ WHERE .*\b(?:id|user_id|login|mail)\b[`)]*(?:::text)? = / } @remote;
        $whole{ $s->{name} } = "@without" if @without && $s->{name} ne 'login_mix';
    }
    is_deeply \%whole, {}, 'DI-1: each look-up goes to the other server with its key';
    my ($page) = grep {/contacts/} @{ $asks{contacts} };
    like $page, qr/\buser_id\b\S* = .*ORDER BY \S*\bid\b/, 'CT-4: the contacts of one person, in order';
    my ($one) = grep {/contacts/} @{ $asks{contact} };
    like $one, qr/\bid\b\S* = /, 'CT-4: one contact by its id';
    for my $role (map {"$site->{roles}-$_"} qw(authorize token contacts admin maintain)) {
        is $site->sql(
            "select count(*) from pg_class where relnamespace = 'company'::regnamespace
                and has_table_privilege('$role', oid, 'select')
            or has_schema_privilege('$role', 'company', 'usage')"
            ),
            0, "$role reads the views alone";
        is $site->sql("select count(umoptions) from pg_user_mappings", user => $role), 0, 'and sees no password of another server';
    }
    return;
}

1;
