/* SPDX-License-Identifier: MIT */
#include "cpm/ui/screen.h"

#include "capture.h"
#include "cpm/ui/progress.h"

TEST(width_counts_columns)
{
	CHECK_EQ(term_width(S("abc")), 3, "ASCII");
	CHECK_EQ(term_width(S("é⠋")), 2, "two bytes and three");
	CHECK_EQ(term_width(S("漢字")), 4, "wide");
	CHECK_EQ(term_width(S("e\xcc\x81")), 1, "combining");
}

TEST(a_live_line_is_erased_before_anything_else_is_written)
{
	ARENA_SCOPE(tmp);
	struct screen s = { .term = { .can_redraw = true, .columns = 6 } };
	struct capture c = capture_begin(STDERR_FILENO);

	screen_show_line(&s, S("working hard"));
	screen_show_line(&s, S("working hard"));
	screen_write(&s, STDERR_FILENO, S("done\n"));
	screen_write(&s, STDERR_FILENO, S("again\n"));
	CHECK_STR(capture_end(tmp, &c), S("\r\033[Kworki\r\033[Kdone\nagain\n"),
		  "cut to the width, drawn once");
}

TEST(without_a_terminal_there_is_no_live_line)
{
	ARENA_SCOPE(tmp);
	struct screen s = { .term = { .columns = 80 } };
	struct capture c = capture_begin(STDERR_FILENO);

	screen_show_line(&s, S("working"));
	CHECK_STR(capture_end(tmp, &c), S(""), "nothing");
}

TEST(progress_says_what_how_much_and_how_fast)
{
	struct screen s = { .term = { .can_redraw = true, .columns = 80 } };
	const struct {
		struct progress p;
		int64_t elapsed_ms;
		str want;
	} rows[] = {
		{ { .screen = &s, .stage = STAGE_RESOLVE, .requests = 12 },
		  100,
		  S("- resolving dependencies 12 requests") },
		{ { .screen = &s, .stage = STAGE_FETCH, .done = 3, .total = 9, .bytes = 5000000 },
		  2000,
		  S("- fetching packages 3/9, 5.0 MB, 2.5 MB/s") },
		{ { .screen = &s, .stage = STAGE_LOAD }, 0, S("- reading the project") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		struct str_buf out = str_buf(tmp, 512);
		progress_format(&out, &rows[i].p, rows[i].elapsed_ms);
		CHECK_STR(buf_view(&out), rows[i].want, "row %zu", i);
	}
}

UNIT_TESTS(TESTED(width_counts_columns),
	   TESTED(a_live_line_is_erased_before_anything_else_is_written),
	   TESTED(without_a_terminal_there_is_no_live_line),
	   TESTED(progress_says_what_how_much_and_how_fast))
