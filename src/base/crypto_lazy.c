/* SPDX-License-Identifier: MIT
 * What digest.c, signature.c and certificate.c call of OpenSSL's libcrypto, bound when first called (lazy.h). */
#include "cpm/base/lazy.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

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
LAZY(&crypto, X509 *, d2i_X509, (X509 **cert, const unsigned char **at, long len), (cert, at, len))
LAZY_VOID(&crypto, X509_free, (X509 *cert), (cert))
LAZY(&crypto, X509_STORE *, X509_STORE_new, (void), ())
LAZY_VOID(&crypto, X509_STORE_free, (X509_STORE *store), (store))
LAZY(&crypto, int, X509_STORE_add_cert, (X509_STORE *store, X509 *cert), (store, cert))
LAZY(&crypto, X509_STORE_CTX *, X509_STORE_CTX_new, (void), ())
LAZY_VOID(&crypto, X509_STORE_CTX_free, (X509_STORE_CTX *context), (context))
LAZY(&crypto, int, X509_STORE_CTX_init, (X509_STORE_CTX *context, X509_STORE *store, X509 *leaf, STACK_OF(X509) *between), (context, store, leaf, between))
LAZY(&crypto, X509_VERIFY_PARAM *, X509_STORE_CTX_get0_param, (const X509_STORE_CTX *context), (context))
LAZY_VOID(&crypto, X509_VERIFY_PARAM_set_time, (X509_VERIFY_PARAM *param, time_t time), (param, time))
LAZY(&crypto, int, X509_verify_cert, (X509_STORE_CTX *context), (context))
LAZY(&crypto, OPENSSL_STACK *, OPENSSL_sk_new_null, (void), ())
LAZY(&crypto, int, OPENSSL_sk_push, (OPENSSL_STACK *stack, const void *item), (stack, item))
LAZY_VOID(&crypto, OPENSSL_sk_pop_free, (OPENSSL_STACK *stack, void (*free_item)(void *)), (stack, free_item))
LAZY(&crypto, X509_PUBKEY *, X509_get_X509_PUBKEY, (const X509 *cert), (cert))
LAZY(&crypto, int, i2d_X509_PUBKEY, (const X509_PUBKEY *key, unsigned char **der), (key, der))
LAZY(&crypto, int, X509_get_ext_by_NID, (const X509 *cert, int nid, int after), (cert, nid, after))
LAZY(&crypto, X509_EXTENSION *, X509_get_ext, (const X509 *cert, int at), (cert, at))
LAZY(&crypto, X509_EXTENSION *, X509_delete_ext, (X509 *cert, int at), (cert, at))
LAZY(&crypto, ASN1_OCTET_STRING *, X509_EXTENSION_get_data, (X509_EXTENSION *extension), (extension))
LAZY_VOID(&crypto, X509_EXTENSION_free, (X509_EXTENSION *extension), (extension))
LAZY(&crypto, const unsigned char *, ASN1_STRING_get0_data, (const ASN1_STRING *text), (text))
LAZY(&crypto, int, ASN1_STRING_length, (const ASN1_STRING *text), (text))
LAZY(&crypto, int, i2d_re_X509_tbs, (X509 *cert, unsigned char **der), (cert, der))
LAZY_VOID(&crypto, CRYPTO_free, (void *memory, const char *file, int line), (memory, file, line))
