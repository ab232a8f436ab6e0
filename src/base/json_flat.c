/* SPDX-License-Identifier: MIT
 * Lists of dependencies, asked about one name. Of the thousands that an audit asks nearly all are
 * flat objects: then a key can be found as text, and in objects that resemble each other it is
 * found where it was in the last. */
#include "cpm/base/json_scan.h"

#define NEAR 48

bool jscan_is_flat(str object)
{
	str inside = str_slice(object, 1, object.len - 1);

	return object.len > 1 && object.p[0] == '{' && str_find_char(inside, '\\') == STR_NPOS &&
	       str_find_char(inside, '{') == STR_NPOS && str_find_char(inside, '[') == STR_NPOS;
}

/* The value behind the key at @at; the null string when there it is part of another string, or a
 * value. */
static str value_at(str object, str key, size_t at)
{
	str rest = str_from(object, at + key.len);
	struct jscan s;

	if (at == 0 || object.p[at - 1] != '"' || !str_starts(rest, S("\"")))
		return STR_NULL;
	s = jscan_init(str_from(rest, 1));
	if (s.at == s.end || *s.at++ != ':')
		return STR_NULL;
	return jscan_value(&s);
}

/* The value of @key when it stands at *hint, or close by: texts before it may be longer or shorter
 * in another object. */
static str value_near(str object, str key, size_t *hint)
{
	size_t behind = object.len - MIN(key.len, object.len);

	for (size_t d = 0; d < 2 * NEAR; d++) {
		size_t at = d % 2 ? *hint - (d + 1) / 2 : *hint + d / 2;
		str value;

		if (at >= behind || object.p[at] != key.p[0] ||
		    memcmp(object.p + at, key.p, key.len) != 0)
			continue;
		value = value_at(object, key, at);
		if (!str_is_null(value)) {
			*hint = at;
			return value;
		}
	}
	return STR_NULL;
}

str jscan_flat_member(str object, str key, size_t *hint)
{
	str value = key.len ? value_near(object, key, hint) : STR_NULL;

	for (size_t at = 1, found; key.len && str_is_null(value); at += key.len) {
		found = str_find(str_from(object, at), key);
		if (found == STR_NPOS)
			return STR_NULL;
		at += found;
		value = value_at(object, key, at);
		if (!str_is_null(value))
			*hint = at;
	}
	return value;
}
