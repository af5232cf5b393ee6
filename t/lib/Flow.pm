# SPDX-License-Identifier: ISC
# What tests do with a site again and again: a client, a user, a code, a token.
package Flow;
use v5.36;

use Digest::SHA  qw(sha256);
use MIME::Base64 qw(encode_base64);

use Canary;
use Https;
use Person;

my $count = 0;

sub random ($bytes) {
    open my $in, '<:raw', '/dev/urandom' or die $!;
    read $in, my ($random), $bytes;
    return base64url($random);
}

sub base64url ($bytes) { return encode_base64($bytes, '') =~ tr{+/=}{-_}dr }

# An opaque value with a checksum that is right for the rest of it (TK-11).
sub checked ($value) {
    my $text = substr $value, 0, -6;
    return $text . base64url(substr sha256($text), 0, 4);
}

# A verifier and its challenge.
sub pkce {
    my $verifier = random(32);
    Canary::add($verifier);
    return ($verifier, base64url(sha256($verifier)));
}

# Registers a client with the tool: { id, secret, redirect_uri }.  With seed => 1 by the seed's contract; else it authenticates in
# the body.
sub client ($self, %o) {
    my %client =
        (id => 'client-' . ++$count, name => 'Test client', type => 'confidential', redirect_uri => 'https://app.example/back', %o);
    $client{auth_method} //= 'client_secret_post' if $client{type} eq 'confidential' && !$client{seed};
    my @uris = ref $client{redirect_uri} ? @{ $client{redirect_uri} } : $client{redirect_uri};
    my @more = map { defined $client{$_} ? ('--' . tr/_/-/r, $client{$_}) : () }
        qw(type auth_method scope origin contacts_per_minute contacts_limit);
    push @more, '--no-pkce'       if $client{no_pkce};
    push @more, '--seed-contract' if $client{seed};
    push @more, '--refresh'       if $client{refresh};
    push @more, '--no-rotation'   if $client{no_rotation};
    push @more, '--device'        if $client{device};
    push @more, '--machine'       if $client{machine};
    @uris = () if $client{machine} || ($client{device} // '') eq 'only';
    push @more, '--introspect', $client{introspect} if $client{introspect};
    @uris = () if $client{introspect};
    my $out = $self->tool_ok(
        [ qw(client add --name), $client{name}, '--id', $client{id}, (map { ('--redirect-uri', $_) } @uris), @more ]);
    $client{redirect_uri} = $uris[0];
    ($client{secret}) = $out =~ /(psts_[A-Za-z0-9_-]+)/;
    return \%client;
}

# Adds a person to the shipped directory: { name, password, id }.
sub user ($self, $name = 'person-' . ++$count) {
    my %user = (name => $name, password => 'pw ' . random(12));
    Canary::add($user{password});
    $self->tool_ok([ qw(user add), $name ], stdin => "$user{password}\n");
    $user{id} = $self->sql(q(select id from directory.person where username = :'name'), set => ["name=$name"]);
    return \%user;
}

# A browser at that address.
sub person ($self, $address = '192.0.2.1') { return Person->new($self, $address) }

# The path and query of a good authorization request, with changes; undef leaves a parameter out.
sub authorize_url ($self, $client, %change) {
    my %query = (response_type => 'code', client_id => $client->{id}, redirect_uri => $client->{redirect_uri}, %change);
    return '/authorize?' . Https::form(map { $_ => $query{$_} } sort keys %query);
}

# A browser in which this user is signed in.
sub signed_in ($self, $user) {
    my $person = $self->person;
    $person->open_page('/login');
    my $answer = $person->sign_in($user);
    die 'not signed in: ' . $answer->bytes . "\n" unless $answer->status == 200;
    return $person;
}

# Asks for a code with a signed-in person, who allows it; returns the answer that carries it to the client.
sub allowed ($self, $client, $person, %query) {
    $person->open_page($self->authorize_url($client, %query));
    return $person->submit(decision => 'allow');
}

sub code ($self, $client, $person, %query) {
    my $answer = $self->allowed($client, $person, %query);
    return $answer->query->{code} // die 'no code: ' . $answer->bytes . "\n";
}

# Sends a form with a client's id and secret in it, and headers => {...}; undef leaves a parameter out.  Its answer is read later.
sub sending ($self, $path, $client, %form) {
    my %headers = %{ delete $form{headers} // {} };
    my %all     = (client_id => $client->{id}, client_secret => $client->{secret}, %form);
    return $self->{https}->send('POST', $path, Https::form_headers(\%headers), Https::form(map { $_ => $all{$_} } sort keys %all));
}

# Likewise a good request of this code at /token, with changes.
sub redeeming ($self, $client, $code, %change) {
    my %good = (grant_type => 'authorization_code', code => $code, redirect_uri => $client->{redirect_uri});
    return $self->sending('/token', $client, %good, %change);
}

sub redeem ($self, @what) { return $self->redeeming(@what)->answer }

# A new access token for this client and person.
sub token ($self, $client, $person, %query) {
    my ($verifier, $challenge) = pkce();
    my $code   = $self->code($client, $person, code_challenge => $challenge, code_challenge_method => 'S256', %query);
    my $answer = $self->redeem($client, $code, code_verifier => $verifier);
    die 'no token: ' . $answer->bytes . "\n" unless $answer->status == 200;
    return $answer->json->{access_token};
}

sub bearer ($token) { return (Authorization => "Bearer $token") }

sub profile ($self, $token) { return $self->{https}->get('/profile', bearer($token)) }

# A page of contacts without its mark, which is another each time.
sub unmarked ($text) { return $text =~ s/,"sync":"[A-Za-z0-9._~-]+"//r }

sub contact_list ($self, $token, $query = '') { return $self->{contacts}->get("/contacts$query", bearer($token)) }

1;
