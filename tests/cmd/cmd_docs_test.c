/* SPDX-License-Identifier: MIT
 * The derived files in the tree say what the tables say. CPM_UPDATE_DERIVED=1 writes them anew. */
#include "check.h"
#include "cmd_priv.h"

#define DERIVED_MAX_BYTES (1u << 20)

static void check_derived(struct arena *a, str path, str text)
{
	const char *file = str_cstr(a, path);
	str want = str_concat(a, text, S("\n")), got = STR_NULL;

	if (getenv("CPM_UPDATE_DERIVED"))
		CHECK_OK(fs_write_replace(AT_FDCWD, file, want, 0644));
	err_ignore(fs_read_all(a, AT_FDCWD, file, DERIVED_MAX_BYTES, &got));
	CHECK(str_eq(got, want), "%s is stale: run this test with CPM_UPDATE_DERIVED=1", file);
}

TEST(man_pages_are_fresh)
{
	for (const struct cmd *const *c = cmd_list; *c; c++) {
		ARENA_SCOPE(tmp);
		check_derived(tmp, str_printf(tmp, "docs/man/cpm-%s.1", (*c)->name),
			      cmd_man_page(tmp, *c));
	}
}

TEST(completions_are_fresh)
{
	static const struct {
		str shell, file;
	} rows[] = {
		{ S("bash"), S("completions/cpm.bash") },
		{ S("zsh"), S("completions/_cpm") },
		{ S("fish"), S("completions/cpm.fish") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		check_derived(tmp, rows[i].file, cmd_completion_script(tmp, rows[i].shell));
	}
}

TEST(every_command_has_a_page_that_names_it)
{
	for (const struct cmd *const *c = cmd_list; *c; c++) {
		ARENA_SCOPE(tmp);
		str text, command = str_printf(tmp, "cpm %s", (*c)->name);
		const char *file = str_cstr(tmp, str_printf(tmp, "docs/commands/%s.md", (*c)->doc));
		CHECK_OK(fs_read_all(tmp, AT_FDCWD, file, DERIVED_MAX_BYTES, &text));
		CHECK(str_find(text, command) != STR_NPOS, "%s does not mention " STR_FMT, file,
		      STR_ARG(command));
	}
}

UNIT_TESTS(TESTED(man_pages_are_fresh), TESTED(completions_are_fresh),
	   TESTED(every_command_has_a_page_that_names_it))
