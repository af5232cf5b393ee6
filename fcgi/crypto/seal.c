/* SPDX-License-Identifier: ISC */
/* Sealing a few bytes with a key (AES-256-GCM): nobody without the key reads or changes them. */
#include "config.h"

#include "crypto/seal.h"

#include <openssl/evp.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "crypto/random.h"

void
seal_close(unsigned char *out, const unsigned char key[KEY_SIZE], const unsigned char *plain, size_t n)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char *text = out + SEAL_NONCE;
	int len;

	random_bytes(out, SEAL_NONCE);
	if (ctx == NULL || EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, out) != 1 ||
	    EVP_EncryptUpdate(ctx, text, &len, plain, (int)n) != 1 || EVP_EncryptFinal_ex(ctx, text + len, &len) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG, text + n) != 1)
		log_fatal(EX_OSERR, "seal", "what", "AES-256-GCM failed", NULL);
	EVP_CIPHER_CTX_free(ctx);
}

bool
seal_open(unsigned char *out, const unsigned char key[KEY_SIZE], const unsigned char *sealed, size_t n)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const unsigned char *text = sealed + SEAL_NONCE;
	unsigned char tag[SEAL_TAG];
	bool good;
	int len;

	memcpy(tag, text + n, SEAL_TAG);
	if (ctx == NULL || EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, sealed) != 1 ||
	    EVP_DecryptUpdate(ctx, out, &len, text, (int)n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG, tag) != 1)
		log_fatal(EX_OSERR, "seal", "what", "AES-256-GCM failed", NULL);
	good = EVP_DecryptFinal_ex(ctx, out + len, &len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!good)
		explicit_bzero(out, n);
	return good;
}
