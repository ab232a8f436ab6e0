/* SPDX-License-Identifier: MIT
 * Packages by selector: `.dev > [license=MIT]:not(#a)`, in the manner of CSS (npm-cli.md 2.3.13). */
#pragma once
#include "cpm/registry/source.h"
#include "cpm/tree/package_doc.h"
#include "cpm/tree/pick.h"

/* Who knows about vulnerabilities: a registry, in practice. */
struct query_advisor {
	/* It is a package of its own; about others it is told nothing. */
	bool (*may_ask)(const struct query_advisor *v, const struct node *n);
	/* {"name":["1.0.0"]} -> {"name":[{"severity","vulnerable_versions",...}]}, both in @a. */
	struct err *(*ask)(const struct query_advisor *v, struct arena *a, const struct json *question, struct json **answer);
};

struct query_opts {
	struct package_docs *docs;	/* for attributes */
	struct source *source;		/* for :outdated; NULL: refused */
	const struct query_advisor *advisor; /* for :vuln; NULL: refused */
	struct pick_opts pick;		/* .before and what that does not hold for: later versions do not count as newer */
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
 * EQUERYINVALIDSEMVER, EQUERYINVALIDOPERATOR); those of the advisor; what the source reports is warned about, as
 * npm does, and counts as having no versions.
 * Cost: O(nodes + edges) for each part of the selector, times the nodes that it is asked of inside of :has().
 * Source: @npmcli/query and arborist's query-selector-all.js.
 */
MUST_CHECK_ERR query_select(struct arena *a, struct tree *t, struct node *scope, str selector,
			    const struct query_opts *opts, struct query_result *out);
