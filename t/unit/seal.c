/* SPDX-License-Identifier: ISC */
/* crypto/seal: what is sealed opens with its key alone, and whole. */
#include "config.h"

#include "crypto/seal.h"

#include <string.h>

#include "tap.h"

enum { N = 32 };

int
main(void)
{
	unsigned char key[KEY_SIZE] = "a key of thirty-two bytes ......", other[KEY_SIZE], plain[N] = "what is kept", opened[N];
	unsigned char sealed[N + SEAL_OVERHEAD], twice[N + SEAL_OVERHEAD], spoiled[N + SEAL_OVERHEAD];
	size_t i, good = 0;

	seal_close(sealed, key, plain, N);
	ok(seal_open(opened, key, sealed, N) && memcmp(opened, plain, N) == 0, "it opens with its key");
	seal_close(twice, key, plain, N);
	ok(memcmp(sealed, twice, sizeof(sealed)) != 0, "the same is never sealed twice alike");
	memcpy(other, key, sizeof(other));
	other[31] ^= 1;
	ok(!seal_open(opened, other, sealed, N), "it does not open with another key");
	ok(memcmp(opened, (unsigned char[N]) { 0 }, N) == 0, "and gives nothing");
	for (i = 0; i < sizeof(sealed); i++) {
		memcpy(spoiled, sealed, sizeof(sealed));
		spoiled[i] ^= 1;
		good += seal_open(opened, key, spoiled, N);
	}
	ok(good == 0, "nor with a bit changed, wherever");
	return tap_end();
}
