/* SPDX-License-Identifier: MIT
 * Keys and signatures that tests make for themselves. A key is made of its name, so that a registry, a certificate and the
 * test that doubts them can speak of the same one without handing it around. */
#pragma once
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "cpm/base/str.h"

/* The P-256 key whose private part is the SHA-256 of @name. The caller frees it. */
static inline EVP_PKEY *signing_key_of(const char *name)
{
	unsigned char secret[32], point[65];
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *public = EC_POINT_new(group);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	SHA256((const unsigned char *)name, strlen(name), secret);
	BIGNUM *scalar = BN_bin2bn(secret, sizeof(secret), NULL);
	EC_POINT_mul(group, public, scalar, NULL, NULL, NULL);
	EC_POINT_point2oct(group, public, POINT_CONVERSION_UNCOMPRESSED, point, sizeof(point), NULL);
	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point));
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	if (EVP_PKEY_fromdata_init(ctx) != 1 || EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		abort();
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_free(scalar);
	EC_POINT_free(public);
	EC_GROUP_free(group);
	return key;
}

/* The public part of the key of that name, as SubjectPublicKeyInfo in DER. */
static inline str signing_spki(struct arena *a, const char *name)
{
	EVP_PKEY *key = signing_key_of(name);
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);
	str out = str_dup(a, str_of((const char *)der, (size_t)len));

	OPENSSL_free(der);
	EVP_PKEY_free(key);
	return out;
}

/* ECDSA with SHA-256, DER. */
static inline str signing_sign(struct arena *a, const char *name, str message)
{
	EVP_PKEY *key = signing_key_of(name);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[128];
	size_t len = sizeof(sig);

	if (EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, key, NULL) != 1 ||
	    EVP_DigestSign(ctx, sig, &len, (const unsigned char *)message.p, message.len) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return str_dup(a, str_of((const char *)sig, len));
}

/* ---- Ed25519, whose private part is the SHA-256 of the name too ---- */

static inline EVP_PKEY *signing_edwards_key(const char *name)
{
	unsigned char secret[32];

	SHA256((const unsigned char *)name, strlen(name), secret);
	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, sizeof(secret));
}

/* The 32 bytes of the public part. */
static inline str signing_edwards_public(struct arena *a, const char *name)
{
	unsigned char raw[32];
	size_t len = sizeof(raw);
	EVP_PKEY *key = signing_edwards_key(name);

	if (EVP_PKEY_get_raw_public_key(key, raw, &len) != 1)
		abort();
	EVP_PKEY_free(key);
	return str_dup(a, str_of((const char *)raw, len));
}

static inline str signing_edwards_sign(struct arena *a, const char *name, str message)
{
	EVP_PKEY *key = signing_edwards_key(name);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[64];
	size_t len = sizeof(sig);

	if (EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL) != 1 ||
	    EVP_DigestSign(ctx, sig, &len, (const unsigned char *)message.p, message.len) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return str_dup(a, str_of((const char *)sig, len));
}
