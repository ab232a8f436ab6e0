/* SPDX-License-Identifier: MIT
 * F35: what an older version kept is still there after its file was brought up to date. */
#include "store_db_priv.h"
#include "store_fixture.h"
#include "store_priv.h"

#include <sqlite3.h>

/* Undoes the step from the first format to the second. */
static void back_to_first_format(struct fixture *f)
{
	store_flush(f->store);
	CHECK_EQ(sqlite3_exec(f->store->db->handle,
			      "INSERT INTO contents SELECT id, data FROM facts; DROP TABLE facts;"
			      "PRAGMA user_version = 1",
			      NULL, NULL, NULL),
		 SQLITE_OK);
	fixture_reopen(f);
}

TEST(values_and_tarballs_of_the_first_format_are_kept)
{
	FIXTURE(f);
	ARENA_SCOPE(a);
	struct digest d = fixture_keep(&f, S("tarball"));

	store_kv(f.store)->put(store_kv(f.store), S("name"), S("value"));
	back_to_first_format(&f);
	CHECK_STR(store_kv(f.store)->get(store_kv(f.store), a, S("name")), S("value"), "value");
	CHECK_STR(fixture_blob(&f, &d), S("tarball"), "tarball");
	CHECK_EQ(f.warnings, 0, "warnings");
}

UNIT_TESTS(TESTED(values_and_tarballs_of_the_first_format_are_kept))
