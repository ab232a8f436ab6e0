/* SPDX-License-Identifier: MIT */
#include "cpm/registry/registry_url.h"

#include "check.h"
#include "cpm/build_config.h"
#include "test_cfg.h"

TEST(t15_only_names_become_urls)
{
	const struct {
		str name, url;
	} rows[] = {
		{ S("a"), S("http://h/npm/a") },
		{ S("@s/n"), S("http://h/npm/@s%2fn") },
		{ S("JSONStream"), S("http://h/npm/JSONStream") },
		{ S("a~b!c'(d)*"), S("http://h/npm/a~b!c'(d)*") },
		{ S("../x"), STR_NULL },
		{ S("@a/../../b"), STR_NULL },
		{ S("a/b"), STR_NULL },
		{ S("@a"), STR_NULL },
		{ S("@a/b/c"), STR_NULL },
		{ S("@a/"), STR_NULL },
		{ S("@s/.x"), STR_NULL },
		{ S(".bin"), STR_NULL },
		{ S("a%2fb"), STR_NULL },
		{ S("a?b"), STR_NULL },
		{ S("a#b"), STR_NULL },
		{ S("a b"), STR_NULL },
		{ S("a\\b"), STR_NULL },
		{ S(""), STR_NULL },
	};
	ARENA_SCOPE(a);
	const char *const argv[] = { "install", "--registry=http://h/npm", NULL };
	struct cfg *cfg = test_cfg(a, argv, NULL);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(registry_packument_url(a, cfg, rows[i].name), rows[i].url, STR_FMT,
			  STR_ARG(rows[i].name));
}

TEST(a_scope_has_its_own_registry)
{
	ARENA_SCOPE(a);
	const char *const argv[] = { "install", "--registry=http://h/", "--@s:registry=http://s/x/",
				     NULL };
	struct cfg *cfg = test_cfg(a, argv, NULL);

	CHECK_STR(registry_packument_url(a, cfg, S("@s/n")), S("http://s/x/@s%2fn"), "scope");
	CHECK_STR(registry_packument_url(a, cfg, S("@t/n")), S("http://h/@t%2fn"), "other scope");
}

TEST(locked_urls_follow_the_configured_registry)
{
	const struct {
		const char *registry, *rule;
		str resolved, url; /* "@" at the start: the default registry */
	} rows[] = {
		{ "http://m:4873/", "npmjs", S("@a/-/a-1.0.0.tgz"),
		  S("http://m:4873/a/-/a-1.0.0.tgz") },
		{ "http://m/x/", "npmjs", S("@a/-/a-1.0.0.tgz"), S("http://m/x/a/-/a-1.0.0.tgz") },
		{ "http://m/x/", "npmjs", S("@x/a/-/a-1.0.0.tgz"),
		  S("http://m/x/a/-/a-1.0.0.tgz") },
		{ "http://m/", "npmjs", S("https://other/a.tgz"), S("https://other/a.tgz") },
		{ "http://m/", "never", S("@a/-/a-1.0.0.tgz"), S("@a/-/a-1.0.0.tgz") },
		{ "http://m/", "always", S("https://other:8/a.tgz"), S("http://m/a.tgz") },
		{ "http://m/", "other", S("https://other:8/a.tgz"), S("http://m/a.tgz") },
		{ "http://m/", "other", S("@a.tgz"), S("@a.tgz") },
		{ "http://m/y/", "https://other/x", S("https://other/x/a.tgz"),
		  S("http://m/y/a.tgz") },
		{ "http://m/y/", "https://other/x/", S("https://other/xx/a.tgz"),
		  S("https://other/xx/a.tgz") },
		{ "http://m/", "npmjs", S("git+ssh://h/x.git"), STR_NULL },
		{ "http://m/", "npmjs", S("file:x.tgz"), STR_NULL },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const argv[] = {
			"ci",         "--registry", rows[i].registry, "--replace-registry-host",
			rows[i].rule, NULL
		};
		str resolved = str_starts(rows[i].resolved, S("@"))
				       ? str_concat(a, S(CPM_DEFAULT_REGISTRY),
						    str_from(rows[i].resolved, 1))
				       : rows[i].resolved;
		str url = str_starts(rows[i].url, S("@")) ? resolved : rows[i].url;

		CHECK_STR(registry_fetch_url(a, test_cfg(a, argv, NULL), resolved), url, "row %zu",
			  i);
	}
}

TEST(t22_a_tarball_belongs_to_its_name_and_version)
{
	const struct {
		str name, version, url;
		bool owns;
	} rows[] = {
		{ S("a"), S("1.0.0"), S("http://h/npm/a/-/a-1.0.0.tgz"), true },
		{ S("@s/n"), S("1.0.0-rc.1"), S("http://h/npm/@s/n/-/n-1.0.0-rc.1.tgz"), true },
		{ S("@s/n"), S("1.0.0"), S("http://h/npm/@s%2fn/-/n-1.0.0.tgz"), true },
		{ S("@s/n"), S("1.0.0"), S("http://h/npm/%40s/n/-/n-1.0.0.tgz"), true },
		{ S("a"), S("1.0.0"), S("http://h/npm/a/-/a-1.0.1.tgz"), false },
		{ S("a"), S("1.0.0"), S("http://h/npm/b/-/b-1.0.0.tgz"), false },
		{ S("a"), S("1.0.0"), S("http://h/npm/b/../a/-/a-1.0.0.tgz"), true },
		{ S("a"), S("1.0.0"), S("http://h/a/-/a-1.0.0.tgz"), false },
		{ S("a"), S("1.0.0"), S("https://h/npm/a/-/a-1.0.0.tgz"), false },
		{ S("a"), S("1.0.0"), S("http://evil/npm/a/-/a-1.0.0.tgz"), false },
		{ S("a"), S("1.0.0"), S("file:a-1.0.0.tgz"), false },
	};
	ARENA_SCOPE(a);
	const char *const argv[] = { "ci", "--registry=http://h/npm/", NULL };
	struct cfg *cfg = test_cfg(a, argv, NULL);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_EQ(registry_owns_tarball(cfg, rows[i].name, rows[i].version, rows[i].url),
			 rows[i].owns, STR_FMT, STR_ARG(rows[i].url));
}

UNIT_TESTS(TESTED(t15_only_names_become_urls), TESTED(a_scope_has_its_own_registry),
	   TESTED(locked_urls_follow_the_configured_registry),
	   TESTED(t22_a_tarball_belongs_to_its_name_and_version))
