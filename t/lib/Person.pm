# SPDX-License-Identifier: ISC
# A person with a browser, as far as cookies, redirects within the site and forms go.
package Person;
use v5.36;

use Https;
use Page;

sub new ($class, $site, $address) {
    return bless { site => $site, https => $site->{https}->from($address), jar => {} }, $class;
}

sub last_answer ($self) { return $self->{last} }

sub cookie ($self, $name) { return $self->{jar}{$name} }

sub cookie_header ($self) {
    my $jar = $self->{jar};
    return %$jar ? (Cookie => join '; ', map {"$_=$jar->{$_}"} sort keys %$jar) : ();
}

sub keep_cookies ($self, $answer) {
    my $set = $answer->cookies;
    for my $name (keys %$set) {
        my ($value, $attributes) = @{ $set->{$name} };
        $self->{jar}{$name} = $value;
        delete $self->{jar}{$name} if ($attributes->{'max-age'} // 1) <= 0;
    }
    return $self->{last} = $answer;
}

# One request, no redirect followed.
sub get ($self, $target, %headers) { return $self->keep_cookies($self->{https}->get($target, $self->cookie_header, %headers)) }

# A form sent from one of our own pages.
sub post ($self, $target, $pairs, %headers) {
    my %own = (Origin => $self->{site}{issuer}, 'Sec-Fetch-Site' => 'same-origin');
    return $self->keep_cookies($self->{https}->post($target, $pairs, $self->cookie_header, %own, %headers));
}

# The path where a redirect leads within the site; undefined where it leaves it.
sub onward ($self, $answer) {
    return unless $answer->status == 303;
    my $where = $answer->location =~ s/^\Q$self->{site}{issuer}\E(?=\/)//r;
    return $where =~ m{^/} ? $where : undef;
}

sub follow ($self) {
    my $left = 5;
    while (defined(my $where = $self->onward($self->{last}))) {
        die "redirected too often\n" unless $left--;
        $self->{at} = $where;
        $self->get($where);
    }
    return $self->{last};
}

# Opens a page as from the address bar or a link.
sub open_page ($self, $target) {
    $self->get($self->{at} = $target);
    return $self->follow;
}

sub form ($self, $n = 0) {
    return Page::forms($self->{last}->body)->[$n] // die 'no form in ' . $self->{last}->bytes . "\n";
}

# Sends the page's form at once; its answer is read later.
sub sending ($self, %change) {
    my $form   = $self->form;
    my %fields = (%{ $form->{fields} }, %change);
    my %header = ($self->cookie_header, Origin => $self->{site}{issuer});
    return $self->{https}->send('POST', $form->{action}, Https::form_headers(\%header), Https::form(%fields));
}

# Opens the login page and tries a user's name and password.
sub try ($self, $user) {
    $self->open_page('/login');
    return $self->sign_in($user);
}

# Sends the page's form with these fields filled in (undef leaves one out), without following the redirect.
sub send_form ($self, %change) {
    my %headers = %{ delete $change{headers} // {} };
    my $form    = $self->form;
    my %fields  = (%{ $form->{fields} }, %change);
    return $self->post($form->{action}, [ map { $_ => $fields{$_} } sort keys %fields ], %headers);
}

sub submit ($self, %change) {
    $self->send_form(%change);
    return $self->follow;
}

sub sign_in ($self, $user) { return $self->submit(username => $user->{name}, password => $user->{password}) }

1;
