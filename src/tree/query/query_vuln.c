/* SPDX-License-Identifier: MIT
 * :vuln, which asks a registry what is known about packages, as an audit does. Unlike npm it asks
 * under a package's own name and not an alias, about every package that a selector comes to and not
 * only those of the first :vuln in it, and tells the registry nothing about packages that are not
 * its own (T43). */
#include "query_priv.h"

#include "cpm/base/range.h"

/* ---- what may stand in the parentheses ---- */

static struct err *check_attr(const struct query_part *part)
{
	if (part->test != TEST_ATTR || part->join != JOIN_NONE)
		return query_error("EQUERYATTR", ":vuln pseudo-class only accepts attribute "
						 "matchers or \"cwe\" tag");
	if (!str_eq(part->attr.name, S("severity")) && !str_eq(part->attr.name, S("cwe")))
		return query_error("EQUERYATTR", ":vuln pseudo-class only matches \"severity\" and "
						 "\"cwe\" attributes");
	if (part->attr.op && part->attr.op != '=')
		return query_error(
			"EQUERYATTR",
			":vuln pseudo-class attribute selector only accepts \"=\" operator");
	return NULL;
}

struct err *query_check_vuln(const struct query_list *list)
{
	VEC_EACH (const struct query_selector, s, &list->selectors)
		VEC_EACH (const struct query_part, part, &s->parts)
			TRY(check_attr(part));
	return NULL;
}

/* ---- asking ---- */

static bool is_in_question(const struct query_run *run, const struct node *n)
{
	return !n->is_root && !n->is_link && n->tree && n->links_in.len == 0 &&
	       !str_is_empty(node_version(n)) && run->opts->advisor->may_ask(run->opts->advisor, n);
}

/* {"name":["1.0.0"]} of those that were not asked about before. */
static struct json *question_about(struct query_run *run, const node_vec *items)
{
	struct arena *a = run->arena;
	struct json *out = json_new(a, JSON_OBJECT), *versions;

	for (size_t i = 0; i < items->len; i++) {
		const struct node *n = items->items[i];
		str name = node_package_name(n), version = node_version(n);
		str key = str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(name), STR_ARG(version));

		if (!is_in_question(run, n) || map_put(&run->asked, key, run))
			continue;
		versions = json_get_str(out, name);
		if (!versions) {
			versions = json_new(a, JSON_ARRAY);
			json_set(a, out, name, versions);
		}
		json_append(a, versions, json_new_string(a, version));
	}
	return out;
}

/* Of a package that is asked about twice the later answer may repeat the earlier one. */
static void add_answer(struct query_run *run, const struct json *answer)
{
	for (size_t i = 0; i < answer->count; i++) {
		const struct json *list = answer->members[i].val;
		struct json *known = map_get(&run->advisories, answer->members[i].key);

		if (!known) {
			known = json_new(run->arena, JSON_ARRAY);
			map_put(&run->advisories, answer->members[i].key, known);
		}
		for (size_t j = 0; j < list->count; j++) {
			bool is_new = true;

			for (size_t k = 0; k < known->count && is_new; k++)
				is_new = !json_equal(known->items[k], list->items[j]);
			if (is_new)
				json_append(run->arena, known, list->items[j]);
		}
	}
}

static struct err *ask(struct query_run *run, const node_vec *items)
{
	const struct json *question = question_about(run, items);
	struct json *answer;

	if (question->count == 0)
		return NULL;
	TRY(run->opts->advisor->ask(run->opts->advisor, run->arena, question, &answer));
	add_answer(run, answer);
	return NULL;
}

/* ---- answers ---- */

static bool lists(const struct json *list, str text)
{
	for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->count; i++)
		if (str_eq(list->items[i]->string, text))
			return true;
	return false;
}

/* Severities in one selector are alternatives, weaknesses are all needed; a star stands for any. */
static bool fits_selector(struct arena *a, const struct query_selector *s,
			  const struct json *advisory)
{
	str severity = json_get_text(advisory, "severity");
	const struct json *weaknesses = json_get(advisory, "cwe");
	bool asks_severity = false, has_severity = false, has_any = false, has_all = true;

	VEC_EACH (const struct query_part, part, &s->parts) {
		str value = part->attr.op ? part->attr.value : S("*");
		bool is_any = str_eq(value, S("*"));

		if (str_eq(part->attr.name, S("severity"))) {
			asks_severity = true;
			has_severity |= is_any || str_eq(value, severity);
		} else {
			has_any |= is_any;
			has_all &= is_any || lists(weaknesses, str_concat(a, S("CWE-"), value));
		}
	}
	if (asks_severity && !has_severity)
		return false;
	return has_any ? json_is(weaknesses, JSON_ARRAY) && weaknesses->count > 0 : has_all;
}

static bool fits(struct arena *a, const struct query_list *list, const struct json *advisory)
{
	bool is_free = list->selectors.len == 0;

	VEC_EACH (const struct query_selector, s, &list->selectors)
		is_free |= fits_selector(a, s, advisory);
	return is_free;
}

static bool concerns(struct arena *a, const struct json *advisory, const struct node *n)
{
	const struct range *said = range_parse(a, json_get_text(advisory, "vulnerable_versions"),
					       SEMVER_STRICT),
			   *version = range_parse(a, node_version(n), SEMVER_STRICT);

	return said && version && range_intersects(said, version);
}

static bool is_vulnerable(struct query_run *run, const struct query_list *list, struct node *n)
{
	struct arena *a = run->arena;
	const struct json *known = map_get(&run->advisories, node_package_name(n));
	struct json *found = json_new(a, JSON_ARRAY), *context;

	for (size_t i = 0; known && i < known->count; i++)
		if (concerns(a, known->items[i], n) && fits(a, list, known->items[i]))
			json_append(a, found, known->items[i]);
	if (found->count == 0)
		return false;
	context = query_context(run, n);
	while (context->count)
		json_del(context, context->members[0].key);
	json_set(a, context, S("advisories"), found);
	return true;
}

struct err *query_vuln(struct query_run *run, const struct query_list *list, const node_vec *items,
		       node_vec *out)
{
	if (!run->opts->advisor)
		return err_new(E_UNSUPPORTED,
			       "':vuln' cannot be used here: there is no registry to ask");
	TRY(ask(run, items));
	for (size_t i = 0; i < items->len; i++)
		if (is_in_question(run, items->items[i]) &&
		    is_vulnerable(run, list, items->items[i]))
			VEC_PUSH(run->arena, out, items->items[i]);
	return NULL;
}
