/* SPDX-License-Identifier: MIT
 * Certificates that sign packages: issued for minutes by an authority that is trusted, and
 * published in a log of certificates before they were used, which signed a timestamp that the
 * certificate carries (RFC 6962, 3.2 and 3.3). */
#include "cpm/base/certificate.h"
#include "cpm/base/digest.h"
#include "cpm/base/signature.h"
#include "sigstore_priv.h"

#define LOG_ID_BYTES    32
#define TIMESTAMP_FIXED (1 + LOG_ID_BYTES + 8) /* version, log, time */
#define SHA256_ID       4                      /* of RFC 5246's hash algorithms */

/* ---- who issued it ---- */

/* The authority that was trusted then and leads to @leaf, or NULL. */
static const struct trusted_authority *find_issuer(str leaf, int64_t time_sec,
						   const struct trusted_root *root)
{
	for (size_t i = 0; i < root->nauthorities; i++) {
		const struct trusted_authority *ca = &root->authorities[i];

		if (ca->from_ms <= time_sec * 1000 && time_sec * 1000 <= ca->to_ms &&
		    certificate_is_trusted(leaf, ca->chain, ca->nchain, time_sec))
			return ca;
	}
	return NULL;
}

/* ---- that it was published ---- */

static uint64_t big_endian(str bytes, size_t at, size_t count)
{
	uint64_t n = 0;

	for (size_t i = at; i < at + count; i++)
		n = n << 8 | (unsigned char)bytes.p[i];
	return n;
}

static void add_number(struct str_buf *out, uint64_t n, size_t count)
{
	while (count-- > 0)
		buf_add_char(out, (char)(n >> (8 * count)));
}

/* One signed timestamp: version, log, time, extensions, algorithms, signature. */
struct published {
	str log_id, extensions, signature;
	uint64_t time_ms;
};

static bool read_timestamp(str text, struct published *out)
{
	size_t len, at = TIMESTAMP_FIXED + 2;

	if (text.len < at)
		return false;
	out->log_id = str_slice(text, 1, 1 + LOG_ID_BYTES);
	out->time_ms = big_endian(text, 1 + LOG_ID_BYTES, 8);
	len = (size_t)big_endian(text, TIMESTAMP_FIXED, 2);
	if (text.p[0] != 0 || text.len < at + len + 4)
		return false;
	out->extensions = str_slice(text, at, at + len);
	at += len;
	len = (size_t)big_endian(text, at + 2, 2);
	out->signature = str_from(text, at + 4);
	return text.p[at] == SHA256_ID && out->signature.len == len && out->time_ms <= INT64_MAX;
}

static bool is_published(struct arena *a, const struct published *p, str issuer_key, str tbs,
			 const struct trusted_root *root)
{
	struct str_buf text = str_buf(a, SIZE_MAX);
	const struct trusted_log *log;
	struct digest issuer;

	digest_of(DIGEST_SHA256, issuer_key, &issuer);
	add_number(&text, 0, 2); /* version 1, of a certificate */
	add_number(&text, p->time_ms, 8);
	add_number(&text, 1, 2); /* one that is not issued yet */
	buf_add(&text, str_of((const char *)issuer.bytes, digest_size(issuer.algo)));
	add_number(&text, tbs.len, 3);
	buf_add(&text, tbs);
	add_number(&text, p->extensions.len, 2);
	buf_add(&text, p->extensions);
	for (size_t at = 0; (log = sigstore_next_log(root->ct_logs, root->nct_logs, p->log_id,
						     (int64_t)p->time_ms, &at));)
		if (signature_is_valid(log->spki, buf_view(&text), p->signature))
			return true;
	return false;
}

/* Each of its timestamps holds, and there is one. */
static struct err *verify_publication(struct arena *a, str leaf, str issuer,
				      const struct trusted_root *root)
{
	struct certificate_proof proof;
	struct published p;
	size_t len, count = 0;
	str rest;

	if (!certificate_read_proof(a, leaf, &proof) || proof.timestamps.len < 2)
		return err_new(E_GENERIC, "expected 1 SCTs, got 0");
	for (rest = str_from(proof.timestamps, 2); rest.len >= 2; count++) {
		len = (size_t)big_endian(rest, 0, 2);
		if (rest.len < 2 + len || !read_timestamp(str_slice(rest, 2, 2 + len), &p) ||
		    !is_published(a, &p, certificate_public_key(a, issuer), proof.tbs, root))
			return err_new(E_GENERIC, "SCT verification failed");
		rest = str_from(rest, 2 + len);
	}
	return count ? NULL : err_new(E_GENERIC, "expected 1 SCTs, got 0");
}

struct err *sigstore_verify_certificate(struct arena *a, str leaf, const int64_t *times_sec,
					size_t ntimes, const struct trusted_root *root)
{
	const struct trusted_authority *ca = NULL;

	for (size_t i = 0; i < ntimes; i++) {
		ca = find_issuer(leaf, times_sec[i], root);
		if (!ca)
			return err_new(E_GENERIC, "Failed to verify certificate chain");
	}
	if (!ca)
		return err_new(E_GENERIC, "expected 1 timestamps, got 0");
	return verify_publication(a, leaf, ca->chain[0], root);
}
