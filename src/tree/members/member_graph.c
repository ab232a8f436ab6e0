/* SPDX-License-Identifier: MIT
 * Who needs whom among the members. A dependency on a member is one only when the member satisfies
 * it: otherwise npm takes the package from the registry, and the member of that name has no part in
 * it. This is read from the manifests alone, so that a script starts without a tree being loaded.
 */
#include "cpm/tree/member_graph.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"
#include "member_order.h"

struct builder {
	struct arena *arena;
	struct member_graph *graph;
	struct map by_name, by_path; /* -> struct member * */
};

/* ---- links ---- */

static bool version_satisfies(struct arena *tmp, const struct member *m, const struct spec *s)
{
	struct semver v;

	if (s->type == SPEC_RANGE && (s->fetch_spec.len == 0 || str_eq(s->fetch_spec, S("*"))))
		return true;
	return m->manifest->version.len > 0 &&
	       semver_parse(tmp, m->manifest->version, SEMVER_LOOSE, &v) && s->range &&
	       range_has(s->range, &v);
}

/* The member that a dependency of @from leads to, or NULL. */
static struct member *target_of(struct builder *b, const struct member *from, const struct dep *dep)
{
	ARENA_SCOPE(tmp);
	struct member *m = map_get(&b->by_name, dep->name);
	const struct spec *target;
	struct spec *spec;
	struct err *e = spec_resolve(tmp, dep->name, dep->spec, from->path, &spec);

	err_ignore(e);
	if (e)
		return NULL;
	target = spec_target(spec);
	if (target->type == SPEC_DIRECTORY)
		return map_get(&b->by_path, target->fetch_spec);
	if (target->type != SPEC_RANGE && target->type != SPEC_VERSION)
		return NULL;
	return m && version_satisfies(tmp, m, target) ? m : NULL;
}

static bool has_link(const struct member *m, size_t to)
{
	VEC_EACH (struct member_link, l, &m->needs)
		if (l->to == to)
			return true;
	return false;
}

static void add_links(struct builder *b, struct member *m, const struct dep_list *deps,
		      enum edge_type type)
{
	for (size_t i = 0; i < deps->count; i++) {
		const struct dep *dep = &deps->items[i];
		const struct member *to = target_of(b, m, dep);
		size_t index = to ? (size_t)(to - b->graph->items) : 0;

		if (!to || to == m || has_link(m, index))
			continue;
		VEC_PUSH(b->arena, &m->needs,
			 (struct member_link){ .to = index, .type = type, .spec = dep->spec });
	}
}

static void link_member(struct builder *b, struct member *m)
{
	const struct manifest *manifest = m->manifest;

	add_links(b, m, &manifest->optional_deps, EDGE_OPTIONAL);
	add_links(b, m, &manifest->deps, EDGE_PROD);
	add_links(b, m, &manifest->peer_deps, EDGE_PEER);
	add_links(b, m, &manifest->dev_deps, EDGE_DEV);
	VEC_EACH (struct member_link, l, &m->needs)
		if (l->type == EDGE_PEER &&
		    manifest_is_optional_peer(manifest, b->graph->items[l->to].name))
			l->type = EDGE_PEER_OPTIONAL;
}

/* ---- the graph ---- */

static struct err *read_member(struct builder *b, str root, const struct workspace *w,
			       struct member *m)
{
	*m = (struct member){ .name = w->name, .path = w->path };
	m->location = str_eq(w->path, root) ? S("") : path_relative(b->arena, root, w->path);
	TRY(manifest_read(b->arena, AT_FDCWD, str_cstr(b->arena, w->path), &m->manifest, NULL));
	if (!map_has(&b->by_name, m->name))
		map_put(&b->by_name, m->name, m);
	map_put(&b->by_path, m->path, m);
	return NULL;
}

struct err *member_graph_build(struct arena *a, str root, const struct workspace *list,
			       size_t count, struct member_graph *out)
{
	struct builder b = { .arena = a, .graph = out };

	*out = (struct member_graph){ .count = count };
	out->items = ARENA_ARRAY(a, struct member, count + 1);
	map_init(&b.by_name, a);
	map_init(&b.by_path, a);
	for (size_t i = 0; i < count; i++)
		TRY(read_member(&b, root, &list[i], &out->items[i]));
	for (size_t i = 0; i < count; i++)
		link_member(&b, &out->items[i]);
	for (size_t i = 0; i < count; i++)
		VEC_EACH (struct member_link, l, &out->items[i].needs)
			VEC_PUSH(a, &out->items[l->to].needed_by, i);
	member_order_find(a, out);
	return NULL;
}

/* ---- questions ---- */

size_t member_graph_find(const struct member_graph *g, str name)
{
	while (str_starts(name, S("./")))
		name = str_from(name, 2);
	while (str_ends(name, S("/")) && name.len > 1)
		name.len--;
	for (size_t i = 0; i < g->count; i++)
		if (str_eq(g->items[i].name, name))
			return i;
	for (size_t i = 0; i < g->count; i++)
		if (str_eq(g->items[i].location, name) || str_eq(g->items[i].path, name))
			return i;
	return STR_NPOS;
}

typedef VEC(size_t) index_vec;

static void mark(struct arena *tmp, bool *set, index_vec *agenda, size_t i)
{
	if (set[i])
		return;
	set[i] = true;
	VEC_PUSH(tmp, agenda, i);
}

static void spread(const struct member_graph *g, bool *set, bool to_needs)
{
	ARENA_SCOPE(tmp);
	index_vec agenda = { 0 };

	for (size_t i = 0; i < g->count; i++)
		if (set[i])
			VEC_PUSH(tmp, &agenda, i);
	for (size_t at = 0; at < agenda.len; at++) {
		const struct member *m = &g->items[agenda.items[at]];

		for (size_t i = 0; to_needs && i < m->needs.len; i++)
			mark(tmp, set, &agenda, m->needs.items[i].to);
		for (size_t i = 0; !to_needs && i < m->needed_by.len; i++)
			mark(tmp, set, &agenda, m->needed_by.items[i]);
	}
}

void member_graph_add_needs(const struct member_graph *g, bool *set)
{
	spread(g, set, true);
}

void member_graph_add_needed_by(const struct member_graph *g, bool *set)
{
	spread(g, set, false);
}

str member_link_field(const struct member_link *l)
{
	switch (l->type) {
	case EDGE_DEV:
		return S("devDependencies");
	case EDGE_OPTIONAL:
		return S("optionalDependencies");
	case EDGE_PEER:
	case EDGE_PEER_OPTIONAL:
		return S("peerDependencies");
	default:
		return S("dependencies");
	}
}
