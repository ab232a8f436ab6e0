/* SPDX-License-Identifier: MIT
 * Digests and the integrity strings (SRI) made of them, over OpenSSL's libcrypto. */
#pragma once
#include "cpm/base/err.h"

/* Weakest first: a larger value is a stronger algorithm. */
enum digest_algo { DIGEST_NONE, DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };
#define DIGEST_MAX_BYTES 64

struct digest {
	enum digest_algo algo;
	unsigned char bytes[DIGEST_MAX_BYTES];
};

size_t digest_size(enum digest_algo algo);
str digest_algo_name(enum digest_algo algo);	/* "sha512" */

/* Streaming. Caller's storage; init, any number of updates, final (which also releases). Any thread. */
struct digest_stream {
	void *ctx;
	enum digest_algo algo;
};
void digest_init(struct digest_stream *s, enum digest_algo algo);
void digest_update(struct digest_stream *s, const void *p, size_t len);
void digest_final(struct digest_stream *s, struct digest *out);
void digest_abort(struct digest_stream *s);
/* Whole buffer at once. */
void digest_of(enum digest_algo algo, str bytes, struct digest *out);
/* SHAKE256, whose digest is as long as one asks for; all zero when this build of OpenSSL has no SHAKE256. */
void digest_shake256(str bytes, unsigned char *out, size_t out_bytes);
bool digest_eq(const struct digest *a, const struct digest *b);	/* same algorithm and bytes */

/* An integrity string holds any number of hashes; the strongest algorithm decides, any of its hashes may match. */
struct integrity {
	struct digest *items;
	size_t count;
	enum digest_algo strongest;	/* DIGEST_NONE: nothing usable in it */
};

/* Strict SRI grammar (T23): unknown algorithms and wrong lengths are dropped, options after '?' ignored. */
void integrity_parse(struct arena *a, str text, struct integrity *out);
bool integrity_has(const struct integrity *i, const struct digest *d);
/* "sha512-<base64>" */
str integrity_format(struct arena *a, const struct digest *d);
str digest_hex(struct arena *a, const struct digest *d);
/* "sha1-<base64>" from 40 hex digits (dist.shasum); null when they are not. */
str integrity_from_shasum(struct arena *a, str hex);

str base64_encode(struct arena *a, str bytes);
bool base64_decode(struct arena *a, str text, str *out);
