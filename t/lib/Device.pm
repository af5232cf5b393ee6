# SPDX-License-Identifier: ISC
# What tests do with the device grant: a device that asks and polls, a person who types its code.
package Device;
use v5.36;

use Exporter 'import';

our @EXPORT = qw(device_asks device_begins polling poll type_code read_request decided);

our $grant_type = 'urn:ietf:params:oauth:grant-type:device_code';

# The answer to a good device authorization request with changes.
sub device_asks ($site, $client, %change) { return $site->sending('/device_authorization', $client, %change)->answer }

# A new pair of codes: { device_code, user_code, ... }
sub device_begins ($site, $client, %change) {
    my $answer = device_asks($site, $client, %change);
    die 'no device code: ' . $answer->bytes . "\n" unless $answer->status == 200;
    return $answer->json;
}

# A poll with changes; its answer is read later, or at once.
sub polling ($site, $client, $codes, %change) {
    return $site->sending('/token', $client, grant_type => $grant_type, device_code => $codes->{device_code}, %change);
}

sub poll (@what) { return polling(@what)->answer }

# The answer to a code that a signed-in person types.
sub type_code ($person, $typed) {
    $person->open_page('/device');
    return $person->submit(user_code => $typed);
}

# The person reads what the device asks for: the page with the two buttons.
sub read_request ($person, $codes) {
    my $answer = type_code($person, $codes->{user_code});
    die 'not found: ' . $answer->bytes . "\n" unless $answer->status == 200 && $answer->body =~ /value="allow"/;
    return $answer;
}

# The person types the code and allows or denies.
sub decided ($person, $codes, $decision = 'allow') {
    read_request($person, $codes);
    return $person->submit(decision => $decision);
}

1;
