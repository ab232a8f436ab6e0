/* SPDX-License-Identifier: MIT
 * Statements over one SQLite file (advisory_sql.def). The cache next door forgives everything,
 * because all it holds can be had again; here a failure must never read as "nothing is known"
 * (T43), so each is an error that names the file. The file may come from somewhere else: its schema
 * is not trusted to call anything. */
#include "cpm/store/advisory_db.h"

#include "cpm/base/fs.h"

#include <sqlite3.h>

#include <errno.h>

#define APPLICATION_ID 1129333060 /* "CPAD", as the table of statements writes it */
#define OUR_FORMAT     1
#define BUSY_MS        5000

enum adv_sql {
#define ADV_ROW(id, text) ADV_##id,
#include "advisory_sql.def"
#undef ADV_ROW
	ADV_COUNT_OF_STATEMENTS
};

static const char *const sql_text[] = {
#define ADV_ROW(id, text) [ADV_##id] = text,
#include "advisory_sql.def"
#undef ADV_ROW
};

struct advisory_db {
	struct arena arena;
	const char *path;
	sqlite3 *handle;
	sqlite3_stmt *stmts[ADV_COUNT_OF_STATEMENTS];
	bool is_new; /* nothing was at the path: nothing shall be left there by a failure */
	bool is_kept;
};

/* ---- statements ---- */

static struct err *failed(const struct advisory_db *db, int code)
{
	switch (code & 0xff) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
	case SQLITE_ERROR:
		return err_new(E_GENERIC,
			       "'%s' is damaged, or no database of advisories: name another file, "
			       "or delete it and import into it anew",
			       db->path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_new(E_LOCKED, "another process imports into '%s': wait until it is done",
			       db->path);
	default:
		return err_new(E_GENERIC, "cannot use '%s': %s", db->path, sqlite3_errstr(code));
	}
}

static int bind(sqlite3_stmt *stmt, size_t at, str text)
{
	return text.len ? sqlite3_bind_blob64(stmt, (int)at, text.p, text.len, SQLITE_STATIC)
			: sqlite3_bind_zeroblob(stmt, (int)at, 0);
}

/* Ready to be stepped, with @texts bound. */
static struct err *prepare(struct advisory_db *db, enum adv_sql id, const str *texts, size_t ntexts,
			   sqlite3_stmt **out)
{
	int code = SQLITE_OK;

	if (!db->stmts[id])
		code = sqlite3_prepare_v3(db->handle, sql_text[id], -1, SQLITE_PREPARE_PERSISTENT,
					  &db->stmts[id], NULL);
	*out = db->stmts[id];
	if (code == SQLITE_OK)
		sqlite3_reset(*out);
	for (size_t i = 0; i < ntexts && code == SQLITE_OK; i++)
		code = bind(*out, i + 1, texts[i]);
	return code == SQLITE_OK ? NULL : failed(db, code);
}

/* To its end. */
static struct err *run(struct advisory_db *db, enum adv_sql id, const str *texts, size_t ntexts)
{
	sqlite3_stmt *stmt;
	int code;

	TRY(prepare(db, id, texts, ntexts, &stmt));
	do
		code = sqlite3_step(stmt);
	while (code == SQLITE_ROW);
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? NULL : failed(db, code);
}

static struct err *number(struct advisory_db *db, enum adv_sql id, int64_t *out)
{
	sqlite3_stmt *stmt;
	int code;

	TRY(prepare(db, id, NULL, 0, &stmt));
	code = sqlite3_step(stmt);
	*out = code == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_reset(stmt);
	return code == SQLITE_ROW ? NULL : failed(db, code == SQLITE_DONE ? SQLITE_CORRUPT : code);
}

/* ---- opening ---- */

static struct err *make_tables(struct advisory_db *db)
{
	for (enum adv_sql id = ADV_MAKE_ROWS; id < ADV_COMMIT; id++)
		TRY(run(db, id, NULL, 0));
	return NULL;
}

/* *is_empty: nothing is in the file yet. */
static struct err *check_format(struct advisory_db *db, bool *is_empty)
{
	int64_t application, format, ntables;

	TRY(number(db, ADV_APPLICATION_ID, &application));
	TRY(number(db, ADV_FORMAT, &format));
	TRY(number(db, ADV_COUNT_TABLES, &ntables));
	*is_empty = application == 0 && format == 0 && ntables == 0;
	if (*is_empty)
		return NULL;
	if (application != APPLICATION_ID)
		return err_new(E_GENERIC, "'%s' is no database of advisories: name another file",
			       db->path);
	if (format != OUR_FORMAT)
		return err_new(
			E_GENERIC,
			"'%s' was made by a newer cpm: import into another file, or use that",
			db->path);
	return NULL;
}

static struct err *open_file(str path, int flags, struct advisory_db **out)
{
	struct advisory_db *db = calloc(1, sizeof(*db));
	int code;

	if (!db)
		out_of_memory();
	*out = db;
	db->path = str_cstr(&db->arena, path);
	if (fs_exists(AT_FDCWD, db->path)) {
		if (!fs_is_file(AT_FDCWD, db->path))
			return err_new(E_GENERIC, "'%s' is not a file", db->path);
	} else {
		if (!(flags & SQLITE_OPEN_CREATE))
			return err_sys(ENOENT, "open", path);
		db->is_new = true;
	}
	code = sqlite3_open_v2(db->path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db->handle,
				    "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; "
				    "PRAGMA temp_store = MEMORY",
				    NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return failed(db, code);
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	return NULL;
}

struct err *advisory_db_open(str path, struct advisory_db **out)
{
	bool is_empty;

	TRY(open_file(path, SQLITE_OPEN_READONLY, out));
	/* Locked once, and not for each question. */
	TRY(run(*out, ADV_BEGIN_READING, NULL, 0));
	TRY(check_format(*out, &is_empty));
	return is_empty ? failed(*out, SQLITE_NOTADB) : NULL;
}

struct err *advisory_db_open_import(str path, struct advisory_db **out)
{
	bool is_empty;

	TRY(open_file(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, out));
	TRY(run(*out, ADV_BEGIN, NULL, 0));
	TRY(check_format(*out, &is_empty));
	return is_empty ? make_tables(*out) : NULL;
}

struct err *advisory_db_commit(struct advisory_db *db)
{
	TRY(run(db, ADV_COMMIT, NULL, 0));
	db->is_kept = true;
	return NULL;
}

/* An open transaction ends with the connection, undone. */
void advisory_db_close(struct advisory_db *db)
{
	if (!db)
		return;
	for (size_t i = 0; db->handle && i < ADV_COUNT_OF_STATEMENTS; i++)
		sqlite3_finalize(db->stmts[i]);
	if (db->handle)
		sqlite3_close(db->handle);
	if (db->is_new && !db->is_kept)
		err_ignore(fs_unlink(AT_FDCWD, db->path));
	arena_fini(&db->arena);
	free(db);
}

void advisory_db_close_auto(struct advisory_db **db)
{
	advisory_db_close(*db);
}

/* ---- rows ---- */

struct err *advisory_db_forget(struct advisory_db *db, str record)
{
	return run(db, ADV_FORGET, &record, 1);
}

struct err *advisory_db_put(struct advisory_db *db, const struct advisory_row *row)
{
	const str texts[] = { row->package, row->record, row->names, row->said };

	return run(db, ADV_PUT, texts, ARRAY_LEN(texts));
}

static str column(struct arena *a, sqlite3_stmt *stmt, int at)
{
	const char *p = sqlite3_column_blob(stmt, at);

	return p ? str_dup(a, str_of(p, (size_t)sqlite3_column_bytes(stmt, at))) : S("");
}

struct err *advisory_db_find(struct arena *a, struct advisory_db *db, str package,
			     advisory_rows *out)
{
	sqlite3_stmt *stmt;
	int code;

	TRY(prepare(db, ADV_FIND, &package, 1, &stmt));
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
		VEC_PUSH(a, out,
			 (struct advisory_row){ .package = package,
						.record = column(a, stmt, 0),
						.names = column(a, stmt, 1),
						.said = column(a, stmt, 2) });
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? NULL : failed(db, code);
}

/* ---- facts ---- */

struct err *advisory_db_set_newest(struct advisory_db *db, int64_t sec)
{
	sqlite3_stmt *stmt;
	int code;

	TRY(prepare(db, ADV_SET_NEWEST, NULL, 0, &stmt));
	sqlite3_bind_int64(stmt, 1, sec);
	code = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? NULL : failed(db, code);
}

struct err *advisory_db_newest(struct advisory_db *db, int64_t *sec)
{
	return number(db, ADV_NEWEST, sec);
}

struct err *advisory_db_count(struct advisory_db *db, int64_t *rows, int64_t *packages)
{
	TRY(number(db, ADV_COUNT, rows));
	return number(db, ADV_COUNT_PACKAGES, packages);
}
