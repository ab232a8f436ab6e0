/* SPDX-License-Identifier: MIT
 * Values as Node.js shows them to people: util.inspect() for what JSON can hold. npm prints the
 * answers of view, pkg and version like this, and scripts read them. */
#pragma once
#include "cpm/base/json.h"

struct inspect_opts {
	unsigned depth; /* objects below this many levels are [Object]; npm's commands ask for 5 */
	size_t max_items; /* of a list; 0: all of them */
	bool is_colored;
};

/**
 * ui_inspect - appends @v as util.inspect() prints it for lines of 80 characters.
 *
 * NULL is undefined. Cost: O(size of the text); recursion ends at @opts->depth.
 * Source: Node.js 26, lib/internal/util/inspect.js.
 */
void ui_inspect(struct str_buf *out, const struct json *v, const struct inspect_opts *opts);
