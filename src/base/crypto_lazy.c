/* SPDX-License-Identifier: MIT
 * What digest.c calls of OpenSSL's libcrypto, bound when first called (lazy.h). */
#include "cpm/base/lazy.h"

#include <openssl/evp.h>

static struct lazy_library crypto = { .soname = "libcrypto.so.3", .package = "libssl3" };

LAZY(&crypto, EVP_MD *, EVP_MD_fetch, (OSSL_LIB_CTX *context, const char *name, const char *properties), (context, name, properties))
LAZY_VOID(&crypto, EVP_MD_free, (EVP_MD *md), (md))
LAZY(&crypto, EVP_MD_CTX *, EVP_MD_CTX_new, (void), ())
LAZY_VOID(&crypto, EVP_MD_CTX_free, (EVP_MD_CTX *context), (context))
LAZY(&crypto, int, EVP_DigestInit_ex2, (EVP_MD_CTX *context, const EVP_MD *md, const OSSL_PARAM params[]), (context, md, params))
LAZY(&crypto, int, EVP_DigestUpdate, (EVP_MD_CTX *context, const void *bytes, size_t len), (context, bytes, len))
LAZY(&crypto, int, EVP_DigestFinal_ex, (EVP_MD_CTX *context, unsigned char *md, unsigned int *len), (context, md, len))
LAZY(&crypto, int, EVP_DigestFinalXOF, (EVP_MD_CTX *context, unsigned char *md, size_t len), (context, md, len))
