/* SPDX-License-Identifier: MIT
 * The error chain: what each layer adds, and what a report can ask of it. */
#include "cpm/base/err.h"

#include <errno.h>

#include "check.h"

TEST(a_new_error_says_what_it_was_told)
{
	struct err *e = err_new(E_NOT_FOUND, "no '%s' here", "thing");

	CHECK_STR(e->message, S("no 'thing' here"));
	CHECK(err_is(e, E_NOT_FOUND) && !err_is(e, E_GENERIC) && !err_is(NULL, E_GENERIC));
	CHECK_STR(err_code_shown(e), S("E404"));
	CHECK_EQ(err_exit_status(e), 1);
	CHECK(!err_is_retryable(e));
	err_free(e);
}

TEST(system_errors_know_their_call_path_and_status)
{
	const struct {
		int value;
		enum err_code code;
		str shown;
		int status;
	} rows[] = {
		{ ENOENT, E_NO_ENTRY, S("ENOENT"), 254 },	 { EACCES, E_ACCESS, S("EACCES"), 243 },
		{ EPERM, E_PERMISSION, S("EPERM"), 255 },	 { EEXIST, E_EXISTS, S("EEXIST"), 239 },
		{ ENOTDIR, E_NOT_DIRECTORY, S("ENOTDIR"), 236 }, { EISDIR, E_IS_DIRECTORY, S("EISDIR"), 235 },
		{ ENOSPC, E_NO_SPACE, S("ENOSPC"), 228 },	 { EROFS, E_READ_ONLY, S("EROFS"), 226 },
		{ EXDEV, E_SYSTEM, S("EXDEV"), 238 },		 { EMFILE, E_SYSTEM, S("EMFILE"), 232 },
		{ 9999, E_SYSTEM, S("ESYSTEM"), -9999 & 0xff },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err *e = err_sys(rows[i].value, "open", S("some/path"));

		CHECK_EQ(e->code, rows[i].code, "row %zu", i);
		CHECK_EQ(e->sys_errno, rows[i].value, "row %zu", i);
		CHECK_STR(err_code_shown(e), rows[i].shown, "row %zu", i);
		CHECK_EQ(err_exit_status(e), rows[i].status, "row %zu", i);
		CHECK_STR(e->syscall, S("open"));
		CHECK_STR(e->path, S("some/path"));
		CHECK(str_starts(e->message, rows[i].shown), "row %zu", i);
		CHECK(str_ends(e->message, S(", open 'some/path'")), "row %zu", i);
		err_free(e);
	}
}

static struct err *fails(void)
{
	return err_detail(err_sys(ENOENT, "open", S("f")), "line %d", 1);
}

static struct err *passes_up(void)
{
	TRY(NULL);
	TRY(fails());
	return NULL;
}

static struct err *adds_what_it_did(void)
{
	TRY_AS(passes_up(), "cannot read '%s'", "lockfile");
	return NULL;
}

TEST(wrapping_keeps_the_code_and_tells_the_story_outermost_first)
{
	ARENA_SCOPE(a);
	struct err *e = adds_what_it_did();

	CHECK(err_is(e, E_NO_ENTRY));
	CHECK_EQ(err_exit_status(e), 254);
	CHECK_STR(e->path, S("f"));
	CHECK_STR(e->detail, S("line 1"));
	CHECK_STR(err_text(a, e), S("cannot read 'lockfile': ENOENT: no such file or directory, open 'f'"));
	err_free(e);
}

TEST(the_shown_code_can_be_another_and_survives_wrapping)
{
	struct err *e = err_show_as(err_new(E_HTTP_STATUS, "x"), S("E503"));

	e = err_wrap(e, "y");
	CHECK_STR(err_code_shown(e), S("E503"));
	CHECK(err_is_retryable(e));
	e = err_show_as(e, S("EOTHER"));
	CHECK_STR(err_code_shown(e), S("EOTHER"));
	err_free(e);
}

TEST(the_status_of_a_failed_program_becomes_ours)
{
	struct err *e = err_wrap(err_exit_as(err_new(E_GENERIC, "x"), 128), "y");

	CHECK_EQ(err_exit_status(e), 128);
	CHECK_STR(err_code_shown(e), S("128"));
	err_free(e);
}

TEST(hints_and_empty_codes_come_from_the_table)
{
	struct err *e = err_new(E_NO_SPACE, "x");

	CHECK(err_hint(e).len > 0);
	CHECK_EQ(err_exit_status(e), 1, "a system code without an errno");
	err_free(e);
	e = err_new(E_GENERIC, "x");
	CHECK_STR(err_code_shown(e), S(""));
	CHECK_STR(err_hint(e), S(""));
	err_free(e);
	err_free(NULL);
	err_ignore(err_new(E_GENERIC, "x"));
}

TEST(an_error_owns_its_texts)
{
	char path[] = "changes";
	struct err *e = err_sys(ENOENT, "open", str_view(path));

	memset(path, 'x', sizeof(path) - 1);
	CHECK_STR(e->path, S("changes"));
	err_free(e);
}

TEST(a_freed_error_leaves_no_memory)
{
	size_t before = arena_total_bytes();

	err_free(adds_what_it_did());
	CHECK_EQ(arena_total_bytes(), before);
}

UNIT_TESTS(TESTED(a_new_error_says_what_it_was_told), TESTED(system_errors_know_their_call_path_and_status),
	   TESTED(wrapping_keeps_the_code_and_tells_the_story_outermost_first),
	   TESTED(the_shown_code_can_be_another_and_survives_wrapping),
	   TESTED(the_status_of_a_failed_program_becomes_ours),
	   TESTED(hints_and_empty_codes_come_from_the_table), TESTED(an_error_owns_its_texts),
	   TESTED(a_freed_error_leaves_no_memory))
