/* SPDX-License-Identifier: MIT
 * Statements over SQLite. One connection, main thread only.
 *
 * Durability is traded for speed on purpose: synchronous is OFF, because every blob proves itself
 * by its digest and every other value by a checksum. What is kept is atomicity: the rollback
 * journal makes a killed process harmless and measures the same as no journal at all, since nearly
 * all pages written are new (150 MB in 1,300 blobs: 0.05 s with either; the write-ahead log 0.13 s,
 * and its reset race in SQLite before 3.51.3 could damage the file). Only a power cut can tear the
 * file; that is found when a page is read, and the file is then replaced. Pages of 32 KiB halve the
 * time that 4 KiB take and cost 1 % in size. */
#include "store_db_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/trace.h"

#include <sqlite3.h>

#define MAX_CONDEMNED 2 /* damaged twice in one run: something else is wrong */

static const char *const sql_text[] = {
#define SQL_ROW(id, text) [SQL_##id] = text,
#include "sql.def"
#undef SQL_ROW
};

struct db *db_new(str dir)
{
	struct db *db = calloc(1, sizeof(*db));

	if (!db)
		return NULL;
	db->dir = str_cstr(&db->arena, dir);
	db->path = str_printf(&db->arena, "%s/cache.db", db->dir).p;
	return db;
}

const char *db_dir(const struct db *db)
{
	return db->dir;
}

void db_free(struct db *db)
{
	if (!db)
		return;
	db_close_file(db);
	arena_fini(&db->arena);
	free(db);
}

/* ---- what may be wrong ---- */

void db_give_up(struct db *db, const char *fmt, ...)
{
	ARENA_SCOPE(tmp);
	va_list ap;
	str why;

	va_start(ap, fmt);
	why = str_vprintf(tmp, fmt, ap);
	va_end(ap);
	db->state = DB_UNUSABLE;
	log_warn("cache", "working without the cache in '%s': " STR_FMT, db->dir, STR_ARG(why));
}

void db_condemn(struct db *db)
{
	if (db->state != DB_OPEN)
		return;
	db->state = DB_CONDEMNED;
	db->times_condemned++;
}

unsigned db_times_condemned(const struct db *db)
{
	return db->times_condemned;
}

/* Claims that what is at the path can never be opened by us: a folder, a link to nowhere, a file
 * without permissions. */
static bool is_no_file(const struct db *db)
{
	struct stat st;

	return fs_lstat(AT_FDCWD, db->path, &st) &&
	       (!S_ISREG(st.st_mode) || faccessat(AT_FDCWD, db->path, R_OK, AT_EACCESS));
}

/* Claims that the path no longer leads to the file we opened: another process replaced or removed
 * it. */
static bool was_moved(const struct db *db)
{
	struct stat st;

	return db->inode && (!fs_lstat(AT_FDCWD, db->path, &st) || st.st_ino != db->inode);
}

/* Somebody else holds the lock for longer than we care to wait. */
static void note_busy(struct db *db, enum db_sql id)
{
	if (db->is_writing)
		return; /* the transaction is dropped */
	if (id == SQL_BEGIN)
		db->is_readonly = true;
	else
		db_give_up(db, "another process keeps it locked");
}

void db_note_failure(struct db *db, enum db_sql id, int code)
{
	log_verbose("cache", "%s", db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code));
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		note_busy(db, id);
		return;
	case SQLITE_READONLY:
		if (was_moved(db)) {
			db_condemn(db);
			return;
		}
		/* fall through */
	case SQLITE_FULL:
		if (!db->is_readonly)
			log_warn("cache", "cannot write '%s': %s", db->path, sqlite3_errstr(code));
		db->is_readonly = true;
		return;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* the tables are not ours */
		db_condemn(db);
		return;
	case SQLITE_CANTOPEN:
		if (is_no_file(db)) {
			db_condemn(db);
			return;
		}
		break;
	}
	db_give_up(db, "%s", sqlite3_errstr(code));
}

static void replace_file(struct db *db)
{
	struct err *e;

	db_close_file(db);
	db->state = DB_CLOSED;
	if (db->is_readonly || db->times_condemned > MAX_CONDEMNED) {
		db_give_up(db, "it is damaged");
		return;
	}
	if (was_moved(db))
		return; /* nothing to set aside: somebody else did, or removed it */
	log_warn("cache", "'%s' is damaged: beginning a new one", db->path);
	e = store_dir_set_aside(db->dir, db->path, db->inode);
	if (e) {
		db_give_up(db, STR_FMT, STR_ARG(e->message));
		err_free(e);
	}
}

static void prepare_dir(struct db *db)
{
	struct err *e = store_dir_prepare(db->dir, &db->is_readonly);

	if (e) {
		db_give_up(db, STR_FMT, STR_ARG(e->message));
		err_free(e);
	}
}

bool db_is_ready(struct db *db)
{
	if (db->state == DB_CLOSED)
		prepare_dir(db);
	while (db->state == DB_CLOSED || db->state == DB_CONDEMNED) {
		if (db->state == DB_CONDEMNED)
			replace_file(db);
		if (db->state == DB_CLOSED)
			db_open_file(db);
	}
	return db->state == DB_OPEN;
}

bool db_is_writable(struct db *db)
{
	return db_is_ready(db) && !db->is_readonly;
}

bool db_began_empty(const struct db *db)
{
	return db->began_empty;
}

uint64_t db_file_bytes(const struct db *db)
{
	struct stat st;

	return fs_lstat(AT_FDCWD, db->path, &st) ? (uint64_t)st.st_size : 0;
}

/* ---- statements ---- */

static bool bind(sqlite3_stmt *stmt, const struct db_arg *args)
{
	int code = SQLITE_OK, count = sqlite3_bind_parameter_count(stmt);

	for (int i = 0; i < count && code == SQLITE_OK; i++) {
		const struct db_arg *arg = &args[i];

		if (!arg->is_bytes)
			code = sqlite3_bind_int64(stmt, i + 1, arg->number);
		else if (arg->bytes.len)
			code = sqlite3_bind_blob64(stmt, i + 1, arg->bytes.p, arg->bytes.len,
						   SQLITE_STATIC);
		else
			code = sqlite3_bind_zeroblob(stmt, i + 1, 0);
	}
	return code == SQLITE_OK;
}

struct db_query db_query(struct db *db, enum db_sql id, const struct db_arg *args)
{
	struct db_query q = { .db = db, .id = id, .is_failed = db->state != DB_OPEN };
	int code = SQLITE_OK;

	if (q.is_failed)
		return q;
	if (!db->stmts[id])
		code = sqlite3_prepare_v3(db->handle, sql_text[id], -1, SQLITE_PREPARE_PERSISTENT,
					  &db->stmts[id], NULL);
	if (code == SQLITE_OK && !bind(db->stmts[id], args))
		code = SQLITE_TOOBIG;
	q.stmt = db->stmts[id];
	if (code != SQLITE_OK) {
		q.is_failed = true;
		db_note_failure(db, id, code);
	}
	return q;
}

bool db_next(struct db_query *q)
{
	int code;

	if (q->is_failed)
		return false;
	code = sqlite3_step(q->stmt);
	if (code == SQLITE_ROW)
		return true;
	q->is_failed = code != SQLITE_DONE;
	if (q->is_failed)
		db_note_failure(q->db, q->id, code);
	return false;
}

/* Also lets the shared lock go, so that writers need not wait for us. */
void db_query_end(struct db_query *q)
{
	if (!q->stmt)
		return;
	sqlite3_reset(q->stmt);
	sqlite3_clear_bindings(q->stmt);
}

int64_t db_column_int(const struct db_query *q, int column)
{
	return sqlite3_column_int64(q->stmt, column);
}

str db_column_bytes(const struct db_query *q, int column)
{
	const char *p = sqlite3_column_blob(q->stmt, column);
	int len = sqlite3_column_bytes(q->stmt, column);

	if (sqlite3_column_type(q->stmt, column) == SQLITE_NULL)
		return STR_NULL;
	return p ? str_of(p, (size_t)len) : S("");
}

bool db_run(struct db *db, enum db_sql id, const struct db_arg *args)
{
	AUTO_QUERY q = db_query(db, id, args);

	while (db_next(&q))
		;
	return !q.is_failed;
}

bool db_has_changed(const struct db *db)
{
	return sqlite3_changes(db->handle) > 0;
}

int64_t db_last_id(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int64_t db_number(struct db *db, enum db_sql id)
{
	AUTO_QUERY q = db_query(db, id, DB_NO_ARGS);

	return db_next(&q) ? db_column_int(&q, 0) : -1;
}

void db_begin_reading(struct db *db)
{
	if (!db->is_reading && db_is_ready(db))
		db->is_reading = db_run(db, SQL_BEGIN_READING, DB_NO_ARGS);
}

void db_end_reading(struct db *db)
{
	if (db->is_reading)
		db_end(db, true);
	db->is_reading = false;
}

bool db_begin(struct db *db)
{
	db_end_reading(db);
	if (db->is_readonly || !db_run(db, SQL_BEGIN, DB_NO_ARGS))
		return false;
	db->is_writing = true;
	return true;
}

/* A rollback may find nothing left to do: SQLite rolls back by itself when a disk is full. */
bool db_end(struct db *db, bool ok)
{
	TRACE(COMMIT);

	ok = ok && db_run(db, SQL_COMMIT, DB_NO_ARGS);
	if (!ok && db->handle && !sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	db->is_writing = false;
	return ok;
}
