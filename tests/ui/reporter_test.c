/* SPDX-License-Identifier: MIT */
#include "cpm/ui/reporter.h"

#include "check.h"
#include "cpm/base/fs.h"
#include "cpm/base/path.h"

static str formatted(struct arena *a, bool color, str heading, enum log_level level, str title,
		     str message)
{
	struct str_buf out = str_buf(a, 1 << 16);
	reporter_format(&out, color, heading, level, title, message);
	return buf_view(&out);
}

TEST(each_physical_line_has_the_prefix)
{
	const struct {
		str title, message, want;
		enum log_level level;
	} rows[] = {
		{ STR_NULL, S("hello"), S("npm warn hello\n"), LOG_WARN },
		{ S("config"), S("hello"), S("npm warn config hello\n"), LOG_WARN },
		{ S("x"), S("a\n\nb"), S("npm error x a\nnpm error x\nnpm error x b\n"),
		  LOG_ERROR },
		{ S(""), S(""), S("npm notice\n"), LOG_NOTICE },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		CHECK_STR(formatted(tmp, false, S("npm"), rows[i].level, rows[i].title,
				    rows[i].message),
			  rows[i].want, "row %zu", i);
	}
}

TEST(colour_goes_around_words_and_the_heading_can_be_another)
{
	ARENA_SCOPE(tmp);
	CHECK_STR(formatted(tmp, true, S("cpm"), LOG_WARN, S("t"), S("m")),
		  S("\033[1mcpm\033[0m \033[33mwarn\033[0m \033[94mt\033[0m m\n"), "colour");
	CHECK_STR(formatted(tmp, false, S(""), LOG_WARN, S("t"), S("m")), S("warn t m\n"),
		  "no heading");
}

TEST(the_debug_log_holds_all_levels_and_old_ones_go)
{
	ARENA_SCOPE(tmp);
	struct screen screen = { 0 };
	struct reporter r;
	char dir[] = "/tmp/cpm-logs-XXXXXX";
	str path = STR_NULL, text;
	struct stat st;

	CHECK(mkdtemp(dir), "mkdtemp");
	for (int i = 0; i < 3; i++) {
		reporter_init(&r, &screen);
		log_silly("deep", "one\ntwo %d", i);
		CHECK_OK(reporter_write_log(&r, tmp, str_view(dir), 2, 1700000000000 + i, &path));
		reporter_fini(&r);
	}
	CHECK_OK(fs_read_all(tmp, AT_FDCWD, str_cstr(tmp, path), 1 << 16, &text));
	CHECK_STR(text, S("0 silly deep one\n0 silly deep two 2\n"), "text");
	CHECK(stat(str_cstr(tmp, path), &st) == 0 && (st.st_mode & 0777) == 0600, "private");
	CHECK(str_ends(path, S("/2023-11-14T22_13_20_002Z-debug-0.log")), STR_FMT, STR_ARG(path));
	CHECK(!fs_exists(AT_FDCWD,
			 str_cstr(tmp, path_join(tmp, str_view(dir),
						 S("2023-11-14T22_13_20_000Z-debug-0.log")))),
	      "the oldest is gone");
	CHECK_OK(fs_remove_tree(AT_FDCWD, dir));
}

UNIT_TESTS(TESTED(each_physical_line_has_the_prefix),
	   TESTED(colour_goes_around_words_and_the_heading_can_be_another),
	   TESTED(the_debug_log_holds_all_levels_and_old_ones_go))
