/* SPDX-License-Identifier: MIT
 * Patterns and the members they mean, npm-tree.md 7.1. The answers were taken from @npmcli/map-workspaces on the same
 * folders. */
#include "cpm/tree/map_workspaces.h"

#include "check.h"
#include "temp_dir.h"

static void make_project(const struct temp_dir *dir)
{
	static const char *const folders[] = { "packages/a", "packages/b", "packages/c", "packages/c/sub", "packages/.hid",
					       "packages/node_modules/x", "apps/web", "deep/x/y/z", "deep/x", "other" };
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		str name = str_replace_all(a, str_view(folders[i]), S("/"), S("-"));

		temp_file(dir, str_printf(a, "%s/package.json", folders[i]).p, str_printf(a, "{\"name\":\"n-" STR_FMT "\"}", STR_ARG(name)));
	}
	temp_file(dir, "apps/@s/y/package.json", S("{}"));
	temp_file(dir, "real/package.json", S("{\"name\":\"lnk\"}"));
	temp_file(dir, "packages/nopkg/readme", S(""));
	temp_file(dir, "package.json", S("{\"name\":\"root\"}"));
	CHECK_OK(fs_symlink("../real", dir->fd, "packages/lnk"));
}

static struct err *map(struct arena *a, const struct temp_dir *dir, const char *workspaces, struct tree **out)
{
	struct manifest *m;
	struct json *json;

	*out = tree_new(a, dir->path);
	CHECK_OK(json_parse(a, str_printf(a, "{\"workspaces\":%s}", workspaces), &json));
	CHECK_OK(manifest_from_json(a, json, true, &m));
	return map_workspaces(a, dir->path, m, *out);
}

/* "name=path name=path" */
static str show(struct arena *a, const struct temp_dir *dir, const struct tree *t)
{
	struct str_buf out = str_buf(a, 10000);

	VEC_EACH(struct workspace, w, &t->workspaces)
		buf_printf(&out, "%s" STR_FMT "=" STR_FMT, out.len ? " " : "", STR_ARG(w->name), STR_ARG(str_from(w->path, dir->path.len)));
	return buf_view(&out);
}

#define A "n-packages-a=/packages/a"
#define B "n-packages-b=/packages/b"
#define C "n-packages-c=/packages/c"
#define L "lnk=/packages/lnk"
#define SUB "n-packages-c-sub=/packages/c/sub"

TEST(patterns_mean_the_folders_npm_means_in_its_order)
{
	const struct {
		const char *workspaces, *want;
	} rows[] = {
		{ "[\"packages/*\"]", A " " B " " C " " L },
		{ "{\"packages\":[\"packages/*\"]}", A " " B " " C " " L },
		{ "[\"packages/*\",\"!packages/b\"]", A " " C " " L },
		{ "[\"!packages/b\",\"packages/*\"]", A " " C " " L },
		{ "[\"packages/**\",\"!packages/b/**\",\"packages/b\"]", A " " C " " SUB " " L },
		{ "[\"packages/*\",\"!packages/b\",\"packages/b\"]", A " " B " " C " " L },
		{ "[\"packages/**\"]", A " " B " " C " " SUB " " L },
		{ "[\"./packages/a\",\"/packages/b\"]", A " " B },
		{ "[\"packages/{b,a}\"]", A " " B },
		{ "[\"packages/?\"]", A " " B " " C },
		{ "[\"packages/[ab]\"]", A " " B },
		{ "[\"apps/*\",\"packages/a\"]", "n-apps-web=/apps/web " A },
		{ "[\"apps/*/*\"]", "@s/y=/apps/@s/y" },
		{ "[\"packages/*/sub\",\"packages/*\"]", A " " B " " C " " SUB " " L },
		{ "[\"deep/**/z\"]", "n-deep-x-y-z=/deep/x/y/z" },
		{ "[\"!!packages/a\"]", A },
		{ "[\"packages/*\",\"!**/a\"]", B " " C " " L },
		{ "[\"other\",\"packages/c/sub\"]", "n-other=/other " SUB },
		{ "[\"packages/.hid\"]", "n-packages-.hid=/packages/.hid" },
		{ "[\"packages/.*\"]", "n-packages-.hid=/packages/.hid" },
		{ "[\"packages/a/\"]", A },
		{ "[\"packages/a\",\"packages/a\"]", A },
		{ "[\"packages\\\\a\"]", A },
		{ "[\"packages/c/**\"]", C " " SUB },
		{ "[\"*/a\"]", A },
		{ "[\"packages/*\",\"!packages/{a,b}\"]", C " " L },
		{ "[\"{apps/web,other}\"]", "n-apps-web=/apps/web n-other=/other" },
		{ "[\"nothing/*\",\"no\"]", "" },
		{ "[\"package.json\"]", "" },
		{ "[]", "" },
	};
	ARENA_SCOPE(a);
	TEMP_DIR(dir);

	make_project(&dir);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tree *t;

		CHECK_OK(map(a, &dir, rows[i].workspaces, &t));
		CHECK_STR(show(a, &dir, t), str_view(rows[i].want), "%s", rows[i].workspaces);
	}
}

TEST(everything_is_a_pattern_too_but_never_node_modules)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct tree *t;

	make_project(&dir);
	CHECK_OK(map(a, &dir, "[\"**\"]", &t));
	CHECK_EQ(t->workspaces.len, 10, "");
	CHECK_STR(t->workspaces.items[0].name, S("@s/y"), "sorted as people sort");
	CHECK(!tree_has_workspace(t, S("n-packages-node_modules-x")), "");
	CHECK(!tree_has_workspace(t, S("root")), "");
}

TEST(a_field_of_another_shape_is_an_error)
{
	static const char *const bad[] = { "{}", "\"packages/*\"", "null", "false", "{\"packages\":\"x\"}", "[1]" };
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct tree *t;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK_FAILS(map(a, &dir, bad[i], &t), E_WORKSPACES_CONFIG);
}

TEST(two_members_of_one_name_are_named_with_their_folders)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct tree *t;
	struct err *e;

	temp_file(&dir, "a/package.json", S("{\"name\":\"same\"}"));
	temp_file(&dir, "b/package.json", S("{\"name\":\"same\"}"));
	e = map(a, &dir, "[\"*\"]", &t);
	CHECK(err_is(e, E_DUPLICATE_WORKSPACE), "");
	CHECK_STR(e->message,
		  str_printf(a,
			     "must not have multiple workspaces with the same name\n"
			     "package 'same' has conflicts in the following paths:\n"
			     "    " STR_FMT "/a\n    " STR_FMT "/b",
			     STR_ARG(dir.path), STR_ARG(dir.path)),
		  "");
	err_free(e);
}

TEST(a_member_that_cannot_be_parsed_stops_everything)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct tree *t;

	temp_file(&dir, "a/package.json", S("{"));
	CHECK_FAILS(map(a, &dir, "[\"*\"]", &t), E_JSON_PARSE);
}

UNIT_TESTS(TESTED(patterns_mean_the_folders_npm_means_in_its_order), TESTED(everything_is_a_pattern_too_but_never_node_modules),
	   TESTED(a_field_of_another_shape_is_an_error), TESTED(two_members_of_one_name_are_named_with_their_folders),
	   TESTED(a_member_that_cannot_be_parsed_stops_everything))
