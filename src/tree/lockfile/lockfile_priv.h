/* SPDX-License-Identifier: MIT
 * What reading and writing lockfiles share. */
#pragma once
#include "cpm/tree/lockfile.h"

#define LOCKFILE_DEFAULT_VERSION 3
#define LOCKFILE_MAX_VERSION	 4
#define LOCKFILE_REPAIRS_VERSION 4 /* what patches and packageExtensions ask for */
#define LOCKFILE_MAX_INDENT	 10	/* JSON.stringify cuts longer ones */

/* ---- lockfile_sort.c: the order of json-stringify-nice (npm-tree.md 10.3) ---- */

/* Order of two keys whose values are of the same group; integer-like keys are in front. */
int lockfile_compare_keys(str a, str b);
/* Where in a sorted sequence the i-th of @keys goes: order[0] is the index of the first. Equal keys keep their order. */
size_t *lockfile_order_keys(struct arena *a, const str *keys, size_t count);

/* ---- lockfile_keys.c: which places a lockfile may name (T21) ---- */

/* "node_modules/x", "packages/a", "../b/node_modules/@s/y"; the key of the root is "". NULL, or what is wrong. */
const char *lockfile_key_fault(str key);
/* The name of the package folder that @key ends in: "@s/y" of ".../node_modules/@s/y", "a" of "packages/a". */
str lockfile_key_name(str key);
/* @key ends in node_modules/<name>; *parent is what comes before ("" for the root). */
bool lockfile_key_parent(str key, str *parent);

/* name-from-folder: the last component of @path, with the one before it when that is a scope. */
str lockfile_folder_name(str path);

/* ---- lockfile_write.c ---- */

/* The lockfileVersion that would be written. */
int lockfile_version_for(const struct tree *t, const struct lockfile_opts *opts);

/* ---- lockfile_conflict.c ---- */

/* Git's conflict markers are in @text. */
bool lockfile_is_conflicted(str text);
/* The document with "ours" replayed on "theirs", as JSON text. */
MUST_CHECK_ERR lockfile_resolve_conflict(struct arena *a, str text, str *out);
