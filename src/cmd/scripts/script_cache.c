/* SPDX-License-Identifier: MIT
 * A result may be restored only where the script would have made the same one. So a key is taken
 * before the script runs and again after: where the two differ, somebody edited a file meanwhile,
 * or the script writes what counts as its own input, and the result belongs to neither key.
 *
 * Beside the results there is one note for each script of a project: the key parts of its last good
 * run. They tell what has changed since. */
#include "script_cache.h"

#include "member_output.h"
#include "script_key.h"
#include "script_result.h"
#include "script_why.h"

#include <time.h>

#define MAX_LOG_BYTES  ((size_t)16 << 20)
#define MAX_NOTE_BYTES ((size_t)64 << 20)

struct attempt {
	struct script_key key;
	str unsound; /* why its result must not be kept; or null */
	struct str_buf log;
};

struct script_cache {
	struct member_run *run;
	struct script_keys keys;
	struct attempt *attempts; /* one for each task */
	bool explains;
};

bool script_cache_is_wanted(const struct cmd_ctx *ctx)
{
	return cfg_bool(ctx->cfg, CFG_SCRIPT_CACHE) && strcmp(ctx->cmd->doc, "run") == 0;
}

struct err *script_cache_open(struct member_run *run, struct script_cache **out)
{
	struct cmd_ctx *ctx = run->ctx;
	struct script_cache *c;

	*out = NULL;
	if (!script_cache_is_wanted(ctx))
		return NULL;
	if (!ctx->store)
		TRY(store_open(cmd_ctx_store_dir(ctx->arena, ctx->cfg), &ctx->store));
	c = ARENA_NEW(ctx->arena, struct script_cache);
	*c = (struct script_cache){ .run = run, .explains = cfg_bool(ctx->cfg, CFG_WHY) };
	TRY(script_keys_open(run, &c->keys));
	c->attempts = ARENA_ARRAY(ctx->arena, struct attempt, run->count + 1);
	*out = c;
	return NULL;
}

static struct script_place place_of(const struct script_cache *c, size_t task)
{
	const struct member *m = c->run->tasks[task].member;

	return (struct script_place){ c->keys.root, m->location, m->path,
				      &c->keys.owns[task].decl };
}

static struct script_shelf shelf_of(const struct script_cache *c, size_t task)
{
	return (struct script_shelf){ c->run->ctx->arena, c->run->ctx->store,
				      c->attempts[task].key.hex };
}

/* ---- the note of the last good run ---- */

static str note_key(const struct script_cache *c, size_t task)
{
	struct arena *a = c->run->ctx->arena;

	return str_printf(a, "script-last:" STR_FMT ":" STR_FMT, STR_ARG(c->keys.script),
			  STR_ARG(c->run->tasks[task].member->path));
}

static void write_note(const struct script_cache *c, size_t task)
{
	struct arena *a = c->run->ctx->arena;
	struct kv_port *kv = store_kv(c->run->ctx->store);
	struct str_buf text = str_buf(a, MAX_NOTE_BYTES);
	str key = note_key(c, task);

	json_write(&text, c->attempts[task].key.parts, (struct json_style){ S(""), S("") });
	if (!text.overflow && !str_eq(kv->get(kv, a, key), buf_view(&text)))
		kv->put(kv, key, buf_view(&text));
}

static str what_changed(const struct script_cache *c, size_t task)
{
	struct arena *a = c->run->ctx->arena;
	struct kv_port *kv = store_kv(c->run->ctx->store);
	str text = kv->get(kv, a, note_key(c, task));
	struct json *was;

	if (str_is_null(text))
		return S("no result of it is kept");
	struct err *e = json_parse(a, text, &was);
	if (e) {
		err_ignore(e);
		return S("the note of its last run is damaged");
	}
	text = script_why_differs(a, was, c->attempts[task].key.parts);
	return text.len ? text : S("its result is not in the cache any more");
}

/* ---- before it runs ---- */

static str date_text(struct arena *a, int64_t when_sec)
{
	time_t when = (time_t)when_sec;
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&when, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm);
	return str_dup(a, str_view(text));
}

/* What was kept may come from a run with colours. */
static str without_colors(struct arena *a, str text)
{
	struct str_buf out = str_buf(a, text.len + 1);

	for (size_t at; (at = str_find(text, S("\033["))) != STR_NPOS;) {
		size_t end = at + 2;

		while (end < text.len && strchr("0123456789;:", text.p[end]))
			end++;
		bool is_color = end < text.len && text.p[end] == 'm';
		buf_add(&out, str_slice(text, 0, is_color ? at : end));
		text = str_from(text, is_color ? end + 1 : end);
	}
	buf_add(&out, text);
	return buf_view(&out);
}

static void replay(const struct script_cache *c, size_t task, str log, struct member_output *output)
{
	const struct member_task *t = &c->run->tasks[task];
	struct arena *a = c->run->ctx->arena;
	bool has_color = c->run->ctx->screen->term.out_color;
	enum script_piece kind;
	uint64_t step;

	for (str bytes; script_pieces_next(&log, &kind, &bytes);) {
		if (kind != PIECE_STEP)
			member_output_add(output, task, kind == PIECE_ERR,
					  has_color ? bytes : without_colors(a, bytes));
		else if (str_to_u64(bytes, &step) && step < t->nsteps)
			member_output_begin(output, task, str_trim_js(t->steps[step].text));
	}
}

static void explain(const struct script_cache *c, size_t task, struct member_output *output)
{
	static const char *const words[] = {
		[SCRIPT_UNCACHED] = "not cached", [SCRIPT_MISSED] = "miss", [SCRIPT_HIT] = "hit"
	};
	ARENA_SCOPE(tmp);
	const struct member_task *t = &c->run->tasks[task];

	if (c->explains)
		member_output_add(output, task, true,
				  str_printf(tmp, "cache: %s: " STR_FMT "\n", words[t->cache],
					     STR_ARG(log_escape(tmp, t->why))));
}

static bool has_script(const struct script_cache *c, size_t task)
{
	const struct json *package = c->run->tasks[task].member->manifest->json;

	return !!json_get_str(json_get(package, "scripts"), c->keys.script);
}

/* A key tells what other members are like, not what their outputs were made from: these are what
 * the key says when their scripts have passed in this run, before, and were sound themselves. */
static str find_unsound(const struct script_cache *c, size_t task)
{
	struct arena *a = c->run->ctx->arena;
	bool *needed = ARENA_ARRAY(a, bool, c->run->count + 1);

	needed[task] = true;
	member_graph_add_needs(&c->run->project.graph, needed);
	for (size_t i = 0; i < c->run->count; i++) {
		const struct member_task *t = &c->run->tasks[i];

		if (i == task || !needed[i] || !has_script(c, i))
			continue;
		if (t->state != MEMBER_PASSED)
			return str_printf(a, STR_FMT " was not run before it",
					  STR_ARG(t->member->name));
		if (t->cache != SCRIPT_HIT && !str_is_null(c->attempts[i].unsound))
			return c->attempts[i].unsound;
	}
	return STR_NULL;
}

static enum script_found look(struct script_cache *c, size_t task, str *log)
{
	struct arena *a = c->run->ctx->arena;
	struct member_task *t = &c->run->tasks[task];
	struct script_place place = place_of(c, task);
	struct attempt *at = &c->attempts[task];
	enum script_found found;
	int64_t when_sec = 0;

	at->unsound = find_unsound(c, task);
	if (!place.decl->is_made) {
		t->why = str_printf(a, "package.json does not describe it in cpm.scripts." STR_FMT,
				    STR_ARG(c->keys.script));
		return RESULT_NONE;
	}
	script_keys_find(&c->keys, task, &at->key);
	if (!str_is_null(at->key.problem)) {
		t->why = at->key.problem;
		return RESULT_NONE;
	}
	struct script_shelf shelf = shelf_of(c, task);
	found = script_result_restore(&shelf, &place, log, &when_sec);
	t->cache = found == RESULT_RESTORED ? SCRIPT_HIT : SCRIPT_MISSED;
	t->why = found == RESULT_RESTORED  ? str_printf(a, "all is as it was when it ran, " STR_FMT,
							STR_ARG(date_text(a, when_sec)))
		 : found == RESULT_DAMAGED ? S("what was kept of it is damaged or incomplete")
					   : what_changed(c, task);
	return found;
}

bool script_cache_restore(struct script_cache *c, size_t task, struct member_output *output)
{
	str log = S("");
	enum script_found found = look(c, task, &log);

	explain(c, task, output);
	if (found != RESULT_RESTORED) {
		c->attempts[task].log = str_buf(c->run->ctx->arena, MAX_LOG_BYTES);
		return false;
	}
	write_note(c, task);
	replay(c, task, log, output);
	return true;
}

/* ---- while it runs, and after ---- */

static void hear(struct script_cache *c, size_t task, enum script_piece kind, str bytes)
{
	if (c && c->run->tasks[task].cache == SCRIPT_MISSED)
		script_pieces_add(&c->attempts[task].log, kind, bytes);
}

void script_cache_hear(struct script_cache *c, size_t task, bool is_err, str bytes)
{
	hear(c, task, is_err ? PIECE_ERR : PIECE_OUT, bytes);
}

void script_cache_hear_step(struct script_cache *c, size_t task, size_t step)
{
	ARENA_SCOPE(tmp);

	hear(c, task, PIECE_STEP, str_printf(tmp, "%zu", step));
}

static struct err *keep(struct script_cache *c, size_t task)
{
	struct arena *a = c->run->ctx->arena;
	struct attempt *at = &c->attempts[task];
	struct script_place place = place_of(c, task);
	struct script_shelf shelf = shelf_of(c, task);
	struct script_key now;

	if (at->log.overflow)
		return err_new(E_TOO_BIG, "it printed more than %zu MiB", MAX_LOG_BYTES >> 20);
	if (!str_is_null(at->unsound))
		return err_new(E_GENERIC, STR_FMT, STR_ARG(at->unsound));
	script_keys_find(&c->keys, task, &now);
	if (!str_is_null(now.problem))
		return err_new(E_GENERIC, STR_FMT, STR_ARG(now.problem));
	if (!str_eq(now.hex, at->key.hex))
		return err_new(E_GENERIC, "what it depends on changed while it ran (" STR_FMT ")",
			       STR_ARG(script_why_differs(a, at->key.parts, now.parts)));
	TRY(script_result_keep(&shelf, &place, buf_view(&at->log)));
	write_note(c, task);
	return NULL;
}

void script_cache_end(struct script_cache *c, size_t task)
{
	struct member_task *t;
	struct err *e;

	if (!c)
		return;
	t = &c->run->tasks[task];
	script_keys_forget(&c->keys, task);
	if (t->cache != SCRIPT_MISSED || t->state != MEMBER_PASSED)
		return;
	e = keep(c, task);
	if (e)
		log_warn("run", STR_FMT " " STR_FMT ": its result is not kept: " STR_FMT,
			 STR_ARG(t->member->name), STR_ARG(c->keys.script),
			 STR_ARG(err_text(c->run->ctx->arena, e)));
	err_free(e);
}
