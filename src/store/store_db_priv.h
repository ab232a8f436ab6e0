/* SPDX-License-Identifier: MIT
 * What store_db.c (statements), store_db_open.c (from path to tables) and store_dir.c (the folder) share. */
#pragma once
#include "store_db.h"

struct sqlite3;
struct sqlite3_stmt;

enum db_state { DB_CLOSED, DB_OPEN, DB_CONDEMNED, DB_UNUSABLE };

struct db {
	struct arena arena;
	const char *dir, *path;
	struct sqlite3 *handle;
	struct sqlite3_stmt *stmts[SQL_COUNT];
	enum db_state state;
	bool is_readonly, is_writing, is_reading, began_empty;
	unsigned times_condemned;
	uint64_t inode;			/* of the file we opened; 0 unknown */
};

/* Opens db->path and brings its tables up to date. Afterwards the state is OPEN, CONDEMNED or UNUSABLE. */
void db_open_file(struct db *db);
void db_close_file(struct db *db);
/* What a failed SQLite call means for the file. @id: the statement, SQL_COUNT when it was none of ours. */
void db_note_failure(struct db *db, enum db_sql id, int code);
/* Works without the cache from now on and says so once. */
void db_give_up(struct db *db, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* One number, such as a pragma's; -1 when there is none. */
int64_t db_number(struct db *db, enum db_sql id);

/* ---- store_dir.c ---- */

/* Makes the folder, mode 0700; an error when it is not safe to use (T36). *@is_readonly: it cannot be written (F8). */
MUST_CHECK_ERR store_dir_prepare(const char *dir, bool *is_readonly);
/* Moves the damaged database out of the way, unless another process has already replaced it. */
MUST_CHECK_ERR store_dir_set_aside(const char *dir, const char *path, uint64_t inode);
