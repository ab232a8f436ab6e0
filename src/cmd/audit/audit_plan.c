/* SPDX-License-Identifier: MIT
 * Making a plan: whether a change helps is not deduced but tried. The project as it is on disk is
 * resolved once more with that change, in memory of its own, the registry is asked about what is
 * new in the result, and the result is audited. What does not leave fewer findings is not told. */
#include "audit_plan.h"

#include "audit_db.h"
#include "project_tree.h"

struct planner {
	struct install *in;
	struct json *advisories; /* all that the registry answered so far */
	struct map asked;        /* "name@version" */
	size_t trials;
	bool is_exhausted; /* something was left untried */
	struct audit_plan plan;
};

/* One change. @name: null stands for everything that was found. */
struct trial {
	str name;
	struct plan_option *option;
	bool changes_specs;
};

/* ---- asking ---- */

/* The part of @question that was not asked before. */
static struct json *new_questions(struct planner *p, const struct json *question)
{
	struct arena *a = p->in->ctx->arena;
	struct json *out = json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < question->count; i++) {
		str name = str_dup(a, question->members[i].key);
		const struct json *versions = question->members[i].val;
		struct json *list = json_new(a, JSON_ARRAY);

		for (size_t j = 0; j < versions->count; j++) {
			str version = str_dup(a, versions->items[j]->string);
			str key = str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(name),
					     STR_ARG(version));
			if (!map_put(&p->asked, key, p))
				json_append(a, list, json_new_string(a, version));
		}
		if (list->count)
			json_set(a, out, name, list);
	}
	return out;
}

static void merge(struct planner *p, const struct json *answer)
{
	struct arena *a = p->in->ctx->arena;

	for (size_t i = 0; i < answer->count; i++) {
		const struct json *list = answer->members[i].val;
		struct json *known = json_get_str(p->advisories, answer->members[i].key);

		if (!json_is(list, JSON_ARRAY))
			continue;
		if (!known) {
			known = json_new(a, JSON_ARRAY);
			json_set(a, p->advisories, answer->members[i].key, known);
		}
		for (size_t j = 0; j < list->count; j++)
			json_append(a, known, list->items[j]);
	}
}

static struct err *ask(struct planner *p, struct arena *a, const struct tree *t,
		       const struct audit_opts *opts)
{
	struct cmd_ctx *ctx = p->in->ctx;
	const struct json *question = new_questions(p, audit_question(a, t, opts));
	struct advisory_answer answer;
	struct http *http;

	if (audit_db_is_set(ctx)) {
		TRY(audit_db_answer(ctx, question, &answer.advisories));
		merge(p, answer.advisories);
		return NULL;
	}
	if (question->count == 0 || cfg_bool(ctx->cfg, CFG_OFFLINE))
		return NULL;
	TRY(cmd_ctx_http(ctx, &http));
	TRY(registry_ask_advisories(ctx->cfg, http, question, p));
	TRY(registry_hear_advisories(ctx->arena, http, p, &answer));
	if (!answer.advisories)
		return audit_failed(ctx, &answer);
	merge(p, answer.advisories);
	return NULL;
}

/* ---- one trial ---- */

static void add_override(struct arena *a, struct json *manifest, const struct plan_option *o)
{
	struct json *overrides = json_get(manifest, "overrides");

	if (!json_is(overrides, JSON_OBJECT)) {
		overrides = json_new(a, JSON_OBJECT);
		json_set(a, manifest, S("overrides"), overrides);
	}
	json_set(a, overrides, o->name, json_new_string(a, o->version));
}

static struct err *read_project(struct arena *a, struct planner *p, const struct trial *trial,
				struct manifest **m)
{
	const struct cmd_ctx *ctx = p->in->ctx;

	if (ctx->has_manifest)
		TRY(manifest_read(a, ctx->dirfd, ".", m, NULL));
	else
		TRY(manifest_from_json(a, json_new(a, JSON_OBJECT), true, m));
	if (trial->option->kind != PLAN_OVERRIDE)
		return NULL;
	add_override(a, (*m)->json, trial->option);
	return manifest_from_json(a, (*m)->json, true, m);
}

static void note_change(struct arena *a, struct plan_option *o, str location, str name, str from,
			str to)
{
	VEC_PUSH(a, &o->changes,
		 (struct plan_change){ str_dup(a, location), str_dup(a, name), str_dup(a, from),
				       str_dup(a, to) });
}

static void note_changes(struct install *in, struct plan_option *o, const struct tree *t)
{
	struct arena *a = in->ctx->arena;

	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		const struct locked_package *old = map_get(&in->locked, it.key);
		const struct node *n = it.val;

		if (!old || !str_eq(old->version, node_version(n)))
			note_change(a, o, it.key, n->name, old ? old->version : STR_NULL,
				    node_version(n));
	}
	for (struct map_iter it = map_iter(&in->locked); map_next(&it);) {
		const struct locked_package *old = it.val;

		if (!tree_at(t, it.key))
			note_change(a, o, it.key, old->name, old->version, STR_NULL);
	}
}

/* Audits @t with what is known so far, restricted as the run is. */
static struct err *examine(struct arena *a, struct planner *p, const struct tree *t,
			   struct audit **found)
{
	struct install *in = p->in;
	const struct project_tree project = { .tree = (struct tree *)t, .choice = in->members };
	struct audit_opts opts = in->before.opts;
	struct map only;

	project_tree_filter(in->ctx, &project, true, &only);
	opts.only = &only;
	TRY(ask(p, a, t, &opts));
	return audit_examine(a, t, p->advisories, &opts, found);
}

static struct err *run_trial(struct arena *a, struct planner *p, const struct trial *trial)
{
	struct install *in = p->in;
	struct cmd_ctx *ctx = in->ctx;
	struct ideal_opts opts = in->ideal_opts;
	struct plan_option *o = trial->option;
	struct tree *start, *ideal;
	struct audit *found;
	struct manifest *m;

	TRY(read_project(a, p, trial, &m));
	TRY(lockfile_load(a, ctx->dirfd, cfg_local_prefix(ctx->cfg), m, opts.legacy_peer_deps,
			  &start));
	TRY(examine(a, p, start, &found));
	opts.is_trial = true;
	opts.complete = false;
	opts.conflict = NULL;
	opts.audit = str_is_null(trial->name) ? found : audit_only(a, found, trial->name);
	opts.audit_changes_specs = trial->changes_specs;
	TRY(ideal_build(a, cfg_local_prefix(ctx->cfg), m, start, false, &opts, &ideal));
	TRY(examine(a, p, ideal, &found));
	o->left = audit_count(found);
	note_changes(in, o, ideal);
	return NULL;
}

/* True when it leaves fewer findings. A project that does not resolve is no help; nothing said
 * about that is of interest. */
static struct err *try(struct planner *p, const struct trial *trial, bool *helps)
{
	struct arena arena = { 0 };
	struct err *failure;

	*helps = false;
	p->is_exhausted = p->trials == PLAN_TRIALS_MAX;
	if (p->is_exhausted)
		return NULL;
	p->trials++;
	log_mute(true);
	failure = run_trial(&arena, p, trial);
	log_mute(false);
	arena_fini(&arena);
	if (err_is(failure, E_INTERRUPTED))
		return failure;
	*helps = !failure && trial->option->left < p->plan.before;
	err_ignore(failure);
	return NULL;
}

/* ---- the options of a finding ---- */

static struct err *consider(struct planner *p, struct plan_finding *f, struct plan_option option)
{
	struct trial trial = { .name = f->name, .option = &option };
	bool helps;

	trial.changes_specs = option.kind == PLAN_PARENT_BUMP;
	TRY(try(p, &trial, &helps));
	if (helps)
		VEC_PUSH(p->in->ctx->arena, &f->options, option);
	return NULL;
}

static struct err *plan_finding(struct planner *p, struct plan_finding *f)
{
	const struct json *fix = json_get(f->vuln, "fixAvailable");
	str safe;

	TRY(consider(p, f, (struct plan_option){ .kind = PLAN_IN_RANGE }));
	if (f->options.len > 0)
		return NULL; /* nothing else is less trouble */
	safe = audit_safe_version(p->in->ctx->arena, p->in->before.found, f->name);
	if (json_is(fix, JSON_OBJECT))
		TRY(consider(
			p, f,
			(struct plan_option){ .kind = PLAN_PARENT_BUMP,
					      .name = json_get_text(fix, "name"),
					      .version = json_get_text(fix, "version"),
					      .is_major = json_get_bool(fix, "isSemVerMajor") }));
	if (str_is_null(safe))
		return NULL;
	return consider(
		p, f,
		(struct plan_option){ .kind = PLAN_OVERRIDE, .name = f->name, .version = safe });
}

static struct err *make(struct planner *p)
{
	struct arena *a = p->in->ctx->arena;
	const struct json *list = json_get(p->in->before.report, "vulnerabilities");
	struct trial all = { .option = &p->plan.fix },
		     forced = { .option = &p->plan.force, .changes_specs = true };

	p->plan.before = list->count;
	if (list->count == 0)
		return NULL;
	TRY(try(p, &all, &p->plan.can_fix));
	TRY(try(p, &forced, &p->plan.can_force));
	for (size_t i = 0; i < list->count; i++) {
		struct plan_finding f = { .name = list->members[i].key,
					  .vuln = list->members[i].val };

		if (!audit_has_own_advisory(f.vuln))
			continue;
		TRY(plan_finding(p, &f));
		f.is_untried = p->is_exhausted;
		p->plan.untried += f.is_untried;
		VEC_PUSH(a, &p->plan.findings, f);
	}
	return NULL;
}

struct err *audit_plan(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	struct planner p = { .in = in, .advisories = json_new(ctx->arena, JSON_OBJECT) };

	map_init(&p.asked, ctx->arena);
	/* What was asked to find out what there is to plan for need not be asked again. */
	(void)new_questions(&p, audit_question(ctx->arena, in->start, &in->before.opts));
	if (in->before.answer.advisories)
		merge(&p, in->before.answer.advisories);
	TRY(make(&p));
	*in->req->exit_status = audit_exit_status(ctx, in->before.report);
	if (ctx->out->is_json)
		out_json(ctx->out, audit_plan_json(ctx->arena, &p.plan));
	else
		out_line(ctx->out, STR_FMT, STR_ARG(audit_plan_text(ctx->arena, &p.plan)));
	return NULL;
}
