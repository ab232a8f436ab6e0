/* SPDX-License-Identifier: MIT
 * The database under the cache as the rest of the store sees it: rows of sql.def with typed arguments, and the promise
 * that nothing that is wrong with the file ever becomes the caller's problem. A statement works, or it says no.
 *
 *	AUTO_QUERY q = db_query(db, SQL_HAS, DB_ARGS(db_int(kind), db_bytes(key)));
 *	return db_next(&q); */
#pragma once
#include "cpm/base/err.h"

enum db_sql {
#define SQL_ROW(id, text) SQL_##id,
#include "sql.def"
#undef SQL_ROW
	SQL_COUNT
};

struct db_arg {
	bool is_bytes;
	int64_t number;
	str bytes;		/* borrowed until the query ends */
};

static inline struct db_arg db_int(int64_t n)
{
	return (struct db_arg){ .number = n };
}

static inline struct db_arg db_bytes(str bytes)
{
	return (struct db_arg){ .is_bytes = true, .bytes = bytes };
}

#define DB_ARGS(...) ((const struct db_arg[]){ __VA_ARGS__ })
#define DB_NO_ARGS   NULL

struct db;

/* Remembers @dir; touches nothing. NULL without memory. */
struct db *db_new(str dir);
const char *db_dir(const struct db *db);
void db_free(struct db *db);
/* Opens, makes, migrates or replaces the file, whatever it needs; false when the cache has to be done without. */
bool db_is_ready(struct db *db);
bool db_is_writable(struct db *db);
/* This run made the file: what it did not write itself is not in there, but for what others write meanwhile. */
bool db_began_empty(const struct db *db);
/* Treats the file as damaged: the next use begins with an empty one. */
void db_condemn(struct db *db);
/* How often that has happened. */
unsigned db_times_condemned(const struct db *db);
/* Size of the file. */
uint64_t db_file_bytes(const struct db *db);
/* Removes damaged files that were set aside. */
MUST_CHECK struct err *db_remove_aside(const struct db *db);

/* A statement under way; ends at the brace. One of each kind at a time. */
struct db_query {
	struct db *db;
	enum db_sql id;
	void *stmt;
	bool is_failed;
};
void db_query_end(struct db_query *q);
#define AUTO_QUERY __attribute__((cleanup(db_query_end))) struct db_query
struct db_query db_query(struct db *db, enum db_sql id, const struct db_arg *args);
/* True when there is a row. */
bool db_next(struct db_query *q);
int64_t db_column_int(const struct db_query *q, int column);
str db_column_bytes(const struct db_query *q, int column);	/* borrowed until the next step; null when NULL */

/* Runs a statement to its end; false when it failed. */
bool db_run(struct db *db, enum db_sql id, const struct db_arg *args);
/* Whether the last statement that wrote changed anything; the id of the row that was inserted last. */
bool db_has_changed(const struct db *db);
int64_t db_last_id(const struct db *db);
/* From now on, until a write transaction begins or the end, one lock serves all queries. It keeps others from writing. */
void db_begin_reading(struct db *db);
void db_end_reading(struct db *db);
/* A write transaction. False: somebody else has been writing for too long, or it cannot be written at all. */
bool db_begin(struct db *db);
/* Commits when @ok, else rolls back. False when nothing was kept. */
bool db_end(struct db *db, bool ok);
