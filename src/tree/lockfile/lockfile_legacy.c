/* SPDX-License-Identifier: MIT
 * Writing the old half of a lockfile. Only projects that pin version 1 or 2 get it. `version` holds
 * whatever the package came from, `from` what asked for a repository, `requires` the edges without
 * peers. Twin of shrinkwrap.js, buildLegacyLockfile. The walk keeps its own stack, since trees may
 * be deeper than ours. */
#include "lockfile_legacy.h"
#include "lockfile_priv.h"

#include "cpm/base/path.h"

/* A node whose children are being written. */
struct level {
	struct node *node;
	struct node **kids; /* sorted */
	size_t nkids, next;
	bool is_open; /* "dependencies": { was written */
};

typedef VEC(struct level) level_vec;

/* ---- where a package came from ---- */

/* How deep below node_modules folders the asking package is, and what its location ends in. */
static size_t sections(str location, str *last)
{
	size_t count = 1, at;

	while ((at = str_find(location, S("node_modules"))) != STR_NPOS) {
		location = str_from(location, at + 12);
		count++;
	}
	*last = location;
	return count;
}

static bool is_nearer(const struct edge *a, const struct edge *b)
{
	str last_a, last_b;
	size_t depth_a = sections(a->from->location, &last_a),
	       depth_b = sections(b->from->location, &last_b);

	return depth_a != depth_b ? depth_a < depth_b : str_collate(last_a, last_b) < 0;
}

/* The valid edge into @n from nearest to the root. */
static struct edge *asking_edge(const struct node *n)
{
	struct edge *best = NULL;

	for (size_t i = 0; i < n->edges_in.len; i++) {
		struct edge *e = n->edges_in.items[i];

		if (edge_is_valid(e) && (!best || is_nearer(e, best)))
			best = e;
	}
	return best;
}

/* NULL when @text is no spec. */
static struct spec *parse_or_null(struct arena *a, str name, str text, str where)
{
	struct spec *s = NULL;
	struct err *e = name.p ? spec_resolve(a, name, text, where, &s)
			       : spec_parse_arg(a, text, where, &s);

	if (!e)
		return s;
	err_free(e);
	return NULL;
}

struct origin {
	const struct spec *asked, *resolved; /* NULL when there is none */
};

static struct origin origin_of(struct emitter *w, const struct node *n)
{
	const struct edge *e = asking_edge(n);
	str resolved = spec_resolved(w->arena, n->resolved, w->tree->path, w->tree->path);
	struct origin o = { 0 };

	if (resolved.len)
		o.resolved = parse_or_null(w->arena, STR_NULL, resolved, w->tree->path);
	o.asked = e ? parse_or_null(w->arena, n->name, edge_spec_text(e), e->from->real_path)
		    : o.resolved;
	return o;
}

static bool is_type(const struct spec *s, enum spec_type type)
{
	return s && s->type == type;
}

static bool is_local_or_remote(const struct spec *s)
{
	return is_type(s, SPEC_FILE) || is_type(s, SPEC_REMOTE);
}

/* What npm 6 looked for in `version`. */
static str version_text(struct emitter *w, const struct node *n, struct origin o, bool *is_git)
{
	str name = n->manifest->name;

	*is_git = false;
	if (n->is_link)
		return str_concat(w->arena, S("file:"),
				  path_relative(w->arena, w->tree->path, n->real_path));
	if (is_local_or_remote(o.asked))
		return o.asked->save_spec;
	*is_git = is_type(o.asked, SPEC_GIT) || is_type(o.resolved, SPEC_GIT);
	if (*is_git)
		return n->resolved;
	if (name.len && !str_eq(name, n->name))
		return str_printf(w->arena, "npm:" STR_FMT "@" STR_FMT, STR_ARG(name),
				  STR_ARG(node_version(n)));
	return node_version(n);
}

static bool shows_resolved(const struct node *n, struct origin o, const struct lockfile_opts *opts)
{
	if (n->is_link || opts->omit_registry_resolved || !n->resolved.len)
		return false;
	if (is_type(o.resolved, SPEC_GIT) || is_type(o.resolved, SPEC_FILE) ||
	    is_type(o.resolved, SPEC_DIRECTORY))
		return false;
	return !is_type(o.asked, SPEC_DIRECTORY) && !is_type(o.asked, SPEC_GIT) &&
	       !is_local_or_remote(o.asked);
}

/* ---- fields ---- */

static void emit_text_if(struct emitter *w, const char *key, str text)
{
	if (text.len)
		emit_text(w, str_view(key), text);
}

static void emit_flag_if(struct emitter *w, const char *key, bool is_set)
{
	if (!is_set)
		return;
	emit_key(w, str_view(key));
	buf_add(&w->out, S("true"));
}

static void emit_scalars(struct emitter *w, struct node *n)
{
	struct origin o = origin_of(w, n);
	bool has_kind = !n->extraneous && !n->is_link, is_git;

	emit_text_if(w, "version", version_text(w, n, o, &is_git));
	if (shows_resolved(n, o, w->opts))
		emit_text(w, S("resolved"), n->resolved);
	emit_text_if(w, "integrity", n->integrity);
	emit_flag_if(w, "bundled", node_in_dep_bundle(n));
	emit_flag_if(w, "dev", has_kind && n->dev);
	emit_flag_if(w, "devOptional", has_kind && n->dev_optional && !n->dev && !n->optional);
	emit_flag_if(w, "extraneous", n->extraneous);
	if (is_git && o.asked)
		emit_text(w, S("from"), spec_format(w->arena, o.asked));
	emit_flag_if(w, "optional", has_kind && n->optional);
	emit_flag_if(w, "peer", has_kind && n->peer);
}

/* An absolute file: path is shown as seen from the package. */
static str required_spec(struct emitter *w, const struct node *n, const struct edge *e)
{
	str spec = edge_spec_text(e), path;

	if (!str_starts(spec, S("file:")))
		return spec;
	path = path_resolve(w->arena, n->real_path, str_from(spec, 5));
	return str_concat(w->arena, S("file:"), path_relative(w->arena, n->real_path, path));
}

/* Peers are left out: npm 6 would look for them as for any other package. */
static void emit_requires(struct emitter *w, const struct node *n)
{
	const struct node *depender = n->target ? n->target : n;
	size_t count = 0, *order;
	str *names;
	const struct edge **edges;

	if (!depender->edges_out.count)
		return;
	names = ARENA_ARRAY(w->arena, str, depender->edges_out.count);
	edges = arena_alloc_array(w->arena, depender->edges_out.count, sizeof(*edges));
	for (struct map_iter it = map_iter(&depender->edges_out); map_next(&it);) {
		const struct edge *e = it.val;

		if (edge_is_peer(e))
			continue;
		names[count] = e->name;
		edges[count++] = e;
	}
	order = lockfile_order_keys(w->arena, names, count);
	emit_key(w, S("requires"));
	emit_open(w, '{');
	for (size_t i = 0; i < count; i++)
		emit_text(w, names[order[i]], required_spec(w, n, edges[order[i]]));
	emit_close(w, '}');
}

/* ---- the walk ---- */

/* A link that leads back to where the walk came from is left out. */
static bool is_on_path(const level_vec *stack, const struct node *kid)
{
	for (size_t i = 0; i + 1 < stack->len; i++)
		if (str_eq(stack->items[i].node->real_path, kid->real_path))
			return true;
	return false;
}

static void push_level(struct emitter *w, level_vec *stack, struct node *n)
{
	const struct node *owner = n->target ? n->target : n;
	struct level level = { .node = n };
	str *names = ARENA_ARRAY(w->arena, str, owner->children.count);
	struct node **kids = ARENA_ARRAY(w->arena, struct node *, owner->children.count);
	size_t *order;

	VEC_PUSH(w->arena, stack, level);
	for (struct map_iter it = map_iter(&owner->children); map_next(&it);) {
		struct node *kid = it.val;

		if (is_on_path(stack, kid))
			continue;
		kids[level.nkids] = kid;
		names[level.nkids++] = kid->name;
	}
	level.kids = ARENA_ARRAY(w->arena, struct node *, level.nkids);
	order = lockfile_order_keys(w->arena, names, level.nkids);
	for (size_t i = 0; i < level.nkids; i++)
		level.kids[i] = kids[order[i]];
	VEC_LAST(stack) = level;
}

void legacy_emit(struct emitter *w)
{
	level_vec stack = { 0 };

	push_level(w, &stack, w->tree->root);
	while (stack.len && !w->out.overflow) {
		struct level *level = &VEC_LAST(&stack);

		if (level->next < level->nkids) {
			struct node *kid = level->kids[level->next++];

			if (!level->is_open) {
				emit_key(w, S("dependencies"));
				emit_open(w, '{');
				level->is_open = true;
			}
			emit_key(w, kid->name);
			emit_open(w, '{');
			emit_scalars(w, kid);
			emit_requires(w, kid);
			push_level(w, &stack, kid);
			continue;
		}
		if (level->is_open)
			emit_close(w, '}');
		(void)VEC_POP(&stack);
		if (stack.len)
			emit_close(w, '}');
	}
}
