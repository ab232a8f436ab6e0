/* SPDX-License-Identifier: MIT
 * A list of every file that differs helps nobody: the first few of each part do. */
#include "script_why.h"

#define MAX_NAMES      5
#define MAX_TEXT_BYTES ((size_t)1 << 20)

struct listing {
	struct str_buf *out;
	str part;
	size_t count;
};

static void add(struct listing *l, str name, const char *what)
{
	l->count++;
	if (l->count > MAX_NAMES)
		return;
	if (l->count == 1)
		buf_printf(l->out, "%s" STR_FMT ": ", l->out->len ? "; " : "", STR_ARG(l->part));
	else
		buf_add_cstr(l->out, ", ");
	buf_printf(l->out, STR_FMT " %s", STR_ARG(name), what);
}

static void compare_part(struct listing *l, const struct json *was, const struct json *is)
{
	for (size_t i = 0; is && i < is->count; i++) {
		const struct json *old = json_get_str(was, is->members[i].key);

		if (!old)
			add(l, is->members[i].key, "is new");
		else if (!json_equal(old, is->members[i].val))
			add(l, is->members[i].key, "changed");
	}
	for (size_t i = 0; was && i < was->count; i++)
		if (!json_get_str(is, was->members[i].key))
			add(l, was->members[i].key, "is gone");
	if (l->count > MAX_NAMES)
		buf_printf(l->out, " and %zu more", l->count - MAX_NAMES);
}

str script_why_differs(struct arena *a, const struct json *was, const struct json *is)
{
	struct str_buf out = str_buf(a, MAX_TEXT_BYTES);

	for (size_t i = 0; i < is->count; i++) {
		struct listing l = { .out = &out, .part = is->members[i].key };
		const struct json *old = json_get_str(was, l.part);

		compare_part(&l, json_is(old, JSON_OBJECT) ? old : NULL, is->members[i].val);
	}
	return buf_view(&out);
}
