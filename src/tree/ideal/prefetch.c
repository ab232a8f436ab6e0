/* SPDX-License-Identifier: MIT
 * The resolver decides one thing after another, in an order that must not depend on the network;
 * left alone it would wait for one packument at a time. So names are announced as soon as anybody
 * can know them: when a manifest is chosen, all it depends on; and when an announced packument
 * arrives while the resolver waits for another, the version its first dependents want is chosen
 * ahead of time and what that depends on is announced too. This only ever asks early: it changes
 * nothing in the tree, and a wrong guess costs a request. What the tree already satisfies is not
 * asked for. */
#include "ideal_priv.h"

struct prefetch_name {
	str name;
	bool is_here;
	VEC(str) specs;  /* raw specs it was announced for and that were not looked at yet */
	struct map seen; /* those that ever were */
};

/* What the registry calls it, and the spec behind an alias. Specs of other kinds are nobody's to
 * announce. */
static bool registry_name(const struct spec *spec, str *name)
{
	if (!spec_is_registry(spec))
		return false;
	*name = spec_target(spec)->name;
	return !str_is_empty(*name);
}

static bool is_satisfied_already(struct ideal *b, str name, const struct spec *spec)
{
	const node_vec *nodes = tree_named(b->tree, name);

	for (size_t i = 0; nodes && i < nodes->len; i++)
		if (dep_is_valid(nodes->items[i], spec, b->tree->root))
			return true;
	return false;
}

static struct spec *parse_quietly(struct ideal *b, str name, str text)
{
	ARENA_SCOPE(tmp);
	str key = str_printf(tmp, STR_FMT "@" STR_FMT, STR_ARG(name), STR_ARG(text));
	struct spec *spec = map_get(b->tree->specs, key);
	struct err *failure;

	if (spec)
		return spec;
	failure = spec_resolve(b->arena, name, text, b->tree->path, &spec);
	if (failure) {
		err_ignore(failure);
		return NULL;
	}
	if (spec_is_registry(spec))
		map_put(b->tree->specs, str_dup(b->arena, key), spec);
	return spec;
}

void prefetch_spec(struct prefetch *f, str name, str text)
{
	struct ideal *b = f->ideal;
	struct spec *spec = parse_quietly(b, name, text);
	struct prefetch_name *n;
	str real;

	if (!spec || !registry_name(spec, &real) || is_satisfied_already(b, name, spec))
		return;
	n = map_get(&f->wanted, real);
	if (!n) {
		n = ARENA_NEW(b->arena, struct prefetch_name);
		n->name = real;
		map_init(&n->seen, b->arena);
		map_put(&f->wanted, real, n);
		source_announce(b->opts->source, real);
	}
	text = spec_target(spec)->raw;
	if (map_put(&n->seen, text, n))
		return;
	VEC_PUSH(b->arena, &n->specs, text);
	if (n->is_here && n->specs.len == 1)
		VEC_PUSH(b->arena, &f->ready, n);
}

void prefetch_manifest(struct prefetch *f, const struct manifest *m, bool is_own)
{
	const struct dep_list *lists[] = { &m->deps, &m->optional_deps,
					   f->ideal->opts->legacy_peer_deps ? NULL : &m->peer_deps,
					   is_own ? &m->dev_deps : NULL };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t j = 0; lists[i] && j < lists[i]->count; j++) {
			struct dep d = lists[i]->items[j];

			if (lists[i] == &m->peer_deps && manifest_is_optional_peer(m, d.name))
				continue;
			if (!manifest_is_bundled(m, d.name))
				prefetch_spec(f, d.name, d.spec);
		}
}

/* A packument is here: what its dependents want of it tells what will be needed next. */
static void look_ahead(struct prefetch *f, struct prefetch_name *n)
{
	struct ideal *b = f->ideal;
	const struct packument *p;
	const struct err *failure;

	while (n->specs.len &&
	       b->opts->source->ops->try_get(b->opts->source, n->name, &p, &failure) && p) {
		struct spec *spec = parse_quietly(b, n->name, VEC_POP(&n->specs));
		struct manifest *m;
		struct err *e = spec ? ideal_pick_manifest(b, p, spec, &m) : NULL;

		if (e)
			err_ignore(e);
		else if (spec)
			prefetch_manifest(f, m, false);
	}
}

struct err *prefetch_get(struct prefetch *f, str name, const struct packument **out)
{
	struct source *s = f->ideal->opts->source;
	const struct err *failure = NULL;
	struct prefetch_name *n;
	str arrived;

	source_announce(s, name);
	for (;;) {
		while (f->ready.len)
			look_ahead(f, VEC_POP(&f->ready));
		if (s->ops->try_get(s, name, out, &failure) || !s->ops->wait_any(s, &arrived))
			return source_get(s, name, out);
		n = map_get(&f->wanted, arrived);
		if (!n)
			continue;
		n->is_here = true;
		look_ahead(f, n);
	}
}
