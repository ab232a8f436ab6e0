/* SPDX-License-Identifier: MIT
 * Values as JavaScript's String() gives them. */
#include "cpm/ui/ui_js_text.h"

static str scalar_text(struct arena *a, const struct json *v)
{
	struct str_buf out = str_buf(a, 64);

	switch (v->type) {
	case JSON_NULL:
		return S("null");
	case JSON_BOOL:
		return v->boolean ? S("true") : S("false");
	case JSON_NUMBER:
		json_write_number(&out, v->number);
		return buf_view(&out);
	case JSON_STRING:
		return v->string;
	case JSON_OBJECT:
		return S("[object Object]");
	case JSON_ARRAY:
		break;
	}
	return S("");
}

str ui_js_text(struct arena *a, const struct json *v)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	if (!v)
		return S("undefined");
	if (v->type != JSON_ARRAY)
		return scalar_text(a, v);
	for (size_t i = 0; i < v->count; i++) {
		if (i)
			buf_add_char(&out, ',');
		if (v->items[i]->type != JSON_NULL)
			buf_add(&out, scalar_text(a, v->items[i]));
	}
	return buf_view(&out);
}

str ui_js_member(struct arena *a, const struct json *object, const char *key)
{
	return ui_js_text(a, json_get(object, key));
}
