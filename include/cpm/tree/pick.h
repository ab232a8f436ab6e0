/* SPDX-License-Identifier: MIT
 * Choosing a version from a packument (npm-tree.md 4). Twin of npm-pick-manifest. */
#pragma once
#include "cpm/config/policy.h"
#include "cpm/registry/packument.h"
#include "cpm/tree/spec.h"

struct pick_opts {
	str default_tag;	/* "latest" */
	str before;		/* ISO 8601, or null */
	str node_version;	/* "24.1.0" without v; null: engines are not looked at */
	str npm_version;
	const str *new_names;	/* min-release-age-exclude: names and globs that `before` does not hold for */
	size_t nnew_names;
	struct policy *exceptions; /* more of those; or NULL */
	const struct range *avoid; /* parsed loose, with prereleases: picked only when nothing else will do; NULL: nothing */
};

/* The options for one package, called @name in its registry: without `before` where that does not hold for it. */
struct pick_opts pick_opts_for(const struct pick_opts *opts, str name);

/* @spec: version, range or tag. Errors: E_TARGET, E_NO_VERSIONS, E_FORBIDDEN (a policy of the registry) with npm's texts. Cost: O(versions) at worst; an exact
 * version is one lookup. */
MUST_CHECK_ERR pick_version(const struct packument *p, const struct spec *spec, const struct pick_opts *opts, const struct packument_version **out);
