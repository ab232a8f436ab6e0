/* SPDX-License-Identifier: MIT
 * Peer conflicts in words: what was found, who asked for something else, and why it is there. The
 * layout is npm's (npm-cli.md 1.7): explanations go as deep as the reader needs, two levels for a
 * warning, four for an error. */
#include "place.h"
#include "dep_set.h"
#include "node_priv.h"

#include "cpm/base/log.h"
#include "cpm/base/path.h"

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

/* An explanation under way: which nodes are being explained, so that circles end. The depth bounds
 * the recursion, and FULL_NESTED_MAX where there is none. */
struct story {
	struct arena *arena;
	node_vec telling;
	size_t told;
	const struct node *dep; /* what was to be placed: there for this one edge alone, wherever it
				   turns up */
	const struct edge *dep_for;
};

/* What a manifest does not say prints as JavaScript prints it. */
static str or_undefined(str s)
{
	return str_is_null(s) ? S("undefined") : s;
}

static str package_id(struct arena *a, const struct node *n)
{
	str name = n->is_root || node_is_top(n) ? n->manifest->name : n->name;

	return str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(or_undefined(name)),
			  STR_ARG(or_undefined(n->manifest->version)));
}

static str print_node(struct arena *a, const struct node *n)
{
	str at = n->location;

	if (str_is_null(at) && n->parent)
		at = str_concat(a, S("node_modules/"), n->name);
	return str_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(package_id(a, n)), at.len ? "\n" : "",
			  STR_ARG(at));
}

static str indent_lines(struct arena *a, str text)
{
	return str_replace_all(a, text, S("\n"), S("\n  "));
}

static str explain_node(struct story *s, struct node *n, const struct edge *only, int depth);

static bool is_being_told(const struct story *s, const struct node *n)
{
	for (size_t i = 0; i < s->telling.len; i++)
		if (s->telling.items[i] == n)
			return true;
	return false;
}

static str explain_links(struct story *s, struct node *n, int depth)
{
	struct str_buf text = str_buf(s->arena, EXPLAIN_CAP_BYTES);

	if (n->is_link || depth <= 0)
		return S("");
	for (size_t i = 0; i < n->links_in.len; i++) {
		struct node *link = n->links_in.items[i];

		if (link->tree != n->tree) /* left over in a virtual root */
			continue;
		buf_add(&text, S("\n"));
		buf_add(&text, is_being_told(s, link) ? package_id(s->arena, link)
						      : explain_node(s, link, NULL, depth - 1));
	}
	return indent_lines(s->arena, buf_view(&text));
}

static str explain_dependents(struct story *s, struct node *n, const struct edge *only, int depth);

/* Whoever needs it; the real package when @n is a virtual root. */
static str explain_from(struct story *s, struct node *n, int depth)
{
	str text;

	if (n->stands_for)
		n = n->stands_for;
	if (n->is_root)
		return S("the root project");
	if (is_being_told(s, n))
		return package_id(s->arena, n);
	text = print_node(s->arena, n);
	if (s->told++ >= FULL_NODES_MAX || s->telling.len == FULL_NESTED_MAX)
		return text;
	VEC_PUSH(s->arena, &s->telling, n);
	text = str_concat(s->arena, text, explain_dependents(s, n, NULL, depth - 1));
	text = str_concat(s->arena, text, explain_links(s, n, depth - 1));
	(void)VEC_POP(&s->telling);
	return text;
}

static str explain_edge(struct story *s, const struct edge *e, int depth)
{
	str spec = edge_spec_text(e), dep;

	if (e->type == EDGE_WORKSPACE)
		dep = path_relative(s->arena, e->from->path, str_from(spec, 5));
	else
		dep = str_printf(s->arena, STR_FMT "@\"" STR_FMT "\"", STR_ARG(e->name),
				 STR_ARG(spec));
	if (!str_eq(spec, e->raw_spec))
		dep = str_printf(s->arena, "overridden " STR_FMT " (was \"" STR_FMT "\")",
				 STR_ARG(dep), STR_ARG(e->raw_spec));
	str from = explain_from(s, e->from, depth);
	return str_printf(s->arena, "%s%s" STR_FMT " from " STR_FMT, type_names[e->type],
			  manifest_is_bundled(e->from->manifest, e->name) ? "bundled " : "",
			  STR_ARG(dep), STR_ARG(from));
}

/* Names of the dependents that did not fit, up to about fifty letters. */
static str name_rest(struct arena *a, const edge_vec *edges, size_t from)
{
	struct str_buf names = str_buf(a, 4096);
	size_t letters = 0;

	for (size_t i = from; i < edges->len; i++) {
		const struct node *who = edges->items[i]->from;
		const struct node *n = who->stands_for ? who->stands_for : who;
		str name = n->is_root       ? S("the root project")
			   : node_is_top(n) ? n->manifest->name
					    : n->name;

		letters += name.len;
		if (i > from)
			buf_add(&names, S(", "));
		if (letters >= 50 && i + 1 < edges->len) {
			buf_add(&names, S("..."));
			break;
		}
		buf_add(&names, name);
	}
	return buf_view(&names);
}

static str explain_dependents(struct story *s, struct node *n, const struct edge *only, int depth)
{
	struct str_buf text = str_buf(s->arena, EXPLAIN_CAP_BYTES);
	size_t max = (size_t)(depth + 1) / 2;
	edge_vec edges = { 0 };

	if (depth <= 0)
		return S("");
	if (!only && n == s->dep)
		only = s->dep_for;
	if (only)
		VEC_PUSH(s->arena, &edges, (struct edge *)only);
	for (size_t i = 0; !only && i < n->edges_in.len; i++)
		if (edge_is_valid(n->edges_in.items[i]) || n->edges_in.items[i]->from->is_root)
			VEC_PUSH(s->arena, &edges, n->edges_in.items[i]);
	for (size_t i = 0; i < edges.len && i < max; i++) {
		buf_add(&text, S("\n"));
		buf_add(&text, explain_edge(s, edges.items[i], depth));
	}
	if (edges.len > max)
		buf_printf(&text, "\n%zu more (" STR_FMT ")", edges.len - max,
			   STR_ARG(name_rest(s->arena, &edges, max)));
	return indent_lines(s->arena, buf_view(&text));
}

static str explain_node(struct story *s, struct node *n, const struct edge *only, int depth)
{
	str text = print_node(s->arena, n);

	VEC_PUSH(s->arena, &s->telling, n);
	text = str_concat(s->arena, text, explain_dependents(s, n, only, depth));
	text = str_concat(s->arena, text, explain_links(s, n, depth));
	(void)VEC_POP(&s->telling);
	return text;
}

/* ---- the conflict ---- */

struct clash {
	struct edge *edge;    /* what could not be had */
	struct node *dep;     /* what was to be placed; NULL when no placing was tried */
	struct node *current; /* what is there instead, and the edge it is explained by (or NULL) */
	const struct edge *current_for;
	struct edge *current_edge;
	struct node *found; /* else, what the conflicting peer ran into */
	struct node *peer;  /* the conflicting peer, and whose wish it is */
	struct edge *peer_for;
};

static const struct node *virtual_root_of(const struct node *n)
{
	return n && n->tree && n->tree->is_virtual ? n->tree->root : NULL;
}

static str tell(struct arena *a, const struct clash *c, int depth)
{
	struct story s = { .arena = a, .dep = c->dep, .dep_for = c->edge };
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
	if (c->current)
		buf_add(&text, explain_node(&s, c->current, c->current_for, depth));
	else if (c->found)
		buf_add(&text, explain_node(&s, c->found, NULL, depth));
	else
		buf_add(&text,
			explain_edge(&s, c->current_edge ? c->current_edge : c->edge, depth));
	buf_add(&text, S("\n\nCould not resolve dependency:\n"));
	buf_add(&text, explain_edge(&s, c->edge, depth));
	if (c->peer) {
		buf_add(&text, S("\n\nConflicting peer dependency: "));
		buf_add(&text, explain_node(&s, c->peer, c->peer_for, depth));
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
	struct clash c = clash_of(p, edge, dep);
	str text = tell(tmp, &c, WARN_DEPTH);

	edge->peer_conflicted = true;
	log_warn("ERESOLVE", "overriding peer dependency");
	log_warn(NULL, STR_FMT, STR_ARG(text));
}

static void explain(const struct clash *c, struct node *there, const char *advice,
		    struct conflict *out)
{
	ARENA_SCOPE(tmp);

	conflict_collect(out, c->peer_for ? c->peer_for : c->edge, c->current_edge, there);
	out->report = str_printf(out->arena, STR_FMT "\n\n%s", STR_ARG(tell(tmp, c, FULL_DEPTH)),
				 advice);
}

static struct err *fail(const struct clash *c, struct node *there, const char *summary,
			const struct ideal_opts *o)
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

	if (o->conflict)
		explain(c, there, advice, o->conflict);
	return err_detail(err_new(E_RESOLVE, "%s", summary), "\n" STR_FMT "\n\n%s",
			  STR_ARG(tell(tmp, c, FAIL_DEPTH)), advice);
}

struct err *placement_conflict(struct placement *p)
{
	struct clash c = clash_of(p, p->top->edge, p->top->dep);
	struct node *there = c.found ? c.found : p->current ? p->current : c.current;

	return fail(&c, there, "could not resolve", p->placer->opts);
}

struct err *peer_conflict(struct edge *edge, struct edge *current_edge, const struct ideal_opts *o)
{
	struct clash c = { .edge = edge,
			   .current = node_resolve(edge->from, edge->name),
			   .current_edge = current_edge };

	return fail(&c, edge->to ? edge->to : c.current, "unable to resolve dependency tree", o);
}
