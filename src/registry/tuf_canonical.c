/* SPDX-License-Identifier: MIT
 * Canonical JSON: the one form of a value that is signed, whatever its file looks like. */
#include "tuf_priv.h"

#include "cpm/base/vec.h"

#define WHOLE_MAX 9007199254740991.0

/* A value that is being written, and how far. */
struct frame {
	const struct json *v;
	struct json_member *sorted; /* of an object */
	size_t at;
};
typedef VEC(struct frame) frame_vec;

static int compare_members(const void *a, const void *b)
{
	return str_cmp(((const struct json_member *)a)->key, ((const struct json_member *)b)->key);
}

static void add_text(struct str_buf *out, str s)
{
	buf_add_char(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, s.p[i]);
	}
	buf_add_char(out, '"');
}

static bool add_number(struct str_buf *out, double n)
{
	if (!(n >= -WHOLE_MAX && n <= WHOLE_MAX) || n != (double)(int64_t)n)
		return false;
	buf_printf(out, "%lld", (long long)n);
	return true;
}

static void push(struct arena *a, frame_vec *stack, const struct json *v)
{
	struct frame f = { .v = v };

	if (v->type == JSON_OBJECT) {
		f.sorted = ARENA_ARRAY(a, struct json_member, v->count + 1);
		for (size_t i = 0; i < v->count; i++)
			f.sorted[i] = v->members[i];
		qsort(f.sorted, v->count, sizeof(*f.sorted), compare_members);
	}
	VEC_PUSH(a, stack, f);
}

/* A value that has no parts, or the beginning of one that has. False: a number that has no form. */
static bool begin(struct arena *a, struct str_buf *out, frame_vec *stack, const struct json *v)
{
	switch (v->type) {
	case JSON_NULL:
		buf_add_cstr(out, "null");
		return true;
	case JSON_BOOL:
		buf_add_cstr(out, v->boolean ? "true" : "false");
		return true;
	case JSON_NUMBER:
		return add_number(out, v->number);
	case JSON_STRING:
		add_text(out, v->string);
		return true;
	default:
		buf_add_char(out, v->type == JSON_ARRAY ? '[' : '{');
		push(a, stack, v);
		return true;
	}
}

bool tuf_write_canonical(struct arena *a, struct str_buf *out, const struct json *v)
{
	frame_vec stack = { 0 };

	if (!begin(a, out, &stack, v))
		return false;
	while (stack.len > 0) {
		struct frame *f = &stack.items[stack.len - 1];
		const struct json *next;

		if (f->at == f->v->count) {
			buf_add_char(out, f->v->type == JSON_ARRAY ? ']' : '}');
			stack.len--;
			continue;
		}
		if (f->at > 0)
			buf_add_char(out, ',');
		if (f->sorted) {
			add_text(out, f->sorted[f->at].key);
			buf_add_char(out, ':');
		}
		next = f->sorted ? f->sorted[f->at].val : f->v->items[f->at];
		f->at++;
		if (!begin(a, out, &stack, next))
			return false;
	}
	return true;
}
