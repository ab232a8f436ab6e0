/* SPDX-License-Identifier: MIT
 * licenses: what the packages of a project may be used under, and whether that is acceptable. */
#include "fail_on.h"
#include "policy_run.h"
#include "project_tree.h"

struct licenses {
	struct cmd_ctx *ctx;
	struct project_tree project;
	struct license_list list;
	struct license_refusal refusal;
	struct policy *policy;
	size_t nrefused; /* packages */
};

/* ---- which packages ---- */

/* What others have written: without the project, its members, and what is not for this machine. */
static node_vec foreign_nodes(struct cmd_ctx *ctx, const struct project_tree *p)
{
	struct cfg_omit omit = cfg_omit(ctx->cfg);
	node_vec found = { 0 };
	struct map only;

	project_tree_filter(ctx, p, true, &only);
	for (struct map_iter it = map_iter(&p->tree->inventory); map_next(&it);) {
		struct node *n = it.val;

		if (n->is_root || n->is_link || node_is_workspace(n) || n->inert ||
		    node_is_store_entry(n) || !project_tree_has(&only, n) ||
		    node_is_omitted(n, omit.dev, omit.optional, omit.peer))
			continue;
		VEC_PUSH(ctx->arena, &found, n);
	}
	return found;
}

/* ---- what is refused ---- */

/* The policy's word on a package: what excepts it, or what once did. */
struct word {
	bool is_refused;
	const struct policy_entry *entry; /* or NULL */
};

static struct word word_on(const struct licenses *l, str license, const struct node *n)
{
	struct word w = { .is_refused = license_is_refused(&l->refusal, license) };

	if (!w.is_refused)
		return w;
	w.entry = policy_license_exception(l->policy, &l->refusal, license, l->project.tree, n,
					   false);
	w.is_refused = !w.entry;
	if (w.is_refused)
		w.entry = policy_license_exception(l->policy, &l->refusal, license, l->project.tree,
						   n, true);
	return w;
}

static size_t count_refused(const struct licenses *l, const struct license_group *g)
{
	size_t count = 0;

	for (size_t i = 0; i < g->nodes.len; i++)
		count += word_on(l, g->license, g->nodes.items[i]).is_refused;
	return count;
}

/* ---- output ---- */

static str shown_id(struct arena *a, const struct node *n)
{
	str name = node_package_name(n), version = node_version(n);

	return str_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(str_is_null(name) ? n->name : name),
			  version.len ? "@" : "", STR_ARG(version));
}

static struct json *package_json(const struct licenses *l, str license, const struct node *n)
{
	struct arena *a = l->ctx->arena;
	struct word w = word_on(l, license, n);
	struct json *out = json_new(a, JSON_OBJECT);
	str name = node_package_name(n);

	json_set_text(a, out, "name", str_is_null(name) ? n->name : name);
	json_set_text(a, out, "version", node_version(n));
	json_set_text(a, out, "location", n->location);
	json_set(a, out, S("dev"), json_new_bool(a, n->dev));
	if (w.entry)
		json_set(a, out, w.is_refused ? S("expiredException") : S("exception"),
			 policy_entry_json(a, w.entry));
	return out;
}

static struct json *group_json(const struct licenses *l, const struct license_group *g)
{
	struct arena *a = l->ctx->arena;
	struct json *out = json_new(a, JSON_OBJECT), *packages = json_new(a, JSON_ARRAY);

	json_set(a, out, S("license"),
		 str_is_null(g->license) ? json_new(a, JSON_NULL) : json_new_string(a, g->license));
	json_set(a, out, S("spdx"), json_new_bool(a, g->is_expression));
	json_set(a, out, S("refused"), json_new_bool(a, count_refused(l, g) > 0));
	for (size_t i = 0; i < g->nodes.len; i++)
		json_append(a, packages, package_json(l, g->license, g->nodes.items[i]));
	json_set(a, out, S("packages"), packages);
	return out;
}

static void print_json(const struct licenses *l)
{
	struct arena *a = l->ctx->arena;
	struct json *out = json_new(a, JSON_OBJECT), *groups = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < l->list.groups.len; i++)
		json_append(a, groups, group_json(l, l->list.groups.items[i]));
	json_set(a, out, S("licenses"), groups);
	json_set(a, out, S("refused"), json_new_number(a, (double)l->nrefused));
	out_json(l->ctx->out, out);
}

static void add_group(const struct licenses *l, struct str_buf *out, const struct license_group *g)
{
	bool is_colored = l->ctx->screen->term.out_color, is_refused = count_refused(l, g) > 0;
	const char *note = str_is_null(g->license) || g->is_expression ? ""
								       : " (no SPDX expression)";

	paint_text(out, is_colored, is_refused ? PAINT_RED : PAINT_BOLD,
		   str_is_null(g->license) ? S("no licence named") : g->license);
	buf_printf(out, "%s%s: %zu\n", note, is_refused ? " (refused)" : "", g->nodes.len);
	for (size_t i = 0; i < g->nodes.len; i++) {
		struct word w = word_on(l, g->license, g->nodes.items[i]);

		buf_add_cstr(out, "  ");
		paint_text(out, false, PAINT_RESET, shown_id(l->ctx->arena, g->nodes.items[i]));
		if (w.entry)
			paint_text(out, false, PAINT_RESET,
				   str_printf(l->ctx->arena, ", " STR_FMT,
					      STR_ARG(policy_entry_text(l->ctx->arena, w.entry))));
		buf_add_char(out, '\n');
	}
}

static void print_text(const struct licenses *l)
{
	struct str_buf out = str_buf(l->ctx->arena, SIZE_MAX);

	for (size_t i = 0; i < l->list.groups.len; i++)
		add_group(l, &out, l->list.groups.items[i]);
	if (out.len)
		out_text(l->ctx->out, str_slice(buf_view(&out), 0, out.len - 1));
	if (l->nrefused)
		log_error("licenses",
			  "%zu package%s cannot be used without a licence that --fail-on names.",
			  l->nrefused, l->nrefused == 1 ? "" : "s");
}

/* ---- the run ---- */

static struct err *licenses_run(struct cmd_ctx *ctx, const str *args, size_t nargs,
				int *exit_status)
{
	struct licenses l = { .ctx = ctx };
	struct package_docs docs;

	(void)args, (void)nargs;
	l.refusal.patterns = fail_on_words(ctx->arena, ctx->cfg, &l.refusal.count);
	TRY(project_tree_open_for_usage(ctx, TREE_FROM_DISK, &l.project));
	TRY(cmd_ctx_policy(ctx, &l.policy));
	node_vec nodes = foreign_nodes(ctx, &l.project);
	package_docs_init(&docs, ctx->arena, ctx->dirfd, "package-lock.json");
	license_list_make(ctx->arena, &docs, &nodes, &l.list);
	for (size_t i = 0; i < l.list.groups.len; i++)
		l.nrefused += count_refused(&l, l.list.groups.items[i]);
	if (ctx->out->is_json)
		print_json(&l);
	else
		print_text(&l);
	*exit_status = l.nrefused ? 1 : 0;
	return NULL;
}

const struct cmd cmd_licenses = {
	.name = "licenses",
	.summary = "List packages by licence, and refuse some",
	.synopsis = (const char *const[]){ "", NULL },
	.keys = (const enum cfg_key[]){ CFG_FAIL_ON, CFG_JSON, CFG_OMIT, CFG_INCLUDE,
					CFG_PACKAGE_LOCK_ONLY, CFG_WORKSPACE, CFG_WORKSPACES,
					CFG_INCLUDE_WORKSPACE_ROOT, CFG_END },
	.needs = CMD_WORKSPACES,
	.doc = "licenses",
	.run = licenses_run,
};
