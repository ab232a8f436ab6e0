/* SPDX-License-Identifier: MIT
 * What `ls` shows, before it takes a form: the tree of dependencies with each package in full where it is met first. */
#pragma once
#include "project_tree.h"

#include "cpm/tree/package_doc.h"

struct ls_item {
	struct node *node;	/* NULL: a dependency that is not there */
	struct ls_item *parent;
	size_t at;		/* place in ls_result.items */
	str id, name;		/* id: "a@1.0.0"; of a missing one "a@^1" */
	str missing_by;		/* id of the package that misses it; null: it is there */
	str required;		/* of a missing one: the spec; null where npm forgets it */
	str invalid;		/* `"^2" from node_modules/b`, and so on; null: fine */
	bool ends_invalid;	/* somebody complained, be it after it was shown */
	bool is_optional;	/* of a missing one: asked for as optional */
	bool is_repeat;		/* met before: shown without what it needs */
	bool is_match;		/* one of the arguments means it, or there are none */
	bool is_shown;		/* it matches, or something below does */
	unsigned depth;
	VEC(str) problems;
};

struct ls_opts {
	const struct spec *const *specs; /* what to look for; none: everything */
	size_t nspecs;
	double max_depth;	/* INFINITY: all of it */
	struct cfg_omit omit;
	bool only_links;	/* --link */
	bool is_linked;		/* the layout: what packages need for their development is no edge then */
	bool without_members;	/* --no-workspaces */
	bool with_root;		/* --include-workspace-root */
	const node_vec *members; /* the chosen ones; empty: all */
};

struct ls_result {
	struct ls_item *root;
	VEC(struct ls_item *) items; /* breadth first, the root included */
	VEC(struct ls_item *) firsts; /* where each place of the tree is met first */
	VEC(str) problems;	/* of all that is shown, each once */
};

/* Walks @t breadth first. Iterative; every package is opened once. Cost: O(nodes + edges), times the logarithm of the
 * dependencies of one package for sorting. */
void ls_walk(struct arena *a, struct tree *t, const struct ls_opts *opts, struct ls_result *out);

/* ---- ls_output.c ---- */

struct json *ls_json(struct package_docs *docs, const struct ls_result *r, bool is_long);
/* As a drawing; @docs for descriptions with --long. */
str ls_human(struct cmd_ctx *ctx, struct package_docs *docs, const struct ls_result *r, bool has_args, bool is_long);
str ls_parseable(struct arena *a, const struct ls_result *r, bool is_long);
