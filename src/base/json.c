/* SPDX-License-Identifier: MIT
 * The facade over cJSON, and the values it fills. cJSON is a fast and well-tried parser that
 * believes too much (T14): it compares keys without case, takes raw control bytes, cuts strings at
 * NUL. So the text passes our own check first, cJSON builds its tree, and the tree is copied into
 * values of ours in which an object behaves as in JavaScript. The only file that sees cJSON.
 * Printing is in json_write.c. */
#include "cpm/base/json.h"

#include "cpm/base/map.h"
#include "json_scan_priv.h"

#include <cjson/cJSON.h>

#define NOT_AN_INDEX  UINT64_MAX
#define LARGEST_INDEX 4294967294u
/* Objects with more members than this get an index. */
#define SMALL_OBJECT 16

/* ---- objects ---- */

/* The value of a key that JavaScript takes for an array index: those come first, by number. */
static uint64_t key_index(str key)
{
	uint64_t n;

	if (!key.len || key.len > 10 || (key.p[0] == '0' && key.len > 1))
		return NOT_AN_INDEX;
	return str_to_u64(key, &n) && n <= LARGEST_INDEX ? n : NOT_AN_INDEX;
}

/* Where in @v's members a new @key belongs. */
static size_t place_of_new(const struct json *v, str key)
{
	uint64_t index = key_index(key);
	size_t lo = 0, hi = v->count;

	if (index == NOT_AN_INDEX)
		return v->count;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (key_index(v->members[mid].key) < index)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Enters the members from @from on under their positions. */
static void index_from(struct json *v, size_t from)
{
	for (size_t i = from; i < v->count; i++)
		map_put(v->index, v->members[i].key, (void *)(uintptr_t)(i + 1));
}

static void index_all(struct arena *a, struct json *v)
{
	v->index = ARENA_NEW(a, struct map);
	map_init(v->index, a);
	index_from(v, 0);
}

static struct json_member *find(const struct json *v, str key)
{
	if (!v || v->type != JSON_OBJECT)
		return NULL;
	if (v->index) {
		size_t at = (size_t)(uintptr_t)map_get(v->index, key);

		return at ? &v->members[at - 1] : NULL;
	}
	for (size_t i = 0; i < v->count; i++)
		if (str_eq(v->members[i].key, key))
			return &v->members[i];
	return NULL;
}

/* Puts a member that is not there yet at the end, whatever its key. */
static void append_member(struct arena *a, struct json *v, str key, struct json *val)
{
	if (v->count == v->room) {
		size_t room = v->room ? 2 * v->room : 4;

		v->members = arena_grow(a, v->members, v->room * sizeof(*v->members),
					room * sizeof(*v->members));
		v->room = room;
	}
	v->members[v->count++] = (struct json_member){ .key = key, .val = val };
	if (v->index)
		index_from(v, v->count - 1);
	else if (v->count > SMALL_OBJECT)
		index_all(a, v);
}

void json_set(struct arena *a, struct json *object, str key, struct json *val)
{
	struct json_member *old = find(object, key), *members;
	size_t at = place_of_new(object, key), last = object->count;

	if (old) {
		old->val = val;
		return;
	}
	append_member(a, object, key, val);
	if (at == last)
		return;
	members = object->members;
	memmove(members + at + 1, members + at, (last - at) * sizeof(*members));
	members[at] = (struct json_member){ .key = key, .val = val };
	if (object->index)
		index_from(object, at);
}

void json_set_text(struct arena *a, struct json *object, const char *key, str val)
{
	json_set(a, object, str_view(key), json_new_string(a, val));
}

bool json_del(struct json *object, str key)
{
	struct json_member *old = find(object, key);
	size_t at;

	if (!old)
		return false;
	at = (size_t)(old - object->members);
	object->count--;
	memmove(old, old + 1, (object->count - at) * sizeof(*old));
	if (object->index) {
		map_del(object->index, key);
		index_from(object, at);
	}
	return true;
}

struct json *json_get_str(const struct json *v, str key)
{
	const struct json_member *m = find(v, key);

	return m ? m->val : NULL;
}

struct json *json_get(const struct json *v, const char *key)
{
	return json_get_str(v, str_view(key));
}

str json_get_text(const struct json *v, const char *key)
{
	const struct json *found = json_get(v, key);

	return json_is(found, JSON_STRING) ? found->string : STR_NULL;
}

bool json_get_bool(const struct json *v, const char *key)
{
	const struct json *found = json_get(v, key);

	return json_is(found, JSON_BOOL) && found->boolean;
}

/* ---- values ---- */

struct json *json_new(struct arena *a, enum json_type type)
{
	struct json *v = ARENA_NEW(a, struct json);

	v->type = type;
	return v;
}

struct json *json_new_string(struct arena *a, str s)
{
	struct json *v = json_new(a, JSON_STRING);

	v->string = str_is_null(s) ? S("") : s;
	return v;
}

struct json *json_new_number(struct arena *a, double n)
{
	struct json *v = json_new(a, JSON_NUMBER);

	v->number = n;
	return v;
}

struct json *json_new_bool(struct arena *a, bool b)
{
	struct json *v = json_new(a, JSON_BOOL);

	v->boolean = b;
	return v;
}

void json_append(struct arena *a, struct json *array, struct json *val)
{
	if (array->count == array->room) {
		size_t room = array->room ? 2 * array->room : 4;

		array->items = arena_grow(a, array->items, array->room * sizeof(*array->items),
					  room * sizeof(*array->items));
		array->room = room;
	}
	array->items[array->count++] = val;
}

bool json_is(const struct json *v, enum json_type type)
{
	return v && v->type == type;
}

bool json_is_truthy(const struct json *v)
{
	if (!v)
		return false;
	switch (v->type) {
	case JSON_NULL:
		return false;
	case JSON_BOOL:
		return v->boolean;
	case JSON_NUMBER:
		return v->number < 0 || v->number > 0;
	case JSON_STRING:
		return v->string.len > 0;
	default:
		return true;
	}
}

/* Recursion here and below is bounded: json_parse() lets no more than JSON_MAX_DEPTH levels in. */
struct json *json_dup(struct arena *a, const struct json *v)
{
	struct json *copy = json_new(a, v->type);

	copy->boolean = v->boolean;
	copy->number = v->number;
	copy->string = str_dup(a, v->string);
	for (size_t i = 0; i < v->count; i++) {
		if (v->type == JSON_ARRAY)
			json_append(a, copy, json_dup(a, v->items[i]));
		else
			append_member(a, copy, str_dup(a, v->members[i].key),
				      json_dup(a, v->members[i].val));
	}
	return copy;
}

bool json_equal(const struct json *a, const struct json *b)
{
	if (!a || !b)
		return a == b;
	if (a->type != b->type || a->count != b->count)
		return false;
	switch (a->type) {
	case JSON_NULL:
		return true;
	case JSON_BOOL:
		return a->boolean == b->boolean;
	case JSON_NUMBER:
		return !(a->number < b->number) && !(a->number > b->number);
	case JSON_STRING:
		return str_eq(a->string, b->string);
	case JSON_ARRAY:
		for (size_t i = 0; i < a->count; i++)
			if (!json_equal(a->items[i], b->items[i]))
				return false;
		return true;
	case JSON_OBJECT:
		for (size_t i = 0; i < a->count; i++)
			if (!json_equal(a->members[i].val, json_get_str(b, a->members[i].key)))
				return false;
		return true;
	}
	return false;
}

/* ---- parsing ---- */

/* Copies a string literal, lone surrogates put in as bytes: cJSON refuses the escape and lets the
 * bytes through. */
static void add_string_without_lone(struct str_buf *out, str literal)
{
	const char *p = literal.p, *end = literal.p + literal.len;

	while (p < end) {
		const char *stop = memchr(p, '\\', (size_t)(end - p));
		uint32_t code = 0;
		size_t n;

		if (!stop) {
			buf_add(out, str_of(p, (size_t)(end - p)));
			return;
		}
		buf_add(out, str_of(p, (size_t)(stop - p)));
		n = jscan_code_point(stop, end, &code);
		if (code >= 0xd800 && code <= 0xdfff) {
			char bytes[4];

			buf_add(out, str_of(bytes, jscan_put_code_point(bytes, code)));
		} else {
			n = n ? n : 2;
			buf_add(out, str_of(stop, n));
		}
		p = stop + n;
	}
}

/* A number literal of any length as the few digits that make the same double; cJSON reads the first
 * 63 only. */
static void add_short_number(struct arena *a, struct str_buf *out, str literal)
{
	double n = strtod(str_cstr(a, literal), NULL);

	if (n > 1.7976931348623157e308 || n < -1.7976931348623157e308)
		buf_add(out, n > 0 ? S("1e999") : S("-1e999"));
	else
		json_write_number(out, n);
}

/* The document with the two things replaced that JSON.parse takes and cJSON does not. Rare, so it
 * need not be fast. */
static str for_cjson(struct arena *a, str text)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	struct jscan s = jscan_init(text);

	while (s.at < s.end) {
		char c = jscan_peek(&s);
		const char *from = s.at;

		if (!c || c == '{' || c == '[') {
			buf_add(&out, str_of(from, s.at < s.end));
			s.at += s.at < s.end;
			continue;
		}
		str scalar = jscan_value(&s);

		if (c == '"')
			add_string_without_lone(&out, scalar);
		else if (scalar.len > JSCAN_LONG_NUMBER)
			add_short_number(a, &out, scalar);
		else
			buf_add(&out, scalar);
	}
	return buf_view(&out);
}

static int compare_key_index(const void *a, const void *b)
{
	uint64_t x = key_index(((const struct json_member *)a)->key);
	uint64_t y = key_index(((const struct json_member *)b)->key);

	return (x > y) - (x < y);
}

/* Brings members from the order of the text into JavaScript's: once at the end, not by inserting
 * one by one, which a hostile document would make quadratic. */
static void order_members(struct json *v)
{
	ARENA_SCOPE(tmp);
	struct json_member *others;
	size_t indices = 0, kept = 0;

	for (size_t i = 0; i < v->count; i++)
		indices += key_index(v->members[i].key) != NOT_AN_INDEX;
	if (!indices)
		return;
	others = ARENA_ARRAY(tmp, struct json_member, v->count - indices);
	indices = 0;
	for (size_t i = 0; i < v->count; i++) {
		if (key_index(v->members[i].key) == NOT_AN_INDEX)
			others[kept++] = v->members[i];
		else
			v->members[indices++] = v->members[i];
	}
	memcpy(v->members + indices, others, kept * sizeof(*others));
	qsort(v->members, indices, sizeof(*v->members), compare_key_index);
	if (v->index)
		index_from(v, 0);
}

static struct json *from_cjson(struct arena *a, const cJSON *c);

static struct json *object_from_cjson(struct arena *a, const cJSON *c)
{
	struct json *v = json_new(a, JSON_OBJECT);

	for (const cJSON *child = c->child; child; child = child->next) {
		struct json *val = from_cjson(a, child);
		struct json_member *old = find(v, str_view(child->string));

		if (old)
			old->val = val;
		else
			append_member(a, v, str_dup(a, str_view(child->string)), val);
	}
	order_members(v);
	return v;
}

static struct json *array_from_cjson(struct arena *a, const cJSON *c)
{
	struct json *v = json_new(a, JSON_ARRAY);

	for (const cJSON *child = c->child; child; child = child->next)
		json_append(a, v, from_cjson(a, child));
	return v;
}

static struct json *from_cjson(struct arena *a, const cJSON *c)
{
	if (cJSON_IsObject(c))
		return object_from_cjson(a, c);
	if (cJSON_IsArray(c))
		return array_from_cjson(a, c);
	if (cJSON_IsBool(c))
		return json_new_bool(a, cJSON_IsTrue(c));
	if (cJSON_IsNumber(c))
		return json_new_number(a, c->valuedouble);
	if (cJSON_IsString(c))
		return json_new_string(a, str_dup(a, str_view(c->valuestring)));
	return json_new(a, JSON_NULL);
}

struct err *json_parse(struct arena *a, str text, struct json **out)
{
	ARENA_SCOPE(tmp);
	struct jscan_facts facts;
	cJSON *tree;

	text = str_to_utf8(tmp, text);
	TRY(jscan_check_facts(text, &facts));
	text = str_starts(text, S("\xef\xbb\xbf")) ? str_from(text, 3) : text;
	if (facts.has_lone_surrogate || facts.has_long_number)
		text = for_cjson(tmp, text);
	tree = cJSON_ParseWithLengthOpts(text.p, text.len, NULL, false);
	if (!tree)
		return err_new(E_JSON_PARSE, "invalid JSON: refused by the parser");
	*out = from_cjson(a, tree);
	cJSON_Delete(tree);
	return NULL;
}
