/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "cpm/base/fs.h"
#include "cpm/runtime/host.h"
#include "cpm/runtime/sandbox.h"
#include "temp_dir.h"

#include <stdio.h>

static char *no_vars[] = { (char *)"PATH=/usr/bin:/bin", NULL };

static bool can_confine(void)
{
	str weakness;
	struct err *e = sandbox_check(&weakness);
	bool can = !e && str_is_null(weakness);

	err_ignore(e);
	if (!can)
		printf("not checked: this kernel confines nothing, or not all\n");
	return can;
}

/* Runs @command confined to the folder "own" of @d, with "temp" for temporary files; its exit
 * status. */
static int run_confined(const struct temp_dir *d, str command, bool is_watched)
{
	ARENA_SCOPE(tmp);
	struct script s = { .command = command, .environ = no_vars };
	struct script_outcome o;

	CHECK_OK(fs_mkdir(d->fd, "own"));
	CHECK_OK(fs_mkdir(d->fd, "temp"));
	s.dir = str_concat(tmp, d->path, S("/own"));
	s.temp_dir = str_concat(tmp, d->path, S("/temp"));
	CHECK_OK(is_watched ? host_run(&s, &o) : host_run_many(tmp, &s, 1, 1, &o));
	return o.exit_status;
}

TEST(a_confined_script_writes_in_its_own_folders_alone)
{
	const struct {
		str command;
		bool may;
	} rows[] = {
		{ S("echo x > file && mkdir -p a/b && mv file a/b/ && rm -r a"), true },
		{ S("echo x > ../temp/file && ln -s x ../temp/link"), true },
		{ S("echo x > ../temp/f && mv ../temp/f . && ln f g"), true },
		{ S("echo x > /dev/null; cat /etc/passwd > copy"), true },
		{ S("echo x > ../file"), false },
		{ S("echo x > ../old"), false },
		{ S(": > ../old"), false },
		{ S("truncate -s 0 ../old"), false },
		{ S("rm ../old"), false },
		{ S("mv ../old ."), false },
		{ S("ln ../old linked && echo x > linked"), false },
		{ S("mkdir ../folder"), false },
		{ S("rmdir ../empty"), false },
		{ S("ln -s x ../link"), false },
		{ S("mkfifo ../fifo"), false },
		{ S("mknod null c 1 3"), false },
		{ S("(cd ..; exec sh -c 'echo x > file')"), false },
	};
	for (size_t i = 0; can_confine() && i < 2 * ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		TEMP_DIR(d);
		str old;

		temp_file(&d, "old", S("old"));
		CHECK_OK(fs_mkdir(d.fd, "empty"));
		str command = str_printf(tmp, "exec 2>/dev/null; " STR_FMT,
					 STR_ARG(rows[i / 2].command));
		int status = run_confined(&d, command, i % 2);
		CHECK_EQ(status == 0, rows[i / 2].may, STR_FMT, STR_ARG(rows[i / 2].command));
		CHECK_OK(fs_read_all(tmp, d.fd, "old", 10, &old));
		CHECK_STR(old, S("old"), STR_FMT, STR_ARG(rows[i / 2].command));
		CHECK(fs_exists(d.fd, "empty") && !fs_exists(d.fd, "file"), "row %zu", i / 2);
	}
}

TEST(a_confined_script_opens_no_connection)
{
	TEMP_DIR(d);

	if (!can_confine())
		return;
	/* Without the sandbox the kernel says "refused"; with it there is not even a socket. */
	CHECK_EQ(run_confined(
			 &d, S("bash -c 'exec 3<>/dev/tcp/127.0.0.1/1' 2>why; grep -q refused why"),
			 true),
		 1, "no connection was tried");
}

TEST(what_a_confined_script_starts_is_confined_too)
{
	TEMP_DIR(d);

	if (!can_confine())
		return;
	CHECK_EQ(run_confined(&d, S("sh -c 'sh -c \"echo x > ../file\" & wait $!' 2>/dev/null"),
			      true),
		 2, "dash's status for a file it cannot make");
	CHECK(!fs_exists(d.fd, "file"), "nothing was written");
}

UNIT_TESTS(TESTED(a_confined_script_writes_in_its_own_folders_alone),
	   TESTED(a_confined_script_opens_no_connection),
	   TESTED(what_a_confined_script_starts_is_confined_too))
