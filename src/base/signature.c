/* SPDX-License-Identifier: MIT
 * Checks of signatures. The answer is yes or no: whatever goes wrong on the way to a yes is a no,
 * and leaves nothing in OpenSSL's list of errors, which others share. */
#include "cpm/base/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

static bool verify(EVP_MD_CTX *ctx, EVP_PKEY *key, str message, str sig)
{
	const char *md = EVP_PKEY_is_a(key, "ED25519") ? NULL : "SHA256";

	return EVP_DigestVerifyInit_ex(ctx, NULL, md, NULL, NULL, key, NULL) == 1 &&
	       EVP_DigestVerify(ctx, (const unsigned char *)sig.p, sig.len,
				(const unsigned char *)message.p, message.len) == 1;
}

bool signature_is_valid(str key, str message, str sig)
{
	const unsigned char *at = (const unsigned char *)key.p;
	EVP_PKEY *pkey = key.len ? d2i_PUBKEY(NULL, &at, (long)key.len) : NULL;
	EVP_MD_CTX *ctx = pkey ? EVP_MD_CTX_new() : NULL;
	bool is_valid = ctx && verify(ctx, pkey, message, sig);

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return is_valid;
}
