/* SPDX-License-Identifier: MIT
 * Package specs: "name@what" into a kind and its target, as npm-package-arg reads them (npm-tree.md 2). */
#pragma once
#include "cpm/base/err.h"
#include "cpm/base/range.h"

enum spec_type { SPEC_VERSION, SPEC_RANGE, SPEC_TAG, SPEC_ALIAS, SPEC_FILE, SPEC_DIRECTORY, SPEC_GIT, SPEC_REMOTE };

struct spec {
	enum spec_type type;
	str raw;		/* as written, without the name */
	str name;		/* null when the spec has none */
	str fetch_spec;		/* version, range, tag text; absolute path; URL without hash */
	str save_spec;		/* what package.json would hold; null for registry types */
	struct range *range;	/* SPEC_RANGE and SPEC_VERSION: parsed loose, once */
	struct spec *sub;	/* SPEC_ALIAS: the target */
	/* SPEC_GIT */
	str host, user, project;	/* of a hosted shorthand, else null */
	str committish, git_range, git_subdir;
	bool is_hosted;
};

/* A dependency of package.json: name and spec are separate. @where: directory that relative paths start from.
 * Errors: E_BAD_PROTOCOL, E_BAD_TAG, E_BAD_NAME, E_GENERIC (aliases of aliases). Lives in @a. */
MUST_CHECK_ERR spec_resolve(struct arena *a, str name, str spec, str where, struct spec **out);
/* An argument of the command line. */
MUST_CHECK_ERR spec_parse_arg(struct arena *a, str arg, str where, struct spec **out);

/* Version, range, tag, or an alias of one: comes from a registry. */
bool spec_is_registry(const struct spec *s);
/* The spec behind an alias, else itself. */
const struct spec *spec_target(const struct spec *s);
str spec_format(struct arena *a, const struct spec *s);		/* "name@raw", as messages show it */
bool spec_is_valid_name(str name);				/* npm's rules for old packages, and T15 */
