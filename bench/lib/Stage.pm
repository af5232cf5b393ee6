# SPDX-License-Identifier: ISC
# A private site with much in it, and beside each endpoint what it is compared with: nginx alone, our echo, the usual echo, the
# programs of another build.
package Stage;
use v5.36;

use Cluster;
use Cpu;
use Process qw(wait_for);
use Run;
use Site;

# Durable as a real one; nothing that would strike one side of a comparison by chance.
our $postgresql = <<'CONF';
fsync = on
full_page_writes = on
synchronous_commit = on
log_statement = none
shared_buffers = 1GB
max_wal_size = 16GB
checkpoint_timeout = 1h
autovacuum = off
CONF

# people => N, grants => N (with two tokens each), before => a build tree, postgresql => more settings.
sub new ($class, %o) {
    my $self = bless { %o, tokens => 2 * $o{grants}, workers => 2 * cores(), base => 0 }, $class;
    my %bench =
        (nginx => "set_real_ip_from 127.0.0.1;\n", ports => 1, private => 1, postgresql => $postgresql . ($o{postgresql} // ''));
    $bench{settings} = { POSTERN_CONTACTS_PER_MINUTE => 0 };
    $self->{site}    = Site->new(%bench, programs => [qw(token contacts)], workers => 0);
    $self->{dir}     = $self->{site}{dir};
    $self->fill;
    $self->start_echoes;
    $self->start_before if $self->{before};
    $self->protect;
    return $self;
}

# What a worker's connection is opened with.
sub settings {
    my ($options) = join('', Site::lines("$Run::source/fcgi/db/connection.c")) =~ /SESSION\[\] =\s*((?:"[^"]*"\s*)+);/;
    return join '', $options =~ /"([^"]*)"/g;
}

sub cores {
    return scalar grep {/^processor\s/} Site::lines('/proc/cpuinfo');
}

# The text of such files of this folder.
sub scripts (@names) {
    return join '', map { Site::lines("$Run::source/bench/$_.sql") } @names;
}

sub fill ($self) {
    $self->{site}->sql(scripts(qw(fill people)), set => [ map {"$_=$self->{$_}"} qw(people grants tokens) ]);
    return $self->{site}->disconnect;
}

sub start_echoes ($self) {
    for my $echo (qw(kept usual)) {
        my $socket = "$self->{dir}/run/postern/$echo.sock";
        $self->{echo}{$echo} = Process->start(
            "echo_$echo", [ "$Run::build/bench/echo_$echo", $socket, $self->{workers} ],
            log => "$self->{dir}/log/echo_$echo.log"
        );
        wait_for("echo_$echo", sub { -S $socket });
    }
    return;
}

# The same programs of another build, on the same database.
sub start_before ($self) {
    $self->{before_program}{$_} = $self->start_beside('before', $_, $self->{before}) for qw(token contacts);
    return;
}

# A program of that build tree beside the site's, under a name of its own, with another environment.
sub start_beside ($self, $side, $program, $build, %env) {
    my $name    = "${side}_$program";
    my $log     = "$self->{dir}/log/$name.log";
    my $process = Process->start(
        $name, [ "$build/postern-$program", '--listen', "$self->{dir}/run/postern/$name.sock" ],
        env => { %{ $self->{site}->env($program) }, %env }, log => $log
    );
    wait_for(
        $name,
        sub {
            grep {/event=ready/} Site::lines($log);
        }
    );
    return $process;
}

# A small file behind /check.
sub protect ($self) {
    $self->add_configuration(
        authorization => "include $self->{dir}/nginx/postern-protect-server.conf;\n" . $self->guarded('product', 'postern'));
    mkdir "$self->{dir}/www" or die $!;
    open my $out, '>', "$self->{dir}/www/protected" or die $!;
    print $out 'x' x 100;
    close $out or die $!;
    return $self->reload_nginx;
}

# The location of that file; "check" stands for the names that nginx's snippets have: postern's own or a copy's.
sub guarded ($self, $side, $check) {
    my $guard = join '', map {s/postern_check/${check}_check/gr} Site::lines("$self->{dir}/nginx/postern-protect-location.conf");
    return
        "location = /bench/check/$side {\nset \$postern_resource profile;\nset \$postern_scope profile;\n${guard}alias $self->{dir}/www/protected;\n}\n";
}

# The same question to somebody else.
sub guarded_by ($self, $side) {
    my $server = join '', map {s/postern_check/${side}_check/gr} Site::lines("$self->{dir}/nginx/postern-protect-server.conf");
    $server =~ s/fastcgi_pass postern_token_read/fastcgi_pass usual_token/ if $side eq 'usual';
    $server =~ s/fastcgi_keep_conn on;//                                   if $side eq 'usual';
    return $server =~ s/fastcgi_pass postern_/fastcgi_pass ${side}_/gr . $self->guarded($side, $side);
}

sub add_configuration ($self, %more) {
    for my $part (keys %more) {
        open my $out, '>>', "$self->{dir}/nginx/postern-$part.conf" or die $!;
        print $out $more{$part};
        close $out or die $!;
    }
    return;
}

# Adds the compared locations of these rows to nginx: each echo is served as its endpoint is, down to the limits and the kind of
# connection.
sub compare ($self, @rows) {
    my %more = (http => '');
    for my $program (qw(token contacts)) {
        $more{http} .= $self->upstreams($program, $_,       $_) for qw(kept usual);
        $more{http} .= $self->upstreams($program, 'before', "before_$program") if $self->{before};
    }
    $more{ $_->{host} // 'authorization' } .= $self->locations($_) for @rows;
    $self->add_configuration(%more);
    $self->reload_nginx;
    return;
}

# A program's upstreams under the name of a side, with another socket.
sub upstreams ($self, $program, $side, $socket) {
    my $http = join '', Site::lines("$self->{dir}/nginx/postern-http.conf");
    return join '',
        map { s/postern_/${side}_/r =~ s{\Q$program\E\.sock}{$socket.sock}gr }
        $http =~ /^(upstream postern_\Q$program\E(?:_read)? \{.*?^\}\n)/msg;
}

# What stands in an endpoint's location, and the parameters that it inherits.
sub location_of ($self, $row) {
    my $conf    = join '', Site::lines("$self->{dir}/nginx/postern-" . ($row->{host} // 'authorization') . '.conf');
    my ($block) = $conf =~ /^location = \Q$row->{path}\E \{\n(.*?)^\}/ms or die "nginx has no location $row->{path}\n";
    return ($block, join "\n", $conf =~ /^(fastcgi_param .*)$/mg);
}

# An endpoint at another address, by the programs of that side.
sub beside ($self, $row, $at, $side) {
    my ($block, $parameters) = $self->location_of($row);
    my $as_itself = $parameters =~ s/^(fastcgi_param SCRIPT_NAME ).*/$1$row->{path};/mr;
    return "location = $at {\n$as_itself\n" . $block =~ s/fastcgi_pass postern_/fastcgi_pass ${side}_/r . "}\n";
}

sub locations ($self, $row) {
    return join '', "location = /bench/check/nginx { alias $self->{dir}/www/protected; }\n",
        map { $self->guarded_by($_) } qw(kept usual), $self->{before} ? 'before' : ()
        if $row->{protected};
    my ($block, $parameters) = $self->location_of($row);
    my $sample = $row->{sample};
    my $size   = length $sample->body;
    my $path   = path($row);
    my $kept   = $block =~ s/fastcgi_pass postern_/fastcgi_pass kept_/r;
    my $usual  = $block =~ s/fastcgi_pass postern_(\w+?)(?:_read)?;/fastcgi_pass usual_$1;/r =~ s/fastcgi_keep_conn on;//r;
    my $out    = '';
    $out .= "location = $path/$_->[0] {\n$parameters\nfastcgi_param BENCH_SIZE $size;\n$_->[1]}\n"
        for [ kept => $kept ], [ usual => $usual ];
    $out .= $self->beside($row, "$path/before", 'before') if $self->{before};
    my %own     = map { $_ => 1 } qw(date server connection content-length content-type x-request-id);
    my $headers = join '', map {"add_header $_->[0] '$_->[1]' always;\n"} grep { !$own{ lc $_->[0] } } @{ $sample->{headers} };
    my $type    = $sample->header('Content-Type');
    my ($set, $body) = as_variables($sample->body);
    return
        "${out}location = $path/nginx {\ndefault_type '$type';\nadd_header X-Request-Id \$request_id always;\n$headers${set}return 200 $body;\n}\n";
}

# A text in pieces, since a word of nginx's configuration has 4 KB at most.
sub as_variables ($text) {
    my @pieces = map {s/(['\\])/\\$1/gr} $text =~ /(.{1,2000})/gs;
    return (
        join('', map {"set \$bench_$_ '$pieces[$_]';\n"} 0 .. $#pieces),
        '"' . join('', map {"\${bench_$_}"} 0 .. $#pieces) . '"'
    );
}

sub path ($row) { return '/bench/' . $row->{name} =~ tr/ /-/r }

# Two workers, as many as there are cores, where the tests have one.
sub reload_nginx ($self) {
    my $file = "$self->{dir}/nginx/nginx.conf";
    my $conf = join('', Site::lines($file)) =~ s/worker_processes 1;/worker_processes auto;/r =~
        s/worker_connections \d+/worker_connections 2048/r;
    open my $out, '>', $file or die $!;
    print $out $conf;
    close $out or die $!;
    my $nginx = $self->{site}{nginx}{process};
    my %old   = map { $_ => 1 } Cpu::children($nginx->pid);
    $nginx->signal('HUP');
    wait_for(
        'nginx with its new configuration',
        sub {
            my @now = Cpu::children($nginx->pid);
            @now && !grep { $old{$_} } @now;
        },
        30
    );
    return;
}

# A number from which on so many are free.
sub numbers ($self, $count) {
    my $base = $self->{base};
    $self->{base} += $count;
    return $base;
}

# Grants that nobody has used.
sub fresh ($self, $count) {
    my $base = $self->numbers($count);
    $self->{site}->sql("call bench.fresh($base, $count, $self->{people})");
    return $base;
}

# Writes the requests of a row to a file; its path.
sub requests ($self, $row, $base, $count) {
    my $file = "$self->{dir}/requests";
    my $all  = $self->{site}
        ->sql("\\pset fieldsep '\\t'\n$row->{requests};", set => [ "base=$base", "count=$count", "tokens=$self->{tokens}" ]);
    open my $out, '>', $file or die $!;
    print $out "$all\n";
    close $out or die $!;
    return $file;
}

# What a request of the row is answered with.
sub sample ($self, $row) {
    open my $in, '<', $self->requests($row, $row->{fresh} ? $self->fresh(1) : 1, 1) or die $!;
    chomp(my $line = readline $in);
    my ($method, $path, $authorization, $body) = split /\t/, $line, -1;
    my $https  = $self->{site}{ $row->{host} // 'https' };
    my %header = $authorization eq '' ? () : (Authorization => $authorization);
    %header = %{ Https::form_headers(\%header) } if $body ne '';
    my $answer = $https->request($method, $path, \%header, $body eq '' ? undef : $body);
    die "$row->{name}: ", $answer->bytes, "\n" unless $answer->status == 200;
    return $row->{sample} = $answer;
}

sub url ($self, $row) { return "https://localhost:$self->{site}{ports}[ ($row->{host} // '') eq 'contacts' ]" }

# The first processes of what takes part, by name.
sub parties ($self, $row) {
    my ($program) = $row->{sql} =~ m{^(\w+)/};
    return (
        nginx      => $self->{site}{nginx}{process}->pid,
        product    => $self->{site}{program}{$program}->pid,
        before     => $self->{before} ? $self->{before_program}{$program}->pid : $$,
        kept       => $self->{echo}{kept}->pid,
        usual      => $self->{echo}{usual}->pid,
        postgresql => $self->{site}{cluster}->postmaster
    );
}

1;
