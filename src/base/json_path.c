/* SPDX-License-Identifier: MIT
 * Property paths. The grammar is npm's own and has its corners (a bracket at the very beginning is
 * no bracket, a number may be written in any way JavaScript reads), because people's scripts depend
 * on what it does with them. */
#include "cpm/base/json_path.h"

#include <math.h>

/* A list does not become longer than this by naming a position. */
#define LIST_GAP_MAX 10000

struct step {
	str key;
	bool is_append; /* "[]" */
	double number;  /* the key as JavaScript's Number() reads it, or NaN */
};
typedef VEC(struct step) step_vec;

/* ---- grammar ---- */

static bool is_digits(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.len > 0;
}

/* Number(): decimal with fraction and exponent, or a prefixed integer; "" is 0. */
static double to_number(str text)
{
	str s = str_trim_js(text);
	char copy[64], *end;
	double n;

	if (s.len == 0)
		return 0;
	if (s.len >= sizeof(copy))
		return NAN;
	memcpy(copy, s.p, s.len);
	copy[s.len] = '\0';
	if (s.len > 2 && s.p[0] == '0' &&
	    (s.p[1] == 'b' || s.p[1] == 'B' || s.p[1] == 'o' || s.p[1] == 'O')) {
		n = (double)strtoull(copy + 2, &end, s.p[1] == 'b' || s.p[1] == 'B' ? 2 : 8);
		return *end || end == copy + 2 || !is_digits(str_from(s, 2)) ? NAN : n;
	}
	/* strtod() knows more words than JavaScript does. */
	if (copy[strspn(copy, "0123456789+-.eExXabcdefABCDEF")] != '\0')
		return NAN;
	if (strpbrk(copy, "xX") ? strpbrk(copy, "+-.") != NULL
				: strpbrk(copy, "abcdfABCDF") != NULL)
		return NAN;
	n = strtod(copy, &end);
	return *end || end == copy ? NAN : n;
}

static void add_key(struct arena *a, step_vec *out, str key)
{
	VEC_PUSH(a, out, (struct step){ .key = key, .number = to_number(key) });
}

/* "a.b" is two keys, "" is one: the empty name. */
static void add_dotted(struct arena *a, step_vec *out, str text)
{
	str rest = text.p ? text : S("");

	for (str part; str_cut(&rest, '.', &part);)
		add_key(a, out, part);
}

static str without_dot(str s)
{
	return str_starts(s, S(".")) ? str_from(s, 1) : s;
}

/* A part without named brackets: what stands between "[]" is dotted, and empty parts vanish. */
static void add_appended(struct arena *a, step_vec *out, str text)
{
	size_t at = str_find(text, S("[]"));

	if (at == STR_NPOS) {
		add_dotted(a, out, text);
		return;
	}
	for (str rest = text; !str_is_empty(rest); at = str_find(rest, S("[]"))) {
		str part = str_slice(rest, 0, MIN(at, rest.len));
		if (part.len > 0)
			add_dotted(a, out, part);
		if (at == STR_NPOS)
			return;
		VEC_PUSH(a, out, (struct step){ .is_append = true, .number = NAN });
		rest = without_dot(str_from(rest, at + 2));
	}
}

/* The last "[name]" of @s with something in front of it and something inside. */
static bool find_bracket(str s, size_t *open, size_t *close)
{
	for (size_t i = s.len; i-- > 1;) {
		size_t length = str_find_char(str_from(s, i + 1), ']');
		if (s.p[i] != '[' || length == 0 || length == STR_NPOS)
			continue;
		*open = i;
		*close = i + 1 + length;
		return true;
	}
	return false;
}

/* "[key]" and what stands behind it. */
struct bracket {
	str key, behind;
};

static void parse(struct arena *a, str path, step_vec *out)
{
	VEC(struct bracket) brackets = { 0 };
	str front = str_trim_js(path);
	size_t open, close;

	while (find_bracket(front, &open, &close)) {
		struct bracket last = { str_slice(front, open + 1, close),
					without_dot(str_from(front, close + 1)) };
		VEC_PUSH(a, &brackets, last);
		front = str_slice(front, 0, open);
	}
	add_appended(a, out, front);
	while (brackets.len > 0) {
		struct bracket first = VEC_POP(&brackets);
		add_key(a, out, first.key);
		if (first.behind.len > 0)
			add_appended(a, out, first.behind);
	}
}

/* ---- members ---- */

static bool is_container(const struct json *v)
{
	return json_is(v, JSON_OBJECT) || json_is(v, JSON_ARRAY);
}

static bool is_index(double n)
{
	return n >= 0 && n < 4294967295.0 && n == floor(n);
}

static str number_text(struct arena *a, double n)
{
	struct str_buf b = str_buf(a, 64);

	json_write_number(&b, n);
	return buf_view(&b);
}

/* The value's own member called @key, as Object.hasOwn() sees it; NULL when there is none. */
static struct json *own_member(struct arena *a, const struct json *v, str key)
{
	double n = to_number(key);

	if (json_is(v, JSON_OBJECT))
		return json_get_str(v, key);
	if (json_is(v, JSON_ARRAY) && is_index(n) && n < (double)v->count &&
	    str_eq(number_text(a, n), key))
		return v->items[(size_t)n];
	return NULL;
}

/* ---- get ---- */

static void put_found(struct arena *a, json_found_vec *out, str label, struct json *val)
{
	VEC_EACH (struct json_found, old, out) {
		if (str_eq(old->label, label)) {
			old->val = val;
			return;
		}
	}
	VEC_PUSH(a, out, (struct json_found){ label, val });
}

static struct err *through_null(void)
{
	return err_new(E_GENERIC, "Cannot convert undefined or null to object");
}

static struct err *get_of_each(struct arena *a, const struct json *list, str label, str key,
			       json_found_vec *out)
{
	for (size_t i = 0; i < list->count; i++) {
		if (json_is(list->items[i], JSON_NULL))
			return err_new(E_GENERIC,
				       "Cannot read properties of null (reading '" STR_FMT "')",
				       STR_ARG(key));
		put_found(a, out,
			  str_printf(a, STR_FMT "[%zu]." STR_FMT, STR_ARG(label), i, STR_ARG(key)),
			  own_member(a, list->items[i], key));
	}
	return NULL;
}

struct err *json_path_get(struct arena *a, const struct json *doc, str path, bool unwraps,
			  json_found_vec *out)
{
	struct json *at = (struct json *)doc;
	struct str_buf label = str_buf(a, path.len + 1);
	step_vec steps = { 0 };

	parse(a, path, &steps);
	VEC_EACH (struct step, step, &steps) {
		if (step->is_append)
			return err_show_as(err_new(E_GENERIC,
						   "Empty brackets are not valid syntax for "
						   "retrieving values."),
					   S("EINVALIDSYNTAX"));
		if (json_is(at, JSON_ARRAY) &&
		    !(isfinite(step->number) && step->number == floor(step->number)))
			return get_of_each(a, at, buf_view(&label), step->key, out);
		if (json_is(at, JSON_NULL))
			return through_null();
		at = own_member(a, at, step->key);
		if (!at)
			return NULL;
		buf_add(&label, step->key);
	}
	if (unwraps && json_is(at, JSON_ARRAY) && at->count <= 1)
		at = at->count ? at->items[0] : NULL;
	put_found(a, out, path, at);
	return NULL;
}

/* ---- set ---- */

static bool is_forbidden(str key)
{
	return str_eq(key, S("__proto__")) || str_eq(key, S("constructor")) ||
	       str_eq(key, S("prototype"));
}

static struct err *check_step(const struct step *step)
{
	if (!is_forbidden(step->key))
		return NULL;
	return err_show_as(err_new(E_GENERIC, "Forbidden key: \"" STR_FMT "\"", STR_ARG(step->key)),
			   S("EFORBIDDENKEY"));
}

static struct err *check_append(const struct json *v)
{
	if (v->type == JSON_ARRAY)
		return NULL;
	return err_show_as(err_new(E_GENERIC, "Can't use append syntax in non-Array element"),
			   S("ENOAPPEND"));
}

/* A list where a position is named, an object in a list's place where that is forced. */
static void fit_container(struct arena *a, struct json **slot, bool is_position, bool force)
{
	struct json *old = *slot;

	if (is_position && old->count == 0 && old->type == JSON_OBJECT)
		*slot = json_new(a, JSON_ARRAY);
	if (is_position || old->type != JSON_ARRAY || !force)
		return;
	*slot = json_new(a, JSON_OBJECT);
	for (size_t i = 0; i < old->count; i++)
		json_set(a, *slot, str_printf(a, "%zu", i), old->items[i]);
}

/* Where the member called @key is or will be. A name that a list cannot have leads to @nowhere. */
static struct err *find_slot(struct arena *a, struct json *v, const struct step *step, str key,
			     struct json **nowhere, struct json ***slot)
{
	*slot = nowhere;
	if (v->type == JSON_OBJECT) {
		if (!json_get_str(v, key))
			json_set(a, v, key, NULL);
		for (size_t i = 0; i < v->count; i++)
			if (str_eq(v->members[i].key, key))
				*slot = &v->members[i].val;
		return NULL;
	}
	if (!is_index(step->number))
		return NULL;
	if (step->number > (double)v->count + LIST_GAP_MAX)
		return err_new(E_TOO_BIG,
			       "Position " STR_FMT " is too far behind the end of the list.",
			       STR_ARG(key));
	while ((double)v->count <= step->number)
		json_append(a, v, v->count < step->number ? json_new(a, JSON_NULL) : NULL);
	*slot = &v->items[(size_t)step->number];
	return NULL;
}

/* Literals are not replaced by objects, and lists get no named members, unless forced. */
static struct err *check_way(const struct json *child, str key, const struct step *next, str path)
{
	if (!child || json_is(child, JSON_NULL))
		return NULL;
	if (!is_container(child))
		return err_show_as(err_new(E_GENERIC,
					   "Property " STR_FMT
					   " already exists and is not an Array or Object.",
					   STR_ARG(key)),
				   S("EOVERRIDEVALUE"));
	if (child->type == JSON_ARRAY && !next->is_append && isnan(next->number))
		return err_show_as(err_new(E_GENERIC, "Can't add property " STR_FMT " to an Array.",
					   STR_ARG(path)),
				   S("ENOADDPROP"));
	return NULL;
}

struct err *json_path_set(struct arena *a, struct json *doc, str path, struct json *val, bool force)
{
	struct json *root = doc, *nowhere = NULL, **slot = &root;
	step_vec steps = { 0 };

	parse(a, path, &steps);
	VEC_EACH (struct step, step, &steps) {
		bool is_position = step->is_append || !isnan(step->number);
		bool is_last = step == &VEC_LAST(&steps);

		TRY(check_step(step));
		fit_container(a, slot, is_position, force);
		if (step->is_append) {
			TRY(check_append(*slot));
			step->number = (double)(*slot)->count;
		}
		str key = is_position ? number_text(a, step->number) : step->key;
		TRY(find_slot(a, *slot, step, key, &nowhere, &slot));
		if (!is_last && !force)
			TRY(check_way(*slot, key, step + 1, path));
		if (!is_last && !is_container(*slot))
			*slot = json_new(a, JSON_OBJECT);
	}
	*slot = val;
	return NULL;
}

/* ---- delete ---- */

static void remove_item(struct json *list, size_t at)
{
	list->count--;
	memmove(list->items + at, list->items + at + 1, (list->count - at) * sizeof(struct json *));
}

struct err *json_path_del(struct arena *a, struct json *doc, str path)
{
	struct json *at = doc, *parent = NULL;
	step_vec steps = { 0 };

	parse(a, path, &steps);
	VEC_EACH (struct step, step, &steps) {
		TRY(check_step(step));
		parent = at;
		at = step->is_append ? NULL : own_member(a, at, step->key);
		if (!at)
			return NULL;
	}
	if (parent->type == JSON_ARRAY)
		remove_item(parent, (size_t)VEC_LAST(&steps).number);
	else
		json_del(parent, VEC_LAST(&steps).key);
	return NULL;
}
