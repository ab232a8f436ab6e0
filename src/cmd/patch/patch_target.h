/* SPDX-License-Identifier: MIT
 * Which package a patch is for, and what package.json says of patches. */
#pragma once
#include "project_tree.h"

struct patch_target {
	str name, version;
};

/**
 * patch_target_find - the one version of a registry's package that @arg means: the installed one that fits, else what
 * the registry has for the range.
 *
 * Errors: E_GENERIC shown as EPATCHNONREGISTRY, EPATCHNOTINSTALLED, EPATCHAMBIGUOUS; those of package_tarball_look().
 */
MUST_CHECK_ERR patch_target_find(struct cmd_ctx *ctx, str arg, struct patch_target *out);

/* A key of patchedDependencies: "name", "name@1.0.0", "name@^1". */
struct patch_selector {
	str key, name, spec; /* spec: null for all versions */
	str path;
	size_t nodes;
	bool is_ambiguous; /* two ranges fit a package, and neither is inside the other */
};
struct patch_selector *patch_selectors_read(struct arena *a, const struct json *package_json, size_t *count);
/* Counts for each the packages in node_modules that it is the most exact one for. */
void patch_selectors_count(struct arena *a, const struct tree *t, struct patch_selector *list, size_t count);
