/* SPDX-License-Identifier: MIT
 * The store's own state. Four kinds of entries share one pair of tables: blobs under their digest, package rows under the
 * digest of their blob, named values (packuments and the like), and what is kept apart of those as their body. All but the
 * first cannot prove themselves and therefore carry a checksum of key and bytes. */
#pragma once
#include "cpm/base/map.h"
#include "cpm/base/vec.h"
#include "cpm/store/store.h"
#include "store_db.h"

/* A batch is written when it reaches either, even if there is something better to do. */
#define BATCH_BYTES   ((size_t)4 << 20)
#define BATCH_ENTRIES 1024
/* ... or when there is nothing else to do and it has reached this. */
#define IDLE_BYTES    ((size_t)2 << 20)

enum entry_kind { ENTRY_BLOB, ENTRY_NAMED, ENTRY_PACKAGE, ENTRY_BODY };

/* Small, and read by the thousand: not among the contents. */
static inline bool entry_is_fact(enum entry_kind kind)
{
	return kind == ENTRY_NAMED || kind == ENTRY_PACKAGE;
}

/* A value waiting to be written. */
struct pending {
	enum entry_kind kind;
	str key, bytes;
};

struct store {
	struct kv_port kv;	/* the port's functions find their store by it */
	struct db *db;
	unsigned nreaders;	/* who will look up more, and share the lock */
	int64_t reading_since_ms;
	int shelf_fd;		/* of the shelf's folder (shelf.c); -1: not opened */
	bool has_no_shelf;	/* it cannot be */
	int shared_fd;		/* the same of the place that projects share (shared_place.c) */
	bool has_no_shared;
	int64_t today;		/* days since 1970 */
	struct arena batch;	/* what `pending` lives in */
	struct map pending;	/* kind and key -> struct pending */
	VEC(char *) given;	/* heap: bytes that `pending` points into */
	size_t pending_bytes;
	struct map written;	/* kind and key of what this run wrote into a file that it began */
	struct arena arena;
	VEC(int64_t) used;	/* ids read today for the first time */
};

/* The bytes under @key, borrowed until the query ends or the store is written to; false when there are none. */
bool entry_view(struct store *s, enum entry_kind kind, str key, struct db_query *q, str *bytes);
/* @len of those bytes, from @at on, not compared with the entry's checksum; false when there are fewer. */
bool entry_view_part(struct store *s, enum entry_kind kind, str key, size_t at, size_t len, struct db_query *q, str *bytes);
bool entry_has(struct store *s, enum entry_kind kind, str key);
/* It was written by this run, into a file that it began: a note for entry_is_hopeless(). */
void entry_note_written(struct store *s, enum entry_kind kind, str key);
/* The file was begun by this run, which has not written that: it need not be looked up. */
bool entry_is_hopeless(struct store *s, enum entry_kind kind, str key);
/* A value of that length can be kept at all. */
bool entry_can_keep(struct store *s, size_t len);
/* The checksum that was stored with a value; 0 when there is none. */
uint64_t entry_find_proof(struct store *s, enum entry_kind kind, str key);
/* Of the entry in the database; -1 when there is none. */
int64_t entry_find_id(struct store *s, enum entry_kind kind, str key);
/* Keeps a copy, in the batch for now. */
void entry_put(struct store *s, enum entry_kind kind, str key, str bytes);
/* The same without the copy: @bytes are on the heap and ours from now on. */
void entry_give(struct store *s, enum entry_kind kind, str key, char *bytes, size_t len);
/* False when there was none. */
bool entry_drop(struct store *s, enum entry_kind kind, str key);
/* The same for one that is in the database; inside a transaction. */
bool entry_drop_id(struct store *s, int64_t id);
/* A checksum against bit rot, not against people: whoever can write the file can write this too. */
uint64_t entry_proof(str key, str bytes);

#define BLOB_KEY_BYTES (1 + DIGEST_MAX_BYTES)
/* A blob's key: its algorithm's number and its bytes, in @room. */
str blob_key(const struct digest *d, char room[BLOB_KEY_BYTES]);
/* The other way round; false when it is none. */
bool blob_key_parse(str key, struct digest *out);

/* Before a look-up: the lock of those before it is used on, where there are readers, unless it has been held for long. */
void store_read_on(struct store *s);
void store_kv_init(struct kv_port *kv);

#define SHELF_DIR "store"
/* The cache's folder. */
const char *store_dir(const struct store *s);

/* Gives free pages back to the file system; returns the bytes it got. */
uint64_t store_shrink(struct store *s);
/* E_LOCKED: somebody else is writing. */
MUST_CHECK_ERR store_is_busy(void);
