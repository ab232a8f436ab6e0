/* SPDX-License-Identifier: MIT
 * Results on stdout. With --json exactly one document is printed, whatever happened, so that a
 * reader can always parse it. */
#include "cpm/ui/out.h"

#include "cpm/base/log.h"

#include <unistd.h>

void out_init(struct out *o, struct arena *a, struct screen *screen, bool is_json)
{
	*o = (struct out){ .screen = screen, .arena = a, .is_json = is_json };
}

/* Harmless for terminals, with the colours that we have given it: foreign text may bring no more
 * than those. */
static str harmless(struct arena *a, const struct out *o, str text)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	size_t at, code;

	while ((at = str_find_char(text, '\033')) != STR_NPOS) {
		code = o->screen->term.out_color ? paint_code_len(str_from(text, at)) : 0;
		buf_add(&out, log_escape(a, str_slice(text, 0, code ? at : at + 1)));
		buf_add(&out, str_slice(text, at, at + code));
		text = str_from(text, code ? at + code : at + 1);
	}
	buf_add(&out, log_escape(a, text));
	return buf_view(&out);
}

void out_line(struct out *o, const char *fmt, ...)
{
	ARENA_SCOPE(tmp);
	va_list ap;

	va_start(ap, fmt);
	str text = str_vprintf(tmp, fmt, ap);
	va_end(ap);
	out_text(o, harmless(tmp, o, log_redact(tmp, text)));
}

void out_whole_line(struct out *o, const char *fmt, ...)
{
	ARENA_SCOPE(tmp);
	va_list ap;

	va_start(ap, fmt);
	str text = str_vprintf(tmp, fmt, ap);
	va_end(ap);
	out_text(o, harmless(tmp, o, text));
}

void out_text(struct out *o, str text)
{
	ARENA_SCOPE(tmp);
	screen_write(o->screen, STDOUT_FILENO, str_concat(tmp, text, S("\n")));
}

void out_json(struct out *o, struct json *value)
{
	if (!o->is_json || (o->document && !json_is(o->document, JSON_OBJECT)))
		return;
	if (!o->document || !json_is(value, JSON_OBJECT)) {
		o->document = value;
		return;
	}
	for (size_t i = 0; i < value->count; i++)
		json_set(o->arena, o->document, value->members[i].key, value->members[i].val);
}

void out_finish(struct out *o, struct json *error)
{
	if (!o->is_json || (!o->document && !error))
		return;
	if (!o->document)
		o->document = json_new(o->arena, JSON_OBJECT);
	if (error && json_is(o->document, JSON_OBJECT))
		json_set(o->arena, o->document, S("error"), error);

	ARENA_SCOPE(tmp);
	struct str_buf text = str_buf(tmp, SIZE_MAX);
	json_write(&text, o->document, JSON_STYLE_DEFAULT);
	out_text(o, log_redact(tmp, buf_view(&text)));
	o->document = NULL;
}
