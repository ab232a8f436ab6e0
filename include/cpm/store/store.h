/* SPDX-License-Identifier: MIT
 * The content cache: one SQLite file, cache.db, holding verified tarballs, package rows and packuments
 * (architecture.md 5). A hint at every point: a blob proves itself by its digest when it is used. Main thread only. */
#pragma once
#include "cpm/base/digest.h"
#include "cpm/base/ports.h"

struct store;

/* @dir: the cache folder, made 0700 when absent; refused when it belongs to somebody else (T36). A damaged database is set
 * aside as cache.db.corrupt-<time> and made anew (F13); a read-only or unusable folder gives a store that keeps nothing,
 * with one warning (F8). */
MUST_CHECK_ERR store_open(str dir, struct store **out);
/* Commits what is pending. NULL is fine. */
void store_close(struct store *s);

/* Tarball bytes by digest, on the heap for the caller to free(); false when absent. Not verified here: the unpacker hashes
 * what it uses. */
bool store_get_blob(struct store *s, const struct digest *key, char **bytes, size_t *len);
bool store_has_blob(struct store *s, const struct digest *key);
/* Keeps bytes that were verified against @key. Batched: see store_flush(). A full disk is logged, not fatal. */
void store_put_blob(struct store *s, const struct digest *key, str bytes);
/* Forgets a blob that turned out to be damaged. */
void store_drop_blob(struct store *s, const struct digest *key);
void store_flush(struct store *s);

/* Packuments and other named bytes, as a port for registry/. */
struct kv_port *store_kv(struct store *s);

struct store_stats {
	uint64_t blobs, blob_bytes, packuments, bad_blobs, bad_bytes, reclaimed_bytes;
};
/* Rehashes every blob, drops the bad ones, frees their space. */
MUST_CHECK_ERR store_verify(struct store *s, struct store_stats *out);
MUST_CHECK_ERR store_clean(struct store *s);
/* @key: a package name, a URL or an integrity; true when something was removed. */
bool store_clean_key(struct store *s, str key);
