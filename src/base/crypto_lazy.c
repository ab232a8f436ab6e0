/* SPDX-License-Identifier: MIT
 * What digest.c and signature.c call of OpenSSL's libcrypto, bound when first called (lazy.h). */
#include "cpm/base/lazy.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

static struct lazy_library crypto = { .soname = "libcrypto.so.3", .package = "libssl3" };

LAZY(&crypto, EVP_MD *, EVP_MD_fetch, (OSSL_LIB_CTX *context, const char *name, const char *properties), (context, name, properties))
LAZY_VOID(&crypto, EVP_MD_free, (EVP_MD *md), (md))
LAZY(&crypto, EVP_MD_CTX *, EVP_MD_CTX_new, (void), ())
LAZY_VOID(&crypto, EVP_MD_CTX_free, (EVP_MD_CTX *context), (context))
LAZY(&crypto, int, EVP_DigestInit_ex2, (EVP_MD_CTX *context, const EVP_MD *md, const OSSL_PARAM params[]), (context, md, params))
LAZY(&crypto, int, EVP_DigestUpdate, (EVP_MD_CTX *context, const void *bytes, size_t len), (context, bytes, len))
LAZY(&crypto, int, EVP_DigestFinal_ex, (EVP_MD_CTX *context, unsigned char *md, unsigned int *len), (context, md, len))
LAZY(&crypto, int, EVP_DigestFinalXOF, (EVP_MD_CTX *context, unsigned char *md, size_t len), (context, md, len))
LAZY(&crypto, EVP_PKEY *, d2i_PUBKEY, (EVP_PKEY **key, const unsigned char **at, long len), (key, at, len))
LAZY_VOID(&crypto, EVP_PKEY_free, (EVP_PKEY *key), (key))
LAZY(&crypto, int, EVP_PKEY_is_a, (const EVP_PKEY *key, const char *name), (key, name))
LAZY(&crypto, int, EVP_DigestVerifyInit_ex, (EVP_MD_CTX *context, EVP_PKEY_CTX **key_context, const char *md, OSSL_LIB_CTX *library, const char *properties, EVP_PKEY *key, const OSSL_PARAM params[]), (context, key_context, md, library, properties, key, params))
LAZY(&crypto, int, EVP_DigestVerify, (EVP_MD_CTX *context, const unsigned char *sig, size_t sig_len, const unsigned char *bytes, size_t len), (context, sig, sig_len, bytes, len))
LAZY_VOID(&crypto, ERR_clear_error, (void), ())
