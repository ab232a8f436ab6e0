/* SPDX-License-Identifier: MIT
 * Message digests over OpenSSL. Looking an algorithm up costs more than hashing a small file
 * (OpenSSL 3 walks its providers), so each is fetched once and kept for the life of the process.
 *
 * A digest that cannot be computed (no such algorithm in this build of OpenSSL, no memory) comes
 * out as DIGEST_NONE, which equals nothing: the bytes are then refused like damaged ones. */
#include "cpm/base/digest.h"

#include <openssl/evp.h>

#include <stdatomic.h>

static const struct {
	const char *name;
	size_t size;
} algos[] = {
	[DIGEST_NONE] = { "", 0 },          [DIGEST_MD5] = { "md5", 16 },
	[DIGEST_SHA1] = { "sha1", 20 },     [DIGEST_SHA256] = { "sha256", 32 },
	[DIGEST_SHA384] = { "sha384", 48 }, [DIGEST_SHA512] = { "sha512", 64 },
};

size_t digest_size(enum digest_algo algo)
{
	return algos[algo].size;
}

str digest_algo_name(enum digest_algo algo)
{
	return str_view(algos[algo].name);
}

/* Two threads may fetch the same one; the loser gives its copy back. */
static const EVP_MD *fetch_once(_Atomic(EVP_MD *) *fetched, const char *name)
{
	EVP_MD *md = atomic_load_explicit(fetched, memory_order_acquire), *none = NULL;

	if (md)
		return md;
	md = EVP_MD_fetch(NULL, name, NULL);
	if (md && !atomic_compare_exchange_strong(fetched, &none, md)) {
		EVP_MD_free(md);
		md = none;
	}
	return md;
}

static const EVP_MD *fetch(enum digest_algo algo)
{
	static _Atomic(EVP_MD *) fetched[ARRAY_LEN(algos)];

	return algo == DIGEST_NONE ? NULL : fetch_once(&fetched[algo], algos[algo].name);
}

void digest_init(struct digest_stream *s, enum digest_algo algo)
{
	const EVP_MD *md = fetch(algo);
	EVP_MD_CTX *ctx = md ? EVP_MD_CTX_new() : NULL;

	*s = (struct digest_stream){ .ctx = ctx, .algo = algo };
	if (ctx && !EVP_DigestInit_ex2(ctx, md, NULL))
		digest_abort(s);
}

void digest_update(struct digest_stream *s, const void *p, size_t len)
{
	if (s->ctx && !EVP_DigestUpdate(s->ctx, p, len))
		digest_abort(s);
}

void digest_final(struct digest_stream *s, struct digest *out)
{
	*out = (struct digest){ 0 };
	if (s->ctx && EVP_DigestFinal_ex(s->ctx, out->bytes, NULL))
		out->algo = s->algo;
	digest_abort(s);
}

void digest_abort(struct digest_stream *s)
{
	EVP_MD_CTX_free(s->ctx);
	s->ctx = NULL;
}

void digest_of(enum digest_algo algo, str bytes, struct digest *out)
{
	struct digest_stream s;

	digest_init(&s, algo);
	digest_update(&s, bytes.p, bytes.len);
	digest_final(&s, out);
}

void digest_shake256(str bytes, unsigned char *out, size_t out_bytes)
{
	static _Atomic(EVP_MD *) fetched;
	const EVP_MD *md = fetch_once(&fetched, "SHAKE256");
	EVP_MD_CTX *ctx = md ? EVP_MD_CTX_new() : NULL;

	memset(out, 0, out_bytes);
	if (ctx && EVP_DigestInit_ex2(ctx, md, NULL) && EVP_DigestUpdate(ctx, bytes.p, bytes.len))
		(void)!EVP_DigestFinalXOF(ctx, out, out_bytes);
	EVP_MD_CTX_free(ctx);
}

bool digest_eq(const struct digest *a, const struct digest *b)
{
	return a->algo != DIGEST_NONE && a->algo == b->algo &&
	       memcmp(a->bytes, b->bytes, algos[a->algo].size) == 0;
}
