/* SPDX-License-Identifier: MIT
 * Repositories: shorthands and URLs of the five hosts npm knows, and git URLs of any other host. A
 * host is a row of a table; how a repository was written decides how it is printed again. Twin of
 * hosted-git-info. */
#include "cpm/tree/spec_page.h"
#include "spec_priv.h"

#include "cpm/base/log.h"

enum git_protocol { GIT = 1, HTTP = 2, SSH = 4, GIT_SSH = 8, HTTPS = 16, GIT_HTTPS = 32 };

struct git_host {
	const char *name, *domain;
	unsigned protocols;   /* schemes that its URLs may have */
	const char *not_repo; /* third component that makes a URL something else, e.g. a tarball */
};

/* clang-format off */
static const struct git_host hosts[] = {
	{ "github",    "github.com",      GIT | HTTP | SSH | GIT_SSH | HTTPS | GIT_HTTPS, NULL },
	{ "gitlab",    "gitlab.com",      SSH | GIT_SSH | HTTPS | GIT_HTTPS,              NULL },
	{ "bitbucket", "bitbucket.org",   SSH | GIT_SSH | HTTPS | GIT_HTTPS,              "get" },
	{ "gist",      "gist.github.com", GIT | SSH | GIT_SSH | HTTPS | GIT_HTTPS,        "raw" },
	{ "sourcehut", "git.sr.ht",       GIT_SSH | HTTPS,                                "archive" },
};

static const struct {
	const char *scheme;
	unsigned protocol;
	enum spec_form form;
	bool has_auth;
} schemes[] = {
	{ "git+ssh",   GIT_SSH,   SPEC_FORM_SSH,   false },
	{ "ssh",       SSH,       SPEC_FORM_SSH,   false },
	{ "git+https", GIT_HTTPS, SPEC_FORM_HTTPS, true },
	{ "https",     HTTPS,     SPEC_FORM_HTTPS, true },
	{ "git",       GIT,       SPEC_FORM_GIT,   true },
	{ "http",      HTTP,      SPEC_FORM_SSH,   true },
};
/* clang-format on */

static bool is_host(const struct spec *s, const char *name)
{
	return str_eq(s->host, str_view(name));
}

/* ---- printing ---- */

static str hash_text(struct arena *a, str hash)
{
	return hash.len ? str_concat(a, S("#"), hash) : S("");
}

/* "user/project"; a gist's user is not shown. */
static str repo_path(struct arena *a, const struct spec *s)
{
	if (is_host(s, "gist"))
		return s->project;
	return str_printf(a, STR_FMT "/" STR_FMT,
			  STR_ARG(str_is_null(s->user) ? S("null") : s->user), STR_ARG(s->project));
}

static str domain_of(const struct spec *s)
{
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		if (is_host(s, hosts[i].name))
			return str_view(hosts[i].domain);
	return S("");
}

/* The repository in @form, without "git+"; @hash: what goes behind '#', or null. */
static str repo_text(struct arena *a, const struct spec *s, enum spec_form form, str hash)
{
	bool shows_auth = s->auth.len && !is_host(s, "gist") && !is_host(s, "sourcehut");
	str auth = shows_auth ? str_concat(a, s->auth, S("@")) : S("");
	str domain = domain_of(s), path = repo_path(a, s), tail = hash_text(a, hash);
	bool is_bare = is_host(s, "sourcehut") && form == SPEC_FORM_HTTPS;

	switch (form) {
	case SPEC_FORM_SHORTCUT:
		return str_printf(a, STR_FMT ":" STR_FMT STR_FMT, STR_ARG(s->host), STR_ARG(path),
				  STR_ARG(tail));
	case SPEC_FORM_HTTPS:
	case SPEC_FORM_GIT:
		return str_printf(a, "%s://" STR_FMT STR_FMT "/" STR_FMT "%s" STR_FMT,
				  form == SPEC_FORM_GIT ? "git" : "https", STR_ARG(auth),
				  STR_ARG(domain), STR_ARG(path), is_bare ? "" : ".git",
				  STR_ARG(tail));
	default:
		return str_printf(a, "ssh://git@" STR_FMT "/" STR_FMT ".git" STR_FMT,
				  STR_ARG(domain), STR_ARG(path), STR_ARG(tail));
	}
}

str spec_hosted_url(struct arena *a, const struct spec *s)
{
	bool is_https = s->auth.len || s->form == SPEC_FORM_HTTPS;
	str url = repo_text(a, s, is_https ? SPEC_FORM_HTTPS : SPEC_FORM_SSH, s->hash);

	return str_concat(a, S("git+"), url);
}

/* What npm would write into package.json. */
static str hosted_save_spec(struct arena *a, const struct spec *s)
{
	str text = repo_text(a, s, s->form, s->hash);
	bool has_plus = s->form == SPEC_FORM_SSH ||
			(s->form == SPEC_FORM_HTTPS && !is_host(s, "sourcehut"));

	return has_plus ? str_concat(a, S("git+"), text) : text;
}

/* ---- behind '#' ---- */

/* "abc", "semver:^1", "path:sub", joined by "::". */
static struct err *read_hash_part(struct arena *a, struct spec *s, str part)
{
	size_t colon = str_find_char(part, ':');
	str key = str_slice(part, 0, colon),
	    value = str_from(part, colon == STR_NPOS ? part.len : colon + 1);

	value = str_slice(value, 0, str_find_char(value, ':'));
	if (colon == STR_NPOS) {
		if (s->git_range.len)
			return err_new(E_GENERIC,
				       "cannot override existing semver range with a committish");
		if (s->committish.len)
			return err_new(
				E_GENERIC,
				"cannot override existing committish with a second committish");
		s->committish = part;
	} else if (str_eq(key, S("semver"))) {
		if (s->committish.len)
			return err_new(E_GENERIC,
				       "cannot override existing committish with a semver range");
		if (s->git_range.len)
			return err_new(
				E_GENERIC,
				"cannot override existing semver range with a second semver range");
		if (!spec_url_decode(a, value, &s->git_range))
			return err_new(E_GENERIC, "URI malformed");
		if (!s->git_range.len)
			s->git_range = STR_NULL;
	} else if (str_eq(key, S("path"))) {
		if (s->git_subdir.len)
			return err_new(E_GENERIC,
				       "cannot override existing path with a second path");
		s->git_subdir = str_concat(a, S("/"), value);
	} else {
		log_warn("npm-package-arg", "ignoring unknown key \"" STR_FMT "\"", STR_ARG(key));
	}
	return NULL;
}

static struct err *read_hash(struct arena *a, struct spec *s, str hash)
{
	s->hash = hash.len ? hash : STR_NULL;
	while (hash.len) {
		size_t end = str_find(hash, S("::"));

		TRY(read_hash_part(a, s, str_slice(hash, 0, end)));
		hash = end == STR_NPOS ? S("") : str_from(hash, end + 2);
	}
	return NULL;
}

/* ---- texts that are not URLs yet ---- */

/* "user/repo[#committish]". Only in front of '#' are a second slash, a colon, an at sign and blanks
 * forbidden; npm does not mind where the slash itself is. */
static bool is_shorthand(str text)
{
	str head = str_slice(text, 0, str_find_char(text, '#'));
	size_t slash = str_find_char(head, '/');

	if (slash == STR_NPOS ? str_find_char(text, '/') == STR_NPOS
			      : str_find_char(str_from(head, slash + 1), '/') != STR_NPOS)
		return false;
	return slash != 0 && !str_ends(head, S("/")) && !str_starts(head, S(".")) &&
	       str_find_any(head, "@: \t\n\v\f\r") == STR_NPOS;
}

static bool is_known_scheme(str scheme)
{
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (str_eq(scheme, str_view(schemes[i].scheme)))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		if (str_eq(scheme, str_view(hosts[i].name)))
			return true;
	return str_eq(scheme, S("git+http"));
}

/* "git:host:user/repo" and "user:password@host/x" get the scheme they lack. */
static str with_scheme(struct arena *a, str text)
{
	size_t colon = str_find_char(text, ':'), at = str_find_char(text, '@');

	if (colon != STR_NPOS && (is_known_scheme(str_slice(text, 0, colon)) ||
				  str_starts(str_from(text, colon), S("://"))))
		return text;
	if (at != STR_NPOS)
		return colon == STR_NPOS || at > colon ? str_concat(a, S("git+ssh://"), text)
						       : text;
	if (colon == STR_NPOS)
		return str_concat(a, S("//"), text);
	return str_printf(a, STR_FMT "://" STR_FMT, STR_ARG(str_slice(text, 0, colon)),
			  STR_ARG(str_from(text, colon + 1)));
}

/* "git@host:path": the last colon in front of the hash is a slash. */
static str without_scp(struct arena *a, str text)
{
	str head = str_slice(text, 0, str_find_char(text, '#'));
	size_t colon = str_rfind_char(head, ':'), at = str_rfind_char(head, '@');

	if (colon != STR_NPOS && (at == STR_NPOS || colon > at))
		text = str_printf(a, STR_FMT "/" STR_FMT, STR_ARG(str_slice(text, 0, colon)),
				  STR_ARG(str_from(text, colon + 1)));
	head = str_slice(text, 0, str_find_char(text, '#'));
	if (str_find_char(head, ':') == STR_NPOS && str_find(text, S("//")) == STR_NPOS)
		text = str_concat(a, S("git+ssh://"), text);
	return text;
}

static bool parse_repo_url(struct arena *a, str text, struct spec_url *out)
{
	str url = with_scheme(a, is_shorthand(text) ? str_concat(a, S("github:"), text) : text);

	return spec_url_parse(a, url, out) || spec_url_parse(a, without_scp(a, url), out);
}

/* ---- hosted ---- */

static str without_git_suffix(str project)
{
	return str_ends(project, S(".git")) ? str_slice(project, 0, project.len - 4) : project;
}

static bool decode_repo(struct arena *a, struct spec *s, str user, str project, str hash,
			str *decoded_hash)
{
	if (!spec_url_decode(a, user, &s->user) || !spec_url_decode(a, project, &s->project) ||
	    !spec_url_decode(a, hash, decoded_hash))
		return false;
	if (!s->user.len)
		s->user = STR_NULL;
	return s->project.len > 0;
}

/* "github:user/repo"; "user@" in front is left out. */
static bool read_shortcut(struct arena *a, struct spec *s, const struct spec_url *u, str *hash)
{
	str path = str_starts(u->path, S("/")) ? str_from(u->path, 1) : u->path, user = { 0 };
	size_t at = str_find_char(path, '@'), slash;

	if (at != STR_NPOS)
		path = str_from(path, at + 1);
	slash = str_rfind_char(path, '/');
	if (slash != STR_NPOS) {
		user = str_slice(path, 0, slash);
		path = str_from(path, slash + 1);
	}
	s->form = SPEC_FORM_SHORTCUT;
	return decode_repo(a, s, user, without_git_suffix(path),
			   u->hash.len ? str_from(u->hash, 1) : S(""), hash);
}

/* The first components of "/a/b/c/d"; missing ones are empty. */
static void split_path(str path, str *parts, size_t count)
{
	str rest = str_starts(path, S("/")) ? str_from(path, 1) : path;

	for (size_t i = 0; i < count; i++) {
		parts[i] = S("");
		if (!str_is_null(rest))
			str_cut(&rest, '/', &parts[i]);
	}
}

/* Where user and project stand differs: gitlab has groups, gists may have no user, github shows
 * branches. */
static bool find_repo(const struct git_host *host, const struct spec_url *u, str *user,
		      str *project, str *ref)
{
	str parts[4];

	split_path(u->path, parts, ARRAY_LEN(parts));
	*user = parts[0];
	*project = parts[1];
	*ref = u->hash.len ? str_from(u->hash, 1) : S("");
	if (host->not_repo && str_eq(parts[2], str_view(host->not_repo)))
		return false;
	if (str_eq(str_view(host->name), S("github")) && parts[2].len) {
		if (!str_eq(parts[2], S("tree")))
			return false;
		*ref = parts[3];
	} else if (str_eq(str_view(host->name), S("gitlab"))) {
		str path = str_from(u->path, 1);
		size_t slash = str_rfind_char(path, '/');

		if (str_find(path, S("/-/")) != STR_NPOS ||
		    str_find(path, S("/archive.tar.gz")) != STR_NPOS || slash == STR_NPOS)
			return false;
		*user = str_slice(path, 0, slash);
		*project = str_from(path, slash + 1);
	} else if (str_eq(str_view(host->name), S("gist")) && !project->len) {
		*project = without_git_suffix(*user);
		*user = S("");
		return project->len > 0;
	}
	*project = without_git_suffix(*project);
	return user->len && project->len;
}

static bool read_repo_url(struct arena *a, struct spec *s, const struct git_host *host,
			  const struct spec_url *u, str *hash)
{
	str user, project, ref;

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		if (!str_eq(u->scheme, str_view(schemes[i].scheme)) ||
		    !(host->protocols & schemes[i].protocol))
			continue;
		if (!find_repo(host, u, &user, &project, &ref) ||
		    !decode_repo(a, s, user, project, ref, hash))
			return false;
		s->form = schemes[i].form;
		if (schemes[i].has_auth && (u->username.len || u->password.len))
			s->auth = str_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(u->username),
					     u->password.len ? ":" : "", STR_ARG(u->password));
		return true;
	}
	return false;
}

bool spec_read_hosted(struct arena *a, struct spec *s, struct err **e)
{
	struct spec_url u;
	str domain, hash = S("");

	if (!parse_repo_url(a, s->raw, &u))
		return false;
	domain = str_starts(u.host, S("www.")) ? str_from(u.host, 4) : u.host;
	for (size_t i = 0; i < ARRAY_LEN(hosts) && str_is_null(s->host); i++) {
		bool is_shortcut = str_eq(u.scheme, str_view(hosts[i].name));

		if (is_shortcut ? read_shortcut(a, s, &u, &hash)
				: str_eq(domain, str_view(hosts[i].domain)) &&
					  read_repo_url(a, s, &hosts[i], &u, &hash))
			s->host = str_view(hosts[i].name);
	}
	if (str_is_null(s->host)) {
		s->user = s->project = s->auth = STR_NULL;
		s->form = SPEC_FORM_NONE;
		return false;
	}
	s->type = SPEC_GIT;
	s->is_hosted = true;
	*e = read_hash(a, s, hash);
	s->save_spec = hosted_save_spec(a, s);
	if (s->form != SPEC_FORM_SHORTCUT)
		s->fetch_spec = repo_text(a, s, s->form, STR_NULL);
	return true;
}

/* The repository that @text names, in its own form or, for a shortcut, as a URL. */
static str hosted_text(struct arena *a, str text, bool wants_url)
{
	struct spec s = { .raw = text };
	struct err *e = NULL;
	bool is_hosted = spec_read_hosted(a, &s, &e);

	err_ignore(e);
	if (!is_hosted)
		return STR_NULL;
	if (wants_url && s.form == SPEC_FORM_SHORTCUT) {
		s.form = SPEC_FORM_HTTPS;
		return hosted_save_spec(a, &s);
	}
	return s.save_spec;
}

str spec_hosted_text(struct arena *a, str text)
{
	return hosted_text(a, text, false);
}

str spec_repository_url(struct arena *a, str text)
{
	return hosted_text(a, text, true);
}

/* "/tree/main" and its like, which every host but one calls so; "" for the host's usual branch. */
static str ref_path(struct arena *a, const struct spec *s, str ref)
{
	if (!ref.len)
		return S("");
	return str_printf(a, "/%s" STR_FMT,
			  is_host(s, "gist") ? "" : is_host(s, "bitbucket") ? "src/" : "tree/",
			  STR_ARG(ref));
}

str spec_repository_folder(struct arena *a, str text, str folder)
{
	struct spec s = { .raw = text };
	struct err *e = NULL;
	bool is_hosted = spec_read_hosted(a, &s, &e);
	str ref = s.committish;

	err_ignore(e);
	if (!is_hosted)
		return STR_NULL;
	if (folder.len && !ref.len && !is_host(&s, "gist"))
		ref = S("HEAD");
	return str_printf(a, "https://" STR_FMT "/" STR_FMT STR_FMT "%s" STR_FMT,
			  STR_ARG(domain_of(&s)), STR_ARG(repo_path(a, &s)),
			  STR_ARG(ref_path(a, &s, ref)), folder.len ? "/" : "", STR_ARG(folder));
}

/* Whatever the URL is for, a browser may find a page of that name. */
str spec_url_page(struct arena *a, str text)
{
	struct spec_url u;
	str path;

	if (!spec_url_parse(a, text, &u) || !u.host.len)
		return STR_NULL;
	path = u.path;
	if (str_ends(path, S(".git")))
		path.len -= 4;
	return str_printf(a, "%s://" STR_FMT STR_FMT, str_eq(u.scheme, S("git+http")) ? "http" : "https",
			  STR_ARG(u.host), STR_ARG(path));
}

str spec_repository_page(struct arena *a, str text, enum spec_page page)
{
	struct spec s = { .raw = text };
	struct err *e = NULL;
	bool is_hosted = spec_read_hosted(a, &s, &e);

	err_ignore(e);
	if (!is_hosted || (page == SPEC_PAGE_BUGS && is_host(&s, "sourcehut")))
		return STR_NULL;
	bool is_gist = is_host(&s, "gist");
	str domain = domain_of(&s), path = repo_path(a, &s);
	str address = str_printf(a, "https://" STR_FMT "/" STR_FMT, STR_ARG(domain), STR_ARG(path));
	if (page == SPEC_PAGE_BUGS)
		return is_gist ? address : str_concat(a, address, S("/issues"));
	address = str_concat(a, address, ref_path(a, &s, s.committish));
	return is_gist ? address : str_concat(a, address, S("#readme"));
}

/* ---- any other URL ---- */

/* ":22/" is a port, ":user/" is none. */
static bool has_port(str text)
{
	for (size_t i = 0; i < text.len; i++) {
		size_t digits = 0;

		if (text.p[i] != ':')
			continue;
		while (i + 1 + digits < text.len && text.p[i + 1 + digits] >= '0' &&
		       text.p[i + 1 + digits] <= '9')
			digits++;
		if (digits && (i + 1 + digits == text.len || text.p[i + 1 + digits] == '/'))
			return true;
	}
	return false;
}

/* "git+ssh://user@host:path" is what ssh understands, but no URL. */
static bool is_scp_url(str raw, str *address, str *hash)
{
	str rest;
	size_t colon, sharp;

	if (!str_starts(raw, S("git+ssh://")))
		return false;
	rest = str_from(raw, 10);
	sharp = str_find_char(rest, '#');
	*address = str_slice(rest, 0, sharp);
	*hash = sharp == STR_NPOS ? S("") : str_from(rest, sharp + 1);
	colon = str_find_char(*address, ':');
	return colon != STR_NPOS && colon > 0 && colon + 1 < address->len && !has_port(*address);
}

static bool is_git_scheme(str scheme)
{
	static const char *const names[] = { "git",     "git+http", "git+https", "git+rsync",
					     "git+ftp", "git+file", "git+ssh" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(scheme, str_view(names[i])))
			return true;
	return false;
}

struct err *spec_read_url(struct arena *a, struct spec *s)
{
	struct spec_url u;
	str address, hash;

	s->save_spec = s->raw;
	if (is_scp_url(s->raw, &address, &hash)) {
		s->type = SPEC_GIT;
		s->fetch_spec = address;
		return read_hash(a, s, hash);
	}
	if (!spec_url_parse(a, s->raw, &u))
		return err_new(E_GENERIC, "Invalid URL: '" STR_FMT "'", STR_ARG(s->raw));
	if (is_git_scheme(u.scheme)) {
		str url = spec_url_format(a, &u);

		s->type = SPEC_GIT;
		s->fetch_spec = str_starts(url, S("git+")) ? str_from(url, 4) : url;
		return read_hash(a, s, u.hash.len ? str_from(u.hash, 1) : S(""));
	}
	if (str_eq(u.scheme, S("http")) || str_eq(u.scheme, S("https"))) {
		s->type = SPEC_REMOTE;
		s->fetch_spec = s->raw;
		return NULL;
	}
	return err_new(E_BAD_PROTOCOL, "Unsupported URL Type \"" STR_FMT ":\": " STR_FMT,
		       STR_ARG(u.scheme), STR_ARG(s->raw));
}
