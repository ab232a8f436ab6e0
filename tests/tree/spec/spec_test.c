/* SPDX-License-Identifier: MIT
 * Rows were taken from npm-package-arg 14: what it answers for the same text. */
#include "cpm/tree/spec.h"

#include "check.h"

#define WHERE S("/w/here")

static str text(const char *c)
{
	return str_view(c);
}

TEST(registry_specs_are_versions_ranges_tags_or_aliases)
{
	const struct {
		const char *spec;
		enum spec_type type;
		const char *fetch;
	} rows[] = {
		{ "*", SPEC_RANGE, "*" },
		{ "", SPEC_RANGE, "" },
		{ "1.2.3", SPEC_VERSION, "1.2.3" },
		{ "v1.2.3", SPEC_VERSION, "v1.2.3" },
		{ "=1.2.3", SPEC_VERSION, "=1.2.3" },
		{ " 1.2.3 ", SPEC_VERSION, "1.2.3" },
		{ "1.x", SPEC_RANGE, "1.x" },
		{ "~>1", SPEC_RANGE, "~>1" },
		{ "x", SPEC_RANGE, "x" },
		{ "beta", SPEC_TAG, "beta" },
		{ "1.2.3.4", SPEC_TAG, "1.2.3.4" },
		{ "!bad", SPEC_TAG, "!bad" },
		{ "npm:bar", SPEC_ALIAS, NULL },
		{ "npm:@x/bar@^1", SPEC_ALIAS, NULL },
		{ "NPM:bar@1", SPEC_ALIAS, NULL },
		{ ">=1 <2", SPEC_RANGE, ">=1 <2" },
		{ "1 || 2", SPEC_RANGE, "1 || 2" },
		{ "^1.0.0", SPEC_RANGE, "^1.0.0" },
		{ "latest", SPEC_TAG, "latest" },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct spec *s;

		CHECK_OK(spec_resolve(a, S("n"), text(rows[i].spec), WHERE, &s));
		CHECK_EQ(s->type, rows[i].type, "'%s'", rows[i].spec);
		CHECK_STR(s->fetch_spec, text(rows[i].fetch), "'%s'", rows[i].spec);
		CHECK_STR(s->save_spec, STR_NULL, "'%s'", rows[i].spec);
		CHECK(spec_is_registry(s), "'%s'", rows[i].spec);
		CHECK_EQ(s->range != NULL, s->type == SPEC_VERSION || s->type == SPEC_RANGE, "'%s'", rows[i].spec);
	}
}

TEST(paths_are_literal_and_resolved_against_where_they_stand)
{
	const struct {
		const char *spec;
		enum spec_type type;
		const char *save, *fetch;
	} rows[] = {
		{ "git@my.host:u/r.git", SPEC_DIRECTORY, "file:git@my.host:u/r.git", "/w/here/git@my.host:u/r.git" },
		{ "git@my.host:u/r.git#x", SPEC_DIRECTORY, "file:git@my.host:u/r.git#x", "/w/here/git@my.host:u/r.git#x" },
		{ ".", SPEC_DIRECTORY, "file:", "/w/here" },
		{ "./a", SPEC_DIRECTORY, "file:a", "/w/here/a" },
		{ "../a", SPEC_DIRECTORY, "file:../a", "/w/a" },
		{ "/abs", SPEC_DIRECTORY, "file:/abs", "/abs" },
		{ "/abs/", SPEC_DIRECTORY, "file:/abs", "/abs" },
		{ "~/a", SPEC_DIRECTORY, "file:~/a", "/home/u/a" },
		{ "file:a", SPEC_DIRECTORY, "file:a", "/w/here/a" },
		{ "file:./a", SPEC_DIRECTORY, "file:a", "/w/here/a" },
		{ "file:../a", SPEC_DIRECTORY, "file:../a", "/w/a" },
		{ "file:/abs", SPEC_DIRECTORY, "file:/abs", "/abs" },
		{ "file://abs", SPEC_DIRECTORY, "file:/abs", "/abs" },
		{ "file:///abs", SPEC_DIRECTORY, "file:/abs", "/abs" },
		{ "file:/../x", SPEC_DIRECTORY, "file:../x", "/w/x" },
		{ "file:///../x", SPEC_DIRECTORY, "file:../x", "/w/x" },
		{ "file:~/a", SPEC_DIRECTORY, "file:~/a", "/home/u/a" },
		{ "FILE:a", SPEC_DIRECTORY, "file:FILE:a", "/w/here/FILE:a" },
		{ "./a b#c%20.tgz", SPEC_FILE, "file:a b#c%20.tgz", "/w/here/a b#c%20.tgz" },
		{ "a.tgz", SPEC_FILE, "file:a.tgz", "/w/here/a.tgz" },
		{ "a.TAR.GZ", SPEC_FILE, "file:a.TAR.GZ", "/w/here/a.TAR.GZ" },
		{ "./a/b.tgz", SPEC_FILE, "file:a/b.tgz", "/w/here/a/b.tgz" },
		{ "a/b/c", SPEC_DIRECTORY, "file:a/b/c", "/w/here/a/b/c" },
		{ "C:x", SPEC_DIRECTORY, "file:C:x", "/w/here/C:x" },
		{ "file:", SPEC_DIRECTORY, "file:", "/w/here" },
		{ "./", SPEC_DIRECTORY, "file:", "/w/here" },
		{ "..", SPEC_DIRECTORY, "file:..", "/w" },
		{ "a/b c", SPEC_DIRECTORY, "file:a/b c", "/w/here/a/b c" },
		{ "user/repo#%zz", SPEC_DIRECTORY, "file:user/repo#%zz", "/w/here/user/repo#%zz" },
		{ "a@b/c", SPEC_DIRECTORY, "file:a@b/c", "/w/here/a@b/c" },
		{ "foo/", SPEC_DIRECTORY, "file:foo", "/w/here/foo" },
		{ "/foo/../bar", SPEC_DIRECTORY, "file:/bar", "/bar" },
		{ "./x/../y", SPEC_DIRECTORY, "file:y", "/w/here/y" },
		{ "file:x/", SPEC_DIRECTORY, "file:x", "/w/here/x" },
	};
	ARENA_SCOPE(a);

	setenv("HOME", "/home/u", 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct spec *s;

		CHECK_OK(spec_resolve(a, S("n"), text(rows[i].spec), WHERE, &s));
		CHECK_EQ(s->type, rows[i].type, "'%s'", rows[i].spec);
		CHECK_STR(s->save_spec, text(rows[i].save), "'%s'", rows[i].spec);
		CHECK_STR(s->fetch_spec, text(rows[i].fetch), "'%s'", rows[i].spec);
	}
}

/* "host:user:project:auth" */
static str repo_of(struct arena *a, const struct spec *s)
{
	if (!s->is_hosted)
		return STR_NULL;
	return str_printf(a, STR_FMT ":" STR_FMT ":" STR_FMT ":" STR_FMT, STR_ARG(s->host), STR_ARG(s->user), STR_ARG(s->project),
			  STR_ARG(s->auth));
}

TEST(repositories_and_urls_are_told_apart_by_host_and_form)
{
	const struct {
		const char *spec;
		enum spec_type type;
		const char *save, *fetch, *committish, *range, *subdir, *repo;
	} rows[] = {
		{ "beta/1", SPEC_GIT, "github:beta/1", NULL, NULL, NULL, NULL, "github:beta:1:" },
		{ "user/repo", SPEC_GIT, "github:user/repo", NULL, NULL, NULL, NULL, "github:user:repo:" },
		{ "github:user/repo", SPEC_GIT, "github:user/repo", NULL, NULL, NULL, NULL, "github:user:repo:" },
		{ "user/repo#semver:%5E1", SPEC_GIT, "github:user/repo#semver:^1", NULL, NULL, "^1", NULL, "github:user:repo:" },
		{ "user/repo#abc::path:sub", SPEC_GIT, "github:user/repo#abc::path:sub", NULL, "abc", NULL, "/sub", "github:user:repo:" },
		{ "user/repo#semver:^1.2", SPEC_GIT, "github:user/repo#semver:^1.2", NULL, NULL, "^1.2", NULL, "github:user:repo:" },
		{ "user/repo#a@b", SPEC_GIT, "github:user/repo#a@b", NULL, "a@b", NULL, NULL, "github:user:repo:" },
		{ "user/repo#feat/x", SPEC_GIT, "github:user/repo#feat/x", NULL, "feat/x", NULL, NULL, "github:user:repo:" },
		{ "git@github.com:u/r.git", SPEC_GIT, "git+ssh://git@github.com/u/r.git", "ssh://git@github.com/u/r.git", NULL, NULL, NULL, "github:u:r:" },
		{ "git@github.com:u/r.git#v1", SPEC_GIT, "git+ssh://git@github.com/u/r.git#v1", "ssh://git@github.com/u/r.git", "v1", NULL, NULL, "github:u:r:" },
		{ "https://github.com/u/r", SPEC_GIT, "git+https://github.com/u/r.git", "https://github.com/u/r.git", NULL, NULL, NULL, "github:u:r:" },
		{ "https://github.com/u/r.git", SPEC_GIT, "git+https://github.com/u/r.git", "https://github.com/u/r.git", NULL, NULL, NULL, "github:u:r:" },
		{ "https://github.com/u/r/tree/br", SPEC_GIT, "git+https://github.com/u/r.git#br", "https://github.com/u/r.git", "br", NULL, NULL, "github:u:r:" },
		{ "https://github.com/u/r/archive/x.tar.gz", SPEC_REMOTE, "https://github.com/u/r/archive/x.tar.gz", "https://github.com/u/r/archive/x.tar.gz", NULL, NULL, NULL, NULL },
		{ "https://user:pw@github.com/u/r.git", SPEC_GIT, "git+https://user:pw@github.com/u/r.git", "https://user:pw@github.com/u/r.git", NULL, NULL, NULL, "github:u:r:user:pw" },
		{ "git://github.com/u/r", SPEC_GIT, "git://github.com/u/r.git", "git://github.com/u/r.git", NULL, NULL, NULL, "github:u:r:" },
		{ "git://user@github.com/u/r#x", SPEC_GIT, "git://user@github.com/u/r.git#x", "git://user@github.com/u/r.git", "x", NULL, NULL, "github:u:r:user" },
		{ "http://github.com/u/r", SPEC_GIT, "git+ssh://git@github.com/u/r.git", "ssh://git@github.com/u/r.git", NULL, NULL, NULL, "github:u:r:" },
		{ "ssh://git@github.com/u/r", SPEC_GIT, "git+ssh://git@github.com/u/r.git", "ssh://git@github.com/u/r.git", NULL, NULL, NULL, "github:u:r:" },
		{ "git+ssh://git@github.com/u/r#semver:~1", SPEC_GIT, "git+ssh://git@github.com/u/r.git#semver:~1", "ssh://git@github.com/u/r.git", NULL, "~1", NULL, "github:u:r:" },
		{ "git+ssh://git@github.com:u/r", SPEC_GIT, "git+ssh://git@github.com/u/r.git", "ssh://git@github.com/u/r.git", NULL, NULL, NULL, "github:u:r:" },
		{ "git+ssh://git@github.com:22/u/r", SPEC_GIT, "git+ssh://git@github.com/u/r.git", "ssh://git@github.com/u/r.git", NULL, NULL, NULL, "github:u:r:" },
		{ "git+https://www.github.com/u/r", SPEC_GIT, "git+https://github.com/u/r.git", "https://github.com/u/r.git", NULL, NULL, NULL, "github:u:r:" },
		{ "git+ssh://git@my.host:u/r.git#x", SPEC_GIT, "git+ssh://git@my.host:u/r.git#x", "git@my.host:u/r.git", "x", NULL, NULL, NULL },
		{ "git+ssh://git@my.host:22/u/r.git#x", SPEC_GIT, "git+ssh://git@my.host:22/u/r.git#x", "ssh://git@my.host:22/u/r.git", "x", NULL, NULL, NULL },
		{ "git+https://my.host/u/r.git#x", SPEC_GIT, "git+https://my.host/u/r.git#x", "https://my.host/u/r.git", "x", NULL, NULL, NULL },
		{ "git+https://my.host/u/r.git#semver:^2", SPEC_GIT, "git+https://my.host/u/r.git#semver:^2", "https://my.host/u/r.git", NULL, "^2", NULL, NULL },
		{ "git+file:///a/b.git", SPEC_GIT, "git+file:///a/b.git", "file:///a/b.git", NULL, NULL, NULL, NULL },
		{ "git://my.host/u", SPEC_GIT, "git://my.host/u", "git://my.host/u", NULL, NULL, NULL, NULL },
		{ "http://x.y/z.tgz", SPEC_REMOTE, "http://x.y/z.tgz", "http://x.y/z.tgz", NULL, NULL, NULL, NULL },
		{ "https://x.y/z", SPEC_REMOTE, "https://x.y/z", "https://x.y/z", NULL, NULL, NULL, NULL },
		{ "HTTPS://X.y/z", SPEC_REMOTE, "HTTPS://X.y/z", "HTTPS://X.y/z", NULL, NULL, NULL, NULL },
		{ "gitlab:a/b", SPEC_GIT, "gitlab:a/b", NULL, NULL, NULL, NULL, "gitlab:a:b:" },
		{ "gitlab:a/b/c", SPEC_GIT, "gitlab:a/b/c", NULL, NULL, NULL, NULL, "gitlab:a/b:c:" },
		{ "https://gitlab.com/a/b/c.git#x", SPEC_GIT, "git+https://gitlab.com/a/b/c.git#x", "https://gitlab.com/a/b/c.git", "x", NULL, NULL, "gitlab:a/b:c:" },
		{ "https://gitlab.com/a/b/-/archive/x.tar.gz", SPEC_REMOTE, "https://gitlab.com/a/b/-/archive/x.tar.gz", "https://gitlab.com/a/b/-/archive/x.tar.gz", NULL, NULL, NULL, NULL },
		{ "bitbucket:a/b", SPEC_GIT, "bitbucket:a/b", NULL, NULL, NULL, NULL, "bitbucket:a:b:" },
		{ "https://bitbucket.org/a/b/get/x.tar.gz", SPEC_REMOTE, "https://bitbucket.org/a/b/get/x.tar.gz", "https://bitbucket.org/a/b/get/x.tar.gz", NULL, NULL, NULL, NULL },
		{ "https://bitbucket.org/a/b", SPEC_GIT, "git+https://bitbucket.org/a/b.git", "https://bitbucket.org/a/b.git", NULL, NULL, NULL, "bitbucket:a:b:" },
		{ "gist:abc", SPEC_GIT, "gist:abc", NULL, NULL, NULL, NULL, "gist::abc:" },
		{ "gist:u/abc#1", SPEC_GIT, "gist:abc#1", NULL, "1", NULL, NULL, "gist:u:abc:" },
		{ "https://gist.github.com/abc", SPEC_GIT, "git+https://gist.github.com/abc.git", "https://gist.github.com/abc.git", NULL, NULL, NULL, "gist::abc:" },
		{ "https://gist.github.com/u/abc", SPEC_GIT, "git+https://gist.github.com/abc.git", "https://gist.github.com/abc.git", NULL, NULL, NULL, "gist:u:abc:" },
		{ "git@gist.github.com:abc.git", SPEC_GIT, "git+ssh://git@gist.github.com/abc.git", "ssh://git@gist.github.com/abc.git", NULL, NULL, NULL, "gist::abc:" },
		{ "sourcehut:~u/r", SPEC_GIT, "sourcehut:~u/r", NULL, NULL, NULL, NULL, "sourcehut:~u:r:" },
		{ "https://git.sr.ht/~u/r#x", SPEC_GIT, "https://git.sr.ht/~u/r#x", "https://git.sr.ht/~u/r", "x", NULL, NULL, "sourcehut:~u:r:" },
		{ "git+ssh://git@git.sr.ht/~u/r", SPEC_GIT, "git+ssh://git@git.sr.ht/~u/r.git", "ssh://git@git.sr.ht/~u/r.git", NULL, NULL, NULL, "sourcehut:~u:r:" },
		{ "a/b.tgz", SPEC_GIT, "github:a/b.tgz", NULL, NULL, NULL, NULL, "github:a:b.tgz:" },
		{ "user/repo#", SPEC_GIT, "github:user/repo", NULL, NULL, NULL, NULL, "github:user:repo:" },
		{ "github:user/repo.git", SPEC_GIT, "github:user/repo", NULL, NULL, NULL, NULL, "github:user:repo:" },
		{ "github:u/r@x", SPEC_GIT, "github:null/x", NULL, NULL, NULL, NULL, "github::x:" },
		{ "git+ssh://u:p@github.com/a/b", SPEC_GIT, "git+ssh://git@github.com/a/b.git", "ssh://git@github.com/a/b.git", NULL, NULL, NULL, "github:a:b:" },
		{ "git+https://tok@github.com/a/b#c", SPEC_GIT, "git+https://tok@github.com/a/b.git#c", "https://tok@github.com/a/b.git", "c", NULL, NULL, "github:a:b:tok" },
		{ "u/r#foo:bar", SPEC_GIT, "github:u/r#foo:bar", NULL, NULL, NULL, NULL, "github:u:r:" },
		{ "é/é", SPEC_GIT, "github:é/é", NULL, NULL, NULL, NULL, "github:é:é:" },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct spec *s;

		CHECK_OK(spec_resolve(a, S("n"), text(rows[i].spec), WHERE, &s));
		CHECK_EQ(s->type, rows[i].type, "'%s'", rows[i].spec);
		CHECK_STR(s->save_spec, text(rows[i].save), "'%s'", rows[i].spec);
		CHECK_STR(s->fetch_spec, text(rows[i].fetch), "'%s'", rows[i].spec);
		CHECK_STR(s->committish, text(rows[i].committish), "'%s'", rows[i].spec);
		CHECK_STR(s->git_range, text(rows[i].range), "'%s'", rows[i].spec);
		CHECK_STR(s->git_subdir, text(rows[i].subdir), "'%s'", rows[i].spec);
		CHECK_STR(repo_of(a, s), text(rows[i].repo), "'%s'", rows[i].spec);
	}
}

TEST(what_npm_refuses_is_refused_in_its_words)
{
	const struct {
		const char *spec;
		enum err_code code;
		const char *message;
	} rows[] = {
		{ "workspace:*", E_BAD_PROTOCOL, "Unsupported URL Type \"workspace:\": workspace:*" },
		{ "link:x", E_BAD_PROTOCOL, "Unsupported URL Type \"link:\": link:x" },
		{ "portal:../a", E_BAD_PROTOCOL, "Unsupported URL Type \"portal:\": portal:../a" },
		{ "patch:x", E_BAD_PROTOCOL, "Unsupported URL Type \"patch:\": patch:x" },
		{ "catalog:", E_BAD_PROTOCOL, "Unsupported URL Type \"catalog:\": catalog:" },
		{ "jsr:@a/b", E_BAD_PROTOCOL, "Unsupported URL Type \"jsr:\": jsr:@a/b" },
		{ "ftp://x/y", E_BAD_PROTOCOL, "Unsupported URL Type \"ftp:\": ftp://x/y" },
		{ "git@", E_BAD_TAG, "Invalid tag name \"git@\" of package \"n@git@\": Tags may not have any characters that encodeURIComponent encodes." },
		{ "@", E_BAD_TAG, "Invalid tag name \"@\" of package \"n@@\": Tags may not have any characters that encodeURIComponent encodes." },
		{ "a b", E_BAD_TAG, "Invalid tag name \"a b\" of package \"n@a b\": Tags may not have any characters that encodeURIComponent encodes." },
		{ "a%b", E_BAD_TAG, "Invalid tag name \"a%b\" of package \"n@a%b\": Tags may not have any characters that encodeURIComponent encodes." },
		{ "http:", E_GENERIC, "Invalid URL" },
		{ "https://", E_GENERIC, "Invalid URL" },
		{ "git+x://a/b", E_BAD_PROTOCOL, "Unsupported URL Type \"git+x:\": git+x://a/b" },
		{ "github:%zz/a", E_BAD_PROTOCOL, "Unsupported URL Type \"github:\": github:%zz/a" },
		{ "u/r#a::b", E_GENERIC, "cannot override existing committish with a second committish" },
		{ "u/r#semver:1::semver:2", E_GENERIC, "cannot override existing semver range with a second semver range" },
		{ "npm:npm:a@1", E_GENERIC, "nested aliases not supported" },
		{ "npm:u/r", E_GENERIC, "aliases only work for registry deps" },
		{ "npm:-x", E_GENERIC, "aliases must have a name" },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct spec *s;
		struct err *e = spec_resolve(a, S("n"), text(rows[i].spec), WHERE, &s);

		CHECK(e != NULL, "'%s'", rows[i].spec);
		CHECK_EQ(e->code, rows[i].code, "'%s'", rows[i].spec);
		CHECK(str_starts(e->message, text(rows[i].message)), "'%s': " STR_FMT, rows[i].spec, STR_ARG(e->message));
		err_free(e);
	}
}

TEST(an_argument_is_split_into_name_and_spec)
{
	const struct {
		const char *arg, *name;
		enum spec_type type;
		const char *raw, *save, *fetch;
	} rows[] = {
		{ "foo", "foo", SPEC_RANGE, "*", NULL, "*" },
		{ "foo@", "foo", SPEC_RANGE, "*", NULL, "*" },
		{ "foo@*", "foo", SPEC_RANGE, "*", NULL, "*" },
		{ "foo@1", "foo", SPEC_RANGE, "1", NULL, "1" },
		{ "@a/b", "@a/b", SPEC_RANGE, "*", NULL, "*" },
		{ "@a/b@1", "@a/b", SPEC_RANGE, "1", NULL, "1" },
		{ "@a/b/c", NULL, SPEC_DIRECTORY, "@a/b/c", "file:@a/b/c", "/w/here/@a/b/c" },
		{ "@a/b@npm:c@1", "@a/b", SPEC_ALIAS, "npm:c@1", NULL, NULL },
		{ "foo@npm:bar", "foo", SPEC_ALIAS, "npm:bar", NULL, NULL },
		{ "npm:bar@1", NULL, SPEC_ALIAS, "npm:bar@1", NULL, NULL },
		{ "git@github.com:u/r", NULL, SPEC_GIT, "git+ssh://git@github.com:u/r", "git+ssh://git@github.com/u/r.git", "ssh://git@github.com/u/r.git" },
		{ "u/r", NULL, SPEC_GIT, "u/r", "github:u/r", NULL },
		{ "./x", NULL, SPEC_DIRECTORY, "./x", "file:x", "/w/here/x" },
		{ "x.tgz", NULL, SPEC_FILE, "x.tgz", "file:x.tgz", "/w/here/x.tgz" },
		{ "foo@x.tgz", "foo", SPEC_FILE, "x.tgz", "file:x.tgz", "/w/here/x.tgz" },
		{ "foo@u/r", "foo", SPEC_GIT, "u/r", "github:u/r", NULL },
		{ "foo@git@h.io:u/r", NULL, SPEC_GIT, "git+ssh://foo@git@h.io:u/r", "git+ssh://foo@git@h.io:u/r", "foo@git@h.io:u/r" },
		{ "u@h.io:x", NULL, SPEC_GIT, "git+ssh://u@h.io:x", "git+ssh://u@h.io:x", "u@h.io:x" },
		{ ".foo", NULL, SPEC_DIRECTORY, ".foo", "file:.foo", "/w/here/.foo" },
		{ "", NULL, SPEC_RANGE, "", NULL, "" },
		{ "foo@beta", "foo", SPEC_TAG, "beta", NULL, "beta" },
		{ "http://x/y", NULL, SPEC_REMOTE, "http://x/y", "http://x/y", "http://x/y" },
		{ "foo@http://x/y", "foo", SPEC_REMOTE, "http://x/y", "http://x/y", "http://x/y" },
		{ "Foo", "Foo", SPEC_RANGE, "*", NULL, "*" },
		{ "github:u/r", NULL, SPEC_GIT, "github:u/r", "github:u/r", NULL },
		{ "@s/x@u/r", "@s/x", SPEC_GIT, "u/r", "github:u/r", NULL },
		{ "node_modules", NULL, SPEC_TAG, "node_modules", NULL, "node_modules" },
		{ "http", "http", SPEC_RANGE, "*", NULL, "*" },
		{ "-x", NULL, SPEC_TAG, "-x", NULL, "-x" },
		{ "_x", NULL, SPEC_TAG, "_x", NULL, "_x" },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct spec *s;

		CHECK_OK(spec_parse_arg(a, text(rows[i].arg), WHERE, &s));
		CHECK_STR(s->name, text(rows[i].name), "'%s'", rows[i].arg);
		CHECK_EQ(s->type, rows[i].type, "'%s'", rows[i].arg);
		CHECK_STR(s->raw, text(rows[i].raw), "'%s'", rows[i].arg);
		CHECK_STR(s->save_spec, text(rows[i].save), "'%s'", rows[i].arg);
		CHECK_STR(s->fetch_spec, text(rows[i].fetch), "'%s'", rows[i].arg);
	}
}

TEST(an_alias_leads_to_what_it_stands_for)
{
	ARENA_SCOPE(a);
	struct spec *s;

	CHECK_OK(spec_resolve(a, S("n"), S("npm:@x/bar@^1"), WHERE, &s));
	CHECK_STR(spec_target(s)->name, S("@x/bar"), "");
	CHECK_STR(spec_target(s)->fetch_spec, S("^1"), "");
	CHECK_STR(spec_format(a, s), S("n@npm:@x/bar@^1"), "");
	CHECK_OK(spec_resolve(a, S("n"), S("npm:bar"), WHERE, &s));
	CHECK_STR(spec_target(s)->fetch_spec, S("*"), "");
}

TEST(t15_names_that_could_leave_their_folder_or_url_are_no_names)
{
	const struct {
		const char *name;
		bool is_valid;
	} rows[] = {
		{ "a", true },		{ "A.b-c_d", true },	 { "@a/b", true },	    { "a~'!()*", true },
		{ "3", true },		{ "@s/.x", false },	 { ".a", false },	    { "-a", false },
		{ "_a", false },	{ " a", false },	 { "a ", false },	    { "", false },
		{ "..", false },	{ "../x", false },	 { "@a/../../b", false },   { "@../b", false },
		{ "@./b", false },	{ "@/b", false },	 { "@a/", false },	    { "a/b", false },
		{ "a%2fb", false },	{ "a\\b", false },	 { "a\nb", false },	    { "node_modules", false },
		{ "NODE_MODULES", false }, { "favicon.ico", false }, { "@s/node_modules", false }, { "a:b", false },
		{ "\xc3\xa9", false },	{ "@a/b/c", false },	 { "@a", false },	    { ".bin", false },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct spec *s;

		CHECK_EQ(spec_is_valid_name(text(rows[i].name)), rows[i].is_valid, "'%s'", rows[i].name);
		if (!rows[i].is_valid && *rows[i].name)
			CHECK_FAILS(spec_resolve(a, text(rows[i].name), S("1"), WHERE, &s), E_BAD_NAME);
	}
	CHECK(!spec_is_valid_name(str_of(memset(arena_alloc(a, 300), 'a', 300), 215)), "too long");
}

TEST(a_resolved_text_takes_the_form_lockfiles_keep)
{
	const struct {
		const char *resolved, *from, *to, *want;
	} rows[] = {
		{ "http://127.0.0.1:4873/a/-/a-1.0.0.tgz", "/p", "/p", "http://127.0.0.1:4873/a/-/a-1.0.0.tgz" },
		{ "file:../x", "/p/a", "/p", "file:x" },
		{ "file:x.tgz", "/p", NULL, "file:/p/x.tgz" },
		{ "git+ssh://git@github.com/u/r.git#abc", "/p", "/p", "git+ssh://git@github.com/u/r.git#abc" },
		{ "github:u/r#abc", "/p", "/p", "git+ssh://git@github.com/u/r.git#abc" },
		{ "https://github.com/u/r.git#abc", "/p", "/p", "git+https://github.com/u/r.git#abc" },
		{ "git+https://a:b@github.com/u/r.git#abc", "/p", "/p", "git+https://a:b@github.com/u/r.git#abc" },
		{ "git+https://my.host/u/r.git#abc", "/p", "/p", "git+https://my.host/u/r.git#abc" },
		{ "packages/a", "/p", NULL, "git+ssh://git@github.com/packages/a.git" },
		{ "../ext", "/p", NULL, "file:/ext" },
		{ "foo", "/p", NULL, "foo" },
		{ "https://git.sr.ht/~u/r#x", "/p", NULL, "git+https://git.sr.ht/~u/r#x" },
		{ "a b c", "/p", NULL, "a b c" },
		{ "foo@1", "/p", NULL, "1" },
		{ "workspace:*", "/p", NULL, "workspace:*" },
		{ "packages", "/p", NULL, "packages" },
		{ "file:p/b#c d.tgz", "/p", "/p", "file:p/b#c d.tgz" },
		{ "http://h.example/a b.tgz", "/p", "/p", "http://h.example/a b.tgz" },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(spec_resolved(a, text(rows[i].resolved), text(rows[i].from), text(rows[i].to)), text(rows[i].want), "'%s'",
			  rows[i].resolved);
	CHECK_STR(spec_resolved(a, STR_NULL, S("/p"), STR_NULL), STR_NULL, "");
}

UNIT_TESTS(TESTED(registry_specs_are_versions_ranges_tags_or_aliases),
	   TESTED(paths_are_literal_and_resolved_against_where_they_stand),
	   TESTED(repositories_and_urls_are_told_apart_by_host_and_form), TESTED(what_npm_refuses_is_refused_in_its_words),
	   TESTED(an_argument_is_split_into_name_and_spec), TESTED(an_alias_leads_to_what_it_stands_for),
	   TESTED(t15_names_that_could_leave_their_folder_or_url_are_no_names),
	   TESTED(a_resolved_text_takes_the_form_lockfiles_keep))
