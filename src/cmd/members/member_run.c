/* SPDX-License-Identifier: MIT
 * Which member is next, and the loop around those that run. A task waits for the tasks of the
 * members it needs, also by way of members that were not chosen; those have nothing to do and pass
 * as soon as what they need has passed.
 *
 *	waiting -> running -> passed, failed or stopped
 *	waiting -> nothing (no steps), or blocked (needs one that did not pass)
 */
#include "member_run.h"

#include "cpm/base/proc.h"
#include "cpm/runtime/crew.h"
#include "member_output.h"
#include "member_report.h"
#include "script_cache.h"

#include <signal.h>
#include <time.h>

#define NONE    SIZE_MAX
#define WAIT_MS 1000
/* Scripts that were told to stop may want to take leave of servers and databases. */
#define PATIENCE_MS 10000
/* Scripts wait for the disk and the network too. */
#define LEAST_AT_ONCE 4u

/* ---- what is asked for ---- */

static const enum cfg_key own_keys[] = { CFG_TOPOLOGICAL, CFG_PARALLEL,         CFG_CONCURRENCY,
					 CFG_BAIL,        CFG_AGGREGATE_OUTPUT, CFG_RESUME_FROM };

static bool is_set(const struct cfg *cfg, enum cfg_key key)
{
	bool is_flag = key == CFG_TOPOLOGICAL || key == CFG_PARALLEL;

	return is_flag ? cfg_bool(cfg, key) : !cfg_is_null(cfg, key);
}

bool member_run_is_wanted(const struct cmd_ctx *ctx)
{
	const struct cfg *cfg = ctx->cfg;
	bool is_any = script_cache_is_wanted(ctx);
	bool is_typed = is_any && (cfg_source(cfg, CFG_SCRIPT_CACHE) == CFG_LAYER_CLI ||
				   (ctx->manifest && !ctx->manifest->workspaces));
	size_t nfilters;

	(void)cfg_list(cfg, CFG_WORKSPACE, &nfilters);
	for (size_t i = 0; i < ARRAY_LEN(own_keys); i++) {
		bool is_here = is_set(cfg, own_keys[i]);

		is_any |= is_here;
		is_typed |= is_here && cfg_source(cfg, own_keys[i]) == CFG_LAYER_CLI;
	}
	if (!cfg_is_null(cfg, CFG_WORKSPACES) && !cfg_bool(cfg, CFG_WORKSPACES))
		return false;
	return is_any && (is_typed || nfilters > 0 || cfg_bool(cfg, CFG_WORKSPACES));
}

static struct err *find_limit(const struct cfg *cfg, size_t count, size_t *limit)
{
	double asked = cfg_number(cfg, CFG_CONCURRENCY);

	*limit = cfg_bool(cfg, CFG_PARALLEL) ? MAX(cpu_quota(), LEAST_AT_ONCE) : 1;
	if (cfg_is_null(cfg, CFG_CONCURRENCY))
		return NULL;
	if (!(asked >= 0))
		return err_new(E_GENERIC, "--concurrency takes the number of workspaces to run in "
					  "at once, or 0 for all of them");
	*limit = asked >= 1 && asked < (double)count ? (size_t)asked : MAX(count, (size_t)1);
	return NULL;
}

static struct err *resume(struct member_run *r)
{
	str name = cfg_text(r->ctx->cfg, CFG_RESUME_FROM);
	size_t from;

	if (name.len == 0)
		return NULL;
	from = member_graph_find(&r->project.graph, name);
	if (from == STR_NPOS)
		return err_new(E_GENERIC,
			       "--resume-from: there is no workspace '" STR_FMT
			       "' in this project; "
			       "`workspaces ls` lists them",
			       STR_ARG(name));
	for (size_t i = 0; i < r->count && r->order[i] != from; i++)
		r->project.is_chosen[r->order[i]] = false;
	return NULL;
}

static void find_order(struct member_run *r)
{
	r->order = ARENA_ARRAY(r->ctx->arena, size_t, r->count + 1);
	for (size_t i = 0; i < r->count; i++)
		r->order[i] = r->is_topological ? r->project.graph.order[i] : i;
}

static struct err *nothing_to_do(const struct member_run *r)
{
	if (cfg_bool(r->ctx->cfg, CFG_IF_PRESENT))
		return NULL;
	return err_new(E_GENERIC, "Missing script: \"" STR_FMT "\" in all of these workspaces",
		       STR_ARG(r->title));
}

static struct err *make_tasks(struct member_run *r, member_steps_fn steps, const void *what)
{
	size_t nbusy = 0;

	r->tasks = ARENA_ARRAY(r->ctx->arena, struct member_task, r->count + 1);
	for (size_t i = 0; i < r->count; i++) {
		struct member_task *t = &r->tasks[i];

		t->member = &r->project.graph.items[i];
		t->is_chosen = r->project.is_chosen[i];
		if (t->is_chosen)
			TRY(steps(r->ctx, t, what));
		nbusy += t->nsteps > 0;
	}
	return nbusy ? NULL : nothing_to_do(r);
}

/* ---- which is next ---- */

enum gate { GATE_OPEN, GATE_SHUT, GATE_BLOCKED };

static enum gate gate_of(const struct member_run *r, struct member_task *t)
{
	enum gate gate = GATE_OPEN;

	if (!r->is_topological)
		return GATE_OPEN;
	VEC_EACH (struct member_link, l, &t->member->needs) {
		enum member_state needed = r->tasks[l->to].state;

		if (l->is_broken || needed == MEMBER_PASSED || needed == MEMBER_NOTHING)
			continue;
		if (needed == MEMBER_WAITING || needed == MEMBER_RUNNING) {
			gate = GATE_SHUT;
			continue;
		}
		t->blocked_by = needed == MEMBER_BLOCKED ? r->tasks[l->to].blocked_by : l->to;
		return GATE_BLOCKED;
	}
	return gate;
}

/* NONE: none now. What needs no running is settled on the way: the order has it behind all it
 * needs. */
static size_t next_task(struct member_run *r)
{
	for (size_t i = 0; i < r->count; i++) {
		struct member_task *t = &r->tasks[r->order[i]];
		enum gate gate;

		if (t->state != MEMBER_WAITING)
			continue;
		gate = gate_of(r, t);
		if (gate == GATE_BLOCKED)
			t->state = MEMBER_BLOCKED;
		else if (gate == GATE_OPEN && t->nsteps == 0)
			t->state = MEMBER_NOTHING;
		else if (gate == GATE_OPEN)
			return r->order[i];
	}
	return NONE;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void begin(struct member_run *r, struct member_task *t)
{
	t->state = MEMBER_RUNNING;
	t->began_ms = now_ms() - r->started_ms;
}

static void end(struct member_run *r, struct member_task *t, enum member_state state)
{
	t->state = state;
	t->took_ms = now_ms() - r->started_ms - t->began_ms;
}

/* ---- one after the other, with our terminal ---- */

static struct err *run_here(struct member_run *r, struct member_task *t)
{
	struct err *e = NULL;

	for (t->step = 0; t->step < t->nsteps; t->step++) {
		e = script_run(r->ctx, &t->package, &t->steps[t->step]);
		if (e)
			break;
	}
	end(r, t, e ? MEMBER_FAILED : MEMBER_PASSED);
	if (!e || !err_is(e, E_SCRIPT) || proc_stop_signal())
		return e;
	t->exit_status = err_exit_status(e);
	err_free(e);
	return NULL;
}

static struct err *run_in_turn(struct member_run *r)
{
	struct member_output *output = member_output_new(r, true);

	for (size_t i; (i = next_task(r)) != NONE;) {
		struct member_task *t = &r->tasks[i];

		TRY(proc_check_stop());
		begin(r, t);
		member_output_begin(output, i, STR_NULL);
		struct err *e = run_here(r, t);
		member_output_end(output, i);
		TRY(e);
		if (t->state == MEMBER_FAILED && r->bails)
			break;
	}
	return NULL;
}

/* ---- several at once ---- */

struct loop {
	struct member_run *run;
	struct crew *crew;
	struct member_output *output;
	struct script_cache *cache; /* or NULL */
	bool is_ending;
};

static void stop_all(struct loop *l, int sig)
{
	if (!l->is_ending)
		crew_stop(l->crew, sig, PATIENCE_MS);
	l->is_ending = true;
}

static struct err *start_step(struct loop *l, size_t task)
{
	struct member_task *t = &l->run->tasks[task];
	const struct script_call *call = &t->steps[t->step];
	struct script script = script_make(l->run->ctx, &t->package, call);

	member_output_begin(l->output, task, str_trim_js(call->text));
	script_cache_hear_step(l->cache, task, t->step);
	return crew_start(l->crew, &script, task);
}

static struct err *step_ended(struct loop *l, size_t task, const struct script_outcome *o)
{
	struct member_task *t = &l->run->tasks[task];
	bool is_well = o->exit_status == 0 && o->signal == 0;

	if (is_well && t->step + 1 < t->nsteps && !l->is_ending) {
		t->step++;
		return start_step(l, task);
	}
	if (is_well) {
		end(l->run, t, t->step + 1 < t->nsteps ? MEMBER_STOPPED : MEMBER_PASSED);
	} else {
		t->exit_status = o->exit_status;
		t->signal = o->signal;
		end(l->run, t, o->was_stopped ? MEMBER_STOPPED : MEMBER_FAILED);
	}
	script_cache_end(l->cache, task);
	member_output_end(l->output, task);
	if (t->state == MEMBER_FAILED && l->run->bails)
		stop_all(l, SIGTERM);
	return NULL;
}

static struct err *start_task(struct loop *l, size_t task)
{
	struct member_task *t = &l->run->tasks[task];

	begin(l->run, t);
	if (!l->cache || !script_cache_restore(l->cache, task, l->output))
		return start_step(l, task);
	end(l->run, t, MEMBER_PASSED);
	member_output_end(l->output, task);
	return NULL;
}

static struct err *start_more(struct loop *l)
{
	size_t i;

	while (!l->is_ending && !proc_stop_signal() && crew_has_room(l->crew) &&
	       (i = next_task(l->run)) != NONE)
		TRY(start_task(l, i));
	return NULL;
}

static struct err *take_turns(struct loop *l)
{
	struct crew_event event;

	TRY(start_more(l));
	while (crew_running(l->crew) > 0) {
		if (proc_stop_signal())
			stop_all(l, proc_stop_signal());
		if (!crew_wait(l->crew, WAIT_MS, &event))
			continue;
		if (event.kind != CREW_ENDED) {
			member_output_add(l->output, event.id, event.kind == CREW_ERR, event.bytes);
			script_cache_hear(l->cache, event.id, event.kind == CREW_ERR, event.bytes);
			continue;
		}
		TRY(step_ended(l, event.id, &event.outcome));
		TRY(start_more(l));
	}
	return NULL;
}

/* Colours are for us to show or not; a script sees only a pipe. */
static void keep_colors(struct member_run *r)
{
	static const struct script_var force_color = { S("FORCE_COLOR"), S("1") };
	const struct cfg *cfg = r->ctx->cfg;

	if (!r->ctx->screen->term.out_color || !str_is_null(cfg_getenv(cfg, "FORCE_COLOR")) ||
	    !str_is_null(cfg_getenv(cfg, "NO_COLOR")))
		return;
	for (size_t i = 0; i < r->count; i++)
		for (size_t k = 0; k < r->tasks[i].nsteps; k++) {
			r->tasks[i].steps[k].extra = &force_color;
			r->tasks[i].steps[k].nextra = 1;
		}
}

static struct err *run_at_once(struct member_run *r, struct script_cache *cache)
{
	struct loop l = { .run = r, .output = member_output_new(r, false), .cache = cache };

	keep_colors(r);
	screen_hide_line(r->ctx->screen);
	struct err *e = crew_open(r->ctx->arena, MIN(r->limit, MAX(r->count, (size_t)1)), &l.crew);
	if (!e)
		e = take_turns(&l);
	crew_close(l.crew);
	return e ? e : proc_check_stop();
}

/* ---- all of it ---- */

static void find_status(const struct member_run *r, int *exit_status)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct member_task *t = &r->tasks[r->order[i]];

		if (t->state != MEMBER_FAILED)
			continue;
		*exit_status = t->signal ? 128 + t->signal : t->exit_status;
		return;
	}
}

struct err *member_run(struct cmd_ctx *ctx, str title, member_steps_fn steps, const void *what,
		       bool *is_done, int *exit_status)
{
	const struct cfg *cfg = ctx->cfg;
	struct member_run r = { .ctx = ctx, .title = title };
	struct script_cache *cache;

	TRY(project_members_relate(ctx, &r.project));
	r.count = r.project.graph.count;
	*is_done = r.count > 0;
	if (!*is_done)
		return NULL;
	r.is_topological = cfg_bool(cfg, CFG_TOPOLOGICAL) || script_cache_is_wanted(ctx);
	r.bails = cfg_is_null(cfg, CFG_BAIL) || cfg_bool(cfg, CFG_BAIL);
	TRY(find_limit(cfg, r.count, &r.limit));
	find_order(&r);
	TRY(resume(&r));
	TRY(make_tasks(&r, steps, what));
	TRY(script_cache_open(&r, &cache));
	if (r.is_topological)
		project_graph_warn_of_cycles(ctx->arena, &r.project.graph);
	r.started_ms = now_ms();
	bool is_shared = r.limit == 1 && !cache && !ctx->out->is_json &&
			 !cfg_bool(cfg, CFG_AGGREGATE_OUTPUT);
	struct err *e = is_shared ? run_in_turn(&r) : run_at_once(&r, cache);
	r.took_ms = now_ms() - r.started_ms;
	member_report_text(&r);
	if (ctx->out->is_json)
		out_json(ctx->out, member_report_json(ctx->arena, &r));
	find_status(&r, exit_status);
	return e;
}
