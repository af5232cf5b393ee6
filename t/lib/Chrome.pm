# SPDX-License-Identifier: ISC
# A real browser: Chromium, headless, driven by chromedriver over the W3C WebDriver protocol.
package Chrome;
use v5.36;

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use JSON::PP ();

use Process qw(program run wait_for);
use Run;

my $json    = JSON::PP->new->utf8;
my $element = 'element-6066-11e4-a52e-4f735466cecf';

# The browser trusts the one key of this certificate, and finds every host of .test here.
sub new ($class, $certificate) {
    my $dir  = tempdir('chromeXXXX', DIR => Run::dir());
    my $self = bless { dir => $dir, http => HTTP::Tiny->new(timeout => 30, proxy => undef, http_proxy => undef) }, $class;
    $self->{driver} = Process->start(
        'chromedriver',                                                           [ program('chromedriver'), '--port=0' ],
        env => { HOME => $dir, XDG_CONFIG_HOME => $dir, XDG_CACHE_HOME => $dir }, log => "$dir/chromedriver.log"
    );
    my $port = wait_for('chromedriver', sub { slurp("$dir/chromedriver.log") =~ /successfully on port ([0-9]+)/ ? $1 : 0 });
    $self->{base} = "http://127.0.0.1:$port/session";
    my $pin = run([
        'sh', '-c',
        'openssl x509 -in "$0" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64',
        $certificate
    ]);
    my @args = (
        qw(--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-dev-shm-usage),
        qw(--disable-background-networking),
        qw(--disable-component-update --disable-sync --no-proxy-server),    '--host-resolver-rules=MAP *.test 127.0.0.1',
        '--ignore-certificate-errors-spki-list=' . $pin->{out} =~ s/\s//gr, "--user-data-dir=$dir/profile"
    );
    my $made = $self->ask(
        'POST', '',
        { capabilities => { alwaysMatch => { browserName => 'chrome', 'goog:chromeOptions' => { args => \@args } } } }
    );
    $self->{session} = $made->{sessionId};
    $self->{base} .= "/$made->{sessionId}";
    return $self;
}

sub slurp ($file) {
    open my $in, '<', $file or return '';
    local $/ = undef;
    return readline($in) // '';
}

sub ask ($self, $method, $path, $body = undef) {
    my %content =
        $method eq 'POST' ? (content => $json->encode($body // {}), headers => { 'Content-Type' => 'application/json' }) : ();
    my $answer = $self->{http}->request($method, "$self->{base}$path", \%content);
    my $value  = eval { $json->decode($answer->{content})->{value} };
    die "chromedriver: $method $path: $answer->{status} $answer->{content}\n" unless $answer->{success};
    return $value;
}

sub open_page ($self, $url) { return $self->ask('POST', '/url', { url => $url }) }
sub url       ($self)       { return $self->ask('GET',  '/url') }
sub title     ($self)       { return $self->ask('GET',  '/title') }
sub text      ($self)       { return $self->ask('GET',  '/element/' . $self->find('body') . '/text') }
sub cookies   ($self)       { return @{ $self->ask('GET', '/cookie') } }

sub find ($self, $css) { return $self->ask('POST', '/element', { using => 'css selector', value => $css })->{$element} }

sub type ($self, $css, $text) {
    my $id = $self->find($css);
    $self->ask('POST', "/element/$id/clear");
    return $self->ask('POST', "/element/$id/value", { text => $text });
}
sub property ($self, $css, $name) { return $self->ask('GET', '/element/' . $self->find($css) . "/property/$name") }

# Clicks; what follows is waited for by its title or text.
sub click ($self, $css) { return $self->ask('POST', '/element/' . $self->find($css) . '/click') }

# Its element may go with the old page while it is read: that is only not yet the text.
sub wait_text ($self, $pattern) {
    return eval {
        wait_for(
            "a text like $pattern",
            sub {
                (eval { $self->text } // '') =~ $pattern;
            }
        );
    } || die $@ . 'there is: ' . $self->url . ' ' . $self->text . "\n";
}

sub wait_title ($self, $title) {
    return eval {
        wait_for("the page \"$title\"", sub { $self->title eq $title });
    } || die $@ . 'there is: ' . $self->url . ' ' . $self->text . "\n";
}

sub quit ($self) {
    return unless $self->{driver};
    eval { $self->ask('DELETE', '') } if $self->{session};
    (delete $self->{driver})->stop;
    remove_tree($self->{dir});
    return;
}

sub DESTROY ($self) {
    local ($?, $@);
    eval { $self->quit };
    return;
}

1;
