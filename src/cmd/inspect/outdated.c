/* SPDX-License-Identifier: MIT
 * Which dependencies are behind. Each edge from the project is held against the packument of what
 * it asks for: what it would get today, and what is newest. Twin of npm's outdated.js. */
#include "outdated.h"

#include "policy_run.h"

#include "cpm/build_config.h"
#include "cpm/registry/registry_url.h"
#include "cpm/tree/pick.h"

#include <stdlib.h>

struct search {
	struct cmd_ctx *ctx;
	struct project_tree project;
	struct source *source;
	struct pick_opts pick;
	struct cfg_omit omit;
	struct map filter;
	struct map edges; /* bytes of the edge's address -> struct tracked * */
	struct outdated_list *out;
};

struct tracked {
	const struct edge *edge;
	const struct spec *spec; /* of what to ask the registry for */
};

/* ---- which edges ---- */

static bool is_omitted(const struct search *s, const struct edge *e)
{
	const struct node *n = e->to;

	if (!n)
		return (s->omit.dev && e->type == EDGE_DEV) ||
		       (s->omit.optional && edge_is_optional(e)) ||
		       (s->omit.peer && edge_is_peer(e));
	return (s->omit.dev && n->dev) || (s->omit.optional && n->optional) ||
	       (s->omit.peer && n->peer);
}

/* Asking needs a registry; what is missing counts only where it has to be there. */
static bool is_comparable(struct edge *e, const struct spec **spec)
{
	struct err *failure = edge_parse_spec(e, spec);

	if (failure) {
		err_ignore(failure);
		return false;
	}
	if (!spec_is_registry(*spec))
		return false;
	return edge_error(e) != EDGE_MISSING || e->type == EDGE_PROD || e->type == EDGE_WORKSPACE;
}

static void track(struct search *s, struct edge *e)
{
	struct tracked *t;
	const struct spec *spec;

	if (!project_tree_has(&s->filter, e->from) ||
	    map_has(&s->edges, str_of((const char *)&e, sizeof(e))))
		return;
	if (is_omitted(s, e) || !is_comparable(e, &spec))
		return;
	t = ARENA_NEW(s->ctx->arena, struct tracked);
	*t = (struct tracked){ e, spec_target(spec) };
	map_put(&s->edges, str_of((const char *)&t->edge, sizeof(t->edge)), t);
}

static void track_needs(struct search *s, const struct node *n)
{
	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);)
		track(s, it.val);
}

static void track_named(struct search *s, str name)
{
	const node_vec *nodes = tree_named(s->project.tree, name);

	for (size_t i = 0; nodes && i < nodes->len; i++)
		for (size_t j = 0; j < nodes->items[i]->edges_in.len; j++)
			track(s, nodes->items[i]->edges_in.items[j]);
}

/* The project and its members. */
static void track_direct(struct search *s)
{
	const struct node *root = s->project.tree->root;

	track_needs(s, root);
	for (struct map_iter it = map_iter(&root->edges_out); map_next(&it);) {
		const struct edge *e = it.val;
		if (e->to && node_is_workspace(e->to))
			track_needs(s, e->to->target);
	}
}

static void track_all(struct search *s, const str *args, size_t nargs)
{
	for (size_t i = 0; i < nargs; i++)
		track_named(s, args[i]);
	if (nargs)
		return;
	if (cfg_bool(s->ctx->cfg, CFG_ALL))
		for (struct map_iter it = map_iter(&s->project.tree->inventory); map_next(&it);)
			track_needs(s, it.val);
	track_direct(s);
}

/* ---- comparing ---- */

static str type_name(const struct edge *e)
{
	if (edge_is_optional(e))
		return S("optionalDependencies");
	if (edge_is_peer(e))
		return S("peerDependencies");
	return e->type == EDGE_DEV ? S("devDependencies") : S("dependencies");
}

/* npm shows an alias with the whole of its spec. */
static str shown_name(struct arena *a, const struct edge *e)
{
	str spec = edge_spec_text(e);

	if (!str_starts(spec, S("npm:")))
		return e->name;
	return str_printf(a, STR_FMT STR_FMT, STR_ARG(e->name),
			  STR_ARG(str_from(spec, strlen("npm"))));
}

static void add(struct search *s, const struct tracked *t, str wanted, str latest)
{
	struct arena *a = s->ctx->arena;
	const struct edge *e = t->edge;
	const struct node *n = e->to;
	bool is_global = e->from->is_root && e->from->tree->is_global;
	struct outdated_item item = {
		.name = shown_name(a, e),
		.path = n ? n->path : STR_NULL,
		.location = n ? n->location : STR_NULL,
		.current = n ? n->manifest->version : STR_NULL,
		.wanted = wanted,
		.latest = latest,
		.type = type_name(e),
		.dependent = is_global ? S("global") : e->from->name,
		.dependent_location = is_global ? S("global") : e->from->location,
		.member_id = node_is_workspace(e->from) ? node_id(a, e->from) : STR_NULL,
		.package = t->spec->name,
		.at = s->out->items.len,
	};

	if (!str_is_null(item.current) && str_eq(item.current, wanted) && str_eq(wanted, latest))
		return;
	VEC_PUSH(a, &s->out->items, item);
}

static struct err *pick_both(struct search *s, const struct tracked *t, str *wanted, str *latest)
{
	const struct packument *packument;
	const struct packument_version *version;
	struct pick_opts pick = pick_opts_for(&s->pick, t->spec->name);
	struct spec *any;

	TRY(source_get(s->source, t->spec->name, &packument));
	TRY(pick_version(packument, t->spec, &pick, &version));
	*wanted = version->version;
	TRY(spec_resolve(s->ctx->arena, t->spec->name, S("*"), s->project.tree->path, &any));
	TRY(pick_version(packument, any, &pick, &version));
	*latest = version->version;
	return NULL;
}

/* What the registry does not have, or does not give us, is passed over. */
static struct err *compare(struct search *s, const struct tracked *t)
{
	str wanted, latest;
	struct err *e = pick_both(s, t, &wanted, &latest);

	if (!e)
		add(s, t, wanted, latest);
	else if (!err_is(e, E_TARGET) && !err_is(e, E_NOT_FOUND) && !err_is(e, E_FORBIDDEN))
		return e;
	err_ignore(e);
	return NULL;
}

/* ---- --long ---- */

/* The packument's own homepage: it is of no use for installing, so the cache does not keep it. */
static struct err *find_homepage(struct cmd_ctx *ctx, struct outdated_item *item)
{
	const struct http_request request = {
		.url = registry_packument_url(ctx->arena, ctx->cfg, item->package),
		.accept = S("application/json"),
		.priority = HTTP_METADATA,
		.want_gunzip = true,
		.cap_bytes = (uint64_t)256 << 20,
		.subject = item->package,
	};
	struct http_response *resp;
	struct json *doc;
	struct http *http;
	struct err *e;

	TRY(cmd_ctx_http(ctx, &http));
	TRY(http_fetch(http, &request, &resp));
	e = json_parse(ctx->arena, str_of(resp->body, resp->body_len), &doc);
	if (!e)
		item->homepage = json_get_text(doc, "homepage");
	http_response_free(resp);
	return e;
}

/* ---- whole ---- */

static int by_name_and_dependent(const void *a, const void *b)
{
	const struct outdated_item *left = a, *right = b;
	int order = str_collate(left->name, right->name);

	if (!order)
		order = str_collate(left->dependent, right->dependent);
	return order ? order : left->at < right->at ? -1 : 1;
}

static struct err *open_search(struct search *s)
{
	struct cmd_ctx *ctx = s->ctx;
	const struct cfg *cfg = ctx->cfg;

	cfg_force(ctx->cfg, CFG_PACKAGE_LOCK_ONLY, "false");
	cfg_force(ctx->cfg, CFG_PREFER_ONLINE, "true");
	TRY(project_tree_open(ctx, 0, &s->project));
	project_tree_filter(ctx, &s->project, true, &s->filter);
	map_init(&s->edges, ctx->arena);
	s->omit = cfg_omit(cfg);
	s->pick = (struct pick_opts){ .default_tag = cfg_text(cfg, CFG_TAG),
				      .before = cfg_before(ctx->arena, cfg),
				      .node_version = node_version_find(ctx),
				      .npm_version = S(CPM_NPM_VERSION) };
	s->pick.new_names = cfg_list(cfg, CFG_MIN_RELEASE_AGE_EXCLUDE, &s->pick.nnew_names);
	TRY(cmd_ctx_policy(ctx, &s->pick.exceptions));
	return cmd_ctx_source(ctx, &s->source);
}

struct err *outdated_find(struct cmd_ctx *ctx, const str *args, size_t nargs,
			  struct outdated_list *out)
{
	struct search s = { .ctx = ctx, .out = out };

	*out = (struct outdated_list){ 0 };
	TRY(open_search(&s));
	track_all(&s, args, nargs);
	for (struct map_iter it = map_iter(&s.edges); map_next(&it);)
		source_announce(s.source, ((struct tracked *)it.val)->spec->name);
	for (struct map_iter it = map_iter(&s.edges); map_next(&it);)
		TRY(compare(&s, it.val));
	VEC_SORT(&out->items, by_name_and_dependent);
	for (size_t i = 0; cfg_bool(ctx->cfg, CFG_LONG) && i < out->items.len; i++)
		TRY(find_homepage(ctx, &out->items.items[i]));
	return NULL;
}
