# SPDX-License-Identifier: ISC
# AD-3, CT-5: "postern check" proves the collation of the words of a company's own.  Those of glibc find no word by its beginning.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use Test::More;

use Hookup;
use Process qw(run);
use Run;
use Site;

# American English, as it is on most servers, for this cluster alone.
my $locales = tempdir('localesXXXX', DIR => Run::dir());
my $made    = run([ 'localedef', qw(--no-archive -i en_US -f UTF-8), "$locales/en_US.UTF-8" ]);
is $made->{exit}, 0, 'a locale of glibc' or diag $made->{err};

my $site = Site->new(private => 1, environment => { LOCPATH => $locales });
$site->{settings}{POSTERN_KEYRING} = "$site->{dir}/authorize.keys";
hook_up($site);
$site->sql(q{create collation crm.american (provider = libc, locale = 'en_US.UTF-8');
    create collation crm.german (provider = icu, locale = 'de-u-ks-level1', deterministic = false);});

# Words of the company's own, in a column of that collation, with these indexes.
sub words ($collation, $key = 'owner_id, word, id', $where = 'true') {
    return $site->sql(
        "drop view if exists directory.contact_word; drop table if exists crm.word;
         create table crm.word (owner_id integer, word text collate $collation, id integer, sorts boolean, primary key ($key));
         create index on crm.word (owner_id, id, word);
         insert into crm.word select person, full_name, no, true from crm.contact where $where;
         create index on crm.word (owner_id, word, id) where sorts;
         create view directory.contact_word as table crm.word;
         grant select on directory.contact_word to \"$site->{roles}-contacts\"; analyze crm.word"
    );
}

words('directory.ignoring');
finds_only $site, 'CT-5: a company\'s own words in our collation';
finds $site, 'AD-3: they are its own', 'ok', 'changes', qr/^directory\.contact_word is your own: q and order=name are offered$/;
words('crm.german');
finds_only $site, 'CT-5: in another one of ICU';

words('crm.american');
finds $site, 'CT-5: in glibc\'s American English a word is not found by its beginning', 'FAIL', 'words',
    qr/^by the collation crm\.american a word is not found by its beginning/, qr/collate directory\.ignoring/;
words('"C"');
finds $site, 'CT-5: in "C" case and accents count', 'note', 'words', qr/^by the collation "C" q tells upper from lower case/,
    qr/directory\.ignoring/;

words('directory.ignoring', 'id, owner_id, word');
$site->sql('drop index crm.word_owner_id_id_word_idx');
finds $site, 'CT-5: without the index of a search', 'FAIL', 'plan', qr/\bcontacts_search\b.* of .*-contacts: /,
    qr/owner_id, word, id|create index/;
words('directory.ignoring', 'owner_id, word, id', 'no > 3');
finds $site, 'CT-5: where a contact has no word', 'FAIL', 'words', qr/^60 of 400 contacts have no word/;

# A library of another version may have another order.
words('directory.ignoring');
$site->sql(q{update pg_collation set collversion = '1' where collname = 'ignoring'});
finds $site, 'CT-5: where the library has changed', 'FAIL', 'words',
    qr/^the collation directory\.ignoring has changed with a library/,
    qr/reindex.*alter collation directory\.ignoring refresh version/;

$site->finish;
