/* SPDX-License-Identifier: MIT
 * Members as a tree of text, and as a graph for those who have tools for graphs. A member that many
 * need would fill the tree with copies of what is below it, so only its first place shows that. */
#include "member_drawing.h"

#include "cpm/ui/ui_tree.h"

/* ---- text ---- */

struct growth {
	struct arena *arena;
	const struct project_graph *project;
	bool *is_drawn;
};

/* A branch whose member's needs are to be hung below it. */
struct bud {
	struct ui_branch *branch;
	size_t member, link;
};
typedef VEC(struct bud) bud_vec;

static str kind_of(const struct member_link *l)
{
	switch (l->type) {
	case EDGE_DEV:
		return S(" (dev)");
	case EDGE_OPTIONAL:
		return S(" (optional)");
	case EDGE_PEER:
	case EDGE_PEER_OPTIONAL:
		return S(" (peer)");
	default:
		return S("");
	}
}

/* @link: how it was reached; NULL for those that nobody needs. */
static void grow(struct growth *g, struct ui_branch *parent, bud_vec *buds, size_t member,
		 const struct member_link *link)
{
	const struct member *m = &g->project->graph.items[member];
	struct ui_branch *b = ARENA_NEW(g->arena, struct ui_branch);
	bool is_cut = g->is_drawn[member] && m->needs.len > 0;

	b->label = str_printf(g->arena, STR_FMT "@" STR_FMT STR_FMT "%s%s", STR_ARG(m->name),
			      STR_ARG(member_version(m)), STR_ARG(link ? kind_of(link) : S("")),
			      link && link->is_broken ? " (cycle)" : "", is_cut ? " (above)" : "");
	VEC_PUSH(g->arena, &parent->kids, b);
	if (g->is_drawn[member])
		return;
	g->is_drawn[member] = true;
	VEC_PUSH(g->arena, buds, (struct bud){ .branch = b, .member = member });
}

/* All below @member, in the order in which it is drawn: depth first. */
static void grow_from(struct growth *g, struct ui_branch *root, size_t member)
{
	bud_vec buds = { 0 };

	grow(g, root, &buds, member, NULL);
	while (buds.len > 0) {
		struct bud *bud = &buds.items[buds.len - 1];
		const struct member *m = &g->project->graph.items[bud->member];

		if (bud->link == m->needs.len) {
			buds.len--;
			continue;
		}
		const struct member_link *l = &m->needs.items[bud->link++];
		if (g->project->is_chosen[l->to])
			grow(g, bud->branch, &buds, l->to, l);
	}
}

static bool is_needed(const struct project_graph *p, size_t member)
{
	VEC_EACH (size_t, by, &p->graph.items[member].needed_by)
		if (p->is_chosen[*by])
			return true;
	return false;
}

void member_draw_text(struct str_buf *out, const struct project_graph *p, str title,
		      bool is_unicode)
{
	ARENA_SCOPE(tmp);
	struct growth g = { .arena = tmp, .project = p };
	struct ui_branch root = { .label = title };
	size_t count = p->graph.count;

	g.is_drawn = ARENA_ARRAY(tmp, bool, count + 1);
	for (size_t i = 0; i < count; i++)
		if (p->is_chosen[i] && !is_needed(p, i))
			grow_from(&g, &root, i);
	for (size_t i = 0; i < count; i++) /* circles that nobody else needs */
		if (p->is_chosen[i] && !g.is_drawn[i])
			grow_from(&g, &root, i);
	ui_tree_format(out, &root, is_unicode);
}

/* ---- Graphviz ---- */

static void add_quoted(struct str_buf *out, str text)
{
	buf_add_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, text.p[i] == '\n' ? ' ' : text.p[i]);
	}
	buf_add_char(out, '"');
}

static void add_dot_member(struct str_buf *out, const struct member *m)
{
	ARENA_SCOPE(tmp);

	buf_add_cstr(out, "\t");
	add_quoted(out, m->name);
	buf_add_cstr(out, " [tooltip=");
	add_quoted(out, str_printf(tmp, STR_FMT "@" STR_FMT " in " STR_FMT, STR_ARG(m->name),
				   STR_ARG(member_version(m)),
				   STR_ARG(m->location.len ? m->location : S("."))));
	buf_add_cstr(out, "];\n");
}

static void add_dot_link(struct str_buf *out, str from, str to, const struct member_link *l)
{
	static const char *const styles[] = {
		[EDGE_DEV] = "dashed",     [EDGE_PEER] = "dotted", [EDGE_PEER_OPTIONAL] = "dotted",
		[EDGE_OPTIONAL] = "solid", [EDGE_PROD] = "solid",  [EDGE_WORKSPACE] = "solid",
	};

	buf_add_cstr(out, "\t");
	add_quoted(out, from);
	buf_add_cstr(out, " -> ");
	add_quoted(out, to);
	buf_printf(out, " [style=%s%s];\n", styles[l->type],
		   l->is_broken ? ", color=red, constraint=false" : "");
}

void member_draw_dot(struct str_buf *out, const struct project_graph *p)
{
	const struct member_graph *g = &p->graph;

	buf_add_cstr(out, "digraph workspaces {\n\trankdir=LR;\n"
			  "\tnode [shape=box, style=rounded, fontname=\"Helvetica\"];\n");
	for (size_t i = 0; i < g->count; i++)
		if (p->is_chosen[i])
			add_dot_member(out, &g->items[i]);
	for (size_t i = 0; i < g->count; i++)
		VEC_EACH (struct member_link, l, &g->items[i].needs)
			if (p->is_chosen[i] && p->is_chosen[l->to])
				add_dot_link(out, g->items[i].name, g->items[l->to].name, l);
	buf_add_cstr(out, "}\n");
}
