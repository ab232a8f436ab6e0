/* SPDX-License-Identifier: MIT
 * The last resolution of a project, in the cache. With neither a lockfile nor a tree to start from,
 *all of it follows from package.json, the settings and the packuments; while these are the same and
 *may be used without asking, so is the result. A value is
 *
 *	header | packuments | lockfile
 *
 * and the lockfile has its entries in the order of the tree, since warnings and commands follow
 *that. What is read back is checked like any lockfile, and must satisfy package.json by itself.
 *
 * As with the shelf, a machine that is thrown away after one install keeps nothing: only what was
 * resolved without the network is remembered. Whatever could make two resolutions differ otherwise,
 * or say anything that cannot be said again, keeps it from being remembered. */
#include "resolution_memo.h"
#include "packument_proofs.h"

#include "cpm/base/trace.h"
#include "cpm/registry/source_registry.h"
#include "cpm/store/store.h"
#include "cpm/tree/lockfile.h"

/* Counts up when the form changes. */
static const char magic[8] = { 'c', 'p', 'm', 'r', 's', 'l', 'v', '1' };

/* So many projects are remembered: another of the same slot takes the place of one. */
#define SLOTS     64
#define MAX_BYTES ((size_t)8 << 20)

struct memo_header {
	char magic[8];
	struct fingerprint question;
};

/* ---- the question ---- */

static bool is_plain_request(const struct install *in)
{
	const struct install_request *req = in->req;

	return req->may_be_noop && req->saves && !req->nremove && !req->nupdate &&
	       !req->updates_all && !req->prunes && !req->fixes && !req->dedupes && !req->plan &&
	       in->saves_lock && !in->is_dry_run && !in->is_lock_only && !in->is_global &&
	       in->noop.is_looked_up && in->members.count == 0;
}

static bool is_plain_project(const struct install *in)
{
	static const char *const fields[] = { "patchedDependencies", "packageExtensions",
					      "acceptDependencies", "devEngines" };
	const struct manifest *m = in->ctx->manifest;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (json_get(m->json, fields[i]))
			return false;
	return in->is_from_scratch && !in->has_lock && str_is_null(in->yarn_text) &&
	       !str_is_empty(m->name) && !m->workspaces && !m->overrides && !m->has_bundled;
}

/* A date to resolve by moves on, a policy tells what it let pass. */
static bool has_plain_settings(const struct install *in)
{
	const struct ideal_opts *o = &in->ideal_opts;

	return o->strategy == STRATEGY_HOISTED && str_is_null(o->pick.before) && !o->exceptions &&
	       !o->force && !o->yarn && !o->complete && !o->is_trial;
}

static bool is_eligible(const struct install *in)
{
	return in->ctx->store && is_plain_request(in) && is_plain_project(in) &&
	       has_plain_settings(in);
}

static void add_platform(struct fingerprint *f, const struct platform *p)
{
	fingerprint_add(f, p->os);
	fingerprint_add(f, p->cpu);
	fingerprint_add(f, p->libc);
}

static void add_fingerprint(struct fingerprint *f, struct fingerprint part)
{
	fingerprint_add(f, str_of((const char *)&part, sizeof(part)));
}

/* The key of an install that has nothing to do names settings, programs and the project. */
static struct fingerprint question_of(const struct install *in)
{
	const struct ideal_opts *o = &in->ideal_opts;
	struct fingerprint f = { 0 };

	add_fingerprint(&f, in->noop.key);
	add_fingerprint(&f, in->noop.manifest.content);
	fingerprint_add(&f, o->pick.default_tag);
	fingerprint_add(&f, o->pick.node_version);
	add_platform(&f, &o->platform);
	add_platform(&f, &o->real_platform);
	return f;
}

static str memo_key(const struct install *in)
{
	struct fingerprint f = fingerprint_of(cfg_local_prefix(in->ctx->cfg));

	return str_printf(in->ctx->arena, "resolution:%u", (unsigned)(f.a % SLOTS));
}

/* ---- the answer ---- */

/* A package that a registry is to answer for, whole in itself. */
static bool is_plain_package(struct node *n)
{
	return !n->is_link && !n->extraneous && !n->patched && !n->extended_by &&
	       !n->load_failure && !n->in_bundle_flag && n->manifest->nbundled == 0 &&
	       !str_is_empty(n->manifest->name) && !str_is_empty(node_version(n)) &&
	       !str_is_empty(n->integrity) &&
	       (str_starts(n->resolved, S("http:")) || str_starts(n->resolved, S("https:")));
}

static bool is_plain_edge(struct edge *e)
{
	const struct spec *spec;
	struct err *err = edge_parse_spec(e, &spec);
	bool is_plain = !err && spec_is_registry(spec);

	err_ignore(err);
	if (!e->to)
		return is_plain && e->type == EDGE_PEER_OPTIONAL;
	return is_plain && !e->peer_conflicted && edge_is_valid(e);
}

/* A tree in which nothing is open, and that a lockfile can say all of. Parents come first. */
static bool is_plain_tree(struct tree *t)
{
	unsigned seen = tree_next_mark(t);

	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		struct node *n = it.val;

		n->mark = seen;
		if (!n->is_root && (!is_plain_package(n) || !n->parent || n->parent->mark != seen))
			return false;
		for (struct map_iter edge = map_iter(&n->edges_out); map_next(&edge);)
			if (!is_plain_edge(edge.val))
				return false;
	}
	return true;
}

/* ---- recalling ---- */

/* The tree of @text, as if it had been resolved just now. */
static struct tree *tree_of(struct install *in, str text)
{
	struct cmd_ctx *ctx = in->ctx;
	struct tree *t = NULL;
	struct err *err = lockfile_parse(ctx->arena, text, S("resolution"),
					 cfg_local_prefix(ctx->cfg), ctx->manifest,
					 cfg_bool(ctx->cfg, CFG_LEGACY_PEER_DEPS), &t);

	err_ignore(err);
	if (err || !t)
		return NULL;
	t->lockfile = NULL;
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		struct node *n = it.val;

		n->from_lock = false;
		n->locked = NULL;
	}
	return is_plain_tree(t) ? t : NULL;
}

struct tree *resolution_recall(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	struct fingerprint question;
	struct memo_header h;
	struct kv_port *kv;
	str value, rest;

	if (!is_eligible(in))
		return NULL;
	kv = store_kv(ctx->store);
	question = question_of(in);
	value = kv->get(kv, ctx->arena, memo_key(in));
	if (value.len < sizeof(h))
		return NULL;
	memcpy(&h, value.p, sizeof(h));
	rest = str_from(value, sizeof(h));
	if (memcmp(h.magic, magic, sizeof(magic)) != 0 || !fingerprint_eq(h.question, question) ||
	    !packument_proofs_hold(ctx, &rest))
		return NULL;
	struct tree *t = tree_of(in, rest);
	if (t)
		log_verbose("resolve", "nothing has changed since this was last resolved");
	return t;
}

/* ---- remembering ---- */

/* What is checked again each time is said again each time. */
static bool can_be_said_again(const struct install *in)
{
	VEC_EACH (const struct noop_warning, w, &in->noop.warnings)
		if (!str_eq(w->title, S("EBADENGINE")))
			return false;
	return true;
}

struct survey {
	struct install *in;
	struct packument_proofs packuments;
	bool is_complete;
};

static void note_packument(void *ctx, str name, const struct packument *packument)
{
	struct survey *s = ctx;

	packument_proofs_add(&s->packuments, s->in->ctx, name, packument);
	s->is_complete &= packument != NULL;
}

static bool note_packuments(struct survey *s)
{
	struct cmd_ctx *ctx = s->in->ctx;

	packument_proofs_init(ctx->arena, &s->packuments);
	s->is_complete = true;
	store_begin_reading(ctx->store);
	source_registry_each(ctx->source, note_packument, s);
	store_end_reading(ctx->store);
	return s->is_complete && s->packuments.count > 0;
}

void resolution_remember(struct install *in)
{
	const struct lockfile_opts opts = { .version = 3, .is_in_tree_order = true };
	struct cmd_ctx *ctx = in->ctx;
	struct memo_header h;
	struct survey survey = { .in = in };
	struct str_buf out = str_buf(ctx->arena, SIZE_MAX);
	struct err *err;
	str text;

	if (!is_eligible(in) || http_requests(ctx->http) || !can_be_said_again(in) ||
	    !is_plain_tree(in->ideal) || !note_packuments(&survey))
		return;
	err = lockfile_format(ctx->arena, in->ideal, &opts, &text);
	err_ignore(err);
	if (err || text.len > MAX_BYTES)
		return;
	memcpy(h.magic, magic, sizeof(magic));
	h.question = question_of(in);
	buf_add(&out, str_of((const char *)&h, sizeof(h)));
	packument_proofs_write(&out, &survey.packuments);
	buf_add(&out, text);
	struct kv_port *kv = store_kv(ctx->store);
	kv->put(kv, memo_key(in), buf_view(&out));
}
