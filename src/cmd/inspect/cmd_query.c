/* SPDX-License-Identifier: MIT
 * query: packages by selector, each with its package.json and its place in the tree
 * (npm-cli.md 2.3.13). */
#include "policy_run.h"
#include "project_tree.h"

#include "cpm/base/path.h"
#include "cpm/registry/endpoints.h"
#include "cpm/tree/audit.h"
#include "cpm/tree/query.h"

/* ---- a package in full ---- */

static struct json *text_or_null(struct arena *a, str s)
{
	return str_is_null(s) ? json_new(a, JSON_NULL) : json_new_string(a, s);
}

static struct json *dependents(struct arena *a, const struct node *n)
{
	struct json *list = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < n->edges_in.len; i++)
		json_append(a, list, json_new_string(a, n->edges_in.items[i]->from->location));
	return list;
}

static struct json *dependencies(struct arena *a, const struct node *n)
{
	struct json *list = json_new(a, JSON_ARRAY);

	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
		const struct node *to = ((const struct edge *)it.val)->to;
		if (to)
			json_append(a, list, json_new_string(a, to->location));
	}
	return list;
}

static bool is_in_store(const struct node *n)
{
	return str_find(n->location, S(NODE_STORE "/")) != STR_NPOS;
}

/* npm looks at "deduped" before it has found the dependents, so it always says false. */
static struct json *item_json(struct arena *a, struct package_docs *docs,
			      const struct query_match *m)
{
	struct json *out = json_new(a, JSON_OBJECT);
	struct node *n = m->node->is_link && m->node->target ? m->node->target : m->node;
	const struct json *doc = package_doc(docs, n);
	/* Where people look for it: a linked layout's store is nobody's business. */
	const struct node *shown = is_in_store(n) ? m->node : n;

	for (size_t i = 0; i < doc->count; i++)
		json_set(a, out, doc->members[i].key, doc->members[i].val);
	json_set_text(a, out, "pkgid", node_id(a, n));
	if (n->tree)
		json_set_text(a, out, "location", shown->location);
	json_set(a, out, S("path"), text_or_null(a, shown->path));
	json_set(a, out, S("realpath"), text_or_null(a, n->real_path));
	json_set(a, out, S("resolved"), text_or_null(a, n->resolved));
	json_set(a, out, S("from"), dependents(a, n));
	json_set(a, out, S("to"), dependencies(a, n));
	json_set(a, out, S("dev"), json_new_bool(a, n->dev));
	json_set(a, out, S("inBundle"), json_new_bool(a, n->tree && node_in_bundle(n)));
	json_set(a, out, S("deduped"), json_new_bool(a, false));
	json_set(a, out, S("overridden"), json_new_bool(a, node_is_overridden(m->node)));
	json_set(a, out, S("queryContext"), m->context);
	return out;
}

/* ---- the run ---- */

struct query {
	struct cmd_ctx *ctx;
	struct package_docs docs;
	struct query_opts opts;
	struct map seen; /* location -> struct shown * */
	struct json *list;
};

/* A result: its place in the list, and how well the place that is told of it serves people. */
struct shown {
	size_t at;
	int rank;
};

static int rank_of(const struct node *n)
{
	return !is_in_store(n) ? 2 : n->is_link ? 0 : 1;
}

/* A package and the links to it are one result, told as the best of them. */
static struct err *select_from(struct query *q, struct tree *t, struct node *scope, str selector)
{
	struct arena *a = q->ctx->arena;
	struct query_result found;

	TRY(query_select(a, t, scope, selector, &q->opts, &found));
	VEC_EACH (struct query_match, m, &found.matches) {
		const struct node *n = m->node->is_link && m->node->target ? m->node->target
									   : m->node;

		struct shown *before = n->location.len ? map_get(&q->seen, n->location) : NULL;

		if (before) {
			if (rank_of(m->node) > before->rank)
				q->list->items[before->at] = item_json(a, &q->docs, m);
			before->rank = MAX(before->rank, rank_of(m->node));
			continue;
		}
		before = ARENA_NEW(a, struct shown);
		*before = (struct shown){ q->list->count, rank_of(m->node) };
		map_put(&q->seen, n->location, before);
		json_append(a, q->list, item_json(a, &q->docs, m));
	}
	return NULL;
}

/* --expect-results, --expect-result-count */
static void check_expected(const struct cmd_ctx *ctx, size_t count, int *exit_status)
{
	const struct cfg *cfg = ctx->cfg;

	if (cfg_source(cfg, CFG_EXPECT_RESULTS) != CFG_LAYER_DEFAULT) {
		bool wants = cfg_bool(cfg, CFG_EXPECT_RESULTS);

		if (wants == (count > 0))
			return;
		log_warn("query", "Expected %sresults, got %zu", wants ? "" : "no ", count);
		*exit_status = 1;
	} else if (cfg_source(cfg, CFG_EXPECT_RESULT_COUNT) != CFG_LAYER_DEFAULT) {
		double wanted = cfg_number(cfg, CFG_EXPECT_RESULT_COUNT);

		if (wanted == (double)count)
			return;
		log_warn("query", "Expected %g result%s, got %zu", wanted, wanted == 1 ? "" : "s",
			 count);
		*exit_status = 1;
	}
}

struct advisor {
	struct query_advisor base;
	struct cmd_ctx *ctx;
};

static bool may_ask(const struct query_advisor *v, const struct node *n)
{
	return audit_may_ask(((const struct advisor *)v)->ctx->cfg, n);
}

static struct err *ask(const struct query_advisor *v, struct arena *a, const struct json *question,
		       struct json **answer)
{
	struct cmd_ctx *ctx = ((const struct advisor *)v)->ctx;
	struct advisory_answer heard;
	struct http *http;
	struct err *e;

	if (cfg_bool(ctx->cfg, CFG_OFFLINE))
		return err_show_as(
			err_new(E_GENERIC, "':vuln' asks the registry, and --offline forbids that"),
			S("ENOTCACHED"));
	TRY(cmd_ctx_http(ctx, &http));
	TRY(registry_ask_advisories(ctx->cfg, http, question, v));
	TRY(registry_hear_advisories(a, http, v, &heard));
	*answer = heard.advisories;
	if (heard.advisories)
		return NULL;
	if (heard.status == 404)
		return err_new(E_NOT_FOUND, STR_FMT,
			       STR_ARG(str_from(heard.failure, strlen("404 "))));
	e = err_new(E_GENERIC, STR_FMT, STR_ARG(heard.failure));
	return heard.status >= 400 ? err_show_as(e, str_printf(a, "E%d", heard.status)) : e;
}

/* Only a selector that asks the registry opens the network. */
static struct err *open_source(struct query *q, str selector)
{
	if (str_find(selector, S(":outdated")) == STR_NPOS)
		return NULL;
	q->opts.pick.before = cfg_before(q->ctx->arena, q->ctx->cfg);
	q->opts.pick.new_names = cfg_list(q->ctx->cfg, CFG_MIN_RELEASE_AGE_EXCLUDE,
					  &q->opts.pick.nnew_names);
	TRY(cmd_ctx_policy(q->ctx, &q->opts.pick.exceptions));
	return cmd_ctx_source(q->ctx, &q->opts.source);
}

/* In each of the chosen members, or in the project. */
static struct err *select_all(struct query *q, const struct project_tree *p, str selector)
{
	struct workspace_choice choice;

	TRY(workspaces_choose(q->ctx, p->tree, q->ctx->manifest, true, &choice));
	if (!choice.is_made)
		return select_from(q, p->tree, p->tree->root, selector);
	for (size_t i = 0; i < choice.count; i++) {
		str location = path_relative(q->ctx->arena, p->tree->path, choice.items[i].path);
		struct node *member = tree_at(p->tree, location);

		if (member)
			TRY(select_from(q, p->tree, member, selector));
	}
	return NULL;
}

static struct err *query_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	const struct advisor advisor = { .base = { may_ask, ask }, .ctx = ctx };
	struct query q = { .ctx = ctx, .list = json_new(ctx->arena, JSON_ARRAY) };
	str selector = nargs ? args[0] : S("");
	struct project_tree p;

	ctx->out->is_json = true;
	TRY(project_tree_open_for_usage(ctx, TREE_FROM_DISK, &p));
	package_docs_init(&q.docs, ctx->arena, ctx->dirfd, "package-lock.json");
	q.opts.docs = &q.docs;
	q.opts.advisor = &advisor.base;
	map_init(&q.seen, ctx->arena);
	TRY(open_source(&q, selector));
	TRY(select_all(&q, &p, selector));
	check_expected(ctx, q.list->count, exit_status);
	out_json(ctx->out, q.list);
	return NULL;
}

const struct cmd cmd_query = {
	.name = "query",
	.summary = "Retrieve a filtered list of packages",
	.synopsis = (const char *const[]){ "<selector>", NULL },
	.keys = (const enum cfg_key[]){ CFG_GLOBAL, CFG_WORKSPACE, CFG_WORKSPACES,
					CFG_INCLUDE_WORKSPACE_ROOT, CFG_PACKAGE_LOCK_ONLY,
					CFG_EXPECT_RESULTS, CFG_EXPECT_RESULT_COUNT, CFG_BEFORE,
					CFG_MIN_RELEASE_AGE, CFG_MIN_RELEASE_AGE_EXCLUDE, CFG_END },
	.needs = CMD_WORKSPACES | CMD_NEEDS_STORE | CMD_NEEDS_NETWORK,
	.doc = "query",
	.run = query_run,
};
