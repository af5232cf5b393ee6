# SPDX-License-Identifier: ISC
# nginx with the project's own example of two virtual hosts: TLS on Unix sockets, and on loopback ports where a client wants
# them.  The header X-Test-Address is what the client's address becomes.
package Nginx;
use v5.36;

use IO::Socket::INET;
use IO::Socket::UNIX;

use Process qw(program run wait_for);
use Run;

# dir => of the site, runstatedir => what the files' placeholder means, ports => [ authorization, contacts ], extra => more
# configuration at http level, change => a function that gets each shipped file's text and returns what it shall be instead.
sub new ($class, %o) {
    my $self = bless { log => "$o{dir}/log", extra => '', change => sub ($text) {$text}, %o }, $class;
    mkdir "$self->{dir}/$_" or die "$self->{dir}/$_: $!\n" for qw(nginx nginx/t);
    $self->fill($_) for glob "$Run::source/nginx/*.conf.in";
    my $file = "$self->{dir}/nginx/nginx.conf";
    open my $out, '>', $file or die "$file: $!\n";
    print $out $self->conf;
    close $out or die "$file: $!\n";
    return $self;
}

# What make install does with the placeholder.
sub fill ($self, $from) {
    my $to = "$self->{dir}/nginx/" . $from =~ s{.*/}{}r =~ s/\.in\z//r;
    open my $out, '>', $to or die "$to: $!\n";
    print $out $self->{change}->(slurp($from)) =~ s/\@runstatedir\@/$self->{runstatedir}/gr;
    return close $out;
}

sub slurp ($file) {
    open my $in, '<', $file or die "$file: $!\n";
    local $/ = undef;
    return readline $in;
}

# The example, with what an administrator changes in it, and Unix sockets instead of ports.
sub hosts ($self) {
    my $tls   = Run::certificate();
    my $hosts = $self->{change}->(slurp("$Run::source/nginx/postern-site.conf.example"));
    my @port  = map {"listen 127.0.0.1:$_ ssl;"} @{ $self->{ports} // [] };
    my ($first, $second) = (@port, '', '');
    my @changed = (
        $hosts =~ s{listen 81 ssl;}{listen unix:https.sock ssl; $first},
        $hosts =~ s{listen 82 ssl;}{listen unix:contacts.sock ssl; $second},
        $hosts =~ s{listen \[::\]:8[12] ssl;}{}g,
        $hosts =~ s{server_name login[.]example[.]com;}{server_name localhost;}g,
        $hosts =~ s{ssl_certificate \S+;}{ssl_certificate $tls->{cert};}g,
        $hosts =~ s{ssl_certificate_key \S+;}{ssl_certificate_key $tls->{key};}g,
        $hosts =~ s{/var/log/nginx/}{$self->{log}/}g,
        $hosts =~ s{/usr/share/postern/nginx/}{$self->{dir}/nginx/}g
    );
    die "the example has changed\n" if grep { !$_ } @changed;
    return $hosts;
}

sub conf ($self) {
    my $temp  = join ' ', map {"${_}_temp_path t/$_;"} qw(client_body proxy fastcgi uwsgi scgi);
    my $hosts = $self->hosts;
    return <<"CONF";
daemon off;
pid nginx.pid;
worker_processes 1;
error_log $self->{log}/nginx-error.log;
events { worker_connections 512; }
http {
    $temp
    set_real_ip_from unix:;
    real_ip_header X-Test-Address;
    $hosts
    $self->{extra}
}
CONF
}

sub command ($self, @more) {
    my $dir = "$self->{dir}/nginx";
    return [ program('nginx'), '-p', "$dir/", '-c', "$dir/nginx.conf", '-e', "$self->{log}/nginx-error.log", @more ];
}

sub socket_file ($self, $name) { return "$self->{dir}/nginx/$name.sock" }

sub start ($self) {
    my $tried = run($self->command('-t'), cwd => "$self->{dir}/nginx");
    die "nginx -t: $tried->{err}" if $tried->{exit} || $tried->{signal};
    $self->{process} = Process->start('nginx', $self->command, cwd => "$self->{dir}/nginx", log => "$self->{log}/nginx-stderr.log");
    wait_for('nginx', sub { IO::Socket::UNIX->new(Peer => $self->socket_file('contacts')) });
    return $self;
}

sub stop ($self) { return $self->{process} && $self->{process}->stop('QUIT', 10) }

# Two loopback ports that are free now.
sub free_ports {
    my @held = map { IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) || die "no port: $!\n" } 1 .. 2;
    return map { $_->sockport } @held;
}

1;
