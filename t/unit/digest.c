/* SPDX-License-Identifier: ISC */
/* SHA-256, HMAC and HKDF against the vectors of FIPS 180-4, RFC 4231 and RFC 5869. */
#include "config.h"

#include "crypto/digest.h"

#include <stddef.h>
#include <string.h>

#include "tap.h"

static bool
is_hex(const unsigned char *bytes, size_t n, const char *hex)
{
	char text[256];
	size_t i;

	for (i = 0; i < n; i++)
		snprintf(text + 2 * i, sizeof(text) - 2 * i, "%02x", bytes[i]);
	return strcmp(text, hex) == 0;
}

static void
sha256(void)
{
	static const struct {
		const char *data, *digest;
	} vectors[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	unsigned char out[DIGEST_SIZE];
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		digest_sha256(out, vectors[i].data, strlen(vectors[i].data));
		ok(is_hex(out, sizeof(out), vectors[i].digest), "SHA-256 of \"%s\"", vectors[i].data);
	}
}

/* A key of less than a block is filled up with zeros, so a vector's short key is one of ours. */
static void
hmac(void)
{
	static const struct {
		unsigned char key[DIGEST_SIZE];
		size_t data_len;
		const char *data, *mac;
		char repeated;
	} vectors[] = {
		{ { 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
		      0x0b, 0x0b },
		    8, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", 0 },
		{ { 'J', 'e', 'f', 'e' }, 28, "what do ya want for nothing?",
		    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", 0 },
		{ { 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
		      0xaa, 0xaa },
		    50, NULL, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe", '\335' },
		{ { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25 }, 50, NULL,
		    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b", '\315' },
	};
	unsigned char out[DIGEST_SIZE];
	char data[50];
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		memset(data, vectors[i].repeated, sizeof(data));
		digest_hmac(out, vectors[i].key, vectors[i].data != NULL ? vectors[i].data : data, vectors[i].data_len);
		ok(is_hex(out, sizeof(out), vectors[i].mac), "RFC 4231, test case %zu", i + 1);
	}
}

static void
hkdf(void)
{
	unsigned char key[22], out[42];

	memset(key, 0x0b, sizeof(key));
	digest_hkdf(out, sizeof(out), key, sizeof(key), "", 0);
	ok(is_hex(out, sizeof(out), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
	    "RFC 5869, test case 3: no salt, no info, more than one block");
	digest_hkdf(out, 10, key, sizeof(key), "", 0);
	ok(is_hex(out, 10, "8da4e775a563c18f715f"), "a shorter output is the beginning of the longer");
	/* openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:0b*22 -kdfopt info:"postern form" HKDF */
	digest_hkdf(out, 32, key, sizeof(key), "postern form", 12);
	ok(is_hex(out, 32, "da8a58f2ae91f9545ad61e88b65c74539bb92a4fce46109dce6152415846f570"),
	    "with info it is what openssl kdf makes");
}

static void
equal(void)
{
	static const unsigned char a[] = "0123456789abcdef", b[] = "0123456789abcdeF";

	ok(digest_equal(a, a, 16), "the same bytes are equal");
	ok(!digest_equal(a, b, 16), "a difference in the last byte is seen");
	ok(digest_equal(a, b, 15), "what stands behind is not compared");
}

int
main(void)
{
	sha256();
	hmac();
	hkdf();
	equal();
	return tap_end();
}
