/* SPDX-License-Identifier: MIT
 * node_modules on disk into trees, npm-tree.md 7.5 and 12: with a hidden lockfile that proves fresh, with one that does
 * not, with none, and with things in it that nobody installed. */
#include "cpm/tree/load_actual.h"

#include <sys/stat.h>

#include "check.h"
#include "temp_dir.h"

static struct tree *load(struct arena *a, const struct temp_dir *dir, const char *manifest)
{
	struct manifest *m;
	struct json *json;
	struct tree *t;

	CHECK_OK(json_parse(a, str_view(manifest), &json));
	CHECK_OK(manifest_from_json(a, json, true, &m));
	CHECK_OK(actual_load(a, dir->fd, dir->path, m, false, &t));
	return t;
}

/* "location@version>target ..." in order of insertion, the root left out. */
static str show(struct arena *a, const struct tree *t)
{
	struct str_buf out = str_buf(a, 10000);

	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		const struct node *n = it.val;

		if (n->is_root)
			continue;
		buf_printf(&out, "%s" STR_FMT "@" STR_FMT, out.len ? " " : "", STR_ARG(n->location), STR_ARG(node_version(n)));
		if (n->is_link)
			buf_printf(&out, ">" STR_FMT, STR_ARG(n->target->location));
	}
	return buf_view(&out);
}

static void set_time(const struct temp_dir *dir, const char *path, time_t sec)
{
	const struct timespec times[2] = { { .tv_sec = sec }, { .tv_sec = sec } };

	CHECK_EQ(utimensat(dir->fd, path, times, AT_SYMLINK_NOFOLLOW), 0, "%s", path);
}

TEST(packages_are_found_at_every_depth)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct tree *t;

	temp_file(&dir, "node_modules/b/package.json", S("{\"name\":\"b\",\"version\":\"1.0.0\",\"dependencies\":{\"a\":\"1\"}}"));
	temp_file(&dir, "node_modules/a/package.json", S("{\"name\":\"a\",\"version\":\"2.0.0\"}"));
	temp_file(&dir, "node_modules/b/node_modules/a/package.json", S("{\"name\":\"a\",\"version\":\"1.0.0\"}"));
	temp_file(&dir, "node_modules/@s/x/package.json", S("{\"name\":\"@s/x\",\"version\":\"3.0.0\"}"));
	temp_file(&dir, "node_modules/.bin/tool", S(""));
	temp_file(&dir, "node_modules/@s/.old/package.json", S("{}"));
	t = load(a, &dir, "{\"dependencies\":{\"b\":\"1\"}}");
	CHECK_STR(show(a, t),
		  S("node_modules/a@2.0.0 node_modules/b@1.0.0 node_modules/@s/x@3.0.0 node_modules/b/node_modules/a@1.0.0"), "");
	CHECK(tree_at(t, S("node_modules/a"))->extraneous, "nobody asks for it");
	CHECK(!tree_at(t, S("node_modules/b/node_modules/a"))->extraneous, "");
}

TEST(what_is_no_package_is_a_node_that_goes)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct tree *t;

	temp_file(&dir, "node_modules/bad/package.json", S("{"));
	temp_file(&dir, "node_modules/empty/x", S(""));
	temp_file(&dir, "node_modules/file.txt", S(""));
	temp_file(&dir, "node_modules/@s/f", S(""));
	temp_file(&dir, "node_modules/odd/package.json", S("{\"name\":7,\"version\":{},\"dependencies\":{\"a\":1}}"));
	CHECK_OK(fs_mkdirs(dir.fd, "node_modules/folder/package.json"));
	CHECK_OK(fs_symlink("nowhere", dir.fd, "node_modules/dangling"));
	CHECK_OK(fs_symlink("loop", dir.fd, "node_modules/loop"));
	t = load(a, &dir, "{}");
	CHECK_STR(show(a, t),
		  S("node_modules/bad@ node_modules/dangling@ node_modules/empty@ node_modules/file.txt@ "
		    "node_modules/folder@ node_modules/loop@ node_modules/odd@ node_modules/@s/f@"),
		  "");
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);)
		CHECK_EQ(((const struct node *)it.val)->extraneous, it.key.len > 0, STR_FMT, STR_ARG(it.key));
}

TEST(links_lead_to_nodes_of_their_own)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct tree *t;

	temp_file(&dir, "packages/a/package.json", S("{\"name\":\"a\",\"version\":\"1.0.0\",\"dependencies\":{\"in\":\"*\"}}"));
	temp_file(&dir, "packages/a/node_modules/in/package.json", S("{\"name\":\"in\",\"version\":\"1.0.0\"}"));
	temp_file(&dir, "packages/b/package.json", S("{\"name\":\"b\",\"version\":\"1.0.0\"}"));
	temp_file(&dir, "node_modules/z/package.json", S("{\"name\":\"z\",\"version\":\"1.0.0\"}"));
	CHECK_OK(fs_symlink("../packages/a", dir.fd, "node_modules/a"));
	CHECK_OK(fs_symlink("z", dir.fd, "node_modules/again"));
	CHECK_OK(fs_symlink("..", dir.fd, "node_modules/self"));
	t = load(a, &dir, "{\"workspaces\":[\"packages/*\"]}");
	CHECK_STR(show(a, t),
		  S("packages/a@1.0.0 node_modules/a@1.0.0>packages/a node_modules/z@1.0.0 node_modules/again@1.0.0>node_modules/z "
		    "node_modules/self@> packages/a/node_modules/in@1.0.0 packages/b@1.0.0"),
		  "");
	CHECK(node_is_workspace(tree_at(t, S("packages/a"))), "");
	CHECK(!tree_at(t, S("packages/a/node_modules/in"))->extraneous, "");
}

TEST(a_node_modules_that_is_a_link_counts_as_empty)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);

	temp_file(&dir, "elsewhere/x/package.json", S("{\"name\":\"x\",\"version\":\"1.0.0\"}"));
	temp_file(&dir, "elsewhere/.package-lock.json",
		  S("{\"lockfileVersion\":3,\"packages\":{\"node_modules/x\":{\"version\":\"1.0.0\"}}}"));
	CHECK_OK(fs_symlink("elsewhere", dir.fd, "node_modules"));
	CHECK_STR(show(a, load(a, &dir, "{}")), S(""), "");
}

TEST(the_lockfile_knows_where_the_same_version_came_from)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct tree *t;

	temp_file(&dir, "node_modules/a/package.json", S("{\"name\":\"a\",\"version\":\"1.0.0\"}"));
	temp_file(&dir, "node_modules/b/package.json", S("{\"name\":\"b\",\"version\":\"1.0.0\"}"));
	temp_file(&dir, "package-lock.json",
		  S("{\"packages\":{\"node_modules/a\":{\"version\":\"1.0.0\",\"resolved\":\"file:a.tgz\",\"integrity\":\"sha512-A\"},"
		    "\"node_modules/b\":{\"version\":\"1.0.1\",\"resolved\":\"file:b.tgz\",\"integrity\":\"sha512-B\"}}}"));
	t = load(a, &dir, "{}");
	CHECK_STR(tree_at(t, S("node_modules/a"))->integrity, S("sha512-A"), "");
	CHECK_STR(tree_at(t, S("node_modules/a"))->resolved, str_printf(a, "file:" STR_FMT "/a.tgz", STR_ARG(dir.path)), "");
	CHECK_STR(tree_at(t, S("node_modules/b"))->integrity, STR_NULL, "");
}

/* ---- the hidden lockfile ---- */

static const char hidden_text[] = "{\"lockfileVersion\":3,\"packages\":{\"node_modules/a\":{\"version\":\"9.9.9\",\"resolved\":\"u\"},"
				  "\"node_modules/@s/b\":{\"version\":\"9.9.9\"},\"node_modules/a/node_modules/c\":{\"version\":\"9.9.9\"},"
				  "\"node_modules/w\":{\"resolved\":\"w\",\"link\":true},\"w\":{\"version\":\"0.0.1\"}}}";

/* A tree whose versions on disk differ from the recorded ones, so that it shows who was believed. All times are old. */
static void make_installed(const struct temp_dir *dir)
{
	static const char *const folders[] = { "node_modules/a/node_modules/c", "node_modules/a/node_modules", "node_modules/a",
					       "node_modules/@s/b", "node_modules/@s", "node_modules/.bin", "w", "node_modules" };

	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		CHECK_OK(fs_mkdirs(dir->fd, folders[i]));
	temp_file(dir, "node_modules/a/package.json", S("{\"name\":\"a\",\"version\":\"1.0.0\"}"));
	temp_file(dir, "node_modules/@s/b/package.json", S("{\"name\":\"@s/b\",\"version\":\"1.0.0\"}"));
	temp_file(dir, "node_modules/a/node_modules/c/package.json", S("{\"name\":\"c\",\"version\":\"1.0.0\"}"));
	temp_file(dir, "node_modules/stray.txt", S(""));
	temp_file(dir, "w/package.json", S("{\"name\":\"w\",\"version\":\"2.0.0\"}"));
	CHECK_OK(fs_symlink("../w", dir->fd, "node_modules/w"));
	temp_file(dir, "node_modules/.package-lock.json", str_view(hidden_text));
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		set_time(dir, folders[i], 1000);
	set_time(dir, "node_modules/.package-lock.json", 1000);
}

static bool is_trusted(struct arena *a, const struct temp_dir *dir)
{
	struct tree *t = load(a, dir, "{\"dependencies\":{\"a\":\"*\",\"w\":\"file:w\"}}");
	const struct node *n = tree_at(t, S("node_modules/a"));

	return n && str_eq(node_version(n), S("9.9.9"));
}

TEST(a_fresh_hidden_lockfile_is_believed)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct tree *t;

	make_installed(&dir);
	t = load(a, &dir, "{\"dependencies\":{\"a\":\"*\",\"w\":\"file:w\"}}");
	CHECK_STR(show(a, t),
		  S("node_modules/a@9.9.9 node_modules/@s/b@9.9.9 node_modules/a/node_modules/c@9.9.9 w@2.0.0 node_modules/w@2.0.0>w"),
		  "a link's target is read again");
	CHECK_STR(tree_at(t, S("node_modules/a"))->resolved, S("u"), "");
	CHECK(tree_at(t, S("node_modules/@s/b"))->extraneous, "marks are made anew");
	CHECK(t->lockfile == NULL, "it is not the lockfile that the next one continues");
}

TEST(anything_touched_since_makes_it_stale)
{
	static const char *const touched[] = { "node_modules",	  "node_modules/a",    "node_modules/a/node_modules/c",
					       "node_modules/@s", "node_modules/@s/b", "w" };

	for (size_t i = 0; i < ARRAY_LEN(touched); i++) {
		ARENA_SCOPE(a);
		TEMP_DIR(dir);

		make_installed(&dir);
		CHECK(is_trusted(a, &dir), "before");
		set_time(&dir, touched[i], 2000);
		CHECK(!is_trusted(a, &dir), "%s", touched[i]);
	}
}

TEST(what_npm_does_not_look_at_may_change)
{
	static const char *const touched[] = { "node_modules/.bin", "node_modules/a/package.json", "w/package.json",
					       "node_modules/a/node_modules" };

	for (size_t i = 0; i < ARRAY_LEN(touched); i++) {
		ARENA_SCOPE(a);
		TEMP_DIR(dir);

		make_installed(&dir);
		set_time(&dir, touched[i], 2000);
		CHECK(is_trusted(a, &dir), "%s", touched[i]);
	}
}

TEST(ten_milliseconds_are_jitter)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000, .tv_nsec = 10000000 } };

	make_installed(&dir);
	CHECK_EQ(utimensat(dir.fd, "node_modules/a", times, 0), 0, "");
	CHECK(is_trusted(a, &dir), "");
	times[1].tv_nsec = 11000000;
	CHECK_EQ(utimensat(dir.fd, "node_modules/a", times, 0), 0, "");
	CHECK(!is_trusted(a, &dir), "");
}

TEST(a_folder_without_entry_or_an_entry_without_folder_makes_it_stale)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);

	make_installed(&dir);
	CHECK_OK(fs_mkdirs(dir.fd, "node_modules/new"));
	set_time(&dir, "node_modules/new", 1000);
	set_time(&dir, "node_modules", 1000);
	CHECK(!is_trusted(a, &dir), "a folder without entry");
	CHECK_OK(fs_remove_tree(dir.fd, "node_modules/new"));
	CHECK_OK(fs_remove_tree(dir.fd, "node_modules/@s/b"));
	set_time(&dir, "node_modules", 1000);
	set_time(&dir, "node_modules/@s", 1000);
	CHECK(!is_trusted(a, &dir), "an entry without folder");
}

TEST(a_damaged_or_hostile_hidden_lockfile_is_left_alone)
{
	static const char *const bad[] = { "{", "[]", "", "{\"packages\":{\"node_modules/a\":{},\"../../x\":{}}}",
					   "{\"lockfileVersion\":9,\"packages\":{}}" };
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		TEMP_DIR(dir);
		make_installed(&dir);
		temp_file(&dir, "node_modules/.package-lock.json", str_view(bad[i]));
		CHECK(!is_trusted(a, &dir), "%s", bad[i]);
	}
}

TEST(a_project_without_node_modules_is_a_root_alone)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);

	CHECK_STR(show(a, load(a, &dir, "{}")), S(""), "");
}

UNIT_TESTS(TESTED(packages_are_found_at_every_depth), TESTED(what_is_no_package_is_a_node_that_goes),
	   TESTED(links_lead_to_nodes_of_their_own), TESTED(a_node_modules_that_is_a_link_counts_as_empty),
	   TESTED(the_lockfile_knows_where_the_same_version_came_from), TESTED(a_fresh_hidden_lockfile_is_believed),
	   TESTED(anything_touched_since_makes_it_stale), TESTED(what_npm_does_not_look_at_may_change),
	   TESTED(ten_milliseconds_are_jitter), TESTED(a_folder_without_entry_or_an_entry_without_folder_makes_it_stale),
	   TESTED(a_damaged_or_hostile_hidden_lockfile_is_left_alone), TESTED(a_project_without_node_modules_is_a_root_alone))
