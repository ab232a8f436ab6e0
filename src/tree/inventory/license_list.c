/* SPDX-License-Identifier: MIT
 * Grouping by licence. "(MIT)" and "MIT" are one licence, other expressions stay as they are
 * worded: a lawyer wants to see what the author wrote. */
#include "cpm/tree/license_list.h"

#include "cpm/base/glob.h"
#include "cpm/tree/license.h"

/* ---- groups ---- */

static int compare_groups(const void *pa, const void *pb)
{
	const struct license_group *a = *(struct license_group *const *)pa;
	const struct license_group *b = *(struct license_group *const *)pb;

	if (str_is_null(a->license) || str_is_null(b->license))
		return str_is_null(a->license) - str_is_null(b->license);
	return str_collate(a->license, b->license);
}

static int compare_nodes(const void *a, const void *b)
{
	return str_collate((*(struct node *const *)a)->location,
			   (*(struct node *const *)b)->location);
}

static struct license_group *group_of(struct arena *a, struct map *groups, str license)
{
	struct license_group *g;
	struct spdx x;
	bool is_expression = license.len && spdx_parse(a, license, &x);

	if (is_expression && x.count == 1)
		license = spdx_step_text(a, &x.steps[0]);
	str key = str_is_null(license) ? S("") : license;
	g = map_get(groups, key);
	if (g)
		return g;
	g = ARENA_NEW(a, struct license_group);
	*g = (struct license_group){ .license = license, .is_expression = is_expression };
	if (is_expression)
		g->expression = x;
	map_put(groups, key, g);
	return g;
}

void license_list_make(struct arena *a, struct package_docs *docs, const node_vec *nodes,
		       struct license_list *out)
{
	struct map groups, seen;
	node_vec sorted = { 0 };

	*out = (struct license_list){ 0 };
	map_init(&groups, a);
	map_init(&seen, a);
	for (size_t i = 0; i < nodes->len; i++)
		VEC_PUSH(a, &sorted, nodes->items[i]);
	VEC_SORT(&sorted, compare_nodes);
	for (size_t i = 0; i < sorted.len; i++) {
		struct node *n = sorted.items[i];
		str license = license_guess(a, package_doc(docs, n));
		str key = str_printf(a, STR_FMT "@" STR_FMT " " STR_FMT,
				     STR_ARG(node_package_name(n)), STR_ARG(node_version(n)),
				     STR_ARG(license));

		if (!map_put(&seen, key, n))
			VEC_PUSH(a, &group_of(a, &groups, license)->nodes, n);
	}
	for (struct map_iter it = map_iter(&groups); map_next(&it);)
		VEC_PUSH(a, &out->groups, it.val);
	VEC_SORT(&out->groups, compare_groups);
}

/* ---- refusal ---- */

static bool matches(const struct license_refusal *r, str text)
{
	ARENA_SCOPE(tmp);

	for (size_t i = 0; i < r->count; i++)
		if (str_eq_nocase(r->patterns[i], text) ||
		    glob_match_with(tmp, r->patterns[i], text, GLOB_NOCASE | GLOB_DOT))
			return true;
	return false;
}

/* What is refused, and what of it an exception takes out again. */
struct judge {
	const struct license_refusal *refusal;
	const struct policy *exceptions; /* or NULL */
	str path;
	bool is_expired;
	const struct policy_entry *used; /* the first that helped */
};

static bool is_excepted(struct judge *j, str name)
{
	const struct policy_entry *e = policy_find(j->exceptions, POLICY_LICENSE, name, j->path,
						   j->is_expired);

	if (e && !j->used)
		j->used = e;
	return e != NULL;
}

/* With and without what is attached to it: "GPL-2.0" refuses "GPL-2.0+" too. */
static bool is_bad(void *ctx, const struct spdx_step *license)
{
	ARENA_SCOPE(tmp);
	struct judge *j = ctx;
	str whole = spdx_step_text(tmp, license);

	return (matches(j->refusal, license->license) || matches(j->refusal, whole)) &&
	       !is_excepted(j, license->license) && !is_excepted(j, whole);
}

static bool is_refused_by(struct judge *j, str license)
{
	ARENA_SCOPE(tmp);
	struct spdx x;

	if (!license.len)
		return matches(j->refusal, S("missing")) && !is_excepted(j, S("missing"));
	if (is_excepted(j, license))
		return false;
	if (spdx_parse(tmp, license, &x))
		return spdx_is_unusable(&x, is_bad, j);
	return (matches(j->refusal, S("unknown")) || matches(j->refusal, license)) &&
	       !is_excepted(j, S("unknown"));
}

bool license_is_refused(const struct license_refusal *refusal, str license)
{
	return is_refused_by(&(struct judge){ .refusal = refusal }, license);
}

const struct policy_entry *license_exception(const struct license_refusal *refusal, str license,
					     const struct policy *exceptions, str path,
					     bool is_expired)
{
	struct judge j = { refusal, exceptions, path, is_expired, NULL };

	return is_refused_by(&j, license) ? NULL : j.used;
}
