/* SPDX-License-Identifier: MIT
 * Selectors that look into package.json. Values there are foreign: whatever is no text (or a
 * number, which counts as its digits) matches nothing. */
#include "query_priv.h"

#include "cpm/base/log.h"
#include "cpm/base/range.h"

#include <ctype.h>

/* ---- [attributes] ---- */

/* Runs of letters, digits and "_", as JavaScript's \w has them. */
static bool has_word(str text, str word)
{
	for (size_t i = 0; i < text.len;) {
		size_t from = i;

		while (i < text.len && (isalnum((unsigned char)text.p[i]) || text.p[i] == '_'))
			i++;
		if (i > from && str_eq(str_slice(text, from, i), word))
			return true;
		i += i == from;
	}
	return false;
}

static bool text_matches(const struct query_attr *attr, str text)
{
	ARENA_SCOPE(tmp);
	str value = attr->value;

	if (attr->ignores_case) {
		text = str_lower(tmp, text);
		value = str_lower(tmp, value);
	}
	switch (attr->op) {
	case '=':
		return str_eq(text, value);
	case '~':
		return has_word(text, value);
	case '*':
		return str_find(text, value) != STR_NPOS;
	case '|':
		return str_starts(text, value) && str_starts(str_from(text, value.len), S("-"));
	case '^':
		return str_starts(text, value);
	default:
		return str_ends(text, value);
	}
}

static bool value_matches(const struct query_attr *attr, const struct json *value)
{
	ARENA_SCOPE(tmp);
	struct str_buf digits = str_buf(tmp, 64);

	if (!json_is_truthy(value))
		return text_matches(attr, S(""));
	if (value->type == JSON_STRING)
		return text_matches(attr, value->string);
	if (value->type != JSON_NUMBER)
		return false;
	json_write_number(&digits, value->number);
	return text_matches(attr, buf_view(&digits));
}

bool query_attr_matches(const struct query_attr *attr, const struct json *object)
{
	const struct json *value = json_get_str(object, attr->name);

	if (!attr->op)
		return json_is_truthy(value);
	if (!json_is(value, JSON_ARRAY))
		return value_matches(attr, value);
	for (size_t i = 0; i < value->count; i++)
		if (value_matches(attr, value->items[i]))
			return json_is_truthy(value->items[i]);
	return false;
}

/* ---- deeper down ---- */

typedef VEC(const struct json *) json_vec;

/* Adds @value, or what is in it when it is a list. */
static void add_flat(struct arena *scratch, const struct json *value, json_vec *out)
{
	if (!json_is(value, JSON_ARRAY)) {
		VEC_PUSH(scratch, out, value);
		return;
	}
	for (size_t i = 0; i < value->count; i++)
		VEC_PUSH(scratch, out, value->items[i]);
}

/* One step down from all of @from. */
static json_vec descend(struct arena *scratch, const json_vec *from, const struct query_key *key)
{
	json_vec out = { 0 };

	for (size_t i = 0; i < from->len; i++) {
		const struct json *value = from->items[i];

		if (!str_is_null(key->name))
			value = json_get_str(value, key->name);
		if (json_is_truthy(value))
			add_flat(scratch, value, &out);
	}
	return out;
}

bool query_path_matches(struct arena *scratch, const struct query_part *part,
			const struct json *doc)
{
	json_vec objects = { 0 };

	VEC_PUSH(scratch, &objects, doc);
	for (size_t i = 0; i < part->keys.len; i++)
		objects = descend(scratch, &objects, &part->keys.items[i]);
	for (size_t i = 0; i < objects.len; i++)
		if (query_attr_matches(&part->attr, objects.items[i]))
			return true;
	return false;
}

/* ---- :semver ---- */

/* A version or a range, read as node-semver reads what it is given. */
struct operand {
	str text;
	bool is_version;
	struct semver version;
	struct range *range; /* of a version too */
};

static bool operand_parse(struct arena *a, str text, struct operand *out)
{
	*out = (struct operand){ .text = text };
	out->is_version = semver_parse(a, text, SEMVER_STRICT, &out->version);
	out->range = range_parse(a, text, SEMVER_STRICT);
	return out->is_version || out->range;
}

/* Does @v satisfy one bound of an alternative's outer side? The rules of node-semver's outside().
 */
static bool is_outside_set(const struct semver *v, const struct comparator_set *set, bool is_above)
{
	const struct comparator *far = NULL, *near = NULL;
	enum comparator_op strict = is_above ? CMP_GT : CMP_LT, loose = is_above ? CMP_GE : CMP_LE;
	static const struct comparator anything = { .op = CMP_GE };
	int sign = is_above ? 1 : -1, side;

	for (size_t i = 0; i < set->count; i++) {
		const struct comparator *c = set->items[i].op == CMP_ANY ? &anything
									 : &set->items[i];

		if (!far || sign * semver_compare(&c->version, &far->version) > 0)
			far = c;
		if (!near || sign * semver_compare(&c->version, &near->version) < 0)
			near = c;
	}
	if (far->op == strict || far->op == loose)
		return false;
	side = sign * semver_compare(v, &near->version);
	if ((near->op == CMP_EQ || near->op == strict) && side <= 0)
		return false;
	return !(near->op == loose && side < 0);
}

/* @v lies beyond everything in @range. */
static bool is_outside(const struct semver *v, const struct range *range, bool is_above)
{
	if (range_has(range, v))
		return false;
	for (size_t i = 0; i < range->count; i++)
		if (!is_outside_set(v, &range->sets[i], is_above))
			return false;
	return true;
}

static bool compare_versions(str function, const struct operand *found,
			     const struct operand *wanted)
{
	int order;

	if (!found->is_version || !wanted->is_version)
		return false;
	order = semver_compare(&found->version, &wanted->version);
	if (str_eq(function, S("eq")))
		return order == 0;
	if (str_eq(function, S("neq")))
		return order != 0;
	if (str_eq(function, S("gt")))
		return order > 0;
	if (str_eq(function, S("gte")))
		return order >= 0;
	return str_eq(function, S("lt")) ? order < 0 : order <= 0;
}

static bool compare_with_range(str function, const struct operand *found,
			       const struct operand *wanted)
{
	const struct operand *version = wanted->is_version ? wanted : found,
			     *range = wanted->is_version ? found : wanted;

	if (!version->is_version || !range->range)
		return false;
	if (str_eq(function, S("satisfies")))
		return range_has(range->range, &version->version);
	return is_outside(&version->version, range->range, str_eq(function, S("gtr")));
}

static bool compare_ranges(str function, const struct operand *found, const struct operand *wanted)
{
	if (!found->range || !wanted->range)
		return false;
	if (str_eq(function, S("subset")))
		return range_is_subset(found->range, wanted->range);
	return range_intersects(found->range, wanted->range);
}

static str infer_function(const struct operand *found, const struct operand *wanted)
{
	if (found->is_version != wanted->is_version)
		return S("satisfies");
	return found->is_version ? S("eq") : S("intersects");
}

static struct err *compare(str function, const struct operand *found, const struct operand *wanted,
			   bool *holds)
{
	static const char *const of_versions[] = { "eq", "neq", "gt", "gte", "lt", "lte", NULL };
	static const char *const of_both[] = { "gtr", "ltr", "satisfies", NULL };
	static const char *const of_ranges[] = { "intersects", "subset", NULL };

	if (str_is_null(function) || str_eq(function, S("infer")))
		function = infer_function(found, wanted);
	if (str_is_one_of(function, of_versions))
		*holds = compare_versions(function, found, wanted);
	else if (str_is_one_of(function, of_both))
		*holds = compare_with_range(function, found, wanted);
	else if (str_is_one_of(function, of_ranges))
		*holds = compare_ranges(function, found, wanted);
	else
		return query_error("EQUERYINVALIDOPERATOR",
				   "`semver." STR_FMT "` is not a supported operator.",
				   STR_ARG(function));
	return NULL;
}

static struct err *object_matches(struct arena *scratch, const struct query_part *part,
				  const struct operand *wanted, const struct json *object,
				  bool *holds)
{
	str text = STR_NULL;
	const struct json *value = json_get_str(object, part->attr.name);
	struct operand found;

	*holds = false;
	if (part->attr.op && !query_attr_matches(&part->attr, object))
		return NULL;
	if (json_is(value, JSON_STRING))
		text = value->string;
	if (str_is_null(text) || !operand_parse(scratch, text, &found))
		return NULL;
	return compare(part->function, &found, wanted, holds);
}

/* npm goes down one step only, whatever was asked for. */
static struct err *doc_matches(struct arena *scratch, const struct query_part *part,
			       const struct operand *wanted, const struct json *doc, bool *holds)
{
	json_vec objects = { 0 };
	size_t at = 0;

	*holds = false;
	while (at < part->keys.len && str_is_null(part->keys.items[at].name))
		at++;
	VEC_PUSH(scratch, &objects, doc);
	if (at < part->keys.len)
		objects = descend(scratch, &objects, &part->keys.items[at]);
	else if (part->keys.len)
		return NULL;
	for (size_t i = 0; i < objects.len && !*holds; i++)
		TRY(object_matches(scratch, part, wanted, objects.items[i], holds));
	return NULL;
}

struct err *query_semver(struct query_run *run, const struct query_part *part,
			 const node_vec *items, node_vec *out)
{
	struct operand wanted;

	if (str_is_empty(part->text)) {
		log_warn("query", "usage of :semver() with no parameters is deprecated");
		*out = *items;
		return NULL;
	}
	if (!operand_parse(run->arena, part->text, &wanted))
		return query_error("EQUERYINVALIDSEMVER",
				   "`" STR_FMT "` is not a valid semver version or range",
				   STR_ARG(part->text));
	for (size_t i = 0; i < items->len; i++) {
		ARENA_SCOPE(scratch);
		bool holds;

		TRY(doc_matches(scratch, part, &wanted,
				package_doc(run->opts->docs, items->items[i]), &holds));
		if (holds)
			VEC_PUSH(run->arena, out, items->items[i]);
	}
	return NULL;
}
