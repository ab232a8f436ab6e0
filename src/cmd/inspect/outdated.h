/* SPDX-License-Identifier: MIT
 * What `outdated` finds, before it takes a form. */
#pragma once
#include "project_tree.h"

struct outdated_item {
	str name;		/* an alias as "x@npm:real@^1" */
	str path, location;	/* where it is installed; null: it is not */
	str current;		/* null when it is not installed, or has no version */
	str wanted, latest;
	str type;		/* the field of package.json that asks for it */
	str dependent, dependent_location;
	str member_id;		/* of the workspace that asks for it; else null */
	str package;		/* what the registry calls it */
	str homepage;		/* with --long; null when there is none */
	size_t at;		/* keeps sorting stable */
};

struct outdated_list {
	VEC(struct outdated_item) items; /* by name, then by dependent */
};

/* The dependencies of the project, of certain packages, or with --all of everything, as far as there is something newer.
 * One packument a name, all asked for before the first is waited for. */
MUST_CHECK_ERR outdated_find(struct cmd_ctx *ctx, const str *args, size_t nargs, struct outdated_list *out);
