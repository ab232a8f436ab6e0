/* SPDX-License-Identifier: MIT
 * Twins of what npm's npx hands on. */
#include "npx_argv.h"

#include "check.h"
#include "words.h"

#define WORDS_MAX 8

TEST(npx_ends_its_options_at_the_first_other_word)
{
	ARENA_SCOPE(a);
	const struct {
		const char *argv[WORDS_MAX];
		const char *want;
	} rows[] = {
		{ { NULL }, "exec" },
		{ { "tool", "--flag", NULL }, "exec -- tool --flag" },
		{ { "--yes", "tool", NULL }, "exec --yes -- tool" },
		{ { "-y", "tool", "-y", NULL }, "exec -y -- tool -y" },
		{ { "-p", "a", "tool", NULL }, "exec --package a -- tool" },
		{ { "-p=a", "tool", NULL }, "exec --package=a -- tool" },
		{ { "--package", "-a", "tool", NULL }, "exec --package -a -- tool" },
		{ { "-c", "a b", NULL }, "exec -c a b" },
		{ { "--shell", "bash", "tool", NULL }, "exec --script-shell bash -- tool" },
		{ { "--no-install", "tool", NULL }, "exec --yes=false -- tool" },
		{ { "-d", "tool", NULL }, "exec -d -- tool" },
		{ { "-q", "tool", NULL }, "exec -q -- tool" },
		{ { "--ws", "tool", NULL }, "exec --ws -- tool" },
		{ { "-w", "a", "tool", NULL }, "exec -w a -- tool" },
		{ { "--registry=x", "tool", NULL }, "exec --registry=x -- tool" },
		{ { "--registry", "x", "tool", NULL }, "exec --registry x -- tool" },
		{ { "--strange", "value", "tool", NULL }, "exec --strange value -- tool" },
		{ { "--", "tool", NULL }, "exec -- tool" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str_buf complaints = str_buf(a, SIZE_MAX);

		CHECK_STR(words_joined(a, npx_argv(a, "/usr/bin/npx", rows[i].argv, &complaints)),
			  str_view(rows[i].want));
		CHECK_EQ(complaints.len, 0);
	}
}

TEST(npx_names_options_that_are_gone_and_drops_them)
{
	ARENA_SCOPE(a);
	const char *argv[] = { "--ignore-existing", "-n", "--inspect", "tool", NULL };
	struct str_buf complaints = str_buf(a, SIZE_MAX);

	CHECK_STR(words_joined(a, npx_argv(a, "cpx", argv, &complaints)), S("exec -- tool"));
	CHECK_STR(buf_view(&complaints), S("npx: the --ignore-existing argument has been removed.\n"
					   "npx: the --n argument has been removed.\n"
					   "See `npm help exec` for more information\n"));
}

TEST(npx_argv_leaves_other_programs_alone)
{
	ARENA_SCOPE(a);
	const char *argv[] = { "install", "-p", NULL };
	struct str_buf complaints = str_buf(a, SIZE_MAX);

	CHECK(npx_argv(a, "/opt/npx/npm", argv, &complaints) == argv);
	CHECK(npx_argv(a, "cpm", argv, &complaints) == argv);
}

UNIT_TESTS(TESTED(npx_ends_its_options_at_the_first_other_word),
	   TESTED(npx_names_options_that_are_gone_and_drops_them),
	   TESTED(npx_argv_leaves_other_programs_alone))
