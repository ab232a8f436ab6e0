/* SPDX-License-Identifier: MIT
 * workspaces ls: the members of a project and how they depend on each other, for people, programs
 * and pictures. npm can only tell by a detour through `npm query .workspace`. */
#include "member_drawing.h"

#include "cpm/ui/ui_table.h"

#include <unistd.h>

#define MAX_BYTES ((size_t)64 << 20)

/* ---- words ---- */

static str names_of_needs(struct arena *a, const struct member_graph *g, const struct member *m)
{
	struct str_buf out = str_buf(a, MAX_BYTES);

	VEC_EACH (struct member_link, l, &m->needs)
		buf_printf(&out, "%s" STR_FMT, out.len ? ", " : "needs ",
			   STR_ARG(g->items[l->to].name));
	return buf_view(&out);
}

static str shown_location(const struct member *m)
{
	return m->location.len ? m->location : S(".");
}

static str painted(struct cmd_ctx *ctx, enum paint p, str text)
{
	struct str_buf out = str_buf(ctx->arena, MAX_BYTES);

	paint_text(&out, ctx->screen->term.out_color, p, text);
	return buf_view(&out);
}

static void list_text(struct cmd_ctx *ctx, const struct project_graph *p)
{
	const struct member_graph *g = &p->graph;
	str *cells = ARENA_ARRAY(ctx->arena, str, 4 * g->count + 4);
	struct str_buf out = str_buf(ctx->arena, MAX_BYTES);
	size_t nrows = 0;

	for (size_t i = 0; i < g->count; i++) {
		const struct member *m = &g->items[i];
		str needs = names_of_needs(ctx->arena, g, m);
		str *row = &cells[4 * nrows];

		if (!p->is_chosen[i])
			continue;
		row[0] = painted(ctx, PAINT_CYAN, m->name);
		row[1] = painted(ctx, PAINT_RESET, member_version(m));
		row[2] = painted(ctx, PAINT_RESET, shown_location(m));
		row[3] = painted(ctx, PAINT_DIM, needs);
		nrows++;
	}
	ui_table_format(&out, cells, nrows, 4, "llll");
	out_text(ctx->out, buf_view(&out));
}

static void list_parseable(struct cmd_ctx *ctx, const struct project_graph *p)
{
	for (size_t i = 0; i < p->graph.count; i++) {
		const struct member *m = &p->graph.items[i];

		if (p->is_chosen[i])
			out_line(ctx->out, STR_FMT ":" STR_FMT ":" STR_FMT, STR_ARG(m->path),
				 STR_ARG(m->name), STR_ARG(member_version(m)));
	}
}

/* ---- JSON ---- */

static struct json *needs_json(struct arena *a, const struct member_graph *g,
			       const struct member *m)
{
	struct json *list = json_new(a, JSON_ARRAY);

	VEC_EACH (struct member_link, l, &m->needs) {
		struct json *one = json_new(a, JSON_OBJECT);

		json_set_text(a, one, "name", g->items[l->to].name);
		json_set_text(a, one, "spec", l->spec);
		json_set_text(a, one, "field", member_link_field(l));
		if (l->is_broken)
			json_set(a, one, S("closesCycle"), json_new_bool(a, true));
		json_append(a, list, one);
	}
	return list;
}

static struct json *member_json(struct arena *a, const struct member_graph *g,
				const struct member *m)
{
	struct json *one = json_new(a, JSON_OBJECT), *needed_by = json_new(a, JSON_ARRAY);

	VEC_EACH (size_t, by, &m->needed_by)
		json_append(a, needed_by, json_new_string(a, g->items[*by].name));
	json_set_text(a, one, "name", m->name);
	if (!str_is_null(m->manifest->version))
		json_set_text(a, one, "version", m->manifest->version);
	json_set_text(a, one, "path", shown_location(m));
	json_set(a, one, S("private"),
		 json_new_bool(a, json_get_bool(m->manifest->json, "private")));
	json_set(a, one, S("dependencies"), needs_json(a, g, m));
	json_set(a, one, S("dependents"), needed_by);
	return one;
}

struct json *member_cycles_json(struct arena *a, const struct member_graph *g)
{
	struct json *cycles = json_new(a, JSON_ARRAY);

	VEC_EACH (struct member_cycle, c, &g->cycles) {
		struct json *one = json_new(a, JSON_ARRAY);

		for (size_t i = 0; i < c->count; i++)
			json_append(a, one, json_new_string(a, g->items[c->members[i]].name));
		json_append(a, cycles, one);
	}
	return cycles;
}

static void list_json(struct cmd_ctx *ctx, const struct project_graph *p)
{
	struct arena *a = ctx->arena;
	struct json *doc = json_new(a, JSON_OBJECT), *members = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < p->graph.count; i++)
		if (p->is_chosen[i])
			json_append(a, members, member_json(a, &p->graph, &p->graph.items[i]));
	json_set(a, doc, S("members"), members);
	json_set(a, doc, S("cycles"), member_cycles_json(a, &p->graph));
	out_json(ctx->out, doc);
}

/* ---- pictures ---- */

static str project_name(struct cmd_ctx *ctx)
{
	struct manifest *root;
	str dir = cfg_local_prefix(ctx->cfg);
	struct err *e = manifest_read(ctx->arena, AT_FDCWD, str_cstr(ctx->arena, dir), &root, NULL);
	str name = e ? STR_NULL : root->name;

	err_ignore(e);
	return name.len ? name : S("workspaces");
}

static void draw(struct cmd_ctx *ctx, const struct project_graph *p)
{
	str kind = cfg_text(ctx->cfg, CFG_GRAPH);
	struct str_buf out = str_buf(ctx->arena, MAX_BYTES);

	if (str_eq(kind, S("dot")))
		member_draw_dot(&out, p);
	else if (str_eq(kind, S("svg")))
		member_draw_svg(&out, p, project_name(ctx));
	else
		member_draw_text(&out, p, project_name(ctx), cfg_bool(ctx->cfg, CFG_UNICODE));
	screen_write(ctx->screen, STDOUT_FILENO, log_escape(ctx->arena, buf_view(&out)));
}

/* ---- the command ---- */

static struct err *list(struct cmd_ctx *ctx)
{
	struct project_graph p;
	struct err *e = project_members_relate(ctx, &p);

	if (e && !(err_is(e, E_UNCHANGED) && ctx->out->is_json))
		return e;
	err_ignore(e);
	project_graph_warn_of_cycles(ctx->arena, &p.graph);
	if (ctx->out->is_json)
		list_json(ctx, &p);
	else if (cfg_bool(ctx->cfg, CFG_GRAPH))
		draw(ctx, &p);
	else if (cfg_bool(ctx->cfg, CFG_PARSEABLE))
		list_parseable(ctx, &p);
	else
		list_text(ctx, &p);
	return NULL;
}

static struct err *workspaces_run(struct cmd_ctx *ctx, const str *args, size_t nargs,
				  int *exit_status)
{
	(void)exit_status;
	if (nargs == 1 && (str_eq(args[0], S("ls")) || str_eq(args[0], S("list"))))
		return list(ctx);
	return cmd_usage_error(ctx, "%s", "");
}

const struct cmd cmd_workspaces = {
	.name = "workspaces",
	.summary = "List workspaces and how they depend on each other",
	.synopsis = (const char *const[]){ "ls", NULL },
	.keys = (const enum cfg_key[]){ CFG_GRAPH, CFG_JSON, CFG_PARSEABLE, CFG_WORKSPACE,
					CFG_INCLUDE_WORKSPACE_ROOT, CFG_SINCE, CFG_WITH_DEPENDENTS,
					CFG_WITH_DEPENDENCIES, CFG_END },
	.needs = CMD_WORKSPACES | CMD_OWN,
	.doc = "workspaces",
	.run = workspaces_run,
};
