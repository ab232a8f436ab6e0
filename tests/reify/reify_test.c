/* SPDX-License-Identifier: MIT
 * node_modules becomes what the ideal tree says, or stays what it was. */
#include "reify_world.h"

#define WORLD(w)                         \
	ARENA_SCOPE(a);                  \
	struct world *w = world_open(a); \
	struct node *root = w->ideal->root

TEST(packages_are_written_where_the_tree_has_them)
{
	WORLD(w);
	struct node *outer = world_package(w, root, S("outer"), S("1.0.0"), NULL);

	world_package(w, outer, S("inner"), S("2.0.0"), NULL);
	world_package(w, root, S("@scope/x"), S("3.0.0"), NULL);
	CHECK_OK(world_apply(w));
	CHECK_STR(world_read(w, "node_modules/outer/index.js"), S("outer 1.0.0"));
	CHECK_STR(world_read(w, "node_modules/outer/node_modules/inner/index.js"),
		  S("inner 2.0.0"));
	CHECK_STR(world_read(w, "node_modules/@scope/x/index.js"), S("@scope/x 3.0.0"));
	CHECK(world_has(w, "node_modules/.package-lock.json"), "the hidden lockfile");
	CHECK(world_is_tidy(w), "no journal, no trash");
	CHECK_EQ(w->result.added, 3);
	world_close(w);
}

TEST(one_tarball_goes_to_all_its_places)
{
	WORLD(w);
	struct node *a1 = world_package(w, root, S("a"), S("1.0.0"), NULL),
		    *b = world_package(w, root, S("b"), S("1.0.0"), NULL);

	world_package(w, a1, S("shared"), S("1.0.0"), NULL);
	world_package(w, b, S("shared"), S("1.0.0"), NULL);
	CHECK_OK(world_apply(w));
	CHECK_STR(world_read(w, "node_modules/a/node_modules/shared/index.js"), S("shared 1.0.0"));
	CHECK_STR(world_read(w, "node_modules/b/node_modules/shared/index.js"), S("shared 1.0.0"));
	world_close(w);
}

TEST(a_changed_package_keeps_what_stays_inside_it)
{
	WORLD(w);
	struct node *outer = world_package(w, root, S("outer"), S("1.0.0"), NULL), *kept;

	kept = world_package(w, outer, S("kept"), S("1.0.0"), NULL);
	world_package(w, kept, S("deep"), S("1.0.0"), NULL);
	world_package(w, outer, S("gone"), S("1.0.0"), NULL);
	CHECK_OK(world_apply(w));
	CHECK_OK(fs_write_replace(w->dirfd, "node_modules/outer/node_modules/kept/mark", S("mine"),
				  0644));

	world_next(w);
	outer = world_package(w, w->ideal->root, S("outer"), S("2.0.0"), NULL);
	kept = world_node(w, outer, S("kept"), S("1.0.0"));
	world_package(w, kept, S("deep"), S("2.0.0"), NULL);
	CHECK_OK(world_apply(w));
	CHECK_STR(world_read(w, "node_modules/outer/index.js"), S("outer 2.0.0"));
	CHECK_STR(world_read(w, "node_modules/outer/node_modules/kept/mark"), S("mine"));
	CHECK_STR(world_read(w, "node_modules/outer/node_modules/kept/node_modules/deep/index.js"),
		  S("deep 2.0.0"));
	CHECK(!world_has(w, "node_modules/outer/node_modules/gone"), "gone");
	CHECK(world_is_tidy(w), "no journal, no trash");
	CHECK_EQ(w->result.changed, 2);
	CHECK_EQ(w->result.removed, 1);
	world_close(w);
}

TEST(f30_a_failure_puts_everything_back)
{
	WORLD(w);
	struct node *outer = world_package(w, root, S("outer"), S("1.0.0"),
					   (const char *const[]){ "package/cli.js", "x", NULL });
	str lock;

	world_bin(w, outer, S("tool"), S("cli.js"));
	world_package(w, outer, S("kept"), S("1.0.0"), NULL);
	world_package(w, root, S("gone"), S("1.0.0"), NULL);
	CHECK_OK(world_apply(w));
	lock = world_read(w, "node_modules/.package-lock.json");

	world_next(w);
	outer = world_package(w, w->ideal->root, S("outer"), S("2.0.0"), NULL);
	world_node(w, outer, S("kept"), S("1.0.0"));
	world_package(w, w->ideal->root, S("@new/x"), S("1.0.0"), NULL);
	world_node(w, w->ideal->root, S("absent"), S("1.0.0"));
	CHECK_FAILS(world_apply(w), E_NO_ENTRY);
	CHECK_STR(world_read(w, "node_modules/outer/index.js"), S("outer 1.0.0"));
	CHECK_STR(world_read(w, "node_modules/outer/node_modules/kept/index.js"), S("kept 1.0.0"));
	CHECK_STR(world_read(w, "node_modules/gone/index.js"), S("gone 1.0.0"));
	CHECK_STR(world_link(w, "node_modules/.bin/tool"), S("../outer/cli.js"));
	CHECK_STR(world_read(w, "node_modules/.package-lock.json"), lock);
	CHECK(!world_has(w, "node_modules/@new"), "a scope that was made for nothing");
	CHECK(world_is_tidy(w), "no journal, no trash");
	world_close(w);
}

TEST(f30_what_came_back_goes_back_even_when_its_package_was_never_begun)
{
	WORLD(w);
	struct node *outer = world_package(w, root, S("outer"), S("1.0.0"), NULL);

	world_package(w, outer, S("kept"), S("1.0.0"), NULL);
	CHECK_OK(world_apply(w));
	world_next(w);
	outer = world_node(w, w->ideal->root, S("outer"), S("2.0.0"));
	world_node(w, outer, S("kept"), S("1.0.0"));
	CHECK_FAILS(world_apply(w), E_NO_ENTRY);
	CHECK_STR(world_read(w, "node_modules/outer/index.js"), S("outer 1.0.0"));
	CHECK_STR(world_read(w, "node_modules/outer/node_modules/kept/index.js"), S("kept 1.0.0"));
	CHECK(world_is_tidy(w), "no journal, no trash");
	world_close(w);
}

TEST(f30_a_failed_first_install_leaves_no_node_modules)
{
	WORLD(w);

	world_package(w, root, S("a"), S("1.0.0"), NULL);
	world_node(w, root, S("absent"), S("1.0.0"));
	CHECK_FAILS(world_apply(w), E_NO_ENTRY);
	CHECK(!world_has(w, "node_modules"), "node_modules");
	world_close(w);
}

TEST(an_optional_package_that_fails_is_left_out)
{
	WORLD(w);
	struct node *n = world_node(w, root, S("absent"), S("1.0.0"));

	n->optional = true;
	world_package(w, root, S("a"), S("1.0.0"), NULL);
	CHECK_OK(world_apply(w));
	CHECK(n->inert, "inert");
	CHECK(!world_has(w, "node_modules/absent"), "absent");
	CHECK_STR(world_read(w, "node_modules/a/index.js"), S("a 1.0.0"));
	CHECK_EQ(w->result.added, 1);
	world_close(w);
}

TEST(t35_bytes_that_do_not_match_are_never_unpacked)
{
	WORLD(w);
	struct node *n = world_package(w, root, S("a"), S("1.0.0"), NULL);

	n->integrity = S("sha512-"
			 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
			 "AAAAAAAAAAAAA==");
	CHECK_FAILS(world_apply(w), E_INTEGRITY);
	n->integrity = S("sha512-");
	CHECK_FAILS(world_apply(w), E_INTEGRITY);
	CHECK(!world_has(w, "node_modules"), "node_modules");
	world_close(w);
}

TEST(t11_an_archive_without_a_manifest_is_no_package)
{
	WORLD(w);
	struct str_buf t = str_buf(a, 1 << 16);

	tar_add_file(&t, "package/index.js", S("x"));
	tar_end(&t);
	CHECK_OK(fs_write_replace(w->dirfd, "tarballs/a-1.0.0.tar", buf_view(&t), 0644));
	world_node(w, root, S("a"), S("1.0.0"));
	CHECK_FAILS(world_apply(w), E_BAD_ARCHIVE);
	world_close(w);
}

/* ---- killed runs ---- */

TEST(f1_what_a_journal_names_is_written_again)
{
	WORLD(w);
	struct node *n;

	world_package(w, root, S("half"), S("1.0.0"), NULL);
	world_package(w, root, S("whole"), S("1.0.0"), NULL);
	CHECK_OK(world_apply(w));
	CHECK_OK(fs_write_replace(w->dirfd, "node_modules/.cpm-journal",
				  S("cpm-journal 1\nnode_modules/half\nend\n"), 0644));
	CHECK_OK(fs_unlink(w->dirfd, "node_modules/half/index.js"));
	CHECK_OK(fs_write_replace(w->dirfd, "node_modules/half/leftover", S(""), 0644));
	CHECK_OK(fs_write_replace(w->dirfd, "node_modules/whole/mark", S("mine"), 0644));
	CHECK_OK(fs_mkdirs(w->dirfd, "node_modules/.cpm-trash-0123/7"));

	world_next(w);
	n = world_node(w, w->ideal->root, S("half"), S("1.0.0"));
	world_node(w, w->ideal->root, S("whole"), S("1.0.0"));
	CHECK_OK(reify_recover(a, w->dirfd, w->actual));
	CHECK_OK(world_apply(w));
	CHECK_STR(world_read(w, "node_modules/half/index.js"), S("half 1.0.0"));
	CHECK(!world_has(w, "node_modules/half/leftover"), "leftover");
	CHECK_STR(world_read(w, "node_modules/whole/mark"), S("mine"));
	CHECK(world_is_tidy(w), "no journal, no trash");
	(void)n;
	world_close(w);
}

TEST(f1_a_journal_that_was_cut_short_damns_everything)
{
	WORLD(w);

	world_package(w, root, S("a"), S("1.0.0"), NULL);
	CHECK_OK(world_apply(w));
	CHECK_OK(fs_write_replace(w->dirfd, "node_modules/.cpm-journal",
				  S("cpm-journal 1\nnode_mo"), 0644));
	CHECK_OK(fs_unlink(w->dirfd, "node_modules/a/index.js"));
	world_next(w);
	world_node(w, w->ideal->root, S("a"), S("1.0.0"));
	CHECK_OK(reify_recover(a, w->dirfd, w->actual));
	CHECK_OK(world_apply(w));
	CHECK_STR(world_read(w, "node_modules/a/index.js"), S("a 1.0.0"));
	world_close(w);
}

TEST(leftovers_in_the_way_are_cleared_but_not_what_is_installed_inside)
{
	WORLD(w);
	struct node *outer = world_package(w, root, S("outer"), S("1.0.0"), NULL);

	world_package(w, outer, S("inner"), S("1.0.0"), NULL);
	world_package(w, root, S("file"), S("1.0.0"), NULL);
	world_package(w, root, S("link"), S("1.0.0"), NULL);
	CHECK_OK(fs_mkdirs(w->dirfd, "node_modules/outer/lib"));
	CHECK_OK(fs_write_replace(w->dirfd, "node_modules/outer/lib/junk", S(""), 0644));
	CHECK_OK(fs_write_replace(w->dirfd, "node_modules/file", S(""), 0644));
	CHECK_OK(fs_symlink("../tarballs", w->dirfd, "node_modules/link"));
	CHECK_OK(world_apply(w));
	CHECK(!world_has(w, "node_modules/outer/lib"), "junk");
	CHECK_STR(world_read(w, "node_modules/outer/node_modules/inner/index.js"),
		  S("inner 1.0.0"));
	CHECK_STR(world_read(w, "node_modules/file/index.js"), S("file 1.0.0"));
	CHECK_STR(world_read(w, "node_modules/link/index.js"), S("link 1.0.0"));
	CHECK(!world_has(w, "tarballs/index.js"), "through the link");
	world_close(w);
}

TEST(ci_replaces_everything_but_the_folder_itself)
{
	WORLD(w);
	struct stat before, after;

	world_package(w, root, S("a"), S("1.0.0"), NULL);
	CHECK_OK(fs_mkdirs(w->dirfd, "node_modules/stranger/deep"));
	CHECK_OK(fs_mkdirs(w->dirfd, "node_modules/.cache"));
	CHECK(fs_lstat(w->dirfd, "node_modules", &before), "before");
	w->opts.replace_all = true;
	CHECK_OK(world_apply(w));
	CHECK(fs_lstat(w->dirfd, "node_modules", &after), "after");
	CHECK_EQ(before.st_ino, after.st_ino);
	CHECK(!world_has(w, "node_modules/stranger") && !world_has(w, "node_modules/.cache"),
	      "what was there");
	CHECK_STR(world_read(w, "node_modules/a/index.js"), S("a 1.0.0"));

	world_node(w, root, S("absent"), S("1.0.0"));
	CHECK_FAILS(world_apply(w), E_NO_ENTRY);
	CHECK_STR(world_read(w, "node_modules/a/index.js"), S("a 1.0.0"));
	world_close(w);
}

TEST(t37_a_linked_node_modules_is_replaced_and_a_file_is_not)
{
	WORLD(w);

	world_package(w, root, S("a"), S("1.0.0"), NULL);
	CHECK_OK(fs_mkdir(w->dirfd, "elsewhere"));
	CHECK_OK(fs_symlink("elsewhere", w->dirfd, "node_modules"));
	CHECK_OK(world_apply(w));
	CHECK(fs_is_dir(w->dirfd, "node_modules"), "a real folder");
	CHECK(!world_has(w, "elsewhere/a"), "through the link");

	CHECK_OK(fs_remove_tree(w->dirfd, "node_modules"));
	CHECK_OK(fs_symlink("elsewhere", w->dirfd, "node_modules"));
	world_node(w, root, S("absent"), S("1.0.0"));
	CHECK_FAILS(world_apply(w), E_NO_ENTRY);
	CHECK_STR(world_link(w, "node_modules"), S("elsewhere"));

	CHECK_OK(fs_unlink(w->dirfd, "node_modules"));
	CHECK_OK(fs_write_replace(w->dirfd, "node_modules", S("text"), 0644));
	CHECK_FAILS(world_apply(w), E_NOT_DIRECTORY);
	CHECK_STR(world_read(w, "node_modules"), S("text"));
	world_close(w);
}

/* ---- links and scripts ---- */

TEST(a_workspace_is_a_relative_link)
{
	WORLD(w);
	struct node *link, *scoped;

	CHECK_OK(fs_mkdirs(w->dirfd, "packages/w1"));
	link = node_new_link(a, S("w1"), str_printf(a, "%s/packages/w1", w->path));
	scoped = node_new_link(a, S("@s/w2"), str_printf(a, "%s/packages/w1", w->path));
	node_set_parent(link, root);
	node_set_parent(scoped, root);
	CHECK_OK(world_apply(w));
	CHECK_STR(world_link(w, "node_modules/w1"), S("../packages/w1"));
	CHECK_STR(world_link(w, "node_modules/@s/w2"), S("../../packages/w1"));
	world_close(w);
}

TEST(scripts_that_did_not_run_are_listed)
{
	static const char *const scripted[] = {
		"package/package.json",
		"{\"name\":\"s\",\"version\":\"1.0.0\",\"scripts\":{\"preinstall\":\"a\","
		"\"postinstall\":\"b\",\"test\":\"c\"}}",
		NULL
	};
	static const char *const gyp[] = { "package/binding.gyp", "{}", NULL };
	static const char *const gyp_off[] = { "package/binding.gyp", "{}", "package/package.json",
					       "{\"gypfile\":false}", NULL };
	WORLD(w);
	struct node *built;

	world_package(w, root, S("s"), S("1.0.0"), scripted);
	built = world_package(w, root, S("g"), S("1.0.0"), gyp);
	world_package(w, root, S("h"), S("1.0.0"), gyp_off);
	CHECK_OK(world_apply(w));
	CHECK_EQ(w->result.blocked.len, 2);
	CHECK_STR(w->result.blocked.items[0].node->name, S("s"));
	CHECK_STR(w->result.blocked.items[0].scripts.preinstall, S("a"));
	CHECK_STR(w->result.blocked.items[0].scripts.install, STR_NULL);
	CHECK_STR(w->result.blocked.items[0].scripts.postinstall, S("b"));
	CHECK_STR(w->result.blocked.items[1].scripts.install, S("node-gyp rebuild"));
	CHECK(built->has_install_script, "noted for the lockfile");
	world_close(w);
}

UNIT_TESTS(TESTED(packages_are_written_where_the_tree_has_them),
	   TESTED(one_tarball_goes_to_all_its_places),
	   TESTED(a_changed_package_keeps_what_stays_inside_it),
	   TESTED(f30_a_failure_puts_everything_back),
	   TESTED(f30_what_came_back_goes_back_even_when_its_package_was_never_begun),
	   TESTED(f30_a_failed_first_install_leaves_no_node_modules),
	   TESTED(an_optional_package_that_fails_is_left_out),
	   TESTED(t35_bytes_that_do_not_match_are_never_unpacked),
	   TESTED(t11_an_archive_without_a_manifest_is_no_package),
	   TESTED(f1_what_a_journal_names_is_written_again),
	   TESTED(f1_a_journal_that_was_cut_short_damns_everything),
	   TESTED(leftovers_in_the_way_are_cleared_but_not_what_is_installed_inside),
	   TESTED(ci_replaces_everything_but_the_folder_itself),
	   TESTED(t37_a_linked_node_modules_is_replaced_and_a_file_is_not),
	   TESTED(a_workspace_is_a_relative_link), TESTED(scripts_that_did_not_run_are_listed))
