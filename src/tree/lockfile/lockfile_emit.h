/* SPDX-License-Identifier: MIT
 * JSON text piece by piece, laid out as JSON.stringify would: for documents that never exist as values. */
#pragma once
#include "cpm/base/vec.h"
#include "cpm/tree/lockfile.h"

/* What was written for a node, its line break in front included. */
struct emitted {
	struct node *node;
	size_t from, to; /* in the text */
};

#define EMIT_MAX_DEPTH 8	/* line breaks up to here are prepared; deeper ones are made when needed */

struct emitter {
	struct arena *arena;		/* scratch */
	struct str_buf out;
	struct json_style style;	/* of the file; no indent: one line */
	const struct tree *tree;
	const struct lockfile_opts *opts;
	size_t depth;
	bool is_first;			/* in the innermost open bracket */
	str breaks[EMIT_MAX_DEPTH];
	VEC(struct emitted) packages;
};

/* @a: of the text. */
void emit_init(struct emitter *w, struct arena *a, struct arena *scratch, struct json_style style);
void emit_open(struct emitter *w, char bracket);
void emit_close(struct emitter *w, char bracket);
/* Begins a member; its value follows. */
void emit_key(struct emitter *w, str key);
/* Begins an element of an array. */
void emit_item(struct emitter *w);
/* A member as another emitter wrote it in the same style, at the same depth. */
void emit_copy(struct emitter *w, str member);
void emit_text(struct emitter *w, str key, str value);
/* A value of any shape; the keys of its objects are put in the lockfile's order. */
void emit_json(struct emitter *w, struct json *v);
