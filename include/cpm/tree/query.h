/* SPDX-License-Identifier: MIT
 * Packages by selector: `.dev > [license=MIT]:not(#a)`, in the manner of CSS (npm-cli.md 2.3.13). */
#pragma once
#include "cpm/registry/source.h"
#include "cpm/tree/package_doc.h"

struct query_opts {
	struct package_docs *docs;	/* for attributes */
	struct source *source;		/* for :outdated; NULL: refused */
	str before;			/* ISO 8601 or null: versions later than this do not count as newer */
};

struct query_match {
	struct node *node;		/* of the tree; a node without one for what :missing finds */
	struct json *context;		/* an object: what was learnt on the way */
};

struct query_result {
	VEC(struct query_match) matches; /* by location, each node once */
};

/**
 * query_select - what @selector finds in @t.
 * @scope: the node that :scope means: the root, or a workspace
 *
 * No selector (empty text) finds nothing.
 * Errors: E_GENERIC, shown with npm's codes (EQUERYNOPSEUDO, EQUERYNODEPTYPE, EQUERYNOSELECTOR, EQUERYATTR,
 * EQUERYINVALIDSEMVER, EQUERYINVALIDOPERATOR); E_UNSUPPORTED for :vuln; what the source reports is warned about, as
 * npm does, and counts as having no versions.
 * Cost: O(nodes + edges) for each part of the selector, times the nodes that it is asked of inside of :has().
 * Source: @npmcli/query and arborist's query-selector-all.js.
 */
MUST_CHECK_ERR query_select(struct arena *a, struct tree *t, struct node *scope, str selector,
			    const struct query_opts *opts, struct query_result *out);
