# SPDX-License-Identifier: ISC
# A company's own tables in the schema crm, hooked up as doc/integrate.md says, and what "postern check" finds there.
package Hookup;
use v5.36;

use Exporter 'import';
use JSON::PP ();
use Test::More;

our @EXPORT = qw(hook_up findings finds finds_only);

# The views over those tables: name => definition.  Ids are of the types that the site was made with.
our %views = (
    account => 'select uid as id, login as username, hash as password_hash, active, extract(epoch from changed)::text as credential,
         full_name as name, mail as email from crm.person',
    contact => 'select person as owner_id, no as id, nick as username, full_name as name, mail as email, null::text as phone,
         null::timestamptz as updated_at from crm.contact'
);
our $watch = q{call directory.watch_contacts('crm.contact', owner => 'person', id => 'no', username => 'nick', name => 'full_name',
         email => 'mail')};

sub view ($name, $definition = $views{$name}) { return "create or replace view directory.$name as $definition" }

# 20 people with 20 contacts each; the password of all is the site's.
sub hook_up ($site) {
    my ($account, $contact) = @{ $site->{ids} // [qw(integer integer)] };
    my $hash = $site->{hash} = crypt Hookup::password(), '$2y$04$abcdefghijklmnopqrstuu';
    $site->sql(
        "create schema crm;
        create table crm.person (uid $account primary key, login text not null unique, hash text, active boolean not null default true,
            changed timestamptz not null default now(), full_name text, mail text);
        create index person_mail on crm.person (mail);
        create table crm.contact (person $account, no $contact, nick text, full_name text, mail text, primary key (person, no));
        insert into crm.person select i::text::$account, 'login' || i, '$hash', true, now() - i * interval '1 day', 'Person ' || i,
            'p' || i || '\@example.org' from generate_series(1, 20) i;
        insert into crm.contact select p.uid, i::text::$contact, 'nick' || i, 'Contact ' || i, 'c' || i || '\@example.org'
            from crm.person p cross join generate_series(1, 20) i;
        analyze crm.person, crm.contact;" . join ';', map { view($_) } sort keys %views
    );
    $site->sql($watch);
    return;
}

sub password { return 'a-password-of-nobody' }

# All that it finds, as { result, subject, what, todo }; by default with the rights of the owner.
sub findings ($site, %o) {
    my $done = $site->tool([qw(check --json)], user => 'postgres', %o);
    my $all  = eval { JSON::PP->new->decode($done->{out}) } // die "no JSON: $done->{out}$done->{err}";
    my $fail = grep { $_->{result} eq 'FAIL' } @{ $all->{findings} };
    die "exit $done->{exit} with $fail failures" if $done->{exit} != ($fail > 0) || $fail > 0 xor !$all->{good};
    return @{ $all->{findings} };
}

sub said (@findings) {
    return join '', map { "$_->{result} $_->{subject}: $_->{what}\n    " . ($_->{todo} // '') . "\n" } @findings;
}

# One of its findings is of that result and subject, says that, and tells to do that.
sub finds ($site, $name, $result, $subject, $what, $todo = undef) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @all   = findings($site);
    my @found = grep {
               $_->{result} eq $result
            && $_->{subject} eq $subject
            && $_->{what} =~ $what
            && (!defined $todo || ($_->{todo} // '') =~ $todo)
    } @all;
    return ok(scalar @found, $name) || diag said(grep { $_->{result} ne 'ok' || $_->{subject} eq $subject } @all);
}

# No finding but those with these subjects is a note or a failure.
sub finds_only ($site, $name, %expected) {
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @wrong = grep { $_->{result} ne 'ok' && !$expected{"$_->{result} $_->{subject}"} } findings($site);
    return is(said(@wrong), '', $name);
}

1;
