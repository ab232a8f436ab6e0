/* SPDX-License-Identifier: MIT
 * Entries: what is asked for is looked up among the values waiting to be written, then in the
 * database. */
#include "store_priv.h"

#include "cpm/base/log.h"

#define ENTRY_MAX_BYTES ((size_t)256 << 20)

static str pending_key(struct arena *a, enum entry_kind kind, str key)
{
	static const char prefixes[] = {
		[ENTRY_BLOB] = 'b', [ENTRY_NAMED] = 'n', [ENTRY_PACKAGE] = 'p', [ENTRY_BODY] = 'y'
	};

	return str_concat(a, str_of(&prefixes[kind], 1), key);
}

static struct pending *find_pending(struct store *s, enum entry_kind kind, str key)
{
	ARENA_SCOPE(tmp);

	return s->pending.count ? map_get(&s->pending, pending_key(tmp, kind, key)) : NULL;
}

void entry_note_written(struct store *s, enum entry_kind kind, str key)
{
	if (db_began_empty(s->db))
		map_put(&s->written, pending_key(&s->arena, kind, key), s);
}

/* A build machine without a cache would look up in vain all that it is about to fetch, and each
 * look-up of its own is a lock. */
bool entry_is_hopeless(struct store *s, enum entry_kind kind, str key)
{
	ARENA_SCOPE(tmp);

	return db_began_empty(s->db) && !map_has(&s->written, pending_key(tmp, kind, key));
}

/* Eight bytes at a time, so that it costs nothing beside reading them. */
static uint64_t mix(uint64_t h, str s)
{
	const uint64_t odd = 0x9e3779b97f4a7c15u;
	uint64_t word;
	size_t at = 0;

	for (; at + sizeof(word) <= s.len; at += sizeof(word)) {
		memcpy(&word, s.p + at, sizeof(word));
		h = (h ^ word) * odd;
		h ^= h >> 29;
	}
	word = s.len;
	for (; at < s.len; at++)
		word = word << 8 | (unsigned char)s.p[at];
	h = (h ^ word) * odd;
	return h ^ h >> 32;
}

uint64_t entry_proof(str key, str bytes)
{
	return mix(mix(0, key), bytes);
}

/* A value that is not what was stored goes. */
static void drop_damaged(struct store *s, int64_t id)
{
	log_verbose("cache", "dropping a damaged value");
	if (db_is_writable(s->db) && db_begin(s->db))
		db_end(s->db, entry_drop_id(s, id));
}

static void note_use(struct store *s, int64_t id, int64_t used)
{
	if (used != s->today)
		VEC_PUSH(&s->arena, &s->used, id);
}

bool entry_view(struct store *s, enum entry_kind kind, str key, struct db_query *q, str *bytes)
{
	struct pending *p = find_pending(s, kind, key);
	int64_t id;

	*q = (struct db_query){ 0 };
	if (p) {
		*bytes = p->bytes;
		return true;
	}
	if (!db_is_ready(s->db) || entry_is_hopeless(s, kind, key))
		return false;
	store_read_on(s);
	*q = db_query(s->db, entry_is_fact(kind) ? SQL_GET_FACT : SQL_GET,
		      DB_ARGS(db_int(kind), db_bytes(key)));
	if (!db_next(q))
		return false;
	id = db_column_int(q, 0);
	*bytes = db_column_bytes(q, 3);
	if (kind != ENTRY_BLOB && db_column_int(q, 2) != (int64_t)entry_proof(key, *bytes)) {
		db_query_end(q);
		drop_damaged(s, id);
		return false;
	}
	note_use(s, id, db_column_int(q, 1));
	return true;
}

bool entry_view_part(struct store *s, enum entry_kind kind, str key, size_t at, size_t len,
		     struct db_query *q, str *bytes)
{
	struct pending *p = find_pending(s, kind, key);

	*q = (struct db_query){ 0 };
	if (p) {
		*bytes = str_slice(p->bytes, at, at + len);
		return bytes->len == len;
	}
	if (!db_is_ready(s->db) || entry_is_hopeless(s, kind, key))
		return false;
	store_read_on(s);
	*q = db_query(s->db, SQL_GET_PART,
		      DB_ARGS(db_int(kind), db_bytes(key), db_int((int64_t)at + 1),
			      db_int((int64_t)len)));
	if (!db_next(q))
		return false;
	*bytes = db_column_bytes(q, 2);
	note_use(s, db_column_int(q, 0), db_column_int(q, 1));
	return bytes->len == len;
}

uint64_t entry_find_proof(struct store *s, enum entry_kind kind, str key)
{
	struct pending *p = find_pending(s, kind, key);
	AUTO_QUERY q = { 0 };

	if (p)
		return entry_proof(key, p->bytes);
	if (!db_is_ready(s->db))
		return 0;
	store_read_on(s);
	q = db_query(s->db, SQL_PROOF, DB_ARGS(db_int(kind), db_bytes(key)));
	return db_next(&q) ? (uint64_t)db_column_int(&q, 0) : 0;
}

bool entry_has(struct store *s, enum entry_kind kind, str key)
{
	AUTO_QUERY q = { 0 };

	if (find_pending(s, kind, key))
		return true;
	if (!db_is_ready(s->db) || entry_is_hopeless(s, kind, key))
		return false;
	store_read_on(s);
	q = db_query(s->db, SQL_HAS, DB_ARGS(db_int(kind), db_bytes(key)));
	return db_next(&q);
}

bool entry_can_keep(struct store *s, size_t len)
{
	return len <= ENTRY_MAX_BYTES && db_is_writable(s->db);
}

/* @bytes stay where they are until the batch is written. */
static void add_pending(struct store *s, enum entry_kind kind, str key, str bytes)
{
	struct pending *p = ARENA_NEW(&s->batch, struct pending);

	*p = (struct pending){ .kind = kind, .key = str_dup(&s->batch, key), .bytes = bytes };
	map_put(&s->pending, pending_key(&s->batch, kind, key), p);
	s->pending_bytes += bytes.len;
	if (s->pending_bytes >= BATCH_BYTES || s->pending.count >= BATCH_ENTRIES)
		store_flush(s);
}

void entry_put(struct store *s, enum entry_kind kind, str key, str bytes)
{
	if (entry_can_keep(s, bytes.len))
		add_pending(s, kind, key, str_dup(&s->batch, bytes));
}

void entry_give(struct store *s, enum entry_kind kind, str key, char *bytes, size_t len)
{
	if (!entry_can_keep(s, len)) {
		free(bytes);
		return;
	}
	VEC_PUSH(&s->batch, &s->given, bytes);
	add_pending(s, kind, key, str_of(bytes, len));
}

int64_t entry_find_id(struct store *s, enum entry_kind kind, str key)
{
	AUTO_QUERY q = db_query(s->db, SQL_FIND, DB_ARGS(db_int(kind), db_bytes(key)));

	return db_next(&q) ? db_column_int(&q, 0) : -1;
}

bool entry_drop_id(struct store *s, int64_t id)
{
	return db_run(s->db, SQL_DROP_CONTENT, DB_ARGS(db_int(id))) &&
	       db_run(s->db, SQL_DROP_FACT, DB_ARGS(db_int(id))) &&
	       db_run(s->db, SQL_DROP_ENTRY, DB_ARGS(db_int(id)));
}

bool entry_drop(struct store *s, enum entry_kind kind, str key)
{
	ARENA_SCOPE(tmp);
	bool was_pending = map_del(&s->pending, pending_key(tmp, kind, key)) != NULL;
	int64_t id;

	if (!db_is_writable(s->db))
		return was_pending;
	id = entry_find_id(s, kind, key);
	if (id < 0 || !db_begin(s->db))
		return was_pending;
	return db_end(s->db, entry_drop_id(s, id)) || was_pending;
}
