/* SPDX-License-Identifier: MIT
 * A recipe comes back as it was kept, or not at all. */
#include "recipe_file.h"

#include "check.h"
#include "temp_dir.h"

static const struct fingerprint key = { 1, 2 };

static struct recipe recipe_of(struct arena *a)
{
	struct recipe r = { .hidden_lockfile = S("{ }\n"), .report = S("2 {}") };

	VEC_PUSH(a, &r.entries, S("a@1.0.0-x"));
	VEC_PUSH(a, &r.entries, S("@s/b@1.0.0-y"));
	VEC_PUSH(a, &r.links,
		 (struct recipe_link){ S("node_modules/a"), S(".store/a@1.0.0-x/node_modules/a") });
	return r;
}

TEST(a_recipe_comes_back_as_it_was_kept)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	struct recipe kept = recipe_of(a), got;

	CHECK(!recipe_read(a, dir.fd, key, &got));
	recipe_write(dir.fd, key, &kept);
	CHECK(recipe_read(a, dir.fd, key, &got));
	CHECK_EQ(got.entries.len, 2);
	CHECK_STR(got.entries.items[1], S("@s/b@1.0.0-y"));
	CHECK_EQ(got.links.len, 1);
	CHECK_STR(got.links.items[0].path, S("node_modules/a"));
	CHECK_STR(got.links.items[0].target, S(".store/a@1.0.0-x/node_modules/a"));
	CHECK_STR(got.hidden_lockfile, kept.hidden_lockfile);
	CHECK_STR(got.report, kept.report);
	CHECK(!recipe_read(a, dir.fd, (struct fingerprint){ 2, 1 }, &got));
}

TEST(a_damaged_recipe_is_none)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	struct recipe kept = recipe_of(a), got;
	const char *name = ".recipes/00000000000000010000000000000002";
	str whole;

	recipe_write(dir.fd, key, &kept);
	CHECK_OK(fs_read_all(a, dir.fd, name, 1 << 20, &whole));
	for (size_t len = 0; len < whole.len; len++) {
		CHECK_OK(fs_write_replace(dir.fd, name, str_slice(whole, 0, len), 0600));
		CHECK(!recipe_read(a, dir.fd, key, &got), "cut at %zu", len);
	}
	for (size_t at = 0; at < whole.len; at++) {
		char *bytes = str_cstr(a, whole);

		bytes[at] ^= 1;
		CHECK_OK(fs_write_replace(dir.fd, name, str_of(bytes, whole.len), 0600));
		CHECK(!recipe_read(a, dir.fd, key, &got), "changed at %zu", at);
	}
}

TEST(only_the_newest_recipes_are_kept)
{
	TEMP_DIR(dir);
	ARENA_SCOPE(a);
	struct recipe kept = recipe_of(a), got;
	size_t count = 0;

	for (uint64_t i = 0; i < 40; i++)
		recipe_write(dir.fd, (struct fingerprint){ i, i }, &kept);
	for (uint64_t i = 0; i < 40; i++)
		count += recipe_read(a, dir.fd, (struct fingerprint){ i, i }, &got);
	CHECK_EQ(count, 16);
}

UNIT_TESTS(TESTED(a_recipe_comes_back_as_it_was_kept), TESTED(a_damaged_recipe_is_none),
	   TESTED(only_the_newest_recipes_are_kept))
