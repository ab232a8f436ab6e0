/* SPDX-License-Identifier: MIT
 * Packages by licence, and which licences are refused. */
#pragma once
#include "cpm/config/policy.h"
#include "cpm/tree/package_doc.h"
#include "cpm/tree/spdx.h"

/* Packages under the same words. */
struct license_group {
	str license;		/* as worded; null: the packages say nothing */
	bool is_expression;	/* of SPDX; else it is only text */
	struct spdx expression;
	node_vec nodes;		/* by location; of one name and version the first */
};

struct license_list {
	VEC(struct license_group *) groups; /* by licence; what says nothing comes last */
};

/* @nodes by licence, each package's document from @docs. Cost: a document each. */
void license_list_make(struct arena *a, struct package_docs *docs, const node_vec *nodes, struct license_list *out);

/* Licences that are not wanted: "GPL-3.0-only", "AGPL-*", "missing" (nothing is said), "unknown" (no SPDX expression).
 * Case does not matter. */
struct license_refusal {
	const str *patterns;
	size_t count;
};
/* Nothing but refused licences is left to choose: "MIT OR GPL-3.0-only" is fine where the GPL is refused, "MIT AND
 * GPL-3.0-only" is not. A licence that is only text is refused when a pattern matches all of it, or "unknown" is. */
bool license_is_refused(const struct license_refusal *refusal, str license);
/* The exception because of which @license, which is refused, may be used at @path after all: it names the whole, or one that the
 * whole cannot be used without ("missing" and "unknown" have these names). NULL when there is none, or not one for each of them. */
const struct policy_entry *license_exception(const struct license_refusal *refusal, str license, const struct policy *exceptions,
					     str path, bool is_expired);
