/* SPDX-License-Identifier: MIT
 * The file keeps what was committed, and nothing else. */
#include "cpm/store/advisory_db.h"

#include "check.h"
#include "temp_dir.h"

static const struct advisory_row first = { S("a"), S("GHSA-1"), S("GHSA-1 CVE-1"), S("[1]") },
				 second = { S("a"), S("CVE-1"), S("CVE-1"), S("[2]") },
				 other = { S("ab"), S("GHSA-1"), S("GHSA-1"), S("[3]") };

static str path_in(struct temp_dir *dir)
{
	return str_concat(&dir->arena, dir->path, S("/known.db"));
}

static void import(str path, const struct advisory_row *row, int64_t sec)
{
	AUTO_ADVISORY_DB *db = NULL;

	CHECK_OK(advisory_db_open_import(path, &db));
	CHECK_OK(advisory_db_put(db, row));
	CHECK_OK(advisory_db_set_newest(db, sec));
	CHECK_OK(advisory_db_commit(db));
}

TEST(rows_are_found_by_package_alone)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	AUTO_ADVISORY_DB *db = NULL;
	advisory_rows rows = { 0 };
	int64_t count, packages, newest;

	import(path_in(&dir), &first, 20);
	import(path_in(&dir), &second, 10);
	import(path_in(&dir), &other, 0);
	import(path_in(&dir), &first, 0);
	CHECK_OK(advisory_db_open(path_in(&dir), &db));
	CHECK_OK(advisory_db_find(a, db, S("a"), &rows));
	CHECK_EQ(rows.len, 2);
	CHECK_STR(rows.items[0].record, S("CVE-1"));
	CHECK_STR(rows.items[1].names, S("GHSA-1 CVE-1"));
	CHECK_STR(rows.items[1].said, S("[1]"));
	CHECK_OK(advisory_db_find(a, db, S(""), &rows));
	CHECK_EQ(rows.len, 2);
	CHECK_OK(advisory_db_count(db, &count, &packages));
	CHECK_EQ(count, 3);
	CHECK_EQ(packages, 2);
	CHECK_OK(advisory_db_newest(db, &newest));
	CHECK_EQ(newest, 20);
}

TEST(a_record_is_forgotten_everywhere)
{
	TEMP_DIR(dir);
	AUTO_ADVISORY_DB *db = NULL;
	int64_t count, packages;

	import(path_in(&dir), &first, 0);
	import(path_in(&dir), &other, 0);
	import(path_in(&dir), &second, 0);
	CHECK_OK(advisory_db_open_import(path_in(&dir), &db));
	CHECK_OK(advisory_db_forget(db, S("GHSA-1")));
	CHECK_OK(advisory_db_count(db, &count, &packages));
	CHECK_EQ(count, 1);
}

TEST(what_was_not_committed_was_never_there)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	struct advisory_db *db;
	advisory_rows rows = { 0 };

	CHECK_OK(advisory_db_open_import(path_in(&dir), &db));
	CHECK_OK(advisory_db_put(db, &first));
	advisory_db_close(db);
	CHECK(!fs_exists(dir.fd, "known.db"));

	import(path_in(&dir), &first, 0);
	CHECK_OK(advisory_db_open_import(path_in(&dir), &db));
	CHECK_OK(advisory_db_put(db, &second));
	advisory_db_close(db);
	CHECK_OK(advisory_db_open(path_in(&dir), &db));
	CHECK_OK(advisory_db_find(a, db, S("a"), &rows));
	advisory_db_close(db);
	CHECK_EQ(rows.len, 1);
}

TEST(a_file_that_is_none_of_ours_is_refused_and_kept)
{
	TEMP_DIR(dir);
	struct advisory_db *db;
	ARENA_SCOPE(a);
	str kept;

	CHECK_FAILS(advisory_db_open(path_in(&dir), &db), E_NO_ENTRY);
	advisory_db_close(db);
	temp_file(&dir, "known.db", S(""));
	CHECK_FAILS(advisory_db_open(path_in(&dir), &db), E_GENERIC);
	advisory_db_close(db);
	temp_file(&dir, "known.db",
		  S("{\"name\":\"not a database at all, but long enough for one\"}"));
	CHECK_FAILS(advisory_db_open(path_in(&dir), &db), E_GENERIC);
	advisory_db_close(db);
	CHECK_FAILS(advisory_db_open_import(path_in(&dir), &db), E_GENERIC);
	advisory_db_close(db);
	CHECK_OK(fs_read_all(a, dir.fd, "known.db", 1000, &kept));
	CHECK(str_starts(kept, S("{\"name\"")));
	CHECK_FAILS(advisory_db_open(dir.path, &db), E_GENERIC);
	advisory_db_close(db);
}

UNIT_TESTS(TESTED(rows_are_found_by_package_alone), TESTED(a_record_is_forgotten_everywhere),
	   TESTED(what_was_not_committed_was_never_there),
	   TESTED(a_file_that_is_none_of_ours_is_refused_and_kept))
