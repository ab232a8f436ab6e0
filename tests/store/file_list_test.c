/* SPDX-License-Identifier: MIT */
#include "cpm/store/file_list.h"

#include "temp_dir.h"

/* The list as one text, "a b c". */
static str listed(struct arena *a, const struct temp_dir *dir, str folder, unsigned flags)
{
	struct str_buf text = str_buf(a, 1 << 16);
	struct listed_file *files;
	size_t count;

	CHECK_OK(file_list_read(a, dir->path, folder, flags, &files, &count));
	for (size_t i = 0; i < count; i++)
		buf_printf(&text, "%s" STR_FMT "%s", i ? " " : "", STR_ARG(files[i].path),
			   files[i].is_link ? "@" : "");
	return buf_view(&text);
}

static void write_files(const struct temp_dir *dir, const char *const *paths)
{
	for (; *paths; paths++)
		temp_file(dir, *paths, S(""));
}

TEST(what_was_installed_and_what_git_keeps_for_itself_is_left_out)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);

	write_files(&dir, (const char *const[]){ "b", "a/x", "a/node_modules/p/index.js",
						 "node_modules/q/index.js", ".git/HEAD", ".hidden",
						 NULL });
	CHECK_EQ(symlinkat("a", dir.fd, "link"), 0);
	CHECK_STR(listed(a, &dir, S(""), 0), S(".hidden a/x b link@"));
	CHECK_STR(listed(a, &dir, S("a"), 0), S("x"));
}

TEST(ignored_files_are_those_of_git)
{
	static const struct {
		const char *rules, *want;
	} rows[] = {
		{ "x\n", ".gitignore a/sub/y y" },
		{ "/x\n", ".gitignore a/sub/x a/sub/y a/x y" },
		{ "sub/\n", ".gitignore a/x x y" },
		{ "a/sub\n", ".gitignore a/x x y" },
		{ "sub/y\n", ".gitignore a/sub/x a/sub/y a/x x y" },
		{ "**/sub/y\n", ".gitignore a/sub/x a/x x y" },
		{ "a/**\n!a/x\n", ".gitignore a/x x y" },
		{ "*\n!x\n!.gitignore\n", ".gitignore x" },
		{ "X\n", ".gitignore a/sub/x a/sub/y a/x x y" },
		{ "{x,y}\n", ".gitignore a/sub/x a/sub/y a/x x y" },
		{ "# x\n\\x\nx \r\n", ".gitignore a/sub/y y" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		TEMP_DIR(dir);

		write_files(&dir,
			    (const char *const[]){ "x", "y", "a/x", "a/sub/x", "a/sub/y", NULL });
		temp_file(&dir, ".gitignore", str_view(rows[i].rules));
		CHECK_STR(listed(a, &dir, S(""), 0), str_view(rows[i].want), "%s", rows[i].rules);
		CHECK_STR(listed(a, &dir, S(""), FILE_LIST_IGNORED),
			  S(".gitignore a/sub/x a/sub/y a/x x y"));
	}
}

TEST(rules_of_folders_above_count_and_the_nearest_decides)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);

	write_files(&dir, (const char *const[]){ "p/m/dist/a", "p/m/log", "p/m/keep.tmp",
						 "p/m/b.tmp", NULL });
	temp_file(&dir, ".gitignore", S("dist\n*.tmp\n/log\n"));
	temp_file(&dir, "p/m/.gitignore", S("!keep.tmp\n"));
	CHECK_STR(listed(a, &dir, S("p/m"), 0), S(".gitignore keep.tmp log"));
}

UNIT_TESTS(TESTED(what_was_installed_and_what_git_keeps_for_itself_is_left_out),
	   TESTED(ignored_files_are_those_of_git),
	   TESTED(rules_of_folders_above_count_and_the_nearest_decides))
