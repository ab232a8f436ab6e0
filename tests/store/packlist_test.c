/* SPDX-License-Identifier: MIT */
#include "cpm/store/pack.h"
#include "temp_dir.h"

/* The list as one text, "a b c". */
static str listed(struct arena *a, const struct temp_dir *dir)
{
	struct str_buf text = str_buf(a, 1 << 16);
	struct pack_file *files;
	size_t count;

	CHECK_OK(pack_list(a, dir->path, NULL, &files, &count));
	for (size_t i = 0; i < count; i++)
		buf_printf(&text, "%s" STR_FMT, i ? " " : "", STR_ARG(files[i].path));
	return buf_view(&text);
}

static void add_files(const struct temp_dir *dir, const char *const *paths)
{
	for (; *paths; paths++)
		temp_file(dir, *paths, S("x"));
}

TEST(what_is_never_packed_stays_behind)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(dir);

	add_files(&dir, (const char *[]){ ".git/config", "node_modules/a/package.json", ".npmrc",
					  "lib/.npmrc", "package-lock.json", "a.orig", ".DS_Store",
					  "npm-debug.log", "lib/x.js", "README.md", NULL });
	temp_file(&dir, "package.json", S("{}"));
	CHECK_STR(listed(tmp, &dir), S("lib/x.js package.json README.md"));
}

TEST(files_lists_what_goes_in_and_some_go_in_anyway)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(dir);

	add_files(&dir,
		  (const char *[]){ "lib/a.js", "lib/b/c.js", "lib/b/skip.js", "main.js", "cli.js",
				    "other.js", "License.txt", "license.txt~", NULL });
	temp_file(&dir, ".npmignore", S("lib"));
	temp_file(&dir, "package.json",
		  S("{\"files\":[\"./lib/\",\"!lib/b/skip.js\"],\"main\":\"main.js\","
		    "\"bin\":{\"x\":\"./cli.js\"}}"));
	CHECK_STR(listed(tmp, &dir),
		  S("lib/a.js lib/b/c.js cli.js main.js package.json License.txt"));
}

TEST(npmignore_stands_in_for_gitignore_folder_by_folder)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(dir);

	add_files(&dir, (const char *[]){ "a.js", "b.js", "sub/a.js", "sub/b.js", NULL });
	temp_file(&dir, ".gitignore", S("a.js"));
	temp_file(&dir, ".npmignore", S("/b.js"));
	temp_file(&dir, "sub/.gitignore", S("b.js"));
	temp_file(&dir, "package.json", S("{}"));
	CHECK_STR(listed(tmp, &dir), S("a.js sub/a.js package.json"));
}

/* T38 */
TEST(t38_links_are_left_out_wherever_they_lead)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(dir);
	TEMP_DIR(outside);

	temp_file(&outside, "secret", S("x"));
	temp_file(&outside, "package.json", S("{\"name\":\"out\"}"));
	temp_file(&dir, "package.json",
		  S("{\"dependencies\":{\"out\":\"*\"},\"bundleDependencies\":[\"out\"],"
		    "\"files\":[\"link\",\"dir\",\"dir/secret\"]}"));
	CHECK_OK(fs_mkdirs(dir.fd, "node_modules"));
	CHECK_OK(fs_symlink(str_cstr(tmp, outside.path), dir.fd, "node_modules/out"));
	CHECK_OK(fs_symlink(str_cstr(tmp, outside.path), dir.fd, "dir"));
	CHECK_OK(fs_symlink("package.json", dir.fd, "link"));
	CHECK_STR(listed(tmp, &dir), S("package.json"));
}

TEST(bundled_packages_bring_what_they_need)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(dir);

	temp_file(
		&dir, "package.json",
		S("{\"dependencies\":{\"a\":\"*\",\"c\":\"*\"},\"bundledDependencies\":[\"a\"]}"));
	temp_file(&dir, "node_modules/a/package.json", S("{\"dependencies\":{\"b\":\"*\"}}"));
	temp_file(&dir, "node_modules/a/.gitignore", S("*"));
	temp_file(&dir, "node_modules/b/package.json", S("{}"));
	temp_file(&dir, "node_modules/c/package.json", S("{}"));
	CHECK_STR(listed(tmp, &dir), S("node_modules/a/.gitignore node_modules/a/package.json "
				       "node_modules/b/package.json package.json"));
}

TEST(a_folder_of_commands_goes_in_but_for_what_is_hidden)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(dir);

	add_files(&dir, (const char *[]){ "lib/a.js", "lib/.hidden", "lib/b/c.js", "x.js", NULL });
	temp_file(&dir, "package.json", S("{\"files\":[\"x.js\"],\"directories\":{\"bin\":\"lib\"}}"));
	CHECK_STR(listed(tmp, &dir), S("lib/a.js lib/b/c.js x.js package.json"));
	temp_file(&dir, "package.json", S("{\"files\":[\"x.js\"],\"directories\":{\"bin\":\"../lib\"}}"));
	CHECK_STR(listed(tmp, &dir), S("lib/a.js lib/b/c.js x.js package.json"), "npm keeps inside");
}

TEST(rules_from_outside_are_below_the_packages_own_list)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(dir);
	const struct pack_opts opts = { .more_rules = S("a.log\n"), .global_rules = S("*.tmp\n") };
	struct pack_file *files;
	size_t count;

	add_files(&dir, (const char *[]){ "a.log", "b.tmp", "c.js", NULL });
	temp_file(&dir, "package.json", S("{}"));
	CHECK_OK(pack_list(tmp, dir.path, &opts, &files, &count));
	CHECK_EQ(count, 2);
	temp_file(&dir, "package.json", S("{\"files\":[\"a.log\",\"b.tmp\"]}"));
	CHECK_OK(pack_list(tmp, dir.path, &opts, &files, &count));
	CHECK_EQ(count, 3);
}

TEST(a_command_is_executable_where_npm_takes_a_file_for_it)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(dir);
	struct pack_file *files;
	size_t count;

	add_files(&dir, (const char *[]){ "cli.js", "lib/cli.js", "@s/cli.js", NULL });
	temp_file(&dir, "package.json", S("{\"bin\":{\"x\":\"cli.js\"}}"));
	CHECK_OK(pack_list(tmp, dir.path, NULL, &files, &count));
	for (size_t i = 0; i < count; i++)
		CHECK_EQ(files[i].mode & 0111,
			 str_ends(files[i].path, S("cli.js")) && files[i].path.p[0] != '@' ? 0111 : 0,
			 STR_FMT, STR_ARG(files[i].path));
}

UNIT_TESTS(TESTED(a_command_is_executable_where_npm_takes_a_file_for_it), TESTED(a_folder_of_commands_goes_in_but_for_what_is_hidden), TESTED(rules_from_outside_are_below_the_packages_own_list), TESTED(what_is_never_packed_stays_behind),
	   TESTED(files_lists_what_goes_in_and_some_go_in_anyway),
	   TESTED(npmignore_stands_in_for_gitignore_folder_by_folder),
	   TESTED(t38_links_are_left_out_wherever_they_lead),
	   TESTED(bundled_packages_bring_what_they_need))
