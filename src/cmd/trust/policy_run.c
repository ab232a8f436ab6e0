/* SPDX-License-Identifier: MIT
 * Where the policy meets the rules: an audit report, and whatever else asked it on the way. Nothing
 * is hidden: what is let pass is shown, with who said so and until when. */
#include "policy_run.h"

#include "cpm/tree/audit.h"
#include "cpm/tree/script_policy.h"

struct err *cmd_ctx_policy(struct cmd_ctx *ctx, struct policy **out)
{
	if (!ctx->is_policy_read && ctx->dirfd >= 0 && !cfg_is_global(ctx->cfg)) {
		TRY(policy_read(ctx->arena, ctx->dirfd, &ctx->policy));
		ctx->is_policy_read = true;
	}
	*out = ctx->policy;
	return NULL;
}

/* ---- audits ---- */

static const struct policy_entry *find_advisory(struct arena *a, const struct policy *p,
						const struct json *advisory, str path,
						bool is_expired)
{
	return policy_find_advisory(p, advisory_id(a, json_get(advisory, "source")),
				    json_get_text(advisory, "url"), path, is_expired);
}

/* The entry that covers @vuln's own advisories wherever it is. NULL: one is not covered. @none: it
 * has none of its own. */
static const struct policy_entry *cover(struct arena *a, const struct policy *p,
					const struct json *vuln, bool is_expired, bool *none)
{
	const struct json *via = json_get(vuln, "via"), *nodes = json_get(vuln, "nodes");
	const struct policy_entry *e = NULL;

	*none = true;
	for (size_t i = 0; i < via->count; i++) {
		if (!json_is(via->items[i], JSON_OBJECT))
			continue;
		*none = false;
		for (size_t j = 0; j < nodes->count; j++) {
			str path = nodes->items[j]->string;

			e = find_advisory(a, p, via->items[i], path, is_expired);
			if (!e && is_expired)
				e = find_advisory(a, p, via->items[i], path, false);
			if (!e)
				return NULL;
		}
	}
	return e;
}

struct json *policy_entry_json(struct arena *a, const struct policy_entry *e)
{
	struct json *out = json_new(a, JSON_OBJECT);

	json_set_text(a, out, "what", e->what);
	json_set_text(a, out, "reason", e->reason);
	json_set_text(a, out, "owner", e->owner);
	json_set_text(a, out, "expires", e->expires);
	return out;
}

/* All that it depends on is excepted. An entry of those, or NULL. */
static struct json *inherit(const struct json *list, const struct json *vuln)
{
	const struct json *via = json_get(vuln, "via");
	struct json *found = json_get(vuln, "exception");

	for (size_t i = 0; i < via->count; i++) {
		const struct json *cause = json_is(via->items[i], JSON_STRING)
						   ? json_get_str(list, via->items[i]->string)
						   : NULL;
		struct json *e = cause ? json_get(cause, "exception") : NULL;

		if (cause && !e)
			return NULL;
		if (!found)
			found = e;
	}
	return found;
}

static void mark(struct arena *a, struct json *vuln, const char *key, const struct policy_entry *e)
{
	json_set(a, vuln, str_view(key), policy_entry_json(a, e));
}

void policy_mark_report(struct arena *a, const struct policy *p, struct json *report)
{
	struct json *list = json_get(report, "vulnerabilities");
	struct map is_open; /* names of those that only follow from others, not settled yet */
	bool is_changed = true;

	map_init(&is_open, a);
	for (size_t i = 0; p && i < list->count; i++) {
		struct json *vuln = list->members[i].val;
		const struct policy_entry *e, *expired;
		bool none;

		e = cover(a, p, vuln, false, &none);
		expired = e || none ? NULL : cover(a, p, vuln, true, &none);
		if (none)
			map_put(&is_open, list->members[i].key, vuln);
		if (e)
			mark(a, vuln, "exception", e);
		if (expired)
			mark(a, vuln, "expiredException", expired);
	}
	/* From the causes up; circles of packages that only follow from each other stay as they
	 * are. */
	while (p && is_changed) {
		is_changed = false;
		for (struct map_iter it = map_iter(&is_open); map_next(&it);) {
			struct json *e = inherit(list, it.val);

			if (e && !json_get(it.val, "exception")) {
				json_set(a, it.val, S("exception"), json_dup(a, e));
				is_changed = true;
			}
		}
	}
	/* With advisories of its own that are excepted it may still depend on others that are not.
	 */
	for (is_changed = p != NULL; is_changed;) {
		is_changed = false;
		for (size_t i = 0; i < list->count; i++)
			if (json_get(list->members[i].val, "exception") &&
			    !inherit(list, list->members[i].val))
				is_changed |= json_del(list->members[i].val, S("exception"));
	}
}

/* ---- packages, wherever they lie ---- */

static bool is_same_package(const struct node *a, const struct node *b)
{
	return !a->is_link && str_eq(node_package_name(a), node_package_name(b)) &&
	       str_eq(node_version(a), node_version(b));
}

const struct policy_entry *policy_license_exception(const struct policy *p,
						    const struct license_refusal *refusal,
						    str license, const struct tree *tree,
						    const struct node *n, bool is_expired)
{
	const struct policy_entry *e = NULL;

	if (!p)
		return NULL;
	for (struct map_iter it = map_iter(&tree->inventory); map_next(&it);) {
		const struct node *place = it.val;

		if (!is_same_package(place, n))
			continue;
		e = license_exception(refusal, license, p, place->location, is_expired);
		if (!e)
			return NULL;
	}
	return e;
}

const struct policy_entry *policy_script_exception(const struct policy *p, const struct tree *tree,
						   const struct node *n)
{
	ARENA_SCOPE(tmp);
	const struct policy_entry *e = NULL;
	str names[2];

	if (!p)
		return NULL;
	for (struct map_iter it = map_iter(&tree->inventory); map_next(&it);) {
		if (!is_same_package(it.val, n))
			continue;
		script_policy_names(tmp, it.val, names);
		e = NULL;
		for (size_t i = 0; i < ARRAY_LEN(names) && !e; i++)
			if (!str_is_null(names[i]))
				e = policy_find(p, POLICY_SCRIPT, names[i],
						((struct node *)it.val)->location, false);
		if (!e)
			return NULL;
	}
	return e;
}

/* ---- telling ---- */

str policy_entry_text(struct arena *a, const struct policy_entry *e)
{
	return str_printf(a, "%s " STR_FMT " (" STR_FMT "): " STR_FMT,
			  e->is_expired ? "no longer excepted since" : "excepted until",
			  STR_ARG(e->expires), STR_ARG(e->owner), STR_ARG(e->reason));
}

void policy_tell(const struct cmd_ctx *ctx)
{
	for (size_t i = 0; ctx->policy && i < ctx->policy->entries.len; i++) {
		const struct policy_entry *e = &ctx->policy->entries.items[i];
		str text = policy_entry_text(ctx->arena, e), kind = policy_kind_name(e->kind);

		if (e->is_used && e->is_expired)
			log_warn("policy", STR_FMT " " STR_FMT ": " STR_FMT, STR_ARG(kind),
				 STR_ARG(e->what), STR_ARG(text));
		else if (e->is_used)
			log_notice("policy", STR_FMT " " STR_FMT ": " STR_FMT, STR_ARG(kind),
				   STR_ARG(e->what), STR_ARG(text));
	}
}
