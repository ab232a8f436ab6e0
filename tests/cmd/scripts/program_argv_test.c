/* SPDX-License-Identifier: MIT */
#include "program_argv.h"

#include "check.h"
#include "words.h"

#define WORDS_MAX 8

TEST(what_is_behind_a_program_is_not_ours)
{
	ARENA_SCOPE(a);
	const struct {
		const char *program;
		const char *argv[WORDS_MAX];
		const char *want;
	} rows[] = {
		{ "/bin/cpm", { NULL }, "" },
		{ "/bin/cpm", { "install", "node", NULL }, "install node" },
		{ "/bin/cpm", { "node", "--version", NULL }, "node -- --version" },
		{ "/bin/cpm", { "node", "--", "x", NULL }, "node -- -- x" },
		{ "/bin/cpm", { "--a=b", "node", "-e", "1", NULL }, "--a=b node -- -e 1" },
		{ "/bin/cpm", { "--a", "node", "-e", NULL }, "--a node -e" },
		{ "/bin/cpm", { "--a=b", "run", "x", NULL }, "--a=b run x" },
		{ "/bin/cpm", { "node-gyp", "rebuild", NULL }, "node-gyp -- rebuild" },
		{ "/x/node", { "--json", NULL }, "node -- --json" },
		{ "node-gyp", { "rebuild", "-v", NULL }, "node-gyp -- rebuild -v" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(words_joined(a, program_argv(a, rows[i].program, rows[i].argv)),
			  str_view(rows[i].want), "row %zu", i);
}

UNIT_TESTS(TESTED(what_is_behind_a_program_is_not_ours))
