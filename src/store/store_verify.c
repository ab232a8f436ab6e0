/* SPDX-License-Identifier: MIT
 * Verification: every byte checked, what is bad or ownerless removed, the file made as small as
 * what is in it. */
#include "store_priv.h"

/* Claims that the row's bytes are what its key or its checksum says. */
static bool is_sound(const struct db_query *row, enum entry_kind kind)
{
	str key = db_column_bytes(row, 2), bytes = db_column_bytes(row, 5);
	struct digest want, got;

	if (str_is_null(bytes))
		return false;
	if (kind != ENTRY_BLOB)
		return db_column_int(row, 4) == (int64_t)entry_proof(key, bytes);
	if (!blob_key_parse(key, &want))
		return false;
	digest_of(want.algo, bytes, &got);
	return digest_eq(&want, &got);
}

struct id_list {
	VEC(int64_t) ids;
};

/* Counts every entry; the bad ones' ids go into @bad. False when the database cannot be read to its
 * end. */
static bool check_entries(struct store *s, struct arena *a, struct store_stats *out,
			  struct id_list *bad)
{
	AUTO_QUERY q = db_query(s->db, SQL_EACH_CONTENT, DB_NO_ARGS);

	while (db_next(&q)) {
		enum entry_kind kind = (enum entry_kind)db_column_int(&q, 1);
		uint64_t size = (uint64_t)db_column_int(&q, 3);

		if (!is_sound(&q, kind)) {
			VEC_PUSH(a, &bad->ids, db_column_int(&q, 0));
			out->bad_blobs++;
			out->bad_bytes += size;
		} else if (kind == ENTRY_BLOB) {
			out->blobs++;
			out->blob_bytes += size;
		} else if (kind == ENTRY_NAMED) {
			out->packuments++;
		}
	}
	return !q.is_failed;
}

static bool drop_bad(struct store *s, const struct id_list *bad)
{
	VEC_EACH (int64_t, id, &bad->ids)
		if (!entry_drop_id(s, *id))
			return false;
	return db_run(s->db, SQL_DROP_STRAYS, DB_NO_ARGS) &&
	       db_run(s->db, SQL_DROP_STRAY_FACTS, DB_NO_ARGS);
}

/* The b-trees themselves: what a read of all rows does not reach, such as the index and the list of
 * free pages. */
static bool is_structure_sound(struct store *s)
{
	AUTO_QUERY q = db_query(s->db, SQL_CHECK, DB_NO_ARGS);

	return db_next(&q) && str_eq(db_column_bytes(&q, 0), S("ok"));
}

/* Begins anew with an empty file; what the old one held is lost. A file that could not be read
 * because somebody else is writing has not been called damaged by then, and is kept. */
static struct err *replace_damaged(struct store *s, struct store_stats *out)
{
	*out = (struct store_stats){ .bad_blobs = 1, .bad_bytes = db_file_bytes(s->db) };
	db_condemn(s->db);
	return db_is_ready(s->db) ? NULL : store_is_busy();
}

struct err *store_verify(struct store *s, struct store_stats *out)
{
	struct id_list bad = { 0 };
	ARENA_SCOPE(tmp);

	*out = (struct store_stats){ 0 };
	store_flush(s);
	if (!db_is_ready(s->db))
		return NULL;
	if (!is_structure_sound(s) || !check_entries(s, tmp, out, &bad))
		return replace_damaged(s, out);
	if (!db_is_writable(s->db))
		return NULL;
	if (!db_begin(s->db) || !db_end(s->db, drop_bad(s, &bad)))
		return store_is_busy();
	out->reclaimed_bytes = store_shrink(s);
	return NULL;
}
