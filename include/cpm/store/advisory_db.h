/* SPDX-License-Identifier: MIT
 * Advisories in a file of their own, for machines that ask no registry. Unlike the cache this file is the user's: it is
 * named by the user, nothing in it is made up anew, and whatever is wrong with it is an error. */
#pragma once
#include "cpm/base/err.h"
#include "cpm/base/vec.h"

struct advisory_db;

void advisory_db_close(struct advisory_db *db);
void advisory_db_close_auto(struct advisory_db **db);
#define AUTO_ADVISORY_DB __attribute__((cleanup(advisory_db_close_auto))) struct advisory_db

/* Opens a file for reading; it never changes. Errors: E_NO_ENTRY; E_GENERIC when it is damaged, or none of ours. */
MUST_CHECK_ERR advisory_db_open(str path, struct advisory_db **out);
/* Opens a file for one import, and makes it when there is none. What is put is kept by advisory_db_commit() alone: closed
 * without it, the file is as it was, or gone again. */
MUST_CHECK_ERR advisory_db_open_import(str path, struct advisory_db **out);
MUST_CHECK_ERR advisory_db_commit(struct advisory_db *db);

/* What one record says about one package. Texts are borrowed. */
struct advisory_row {
	str package, record;
	str names;	/* id and aliases, blanks between them */
	str said;	/* JSON: an array of advisories as a registry answers them */
};
typedef VEC(struct advisory_row) advisory_rows;

/* Removes all that @record has said. */
MUST_CHECK_ERR advisory_db_forget(struct advisory_db *db, str record);
MUST_CHECK_ERR advisory_db_put(struct advisory_db *db, const struct advisory_row *row);
/* Appends all that is said about @package, ordered by record. Texts live in @a. Cost: microseconds. */
MUST_CHECK_ERR advisory_db_find(struct arena *a, struct advisory_db *db, str package, advisory_rows *out);

/* When the latest record was last changed, in seconds since 1970; 0: unknown. Setting an earlier one does nothing. */
MUST_CHECK_ERR advisory_db_set_newest(struct advisory_db *db, int64_t sec);
MUST_CHECK_ERR advisory_db_newest(struct advisory_db *db, int64_t *sec);
/* How many rows there are, of how many packages. */
MUST_CHECK_ERR advisory_db_count(struct advisory_db *db, int64_t *rows, int64_t *packages);
