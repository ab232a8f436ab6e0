/* SPDX-License-Identifier: MIT
 * The cache's front: opening, which costs nothing, and the batch of values waiting to be written.
 *
 * Values are collected in memory and written in one short transaction each BATCH_BYTES, because a
 * transaction that stayed open while a download goes on would keep every other run from writing
 * (F10), and because each one costs a lock, a journal and its pages: in batches of 8 MiB writing
 * takes half the time it takes in batches of 1 MiB. */
#include "store_priv.h"

#include "cpm/base/log.h"
#include "cpm/base/trace.h"

#include <time.h>
#include <unistd.h>

#define DAY_SEC (24 * 60 * 60)
/* How long others who want to write wait for us at most, while we have much to read. */
#define READING_MAX_MS 50

struct err *store_open(str dir, struct store **out)
{
	struct store *s = calloc(1, sizeof(*s));

	if (s)
		s->db = db_new(dir);
	if (!s || !s->db) {
		free(s);
		return err_new(E_SYSTEM, "out of memory");
	}
	store_kv_init(&s->kv);
	s->shelf_fd = s->shared_fd = -1;
	s->today = time(NULL) / DAY_SEC;
	map_init(&s->pending, &s->batch);
	map_init(&s->written, &s->arena);
	*out = s;
	return NULL;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	store_flush(s);
	if (s->shelf_fd >= 0)
		close(s->shelf_fd);
	if (s->shared_fd >= 0)
		close(s->shared_fd);
	db_free(s->db);
	arena_fini(&s->batch);
	arena_fini(&s->arena);
	free(s);
}

const char *store_dir(const struct store *s)
{
	return db_dir(s->db);
}

/* ---- the batch ---- */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void store_begin_reading(struct store *s)
{
	if (s)
		s->nreaders++;
}

void store_end_reading(struct store *s)
{
	if (s && --s->nreaders == 0)
		db_end_reading(s->db);
}

void store_rest(struct store *s)
{
	db_end_reading(s->db);
}

void store_read_on(struct store *s)
{
	int64_t now = s->nreaders ? now_ms() : 0;

	if (now - s->reading_since_ms > READING_MAX_MS) {
		db_end_reading(s->db);
		s->reading_since_ms = now;
	}
	if (s->nreaders)
		db_begin_reading(s->db);
}

static void empty_batch(struct store *s)
{
	VEC_EACH (char *, bytes, &s->given)
		free(*bytes);
	memset(&s->given, 0, sizeof(s->given)); /* its items were part of the batch */
	arena_fini(&s->batch);
	map_init(&s->pending, &s->batch);
	s->pending_bytes = 0;
	VEC_RESET(&s->used);
}

/* Claims that there is a blob under that digest already: its bytes are these bytes. */
static bool is_kept(struct store *s, const struct pending *p)
{
	AUTO_QUERY q = { 0 };

	if (p->kind != ENTRY_BLOB || entry_is_hopeless(s, p->kind, p->key))
		return false;
	q = db_query(s->db, SQL_HAS, DB_ARGS(db_int(p->kind), db_bytes(p->key)));
	return db_next(&q);
}

/* The entry's id, or -1. One statement could do all of it, an insert that updates and returns:
 * SQLite would copy each page that it changes, in pieces of a kilobyte, so as to be able to undo
 * that statement alone. */
static int64_t put_entry(struct store *s, const struct pending *p)
{
	struct db_arg size = db_int((int64_t)p->bytes.len), used = db_int(s->today);
	struct db_arg proof = db_int(
		p->kind == ENTRY_BLOB ? 0 : (int64_t)entry_proof(p->key, p->bytes));
	int64_t id;

	if (!db_run(s->db, SQL_ADD_ENTRY,
		    DB_ARGS(db_int(p->kind), db_bytes(p->key), size, used, proof)))
		return -1;
	if (db_has_changed(s->db))
		return db_last_id(s->db);
	id = entry_find_id(s, p->kind, p->key);
	return db_run(s->db, SQL_CHANGE_ENTRY, DB_ARGS(db_int(id), size, used, proof)) ? id : -1;
}

static bool write_entry(struct store *s, const struct pending *p)
{
	int64_t id;

	if (is_kept(s, p))
		return true;
	id = put_entry(s, p);
	if (id < 0 || !db_run(s->db, entry_is_fact(p->kind) ? SQL_PUT_FACT : SQL_PUT_CONTENT,
			      DB_ARGS(db_int(id), db_bytes(p->bytes))))
		return false;
	entry_note_written(s, p->kind, p->key);
	return true;
}

static bool write_all(struct store *s)
{
	for (struct map_iter it = map_iter(&s->pending); map_next(&it);)
		if (!write_entry(s, it.val))
			return false;
	VEC_EACH (int64_t, id, &s->used)
		if (!db_run(s->db, SQL_USE, DB_ARGS(db_int(*id), db_int(s->today))))
			return false;
	return true;
}

/* One transaction. A file found damaged is replaced, and the batch then goes into the new one. */
static bool write_batch(struct store *s)
{
	for (unsigned condemned = db_times_condemned(s->db);;
	     condemned = db_times_condemned(s->db)) {
		if (!db_is_writable(s->db))
			return false;
		if (db_begin(s->db) && db_end(s->db, write_all(s)))
			return true;
		if (db_times_condemned(s->db) == condemned)
			return false;
		VEC_RESET(&s->used); /* ids of the old file */
	}
}

void store_flush(struct store *s)
{
	if (!s->pending.count && !s->used.len)
		return;
	TRACE(STORE);
	TRACE_BYTES(s->pending_bytes);
	if (!write_batch(s))
		log_verbose("cache", "%zu values were not kept", s->pending.count);
	empty_batch(s);
}

void store_flush_idle(struct store *s)
{
	if (s && s->pending_bytes >= IDLE_BYTES)
		store_flush(s);
}
