/* SPDX-License-Identifier: MIT
 * A peer conflict in plain words. npm's report tells what it met on its way; this says first who
 * needs what, one line each, and what would help. npm's text follows unchanged, for the tools that
 * read it, and its long form goes into a file beside the debug log. */
#include "conflict_report.h"

#include "cpm/base/path.h"
#include "cpm/ui/reporter.h"

/* ---- finding ---- */

void conflict_explain(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	struct conflict *c = in->ideal_opts.conflict;
	struct conflict_notes *notes;
	struct way_out_trial trial = { .port.try = way_out_try, .in = in };

	if (c->wishes.len == 0)
		return;
	notes = ARENA_NEW(ctx->arena, struct conflict_notes);
	notes->conflict = *c;
	notes->nways = ways_out_find(c, ctx->manifest, in->ideal_opts.source, &in->ideal_opts.pick,
				     &trial.port, notes->ways);
	ctx->conflict = notes;
}

/* ---- saying ---- */

static void say_wish(const struct conflict *c, const struct conflict_wish *w)
{
	bool is_led_to = !w->is_own && !str_is_null(w->through) && !str_eq(w->through, w->by_name);

	log_error(NULL, "  " STR_FMT " needs " STR_FMT "@\"" STR_FMT "\"%s" STR_FMT "%s",
		  STR_ARG(str_is_null(w->by) ? S("this project") : w->by), STR_ARG(c->package),
		  STR_ARG(w->spec), is_led_to ? " (it is here because of " : "",
		  STR_ARG(is_led_to ? w->through : S("")), is_led_to ? ")" : "");
}

static void say_way(struct arena *a, const struct way_out *way)
{
	struct str_buf text = str_buf(a, 4096);

	switch (way->kind) {
	case WAY_VERSION:
		buf_printf(&text, "  cpm install " STR_FMT "@" STR_FMT, STR_ARG(way->name),
			   STR_ARG(way->version));
		break;
	case WAY_OVERRIDE:
		buf_add(&text, S("  in package.json: \"overrides\": "));
		json_write(&text, way_out_overrides(a, json_new(a, JSON_OBJECT), way),
			   (struct json_style){ S(""), S("") });
		break;
	case WAY_LEGACY_PEER_DEPS:
		buf_add(&text, S("  --legacy-peer-deps, which leaves peer dependencies to you"));
		break;
	}
	log_error(NULL, STR_FMT, STR_ARG(buf_view(&text)));
}

static void say(struct arena *a, const struct conflict_notes *notes)
{
	const struct conflict *c = &notes->conflict;

	if (str_is_null(c->suits))
		log_error(NULL,
			  "No version of " STR_FMT " suits all who need it:", STR_ARG(c->package));
	else
		log_error(NULL,
			  STR_FMT "@" STR_FMT " would suit all who need it, but each is served in "
				  "turn, and these do not agree:",
			  STR_ARG(c->package), STR_ARG(c->suits));
	VEC_EACH (struct conflict_wish, w, &c->wishes)
		say_wish(c, w);
	if (notes->nways)
		log_error(NULL, "%s",
			  notes->nways == 1 ? "What helps, and was tried:"
					    : "What helps, each was tried:");
	for (size_t i = 0; i < notes->nways; i++)
		say_way(a, &notes->ways[i]);
	log_error(NULL, "%s", "");
}

/* ---- as JSON ---- */

static struct json *way_json(struct arena *a, const struct way_out *way)
{
	struct json *out = json_new(a, JSON_OBJECT);

	switch (way->kind) {
	case WAY_VERSION:
		json_set_text(a, out, "kind", S("version"));
		json_set_text(a, out, "name", way->name);
		json_set_text(a, out, "version", way->version);
		break;
	case WAY_OVERRIDE:
		json_set_text(a, out, "kind", S("override"));
		json_set(a, out, S("overrides"),
			 way_out_overrides(a, json_new(a, JSON_OBJECT), way));
		break;
	case WAY_LEGACY_PEER_DEPS:
		json_set_text(a, out, "kind", S("option"));
		json_set_text(a, out, "option", S("--legacy-peer-deps"));
		break;
	}
	return out;
}

struct json *conflict_ways_json(struct arena *a, const struct conflict_notes *notes)
{
	struct json *ways = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < notes->nways; i++)
		json_append(a, ways, way_json(a, &notes->ways[i]));
	return ways;
}

/* ---- the end of the run ---- */

static struct err *write_report(const struct cmd_ctx *ctx, const struct conflict *c, str *path)
{
	struct arena *a = ctx->arena;
	str dir = reporter_logs_dir(a, ctx->cfg), log = reporter_log_name(a, ctx->started_ms);
	str id = str_slice(log, 0, str_find(log, S("debug-0.log")));
	bool has_log = cfg_number(ctx->cfg, CFG_LOGS_MAX) > 0;
	str text = str_printf(
		a, "'Log files:\n" STR_FMT "\n\n# npm resolution error report\n\n" STR_FMT "\n",
		STR_ARG(has_log ? path_join(a, dir, log) : S("")),
		STR_ARG(log_redact(a, c->report)));

	*path = path_join(a, dir, str_concat(a, id, S("eresolve-report.txt")));
	TRY(fs_mkdirs(AT_FDCWD, str_cstr(a, dir)));
	return fs_write_replace(AT_FDCWD, str_cstr(a, *path), text, 0600);
}

void conflict_finish(struct cmd_ctx *ctx, struct err *e)
{
	struct err *failure;
	str path;

	if (!ctx->conflict || !err_is(e, E_RESOLVE))
		return;
	say(ctx->arena, ctx->conflict);
	failure = write_report(ctx, &ctx->conflict->conflict, &path);
	if (!failure) {
		err_detail(e, STR_FMT "\n\n\nFor a full report see:\n" STR_FMT, STR_ARG(e->detail),
			   STR_ARG(path));
		return;
	}
	log_warn(NULL, "Could not write error message to eresolve-report.txt due to " STR_FMT,
		 STR_ARG(err_text(ctx->arena, failure)));
	err_ignore(failure);
}
