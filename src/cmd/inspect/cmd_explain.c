/* SPDX-License-Identifier: MIT
 * explain: by whose wish a package is installed (npm-cli.md 2.3.8). */
#include "explain_output.h"
#include "project_tree.h"

#include "cpm/base/path.h"

/* ---- which packages ---- */

struct finder {
	struct cmd_ctx *ctx;
	const struct project_tree *p;
	struct map filter;
	struct map chosen; /* location -> struct node *, in order */
};

static void choose(struct finder *f, struct node *n)
{
	if (project_tree_has(&f->filter, n))
		map_put(&f->chosen, n->location, n);
}

static str trim_slashes(str path)
{
	while (path.len > 1 && path.p[path.len - 1] == '/')
		path.len--;
	return path;
}

/* A place in the tree, from the project or from where the user stands. */
static struct node *find_place(struct finder *f, str arg)
{
	struct arena *a = f->ctx->arena;
	str location = trim_slashes(arg);
	struct node *n = tree_at(f->p->tree, location);

	if (n)
		return n;
	str path = path_resolve(a, cfg_cwd(f->ctx->cfg), location);
	return tree_at(f->p->tree, path_relative(a, cfg_local_prefix(f->ctx->cfg), path));
}

static void choose_named(struct finder *f, str name, const struct range *range)
{
	for (struct map_iter it = map_iter(&f->p->tree->inventory); map_next(&it);) {
		struct node *n = it.val;
		const struct semver *version;

		if (!str_eq(node_package_name(n), name))
			continue;
		version = range ? node_semver(n) : NULL;
		if (!range || (version && range_has(range, version)))
			choose(f, n);
	}
}

static void choose_range(struct finder *f, str arg)
{
	struct spec *spec;
	struct err *e = spec_parse_arg(f->ctx->arena, arg, f->p->tree->path, &spec);

	if (e)
		err_ignore(e);
	else if (spec->type == SPEC_VERSION || spec->type == SPEC_RANGE)
		choose_named(f, spec->name, spec->range);
}

static void choose_arg(struct finder *f, str arg)
{
	struct node *n;

	if (spec_is_valid_name(arg)) {
		choose_named(f, arg, NULL);
		return;
	}
	n = find_place(f, arg);
	if (n)
		choose(f, n);
	else
		choose_range(f, arg);
}

/* ---- the command ---- */

static void print(struct cmd_ctx *ctx, struct explanation *const *items, size_t count)
{
	struct arena *a = ctx->arena;
	struct package_docs docs;
	struct str_buf text = str_buf(a, SIZE_MAX);

	package_docs_init(&docs, a, ctx->dirfd, "node_modules/.package-lock.json");
	if (ctx->out->is_json) {
		out_json(ctx->out, explain_json(&docs, items, count));
		return;
	}
	for (size_t i = 0; i < count; i++) {
		buf_add(&text, i ? S("\n\n") : S(""));
		explain_text(&text, items[i], ctx->screen->term.out_color);
	}
	out_text(ctx->out, buf_view(&text));
}

static struct err *explain_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct arena *a = ctx->arena;
	struct project_tree p;
	struct finder f = { .ctx = ctx, .p = &p };
	struct explanation **items;
	node_vec nodes = { 0 };

	(void)exit_status;
	if (!nargs)
		return cmd_usage_error(ctx, "%s", "");
	cfg_force(ctx->cfg, CFG_PACKAGE_LOCK_ONLY, "false");
	TRY(project_tree_open(ctx, 0, &p));
	project_tree_filter(ctx, &p, false, &f.filter);
	map_init(&f.chosen, a);
	for (size_t i = 0; i < nargs; i++)
		choose_arg(&f, args[i]);
	if (!f.chosen.count)
		return err_new(E_GENERIC, "No dependencies found matching " STR_FMT,
			       STR_ARG(str_join(a, args, nargs, S(", "))));
	for (struct map_iter it = map_iter(&f.chosen); map_next(&it);)
		VEC_PUSH(a, &nodes, it.val);
	items = ARENA_ARRAY(a, struct explanation *, nodes.len);
	explain_nodes(a, nodes.items, nodes.len, items);
	print(ctx, items, nodes.len);
	return NULL;
}

const struct cmd cmd_explain = {
	.name = "explain",
	.summary = "Explain installed packages",
	.synopsis = (const char *const[]){ "<package-spec>", NULL },
	.aliases = (const char *const[]){ "why", NULL },
	.keys = (const enum cfg_key[]){ CFG_GLOBAL, CFG_JSON, CFG_WORKSPACE, CFG_END },
	.needs = CMD_CHECKS_ENGINES | CMD_WORKSPACES,
	.doc = "explain",
	.run = explain_run,
};
