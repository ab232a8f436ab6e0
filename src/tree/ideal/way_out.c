/* SPDX-License-Identifier: MIT
 * Where ways out are looked for: in other versions of the project's own dependencies that lead to
 * the conflict, and in overriding the wish that failed. Whether one works is not deduced but tried,
 * since a change that settles one conflict often uncovers another; what is deduced is only which
 * versions are not worth a trial. */
#include "cpm/tree/way_out.h"

#define TRIALS_PER_NAME 3
#define TRIALS_MAX      9 /* and one more for the option, which costs the least thought */
#define VERSIONS_READ   200

struct search {
	const struct conflict *conflict;
	const struct manifest *root;
	struct source *source;
	const struct pick_opts *pick;
	struct way_out_port *port;
	const struct packument *about; /* of the package in conflict; NULL: not known */
	size_t trials;
	VEC(str) names; /* looked at already */
};

static bool works(struct search *s, const struct way_out *way)
{
	struct err *failure = s->port->try(s->port, way);

	s->trials++;
	if (!failure)
		return true;
	err_ignore(failure);
	return false;
}

/* ---- another version of a dependency ---- */

/* What the project itself asks for by this name; null when it does not. */
static str own_spec(const struct manifest *root, str name)
{
	const struct dep_list *lists[] = { &root->deps, &root->dev_deps, &root->optional_deps,
					   &root->peer_deps };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		str spec = manifest_dep_spec(lists[i], name);

		if (!str_is_null(spec))
			return spec;
	}
	return STR_NULL;
}

/* Some version suits @peer, what this candidate needs of the package, and everybody else. */
static bool peers_fit(const struct search *s, str holder, str peer)
{
	ARENA_SCOPE(tmp);
	const struct range *r = range_parse(tmp, peer, SEMVER_LOOSE);

	if (!r || !s->about)
		return true;
	for (size_t i = 0; i < s->about->nversions; i++) {
		const struct semver *v = &s->about->versions[i].semver;
		bool is_fit = !str_is_null(v->text) && range_has(r, v);

		VEC_EACH (struct conflict_wish, w, &s->conflict->wishes)
			if (is_fit && !str_eq(w->by_name, holder))
				is_fit = w->range && range_has(w->range, v);
		if (is_fit)
			return true;
	}
	return false;
}

/* Does this version still contradict the conflict by itself? */
static bool is_promising(const struct search *s, str name, const struct packument *p,
			 const struct packument_version *v)
{
	ARENA_SCOPE(tmp);
	const struct conflict *c = s->conflict;
	struct manifest *m;
	struct err *failure;
	str text, peer;

	if (str_eq(name, c->package)) {
		VEC_EACH (struct conflict_wish, w, &c->wishes)
			if (!w->is_own && (!w->range || !range_has(w->range, &v->semver)))
				return false;
		return true;
	}
	VEC_EACH (struct conflict_wish, w, &c->wishes)
		if (str_eq(w->by, str_printf(tmp, STR_FMT "@" STR_FMT, STR_ARG(name),
					     STR_ARG(v->version))))
			return false;
	failure = packument_manifest(p, v, &text);
	if (!failure)
		failure = manifest_from_text(tmp, text, &m);
	if (failure) {
		err_ignore(failure);
		return false;
	}
	peer = manifest_dep_spec(&m->peer_deps, c->package);
	return str_is_null(peer) || peers_fit(s, name, peer);
}

/* May be chosen at all: no prerelease, not deprecated, not too new. */
static bool is_choosable(const struct search *s, const struct packument *p,
			 const struct packument_version *v)
{
	ARENA_SCOPE(tmp);
	const struct packument_version *picked;
	struct spec *spec;
	struct err *failure;

	if (str_is_null(v->semver.text) || v->semver.pre.len || v->is_deprecated)
		return false;
	failure = spec_resolve(tmp, p->name, v->version, S("/"), &spec);
	if (!failure)
		failure = pick_version(p, spec, s->pick, &picked);
	if (!failure)
		return true;
	err_ignore(failure);
	return false;
}

static bool try_versions(struct search *s, str name, struct way_out *way)
{
	const struct packument *p;
	struct err *failure = source_get(s->source, name, &p);
	size_t tried = 0;

	if (failure) {
		err_ignore(failure);
		return false;
	}
	for (size_t i = 0; i < p->nversions && i < VERSIONS_READ; i++) {
		const struct packument_version *v = &p->versions[i];

		if (tried == TRIALS_PER_NAME || s->trials == TRIALS_MAX)
			return false;
		if (!is_choosable(s, p, v) || !is_promising(s, name, p, v))
			continue;
		*way = (struct way_out){ .kind = WAY_VERSION, .name = name, .version = v->version };
		tried++;
		if (works(s, way))
			return true;
	}
	return false;
}

/* @name is a dependency of the project that a registry serves under that very name, and a new one.
 */
static bool is_to_be_looked_at(struct search *s, str name)
{
	str spec = own_spec(s->root, name);

	if (str_is_null(name) || str_find_char(spec, ':') != STR_NPOS)
		return false;
	VEC_EACH (str, known, &s->names)
		if (str_eq(*known, name))
			return false;
	VEC_PUSH(s->conflict->arena, &s->names, name);
	return true;
}

static bool find_version(struct search *s, struct way_out *way)
{
	const struct conflict *c = s->conflict;

	VEC_EACH (struct conflict_wish, w, &c->wishes)
		if (!w->is_own && is_to_be_looked_at(s, w->through) &&
		    try_versions(s, w->through, way))
			return true;
	VEC_EACH (struct conflict_wish, w, &c->wishes)
		if (str_is_null(w->by) && is_to_be_looked_at(s, c->package) &&
		    try_versions(s, c->package, way))
			return true;
	return false;
}

/* ---- an override ---- */

/* What the package is overridden with: the project's own wish, or a version that suits the others.
 */
static str override_value(const struct search *s, const struct conflict_wish *overridden)
{
	const struct conflict *c = s->conflict;

	if (!str_is_null(own_spec(s->root, c->package)))
		return str_concat(c->arena, S("$"), c->package);
	for (size_t i = 0; s->about && i < s->about->nversions; i++) {
		const struct packument_version *v = &s->about->versions[i];
		bool is_fit = is_choosable(s, s->about, v);

		VEC_EACH (struct conflict_wish, w, &c->wishes)
			if (is_fit && w != overridden)
				is_fit = w->range && range_has(w->range, &v->semver);
		if (is_fit)
			return v->version;
	}
	return STR_NULL;
}

static bool find_override(struct search *s, struct way_out *way)
{
	const struct conflict *c = s->conflict;

	VEC_EACH (struct conflict_wish, w, &c->wishes) {
		if (w->is_own || s->trials == TRIALS_MAX)
			continue;
		*way = (struct way_out){ .kind = WAY_OVERRIDE,
					 .name = w->by_name,
					 .inner = c->package,
					 .value = override_value(s, w) };
		if (!str_is_null(way->value) && works(s, way))
			return true;
	}
	return false;
}

size_t ways_out_find(const struct conflict *c, const struct manifest *root, struct source *source,
		     const struct pick_opts *pick, struct way_out_port *port, struct way_out *out)
{
	struct search s = {
		.conflict = c, .root = root, .source = source, .pick = pick, .port = port
	};
	const struct err *failure;
	size_t count = 0;

	if (!source->ops->try_get(source, c->package, &s.about, &failure))
		s.about = NULL;
	count += find_version(&s, &out[count]);
	count += find_override(&s, &out[count]);
	out[count] = (struct way_out){ .kind = WAY_LEGACY_PEER_DEPS };
	return count + works(&s, &out[count]);
}
