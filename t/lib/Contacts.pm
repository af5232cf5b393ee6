# SPDX-License-Identifier: ISC
# A client of the contacts API, as a partner would write it: it pages, it asks for changes, it starts over.  One connection is kept.
package Contacts;
use v5.36;

use Https;

# The person's token; query => 1: the token travels in the query.
sub new ($class, $site, $token, %o) {
    return bless { site => $site, https => $site->{contacts}, token => $token, %o }, $class;
}

# The same for a new person (or user => ...) with a token of a new client (or client => ...).
sub somebody ($class, $site, %o) {
    my $user   = $o{user}   // $site->user;
    my $client = $o{client} // $site->client;
    my $token  = $site->token($client, $site->signed_in($user));
    return $class->new($site, $token, user => $user, client => $client, owner => $user->{id});
}

# Adds contacts to the shipped directory, each { id, username, name, email, phone }.
sub add ($self, @contacts) {
    my @rows = map {
        my $contact = $_;
        "('$self->{owner}', " . join(', ', map { quoted($contact->{$_}) } qw(id username name email phone)) . ')'
    } @contacts;
    return $self->{site}
        ->sql('insert into directory.person_contact (owner_id, id, username, name, email, phone) values ' . join ', ', @rows);
}

sub quoted ($text) {
    return 'null' unless defined $text;
    utf8::encode($text);
    return "'" . $text =~ s/'/''/gr . "'";
}

# A request over the kept connection, which nginx may have ended: then over a new one.  undef leaves a header out.  A busy machine
# may answer 503 to what is due within 300 ms; then it is asked again, as a client does.
sub request ($self, $method, $target, %headers) {
    my %all = (Connection => 'keep-alive', Authorization => "Bearer $self->{token}", %headers);
    my $answer;
    for (1 .. 8) {
        $self->{socket} //= $self->{https}->connected;
        my $bytes = $self->{https}->bytes($method, $target, \%all, undef);
        $answer = $self->{https}->send_raw($bytes, $method, $self->{socket})->answer_kept;
        delete $self->{socket} if ($answer->header('Connection') // '') ne 'keep-alive';
        return $answer         if $answer->status && $answer->status != 503;
    }
    return $answer;
}

sub get ($self, $target, %headers) { return $self->request('GET', $target, %headers) }

# A page, by the query of a URL or by parameters.
sub list ($self, $query = '', %headers) { return $self->get("/contacts$query", %headers) }

sub ask ($self, @pairs) { return $self->list('?' . Https::form(@pairs)) }

# The query of the next page, and what is wrong with a page's links (CT-2, BT-3).
sub onward ($self, $answer) {
    my ($next, $mark) = @{ $answer->json }{qw(next sync)};
    my $link = $answer->header('Link');
    my @wrong;
    push @wrong, 'Link is not next: ' . ($link // 'none') if ($link // '') ne (defined $next ? qq(<$next>; rel="next") : '');
    return (undef, @wrong) unless defined $next;
    push @wrong, "a mark on a page with next: $mark" if defined $mark;
    push @wrong, "a token in $next" if index($next, $self->{token}) >= 0 || $next =~ /access_token|psta_/;
    push @wrong, "not ours: $next"  if $next                                      !~ s/^\Q$self->{site}{contacts_url}\E(?=[?])//;
    return ($next, @wrong);
}

# A pass over all pages that begin with this query.  limit => a function that says how many rows each page may have.
sub pass ($self, $query = '', %o) { return Contacts::Pass->new($self, $query, %o) }

# All ids by a pass, in order; dies where a page is refused or its links are wrong.
sub all_ids ($self, $query = '', %o) {
    my $pass = $self->pass($query, %o)->run;
    die "$query: status $pass->{status}\n"                  if $pass->{status} != 200;
    die "$query: " . join('; ', @{ $pass->{wrong} }) . "\n" if @{ $pass->{wrong} };
    return map { $_->{id} } @{ $pass->{contacts} };
}

package Contacts::Pass;
use v5.36;

# query: of the next page, undef when all are read; status of the last answer; pages; contacts so far; mark; wrong.
sub new ($class, $client, $query, %o) {
    return bless { client => $client, query => $query, status => 0, pages => 0, contacts => [], wrong => [], %o }, $class;
}

sub with_limit ($query, $limit) {
    return $query if $query =~ s/\blimit=[0-9]+/limit=$limit/;
    return $query . ($query =~ /[?]/ ? '&' : '?') . "limit=$limit";
}

# The contacts of the next page; nothing where there is none, or where it is refused: then query stays.
sub page ($self) {
    return unless defined $self->{query};
    my $limit  = $self->{limit} ? $self->{limit}->()                 : undef;
    my $query  = defined $limit ? with_limit($self->{query}, $limit) : $self->{query};
    my $answer = $self->{answer} = $self->{client}->list($query, %{ $self->{headers} // {} });
    $self->{status} = $answer->status;
    return unless $answer->status == 200;
    die "a pass without end: $query\n" if $self->{pages}++ > 5000;
    my ($next, @wrong) = $self->{client}->onward($answer);
    my $contacts = $answer->json->{contacts};
    push @wrong,                 scalar @$contacts . " rows for a limit of $limit" if defined $limit && @$contacts > $limit;
    push @{ $self->{wrong} },    @wrong;
    push @{ $self->{contacts} }, @$contacts;
    $self->{mark}  = $answer->json->{sync} unless defined $next;
    $self->{query} = $next;
    return $contacts;
}

# All pages that are left.
sub run ($self) {
    1 while $self->page;
    return $self;
}

sub ended ($self) { return !defined $self->{query} }

1;
