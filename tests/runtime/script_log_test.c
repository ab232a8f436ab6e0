/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "cpm/base/fs.h"
#include "cpm/runtime/script_log.h"
#include "temp_dir.h"

static void write_one(const struct temp_dir *d, str run, str package, str out)
{
	const struct script_logs logs = { .dir = d->path, .run = run, .keep = 2 };
	const struct script s = {
		.package = package, .event = S("install"), .command = S("make"), .dir = S("/p")
	};
	const struct script_outcome o = { .has_run = true, .out = out };

	script_log_write(&logs, &s, &o);
}

TEST(a_log_says_what_ran_and_what_it_printed)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(d);
	struct stat st;
	str text;

	write_one(&d, S("T1-"), S("@x/s@1.0.0"), S("hello\n"));
	CHECK_OK(fs_read_all(tmp, d.fd, "T1-script-@x+s@1.0.0-install.log", 1000, &text));
	CHECK_STR(text, S("# @x/s@1.0.0 install\n# make\n# in /p\n# exit status 0\nhello\n"),
		  "text");
	CHECK(fs_lstat(d.fd, "T1-script-@x+s@1.0.0-install.log", &st) &&
		      (st.st_mode & 07777) == 0600,
	      "for its owner alone");
}

TEST(one_that_printed_nothing_leaves_no_log)
{
	TEMP_DIR(d);

	write_one(&d, S("T1-"), S("s"), S(""));
	CHECK(!fs_exists(d.fd, "T1-script-s-install.log"), "no file");
}

TEST(only_the_last_runs_leave_their_logs)
{
	TEMP_DIR(d);

	write_one(&d, S("T1-"), S("a"), S("x"));
	write_one(&d, S("T1-"), S("b"), S("x"));
	write_one(&d, S("T2-"), S("a"), S("x"));
	CHECK(fs_exists(d.fd, "T1-script-a-install.log") &&
		      fs_exists(d.fd, "T1-script-b-install.log"),
	      "two runs");
	write_one(&d, S("T3-"), S("a"), S("x"));
	CHECK(!fs_exists(d.fd, "T1-script-a-install.log") &&
		      !fs_exists(d.fd, "T1-script-b-install.log"),
	      "the first is gone");
	CHECK(fs_exists(d.fd, "T2-script-a-install.log"), "the second is not");
}

UNIT_TESTS(TESTED(a_log_says_what_ran_and_what_it_printed),
	   TESTED(one_that_printed_nothing_leaves_no_log),
	   TESTED(only_the_last_runs_leave_their_logs))
