/* SPDX-License-Identifier: MIT
 * A Sigstore instance for tests: authorities and logs whose keys are made of their names, the trusted root that names them,
 * and attestations as they would make them. Written from the specifications (DSSE, RFC 6962, sigstore's client
 * specification), not from the code that is tested: npm's own library accepts what is made here. */
#pragma once
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "cpm/base/digest.h"
#include "signing.h"

#define MADE_SIGNED_AT 1700000000
#define MADE_LOG_HOST  "log.example"
#define MADE_LOG2_HOST "log2.example" /* of the second generation: signs with Ed25519, promises nothing */

/* What is made, and how it is spoilt. */
struct made {
	const char *name, *version;	/* of the package */
	str sha512_hex;
	const char *kind;		/* "dsse" (NULL), "intoto", "hashedrekord": the entry in the log */
	int bundle;			/* 1, 2, 3: of the media type; 0: 3 */
	const char *key;		/* signed with this key of the registry; NULL: with a certificate */
	const char *spoil;		/* NULL: nothing. See made_is() in the functions below */
	uint64_t index, size;		/* of the log; 0: 2 of 5 */
	bool is_second;			/* the log is of the second generation, entries are of version 0.0.2 */
	bool is_unpromised;		/* the log's proof alone */
	bool is_timed;			/* an authority has signed the time */
};

static inline bool made_is(const struct made *m, const char *spoil)
{
	return m->spoil && strcmp(m->spoil, spoil) == 0;
}

static inline str made_sha256(struct arena *a, str bytes)
{
	struct digest d;

	digest_of(DIGEST_SHA256, bytes, &d);
	return str_dup(a, str_of((const char *)d.bytes, 32));
}

static inline str made_hex(struct arena *a, str sha256)
{
	struct digest d = { .algo = DIGEST_SHA256 };

	memcpy(d.bytes, sha256.p, 32);
	return digest_hex(a, &d);
}

static inline str made_log_id(struct arena *a, const char *log)
{
	return made_sha256(a, signing_spki(a, log));
}

static inline void made_number(struct str_buf *out, uint64_t n, int bytes)
{
	while (bytes-- > 0)
		buf_add_char(out, (char)(n >> (8 * bytes)));
}

/* As notes are signed (C2SP signed-note): of the name, the kind of key, and the key. */
static inline str made_log2_id(struct arena *a)
{
	return made_sha256(a, str_concat(a, S(MADE_LOG2_HOST "\n\x01"), signing_edwards_public(a, "log2")));
}

/* ---- certificates ---- */

static inline void made_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
}

/* The certificate of a clock is named by its hash in what the clock signs, so it has to come out the same each time: ECDSA's
 * signatures do not, Ed25519's do. */
static inline bool made_is_steady(const char *key)
{
	return strcmp(key, "clock-root") == 0;
}

static inline EVP_PKEY *made_key(const char *key)
{
	return made_is_steady(key) ? signing_edwards_key(key) : signing_key_of(key);
}

/* Not signed yet. */
static inline X509 *made_certificate(const char *key, const char *issuer, bool is_ca, int64_t from_sec, int64_t to_sec)
{
	X509 *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);
	EVP_PKEY *public = made_key(key);
	X509_NAME *by = X509_NAME_new();

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 7);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)key, -1, -1, 0);
	X509_NAME_add_entry_by_txt(by, "CN", MBSTRING_ASC, (const unsigned char *)issuer, -1, -1, 0);
	X509_set_issuer_name(cert, by);
	ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)from_sec);
	ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)to_sec);
	X509_set_pubkey(cert, public);
	made_extension(cert, cert, NID_basic_constraints, is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	made_extension(cert, cert, NID_key_usage, is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
	if (!is_ca && strcmp(issuer, "clock-root") == 0) {
		made_extension(cert, cert, NID_ext_key_usage, "critical,timeStamping");
	} else if (!is_ca) {
		made_extension(cert, cert, NID_ext_key_usage, "codeSigning");
		made_extension(cert, cert, NID_subject_alt_name, "critical,URI:https://builds.example/workflow");
	}
	X509_NAME_free(by);
	EVP_PKEY_free(public);
	return cert;
}

static inline void made_sign_certificate(X509 *cert, const char *key)
{
	EVP_PKEY *secret = made_key(key);

	if (!X509_sign(cert, secret, made_is_steady(key) ? NULL : EVP_sha256()))
		abort();
	EVP_PKEY_free(secret);
}

static inline str made_der(struct arena *a, unsigned char *der, int len)
{
	str out = str_dup(a, str_of((const char *)der, (size_t)len));

	OPENSSL_free(der);
	return out;
}

static inline str made_certificate_der(struct arena *a, X509 *cert)
{
	unsigned char *der = NULL;
	int len = i2d_X509(cert, &der);

	X509_free(cert);
	return made_der(a, der, len);
}

static inline str made_authority(struct arena *a, const char *key, const char *issuer)
{
	X509 *cert = made_certificate(key, issuer, true, MADE_SIGNED_AT - 100000, MADE_SIGNED_AT + 100000);

	made_sign_certificate(cert, issuer);
	return made_certificate_der(a, cert);
}

/* The log of certificates has seen @cert, whose list of timestamps is put into it. */
static inline void made_publish(struct arena *a, X509 *cert, const char *issuer, const char *log)
{
	struct str_buf text = str_buf(a, SIZE_MAX), list = str_buf(a, SIZE_MAX), der = str_buf(a, SIZE_MAX);
	uint64_t time_ms = (uint64_t)MADE_SIGNED_AT * 1000;
	unsigned char *tbs = NULL;
	int len = i2d_re_X509_tbs(cert, &tbs);

	made_number(&text, 0, 2);
	made_number(&text, time_ms, 8);
	made_number(&text, 1, 2);
	buf_add(&text, made_sha256(a, signing_spki(a, issuer)));
	made_number(&text, (uint64_t)len, 3);
	buf_add(&text, made_der(a, tbs, len));
	made_number(&text, 0, 2);
	str sig = signing_sign(a, log, buf_view(&text)), id = made_log_id(a, "ct");
	size_t one = 1 + 32 + 8 + 2 + 4 + sig.len;
	made_number(&list, one + 2, 2);
	made_number(&list, one, 2);
	made_number(&list, 0, 1);
	buf_add(&list, id);
	made_number(&list, time_ms, 8);
	made_number(&list, 0, 2);
	made_number(&list, 0x0403, 2);
	made_number(&list, sig.len, 2);
	buf_add(&list, sig);
	made_number(&der, 0x04, 1);
	if (list.len >= 0x80)
		made_number(&der, 0x81, 1);
	made_number(&der, list.len, 1);
	buf_add(&der, buf_view(&list));
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	ASN1_OCTET_STRING_set(data, (const unsigned char *)der.p, (int)der.len);
	X509_EXTENSION *ext = X509_EXTENSION_create_by_NID(NULL, NID_ct_precert_scts, 0, data);
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(data);
}

/* Of the key "build", issued by "issuer", which "root" issued. Spoilt: "chain" (issued by a stranger of that name),
 * "certificate-time" (too early), "certificate-log" (another log's timestamp), "unpublished". */
static inline str made_leaf(struct arena *a, const struct made *m)
{
	int64_t from = MADE_SIGNED_AT - (made_is(m, "certificate-time") ? 2000 : 100);
	const char *signer = made_is(m, "chain") ? "stranger" : "issuer";
	X509 *cert = made_certificate("build", "issuer", false, from, from + 700);

	made_sign_certificate(cert, signer);
	if (!made_is(m, "unpublished"))
		made_publish(a, cert, "issuer", made_is(m, "certificate-log") ? "stranger" : "ct");
	made_sign_certificate(cert, signer);
	return made_certificate_der(a, cert);
}

/* ---- signed times ---- */

/* Valid for the year after the signature; a leaf's key may be another's. */
static inline X509 *made_clock(const char *key)
{
	X509 *cert = made_certificate(key, "clock-root", false, MADE_SIGNED_AT - 1000, MADE_SIGNED_AT + 100000);

	made_sign_certificate(cert, "clock-root");
	return cert;
}

static inline ASN1_INTEGER *made_serial(TS_RESP_CTX *ctx, void *data)
{
	ASN1_INTEGER *serial = ASN1_INTEGER_new();

	(void)ctx, (void)data;
	ASN1_INTEGER_set(serial, 1);
	return serial;
}

static inline int made_clock_time(TS_RESP_CTX *ctx, void *data, long *sec, long *usec)
{
	(void)ctx;
	*sec = MADE_SIGNED_AT + (made_is(data, "timestamp-time") ? 90000 : 5);
	*usec = 0;
	return 1;
}

/* A request for a timestamp of @message. */
static inline BIO *made_time_request(struct arena *a, str message)
{
	TS_REQ *req = TS_REQ_new();
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *algorithm = X509_ALGOR_new();
	str hash = made_sha256(a, message);
	BIO *out = BIO_new(BIO_s_mem());

	X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL);
	TS_MSG_IMPRINT_set_algo(imprint, algorithm);
	TS_MSG_IMPRINT_set_msg(imprint, (unsigned char *)hash.p, (int)hash.len);
	TS_REQ_set_version(req, 1);
	TS_REQ_set_msg_imprint(req, imprint);
	i2d_TS_REQ_bio(out, req);
	X509_ALGOR_free(algorithm);
	TS_MSG_IMPRINT_free(imprint);
	TS_REQ_free(req);
	return out;
}

/* What "clock" says of @message. Spoilt: "timestamp" (it saw another), "timestamp-signer" (a stranger of that name signed it),
 * "timestamp-time" (later than the certificate of the build was valid). */
static inline str made_timestamp(struct arena *a, const struct made *m, str message)
{
	const char *key = made_is(m, "timestamp-signer") ? "stranger" : "clock";
	TS_RESP_CTX *ctx = TS_RESP_CTX_new();
	EVP_PKEY *secret = signing_key_of(key);
	X509 *cert = made_clock(key);
	ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4", 1);
	BIO *request = made_time_request(a, made_is(m, "timestamp") ? S("another") : message);
	unsigned char *der = NULL;

	if (TS_RESP_CTX_set_signer_cert(ctx, cert) != 1 || TS_RESP_CTX_set_signer_key(ctx, secret) != 1)
		abort();
	TS_RESP_CTX_set_signer_digest(ctx, EVP_sha256());
	TS_RESP_CTX_set_def_policy(ctx, policy);
	TS_RESP_CTX_add_md(ctx, EVP_sha256());
	TS_RESP_CTX_set_serial_cb(ctx, made_serial, NULL);
	TS_RESP_CTX_set_time_cb(ctx, made_clock_time, (void *)m);
	TS_RESP *response = TS_RESP_create_response(ctx, request);
	if (!response)
		abort();
	int len = i2d_TS_RESP(response, &der);
	TS_RESP_free(response);
	BIO_free(request);
	ASN1_OBJECT_free(policy);
	X509_free(cert);
	EVP_PKEY_free(secret);
	TS_RESP_CTX_free(ctx);
	return made_der(a, der, len);
}

/* ---- the log ---- */

static inline str made_node(struct arena *a, char kind, str left, str right)
{
	return made_sha256(a, str_concat(a, str_concat(a, str_of(&kind, 1), left), right));
}

static inline str made_leaf_hash(struct arena *a, const struct made *m, uint64_t index, str body)
{
	uint64_t ours = m->size ? m->index : 2;
	str text = index == ours ? body : str_printf(a, "entry %llu", (unsigned long long)index);

	return made_node(a, 0, text, S(""));
}

/* MTH of RFC 6962, 2.1, over the leaves [from, from + n). */
static inline str made_tree(struct arena *a, const struct made *m, uint64_t from, uint64_t n, str body)
{
	uint64_t half = 1;

	if (n == 1)
		return made_leaf_hash(a, m, from, body);
	while (half * 2 < n)
		half *= 2;
	return made_node(a, 1, made_tree(a, m, from, half, body), made_tree(a, m, from + half, n - half, body));
}

/* PATH of RFC 6962, 2.1.1, as JSON strings, from the leaf to the root. */
static inline void made_path(struct arena *a, const struct made *m, uint64_t index, uint64_t from, uint64_t n, str body,
			     struct str_buf *out)
{
	uint64_t half = 1;
	str other;

	if (n == 1)
		return;
	while (half * 2 < n)
		half *= 2;
	bool is_left = index < from + half;
	made_path(a, m, index, is_left ? from : from + half, is_left ? half : n - half, body, out);
	other = is_left ? made_tree(a, m, from + half, n - half, body) : made_tree(a, m, from, half, body);
	buf_printf(out, "%s\"" STR_FMT "\"", out->len ? "," : "", STR_ARG(base64_encode(a, other)));
}

/* Signed by "log". Spoilt: "checkpoint" (signed by a stranger), "root" (of another tree). */
static inline str made_checkpoint(struct arena *a, const struct made *m, uint64_t size, str root)
{
	const char *host = m->is_second ? MADE_LOG2_HOST : MADE_LOG_HOST, *stranger = made_is(m, "checkpoint") ? "stranger" : NULL;
	str note = str_printf(a, "%s\\n%llu\\n" STR_FMT "\\n", host, (unsigned long long)size, STR_ARG(base64_encode(a, root)));
	str plain = str_replace_all(a, note, S("\\n"), S("\n"));
	str sig = m->is_second ? signing_edwards_sign(a, stranger ? stranger : "log2", plain)
			       : signing_sign(a, stranger ? stranger : "log", plain);
	str hint = str_slice(m->is_second ? made_log2_id(a) : made_log_id(a, "log"), 0, 4);
	str line = base64_encode(a, str_concat(a, hint, sig));

	return str_printf(a, STR_FMT "\\n\xe2\x80\x94 %s " STR_FMT "\\n", STR_ARG(note), host, STR_ARG(line));
}

/* Spoilt: "promise", "proof" (a hash of it), "entry-time" (another than was promised). */
static inline str made_entry(struct arena *a, const struct made *m, const char *kind, const char *version, str body)
{
	uint64_t index = m->size ? m->index : 2, size = m->size ? m->size : 5;
	str text = base64_encode(a, body), id = m->is_second ? made_log2_id(a) : made_log_id(a, "log"), promised;
	str promise = str_printf(a, "{\"body\":\"" STR_FMT "\",\"integratedTime\":%d,\"logID\":\"" STR_FMT "\",\"logIndex\":77}",
				 STR_ARG(text), MADE_SIGNED_AT, STR_ARG(made_hex(a, id)));
	str sig = signing_sign(a, made_is(m, "promise") ? "stranger" : "log", promise);
	str root = made_tree(a, m, 0, size, body);
	struct str_buf path = str_buf(a, SIZE_MAX);

	made_path(a, m, index, 0, size, made_is(m, "proof") ? S("another") : body, &path);
	if (made_is(m, "proof") && size > 1) {
		str other = base64_encode(a, made_sha256(a, S("other")));
		memcpy(path.p + 1, other.p, other.len);
	}
	if (made_is(m, "root"))
		root = made_sha256(a, root);
	str checkpoint = made_checkpoint(a, m, size, root);
	promised = str_printf(a, "\"integratedTime\":\"%d\",\"inclusionPromise\":{\"signedEntryTimestamp\":\"" STR_FMT "\"},",
			      MADE_SIGNED_AT + made_is(m, "entry-time"), STR_ARG(base64_encode(a, sig)));
	if (m->is_unpromised)
		promised = str_printf(a, "\"integratedTime\":\"%d\",", MADE_SIGNED_AT);
	if (m->is_second)
		promised = S("");
	return str_printf(a,
			  "{\"logIndex\":\"77\",\"logId\":{\"keyId\":\"" STR_FMT "\"},\"kindVersion\":{\"kind\":\"%s\",\"version\":\"%s\"},"
			  STR_FMT "\"inclusionProof\":{\"logIndex\":\"%llu\",\"rootHash\":\"" STR_FMT "\",\"treeSize\":\"%llu\",\"hashes\":[" STR_FMT "],"
			  "\"checkpoint\":{\"envelope\":\"" STR_FMT "\"}},\"canonicalizedBody\":\"" STR_FMT "\"}",
			  STR_ARG(base64_encode(a, id)), kind, version, STR_ARG(promised), (unsigned long long)index, STR_ARG(base64_encode(a, root)),
			  (unsigned long long)size, STR_ARG(buf_view(&path)), STR_ARG(checkpoint), STR_ARG(text));
}

/* ---- the bundle ---- */

/* What the log keeps about an envelope. Spoilt: "entry" (it is about another signature). */
static inline str made_body(struct arena *a, const struct made *m, const char *kind, str payload, str encoding, str sig)
{
	str once = base64_encode(a, made_is(m, "entry") ? S("another") : sig), hash = made_hex(a, made_sha256(a, payload));
	str digest = base64_encode(a, made_sha256(a, strcmp(kind, "hashedrekord") == 0 ? encoding : payload));

	if (m->is_second && strcmp(kind, "hashedrekord") == 0)
		return str_printf(a,
				  "{\"apiVersion\":\"0.0.2\",\"kind\":\"hashedrekord\",\"spec\":{\"hashedRekordV002\":{\"data\":{\"algorithm\":"
				  "\"SHA2_256\",\"digest\":\"" STR_FMT "\"},\"signature\":{\"content\":\"" STR_FMT "\"}}}}",
				  STR_ARG(digest), STR_ARG(once));
	if (m->is_second)
		return str_printf(a,
				  "{\"apiVersion\":\"0.0.2\",\"kind\":\"dsse\",\"spec\":{\"dsseV002\":{\"payloadHash\":{\"algorithm\":"
				  "\"SHA2_256\",\"digest\":\"" STR_FMT "\"},\"signatures\":[{\"content\":\"" STR_FMT "\"}]}}}",
				  STR_ARG(digest), STR_ARG(once));
	if (strcmp(kind, "intoto") == 0)
		return str_printf(a,
				  "{\"apiVersion\":\"0.0.2\",\"kind\":\"intoto\",\"spec\":{\"content\":{\"envelope\":{\"signatures\":[{\"sig\":\"" STR_FMT
				  "\"}]},\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\"" STR_FMT "\"}}}}",
				  STR_ARG(base64_encode(a, once)), STR_ARG(hash));
	if (strcmp(kind, "hashedrekord") == 0)
		return str_printf(a,
				  "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"spec\":{\"data\":{\"hash\":{\"value\":\"" STR_FMT
				  "\"}},\"signature\":{\"content\":\"" STR_FMT "\"}}}",
				  STR_ARG(made_hex(a, made_sha256(a, encoding))), STR_ARG(once));
	return str_printf(a,
			  "{\"apiVersion\":\"0.0.1\",\"kind\":\"dsse\",\"spec\":{\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\"" STR_FMT
			  "\"},\"signatures\":[{\"signature\":\"" STR_FMT "\"}]}}",
			  STR_ARG(hash), STR_ARG(once));
}

static inline str made_signer(struct arena *a, const struct made *m)
{
	str leaf;

	if (m->key)
		return str_printf(a, "\"publicKey\":{\"hint\":\"SHA256:%s\"}", m->key);
	leaf = base64_encode(a, made_leaf(a, m));
	if (m->bundle == 1 || m->bundle == 2)
		return str_printf(a, "\"x509CertificateChain\":{\"certificates\":[{\"rawBytes\":\"" STR_FMT "\"}]}", STR_ARG(leaf));
	return str_printf(a, "\"certificate\":{\"rawBytes\":\"" STR_FMT "\"}", STR_ARG(leaf));
}

/* Spoilt: "subject" (another package), "digest" (other bytes), "payload" (changed after signing), "signature" (a stranger's). */
static inline str made_bundle(struct arena *a, const struct made *m)
{
	const char *kind = m->kind ? m->kind : "dsse", *version = m->is_second || strcmp(kind, "intoto") == 0 ? "0.0.2" : "0.0.1";
	const char *type = "application/vnd.in-toto+json", *key = m->key ? m->key : "build";
	bool is_scoped = m->name[0] == '@';
	str keyid = m->key ? str_printf(a, "SHA256:%s", m->key) : S("");
	str payload = str_printf(a,
				 "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"pkg:npm/%s%s@%s\",\"digest\":{\"sha512\":\"" STR_FMT
				 "\"}}],\"predicateType\":\"https://slsa.dev/provenance/v1\",\"predicate\":{}}",
				 is_scoped ? "%40" : "", made_is(m, "subject") ? "other" : m->name + is_scoped, m->version,
				 STR_ARG(made_is(m, "digest") ? S("00") : m->sha512_hex));
	str encoding = str_printf(a, "DSSEv1 %zu %s %zu " STR_FMT, strlen(type), type, payload.len, STR_ARG(payload));
	str sig = signing_sign(a, made_is(m, "signature") ? "stranger" : key, encoding);
	str entry = made_entry(a, m, kind, version, made_body(a, m, kind, payload, encoding, sig));
	str signer = made_signer(a, m), times = S("");
	str media = m->bundle == 1 || m->bundle == 2
			    ? str_printf(a, "application/vnd.dev.sigstore.bundle+json;version=0.%d", m->bundle)
			    : S("application/vnd.dev.sigstore.bundle.v0.3+json");

	if (m->is_timed) {
		str timestamp = base64_encode(a, made_timestamp(a, m, sig));
		times = str_printf(a, ",\"timestampVerificationData\":{\"rfc3161Timestamps\":[{\"signedTimestamp\":\"" STR_FMT "\"}]}",
				   STR_ARG(timestamp));
	}
	if (made_is(m, "payload"))
		payload = str_concat(a, payload, S(" "));
	return str_printf(a,
			  "{\"mediaType\":\"" STR_FMT "\",\"verificationMaterial\":{" STR_FMT ",\"tlogEntries\":[" STR_FMT "]" STR_FMT "},"
			  "\"dsseEnvelope\":{\"payload\":\"" STR_FMT "\",\"payloadType\":\"%s\",\"signatures\":[{\"sig\":\"" STR_FMT "\",\"keyid\":\"" STR_FMT "\"}]}}",
			  STR_ARG(media), STR_ARG(signer), STR_ARG(entry), STR_ARG(times), STR_ARG(base64_encode(a, payload)), type,
			  STR_ARG(base64_encode(a, sig)), STR_ARG(keyid));
}

/* ---- the trusted root ---- */

static inline str made_trusted_log(struct arena *a, const char *key, const char *host)
{
	return str_printf(a,
			  "{\"baseUrl\":\"https://%s\",\"hashAlgorithm\":\"SHA2_256\",\"publicKey\":{\"rawBytes\":\"" STR_FMT
			  "\",\"keyDetails\":\"PKIX_ECDSA_P256_SHA_256\",\"validFor\":{\"start\":\"2020-01-01T00:00:00.000Z\"}},"
			  "\"logId\":{\"keyId\":\"" STR_FMT "\"}}",
			  host, STR_ARG(base64_encode(a, signing_spki(a, key))), STR_ARG(base64_encode(a, made_log_id(a, key))));
}

/* The second log, whose key is Ed25519. */
static inline str made_trusted_log2(struct arena *a)
{
	str spki = str_concat(a, S("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"), signing_edwards_public(a, "log2"));

	return str_printf(a,
			  "{\"baseUrl\":\"https://" MADE_LOG2_HOST "\",\"hashAlgorithm\":\"SHA2_256\",\"publicKey\":{\"rawBytes\":\"" STR_FMT
			  "\",\"keyDetails\":\"PKIX_ED25519\",\"validFor\":{\"start\":\"2020-01-01T00:00:00.000Z\"}},"
			  "\"logId\":{\"keyId\":\"" STR_FMT "\"}}",
			  STR_ARG(base64_encode(a, spki)), STR_ARG(base64_encode(a, made_log2_id(a))));
}

/* Whose word on times counts. */
static inline str made_trusted_clock(struct arena *a)
{
	str leaf = base64_encode(a, made_certificate_der(a, made_clock("clock")));
	str root = base64_encode(a, made_authority(a, "clock-root", "clock-root"));

	return str_printf(a,
			  "{\"subject\":{},\"uri\":\"https://clock.example\",\"certChain\":{\"certificates\":[{\"rawBytes\":\"" STR_FMT
			  "\"},{\"rawBytes\":\"" STR_FMT "\"}]},\"validFor\":{\"start\":\"2020-01-01T00:00:00.000Z\"}}",
			  STR_ARG(leaf), STR_ARG(root));
}

static inline str made_trusted_root(struct arena *a)
{
	/* Bound first: STR_ARG() names its argument twice, and no two signatures are alike. */
	str issuer = base64_encode(a, made_authority(a, "issuer", "root")), top = base64_encode(a, made_authority(a, "root", "root"));
	str log = made_trusted_log(a, "log", MADE_LOG_HOST), ct = made_trusted_log(a, "ct", "ct.example");
	str log2 = made_trusted_log2(a), clock = made_trusted_clock(a);

	return str_printf(a,
			  "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;version=0.1\",\"tlogs\":[" STR_FMT "," STR_FMT "],"
			  "\"certificateAuthorities\":[{\"subject\":{},\"uri\":\"https://ca.example\",\"certChain\":{\"certificates\":[{\"rawBytes\":\"" STR_FMT
			  "\"},{\"rawBytes\":\"" STR_FMT "\"}]},\"validFor\":{\"start\":\"2020-01-01T00:00:00.000Z\"}}],\"ctlogs\":[" STR_FMT
			  "],\"timestampAuthorities\":[" STR_FMT "]}",
			  STR_ARG(log), STR_ARG(log2), STR_ARG(issuer), STR_ARG(top), STR_ARG(ct), STR_ARG(clock));
}
