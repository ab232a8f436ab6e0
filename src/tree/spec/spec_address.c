/* SPDX-License-Identifier: MIT
 * From a spec to an address. A repository on a known host is asked for by https and then by ssh,
 * and its commits are served as tarballs; any other is just its URL. Twin of the first half of
 * pacote's git.js. */
#include "cpm/tree/spec_address.h"
#include "spec_priv.h"

bool spec_is_commit(str s)
{
	if (s.len < 40 || s.len > 64)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

/* ---- hosts ---- */

/* $u is the user, $p the project, $c the commit. */
static const struct {
	const char *host, *tarball;
} hosts[] = {
	{ "github", "https://codeload.github.com/$u/$p/tar.gz/$c" },
	{ "gitlab", "https://gitlab.com/api/v4/projects/$u%2F$p/repository/archive.tar.gz?sha=$c" },
	{ "bitbucket", "https://bitbucket.org/$u/$p/get/$c.tar.gz" },
	{ "gist", "https://codeload.github.com/gist/$p/tar.gz/$c" },
	{ "sourcehut", "https://git.sr.ht/$u/$p/archive/$c.tar.gz" },
};

/* Groups of gitlab's are paths; in an address that names a project their slashes are encoded. */
static str host_tarball(struct arena *a, const struct spec *s, str commit)
{
	str user = str_is_null(s->user) ? S("") : s->user;

	for (size_t i = 0; s->is_hosted && i < ARRAY_LEN(hosts); i++) {
		str url = str_view(hosts[i].tarball);

		if (!str_eq(s->host, str_view(hosts[i].host)))
			continue;
		if (str_eq(s->host, S("gitlab")))
			user = str_replace_all(a, user, S("/"), S("%2F"));
		url = str_replace_all(a, url, S("$u"), user);
		url = str_replace_all(a, url, S("$p"), s->project);
		return str_replace_all(a, url, S("$c"), commit);
	}
	return STR_NULL;
}

/* "https://..." or "ssh://..." of a repository, without what follows '#'. */
static str hosted_place(struct arena *a, const struct spec *s, enum spec_form form)
{
	struct spec bare = *s;

	bare.form = form;
	bare.hash = STR_NULL;
	return str_from(spec_hosted_url(a, &bare), sizeof("git+") - 1);
}

static void set_repo(struct arena *a, const struct spec *s, struct package_address *at)
{
	at->kind = PACKAGE_REPO;
	at->place = s->is_hosted ? hosted_place(a, s, SPEC_FORM_HTTPS) : s->fetch_spec;
	/* With a login in the address there is nothing that ssh could do better. */
	if (s->is_hosted && str_is_empty(s->auth))
		at->other_place = hosted_place(a, s, SPEC_FORM_SSH);
	at->ref = s->committish;
	at->subdir = s->git_subdir;
	if (spec_is_commit(s->committish))
		spec_address_pin(a, s, s->committish, at);
}

/* ---- all kinds ---- */

struct package_address spec_address(struct arena *a, const struct spec *s, bool is_own)
{
	struct package_address at = { .name = s->name, .place = s->fetch_spec, .is_own = is_own };

	switch (s->type) {
	case SPEC_FILE:
		at.kind = PACKAGE_FILE;
		break;
	case SPEC_DIRECTORY:
		at.kind = PACKAGE_FOLDER;
		break;
	case SPEC_GIT:
		set_repo(a, s, &at);
		break;
	default:
		at.kind = PACKAGE_URL;
		break;
	}
	return at;
}

void spec_address_pin(struct arena *a, const struct spec *s, str commit, struct package_address *at)
{
	at->commit = commit;
	at->host_tarball = host_tarball(a, s, commit);
}

/* npm keeps all that stands behind '#' when it names a commit, and nothing but the commit
 * otherwise. */
static str repo_resolved(struct arena *a, const struct spec *s, const struct package_address *at)
{
	struct spec pinned = *s;
	bool names_commit = str_eq(s->committish, at->commit);
	str base = str_slice(s->raw, 0, str_find_char(s->raw, '#'));

	if (!s->is_hosted)
		return names_commit ? s->raw
				    : str_printf(a, STR_FMT "#" STR_FMT, STR_ARG(base),
						 STR_ARG(at->commit));
	pinned.hash = names_commit ? s->hash : at->commit;
	return spec_hosted_url(a, &pinned);
}

str spec_address_resolved(struct arena *a, const struct spec *s, const struct package_address *at)
{
	if (at->kind == PACKAGE_REPO)
		return repo_resolved(a, s, at);
	return at->kind == PACKAGE_URL ? at->place : str_concat(a, S("file:"), at->place);
}

/* ---- commits ---- */

static struct err *find_in_range(struct arena *a, struct package_source *packages,
				 const struct spec *s, str where, const struct pick_opts *pick,
				 const struct package_address *at, str *commit)
{
	const struct packument_version *v;
	struct packument *tags;
	struct spec *range;

	TRY(spec_resolve(a, s->name, s->git_range, where, &range));
	TRY(package_list_tags(packages, a, at, &tags));
	TRY(pick_version(tags, range, pick, &v));
	*commit = v->manifest;
	return NULL;
}

struct err *spec_address_find_commit(struct arena *a, struct package_source *packages,
				     const struct spec *s, str where, const struct pick_opts *pick,
				     struct package_address *at)
{
	str commit;

	if (at->kind != PACKAGE_REPO || !str_is_null(at->commit))
		return NULL;
	if (str_is_empty(s->git_range))
		TRY(package_find_commit(packages, a, at, &commit));
	else
		TRY(find_in_range(a, packages, s, where, pick, at, &commit));
	spec_address_pin(a, s, commit, at);
	return NULL;
}
