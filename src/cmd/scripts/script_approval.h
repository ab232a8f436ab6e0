/* SPDX-License-Identifier: MIT
 * Edits of allowScripts in package.json. Values in, values out: nothing is read or written here. */
#pragma once
#include "cpm/tree/script_policy.h"

/* One edit, in npm's words: "added", "removed-stale", "removed-pinned-allow", "replaced-by-pin". */
struct approval_change {
	str key;
	const char *what;
};

struct approval {
	VEC(struct approval_change) changes;
	str warning;		/* null when there is none */
};

/**
 * approval_allow - allows the scripts of one package in the versions that are installed.
 * @entries: the object of package.json, edited in place
 * @where:   the project's folder
 * @nodes:   all of one package
 * @pins:    by version; else in any version
 *
 * An entry that denies the package stays, and keeps it from being allowed: see the warning.
 * Source: npm's allow-scripts-writer.js.
 */
void approval_allow(struct arena *a, struct json *entries, str where, const node_vec *nodes, bool pins,
		    struct approval *out);
/* Denies the package in every version, whatever was allowed. */
void approval_deny(struct arena *a, struct json *entries, str where, const node_vec *nodes, struct approval *out);

/* Where package.json says which content an approval holds for: member of "cpm", with keys as in allowScripts. */
#define APPROVAL_TIES "allowScriptsIntegrity"

/**
 * approval_tie - ties approvals of @nodes to what is installed: another content of the same version is unreviewed.
 * @ties:      edited in place
 * @entries:   what allowScripts has become
 * @is_wanted: also those that were not tied before
 */
void approval_tie(struct arena *a, struct json *ties, const struct json *entries, str where, const node_vec *nodes,
		  bool is_wanted, struct approval *out);
/* Drops ties of what is no longer allowed. */
void approval_drop_ties(struct arena *a, struct json *ties, const struct json *entries);
