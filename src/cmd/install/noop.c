/* SPDX-License-Identifier: MIT
 * Proving that an install has nothing to do, and saying what it would have said. The proof stands
 * on the state file: the same settings and programs, the same input files, and no folder that
 * installing or removing anything would have changed is another than it was. */
#include "noop.h"
#include "install_stages.h"
#include "noop_key.h"

#include "cpm/base/trace.h"
#include "cpm/tree/map_workspaces.h"

#define LOCK_NAME "package-lock.json"

/* ---- listening ---- */

static void note_warning(void *ctx, enum log_level level, str title, str message)
{
	struct install *in = ctx;
	struct arena *a = in->ctx->arena;

	if (level > LOG_NOTICE)
		return;
	VEC_PUSH(a, &in->noop.warnings,
		 (struct noop_warning){ level, str_dup(a, title), str_dup(a, message) });
}

void noop_stop_listening(void)
{
	log_set_listener(NULL, NULL);
}

/* ---- looking ---- */

void noop_look(struct install *in)
{
	struct noop *noop = &in->noop;
	struct cmd_ctx *ctx = in->ctx;

	if (in->is_dry_run || in->is_lock_only || in->is_global)
		return;
	noop->key = noop_key(ctx);
	(void)state_read(ctx->arena, ctx->dirfd, &noop->last);
	noop->is_looked_up = true;
}

/* ---- members ---- */

struct fingerprint noop_members(const struct tree *t)
{
	struct fingerprint f = { 0 };

	VEC_EACH (struct workspace, w, &t->workspaces) {
		fingerprint_add(&f, w->name);
		fingerprint_add(&f, w->path);
	}
	return f;
}

/* A member may have come without any file that we know having changed. */
static bool has_same_members(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	struct tree *t;
	struct err *err;
	str dir;

	if (!ctx->manifest->workspaces)
		return true;
	err = fs_real_path(ctx->arena, str_cstr(ctx->arena, cfg_local_prefix(ctx->cfg)), &dir);
	if (!err) {
		t = tree_new(ctx->arena, dir);
		err = map_workspaces(ctx->arena, dir, ctx->manifest, t);
	}
	if (err) {
		err_ignore(err);
		return false;
	}
	return fingerprint_eq(noop_members(t), in->noop.last.members);
}

/* ---- the report ---- */

static bool read_warning(const struct json *v, struct noop_warning *out)
{
	struct json *level = json_get(v, "level");

	if (!json_is(level, JSON_NUMBER) || level->number < LOG_ERROR || level->number > LOG_NOTICE)
		return false;
	*out = (struct noop_warning){ (enum log_level)level->number, json_get_text(v, "title"),
				      json_get_text(v, "message") };
	out->message = str_is_null(out->message) ? S("") : out->message;
	return true;
}

static bool say_warnings(struct arena *a, const struct json *list)
{
	VEC(struct noop_warning) warnings = { 0 };

	for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->count; i++) {
		struct noop_warning w;

		if (!read_warning(list->items[i], &w))
			return false;
		VEC_PUSH(a, &warnings, w);
	}
	VEC_EACH (struct noop_warning, w, &warnings)
		log_line(w->level, str_is_null(w->title) ? NULL : str_cstr(a, w->title), STR_FMT,
			 STR_ARG(w->message));
	return true;
}

bool noop_tell_report(struct install *in, str text)
{
	struct arena *a = in->ctx->arena;
	struct noop_report *report = &in->noop.report;
	struct json *doc;
	struct json *funding;
	struct err *err = json_parse(a, text, &doc);

	if (err) {
		err_ignore(err);
		return false;
	}
	funding = json_get(doc, "funding");
	if (!json_is(funding, JSON_NUMBER) || funding->number < 0)
		return false;
	report->funding = (size_t)funding->number;
	report->blocked = json_get_text(doc, "blocked");
	report->inert = json_get(doc, "inert");
	report->blocked_json = json_get(doc, "unreviewedScripts");
	return say_warnings(a, json_get(doc, "warnings"));
}

/* ---- the proof ---- */

static bool is_eligible(const struct install *in)
{
	const struct cfg *cfg = in->ctx->cfg;
	size_t nfilters;

	(void)cfg_list(cfg, CFG_WORKSPACE, &nfilters);
	return in->req->may_be_noop && in->noop.is_looked_up && in->uses_lock && nfilters == 0 &&
	       cfg_is_null(cfg, CFG_WORKSPACES) && cfg_bool(cfg, CFG_SAVE);
}

static bool prove(struct install *in)
{
	const struct noop *noop = &in->noop;
	const struct state *last = &noop->last;
	str doubt;

	if (!is_eligible(in) || !last->is_settled || !fingerprint_eq(last->key, noop->key))
		return false;
	if (!state_holds(in->ctx->dirfd, last, &doubt)) {
		log_verbose("state", "changed since the last run: " STR_FMT, STR_ARG(doubt));
		return false;
	}
	return has_same_members(in);
}

bool noop_is_proven(struct install *in)
{
	struct noop *noop = &in->noop;
	TRACE(UNCHANGED);

	if (prove(in)) {
		log_verbose("state", "nothing has changed since the last run");
		noop->is_proven = noop_tell_report(in, noop->last.report);
	}
	if (noop->is_proven && state_grow_old(&noop->last))
		err_ignore(state_write(in->ctx->dirfd, &noop->last));
	if (!noop->is_proven && noop->is_looked_up) {
		noop->manifest = in->ctx->manifest_fact;
		noop->lockfile = state_see(in->ctx->dirfd, S(LOCK_NAME));
		log_set_listener(note_warning, in);
	}
	return noop->is_proven;
}
