/* SPDX-License-Identifier: MIT
 * The content cache: one SQLite file, cache.db, holding verified tarballs, package rows and packuments
 * (architecture.md 5). A hint at every point: a blob proves itself by its digest when it is used. Main thread only. */
#pragma once
#include "cpm/base/digest.h"
#include "cpm/base/ports.h"

struct store;

/**
 * store_open - the cache in @dir; touches nothing until the first value is asked for or kept.
 *
 * The folder is made 0700 when absent. One that belongs to somebody else or can be written by others is not used (T36), a
 * read-only one is read from (F8), a damaged database is set aside as cache.db.corrupt-<time> and made anew (F13), one of
 * a newer format is left alone and worked beside (F35): in each case the store works as far as it can, with one warning.
 * Cost: the first use takes below 1 ms. Errors: out of memory only.
 */
MUST_CHECK_ERR store_open(str dir, struct store **out);
/* Commits what is pending. NULL is fine. */
void store_close(struct store *s);

/* Tarball bytes by digest, on the heap for the caller to free(); false when absent. Not verified here: the unpacker hashes
 * what it uses. */
bool store_get_blob(struct store *s, const struct digest *key, char **bytes, size_t *len);
bool store_has_blob(struct store *s, const struct digest *key);
/* Keeps bytes that were verified against @key. Batched: see store_flush(). A full disk is logged, not fatal. */
void store_put_blob(struct store *s, const struct digest *key, str bytes);
/* The same without copying: @bytes are on the heap and the store's from now on, whatever becomes of them. */
void store_give_blob(struct store *s, const struct digest *key, char *bytes, size_t len);
/* Forgets a blob that turned out to be damaged. */
void store_drop_blob(struct store *s, const struct digest *key);
void store_flush(struct store *s);
/* The same for a caller that has nothing else to do: if what waits is worth the trouble. NULL is fine. */
void store_flush_idle(struct store *s);
/* What is read between the two shares one lock on the file, which is let go when something is written, when the reader
 * rests, and now and then: meanwhile other processes cannot write. May be nested. @s may be NULL. */
void store_begin_reading(struct store *s);
void store_end_reading(struct store *s);
/* A reader will wait for something. */
void store_rest(struct store *s);

/* Packuments and other named bytes, as a port for registry/. */
struct kv_port *store_kv(struct store *s);
/* Tells one value of a name from another without reading it; 0 when there is none. It guards against change, not malice. */
uint64_t store_proof(struct store *s, str key);

struct store_stats {
	uint64_t blobs, blob_bytes;	/* sound tarballs */
	uint64_t packuments;		/* sound named values */
	uint64_t bad_blobs, bad_bytes;	/* entries of both kinds that were dropped */
	uint64_t reclaimed_bytes;
};
/* Rehashes everything, drops what is bad, frees the space. E_LOCKED while another process writes. */
MUST_CHECK_ERR store_verify(struct store *s, struct store_stats *out);
/* Drops everything. E_LOCKED while another process writes, E_ACCESS when the cache cannot be written. */
MUST_CHECK_ERR store_clean(struct store *s);
/* @key: an integrity, or a name as store_list() gives it, or the end of one behind a slash or colon (a URL, a package's
 * name). True when something was removed. */
bool store_clean_key(struct store *s, str key);

struct store_item {
	str key;		/* a tarball's integrity, or a value's name */
	bool is_blob;
	uint64_t bytes;
};
/* Everything that is kept, in a fixed order. Lives in @a. */
void store_list(struct arena *a, struct store *s, struct store_item **items, size_t *count);
