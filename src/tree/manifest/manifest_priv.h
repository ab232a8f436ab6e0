/* SPDX-License-Identifier: MIT
 * Steps of the normalisation that lockfile entries go through as well, though they never become JSON values. */
#pragma once
#include "cpm/tree/manifest.h"

/* Takes the pairs of a `bin` object; a null target stands for one that is no text. Reorders and rewrites @raw. */
void manifest_set_bins(struct arena *a, struct manifest *m, struct bin *raw, size_t count);
/* Takes `peerDependenciesMeta`; NULL is fine. */
void manifest_set_peer_meta(struct arena *a, struct manifest *m, struct json *meta);
/* Takes optional names out of `dependencies`. */
void manifest_dedupe_optional(struct manifest *m);
/* @path below a package: separators of all systems become '/', nothing climbs out; "" when nothing is left. */
str manifest_secure_path(struct arena *a, str path);
/* @license without what surrounds it: { type } becomes its type. NULL when the lockfile shows none. */
struct json *manifest_shown_license(const struct manifest *m);
/* The file at @path as text and as JSON: E_NO_ENTRY, or E_JSON_PARSE with npm's words. Limit 16 MiB. */
MUST_CHECK_ERR manifest_read_json(struct arena *a, int dirfd, const char *path, str *text, struct json **json);
