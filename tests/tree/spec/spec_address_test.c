/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "cpm/tree/spec_address.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static struct spec *parse(struct arena *a, str text)
{
	struct spec *spec;

	CHECK_OK(spec_resolve(a, S("x"), text, S("/project"), &spec));
	return spec;
}

TEST(each_kind_of_spec_names_a_place)
{
	const struct {
		str spec;
		enum package_kind kind;
		str place, other;
	} rows[] = {
		{ S("file:v/a#b c.tgz"), PACKAGE_FILE, S("/project/v/a#b c.tgz"), STR_NULL },
		{ S("../lib"), PACKAGE_FOLDER, S("/lib"), STR_NULL },
		{ S("https://host/x.tgz"), PACKAGE_URL, S("https://host/x.tgz"), STR_NULL },
		{ S("git+ssh://git@my.host:u/r.git#x"), PACKAGE_REPO, S("git@my.host:u/r.git"),
		  STR_NULL },
		{ S("u/r"), PACKAGE_REPO, S("https://github.com/u/r.git"),
		  S("ssh://git@github.com/u/r.git") },
		{ S("git+https://tok:en@github.com/u/r.git"), PACKAGE_REPO,
		  S("https://tok:en@github.com/u/r.git"), STR_NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		struct package_address at = spec_address(tmp, parse(tmp, rows[i].spec), true);

		CHECK_EQ(at.kind, rows[i].kind, STR_FMT, STR_ARG(rows[i].spec));
		CHECK_STR(at.place, rows[i].place);
		CHECK_STR(at.other_place, rows[i].other);
	}
}

TEST(a_commit_is_what_the_lockfile_keeps)
{
	const struct {
		str spec, resolved;
	} rows[] = {
		{ S("git+http://h/r.git#main::path:sub"), S("git+http://h/r.git#" COMMIT) },
		{ S("git+http://h/r.git#" COMMIT "::path:sub"),
		  S("git+http://h/r.git#" COMMIT "::path:sub") },
		{ S("u/r#semver:^1"), S("git+ssh://git@github.com/u/r.git#" COMMIT) },
		{ S("https://github.com/u/r"), S("git+https://github.com/u/r.git#" COMMIT) },
		{ S("gitlab:g/s/p#" COMMIT), S("git+ssh://git@gitlab.com/g/s/p.git#" COMMIT) },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		struct spec *spec = parse(tmp, rows[i].spec);
		struct package_address at = spec_address(tmp, spec, true);

		if (str_is_null(at.commit))
			spec_address_pin(tmp, spec, S(COMMIT), &at);
		CHECK_STR(spec_address_resolved(tmp, spec, &at), rows[i].resolved);
	}
}

TEST(hosts_serve_commits_as_tarballs)
{
	const struct {
		str spec, url;
	} rows[] = {
		{ S("u/r"), S("https://codeload.github.com/u/r/tar.gz/" COMMIT) },
		{ S("gitlab:g/s/p"), S("https://gitlab.com/api/v4/projects/g%2Fs%2Fp/repository/"
				       "archive.tar.gz?sha=" COMMIT) },
		{ S("bitbucket:u/r"), S("https://bitbucket.org/u/r/get/" COMMIT ".tar.gz") },
		{ S("gist:abc"), S("https://codeload.github.com/gist/abc/tar.gz/" COMMIT) },
		{ S("git+http://h/r.git"), STR_NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(tmp);
		struct spec *spec = parse(tmp, rows[i].spec);
		struct package_address at = spec_address(tmp, spec, false);

		spec_address_pin(tmp, spec, S(COMMIT), &at);
		CHECK_STR(at.host_tarball, rows[i].url);
	}
}

UNIT_TESTS(TESTED(each_kind_of_spec_names_a_place), TESTED(a_commit_is_what_the_lockfile_keeps),
	   TESTED(hosts_serve_commits_as_tarballs))
