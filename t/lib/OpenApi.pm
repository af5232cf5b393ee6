# SPDX-License-Identifier: ISC
# An OpenAPI document, and what an answer has that it does not say; it keeps account of what it says and was never seen.
package OpenApi;
use v5.36;

use JSON::PP ();
use JSON::Validator;

# Headers of HTTP and of the browser's rules, which an API's description leaves out.
my %common = map { $_ => 1 }
    qw(date server connection content-type content-length content-encoding x-content-type-options access-control-allow-origin
    access-control-expose-headers vary);

sub new ($class, $document) {
    my $self = bless { document => $document, unseen => {} }, $class;
    for my $path (sort keys %{ $document->{paths} }) {
        my $get = $document->{paths}{$path}{get};
        $self->{unseen}{"$path $_->{name}"} = 1 for $self->parameters($path);
        for my $status (sort keys %{ $get->{responses} }) {
            my $response = $self->resolved($get->{responses}{$status});
            $self->{unseen}{"$path $status$_"} = 1
                for '', map {" $_"} sort(keys %{ $response->{headers} }), sort keys %{ $response->{content} // {} };
        }
    }
    $self->{unseen}{"error $_"} = 1 for keys %{ $self->errors };
    return $self;
}

# What a $ref stands for.
sub resolved ($self, $part) {
    return $part unless ref $part eq 'HASH' && $part->{'$ref'};
    my $at = $self->{document};
    for my $name (split m{/}, $part->{'$ref'} =~ s{^#/}{}r) {
        $at = $at->{ $name =~ s/~1/\//gr } // die "$part->{'$ref'} stands for nothing\n";
    }
    return $at;
}

sub parameters ($self, $path) {
    return map { $self->resolved($_) } @{ $self->{document}{paths}{$path}{get}{parameters} };
}

# The status of each code.
sub errors ($self) {
    my $all = $self->{document}{components}{schemas}{Problem}{properties}{error}{oneOf};
    return { map { $_->{const} => $_->{'x-status'} } @$all };
}

# What of a value is not as this schema says, one text.
sub wrong ($self, $schema, $value) {
    my $whole =
        { %$schema, '$schema' => 'https://json-schema.org/draft/2019-09/schema', components => $self->{document}{components} };
    my $validator = JSON::Validator->new;
    $validator->formats->{$_} = sub {undef}
        for qw(int32 int64);
    return join '; ', $validator->schema($whole)->schema->validate($value);
}

# Notes that a request has tried a parameter.
sub tried ($self, $path, @names) {
    return delete @{ $self->{unseen} }{ map {"$path $_"} @names };
}

# What of the answer to a GET of this path is not as the document says; undef: nothing.
sub differs ($self, $path, $answer) {
    my $responses = $self->{document}{paths}{$path}{get}{responses};
    my $status    = $answer->status;
    my ($key)     = grep { $responses->{$_} } $status, int($status / 100) . 'XX' or return "status $status is not declared";
    my $response  = $self->resolved($responses->{$key});
    delete $self->{unseen}{"$path $key"};
    return join(
        '; ', $self->wrong_headers("$path $key", $response->{headers}, $answer),
        $self->wrong_body("$path $key", $response, $answer)
    ) || undef;
}

sub wrong_headers ($self, $where, $declared, $answer) {
    my %declared = map { lc $_ => $_ } keys %$declared;
    my @wrong;
    for (@{ $answer->{headers} }) {
        my ($name, $value) = @$_;
        my $as = delete $declared{ lc $name };
        if (!defined $as) {
            push @wrong, "header $name is not declared" unless $common{ lc $name };
            next;
        }
        delete $self->{unseen}{"$where $as"};
        my $schema = $self->resolved($declared->{$as})->{schema};
        my $wrong  = $self->wrong($schema, $schema->{type} eq 'integer' ? 0 + $value : $value);
        push @wrong, "header $name is $value: $wrong" if $wrong;
    }
    push @wrong, map {"header $_ is missing"} grep { $self->resolved($declared->{$_})->{required} } values %declared;
    return @wrong;
}

sub wrong_body ($self, $where, $response, $answer) {
    my $type = $answer->type;
    return length $answer->body ? 'there is a body' : () unless $response->{content};
    my $content = $response->{content}{$type} // return "the type $type is not declared";
    delete $self->{unseen}{"$where $type"};
    return () if $type !~ /json$/;
    my $json  = $answer->json;
    my $wrong = $self->wrong($content->{schema}, $json);
    return $wrong if $wrong || $type !~ /problem/ || !defined $json->{error};
    delete $self->{unseen}{"error $json->{error}"};
    return () if $answer->status == $self->errors->{ $json->{error} } || $where =~ /XX$/;
    return "$json->{error} with status " . $answer->status;
}

sub unseen ($self) {
    my @unseen = sort keys %{ $self->{unseen} };
    return @unseen;
}

1;
