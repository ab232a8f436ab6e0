/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "cpm/base/proc.h"
#include "cpm/runtime/shell_quote.h"

TEST(words_are_quoted_as_npm_quotes_them)
{
	const struct {
		str word, want;
	} rows[] = {
		{ S(""), S("''") },
		{ S("plain-1.0_x=/y:z,@%+^!"), S("plain-1.0_x=/y:z,@%+^!") },
		{ S("a b"), S("'a b'") },
		{ S("$HOME"), S("'$HOME'") },
		{ S("it's"), S("'it'\\''s'") },
		{ S("'"), S("\\'") },
		{ S("'a"), S("\\''a'") },
		{ S("a'"), S("'a'\\'") },
		{ S("''a"), S("\\'\\''a'") },
		{ S("back\\slash"), S("'back\\slash'") },
		{ S("line\nend"), S("'line\nend'") },
		{ S("~"), S("'~'") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		CHECK_STR(shell_quote(tmp, rows[i].word), rows[i].want, "row %zu", i);
	}
}

/* Every word of the characters that mean something to a shell, up to four long, sixty at a time. */
TEST(a_shell_reads_every_word_as_it_was_typed)
{
	static const char chars[] = "'\\ \"$`ax*";
	enum { KINDS = sizeof(chars) - 1, BATCH = 60 };
	size_t total = KINDS * KINDS * KINDS * KINDS;

	for (size_t from = 0; from < total; from += BATCH * 7) {
		ARENA_SCOPE(tmp);
		struct str_buf want = str_buf(tmp, 1 << 16);
		str words[BATCH];

		for (size_t i = 0; i < BATCH; i++) {
			char text[4];
			size_t n = from + i, len = 1 + n % 4;
			for (size_t k = 0; k < len; k++, n /= KINDS)
				text[k] = chars[n % KINDS];
			words[i] = str_dup(tmp, str_of(text, len));
			buf_printf(&want, STR_FMT "\n", STR_ARG(words[i]));
		}
		const char *argv[] = {
			"sh", "-c",
			str_cstr(tmp, shell_command(tmp, S("printf '%s\\n'"), words, BATCH)), NULL
		};
		struct proc_result result;
		CHECK_OK(proc_capture(tmp, argv, 1 << 16, &result));
		CHECK_STR(result.out, buf_view(&want), "batch %zu", from);
	}
}

TEST(the_script_itself_is_never_touched)
{
	ARENA_SCOPE(tmp);
	const str words[] = { S("a b"), S("c") };

	CHECK_STR(shell_command(tmp, S("echo \"$X\" |"), words, 2), S("echo \"$X\" | 'a b' c"),
		  "words");
	CHECK_STR(shell_command(tmp, S("x  "), words, 0), S("x  "), "none");
}

UNIT_TESTS(TESTED(words_are_quoted_as_npm_quotes_them),
	   TESTED(a_shell_reads_every_word_as_it_was_typed),
	   TESTED(the_script_itself_is_never_touched))
