/* SPDX-License-Identifier: MIT
 * Running the scripts of packages that are installed, and linking their commands anew: what an
 * install does last, for a tree that is already there. Nothing is written besides, so nothing can
 * be taken back. */
#include "reify_priv.h"

struct err *reify_rebuild(struct arena *a, struct tree *installed, const node_vec *nodes,
			  const struct reify_opts *opts)
{
	struct diff nothing = { 0 };
	struct reify_result result = { 0 };
	struct run r = { .arena = a,
			 .ideal = installed,
			 .actual = installed,
			 .diff = &nothing,
			 .opts = opts,
			 .out = &result,
			 .dirfd = opts->dirfd,
			 .rebuilt = nodes,
			 .trash.fd = -1,
			 .shelf_fd = -1 };

	r.rebuilt_mark = tree_next_mark(installed);
	for (size_t i = 0; i < nodes->len; i++)
		nodes->items[i]->mark = r.rebuilt_mark;
	plan_make(&r);
	TRY(bins_check_global(&r));
	return scripts_build(&r);
}
