# SPDX-License-Identifier: ISC
# The rows of bench/contacts: places in the API, the queries that lead there, and what the statement's parameters are for them.
package Places;
use v5.36;

use List::Util   qw(min);
use MIME::Base64 qw(decode_base64url);
use Time::HiRes  qw(time);

use Contacts;
use Directory;
use Response;

# The statement of each order, and its parameters after the token.
my %statement = (
    id   => [ 'contacts/contacts',         qw(owner at0 horizon limit all) ],
    name => [ 'contacts/contacts_by_name', qw(owner at0 at1 horizon limit all) ],
    q    => [ 'contacts/contacts_search',  qw(q q_end owner at0 at1 limit all) ],
    sync => [ 'contacts/contacts_sync',    qw(identity owner database since horizon at0 at1 limit all) ],
);
my %query = (id => '?limit=100', name => '?limit=100&order=name', q => '?limit=100&q=s', sync => '?limit=100&sync=');

# A row is an order, who asks, with which query, for which page; "sync" ends with the mark of before or after the changes.
my %contacts = (path => '/contacts', host  => 'contacts', sql => 'contacts/contacts', order => 'id', query => $query{id});
my @size     = (kind => 'thousand',  sides => [qw(product small pgbench)]);
my @alone    = (kind => 'most',      sides => [qw(product pgbench)]);
my @rows     = (
    { name => 'profile', path => '/profile', sql => 'token/profile', kind => 'ten', sides => ['product'] },
    { name => 'check', path => '/bench/check/product', sql => 'token/check', kind => 'ten', sides => ['product'], protected => 1 },
    { %contacts, name => 'page 3',   kind => 'ten',    query => '?limit=3', sides => [qw(product small kept usual pgbench)] },
    { %contacts, name => 'page 100', kind => 'spread', sides => [qw(product kept usual pgbench)] },
    {
        %contacts, name => 'page full', kind => 'spread', query => "$query{id}&fields=id,username,name,email,phone,updated_at",
        sides => [qw(product pgbench)]
    },
    map({ { %contacts, name => "$_ 1000", order => $_, query => $query{$_}, @size } } qw(id name q)),
    { %contacts, name => 'sync 100', order => 'sync', query => $query{sync}, mark => 'before', @size },
    { %contacts, name => 'sync 0',   order => 'sync', query => $query{sync}, mark => 'after',  @size },
    map {
        my %row    = (%contacts, order => $_, query => $query{$_}, $_ eq 'sync' ? (mark => 'before') : (), @alone);
        my @places = ('first', 'last', $_ eq 'q' ? 'slowest' : ());
        map { { %row, name => "$row{order} $_", place => $_ } } @places;
    } qw(id name q sync)
);

sub chosen (@names) {
    my $begins = sub ($row, $name) { index($row->{name}, $name) == 0 };
    for my $name (@names) {
        grep { $begins->($_, $name) } @rows or die "no row \"$name\"; there are: " . join(', ', map { $_->{name} } @rows) . "\n";
    }
    return grep {
        my $row = $_;
        !@names || grep { $begins->($row, $_) } @names
    } @rows;
}

# Gives each row "asked", [ asker, query ] of each side, "sample", what the first is answered with, and "size", its bytes on each side.
sub find ($stage, @rows) {
    my @sides = map {
        my $side = $_;
        map { [ $side, $_ ] } grep { $stage->{askers}{$side}{$_} } qw(thousand most)
    } qw(product small);
    set_marks($stage, 'before', @sides);
    $stage->sql($_, "call bench.change('thousand', 100); call bench.change('most', 10000); vacuum") for qw(product small);
    set_marks($stage, 'after', @sides);
    for my $row (@rows) {
        for my $side (grep {/product|small/} @{ $row->{sides} }) {
            $row->{asked}{$side} =
                [ map { [ $_, query_of($stage, $row, $side, $_) ] } @{ $stage->{askers}{$side}{ $row->{kind} } } ];
        }
        $row->{sample} = sample($stage, $row, 'product');
        $row->{size}{$_} = length sample($stage, $row, $_)->bytes for keys %{ $row->{asked} };
    }
    return;
}

sub set_marks ($stage, $when, @sides) {
    for my $one (@sides) {
        my ($side, $kind) = @$one;
        $_->{$when} = mark($stage, $side, $_) for @{ $stage->{askers}{$side}{$kind} };
    }
    return;
}

# One of all full pages, [ query, seconds ].
my %place = (
    last    => sub (@pages) { $pages[-1] },
    slowest => sub (@pages) {
        (sort { $a->[1] <=> $b->[1] } @pages)[-1];
    }
);

sub query_of ($stage, $row, $side, $asker) {
    return '' unless $row->{order};
    my $query = $row->{query} . ($row->{mark} ? $asker->{ $row->{mark} } : '');
    return $query if ($row->{place} // 'first') eq 'first';
    my $pages = $asker->{pages}{$query} //= [ full_pages($stage, $side, $asker, $query) ];
    return $place{ $row->{place} }->(@$pages)->[0];
}

sub sample ($stage, $row, $side) {
    my ($asker, $query) = @{ $row->{asked}{$side}[0] };
    return ask($stage, $side, $asker, $query) if $row->{order};
    my $answer = $stage->{site}{https}->get($row->{path}, Authorization => "Bearer $asker->{token}");
    die "$row->{name}: ", $answer->bytes, "\n" unless $answer->status == 200;
    return $answer;
}

# Somebody asks for a page, and gets one.
sub ask ($stage, $side, $asker, $query) {
    my $client = $asker->{client} //= Contacts->new($stage->{site}, $asker->{token});
    my $answer = $client->get(Directory::address($side) . $query);
    die "$query: ", $answer->bytes, "\n" unless $answer->status == 200;
    return $answer;
}

sub onward ($answer) { return ($answer->json->{next} // '') =~ s/^[^?]*//r }

# The mark at the end of a pass over all contacts.
sub mark ($stage, $side, $asker) {
    my ($answer, $query) = (undef, '?limit=1000');
    while ($query ne '') {
        $answer = ask($stage, $side, $asker, $query);
        $query  = onward($answer);
    }
    return $answer->json->{sync};
}

# The queries of all pages that are as full as the first, in order, each with the least time of three.
sub full_pages ($stage, $side, $asker, $query) {
    my ($full, @pages);
    while ($query ne '') {
        my ($answer, @seconds);
        for (1 .. 3) {
            my $began = time;
            $answer = ask($stage, $side, $asker, $query);
            push @seconds, time - $began;
        }
        my $count = @{ $answer->json->{contacts} };
        $full //= $count;
        push @pages, [ $query, min(@seconds) ] if $count == $full;
        $query = onward($answer);
    }
    return @pages;
}

sub statement ($row) { return $statement{ $row->{order} }[0] }

# What a cursor or mark holds.
sub parts ($text) {
    return map { /^=(.*)/s ? $1 : undef } split /\0/, decode_base64url($text =~ s/[.].*//r), -1;
}

# The values of $1, $2, ... for an asker's query; undef: null.
sub parameters ($row, $asker, $query) {
    my %asked = %{ Response::query(undef, $query) };
    my %p     = (
        limit => $asked{limit}, all => $asked{fields} ? 'true' : 'false', q => $asked{q},
        q_end => ($asked{q} // '') . "\xEF\xBF\xBF"
    );
    @p{qw(owner database since)}                      = parts($asked{sync})   if defined $asked{sync};
    @p{qw(pass owner database horizon since at0 at1)} = parts($asked{cursor}) if defined $asked{cursor};
    $p{identity}                                      = $p{database};
    my (undef, @names) = @{ $statement{ $row->{order} } };
    return ($asker->{slot}, $asker->{digest}, 'false', @p{@names});
}

1;
