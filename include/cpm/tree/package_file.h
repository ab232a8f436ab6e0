/* SPDX-License-Identifier: MIT
 * package.json as people wrote it: read raw, edited as a JSON value, written back in its own
 * layout. Unlike a manifest nothing in it has been normalised, so nothing gets into the file that
 * nobody asked for. */
#pragma once
#include "cpm/base/json.h"

struct package_file {
	str dir, path;        /* of the package; of its package.json */
	str text;             /* as it was read; "" for one that does not exist yet */
	struct json *content; /* an object; edit it in place */
	struct json_style style;
};

/* @dir/package.json. Errors: E_NO_ENTRY, E_JSON_PARSE as manifest_read() has them, E_JSON_PARSE for
 * anything but an object. Limit 16 MiB. */
MUST_CHECK_ERR package_file_read(struct arena *a, str dir, struct package_file *out);
/* The same; where there is none, an empty one that package_file_save() will make. */
MUST_CHECK_ERR package_file_read_or_new(struct arena *a, str dir, struct package_file *out);

/**
 * package_file_tidy - what npm does to the file with every edit (npm-tree.md 11.1).
 *
 * Dependencies are sorted, empty maps of them go, and so do optional ones from `dependencies`.
 * Errors: ESCRIPTSINVALID and EWORKSPACESINVALID for values of the wrong type.
 * Source: @npmcli/package-json, update-*.js.
 */
MUST_CHECK_ERR package_file_tidy(struct arena *a, struct package_file *f);

/* The mistakes that `npm pkg fix` repairs. Errors: E_GENERIC for a name or a version that cannot be
 * one. */
MUST_CHECK_ERR package_file_fix(struct arena *a, struct package_file *f);

/* Writes the file when more than the white space around it would change. Atomic. */
MUST_CHECK_ERR package_file_save(const struct package_file *f);
