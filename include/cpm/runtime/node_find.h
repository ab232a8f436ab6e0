/* SPDX-License-Identifier: MIT
 * The JavaScript runtime that scripts run on, and which the packages will be loaded by. */
#pragma once
#include "cpm/base/proc.h"
#include "cpm/config/cfg.h"

/* The `node` on PATH, absolute; null when there is none. */
str runtime_find_node(struct arena *a, const struct cfg *cfg);

/* After a script ended with @exit_status: when that means "no such program" and there is no `node`, says what is missing. */
void runtime_explain_failure(const struct cfg *cfg, int exit_status);

/**
 * runtime_node_version - its version, without "v".
 *
 * Asking it costs 40 ms, more than everything else on a run with nothing to do, so the answer is kept in a small file of
 * the cache under the program's path, size and time of change. Without a node, or when it does not answer, the current
 * long-term release is assumed: what a machine that gets Node.js later will most likely have, and it keeps the choice of
 * versions the same everywhere.
 */
str runtime_node_version(struct arena *a, const struct cfg *cfg);

/* Its two halves, for those who have something to do while the program answers. Zeroed: not asked. */
struct node_question {
	str identity;		 /* of the program: the answer is remembered by it */
	str version;		 /* when it is known */
	bool is_pending;	 /* @child is there and will say */
	struct proc_child child;
};
void runtime_ask_node_version(struct arena *a, const struct cfg *cfg, struct node_question *out);
str runtime_hear_node_version(struct arena *a, const struct cfg *cfg, struct node_question *q);
/* The answer is not wanted any more. */
void runtime_drop_question(struct node_question *q);

/* @name looked up on PATH, or @name itself when it is a path; null when there is no such program. The running program is
 * not found by any of its names. */
str runtime_find_program(struct arena *a, const struct cfg *cfg, str name);
