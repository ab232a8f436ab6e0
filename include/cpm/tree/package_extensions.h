/* SPDX-License-Identifier: MIT
 * `packageExtensions` of the project's package.json: dependencies that packages of others forgot to declare
 * (npm-tree.md 17.3). Pure: rules in, a repaired copy of a manifest out. Twin of arborist's package-extensions.js. */
#pragma once
#include "cpm/tree/node.h"

struct package_extensions;

/**
 * package_extensions_new - the rules in @package_json, which may be NULL.
 * @out: NULL when there are none
 *
 * Errors: E_GENERIC, shown as EEXTENSIONROOT, EEXTENSIONSELECTOR, EEXTENSIONVALUE, EEXTENSIONFIELD or EEXTENSIONDELETE.
 */
MUST_CHECK_ERR package_extensions_new(struct arena *a, const struct json *package_json,
				      struct package_extensions **out);
/* What a lockfile records of the rules: sha512 of their canonical text. Null when @x is NULL. */
str package_extensions_hash(const struct package_extensions *x);
/* A rule is for this package. */
bool package_extensions_match(const struct package_extensions *x, str name, str version);
/**
 * package_extensions_apply - @m as the rule for it wants it.
 * @out: a copy; @m itself when no rule is for it
 * @applied: what a lockfile records: { selector, field: [names] }; NULL when no rule is for it
 *
 * Errors: E_GENERIC, shown as EEXTENSIONCONFLICT, EEXTENSIONDUPDEP or EEXTENSIONORPHANMETA.
 */
MUST_CHECK_ERR package_extensions_apply(struct arena *a, const struct package_extensions *x, struct manifest *m,
					struct manifest **out, struct json **applied);
/* The same for every package in the node_modules of @t, which was read from the disk: nothing there says it. */
MUST_CHECK_ERR package_extensions_apply_all(struct arena *a, struct tree *t);
