/* SPDX-License-Identifier: MIT */
#include "cpm/reify/state.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "check.h"
#include "cpm/base/fs.h"

/* A project's folder of its own. */
struct place {
	struct arena arena;
	char path[64];
	int dirfd;
};

static void place_open(struct place *p)
{
	*p = (struct place){ .dirfd = -1 };
	snprintf(p->path, sizeof(p->path), "state-test-XXXXXX");
	CHECK(mkdtemp(p->path) != NULL);
	CHECK_OK(fs_open_dir(AT_FDCWD, p->path, &p->dirfd));
	CHECK_OK(fs_mkdirs(p->dirfd, "node_modules/a"));
}

static void place_close(struct place *p)
{
	close(p->dirfd);
	CHECK_OK(fs_remove_tree(AT_FDCWD, p->path));
	arena_fini(&p->arena);
}

static void put(const struct place *p, const char *path, const char *text)
{
	AUTO_FD fd = openat(p->dirfd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	CHECK(fd >= 0);
	CHECK_OK(fs_write_all(fd, str_view(text), path));
}

/* Time of writing as if nothing had been written; the time of change tells. */
static void set_back(const struct place *p, const char *path, int64_t mtime_ns)
{
	const struct timespec t = { mtime_ns / 1000000000, mtime_ns % 1000000000 };
	CHECK_EQ(utimensat(p->dirfd, path, (const struct timespec[]){ t, t }, 0), 0);
}

TEST(state_comes_back_as_it_was_written)
{
	struct place p;
	struct state_fact facts[3];
	struct state_package packages[] = { { S("node_modules/a"), { 1, 2 }, 3 },
					    { S("node_modules/@s/b"), { 4, 5 }, 6 } };
	struct state out;

	place_open(&p);
	put(&p, "package.json", "{}");
	facts[0] = state_see(p.dirfd, S("package.json"));
	facts[1] = state_see(p.dirfd, S("binding.gyp"));
	facts[2] = state_see(p.dirfd, S("node_modules/a"));
	CHECK_OK(state_write(p.dirfd, &(struct state){ .key = { 7, 8 },
						       .members = { 9, 10 },
						       .is_settled = true,
						       .facts = facts,
						       .nfacts = 3,
						       .packages = packages,
						       .npackages = 2,
						       .report = S("said") }));
	CHECK(state_read(&p.arena, p.dirfd, &out));
	CHECK(out.is_settled && fingerprint_eq(out.key, (struct fingerprint){ 7, 8 }));
	CHECK(fingerprint_eq(out.members, (struct fingerprint){ 9, 10 }));
	CHECK_EQ(out.nfacts, 3);
	CHECK_STR(out.facts[1].path, S("binding.gyp"));
	CHECK_EQ(out.facts[1].kind, STATE_ABSENT);
	CHECK_EQ(out.facts[2].kind, STATE_FOLDER);
	CHECK_EQ(out.npackages, 2);
	CHECK_STR(out.packages[1].location, S("node_modules/@s/b"));
	CHECK_EQ(out.packages[1].until_ns, 6);
	CHECK_STR(out.report, S("said"));
	CHECK(out.written_ns > facts[2].mtime_ns);
	place_close(&p);
}

TEST(facts_hold_until_something_changes)
{
	static const struct {
		const char *claim;
		bool holds;
	} rows[] = {
		{ "nothing", true },           { "same size and times", false },
		{ "mode", true },              { "entry added", false },
		{ "file made", false },        { "file gone", false },
		{ "file written anew", true }, { "file in a package", true },
		{ "file replaced", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct place p;
		struct state_fact facts[3];
		struct state out;
		str doubt = STR_NULL;

		place_open(&p);
		put(&p, "package.json", "{ 1 }");
		put(&p, "node_modules/a/index.js", "1");
		facts[0] = state_see(p.dirfd, S("package.json"));
		facts[1] = state_see(p.dirfd, S("binding.gyp"));
		facts[2] = state_see(p.dirfd, S("node_modules/a"));
		CHECK_OK(state_write(p.dirfd, &(struct state){ .facts = facts, .nfacts = 3 }));
		switch (i) {
		case 1:
			put(&p, "package.json", "{ 2 }");
			set_back(&p, "package.json", facts[0].mtime_ns);
			break;
		case 2:
			CHECK_EQ(fchmodat(p.dirfd, "package.json", 0600, 0), 0);
			break;
		case 3:
			put(&p, "node_modules/a/more.js", "1");
			break;
		case 4:
			put(&p, "binding.gyp", "{}");
			break;
		case 5:
			CHECK_OK(fs_unlink(p.dirfd, "package.json"));
			break;
		case 6:
			CHECK_OK(fs_write_replace(p.dirfd, "package.json", S("{ 1 }"), 0644));
			break;
		case 7:
			put(&p, "node_modules/a/index.js", "2");
			break;
		case 8:
			CHECK_OK(fs_write_replace(p.dirfd, "package.json", S("{ 2 }"), 0644));
			break;
		default:
			break;
		}
		CHECK(state_read(&p.arena, p.dirfd, &out));
		CHECK_EQ(state_holds(p.dirfd, &out, &doubt), rows[i].holds, "%s", rows[i].claim);
		place_close(&p);
	}
}

TEST(young_file_is_compared_by_content_whatever_its_times_say)
{
	struct place p;
	struct state_fact fact;

	place_open(&p);
	put(&p, "package.json", "{ 1 }");
	fact = state_see(p.dirfd, S("package.json"));
	CHECK(fact.is_recent);
	CHECK(state_is_still(p.dirfd, &fact));
	fact.content.a ^= 1;
	CHECK(!state_is_still(p.dirfd, &fact));
	fact.is_recent = false;
	CHECK(state_is_still(p.dirfd, &fact));
	place_close(&p);
}

TEST(folder_no_older_than_the_state_is_not_trusted)
{
	struct place p;
	struct state_fact fact;
	struct state out;
	str doubt;

	place_open(&p);
	fact = state_see(p.dirfd, S("node_modules/a"));
	CHECK_OK(state_write(p.dirfd, &(struct state){ .facts = &fact, .nfacts = 1 }));
	CHECK(state_read(&p.arena, p.dirfd, &out));
	CHECK(state_holds(p.dirfd, &out, &doubt));
	out.written_ns = fact.mtime_ns;
	CHECK(!state_holds(p.dirfd, &out, &doubt));
	CHECK_STR(doubt, S("node_modules/a"));
	place_close(&p);
}

TEST(damaged_state_is_no_state)
{
	struct place p;
	struct state_fact fact;
	struct state out;
	str bytes;

	place_open(&p);
	fact = state_see(p.dirfd, S("node_modules/a"));
	CHECK_OK(state_write(p.dirfd, &(struct state){ .facts = &fact, .nfacts = 1 }));
	CHECK_OK(fs_read_all(&p.arena, p.dirfd, "node_modules/.cpm-state", 1 << 20, &bytes));
	for (size_t i = 0; i < bytes.len; i++) {
		char *copy = str_cstr(&p.arena, bytes);

		copy[i] ^= 0x10;
		CHECK_OK(fs_write_replace(p.dirfd, "node_modules/.cpm-state",
					  str_of(copy, bytes.len), 0644));
		CHECK(!state_read(&p.arena, p.dirfd, &out), "byte %zu", i);
		CHECK_EQ(out.nfacts + out.npackages, 0, "byte %zu", i);
	}
	for (size_t len = 0; len < bytes.len; len++) {
		CHECK_OK(fs_write_replace(p.dirfd, "node_modules/.cpm-state",
					  str_slice(bytes, 0, len), 0644));
		CHECK(!state_read(&p.arena, p.dirfd, &out), "%zu bytes", len);
	}
	place_close(&p);
}

TEST(state_file_that_others_share_is_left_to_them)
{
	struct place p;
	struct stat st;

	place_open(&p);
	put(&p, "theirs", "theirs");
	CHECK_EQ(linkat(p.dirfd, "theirs", p.dirfd, "node_modules/.cpm-state", 0), 0);
	CHECK_OK(state_write(p.dirfd, &(struct state){ 0 }));
	CHECK(fs_lstat(p.dirfd, "theirs", &st));
	CHECK_EQ(st.st_size, 6);
	CHECK_OK(fs_unlink(p.dirfd, "node_modules/.cpm-state"));
	CHECK_EQ(symlinkat("../theirs", p.dirfd, "node_modules/.cpm-state"), 0);
	CHECK_OK(state_write(p.dirfd, &(struct state){ 0 }));
	CHECK(fs_lstat(p.dirfd, "theirs", &st));
	CHECK_EQ(st.st_size, 6);
	place_close(&p);
}

TEST(writing_in_place_does_not_change_the_folder)
{
	struct place p;
	struct stat before, after;

	place_open(&p);
	CHECK_OK(state_reserve(p.dirfd));
	CHECK(fs_lstat(p.dirfd, "node_modules", &before));
	CHECK_OK(state_write(p.dirfd, &(struct state){ .report = S("said") }));
	CHECK(fs_lstat(p.dirfd, "node_modules", &after));
	CHECK(before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
	      before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
	place_close(&p);
}

TEST(mark_lies_behind_what_was_written_and_not_behind_what_comes)
{
	struct place p;
	struct stat before, after;
	int64_t clock, mark;

	place_open(&p);
	put(&p, "before", "1");
	CHECK_OK(state_clock(p.dirfd, &clock));
	CHECK_OK(state_mark(p.dirfd, clock, &mark));
	put(&p, "after", "1");
	CHECK(fs_lstat(p.dirfd, "before", &before) && fs_lstat(p.dirfd, "after", &after));
	CHECK((int64_t)before.st_ctim.tv_sec * 1000000000 + before.st_ctim.tv_nsec < mark);
	CHECK((int64_t)after.st_ctim.tv_sec * 1000000000 + after.st_ctim.tv_nsec >= mark);
	place_close(&p);
}

UNIT_TESTS(TESTED(state_comes_back_as_it_was_written), TESTED(facts_hold_until_something_changes),
	   TESTED(young_file_is_compared_by_content_whatever_its_times_say),
	   TESTED(folder_no_older_than_the_state_is_not_trusted), TESTED(damaged_state_is_no_state),
	   TESTED(state_file_that_others_share_is_left_to_them),
	   TESTED(writing_in_place_does_not_change_the_folder),
	   TESTED(mark_lies_behind_what_was_written_and_not_behind_what_comes))
