/* SPDX-License-Identifier: MIT
 * Brackets, commas and line breaks of a lockfile. The break in front of a line is the same for all
 * lines of a depth, so it is made once. */
#include "lockfile_emit.h"

#define EMIT_MAX_BYTES ((size_t)1024 * 1024 * 1024)

static str make_break(struct emitter *w, size_t depth)
{
	struct str_buf text = str_buf(w->arena, EMIT_MAX_BYTES);

	buf_add(&text, w->style.newline);
	buf_add_repeat(&text, w->style.indent, depth);
	return buf_view(&text);
}

void emit_init(struct emitter *w, struct arena *a, struct arena *scratch, struct json_style style)
{
	*w = (struct emitter){ .arena = scratch, .style = style, .is_first = true };
	w->out = str_buf(a, EMIT_MAX_BYTES);
	if (style.indent.len)
		for (size_t i = 0; i < EMIT_MAX_DEPTH; i++)
			w->breaks[i] = make_break(w, i);
}

static str break_at(struct emitter *w, size_t depth)
{
	if (!w->style.indent.len)
		return S("");
	return depth < EMIT_MAX_DEPTH ? w->breaks[depth] : make_break(w, depth);
}

void emit_copy(struct emitter *w, str member)
{
	if (!w->is_first)
		buf_add_char(&w->out, ',');
	w->is_first = false;
	buf_add(&w->out, member);
}

void emit_item(struct emitter *w)
{
	emit_copy(w, break_at(w, w->depth));
}

void emit_key(struct emitter *w, str key)
{
	emit_item(w);
	json_write_string(&w->out, key);
	buf_add(&w->out, w->style.indent.len ? S(": ") : S(":"));
}

void emit_open(struct emitter *w, char bracket)
{
	buf_add_char(&w->out, bracket);
	w->depth++;
	w->is_first = true;
}

void emit_close(struct emitter *w, char bracket)
{
	w->depth--;
	if (!w->is_first)
		buf_add(&w->out, break_at(w, w->depth));
	buf_add_char(&w->out, bracket);
	w->is_first = false;
}

void emit_text(struct emitter *w, str key, str value)
{
	emit_key(w, key);
	json_write_string(&w->out, value);
}

/* To the printer of values, the break in front of this line is what a newline is elsewhere. */
void emit_json(struct emitter *w, struct json *v)
{
	struct json_style style = { w->style.indent, break_at(w, w->depth) };

	json_write(&w->out, lockfile_sort_nice(w->arena, v), style);
}
