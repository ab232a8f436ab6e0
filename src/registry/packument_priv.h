/* SPDX-License-Identifier: MIT
 * Ceilings of a packument (threats.md 1), shared by everything that reads one; and where in the cache the manifest of a
 * version stands. */
#pragma once
#include "cpm/registry/packument.h"

#define PACKUMENT_MAX_BYTES    ((uint64_t)256 << 20)
#define PACKUMENT_VERSIONS_MAX ((size_t)200 * 1000)

/* As packument_scan(); the manifests go to @room, of PACKUMENT_ROOM() bytes. What is kept is never longer than what it was
 * cut from, but for one byte: a manifest without members, "{}", in the place of a shorter one. */
MUST_CHECK_ERR packument_scan_to(struct arena *a, str name, str body, char *room, struct packument **out);
#define PACKUMENT_ROOM(body) ((body).len + 1)

/* Where a version's manifest is, among the manifests of a packument that was thawed from a head. */
void packument_manifest_span(const struct packument *p, const struct packument_version *v, size_t *at, size_t *len);
/* @text, borrowed, becomes the version's manifest, if it is what was frozen as that. */
bool packument_take_manifest(const struct packument *p, const struct packument_version *v, str text);
/* However long a registry says its answer is good for (T42). */
#define PACKUMENT_FRESH_MAX_SEC 300
