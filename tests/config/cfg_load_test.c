/* SPDX-License-Identifier: MIT */
#include "world.h"

TEST(layers_win_in_npms_order)
{
	const struct {
		const char *line, *variable, *project, *user, *global;
		str want;
		enum cfg_layer from;
	} rows[] = {
		{ "i --tag=a", "npm_config_tag=b", "tag=c", "tag=d", "tag=e", S("a"),
		  CFG_LAYER_CLI },
		{ "i", "npm_config_tag=b", "tag=c", "tag=d", "tag=e", S("b"), CFG_LAYER_ENV },
		{ "i", "NPM_CONFIG_TAG=b", "tag=c", "tag=d", "tag=e", S("b"), CFG_LAYER_ENV },
		{ "i", "npm_config_tag=", "tag=c", "tag=d", "tag=e", S("c"), CFG_LAYER_PROJECT },
		{ "i", "X=1", "", "tag=d", "tag=e", S("d"), CFG_LAYER_USER },
		{ "i", "X=1", "", "", "tag=e", S("e"), CFG_LAYER_GLOBAL },
		{ "i", "X=1", "", "", "", S("latest"), CFG_LAYER_DEFAULT },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		world_open(&w);
		world_type(&w, rows[i].line);
		world_write(&w, "project/.npmrc", rows[i].project);
		world_write(&w, "home/.npmrc", rows[i].user);
		world_write(&w, "global", rows[i].global);
		world_add(w.environ_, rows[i].variable);
		world_add(w.environ_,
			  str_cstr(&w.arena, str_printf(&w.arena, "npm_config_globalconfig=%s",
							world_path(&w, "global"))));
		CHECK_OK(world_load(&w));
		CHECK_STR(cfg_text(w.cfg, CFG_TAG), rows[i].want, "row %zu", i);
		CHECK_EQ(cfg_source(w.cfg, CFG_TAG), rows[i].from, "row %zu", i);
		world_close(&w);
	}
}

TEST(lists_replace_each_other_and_do_not_add_up)
{
	struct world w;

	world_open(&w);
	world_type(&w, "i --omit=dev");
	world_write(&w, "home/.npmrc", "omit[]=optional\nomit[]=peer\n");
	CHECK_OK(world_load(&w));
	CHECK_STR(world_get(&w, "omit"), S("dev"), "omit");
	world_close(&w);
}

TEST(values_are_typed_by_their_row)
{
	const struct {
		const char *line, *key;
		str json;
	} rows[] = {
		{ "fund=banana", "fund", S("true") },
		{ "fund=0", "fund", S("false") },
		{ "fund", "fund", S("true") },
		{ "json=null", "json", S("false") },
		{ "workspaces=null", "workspaces", S("null") },
		{ "fetch-retries=3", "fetch-retries", S("3") },
		{ "fetch-retries=abc", "fetch-retries", S("2") },
		{ "umask=0o22", "umask", S("18") },
		{ "omit=dev", "omit", S("[\"dev\"]") },
		{ "access=nobody", "access", S("null") },
		{ "registry=nonsense", "registry", S("\"http://default/\"") },
		{ "proxy=false", "proxy", S("false") },
		{ "https-proxy=http://p:1", "https-proxy", S("\"http://p:1/\"") },
		{ "save-prefix=true", "save-prefix", S("\"true\"") },
		{ "cpu=null", "cpu", S("null") },
		{ "lockfile-version=2", "lockfile-version", S("\"2\"") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		struct cfg_entry e;
		world_open(&w);
		world_write(&w, "home/.npmrc", rows[i].line);
		CHECK_OK(world_load(&w));
		CHECK(cfg_entry_of(&w.arena, w.cfg, str_view(rows[i].key), &e), "%s", rows[i].line);
		if (strcmp(rows[i].key, "registry") != 0)
			CHECK_STR(e.json, rows[i].json, "%s", rows[i].line);
		else
			CHECK(str_starts(e.json, S("\"http")), "%s", rows[i].line);
		world_close(&w);
	}
}

TEST(paths_are_absolute_and_know_the_home)
{
	struct world w;

	world_open(&w);
	world_write(&w, "home/.npmrc", "cache=~/c\nlogs-dir=rel/logs\n");
	CHECK_OK(world_load(&w));
	CHECK_STR(cfg_text(w.cfg, CFG_CACHE), str_view(world_path(&w, "home/c")), "cache");
	CHECK_STR(cfg_text(w.cfg, CFG_LOGS_DIR), str_view(world_path(&w, "project/rel/logs")),
		  "logs");
	world_close(&w);
}

TEST(the_prefix_is_the_nearest_project)
{
	struct world w;

	world_open(&w);
	world_write(&w, "project/src/deep/x", "");
	CHECK_OK(world_load_in(&w, "project/src/deep"));
	CHECK_STR(cfg_local_prefix(w.cfg), str_view(world_path(&w, "project")), "from below");
	world_close(&w);

	world_open(&w);
	world_write(&w, "project/packages/a/node_modules/x", "");
	CHECK_OK(world_load_in(&w, "project/packages/a"));
	CHECK_STR(cfg_local_prefix(w.cfg), str_view(world_path(&w, "project/packages/a")),
		  "node_modules counts");
	world_close(&w);
}

TEST(a_workspace_belongs_to_its_root)
{
	const struct {
		const char *workspaces, *line;
		bool is_member;
	} rows[] = {
		{ "[\"packages/*\"]", "i", true },
		{ "{\"packages\":[\"packages/*\"]}", "i", true },
		{ "[\"./packages/a\"]", "i", true },
		{ "[\"other/*\"]", "i", false },
		{ "[\"packages/*\",\"!packages/a\"]", "i", false },
		{ "[\"packages/*\"]", "i --no-workspaces", false },
		{ "[\"packages/*\"]", "i -g", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		world_open(&w);
		world_type(&w, rows[i].line);
		world_write(&w, "project/package.json",
			    str_cstr(&w.arena, str_printf(&w.arena, "{\"workspaces\":%s}",
							  rows[i].workspaces)));
		world_write(&w, "project/packages/a/package.json", "{}");
		CHECK_OK(world_load_in(&w, "project/packages/a"));
		CHECK_STR(cfg_local_prefix(w.cfg),
			  str_view(world_path(&w, rows[i].is_member ? "project"
								    : "project/packages/a")),
			  "row %zu", i);
		CHECK_EQ(cfg_implicit_workspace(w.cfg).len > 0, rows[i].is_member, "row %zu", i);
		world_close(&w);
	}
}

TEST(what_to_omit_is_the_sum_of_old_and_new_keys)
{
	const struct {
		const char *line, *variable;
		bool dev, optional, peer;
	} rows[] = {
		{ "i", "X=", false, false, false },
		{ "i --omit=dev --omit=peer", "X=", true, false, true },
		{ "i --omit=dev --include=dev", "X=", false, false, false },
		{ "i --production", "X=", true, false, false },
		{ "i --only=prod", "X=", true, false, false },
		{ "i --no-optional", "X=", false, true, false },
		{ "i", "NODE_ENV=production", true, false, false },
		{ "i --include=dev", "NODE_ENV=production", false, false, false },
		{ "i --no-production", "NODE_ENV=production", false, false, false },
		{ "i --also=dev --omit=dev", "X=", false, false, false },
		{ "i --dev", "NODE_ENV=production", false, false, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		world_open(&w);
		world_type(&w, rows[i].line);
		world_add(w.environ_, rows[i].variable);
		CHECK_OK(world_load(&w));
		struct cfg_omit o = cfg_omit(w.cfg);
		CHECK(o.dev == rows[i].dev && o.optional == rows[i].optional &&
			      o.peer == rows[i].peer,
		      "row %zu", i);
		world_close(&w);
	}
}

TEST(a_scope_has_its_own_registry)
{
	struct world w;

	world_open(&w);
	world_write(&w, "project/.npmrc",
		    "registry=http://main:1/r\n@s:registry=http://scoped:2\n");
	CHECK_OK(world_load(&w));
	CHECK_STR(cfg_registry_for(w.cfg, S("x")), S("http://main:1/r/"), "plain");
	CHECK_STR(cfg_registry_for(w.cfg, S("@s/x")), S("http://scoped:2/"), "scoped");
	CHECK_STR(cfg_registry_for(w.cfg, S("@t/x")), S("http://main:1/r/"), "another scope");
	world_close(&w);
}

TEST(a_date_limit_comes_from_either_key)
{
	struct world w;

	world_open(&w);
	world_type(&w, "i --before=2024-05-01");
	world_write(&w, "home/.npmrc", "min-release-age=3");
	CHECK_OK(world_load(&w));
	CHECK_STR(cfg_before(&w.arena, w.cfg), S("2024-05-01T00:00:00.000Z"),
		  "the higher layer wins");
	world_close(&w);

	world_open(&w);
	world_write(&w, "home/.npmrc", "min-release-age=3");
	CHECK_OK(world_load(&w));
	CHECK_EQ(cfg_before(&w.arena, w.cfg).len, 24, "an ISO date");
	world_close(&w);
}

TEST(requests_say_where_they_come_from)
{
	struct world w;

	world_open(&w);
	world_add(w.environ_, "GITHUB_ACTIONS=true");
	world_add(w.environ_, "GITHUB_SERVER_URL=https://github.com");
	world_add(w.environ_, "RUNNER_ENVIRONMENT=github-hosted");
	world_type(&w, "i --workspace=a");
	CHECK_OK(world_load(&w));
	cfg_expand_user_agent(w.cfg, S("24.0.0"));
	str got = cfg_text(w.cfg, CFG_USER_AGENT);
	CHECK(str_starts(got, S("npm/12.2.0 node/v24.0.0 linux ")), STR_FMT, STR_ARG(got));
	CHECK(str_ends(got, S(" workspaces/true ci/github-actions/dotcom-hosted")), STR_FMT,
	      STR_ARG(got));
	world_close(&w);
}

TEST(surroundings_may_be_bare)
{
	struct world w;

	world_open(&w);
	w.environ_[0] = NULL;
	CHECK_OK(world_load(&w));
	CHECK(cfg_text(w.cfg, CFG_CACHE).len > 0, "a cache even without a home");
	world_close(&w);
}

UNIT_TESTS(TESTED(layers_win_in_npms_order), TESTED(lists_replace_each_other_and_do_not_add_up),
	   TESTED(values_are_typed_by_their_row), TESTED(paths_are_absolute_and_know_the_home),
	   TESTED(the_prefix_is_the_nearest_project), TESTED(a_workspace_belongs_to_its_root),
	   TESTED(what_to_omit_is_the_sum_of_old_and_new_keys),
	   TESTED(a_scope_has_its_own_registry), TESTED(a_date_limit_comes_from_either_key),
	   TESTED(requests_say_where_they_come_from), TESTED(surroundings_may_be_bare))
