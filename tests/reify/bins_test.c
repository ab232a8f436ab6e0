/* SPDX-License-Identifier: MIT
 * Commands of packages in node_modules/.bin, as bin-links makes them (npm-tree.md 15, T8). */
#include "reify_world.h"

#define WORLD(w)                         \
	ARENA_SCOPE(a);                  \
	struct world *w = world_open(a); \
	struct node *root = w->ideal->root

static const char *const with_cli[] = { "package/cli.js", "#!/usr/bin/env node\r\nx\r\n", NULL };

static unsigned mode_of(struct world *w, const char *path)
{
	struct stat st;

	return fs_lstat(w->dirfd, path, &st) ? st.st_mode & 07777 : 0;
}

TEST(a_command_is_a_link_to_a_file_that_was_made_executable)
{
	WORLD(w);
	struct node *outer = world_package(w, root, S("@s/outer"), S("1.0.0"), with_cli);
	struct node *inner = world_package(w, outer, S("inner"), S("1.0.0"), with_cli);

	umask(022);
	world_bin(w, outer, S("outer"), S("cli.js"));
	world_bin(w, inner, S("inner"), S("cli.js"));
	CHECK_OK(world_apply(w));
	CHECK_STR(world_link(w, "node_modules/.bin/outer"), S("../@s/outer/cli.js"));
	CHECK_STR(world_link(w, "node_modules/@s/outer/node_modules/.bin/inner"),
		  S("../inner/cli.js"));
	CHECK_EQ(mode_of(w, "node_modules/@s/outer/cli.js"), 0755);
	CHECK_STR(world_read(w, "node_modules/@s/outer/cli.js"), S("#!/usr/bin/env node\nx\r\n"));
	world_close(w);
}

TEST(the_first_by_depth_and_path_gets_a_contested_name)
{
	WORLD(w);
	struct node *b = world_package(w, root, S("b"), S("1.0.0"), with_cli),
		    *s = world_package(w, root, S("@s/x"), S("1.0.0"), with_cli);

	umask(022);
	world_bin(w, b, S("tool"), S("cli.js"));
	world_bin(w, s, S("tool"), S("cli.js"));
	CHECK_OK(world_apply(w));
	CHECK_STR(world_link(w, "node_modules/.bin/tool"), S("../@s/x/cli.js"));
	CHECK_EQ(mode_of(w, "node_modules/b/cli.js"), 0755, "as all commands of a local tarball");
	CHECK_STR(world_read(w, "node_modules/b/cli.js"), S("#!/usr/bin/env node\r\nx\r\n"),
		  "the loser is not repaired");
	world_close(w);
}

TEST(a_missing_file_takes_the_name_but_gets_no_link)
{
	WORLD(w);
	struct node *first = world_package(w, root, S("a"), S("1.0.0"), NULL),
		    *second = world_package(w, root, S("b"), S("1.0.0"), with_cli);

	world_bin(w, first, S("tool"), S("nowhere.js"));
	world_bin(w, second, S("tool"), S("cli.js"));
	CHECK_OK(world_apply(w));
	CHECK(!world_has(w, "node_modules/.bin/tool"), "no link");
	world_close(w);
}

TEST(t8_hostile_names_and_targets_make_no_link)
{
	static const struct {
		str name, target;
	} rows[] = {
		{ { "..", 2 }, { "cli.js", 6 } },      { { "../../x", 7 }, { "cli.js", 6 } },
		{ { "a/b", 3 }, { "cli.js", 6 } },     { { "x", 1 }, { "../../package.json", 18 } },
		{ { "y", 1 }, { "/etc/passwd", 11 } }, { { "z\n", 2 }, { "cli.js", 6 } },
	};
	WORLD(w);
	struct node *n = world_package(w, root, S("a"), S("1.0.0"), with_cli);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		world_bin(w, n, rows[i].name, rows[i].target);
	CHECK_OK(world_apply(w));
	CHECK(!world_has(w, "node_modules/.bin"), "no folder either");
	CHECK(!world_has(w, "x") && !world_has(w, "node_modules/x"), "outside");
	CHECK_EQ(mode_of(w, "package.json"), 0644);
	world_close(w);
}

TEST(what_stands_in_a_commands_place_is_replaced)
{
	WORLD(w);
	struct node *n = world_package(w, root, S("a"), S("1.0.0"), with_cli);

	world_bin(w, n, S("tool"), S("cli.js"));
	world_bin(w, n, S("other"), S("cli.js"));
	CHECK_OK(fs_mkdirs(w->dirfd, "node_modules/.bin"));
	CHECK_OK(fs_write_replace(w->dirfd, "node_modules/.bin/tool", S("a file"), 0644));
	CHECK_OK(fs_symlink("../gone/x.js", w->dirfd, "node_modules/.bin/other"));
	CHECK_OK(world_apply(w));
	CHECK_STR(world_link(w, "node_modules/.bin/tool"), S("../a/cli.js"));
	CHECK_STR(world_link(w, "node_modules/.bin/other"), S("../a/cli.js"));
	world_close(w);
}

TEST(a_removed_package_takes_only_its_own_commands_along)
{
	WORLD(w);
	struct node *n = world_package(w, root, S("a"), S("1.0.0"), with_cli),
		    *loser = world_package(w, root, S("b"), S("1.0.0"), with_cli);

	world_bin(w, n, S("tool"), S("cli.js"));
	world_bin(w, loser, S("tool"), S("cli.js"));
	world_bin(w, loser, S("own"), S("cli.js"));
	CHECK_OK(world_apply(w));
	world_next(w);
	n = world_node(w, w->ideal->root, S("a"), S("1.0.0"));
	world_bin(w, n, S("tool"), S("cli.js"));
	CHECK_OK(world_apply(w));
	CHECK_STR(world_link(w, "node_modules/.bin/tool"), S("../a/cli.js"));
	CHECK(!world_has(w, "node_modules/.bin/own"), "own");
	CHECK(world_has(w, "node_modules/.bin"), "the folder stays, as with npm");
	world_close(w);
}

TEST(links_come_back_with_the_package_that_stays)
{
	WORLD(w);
	struct node *outer = world_package(w, root, S("outer"), S("1.0.0"), NULL), *n;

	n = world_package(w, outer, S("inner"), S("1.0.0"), with_cli);
	world_bin(w, n, S("tool"), S("cli.js"));
	CHECK_OK(world_apply(w));
	world_next(w);
	outer = world_package(w, w->ideal->root, S("outer"), S("2.0.0"), NULL);
	n = world_node(w, outer, S("inner"), S("1.0.0"));
	world_bin(w, n, S("tool"), S("cli.js"));
	CHECK_OK(world_apply(w));
	CHECK_STR(world_link(w, "node_modules/outer/node_modules/.bin/tool"), S("../inner/cli.js"));
	world_close(w);
}

TEST(a_clash_with_a_package_that_stays_ends_as_in_a_clean_install)
{
	WORLD(w);
	struct node *first = world_package(w, root, S("a"), S("1.0.0"), with_cli),
		    *second = world_package(w, root, S("b"), S("1.0.0"), with_cli);

	world_bin(w, first, S("tool"), S("cli.js"));
	world_bin(w, second, S("tool"), S("cli.js"));
	CHECK_OK(world_apply(w));
	world_next(w);
	first = world_node(w, w->ideal->root, S("a"), S("1.0.0"));
	second = world_package(w, w->ideal->root, S("b"), S("2.0.0"), with_cli);
	world_bin(w, first, S("tool"), S("cli.js"));
	world_bin(w, second, S("tool"), S("cli.js"));
	CHECK_OK(world_apply(w));
	CHECK_STR(world_link(w, "node_modules/.bin/tool"), S("../a/cli.js"));

	world_next(w);
	second = world_node(w, w->ideal->root, S("b"), S("2.0.0"));
	world_bin(w, second, S("tool"), S("cli.js"));
	CHECK_OK(world_apply(w));
	CHECK_STR(world_link(w, "node_modules/.bin/tool"), S("../b/cli.js"), "the loser inherits");
	world_close(w);
}

TEST(a_workspaces_own_file_is_made_executable_and_repaired)
{
	WORLD(w);
	struct manifest *m = ARENA_NEW(a, struct manifest);
	struct node *target, *link;

	umask(022);
	CHECK_OK(fs_mkdirs(w->dirfd, "w1"));
	CHECK_OK(fs_write_replace(w->dirfd, "w1/cli.js", S("#!/usr/bin/env node\r\nx"), 0600));
	m->name = S("w1");
	target = node_new(a, S("w1"), m);
	world_bin(w, target, S("w1"), S("cli.js"));
	node_place(w->ideal, target, str_printf(a, "%s/w1", w->path));
	link = node_new_link(a, S("w1"), str_printf(a, "%s/w1", w->path));
	node_set_parent(link, root);
	CHECK_OK(world_apply(w));
	CHECK_STR(world_link(w, "node_modules/.bin/w1"), S("../w1/cli.js"));
	CHECK_STR(world_read(w, "w1/cli.js"), S("#!/usr/bin/env node\nx"));
	CHECK_EQ(mode_of(w, "w1/cli.js"), 0755);
	world_close(w);
}

TEST(no_bin_links_means_no_links_and_no_repairs)
{
	WORLD(w);
	struct node *n = world_package(w, root, S("a"), S("1.0.0"), with_cli);

	umask(022);
	w->opts.bin_links = w->diff_opts.bin_links = false;
	world_bin(w, n, S("tool"), S("cli.js"));
	CHECK_OK(world_apply(w));
	CHECK(!world_has(w, "node_modules/.bin"), "no folder");
	CHECK_STR(world_read(w, "node_modules/a/cli.js"), S("#!/usr/bin/env node\r\nx\r\n"));
	world_close(w);
}

UNIT_TESTS(TESTED(a_command_is_a_link_to_a_file_that_was_made_executable),
	   TESTED(the_first_by_depth_and_path_gets_a_contested_name),
	   TESTED(a_missing_file_takes_the_name_but_gets_no_link),
	   TESTED(t8_hostile_names_and_targets_make_no_link),
	   TESTED(what_stands_in_a_commands_place_is_replaced),
	   TESTED(a_removed_package_takes_only_its_own_commands_along),
	   TESTED(links_come_back_with_the_package_that_stays),
	   TESTED(a_clash_with_a_package_that_stays_ends_as_in_a_clean_install),
	   TESTED(a_workspaces_own_file_is_made_executable_and_repaired),
	   TESTED(no_bin_links_means_no_links_and_no_repairs))
