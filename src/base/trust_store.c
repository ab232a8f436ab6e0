/* SPDX-License-Identifier: MIT
 * A bundle of certificates holds 150 authorities, of which a connection needs one. Parsing them all
 * costs 16 ms before the first request is sent; so what is read of each is its subject, which
 * stands behind fields of known order (RFC 5280, 4.1), and when a server has shown its
 * certificates, those that they may come from are parsed and handed to OpenSSL before it judges. */
#include "cpm/base/trust_store.h"

#include "cpm/base/vec.h"

#include "certificate_priv.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#define IS_BROKEN 0x80 /* in what ASN1_get_object() returns */

struct authority {
	X509_NAME *subject;
	str der;
	X509 *parsed;    /* NULL until it was wanted */
	unsigned wanted; /* the last handshake that wanted it */
};

struct trust_store {
	struct arena arena;
	VEC(struct authority) authorities;
	unsigned handshakes;
};

/* ---- the subject of a certificate ---- */

/* The elements of @der from its second on, or those within its first. */
static bool cut_element(str *der, bool is_entered, int *tag_class)
{
	const unsigned char *at = (const unsigned char *)der->p;
	long len;
	int tag;

	if (ASN1_get_object(&at, &len, &tag, tag_class, (long)der->len) & IS_BROKEN)
		return false;
	*der = str_from(*der, (size_t)((const char *)at - der->p) + (is_entered ? 0 : (size_t)len));
	return true;
}

static X509_NAME *read_subject(str der)
{
	enum { SERIAL, ALGORITHM, ISSUER, VALIDITY, SUBJECT };
	const unsigned char *at;
	str behind_version;
	int tag_class;

	if (!cut_element(&der, true, &tag_class) || !cut_element(&der, true, &tag_class))
		return NULL;
	behind_version = der;
	if (!cut_element(&behind_version, false, &tag_class))
		return NULL;
	if (tag_class == V_ASN1_CONTEXT_SPECIFIC)
		der = behind_version;
	for (int field = SERIAL; field < SUBJECT; field++)
		if (!cut_element(&der, false, &tag_class))
			return NULL;
	at = (const unsigned char *)der.p;
	return d2i_X509_NAME(NULL, &at, (long)der.len);
}

/* ---- the bundle ---- */

static bool add_authority(struct trust_store *store, const char *kind, str der)
{
	X509_NAME *subject = strcmp(kind, PEM_STRING_X509) == 0 ? read_subject(der) : NULL;

	if (subject)
		VEC_PUSH(&store->arena, &store->authorities,
			 (struct authority){ .subject = subject,
					     .der = str_dup(&store->arena, der) });
	return subject != NULL;
}

static bool read_bundle(struct trust_store *store, str pem)
{
	BIO *bio = pem.len <= INT_MAX ? BIO_new_mem_buf(pem.p, (int)pem.len) : NULL;
	char *kind, *header;
	unsigned char *der;
	bool is_fine = bio != NULL;
	long len;

	while (is_fine && PEM_read_bio(bio, &kind, &header, &der, &len) == 1) {
		is_fine = add_authority(store, kind, str_of((const char *)der, (size_t)len));
		OPENSSL_free(kind);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	is_fine = is_fine && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	ERR_clear_error();
	BIO_free(bio);
	return is_fine && store->authorities.len > 0;
}

struct trust_store *trust_store_new(str pem)
{
	struct trust_store *store = calloc(1, sizeof(*store));

	if (store && !read_bundle(store, pem)) {
		trust_store_free(store);
		store = NULL;
	}
	return store;
}

void trust_store_free(struct trust_store *store)
{
	if (!store)
		return;
	VEC_EACH (struct authority, one, &store->authorities) {
		X509_NAME_free(one->subject);
		X509_free(one->parsed);
	}
	arena_fini(&store->arena);
	free(store);
}

/* ---- a handshake ---- */

typedef VEC(X509 *) agenda_t;

/* An authority may itself come from another one in the bundle, hence the agenda. */
static void hand_over(struct trust_store *store, X509_STORE *known, struct arena *tmp,
		      struct authority *one, agenda_t *agenda)
{
	one->wanted = store->handshakes;
	if (!one->parsed)
		one->parsed = certificate_parse(one->der);
	if (one->parsed && X509_STORE_add_cert(known, one->parsed) == 1)
		VEC_PUSH(tmp, agenda, one->parsed);
}

/* What comes from an authority names it as issuer. One that is shown itself may be trusted as it
 * is, whoever issued it. */
static bool may_come_from(const X509 *cert, const struct authority *one)
{
	return X509_NAME_cmp(one->subject, X509_get_issuer_name(cert)) == 0 ||
	       X509_NAME_cmp(one->subject, X509_get_subject_name(cert)) == 0;
}

/* OpenSSL has a second thing to say of a lone certificate from nowhere, and Node.js says that. */
static int judge(X509_STORE_CTX *handshake)
{
	int is_trusted = X509_verify_cert(handshake);

	if (is_trusted != 1 && X509_STORE_CTX_get_error_depth(handshake) == 0 &&
	    X509_STORE_CTX_get_error(handshake) == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
		X509_STORE_CTX_set_error(handshake, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE);
	return is_trusted;
}

static int verify(X509_STORE_CTX *handshake, void *p)
{
	struct trust_store *store = p;
	X509_STORE *known = X509_STORE_CTX_get0_store(handshake);
	STACK_OF(X509) *shown = X509_STORE_CTX_get0_untrusted(handshake);
	agenda_t agenda = { 0 };
	ARENA_SCOPE(tmp);

	store->handshakes++;
	VEC_PUSH(tmp, &agenda, X509_STORE_CTX_get0_cert(handshake));
	for (int i = 0; i < sk_X509_num(shown); i++)
		VEC_PUSH(tmp, &agenda, sk_X509_value(shown, i));
	for (size_t i = 0; i < agenda.len; i++)
		VEC_EACH (struct authority, one, &store->authorities)
			if (one->wanted != store->handshakes && may_come_from(agenda.items[i], one))
				hand_over(store, known, tmp, one, &agenda);
	return judge(handshake);
}

void trust_store_lend(struct trust_store *store, void *ssl_context)
{
	SSL_CTX_set_cert_verify_callback(ssl_context, verify, store);
}

#define NAMED(failure)                         \
	{                                      \
		X509_V_ERR_##failure, #failure \
	}

const char *trust_failure_name(long verify_result)
{
	static const struct {
		int result;
		const char *name;
	} names[] = {
		NAMED(UNABLE_TO_GET_ISSUER_CERT),
		NAMED(UNABLE_TO_GET_ISSUER_CERT_LOCALLY),
		NAMED(UNABLE_TO_VERIFY_LEAF_SIGNATURE),
		NAMED(DEPTH_ZERO_SELF_SIGNED_CERT),
		NAMED(SELF_SIGNED_CERT_IN_CHAIN),
		NAMED(CERT_SIGNATURE_FAILURE),
		NAMED(CERT_NOT_YET_VALID),
		NAMED(CERT_HAS_EXPIRED),
		NAMED(CERT_CHAIN_TOO_LONG),
		NAMED(CERT_REVOKED),
		NAMED(CERT_UNTRUSTED),
		NAMED(CERT_REJECTED),
		NAMED(INVALID_CA),
		NAMED(INVALID_PURPOSE),
		NAMED(PATH_LENGTH_EXCEEDED),
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].result == verify_result)
			return names[i].name;
	return NULL;
}
