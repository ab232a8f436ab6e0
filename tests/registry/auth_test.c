/* SPDX-License-Identifier: MIT */
#include "cpm/registry/auth.h"

#include "check.h"
#include "test_cfg.h"

/* One setting beside "registry", as an environment would give it. */
static struct cfg *cfg_with(struct arena *a, const char *registry, const char *key_value)
{
	const char *const argv[] = { "install", "--registry", registry, NULL };
	const char *const env[] = {
		str_cstr(a, str_concat(a, S("npm_config_"), str_view(key_value))), NULL
	};

	return test_cfg(a, argv, env);
}

TEST(t32_a_key_matches_whole_segments_of_its_own_origin)
{
	const struct {
		const char *key, *url;
		bool matches;
	} rows[] = {
		{ "//h/:_authToken=t", "https://h/a", true },
		{ "//h:_authToken=t", "https://h/a", true },
		{ "//h/team/:_authToken=t", "https://h/team/a", true },
		{ "//h/team:_authToken=t", "https://h/team/a/-/a-1.0.0.tgz", true },
		{ "//h/team/:_authToken=t", "https://h/team", false },
		{ "//h/team/:_authToken=t", "https://h/team-evil/a", false },
		{ "//h/team:_authToken=t", "https://h/team-evil/a", false },
		{ "//h/team/:_authToken=t", "https://h/other/../team/a", true },
		{ "//h/team/:_authToken=t", "https://h/team/%2e%2e/other/a", false },
		{ "//h/:_authToken=t", "https://h:443/a", true },
		{ "//h:8080/:_authToken=t", "https://h:8080/a", true },
		{ "//h:8080/:_authToken=t", "https://h/a", false },
		{ "//h/:_authToken=t", "https://h:8080/a", false },
		{ "//h/:_authToken=t", "https://H/a", true },
		{ "//h/:_authToken=t", "https://h.evil/a", false },
		{ "//h/:_authToken=t", "https://evil/h/", false },
		{ "//h/:_authToken=t", "https://h@evil/", false },
		{ "//h/:_authToken=t", "https://%68/a", false },
		{ "_authToken=t", "https://h/a", false },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cfg *cfg = cfg_with(a, "https://elsewhere/", rows[i].key);
		struct auth auth = auth_for_url(a, cfg, str_view(rows[i].url), S("a"));

		CHECK_STR(auth.header, rows[i].matches ? S("Bearer t") : STR_NULL, "%s for %s",
			  rows[i].key, rows[i].url);
	}
}

TEST(t32_the_registrys_key_serves_its_whole_origin_over_the_same_scheme)
{
	const struct {
		const char *registry, *key, *url;
		bool matches;
	} rows[] = {
		{ "https://h/npm/", "//h/npm/:_authToken=t", "https://h/tarballs/a.tgz", true },
		{ "https://h/npm/", "//h/npm/:_authToken=t", "https://h:8443/tarballs/a.tgz",
		  false },
		{ "https://h/npm/", "//h/npm/:_authToken=t", "https://cdn/a.tgz", false },
		{ "https://h/npm/", "//h/npm/:_authToken=t", "http://h/npm/a", false },
		{ "https://h/npm/", "//h/:_authToken=t", "http://h:80/x", false },
		{ "http://h/npm/", "//h/npm/:_authToken=t", "http://h/npm/a", true },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cfg *cfg = cfg_with(a, rows[i].registry, rows[i].key);
		struct auth auth = auth_for_url(a, cfg, str_view(rows[i].url), S("a"));

		CHECK_STR(auth.header, rows[i].matches ? S("Bearer t") : STR_NULL, "%s for %s",
			  rows[i].key, rows[i].url);
	}
}

TEST(every_kind_of_credential_makes_its_header)
{
	ARENA_SCOPE(a);
	const char *const argv[] = { "install", NULL };
	const char *const env[] = { "npm_config_//basic/:_auth=dTpw",
				    "npm_config_//pair/:username=u",
				    "npm_config_//pair/:_password=cDp3",
				    "npm_config_//tls/:certfile=/c.pem",
				    "npm_config_//tls/:keyfile=/k.pem",
				    "npm_config_//both/:_authToken=t",
				    "npm_config_//both/:_auth=x",
				    "npm_config_//half/:username=u",
				    "npm_config_//bad/:_authToken=a\r\nx: y",
				    NULL };
	struct cfg *cfg = test_cfg(a, argv, env);
	const struct {
		str url, header, certfile;
	} rows[] = {
		{ S("https://basic/x"), S("Basic dTpw"), STR_NULL },
		{ S("https://pair/x"), S("Basic dTpwOnc="), STR_NULL },
		{ S("https://tls/x"), STR_NULL, S("/c.pem") },
		{ S("https://both/x"), S("Bearer t"), STR_NULL },
		{ S("https://half/x"), STR_NULL, STR_NULL },
		{ S("https://bad/x"), STR_NULL, STR_NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct auth auth = auth_for_url(a, cfg, rows[i].url, S("a"));

		CHECK_STR(auth.header, rows[i].header, STR_FMT, STR_ARG(rows[i].url));
		CHECK_STR(auth.certfile, rows[i].certfile, STR_FMT, STR_ARG(rows[i].url));
	}
}

TEST(a_scoped_registrys_credential_is_noticed_but_not_sent_elsewhere)
{
	ARENA_SCOPE(a);
	const char *const argv[] = { "install", "--registry", "https://public/",
				     "--@corp:registry=https://corp/npm/", NULL };
	const char *const env[] = { "npm_config_//corp/npm/:_authToken=t", NULL };
	struct cfg *cfg = test_cfg(a, argv, env);
	struct auth auth = auth_for_url(a, cfg, S("https://cdn/x.tgz"), S("@corp/x"));

	CHECK_STR(auth.header, STR_NULL, "none");
	CHECK(auth.scope_has_auth, "noticed");
	auth = auth_for_url(a, cfg, S("https://corp/files/x.tgz"), S("@corp/x"));
	CHECK_STR(auth.header, S("Bearer t"), "its own origin");
	auth = auth_for_url(a, cfg, S("https://cdn/x.tgz"), S("x"));
	CHECK(!auth.scope_has_auth, "another package");
}

TEST(nerf_darts_end_at_the_directory)
{
	const struct {
		str url, dart;
	} rows[] = {
		{ S("https://h/a/b"), S("//h/a/") }, { S("https://h/a/b/"), S("//h/a/b/") },
		{ S("http://H:80"), S("//h/") },     { S("http://h:4873/x?q"), S("//h:4873/") },
		{ S("not a url"), STR_NULL },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(auth_nerf_dart(a, rows[i].url), rows[i].dart, STR_FMT,
			  STR_ARG(rows[i].url));
}

TEST(a_name_and_a_password_say_whose_they_are)
{
	const struct {
		const char *key;
		str want;
	} rows[] = {
		{ "//h/:_authToken=t", STR_NULL },
		{ "//h/:_auth=Ym9iOnNlY3JldDp3aXRoOmNvbG9ucw==", S("bob") },
		{ "//h/:_auth=Ym9i", S("bob") },
		{ "//h/:_auth=!", STR_NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct auth auth = auth_for_url(a, cfg_with(a, "https://h/", rows[i].key), S("https://h/"), S(""));

		CHECK_STR(auth.username, rows[i].want, "%s", rows[i].key);
	}
}

UNIT_TESTS(TESTED(a_name_and_a_password_say_whose_they_are), TESTED(t32_a_key_matches_whole_segments_of_its_own_origin),
	   TESTED(t32_the_registrys_key_serves_its_whole_origin_over_the_same_scheme),
	   TESTED(every_kind_of_credential_makes_its_header),
	   TESTED(a_scoped_registrys_credential_is_noticed_but_not_sent_elsewhere),
	   TESTED(nerf_darts_end_at_the_directory))
