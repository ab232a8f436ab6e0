/* SPDX-License-Identifier: MIT
 * From a path to a database with our tables in it. The file's header carries two numbers: the
 * application id says that it is ours at all, user_version is the format (F35). A file that is
 * neither ours nor empty is damaged; one of a newer cpm is left alone and worked beside; an older
 * one is migrated in one transaction, so that a killed run leaves the old format and two that start
 * at once do it once. */
#include "store_db_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"

#include <sqlite3.h>

#define APPLICATION_ID 0x43504d31 /* "CPM1" */
#define BUSY_MS        5000

/* The statements that lead to each format from the one before. */
static const char *const migrations[] = {
	"PRAGMA application_id = 1129336113;"
	"CREATE TABLE entries (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, key BLOB NOT NULL, "
	"size INTEGER NOT NULL,"
	"                      used INTEGER NOT NULL, proof INTEGER NOT NULL, UNIQUE (kind, key));"
	"CREATE TABLE contents (id INTEGER PRIMARY KEY, data BLOB NOT NULL);",
	/* Named values and package rows get a table of their own. */
	"CREATE TABLE facts (id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
	"INSERT INTO facts SELECT c.id, c.data FROM contents c JOIN entries e ON e.id = c.id "
	"WHERE e.kind IN (1, 2);"
	"DELETE FROM contents WHERE id IN (SELECT id FROM facts);",
};

#define OUR_FORMAT ((int64_t)ARRAY_LEN(migrations))

_Static_assert(APPLICATION_ID == 1129336113, "the first migration writes the number out");

static bool execute(struct db *db, const char *sql)
{
	int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	if (code != SQLITE_OK)
		db_note_failure(db, SQL_COUNT, code);
	return code == SQLITE_OK;
}

/* With the write lock held: others may have migrated while we waited for it. */
static bool migrate_locked(struct db *db)
{
	for (int64_t format = db_number(db, SQL_FORMAT); format < OUR_FORMAT; format++) {
		ARENA_SCOPE(tmp);
		str set = str_printf(tmp, "PRAGMA user_version = %lld", (long long)format + 1);

		if (format < 0 || !execute(db, migrations[format]) || !execute(db, set.p))
			return false;
	}
	return true;
}

static void migrate(struct db *db)
{
	bool done = db_begin(db) && db_end(db, migrate_locked(db));

	if (!done && db->state == DB_OPEN)
		db_give_up(db, "its tables cannot be made");
}

/* cache.db becomes cache.<format>.db. */
static void work_beside(struct db *db)
{
	db_close_file(db);
	db->path = str_printf(&db->arena, "%s/cache.%lld.db", db->dir, (long long)OUR_FORMAT).p;
	log_verbose("cache", "a newer version uses this cache: working beside it in '%s'",
		    db->path);
	db_open_file(db);
}

static void check_format(struct db *db)
{
	int64_t application = db_number(db, SQL_APPLICATION_ID), format = db_number(db, SQL_FORMAT);

	if (db->state != DB_OPEN)
		return;
	db->began_empty = application == 0 && format == 0 && db_number(db, SQL_COUNT_TABLES) == 0;
	if (db->began_empty)
		migrate(db);
	else if (application != APPLICATION_ID || format < 1)
		db_condemn(db);
	else if (format > OUR_FORMAT)
		work_beside(db);
	else if (format < OUR_FORMAT)
		migrate(db);
}

/* SQLite makes files as the umask has it, and gives its journals the modes of the database. What
 * was cached may be private, whatever the folder's mode becomes. By name: closing a file of ours
 * would let go of locks on the database. */
static void make_private(const struct db *db)
{
	struct stat st;
	int fd;

	if (db->is_readonly)
		return;
	if (fs_lstat(AT_FDCWD, db->path, &st)) {
		if (S_ISREG(st.st_mode) && (st.st_mode & 077))
			(void)chmod(db->path, st.st_mode & 0700);
		return;
	}
	fd = open(db->path, O_CREAT | O_EXCL | O_CLOEXEC | O_WRONLY, 0600);
	if (fd >= 0)
		close(fd);
}

void db_open_file(struct db *db)
{
	int flags = db->is_readonly ? SQLITE_OPEN_READONLY
				    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	struct stat st;
	int code;

	db->inode = 0;
	if (db->is_readonly && !fs_exists(AT_FDCWD, db->path)) {
		db_give_up(db, "it cannot be written");
		return;
	}
	db->state = DB_OPEN;
	if (fs_exists(AT_FDCWD, db->path) && !fs_is_file(AT_FDCWD, db->path)) {
		db_condemn(db);
		return;
	}
	make_private(db);
	/* SQLite counts its memory under a lock that nobody asks for; too late when another file is open. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	code = sqlite3_open_v2(db->path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (fs_lstat(AT_FDCWD, db->path, &st))
		db->inode = st.st_ino;
	if (code != SQLITE_OK) {
		db_note_failure(db, SQL_COUNT, code);
		return;
	}
	db->is_readonly = sqlite3_db_readonly(db->handle, "main") == 1;
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	if (execute(db, "PRAGMA page_size = 32768; PRAGMA synchronous = OFF; "
			"PRAGMA temp_store = MEMORY"))
		check_format(db);
}

void db_close_file(struct db *db)
{
	/* Without a file SQLite was never called, and is not to be loaded for its closing. */
	if (!db->handle)
		return;
	for (size_t i = 0; i < SQL_COUNT; i++) {
		sqlite3_finalize(db->stmts[i]);
		db->stmts[i] = NULL;
	}
	db->is_reading = false;
	if (sqlite3_close(db->handle) != SQLITE_OK)
		log_verbose("cache", "the cache was not closed cleanly");
	db->handle = NULL;
}
