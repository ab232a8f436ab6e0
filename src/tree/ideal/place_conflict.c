/* SPDX-License-Identifier: MIT
 * Peer conflicts in words: what was found, who asked for something else, and why it is there. The
 * layout is npm's (npm-cli.md 1.7): explanations go as deep as the reader needs, two levels for a
 * warning, four for an error. */
#include "place.h"
#include "dep_set.h"
#include "node_priv.h"

#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/tree/explain.h"

#define EXPLAIN_CAP_BYTES (4 << 20)
#define WARN_DEPTH        2
#define FAIL_DEPTH        4
/* As deep as it goes; npm's full report has no limit, and on some trees no end in sight. */
#define FULL_DEPTH      (1 << 20)
#define FULL_NODES_MAX  5000
#define FULL_NESTED_MAX 100

bool placement_is_mine(struct placement *p)
{
	ARENA_SCOPE(tmp);
	struct edge *top = p->top->edge;
	struct node *n = top->from;
	bool has_peers = false;
	peer_entry_vec entries;

	if (n->is_root || node_is_workspace(n))
		return true;
	if (!edge_is_peer(top))
		return false;
	for (size_t i = 0; i < n->edges_in.len; i++) {
		const struct edge *e = n->edges_in.items[i];

		if (edge_is_peer(e))
			has_peers = true;
		else if (e->from->is_root || node_is_workspace(e->from))
			return true;
	}
	if (!has_peers)
		return false;
	entries = peer_entry_sets(tmp, n);
	for (size_t i = 0; i < entries.len; i++)
		if (entries.items[i].edge->from->is_root ||
		    node_is_workspace(entries.items[i].edge->from))
			return true;
	return false;
}

/* ---- telling why something is there ---- */

static const char *const type_names[] = {
	[EDGE_PROD] = "",
	[EDGE_DEV] = "dev ",
	[EDGE_OPTIONAL] = "optional ",
	[EDGE_PEER] = "peer ",
	[EDGE_PEER_OPTIONAL] = "peerOptional ",
	[EDGE_WORKSPACE] = "workspace ",
};

/* An explanation being written out. The depth bounds the recursion, and FULL_NESTED_MAX where there
 * is none. */
struct story {
	struct arena *arena;
	VEC(str) telling; /* who is being told of, as print_node() has it: circles end here */
	size_t told;
};

/* What a manifest does not say prints as JavaScript prints it. */
static str or_undefined(str s)
{
	return str_is_null(s) ? S("undefined") : s;
}

/* `a@1.0.0` and below it where that is; where a circle was cut, the place is not known. */
static str print_node(struct arena *a, const struct explanation *x)
{
	str at = x->is_cut ? S("") : x->is_root ? x->node->path : x->node->location;

	if (str_is_null(at) && x->node->parent)
		at = str_concat(a, S("node_modules/"), x->node->name);
	return str_printf(a, STR_FMT "@" STR_FMT "%s" STR_FMT, STR_ARG(or_undefined(x->name)),
			  STR_ARG(or_undefined(x->version)), at.len ? "\n" : "", STR_ARG(at));
}

static str indent_lines(struct arena *a, str text)
{
	return str_replace_all(a, text, S("\n"), S("\n  "));
}

static str write_node(struct story *s, const struct explanation *x, int depth);
static str write_dependents(struct story *s, const struct explanation *x, int depth);

static str write_links(struct story *s, const struct explanation *x, int depth)
{
	struct str_buf text = str_buf(s->arena, EXPLAIN_CAP_BYTES);

	for (size_t i = 0; depth > 0 && i < x->links_in.len; i++) {
		buf_add(&text, S("\n"));
		buf_add(&text, write_node(s, x->links_in.items[i], depth - 1));
	}
	return indent_lines(s->arena, buf_view(&text));
}

/* Whoever needs it. */
static str write_from(struct story *s, const struct explanation *x, int depth)
{
	str text;

	if (str_is_empty(x->name) && str_is_empty(x->version))
		return S("the root project");
	text = print_node(s->arena, x);
	VEC_EACH (str, told, &s->telling)
		if (str_eq(*told, text))
			return text;
	if (s->told++ >= FULL_NODES_MAX || s->telling.len == FULL_NESTED_MAX)
		return text;
	VEC_PUSH(s->arena, &s->telling, text);
	text = str_concat(s->arena, text, write_dependents(s, x, depth - 1));
	text = str_concat(s->arena, text, write_links(s, x, depth - 1));
	(void)VEC_POP(&s->telling);
	return text;
}

static str write_edge(struct story *s, const struct explained_edge *x, int depth)
{
	const struct edge *e = x->edge;
	str spec = edge_spec_text(e), dep;

	if (e->type == EDGE_WORKSPACE)
		dep = path_relative(s->arena, e->from->path, str_from(spec, 5));
	else
		dep = str_printf(s->arena, STR_FMT "@\"" STR_FMT "\"", STR_ARG(e->name),
				 STR_ARG(spec));
	if (!str_eq(spec, e->raw_spec))
		dep = str_printf(s->arena, "overridden " STR_FMT " (was \"" STR_FMT "\")",
				 STR_ARG(dep), STR_ARG(e->raw_spec));
	str from = write_from(s, x->from, depth);
	str text = str_printf(s->arena, "%s%s" STR_FMT " from " STR_FMT, type_names[e->type],
			      manifest_is_bundled(e->from->manifest, e->name) ? "bundled " : "",
			      STR_ARG(dep), STR_ARG(from));
	str selector, field = edge_extension(e, &selector);
	if (!str_is_null(field))
		text = str_printf(s->arena,
				  STR_FMT " (added by packageExtensions[\"" STR_FMT "\"]." STR_FMT
					  "." STR_FMT ")",
				  STR_ARG(text), STR_ARG(selector), STR_ARG(field),
				  STR_ARG(e->name));
	return text;
}

/* Names of the dependents that did not fit, up to about fifty letters. */
static str name_rest(struct arena *a, const struct explanation *x, size_t first)
{
	struct str_buf names = str_buf(a, 4096);
	size_t letters = 0;

	for (size_t i = first; i < x->dependents.len; i++) {
		const struct explanation *from = x->dependents.items[i]->from;
		str name = from->is_root ? S("the root project") : from->name;

		letters += name.len;
		if (i > first)
			buf_add(&names, S(", "));
		if (letters >= 50 && i + 1 < x->dependents.len) {
			buf_add(&names, S("..."));
			break;
		}
		buf_add(&names, name);
	}
	return buf_view(&names);
}

static str write_dependents(struct story *s, const struct explanation *x, int depth)
{
	struct str_buf text = str_buf(s->arena, EXPLAIN_CAP_BYTES);
	size_t max = (size_t)(depth + 1) / 2;

	if (depth <= 0)
		return S("");
	for (size_t i = 0; i < x->dependents.len && i < max; i++) {
		buf_add(&text, S("\n"));
		buf_add(&text, write_edge(s, x->dependents.items[i], depth));
	}
	if (x->dependents.len > max)
		buf_printf(&text, "\n%zu more (" STR_FMT ")", x->dependents.len - max,
			   STR_ARG(name_rest(s->arena, x, max)));
	return indent_lines(s->arena, buf_view(&text));
}

static str write_node(struct story *s, const struct explanation *x, int depth)
{
	str text = print_node(s->arena, x);

	text = str_concat(s->arena, text, write_dependents(s, x, depth));
	return str_concat(s->arena, text, write_links(s, x, depth));
}

/* ---- the conflict ---- */

struct clash {
	struct edge *edge;    /* what could not be had */
	struct node *dep;     /* what was to be placed; NULL when no placing was tried */
	struct node *current; /* what is there instead, and the edge it is explained by (or NULL) */
	struct edge *current_for, *current_edge;
	struct node *found; /* else, what the conflicting peer ran into */
	struct node *peer;  /* the conflicting peer, and whose wish it is */
	struct edge *peer_for;
};

/* The same explained, in the order in which npm asks: what comes first is not cut. */
struct explained_clash {
	const struct explanation *current, *found, *peer;
	const struct explained_edge *edge, *current_edge;
};

static const struct node *virtual_root_of(const struct node *n)
{
	return n && n->tree && n->tree->is_virtual ? n->tree->root : NULL;
}

static const struct explanation *explain_if(struct explainer *x, struct node *n, struct edge *only)
{
	return n ? explainer_node(x, n, only) : NULL;
}

/* What an earlier conflict explained stays as it was told then, whoever has come to need it since.
 */
static struct explained_clash explain_clash(struct tree *t, const struct clash *c)
{
	struct explainer *x = t->explained;
	struct explained_clash out = { 0 };

	if (!x)
		x = t->explained = explainer_new(t->arena);

	if (c->dep) {
		out.edge = explainer_edge(x, c->edge);
		(void)explainer_node(x, c->dep, c->edge);
	}
	out.current = explain_if(x, c->current, c->current_for);
	if (c->current_edge)
		out.current_edge = explainer_edge(x, c->current_edge);
	out.found = explain_if(x, c->found, NULL);
	out.peer = explain_if(x, c->peer, c->peer_for);
	if (!out.edge)
		out.edge = explainer_edge(x, c->edge);
	return out;
}

static str tell(struct arena *a, const struct clash *c, const struct explained_clash *x, int depth)
{
	struct story s = { .arena = a };
	struct str_buf text = str_buf(a, EXPLAIN_CAP_BYTES);
	const struct node *during = virtual_root_of(c->dep);

	if (!during)
		during = virtual_root_of(c->current);
	if (!during)
		during = virtual_root_of(c->edge->from);
	if (during)
		buf_printf(&text, "While resolving: " STR_FMT "@" STR_FMT "\n",
			   STR_ARG(or_undefined(during->manifest->name)),
			   STR_ARG(or_undefined(during->manifest->version)));
	buf_add(&text, S("Found: "));
	if (x->current || x->found)
		buf_add(&text, write_node(&s, x->current ? x->current : x->found, depth));
	else
		buf_add(&text, write_edge(&s, x->current_edge ? x->current_edge : x->edge, depth));
	buf_add(&text, S("\n\nCould not resolve dependency:\n"));
	buf_add(&text, write_edge(&s, x->edge, depth));
	if (x->peer) {
		buf_add(&text, S("\n\nConflicting peer dependency: "));
		buf_add(&text, write_node(&s, x->peer, depth));
	}
	return buf_view(&text);
}

/* First question of the walk below @q that ended in a conflict with something present. */
static const struct can_place *find_conflict(struct arena *a, struct can_place *q)
{
	VEC(struct can_place *) all = { 0 };

	for (size_t i = 0; i < q->children.len; i++)
		VEC_PUSH(a, &all, q->children.items[i]);
	for (size_t i = 0; i < all.len; i++) {
		struct can_place *at = all.items[i];

		for (size_t j = 0; j < at->children.len; j++)
			VEC_PUSH(a, &all, at->children.items[j]);
		if (at->verdict == PLACE_CONFLICT && at->current)
			return at;
	}
	return NULL;
}

static struct clash clash_of(struct placement *p, struct edge *edge, struct node *dep)
{
	struct clash c = { .edge = edge,
			   .dep = dep,
			   .current = node_resolve(edge->from, edge->name) };
	const struct can_place *at;

	if (p->parent) {
		c.current_for = edge;
		c.peer = p->current;
		c.peer_for = p->edge;
	} else if (p->can_place_self && p->can_place_self->self != PLACE_CONFLICT) {
		at = find_conflict(p->placer->arena, p->can_place_self);
		if (at) {
			c.found = at->current;
			c.peer = at->dep;
			c.peer_for = at->edge;
		}
	} else {
		c.found = p->current;
		c.peer = p->dep;
		c.peer_for = p->edge;
	}
	return c;
}

void placement_warn_conflict(struct placement *p, struct edge *edge, struct node *dep)
{
	ARENA_SCOPE(tmp);
	struct clash c;
	struct explained_clash x;

	edge->peer_conflicted = true;
	log_warn("ERESOLVE", "overriding peer dependency");
	/* Of a peer's peer that met something there is no more to tell: npm has no word either. */
	if (p->parent && p->current)
		return;
	c = clash_of(p, edge, dep);
	x = explain_clash(p->placer->tree, &c);
	log_warn(NULL, STR_FMT, STR_ARG(tell(tmp, &c, &x, WARN_DEPTH)));
}

static void take_down(const struct clash *c, const struct explained_clash *x, struct node *there,
		      const char *advice, struct conflict *out)
{
	ARENA_SCOPE(tmp);

	conflict_collect(out, c->peer_for ? c->peer_for : c->edge, c->current_edge, there);
	out->report = str_printf(out->arena, STR_FMT "\n\n%s", STR_ARG(tell(tmp, c, x, FULL_DEPTH)),
				 advice);
}

static struct err *fail(struct tree *t, const struct clash *c, struct node *there,
			const char *summary, const struct ideal_opts *o)
{
	ARENA_SCOPE(tmp);
	const char *advice =
		o->strict_peer_deps
			? "Fix the upstream dependency conflict, or retry this command with "
			  "--no-strict-peer-deps, --force, or --legacy-peer-deps to accept an "
			  "incorrect (and potentially broken) dependency resolution."
			: "Fix the upstream dependency conflict, or retry this command with "
			  "--force or --legacy-peer-deps to accept an incorrect (and potentially "
			  "broken) dependency resolution.";

	struct explained_clash x = explain_clash(t, c);

	if (o->conflict)
		take_down(c, &x, there, advice, o->conflict);
	return err_detail(err_new(E_RESOLVE, "%s", summary), "\n" STR_FMT "\n\n%s",
			  STR_ARG(tell(tmp, c, &x, FAIL_DEPTH)), advice);
}

struct err *placement_conflict(struct placement *p)
{
	struct clash c = clash_of(p, p->top->edge, p->top->dep);
	struct node *there = c.found ? c.found : p->current ? p->current : c.current;

	return fail(p->placer->tree, &c, there, "could not resolve", p->placer->opts);
}

struct err *peer_conflict(struct tree *t, struct edge *edge, struct edge *current_edge,
			  const struct ideal_opts *o)
{
	struct clash c = { .edge = edge,
			   .current = node_resolve(edge->from, edge->name),
			   .current_edge = current_edge };

	return fail(t, &c, edge->to ? edge->to : c.current, "unable to resolve dependency tree", o);
}
