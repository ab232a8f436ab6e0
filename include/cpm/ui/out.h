/* SPDX-License-Identifier: MIT
 * Results, as opposed to talk: lines on stdout as they come, JSON once at the end (npm-cli.md 1.4). */
#pragma once
#include "cpm/base/json.h"
#include "cpm/ui/screen.h"

struct out {
	struct screen *screen;
	struct arena *arena;
	bool is_json;
	struct json *document;	/* what was added so far, merged */
};

void out_init(struct out *o, struct arena *a, struct screen *screen, bool is_json);
/* One line, or several, with a newline behind. Redacted and made harmless for terminals: of escape sequences only those
 * of paint() stay, where there is colour. */
void out_line(struct out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same with what looks like a secret left in it: that is what was asked for. */
void out_whole_line(struct out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* As it is: text that is ours. */
void out_text(struct out *o, str text);
/* Adds to the document: objects are merged, anything else stands alone. Nothing is printed without --json. */
void out_json(struct out *o, struct json *value);
/* Prints the document. @error becomes its "error" member, alone when there is no result; NULL: none. */
void out_finish(struct out *o, struct json *error);
