/* SPDX-License-Identifier: MIT
 * What is in the cache, and how it leaves. A run that is installing meanwhile loses nothing but
 * time: a blob that is gone is fetched again (F11). */
#include "store_priv.h"

#include "cpm/base/fs.h"

struct err *store_is_busy(void)
{
	return err_new(E_LOCKED, "another process is using the cache: try again when it is done");
}

uint64_t store_shrink(struct store *s)
{
	uint64_t before = db_file_bytes(s->db), after;

	db_end_reading(s->db);
	db_run(s->db, SQL_COMPACT, DB_NO_ARGS);
	after = db_file_bytes(s->db);
	return before > after ? before - after : 0;
}

void store_list(struct arena *a, struct store *s, struct store_item **items, size_t *count)
{
	VEC(struct store_item) list = { 0 };

	store_flush(s);
	if (db_is_ready(s->db)) {
		AUTO_QUERY q = db_query(s->db, SQL_LIST, DB_NO_ARGS);

		while (db_next(&q)) {
			struct store_item item = { .bytes = (uint64_t)db_column_int(&q, 2) };
			str key = db_column_bytes(&q, 1);
			struct digest d;

			if (db_column_int(&q, 0) == ENTRY_PACKAGE ||
			    db_column_int(&q, 0) == ENTRY_BODY)
				continue; /* goes with its blob, with its value */
			item.is_blob = db_column_int(&q, 0) == ENTRY_BLOB &&
				       blob_key_parse(key, &d);
			item.key = item.is_blob ? integrity_format(a, &d) : str_dup(a, key);
			VEC_PUSH(a, &list, item);
		}
	}
	*items = list.items;
	*count = list.len;
}

static bool clear_all(struct store *s)
{
	return db_run(s->db, SQL_CLEAR_CONTENTS, DB_NO_ARGS) &&
	       db_run(s->db, SQL_CLEAR_FACTS, DB_NO_ARGS) &&
	       db_run(s->db, SQL_CLEAR_ENTRIES, DB_NO_ARGS);
}

static struct err *remove_shelf(struct store *s)
{
	AUTO_FD dir = -1;

	TRY(fs_open_dir(AT_FDCWD, store_dir(s), &dir));
	return fs_remove_tree(dir, SHELF_DIR);
}

struct err *store_clean(struct store *s)
{
	store_flush(s);
	if (!db_is_writable(s->db))
		return err_new(E_ACCESS, "the cache cannot be written");
	if (!db_begin(s->db) || !db_end(s->db, clear_all(s)))
		return store_is_busy();
	store_shrink(s);
	TRY(remove_shelf(s));
	return db_remove_aside(s->db);
}

/* Claims that @key is @name or what follows a separator in it; scoped names have their slash
 * escaped in URLs. */
static bool names(str name, str key)
{
	ARENA_SCOPE(tmp);
	str escaped = str_replace_all(tmp, key, S("/"), S("%2f"));

	if (str_eq(name, key) || str_ends(name, str_concat(tmp, S("/"), escaped)))
		return true;
	return str_ends(name, str_concat(tmp, S(":"), key)) ||
	       str_ends(name, str_concat(tmp, S("/"), key));
}

static bool clean_blobs(struct store *s, str key)
{
	ARENA_SCOPE(tmp);
	struct integrity integrity;
	bool removed = false;

	integrity_parse(tmp, key, &integrity);
	for (size_t i = 0; i < integrity.count; i++) {
		char room[BLOB_KEY_BYTES];

		str blob = blob_key(&integrity.items[i], room);

		removed |= entry_drop(s, ENTRY_BLOB, blob);
		entry_drop(s, ENTRY_PACKAGE, blob);
	}
	return removed;
}

bool store_clean_key(struct store *s, str key)
{
	ARENA_SCOPE(tmp);
	struct store_item *items;
	size_t count;
	bool removed;

	if (str_is_empty(key))
		return false;
	removed = clean_blobs(s, key);
	store_list(tmp, s, &items, &count);
	for (size_t i = 0; i < count; i++)
		if (!items[i].is_blob && names(items[i].key, key)) {
			removed |= entry_drop(s, ENTRY_NAMED, items[i].key);
			entry_drop(s, ENTRY_BODY, items[i].key);
		}
	return removed;
}
