# SPDX-License-Identifier: ISC
# Makes the hashes of t/passwords/hashes that crypt(3) makes: perl's crypt is libxcrypt's, the settings are those of mkpasswd(1).
use v5.36;

my $password = "Gr\xc3\xbc\xc3\x9fe, \xce\xa9-Passwort 1";
for my $setting (
    '$y$j9T$XcrnbhkCUfVZKPqKsbGSq/$',        '$gy$j9T$XcrnbhkCUfVZKPqKsbGSq/$',
    '$7$CU..../....XcrnbhkCUfVZKPqKsbGSq/$', '$2b$05$XcrnbhkCUfVZKPqKsbGSqe',
    '$6$XcrnbhkCUfVZKPqK$',                  '$6$rounds=20000$XcrnbhkCUfVZKPqK$', '$5$XcrnbhkCUfVZKPqK$',
    '$sha1$24680$XcrnbhkCUfVZKPqK$'
    )
{
    say "crypt\t", crypt $password, $setting;
}
