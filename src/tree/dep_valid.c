/* SPDX-License-Identifier: MIT
 * Does a node satisfy a spec (npm-tree.md 6.3)? Registry specs are compared by version alone and
 * make up nearly all questions, so they are parsed once per text and run; everything else depends
 * on where it is asked from and is parsed when asked. Twin of arborist's dep-valid.js and
 * from-path.js. */
#include "node_priv.h"
#include "spec_priv.h"

#include "cpm/base/path.h"

/* Relative specs start here: the project for an override, where a tarball lay or a folder was
 * copied from, else the package. */
static str base_of(struct arena *a, const struct edge *e)
{
	const struct node *from = e->from;
	const struct override_set *o = e->overrides;
	const struct node *real = from->stands_for ? from->stands_for : from;

	if (o && str_eq(o->name, e->name) && !str_is_empty(o->value) && real->tree)
		return real->tree->path;
	if (str_starts(from->resolved, S("file:")) && from->tree) {
		str source = path_resolve(a, from->tree->path, str_from(from->resolved, 5));

		return spec_is_tarball(source) ? path_dirname(source) : source;
	}
	if (!str_is_null(from->real_path))
		return from->real_path;
	return from->tree ? from->tree->path : S("/");
}

/* Specs of registry kind mean the same everywhere: one value per name and text. */
static struct err *parse_shared(struct tree *t, struct arena *a, str name, str text, str where,
				struct spec **out)
{
	str key = STR_NULL;

	if (t) {
		key = str_join(a, (const str[]){ name, text }, 2, S("@"));
		*out = map_get(t->specs, key);
		if (*out)
			return NULL;
	}
	TRY(spec_resolve(t ? t->arena : a, name, text, where, out));
	if (t && spec_is_registry(*out))
		map_put(t->specs, str_dup(t->arena, key), *out);
	return NULL;
}

/* @is_own: the raw spec, before overrides. */
static struct err *parse_for(struct arena *tmp, struct edge *e, str text, const struct spec **memo,
			     const struct spec **out)
{
	struct tree *t = e->from->tree;
	struct arena *keep = e->from->children.arena;
	struct spec *parsed = NULL;

	*out = *memo;
	if (*out)
		return NULL;
	TRY(parse_shared(t, t ? tmp : keep, e->name, text, base_of(t ? tmp : keep, e), &parsed));
	*out = parsed;
	if (spec_is_registry(parsed))
		*memo = parsed;
	return NULL;
}

struct err *edge_parse_spec(struct edge *e, const struct spec **out)
{
	ARENA_SCOPE(tmp);
	str text = edge_spec_text(e);

	*out = NULL;
	if (str_is_null(text))
		return err_new(E_GENERIC, "Unable to resolve reference " STR_FMT,
			       STR_ARG(e->overrides->value));
	return parse_for(tmp, e, text, &e->spec, out);
}

/* ---- by kind ---- */

static bool version_is_valid(struct node *n, const struct spec *spec)
{
	const struct semver *v;

	if (spec->type == SPEC_RANGE &&
	    (str_is_empty(spec->fetch_spec) || str_eq(spec->fetch_spec, S("*"))))
		return true;
	v = node_semver(n);
	return v && spec->range && range_has(spec->range, v);
}

static bool directory_is_valid(const struct node *n, const struct spec *spec,
			       const struct node *requester)
{
	if (requester->tree && requester->tree->install_links && !node_is_workspace(n))
		return !n->is_link;
	return n->is_link && str_eq(n->real_path, spec->fetch_spec);
}

static bool file_is_valid(const struct node *n, const struct spec *spec)
{
	return !n->is_link && str_starts(n->resolved, S("file:")) &&
	       str_eq(str_from(n->resolved, 5), spec->fetch_spec);
}

static bool tag_is_valid(const struct node *n)
{
	ARENA_SCOPE(tmp);
	struct spec *resolved;

	if (str_is_empty(n->resolved))
		return false;
	if (str_starts(n->resolved, S("https://")) || str_starts(n->resolved, S("http://"))) {
		struct err *failure = spec_parse_arg(tmp, n->resolved, S("/"), &resolved);

		if (!failure)
			return resolved->type == SPEC_REMOTE;
		err_ignore(failure);
	}
	return false;
}

static bool is_commit(str s)
{
	if (s.len < 40 || s.len > 64)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') ||
		      ((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'f')))
			return false;
	return true;
}

/* The committish the lockfile recorded for this edge; null when it recorded none. */
static str locked_committish(struct arena *a, const struct node *n, const struct node *requester)
{
	static const struct manifest nothing;
	const struct manifest *m = requester->locked ? requester->locked : &nothing;
	const struct dep_list *lists[] = { &m->deps, &m->optional_deps, &m->dev_deps,
					   &m->peer_deps };
	struct spec *locked;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		str text = manifest_dep_spec(lists[i], n->name);
		struct err *failure;

		if (str_is_empty(text))
			continue;
		failure = spec_resolve(a, n->name, text, requester->real_path, &locked);
		if (failure) {
			err_ignore(failure);
			return STR_NULL;
		}
		if (locked->type != SPEC_GIT)
			return STR_NULL;
		return str_is_null(locked->committish) ? S("") : locked->committish;
	}
	return STR_NULL;
}

static bool git_is_valid(struct node *n, const struct spec *spec, const struct node *requester)
{
	ARENA_SCOPE(tmp);
	struct spec *got = NULL;
	struct err *failure = spec_parse_arg(tmp, str_is_null(n->resolved) ? S("") : n->resolved,
					     S("/"), &got);
	bool is_pinned = is_commit(spec->committish);
	str locked;

	if (failure) {
		err_ignore(failure);
		return false;
	}
	if (!got->is_hosted) {
		if (!str_eq(got->fetch_spec, spec->fetch_spec))
			return false;
	} else if (!spec->is_hosted || !str_eq(got->host, spec->host) ||
		   !str_eq(got->user, spec->user) || !str_eq(got->project, spec->project) ||
		   (is_pinned && !str_eq(got->committish, spec->committish))) {
		return false;
	}
	if (!str_is_empty(spec->git_range))
		return range_satisfies(node_version(n), spec->git_range, SEMVER_LOOSE);
	if (is_pinned)
		return true;
	locked = locked_committish(tmp, n, requester);
	return str_is_null(locked) ||
	       str_eq(locked, str_is_null(spec->committish) ? S("") : spec->committish);
}

bool dep_is_valid(struct node *n, const struct spec *spec, const struct node *requester)
{
	switch (spec->type) {
	case SPEC_RANGE:
	case SPEC_VERSION:
		return version_is_valid(n, spec);
	case SPEC_ALIAS:
		return dep_is_valid(n, spec->sub, requester);
	case SPEC_TAG:
		return tag_is_valid(n);
	case SPEC_REMOTE:
		return str_eq(n->resolved, spec->fetch_spec);
	case SPEC_FILE:
		return file_is_valid(n, spec);
	case SPEC_DIRECTORY:
		return directory_is_valid(n, spec, requester);
	case SPEC_GIT:
		return git_is_valid(n, spec, requester);
	}
	return false;
}

/* A spec that cannot be parsed is satisfied by nothing, ever. */
static bool text_is_valid(struct arena *tmp, struct node *n, struct edge *e, str text,
			  const struct spec **memo)
{
	const struct spec *spec;
	struct err *failure = parse_for(tmp, e, text, memo, &spec);

	if (failure) {
		err_ignore(failure);
		return false;
	}
	return dep_is_valid(n, spec, e->from);
}

bool dep_text_is_valid(struct node *n, const struct edge *edge, str text)
{
	ARENA_SCOPE(tmp);
	struct edge *e = (struct edge *)edge;
	const struct spec *none = NULL, *other = NULL;
	const struct spec **memo = &none;

	if (str_is_null(text))
		return false;
	if (text.p == e->raw_spec.p && text.len == e->raw_spec.len)
		memo = &e->own_spec;
	else if (str_eq(text, edge_spec_text(e)))
		memo = &e->spec;
	if (str_is_empty(text))
		return true;
	if (text_is_valid(tmp, n, e, text, memo))
		return true;
	if (str_is_null(e->accept))
		return false;
	return str_is_empty(e->accept) || text_is_valid(tmp, n, e, e->accept, &other);
}
