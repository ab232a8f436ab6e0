/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "cpm/base/unified_diff.h"

static bool patched(struct arena *a, str patch, str source, str *out)
{
	file_diff_vec diffs;
	struct err *e = unified_diff_parse(a, patch, &diffs);

	*out = STR_NULL;
	if (e || diffs.len != 1) {
		err_free(e);
		return false;
	}
	return unified_diff_apply(a, &diffs.items[0], source, out);
}

TEST(hunks_go_where_their_old_lines_stand)
{
	const struct {
		str what, patch, source, want; /* want: null when it must not fit */
	} rows[] = {
		{ S("in place"), S("--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"),
		  S("a\nb\nc\n"), S("a\nB\nc\n") },
		{ S("further down"), S("--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"),
		  S("x\ny\na\nb\nc\n"), S("x\ny\na\nB\nc\n") },
		{ S("further up"), S("--- a/f\n+++ b/f\n@@ -9 +9 @@\n-b\n+B\n"), S("a\nb\n"),
		  S("a\nB\n") },
		{ S("other context"), S("--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"),
		  S("a\nb\nd\n"), STR_NULL },
		{ S("two hunks"),
		  S("--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n+0\n a\n b\n@@ -3,2 +4,1 @@\n c\n-d\n"),
		  S("a\nb\nc\nd\n"), S("0\na\nb\nc\n") },
		{ S("overlap"), S("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+A\n@@ -1 +1 @@\n-a\n+A\n"),
		  S("a\nb\n"), STR_NULL },
		{ S("windows lines"), S("--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\n+A\n b\n"),
		  S("a\r\nb\r\n"), S("A\r\nb\r\n") },
		{ S("end removed"),
		  S("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+A\n\\ No newline at end of file\n"),
		  S("a\n"), S("A") },
		{ S("end added"),
		  S("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+A\n"),
		  S("a"), S("A\n") },
		{ S("end that is there"),
		  S("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+A\n"),
		  S("a\n"), STR_NULL },
		{ S("into nothing"), S("--- /dev/null\n+++ b/f\n@@ -0,0 +1,2 @@\n+a\n+b\n"), S(""),
		  S("a\nb\n") },
		{ S("too short"), S("--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"),
		  S("a\n"), STR_NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		str got;
		bool fits = patched(tmp, rows[i].patch, rows[i].source, &got);

		CHECK_EQ(fits, !str_is_null(rows[i].want), STR_FMT, STR_ARG(rows[i].what));
		if (fits)
			CHECK_STR(got, rows[i].want, STR_FMT, STR_ARG(rows[i].what));
	}
}

TEST(files_have_their_names_without_prefixes)
{
	ARENA_SCOPE(tmp);
	file_diff_vec d;
	str patch = S(
		"diff --git a/x b/x\nindex 1..2\n--- a/x\t2026\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
		"--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");

	CHECK(!unified_diff_parse(tmp, patch, &d), "parses");
	CHECK_EQ(d.len, (size_t)2, "files");
	CHECK_STR(d.items[0].old_name, S("x"), "old");
	CHECK_STR(d.items[1].old_name, S("gone"), "gone");
	CHECK(str_is_null(d.items[1].new_name), "deleted");
}

TEST(what_is_no_patch_is_refused)
{
	const str rows[] = {
		S("--- a/f\n+++ b/f\n@@ -1,2 +1 @@\n-a\n+b\n"),
		S("--- a/f\n+++ b/f\n@@ -x +1 @@\n-a\n+b\n"),
		S("--- a/f\n+++ b/f\n@@ -1 +1 @@\n?a\n+b\n"),
		S("--- a/f\n+++ b/f\nnonsense\n"),
		S("--- a/f\n+++ b/f\n@@ -1,99999999999999999999 +1 @@\n-a\n"),
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		file_diff_vec d;
		struct err *e = unified_diff_parse(tmp, rows[i], &d);

		CHECK(e != NULL, "row %zu", i);
		err_free(e);
	}
}

UNIT_TESTS(TESTED(hunks_go_where_their_old_lines_stand),
	   TESTED(files_have_their_names_without_prefixes), TESTED(what_is_no_patch_is_refused))
