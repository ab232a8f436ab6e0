/* SPDX-License-Identifier: MIT
 * What the store calls of SQLite, bound when first called (lazy.h). */
#include "cpm/base/lazy.h"

#include <sqlite3.h>
#include <stdarg.h>

static struct lazy_library sqlite = { .soname = "libsqlite3.so.0", .package = "libsqlite3-0" };

/* Of the variadic options only those are used that take a number. */
int sqlite3_config(int option, ...)
{
	va_list ap;
	int value;

	va_start(ap, option);
	value = va_arg(ap, int);
	va_end(ap);
	LAZY_BIND(&sqlite, sqlite3_config);
	return lazy_function_(option, value);
}

LAZY(&sqlite, int, sqlite3_open_v2, (const char *name, sqlite3 **db, int flags, const char *vfs), (name, db, flags, vfs))
LAZY(&sqlite, int, sqlite3_close, (sqlite3 *db), (db))
LAZY(&sqlite, int, sqlite3_busy_timeout, (sqlite3 *db, int ms), (db, ms))
LAZY(&sqlite, int, sqlite3_exec, (sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *ctx, char **error), (db, sql, row, ctx, error))
LAZY(&sqlite, int, sqlite3_prepare_v3, (sqlite3 *db, const char *sql, int len, unsigned int flags, sqlite3_stmt **out, const char **tail), (db, sql, len, flags, out, tail))
LAZY(&sqlite, int, sqlite3_step, (sqlite3_stmt *s), (s))
LAZY(&sqlite, int, sqlite3_reset, (sqlite3_stmt *s), (s))
LAZY(&sqlite, int, sqlite3_finalize, (sqlite3_stmt *s), (s))
LAZY(&sqlite, int, sqlite3_clear_bindings, (sqlite3_stmt *s), (s))
LAZY(&sqlite, int, sqlite3_bind_parameter_count, (sqlite3_stmt *s), (s))
LAZY(&sqlite, int, sqlite3_bind_blob64, (sqlite3_stmt *s, int at, const void *bytes, sqlite3_uint64 len, void (*done)(void *)), (s, at, bytes, len, done))
LAZY(&sqlite, int, sqlite3_bind_zeroblob, (sqlite3_stmt *s, int at, int len), (s, at, len))
LAZY(&sqlite, int, sqlite3_bind_int64, (sqlite3_stmt *s, int at, sqlite3_int64 value), (s, at, value))
LAZY(&sqlite, const void *, sqlite3_column_blob, (sqlite3_stmt *s, int at), (s, at))
LAZY(&sqlite, int, sqlite3_column_bytes, (sqlite3_stmt *s, int at), (s, at))
LAZY(&sqlite, sqlite3_int64, sqlite3_column_int64, (sqlite3_stmt *s, int at), (s, at))
LAZY(&sqlite, int, sqlite3_column_type, (sqlite3_stmt *s, int at), (s, at))
LAZY(&sqlite, int, sqlite3_changes, (sqlite3 *db), (db))
LAZY(&sqlite, sqlite3_int64, sqlite3_last_insert_rowid, (sqlite3 *db), (db))
LAZY(&sqlite, int, sqlite3_db_readonly, (sqlite3 *db, const char *name), (db, name))
LAZY(&sqlite, int, sqlite3_get_autocommit, (sqlite3 *db), (db))
LAZY(&sqlite, const char *, sqlite3_errmsg, (sqlite3 *db), (db))
LAZY(&sqlite, const char *, sqlite3_errstr, (int code), (code))
