/* SPDX-License-Identifier: MIT
 * The way of `audit signatures`: what is installed, by the edges that lead to it; the keys of its
 * registries; what they say of each version; and whether it holds. Twin of npm's
 * verify-signatures.js. Unlike npm we also hold the integrity that was signed against the one of
 * what is installed, or a registry's word about other bytes would pass for a word about these. */
#include "audit_signatures.h"

#include "cpm/registry/endpoints.h"
#include "project_tree.h"

#include <time.h>

struct signature_run {
	struct cmd_ctx *ctx;
	struct http *http;
	signature_findings wanted;
	size_t nedges;
	struct map keys; /* registry -> struct signing_keys * */
	VEC(str) names;
	bool *is_known;            /* per wanted: its version was read */
	struct trusted_root *root; /* NULL: attestations are not looked at */
	struct signature_report report;
};

/* ---- which packages ---- */

/* The spec with the name that it really asks for; NULL when it is none, or not one of a registry.
 */
static const struct spec *registry_spec(struct edge *e)
{
	const struct spec *s = NULL;
	struct err *failure = edge_parse_spec(e, &s);

	err_ignore(failure);
	return !failure && s && spec_is_registry(s) ? s : NULL;
}

/* As --omit says, word for word: --include does not bring anything back here. */
static bool is_left_out(const struct cfg *cfg, const struct node *n)
{
	return (n->dev && cfg_list_has(cfg, CFG_OMIT, S("dev"))) ||
	       (n->optional && cfg_list_has(cfg, CFG_OMIT, S("optional"))) ||
	       (n->peer && cfg_list_has(cfg, CFG_OMIT, S("peer")));
}

static str edge_section(const struct edge *e)
{
	if (edge_is_optional(e))
		return S("optionalDependencies");
	if (edge_is_peer(e))
		return S("peerDependencies");
	return e->type == EDGE_DEV ? S("devDependencies") : S("dependencies");
}

static void want_edge(struct signature_run *run, struct map *seen, struct edge *e)
{
	const struct cfg *cfg = run->ctx->cfg;
	const struct spec *spec = registry_spec(e);
	struct node *n = e->to;

	if (!spec || !n || node_is_workspace(n) || str_is_empty(node_version(n)) ||
	    is_left_out(cfg, n) || map_has(seen, n->location))
		return;
	map_put(seen, n->location, n);
	const struct spec *target = spec_target(spec);
	str name = str_is_null(target->name) ? e->name : target->name;
	VEC_PUSH(run->ctx->arena, &run->wanted,
		 (struct signature_finding){
			 .name = name,
			 .version = node_version(n),
			 .location = n->location,
			 .registry = cfg_registry_for(cfg, name),
			 .type = edge_section(e),
			 .lock_integrity = n->integrity,
		 });
}

static void choose_packages(struct signature_run *run, const struct tree *t, const struct map *only)
{
	struct map seen;

	map_init(&seen, run->ctx->arena);
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		struct node *n = it.val;

		if (only->count && (!n->target || !project_tree_has(only, n->target)))
			continue;
		for (struct map_iter out = map_iter(&n->edges_out); map_next(&out);) {
			run->nedges++;
			want_edge(run, &seen, out.val);
		}
	}
}

/* ---- what the registries say ---- */

static struct err *ask_for_keys(struct signature_run *run)
{
	struct arena *a = run->ctx->arena;

	map_init(&run->keys, a);
	VEC_EACH (struct signature_finding, w, &run->wanted) {
		struct signing_keys *keys = map_get(&run->keys, w->registry);

		if (!keys) {
			keys = ARENA_NEW(a, struct signing_keys);
			TRY(signing_keys_fetch(a, run->ctx->cfg, run->http, w->registry, keys));
			map_put(&run->keys, w->registry, keys);
		}
		w->keys = keys;
		run->report.audited += keys->count > 0;
	}
	return NULL;
}

/* Takes from a packument, which dies at once, what it says of the versions that are wanted. */
static void take_document(void *arg, size_t at, const struct json *document)
{
	struct signature_run *run = arg;

	for (size_t i = 0; document && i < run->wanted.len; i++) {
		struct signature_finding *w = &run->wanted.items[i];

		if (run->is_known[i] || !str_eq(w->name, run->names.items[at]))
			continue;
		err_ignore(signed_package_read(run->ctx->arena, document, w->name, w->version,
					       &w->package));
		run->is_known[i] = !str_is_null(w->package.name);
	}
}

static struct err *ask_for_packages(struct signature_run *run)
{
	struct cmd_ctx *ctx = run->ctx;
	struct map names;

	map_init(&names, ctx->arena);
	VEC_EACH (struct signature_finding, w, &run->wanted)
		if (!map_put(&names, w->name, w))
			VEC_PUSH(ctx->arena, &run->names, w->name);
	run->is_known = ARENA_ARRAY(ctx->arena, bool, run->wanted.len + 1);
	return registry_fetch_documents(ctx->cfg, run->http, run->names.items, run->names.len,
					take_document, run);
}

/* The answer was none, or has no such version: once more, for the reason. */
static struct err *ask_again(struct signature_run *run, struct signature_finding *w)
{
	struct arena *a = run->ctx->arena;
	struct json *document;
	struct err *e = registry_fetch_document(a, run->ctx->cfg, run->http, w->name, &document),
		   *copy;

	if (!e)
		return signed_package_read(a, document, w->name, w->version, &w->package);
	copy = source_failure_copy(
		e, str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(w->name), STR_ARG(w->version)));
	err_free(e);
	return copy;
}

static struct err *ask_for_attestations(struct signature_run *run)
{
	for (size_t i = 0; i < run->wanted.len; i++)
		if (!run->is_known[i])
			TRY(ask_again(run, &run->wanted.items[i]));
	TRY(attestations_load_root(run->ctx, run->http, &run->root));
	if (run->root)
		return attestations_fetch(run->ctx, run->http, &run->wanted);
	attestations_warn_unread(&run->wanted);
	return NULL;
}

/* ---- whether it holds ---- */

/* False when both name the strongest algorithm of @is, with other hashes. */
static bool may_be_the_same(struct arena *a, str is_text, str must_text)
{
	struct integrity is, must;

	integrity_parse(a, is_text, &is);
	integrity_parse(a, must_text, &must);
	for (size_t i = 0; i < is.count; i++)
		if (integrity_has(&must, &is.items[i]))
			return true;
	return is.strongest != must.strongest || !is.count;
}

/* What the registry vouches for may not be what is installed. */
static void hold_against_lock(struct arena *a, struct signature_finding *w)
{
	bool is_signed = w->package.signatures && w->package.signatures->count;

	if (w->fault.code.len || !(is_signed || w->answer) || str_is_empty(w->lock_integrity) ||
	    may_be_the_same(a, w->lock_integrity, w->package.integrity))
		return;
	w->fault.code = is_signed ? S("EINTEGRITYSIGNATURE") : S("EATTESTATIONVERIFY");
	w->fault.message = str_printf(a,
				      STR_FMT "@" STR_FMT " was installed with integrity " STR_FMT
					      ", but its registry vouches for " STR_FMT,
				      STR_ARG(w->name), STR_ARG(w->version),
				      STR_ARG(w->lock_integrity), STR_ARG(w->package.integrity));
}

static struct err *verify_one(struct signature_run *run, size_t at)
{
	struct arena *a = run->ctx->arena;
	struct signature_finding *w = &run->wanted.items[at];
	struct signature_report *r = &run->report;

	TRY(signed_package_verify(a, &w->package, w->keys, &w->fault));
	if (w->answer && !w->fault.code.len)
		TRY(attestations_verify(a, &w->package, w->keys, run->root, w->answer, &w->fault));
	hold_against_lock(a, w);
	if (w->fault.code.len) {
		VEC_PUSH(a, &r->invalid, *w);
		return NULL;
	}
	if (w->answer) {
		r->attested_count++;
		VEC_PUSH(a, &r->attested, *w);
	}
	if (w->package.signatures && w->package.signatures->count)
		r->signed_count++;
	else if (w->keys->count)
		VEC_PUSH(a, &r->missing, *w);
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct signature_finding *left = a, *right = b;
	int order = str_collate(left->name, right->name);

	return order ? order : str_cmp(left->location, right->location);
}

static struct err *verify_all(struct signature_run *run)
{
	struct signature_report *r = &run->report;

	for (size_t i = 0; i < run->wanted.len; i++)
		TRY(verify_one(run, i));
	if (!r->audited && !r->attested_count && !r->invalid.len)
		return err_new(E_GENERIC, "found no dependencies to audit that were installed "
					  "from a supported registry");
	VEC_SORT(&r->missing, by_name);
	VEC_SORT(&r->invalid, by_name);
	VEC_SORT(&r->attested, by_name);
	return NULL;
}

/* ---- the run ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct err *audit_signatures(struct cmd_ctx *ctx, int *exit_status)
{
	struct signature_run run = { .ctx = ctx };
	struct signature_report *r = &run.report;
	bool with_attestations = cfg_bool(ctx->cfg, CFG_INCLUDE_ATTESTATIONS);
	int64_t started_ms = now_ms();
	struct project_tree project;
	struct map only;

	if (cfg_is_global(ctx->cfg))
		return err_show_as(err_new(E_GENERIC, "`npm audit signatures` does not support "
						      "global packages"),
				   S("EAUDITGLOBAL"));
	cfg_force(ctx->cfg, CFG_PACKAGE_LOCK_ONLY, "false");
	TRY(project_tree_open(ctx, 0, &project));
	project_tree_filter(ctx, &project, true, &only);
	choose_packages(&run, project.tree, &only);
	if (!run.nedges)
		return err_new(E_GENERIC, "found no installed dependencies to audit");
	TRY(cmd_ctx_http(ctx, &run.http));
	TRY(ask_for_keys(&run));
	TRY(ask_for_packages(&run));
	TRY(ask_for_attestations(&run));
	TRY(verify_all(&run));
	r->elapsed_ms = now_ms() - started_ms;
	*exit_status = r->missing.len || r->invalid.len;
	if (ctx->out->is_json)
		out_json(ctx->out, signature_report_json(ctx->arena, r, with_attestations));
	else
		out_text(ctx->out, signature_report_text(ctx->arena, r, with_attestations,
							 ctx->screen->term.out_color));
	return NULL;
}
