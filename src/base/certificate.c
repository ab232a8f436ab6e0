/* SPDX-License-Identifier: MIT
 * Chains of certificates, at a time in the past. Certificates that sign packages live for minutes,
 * so what counts is when the signature was made, which is for the caller to know for sure. */
#include "cpm/base/certificate.h"

#include "certificate_priv.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#define DER_OCTET_STRING 0x04

X509 *certificate_parse(str der)
{
	const unsigned char *at = (const unsigned char *)der.p;
	X509 *cert = der.len ? d2i_X509(NULL, &at, (long)der.len) : NULL;

	if (cert && at != (const unsigned char *)der.p + der.len) {
		X509_free(cert);
		cert = NULL;
	}
	return cert;
}

void certificate_free(X509 *cert)
{
	X509_free(cert);
}

/* ---- chains ---- */

/* The parts of one verification, released together. */
struct verification {
	X509 *leaf;
	X509_STORE *roots;
	STACK_OF(X509) * between;
	X509_STORE_CTX *ctx;
};

static void release(struct verification *v)
{
	X509_STORE_CTX_free(v->ctx);
	sk_X509_pop_free(v->between, certificate_free);
	X509_STORE_free(v->roots);
	X509_free(v->leaf);
	ERR_clear_error();
}

bool certificate_add_chain(X509_STORE *roots, STACK_OF(X509) * between, const str *chain,
			   size_t nchain)
{
	for (size_t i = 0; i < nchain; i++) {
		X509 *cert = certificate_parse(chain[i]);
		bool is_root = i + 1 == nchain, is_added;

		if (!cert)
			return false;
		is_added = is_root ? X509_STORE_add_cert(roots, cert) == 1
				   : sk_X509_push(between, cert) > 0;
		if (is_root || !is_added)
			X509_free(cert);
		if (!is_added)
			return false;
	}
	return nchain > 0;
}

static bool verify(struct verification *v, const str *chain, size_t nchain, int64_t time_sec)
{
	if (!v->leaf || !v->roots || !v->between || !v->ctx ||
	    !certificate_add_chain(v->roots, v->between, chain, nchain) ||
	    X509_STORE_CTX_init(v->ctx, v->roots, v->leaf, v->between) != 1)
		return false;
	X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(v->ctx), (time_t)time_sec);
	return X509_verify_cert(v->ctx) == 1;
}

bool certificate_is_trusted(str leaf, const str *chain, size_t nchain, int64_t time_sec)
{
	struct verification v = {
		.leaf = certificate_parse(leaf),
		.roots = X509_STORE_new(),
		.between = sk_X509_new_null(),
		.ctx = X509_STORE_CTX_new(),
	};
	bool is_trusted = verify(&v, chain, nchain, time_sec);

	release(&v);
	return is_trusted;
}

/* ---- parts ---- */

static str take_der(struct arena *a, unsigned char *der, int len)
{
	str out = len > 0 ? str_dup(a, str_of((const char *)der, (size_t)len)) : STR_NULL;

	OPENSSL_free(der);
	return out;
}

str certificate_public_key(struct arena *a, str der)
{
	X509 *cert = certificate_parse(der);
	unsigned char *spki = NULL;
	int len = cert ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &spki) : 0;
	str out = take_der(a, spki, len);

	X509_free(cert);
	ERR_clear_error();
	return out;
}

/* The content of the octet string that @der is; null when it is none. */
static str octets(str der)
{
	size_t at = 2, len, bytes;

	if (der.len < 2 || der.p[0] != DER_OCTET_STRING)
		return STR_NULL;
	len = (unsigned char)der.p[1];
	if (len >= 0x80) {
		bytes = len & 0x7f;
		if (bytes == 0 || bytes > 3 || der.len < 2 + bytes)
			return STR_NULL;
		for (len = 0; at < 2 + bytes; at++)
			len = len << 8 | (unsigned char)der.p[at];
	}
	return der.len - at == len ? str_from(der, at) : STR_NULL;
}

static bool read_proof(struct arena *a, X509 *cert, struct certificate_proof *out)
{
	int at = X509_get_ext_by_NID(cert, NID_ct_precert_scts, -1), len;
	unsigned char *tbs = NULL;
	ASN1_OCTET_STRING *data;

	if (at < 0)
		return false;
	data = X509_EXTENSION_get_data(X509_get_ext(cert, at));
	out->timestamps = str_dup(a, octets(str_of((const char *)ASN1_STRING_get0_data(data),
						   (size_t)ASN1_STRING_length(data))));
	X509_EXTENSION_free(X509_delete_ext(cert, at));
	len = i2d_re_X509_tbs(cert, &tbs);
	out->tbs = take_der(a, tbs, len);
	return !str_is_null(out->timestamps) && !str_is_null(out->tbs);
}

bool certificate_read_proof(struct arena *a, str der, struct certificate_proof *out)
{
	X509 *cert = certificate_parse(der);
	bool has_proof = cert && read_proof(a, cert, out);

	X509_free(cert);
	ERR_clear_error();
	return has_proof;
}
