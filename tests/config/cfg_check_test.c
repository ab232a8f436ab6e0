/* SPDX-License-Identifier: MIT */
#include "world.h"

TEST(unknown_keys_of_a_file_warn_or_fail_as_asked)
{
	struct world w;

	world_open(&w);
	world_write(&w, "project/.npmrc",
		    "foo=1\n//h/:always-auth=true\n//h/:_authToken=x\n@s:registry=http://h/\n");
	CHECK_OK(world_load(&w));
	CHECK_OK(cfg_check_unknown(w.cfg));
	CHECK(str_find(buf_view(&w.log),
		       S("Unknown project config \"foo\". This will stop working")) != STR_NPOS,
	      "plain");
	CHECK(str_find(buf_view(&w.log),
		       S("Unknown project config \"always-auth\" (//h/:always-auth).")) != STR_NPOS,
	      "scoped");
	CHECK(str_find(buf_view(&w.log), S("_authToken")) == STR_NPOS, "credentials are known");
	world_close(&w);

	world_open(&w);
	world_type(&w, "i --strict-npmrc");
	world_write(&w, "project/.npmrc", "foo=1\n");
	CHECK_OK(world_load(&w));
	CHECK_FAILS(cfg_check_unknown(w.cfg), E_UNKNOWN_CONFIG);
	world_close(&w);
}

TEST(credentials_must_say_which_registry_they_are_for)
{
	const struct {
		const char *user;
		str problem;
	} rows[] = {
		{ "_authToken=x",
		  S("`_authToken` must be renamed to `//h/r/:_authToken` in user config") },
		{ "_auth=x", S("`_auth` must be renamed to `//h/r/:_auth` in user config") },
		{ "email=a@b", S("`email` must be renamed to `//h/r/:email` in user config") },
		{ "username=me", S("`username` is not allowed in user config") },
		{ "username=me\n_password=x", S("`username` must be renamed to `//h/r/:username` "
						"in user config, `_password` must be renamed to "
						"`//h/r/:_password` in user config") },
		{ "_authtoken=x", S("`_authtoken` is not allowed in user config") },
		{ "keyfile=/k", S("`keyfile` is not allowed in user config") },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		world_open(&w);
		world_type(&w, "i --registry=http://h/r/");
		world_write(&w, "home/.npmrc", rows[i].user);
		CHECK_OK(world_load(&w));
		struct err *e = cfg_check_auth(w.cfg);
		CHECK(e && e->code == E_INVALID_AUTH, "%s", rows[i].user);
		str want = str_printf(
			&w.arena,
			"Invalid auth configuration found: " STR_FMT
			"\nPlease run `npm config fix` to repair your configuration.`",
			STR_ARG(rows[i].problem));
		CHECK_STR(e->message, want, "%s", rows[i].user);
		err_free(e);
		world_close(&w);
	}
}

TEST(secrets_are_marked)
{
	struct world w;
	struct cfg_entry e;

	world_open(&w);
	world_write(&w, "home/.npmrc",
		    "//h/:_authToken=x\n//h/:username=u\n//h/:certfile=/c\n@s:registry=http://"
		    "u:pw@h/\ntag=next\n");
	CHECK_OK(world_load(&w));
	for (const char *const *k = (const char *const[]){ "//h/:_authToken", "//h/:username",
							   "//h/:certfile", "@s:registry", NULL };
	     *k; k++)
		CHECK(cfg_entry_of(&w.arena, w.cfg, str_view(*k), &e) && e.is_secret, "%s", *k);
	CHECK(cfg_entry_of(&w.arena, w.cfg, S("tag"), &e) && !e.is_secret, "tag");
	world_close(&w);
}

TEST(only_known_keys_can_be_set)
{
	CHECK_OK(cfg_check_settable(S("tag")));
	CHECK_OK(cfg_check_settable(S("@s:registry")));
	CHECK_OK(cfg_check_settable(S("//h/:_authToken")));
	CHECK_FAILS(cfg_check_settable(S("foo")), E_GENERIC);
	CHECK_FAILS(cfg_check_settable(S("production")), E_GENERIC);
}

UNIT_TESTS(TESTED(unknown_keys_of_a_file_warn_or_fail_as_asked),
	   TESTED(credentials_must_say_which_registry_they_are_for), TESTED(secrets_are_marked),
	   TESTED(only_known_keys_can_be_set))
