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

/* What npm's init reads: the file without underscore keys, with the fields that trees are made of
 * in their usual form. */
MUST_CHECK_ERR package_file_normalize(struct arena *a, struct package_file *f);

/**
 * package_file_complete - what npm's init makes of the answers once they are in the file.
 *
 * package_file_fix() without its warnings, and what can be known from elsewhere: the description
 * from the readme, the pages of a known host from the repository, the types beside the main file,
 * the build script of a native package. Source: init-package-json, @npmcli/package-json's
 * normalize-data.js.
 */
MUST_CHECK_ERR package_file_complete(struct arena *a, struct package_file *f);

/**
 * package_file_prepare - what a registry is told of the package: `readme`, `gitHead` and all.
 * @fixed: set when the file says something in a form that had to be repaired first
 *
 * The content is for the registry, not for the file. Errors: those of package_file_fix().
 * Source: @npmcli/package-json's fix and prepare.
 */
MUST_CHECK_ERR package_file_prepare(struct arena *a, struct package_file *f, bool *fixed);

/* The members in the order in which npm shows a new file: name first, then what it is, what it
 * holds, what it needs. */
void package_file_sort(struct arena *a, struct package_file *f);

/* Writes the file when more than the white space around it would change. Atomic. */
MUST_CHECK_ERR package_file_save(const struct package_file *f);
