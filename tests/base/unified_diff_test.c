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

TEST(hunks_say_how_one_text_becomes_another)
{
	const struct {
		str from, to;
		size_t context;
		str want;
	} rows[] = {
		{ S("a\nb\nc\n"), S("a\nB\nc\n"), 1, S("@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n") },
		{ S(""), S("a\n"), 3, S("@@ -0,0 +1,1 @@\n+a\n") },
		{ S("a\n"), S(""), 3, S("@@ -1,1 +0,0 @@\n-a\n") },
		{ S("a"), S("a\n"), 3,
		  S("@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n") },
		{ S("1\n2\n3\n4\n5\n"), S("1\nx\n3\n4\ny\n"), 0,
		  S("@@ -2,1 +2,1 @@\n-2\n+x\n@@ -5,1 +5,1 @@\n-5\n+y\n") },
		{ S("a\nb\n"), S("a\nb\n"), 3, S("") },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct str_buf out = str_buf(a, 1 << 16);

		unified_diff_make(a, rows[i].from, rows[i].to,
				  &(struct diff_style){ .context = rows[i].context }, &out);
		CHECK_STR(buf_view(&out), rows[i].want, "row %zu", i);
	}
}

/* Texts of a few different lines each, so that there is much to keep and much to choose from. */
static str made_up_text(struct arena *a, unsigned *seed)
{
	struct str_buf out = str_buf(a, 1 << 16);
	unsigned lines = (*seed = *seed * 1103515245u + 12345u) >> 16 & 31;

	for (unsigned i = 0; i < lines; i++) {
		*seed = *seed * 1103515245u + 12345u;
		buf_printf(&out, "%c%s", 'a' + (int)(*seed >> 16 & 3), i + 1 < lines || *seed >> 20 & 1 ? "\n" : "");
	}
	return buf_view(&out);
}

TEST(what_was_made_of_two_texts_leads_from_one_to_the_other)
{
	unsigned seed = 1;

	for (size_t i = 0; i < 300; i++) {
		ARENA_SCOPE(a);
		str from = made_up_text(a, &seed), to = made_up_text(a, &seed), got;
		struct str_buf out = str_buf(a, 1 << 18);
		file_diff_vec files;

		buf_add_cstr(&out, "--- a/x\n+++ b/x\n");
		unified_diff_make(a, from, to, &(struct diff_style){ .context = i % 5 }, &out);
		if (str_eq(from, to))
			continue;
		CHECK_OK(unified_diff_parse(a, buf_view(&out), &files));
		CHECK(unified_diff_apply(a, &files.items[0], from, &got), "%zu", i);
		CHECK_STR(got, to, "%zu", i);
	}
}

TEST(texts_that_share_too_little_are_replaced_as_a_whole)
{
	ARENA_SCOPE(a);
	struct str_buf from = str_buf(a, 1 << 20), to = str_buf(a, 1 << 20), out = str_buf(a, 1 << 20);

	for (int i = 0; i < 2000; i++) {
		buf_printf(&from, "old %d\n", i);
		buf_printf(&to, "new %d\n", i);
	}
	unified_diff_make(a, buf_view(&from), buf_view(&to), &(struct diff_style){ .context = 3 }, &out);
	CHECK(str_starts(buf_view(&out), S("@@ -1,2000 +1,2000 @@\n-old 0\n-old 1\n")));
}

UNIT_TESTS(TESTED(hunks_say_how_one_text_becomes_another), TESTED(what_was_made_of_two_texts_leads_from_one_to_the_other), TESTED(texts_that_share_too_little_are_replaced_as_a_whole), TESTED(hunks_go_where_their_old_lines_stand),
	   TESTED(files_have_their_names_without_prefixes), TESTED(what_is_no_patch_is_refused))
