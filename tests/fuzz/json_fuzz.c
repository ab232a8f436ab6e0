/* SPDX-License-Identifier: MIT
 * Any bytes: the check, the scanner and the parser agree on what JSON is, and what was read survives being written. */
#include "cpm/base/json.h"
#include "cpm/base/json_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
	if (!claim)
		abort();
}

static bool is_ok(struct err *e)
{
	bool ok = !e;

	err_free(e);
	return ok;
}

/* Visits every member and element, decoding every string. */
static bool walk(struct arena *a, str text)
{
	struct jscan s = jscan_init(text);
	bool is_object[JSON_MAX_DEPTH + 1];
	bool has_value = true;
	str key;

	do {
		char c = has_value ? jscan_peek(&s) : 0;

		if (c == '{' || c == '[') {
			jscan_enter(&s, c);
			is_object[s.depth] = c == '{';
		} else if (has_value) {
			jscan_text(a, jscan_value(&s));
		}
		has_value = s.depth && (is_object[s.depth] ? jscan_key(&s, &key) : jscan_item(&s));
		if (has_value && is_object[s.depth])
			jscan_unescape(a, key);
	} while (!s.bad && (s.depth || has_value));
	return is_ok(jscan_finish(&s));
}

static void check_round_trip(struct arena *a, const struct json *v, struct json_style style)
{
	struct str_buf first = str_buf(a, SIZE_MAX), second = str_buf(a, SIZE_MAX);
	struct json *again;

	json_write(&first, v, style);
	must(is_ok(json_parse(a, buf_view(&first), &again)));
	must(json_equal(v, again));
	json_write(&second, again, style);
	must(str_eq(buf_view(&first), buf_view(&second)));
}

static bool has_infinity(const struct json *v)
{
	if (v->type == JSON_NUMBER)
		return v->number - v->number != 0;
	for (size_t i = 0; i < v->count; i++)
		if (has_infinity(v->type == JSON_ARRAY ? v->items[i] : v->members[i].val))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPE(a);
	str text = str_of((const char *)data, size);
	bool is_json = is_ok(jscan_check(text));
	struct jscan s = jscan_init(text);
	struct json *v;

	jscan_skip(&s);
	must(!is_json || is_ok(jscan_finish(&s)));
	must(walk(a, text) || !is_json);
	must(is_ok(jscan_check(str_to_utf8(a, text))) == is_ok(json_parse(a, text, &v)));
	if (!is_json)
		return 0;
	must(is_ok(json_parse(a, text, &v)));
	must(json_equal(v, json_dup(a, v)) || has_infinity(v));
	if (has_infinity(v)) /* JSON.stringify prints null, which is another value */
		return 0;
	check_round_trip(a, v, JSON_STYLE_DEFAULT);
	check_round_trip(a, v, (struct json_style){ S(""), S("") });
	return 0;
}
