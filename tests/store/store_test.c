/* SPDX-License-Identifier: MIT
 * What the cache promises: what was kept comes back, what is damaged does not, and nothing about the file is ever an
 * error of the command that uses it. */
#include "cpm/store/store.h"

#include <signal.h>
#include <sys/wait.h>

#include "store_fixture.h"

TEST(blobs_come_back_before_and_after_they_are_written)
{
	FIXTURE(f);
	struct digest d = fixture_keep(&f, S("tarball"));

	CHECK(store_has_blob(f.store, &d));
	CHECK_STR(fixture_blob(&f, &d), S("tarball"), "from the batch");
	store_flush(f.store);
	CHECK_STR(fixture_blob(&f, &d), S("tarball"), "from the file");
	fixture_reopen(&f);
	CHECK(store_has_blob(f.store, &d));
	CHECK_STR(fixture_blob(&f, &d), S("tarball"), "from another run");
}

TEST(the_database_is_for_its_owner_alone)
{
	FIXTURE(f);
	struct stat st;

	fixture_keep(&f, S("tarball"));
	store_flush(f.store);
	CHECK(fs_lstat(AT_FDCWD, f.file, &st));
	CHECK_EQ(st.st_mode & 0777, 0600, "made");
	CHECK_EQ(chmod(f.file, 0644), 0, "as older versions made it");
	fixture_reopen(&f);
	fixture_keep(&f, S("another"));
	store_flush(f.store);
	CHECK(fs_lstat(AT_FDCWD, f.file, &st));
	CHECK_EQ(st.st_mode & 0777, 0600, "found");
}

TEST(blobs_are_told_apart_by_algorithm_and_digest)
{
	FIXTURE(f);
	struct digest d = fixture_keep(&f, S("one")), other;

	digest_of(DIGEST_SHA1, S("one"), &other);
	CHECK(!store_has_blob(f.store, &other));
	digest_of(DIGEST_SHA512, S("two"), &other);
	CHECK(!store_has_blob(f.store, &other));
	store_drop_blob(f.store, &d);
	CHECK(!store_has_blob(f.store, &d));
}

TEST(a_dropped_blob_stays_away_and_can_be_kept_again)
{
	FIXTURE(f);
	struct digest d = fixture_keep(&f, S("tarball"));

	fixture_reopen(&f);
	store_drop_blob(f.store, &d);
	CHECK(!store_has_blob(f.store, &d));
	fixture_reopen(&f);
	CHECK(!store_has_blob(f.store, &d));
	fixture_keep(&f, S("tarball"));
	fixture_reopen(&f);
	CHECK_STR(fixture_blob(&f, &d), S("tarball"), "again");
}

TEST(named_values_are_replaced)
{
	FIXTURE(f);
	struct kv_port *kv = store_kv(f.store);
	ARENA_SCOPE(a);

	CHECK_STR(kv->get(kv, a, S("packument:x")), STR_NULL, "none yet");
	kv->put(kv, S("packument:x"), S("one"));
	kv->put(kv, S("packument:x"), S("two"));
	CHECK_STR(kv->get(kv, a, S("packument:x")), S("two"), "from the batch");
	fixture_reopen(&f);
	kv = store_kv(f.store);
	CHECK_STR(kv->get(kv, a, S("packument:x")), S("two"), "from the file");
	kv->put(kv, S("packument:x"), S("a longer value"));
	kv->put(kv, S("empty"), S(""));
	fixture_reopen(&f);
	kv = store_kv(f.store);
	CHECK_STR(kv->get(kv, a, S("packument:x")), S("a longer value"), "replaced in the file");
	CHECK_STR(kv->get(kv, a, S("empty")), S(""), "empty is not absent");
}

TEST(a_body_is_read_in_pieces)
{
	FIXTURE(f);
	ARENA_SCOPE(a);

	CHECK(store_kv(f.store)->give_body(store_kv(f.store), S("packument:x"), strdup("one two three"), 13));
	for (int i = 0; i < 2; i++) {
		struct kv_port *kv = store_kv(f.store);

		CHECK_STR(kv->get_body(kv, a, S("packument:x"), 4, 3), S("two"), "pass %d", i);
		CHECK_STR(kv->get_body(kv, a, S("packument:x"), 0, 13), S("one two three"), "pass %d", i);
		CHECK_STR(kv->get_body(kv, a, S("packument:x"), 4, 10), STR_NULL, "too far");
		CHECK_STR(kv->get_body(kv, a, S("packument:x"), SIZE_MAX / 4, 1), STR_NULL, "too far");
		CHECK_STR(kv->get_body(kv, a, S("packument:y"), 0, 1), STR_NULL, "no such value");
		fixture_reopen(&f);
	}
}

TEST(a_run_that_began_the_file_finds_what_it_wrote)
{
	FIXTURE(f);
	struct kv_port *kv = store_kv(f.store);
	struct digest d = fixture_keep(&f, S("tarball")), none;
	ARENA_SCOPE(a);

	digest_of(DIGEST_SHA512, S("never seen"), &none);
	kv->put(kv, S("x"), S("value"));
	CHECK(kv->give_body(kv, S("x"), strdup("body"), 4));
	store_flush(f.store);
	CHECK(store_has_blob(f.store, &d));
	CHECK_STR(fixture_blob(&f, &d), S("tarball"), "blob");
	CHECK_STR(kv->get(kv, a, S("x")), S("value"), "value");
	CHECK_STR(kv->get_body(kv, a, S("x"), 0, 4), S("body"), "body");
	CHECK(!store_has_blob(f.store, &none));
	CHECK_STR(kv->get(kv, a, S("y")), STR_NULL, "no such value");
	store_drop_blob(f.store, &d);
	CHECK(!store_has_blob(f.store, &d));
	fixture_keep(&f, S("tarball"));
	store_flush(f.store);
	CHECK_STR(fixture_blob(&f, &d), S("tarball"), "kept again");
}

TEST(readers_share_a_lock_that_they_let_go_for_writers)
{
	FIXTURE(f);
	struct kv_port *kv = store_kv(f.store), *theirs;
	struct store *other;
	ARENA_SCOPE(a);

	kv->put(kv, S("x"), S("one"));
	store_flush(f.store);
	store_begin_reading(f.store);
	CHECK_STR(kv->get(kv, a, S("x")), S("one"), "read");
	kv->put(kv, S("x"), S("two"));
	store_flush(f.store);
	CHECK_STR(kv->get(kv, a, S("x")), S("two"), "written by the reader itself");
	kv->rest(kv);
	CHECK_OK(store_open(str_view(f.dir), &other));
	theirs = store_kv(other);
	theirs->put(theirs, S("x"), S("three"));
	store_close(other);
	CHECK_STR(kv->get(kv, a, S("x")), S("three"), "written by another while the reader rests");
	store_end_reading(f.store);
	CHECK_EQ(f.warnings, 0, "warnings");
}

TEST(a_batch_is_written_when_it_is_large_enough)
{
	FIXTURE(f);
	ARENA_SCOPE(a);
	str megabyte = str_of(arena_alloc(a, 1 << 20), 1 << 20);
	struct digest first = fixture_keep(&f, S("first"));
	struct store *other;

	for (int i = 0; i < 9; i++) {
		((char *)megabyte.p)[0] = (char)i;
		fixture_keep(&f, megabyte);
	}
	CHECK_OK(store_open(str_view(f.dir), &other));
	CHECK(store_has_blob(other, &first), "seen by another run while this one goes on");
	store_close(other);
}

TEST(opening_touches_nothing)
{
	FIXTURE(f);

	CHECK(!fs_exists(AT_FDCWD, f.dir));
	fixture_reopen(&f);
	CHECK(!fs_exists(AT_FDCWD, f.dir));
}

TEST(the_folder_is_private)
{
	FIXTURE(f);
	struct stat st;

	fixture_keep(&f, S("tarball"));
	CHECK(fs_lstat(AT_FDCWD, f.dir, &st));
	CHECK_EQ(st.st_mode & 0777, 0700, "mode of the folder");
}

/* T36 */
TEST(a_folder_that_others_can_write_is_not_used)
{
	FIXTURE(f);
	struct digest d = fixture_keep(&f, S("tarball"));

	fixture_reopen(&f);
	CHECK(chmod(f.dir, 0777) == 0);
	CHECK(!store_has_blob(f.store, &d));
	fixture_keep(&f, S("another"));
	CHECK_EQ(f.warnings, 1, "said once");
	chmod(f.dir, 0700);
}

static void read_only_cache(void)
{
	FIXTURE(f);
	struct digest d = fixture_keep(&f, S("tarball")), other;

	fixture_reopen(&f);
	CHECK(chmod(f.dir, 0500) == 0);
	CHECK_STR(fixture_blob(&f, &d), S("tarball"), "read");
	other = fixture_keep(&f, S("another"));
	fixture_reopen(&f);
	CHECK(!store_has_blob(f.store, &other));
	CHECK(store_has_blob(f.store, &d));
	CHECK_EQ(f.warnings, 0, "warnings");
	CHECK(chmod(f.dir, 0700) == 0);
}

static void read_only_parent(void)
{
	FIXTURE(f);
	struct digest d;

	CHECK(chmod(f.root.path.p, 0500) == 0);
	d = fixture_keep(&f, S("tarball"));
	CHECK(!store_has_blob(f.store, &d));
	CHECK_EQ(f.warnings, 1, "warnings");
	CHECK(chmod(f.root.path.p, 0700) == 0);
}

/* Root may write everywhere, so these run as somebody else. */
static void as_plain_user(void (*body)(void))
{
	const uid_t nobody = 65534, self = geteuid();

	CHECK(self || seteuid(nobody) == 0);
	body();
	CHECK(self || seteuid(self) == 0);
}

/* F8 */
TEST(a_read_only_cache_is_read_and_not_written)
{
	as_plain_user(read_only_cache);
}

/* F8 */
TEST(a_cache_that_cannot_be_made_is_done_without)
{
	as_plain_user(read_only_parent);
}

/* F10 */
TEST(two_runs_on_one_cold_cache_both_succeed)
{
	enum { RUNS = 4, BLOBS = 300 };
	FIXTURE(f);
	pid_t children[RUNS];
	ARENA_SCOPE(a);

	for (int run = 0; run < RUNS; run++) {
		children[run] = fork();
		if (children[run])
			continue;
		for (int i = 0; i < BLOBS; i++)
			fixture_keep(&f, str_printf(a, "tarball %d", i + run * BLOBS / 2));
		store_close(f.store);
		_exit(f.warnings ? 1 : 0);
	}
	for (int run = 0; run < RUNS; run++) {
		int status;

		CHECK(waitpid(children[run], &status, 0) == children[run]);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "run %d", run);
	}
	for (int i = 0; i < (RUNS + 1) * BLOBS / 2; i++) {
		struct digest d;

		digest_of(DIGEST_SHA512, str_printf(a, "tarball %d", i), &d);
		CHECK(store_has_blob(f.store, &d), "blob %d", i);
	}
}

/* Where SQLite puts the locks that keep everybody out. */
#define LOCK_BYTES_AT  0x40000000
#define LOCK_BYTES_LEN 512

static void hold_lock(const char *file, unsigned ms)
{
	const struct flock lock = { .l_type = F_WRLCK, .l_start = LOCK_BYTES_AT, .l_len = LOCK_BYTES_LEN };
	int fd = open(file, O_RDWR | O_CLOEXEC);

	if (fd < 0 || fcntl(fd, F_SETLK, &lock))
		_exit(1);
	usleep(1000 * ms);
	_exit(0);
}

/* F13 */
TEST(a_lock_that_is_held_for_a_while_is_waited_for)
{
	FIXTURE(f);
	struct digest d = fixture_keep(&f, S("tarball"));
	pid_t child;
	int status;

	fixture_reopen(&f);
	child = fork();
	if (child == 0)
		hold_lock(f.file, 300);
	usleep(100 * 1000);
	CHECK_STR(fixture_blob(&f, &d), S("tarball"), "after waiting");
	CHECK(waitpid(child, &status, 0) == child && status == 0, "the lock was held");
	CHECK_EQ(f.warnings, 0, "warnings");
}

/* F1: the journal left behind is rolled back by the next run. */
TEST(a_killed_writer_leaves_a_sound_cache)
{
	FIXTURE(f);
	struct digest d = fixture_keep(&f, S("tarball"));
	struct store_stats stats;

	store_flush(f.store);
	store_close(f.store);
	for (int round = 0; round < 20; round++) {
		pid_t child = fork();

		if (child == 0) {
			ARENA_SCOPE(a);

			CHECK_OK(store_open(str_view(f.dir), &f.store));
			for (int i = 0;; i++) {
				fixture_keep(&f, str_printf(a, "%d of %d", i, round));
				store_flush(f.store);
			}
		}
		usleep(3000 * (unsigned)round);
		kill(child, SIGKILL);
		CHECK(waitpid(child, NULL, 0) == child);
	}
	CHECK_OK(store_open(str_view(f.dir), &f.store));
	CHECK(store_has_blob(f.store, &d));
	CHECK_OK(store_verify(f.store, &stats));
	CHECK_EQ(stats.bad_blobs, 0, "bad");
	CHECK_EQ(f.warnings, 0, "warnings");
}

UNIT_TESTS(TESTED(blobs_come_back_before_and_after_they_are_written),
	   TESTED(the_database_is_for_its_owner_alone), TESTED(blobs_are_told_apart_by_algorithm_and_digest),
	   TESTED(a_dropped_blob_stays_away_and_can_be_kept_again), TESTED(named_values_are_replaced),
	   TESTED(a_body_is_read_in_pieces), TESTED(a_run_that_began_the_file_finds_what_it_wrote),
	   TESTED(readers_share_a_lock_that_they_let_go_for_writers),
	   TESTED(a_batch_is_written_when_it_is_large_enough), TESTED(opening_touches_nothing), TESTED(the_folder_is_private),
	   TESTED(a_folder_that_others_can_write_is_not_used), TESTED(a_read_only_cache_is_read_and_not_written),
	   TESTED(a_cache_that_cannot_be_made_is_done_without),
	   TESTED(two_runs_on_one_cold_cache_both_succeed),
	   TESTED(a_lock_that_is_held_for_a_while_is_waited_for), TESTED(a_killed_writer_leaves_a_sound_cache))
