/* SPDX-License-Identifier: MIT
 * A plan, for people and for programs. See audit_plan.h. */
#include "audit_plan.h"

#define CHANGES_SHOWN 5

static const struct {
	const char *json, *text;
} kinds[PLAN_KINDS] = {
	[PLAN_IN_RANGE] = { "in-range", "in range" },
	[PLAN_PARENT_BUMP] = { "parent-bump", "parent bump" },
	[PLAN_OVERRIDE] = { "override", "override" },
};

/* ---- text ---- */

static void add_changes(struct str_buf *out, const struct plan_option *o)
{
	for (size_t i = 0; i < o->changes.len && i < CHANGES_SHOWN; i++) {
		const struct plan_change *c = &o->changes.items[i];

		buf_printf(out, "    " STR_FMT " ", STR_ARG(c->name));
		if (str_is_null(c->to))
			buf_printf(out, STR_FMT " goes", STR_ARG(c->from));
		else if (str_is_null(c->from))
			buf_printf(out, STR_FMT " comes", STR_ARG(c->to));
		else
			buf_printf(out, STR_FMT " -> " STR_FMT, STR_ARG(c->from), STR_ARG(c->to));
		buf_printf(out, " (" STR_FMT ")\n", STR_ARG(c->location));
	}
	if (o->changes.len > CHANGES_SHOWN)
		buf_printf(out, "    and %zu more\n", o->changes.len - CHANGES_SHOWN);
}

static void add_outcome(struct str_buf *out, const struct audit_plan *plan,
			const struct plan_option *o)
{
	buf_printf(out, ": %zu of %zu left, %zu package%s\n", o->left, plan->before, o->changes.len,
		   o->changes.len == 1 ? " changes" : "s change");
}

static void add_option(struct str_buf *out, const struct audit_plan *plan,
		       const struct plan_option *o)
{
	buf_printf(out, "  %s", kinds[o->kind].text);
	if (o->kind == PLAN_PARENT_BUMP)
		buf_printf(out, ", " STR_FMT "@" STR_FMT "%s", STR_ARG(o->name),
			   STR_ARG(o->version), o->is_major ? ", a breaking change" : "");
	if (o->kind == PLAN_OVERRIDE)
		buf_printf(out, ", \"overrides\": { \"" STR_FMT "\": \"" STR_FMT "\" }",
			   STR_ARG(o->name), STR_ARG(o->version));
	add_outcome(out, plan, o);
	add_changes(out, o);
}

static void add_finding(struct str_buf *out, const struct audit_plan *plan,
			const struct plan_finding *f)
{
	buf_printf(out, STR_FMT "  " STR_FMT "  " STR_FMT "\n", STR_ARG(f->name),
		   STR_ARG(json_get_text(f->vuln, "range")),
		   STR_ARG(json_get_text(f->vuln, "severity")));
	for (size_t i = 0; i < f->options.len; i++)
		add_option(out, plan, &f->options.items[i]);
	if (f->is_untried)
		buf_add_cstr(out, f->options.len ? "  what else may help was not tried\n"
						 : "  not tried to the end, see below\n");
	else if (f->options.len == 0)
		buf_add_cstr(out,
			     "  none: nothing that was tried leaves fewer vulnerable packages\n");
	buf_add_char(out, '\n');
}

str audit_plan_text(struct arena *a, const struct audit_plan *plan)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	if (plan->before == 0)
		return S("found 0 vulnerabilities: there is nothing to plan");
	buf_printf(&out,
		   "# audit fix plan\n\n%zu vulnerable package%s. What helps, each was tried:\n\n",
		   plan->before, plan->before == 1 ? "" : "s");
	for (size_t i = 0; i < plan->findings.len; i++)
		add_finding(&out, plan, &plan->findings.items[i]);
	if (plan->untried)
		buf_printf(&out,
			   "%zu of %zu were not tried to the end: a plan makes %d trials. Apply "
			   "what helps above, then plan again.\n\n",
			   plan->untried, plan->findings.len, PLAN_TRIALS_MAX);
	if (plan->can_fix) {
		buf_add_cstr(&out, "cpm audit fix");
		add_outcome(&out, plan, &plan->fix);
	}
	if (plan->can_force && plan->force.left < (plan->can_fix ? plan->fix.left : plan->before)) {
		buf_add_cstr(&out, "cpm audit fix --force");
		add_outcome(&out, plan, &plan->force);
	}
	if (!plan->can_fix && !plan->can_force)
		buf_add_cstr(&out, "Neither `cpm audit fix` nor --force leaves fewer.\n");
	return str_trim(buf_view(&out));
}

/* ---- JSON ---- */

static void set_text(struct arena *a, struct json *o, const char *key, str text)
{
	json_set(a, o, str_view(key),
		 str_is_null(text) ? json_new(a, JSON_NULL) : json_new_string(a, text));
}

static struct json *changes_json(struct arena *a, const struct plan_option *o)
{
	struct json *list = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < o->changes.len; i++) {
		const struct plan_change *c = &o->changes.items[i];
		struct json *change = json_new(a, JSON_OBJECT);

		set_text(a, change, "name", c->name);
		set_text(a, change, "location", c->location);
		set_text(a, change, "from", c->from);
		set_text(a, change, "to", c->to);
		json_append(a, list, change);
	}
	return list;
}

static void set_outcome(struct arena *a, struct json *out, const struct audit_plan *plan,
			const struct plan_option *o)
{
	json_set(a, out, S("before"), json_new_number(a, (double)plan->before));
	json_set(a, out, S("after"), json_new_number(a, (double)o->left));
	json_set(a, out, S("changes"), changes_json(a, o));
}

static struct json *option_json(struct arena *a, const struct audit_plan *plan,
				const struct plan_option *o)
{
	struct json *out = json_new(a, JSON_OBJECT);

	set_text(a, out, "kind", str_view(kinds[o->kind].json));
	if (o->kind != PLAN_IN_RANGE) {
		set_text(a, out, "name", o->name);
		set_text(a, out, "version", o->version);
	}
	if (o->kind == PLAN_PARENT_BUMP)
		json_set(a, out, S("isSemVerMajor"), json_new_bool(a, o->is_major));
	set_outcome(a, out, plan, o);
	return out;
}

static struct json *finding_json(struct arena *a, const struct audit_plan *plan,
				 const struct plan_finding *f)
{
	static const char *const copied[] = { "severity", "range", "nodes", "effects" };
	struct json *out = json_new(a, JSON_OBJECT), *options = json_new(a, JSON_ARRAY);

	set_text(a, out, "name", f->name);
	for (size_t i = 0; i < ARRAY_LEN(copied); i++)
		json_set(a, out, str_view(copied[i]), json_get(f->vuln, copied[i]));
	for (size_t i = 0; i < f->options.len; i++)
		json_append(a, options, option_json(a, plan, &f->options.items[i]));
	json_set(a, out, S("options"), options);
	json_set(a, out, S("isComplete"), json_new_bool(a, !f->is_untried));
	return out;
}

static struct json *total_json(struct arena *a, const struct audit_plan *plan,
			       const struct plan_option *o, bool helps)
{
	struct json *out = json_new(a, helps ? JSON_OBJECT : JSON_NULL);

	if (helps)
		set_outcome(a, out, plan, o);
	return out;
}

struct json *audit_plan_json(struct arena *a, const struct audit_plan *plan)
{
	struct json *out = json_new(a, JSON_OBJECT), *findings = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < plan->findings.len; i++)
		json_append(a, findings, finding_json(a, plan, &plan->findings.items[i]));
	json_set(a, out, S("auditPlanVersion"), json_new_number(a, 1));
	json_set(a, out, S("before"), json_new_number(a, (double)plan->before));
	json_set(a, out, S("findings"), findings);
	json_set(a, out, S("untried"), json_new_number(a, (double)plan->untried));
	json_set(a, out, S("fix"), total_json(a, plan, &plan->fix, plan->can_fix));
	json_set(a, out, S("force"), total_json(a, plan, &plan->force, plan->can_force));
	return out;
}
