/* SPDX-License-Identifier: MIT
 * The addresses of packuments and tarballs, and what a lockfile's `resolved` means under this configuration. */
#pragma once
#include "cpm/config/cfg.h"

/* The packument's URL: registry of the scope + escaped name. Null when @name cannot be part of a URL (T15). */
str registry_packument_url(struct arena *a, const struct cfg *cfg, str name);

/* A service of the name's registry: its address, @before, the escaped name, @after. Null as above. */
str registry_service_url(struct arena *a, const struct cfg *cfg, str name, const char *before, const char *after);

/**
 * registry_fetch_url - where to fetch what a lockfile says is at @resolved.
 *
 * The default registry's host stands for "the configured registry"; `replace-registry-host` chooses which hosts do.
 * Gives @resolved itself where nothing is replaced, and null when it is no http or https URL.
 * Source: npm-tree.md 10.6.
 */
str registry_fetch_url(struct arena *a, const struct cfg *cfg, str resolved);

/* True when @url is where @name's own registry keeps the tarball of @version: same origin, npm's path (T22). @url as
 * registry_fetch_url() gives it. */
bool registry_owns_tarball(const struct cfg *cfg, str name, str version, str url);
