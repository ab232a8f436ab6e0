/* SPDX-License-Identifier: MIT
 * The members a run is for, for commands that do the same in each of their folders and need no
 * tree. */
#pragma once
#include "cpm/tree/member_graph.h"
#include "workspaces.h"

/* Reads the project's package.json only when the settings select members. Errors: those of
 * manifest_read(), map_workspaces() and workspaces_choose(). */
MUST_CHECK_ERR project_members_choose(struct cmd_ctx *ctx, struct workspace_choice *out);

/* All members with their relations, and which of them the run is for. */
struct project_graph {
	struct member_graph graph; /* with --include-workspace-root the project itself is its first item */
	bool *is_chosen;	/* one for each item */
	bool is_made;		/* the settings choose; else all are chosen */
};

/* Errors: as above, and those of member_graph_build(). With E_UNCHANGED @out is filled in all the same: nobody is chosen. */
MUST_CHECK_ERR project_members_relate(struct cmd_ctx *ctx, struct project_graph *out);
/* Warns of members that need each other: in what circle, and which link gives. */
void project_graph_warn_of_cycles(struct arena *a, const struct member_graph *g);
/* The circles, as lists of names. */
struct json *member_cycles_json(struct arena *a, const struct member_graph *g);
/* The version of a member as people see it: "" when it has none. */
str member_version(const struct member *m);
