/* SPDX-License-Identifier: MIT
 * The registry as a source: full packuments over HTTP, one request per name and run, kept in the cache through a
 * port so that this module never sees the database. */
#pragma once
#include "cpm/base/ports.h"
#include "cpm/registry/http.h"
#include "cpm/registry/source.h"

/* @cache may be NULL. Freshness: offline, prefer-offline, prefer-online and max-age as npm-cli.md 3.6; a version that
 * is not found is looked up once more on the network before it is called missing. */
MUST_CHECK_ERR source_registry_new(struct arena *a, const struct cfg *cfg, struct http *http, struct kv_port *cache, struct source **out);
/* Under which name the packument of @name is kept in the cache; null when that is no name of a package. */
str source_registry_cache_key(struct arena *a, const struct cfg *cfg, str name);
/* Calls @visit for every name that was asked for and is not under way. @packument: NULL when it could not be had, or was
 * let go. */
typedef void (*source_registry_fn)(void *ctx, str name, const struct packument *packument);
void source_registry_each(struct source *s, source_registry_fn visit, void *ctx);
/* Lets the packuments go, of which nothing may be used any more; whoever asks for one again gets it from the cache. Does
 * nothing while some are under way, or without a cache. */
void source_registry_forget(struct source *s);
/* The end of it; NULL is fine. */
void source_registry_close(struct source *s);
/* Where expectations of tarballs go: reify listens, so that downloads start before the tree is finished. */
struct tarball_port {
	void (*expect)(struct tarball_port *port, const struct tarball_expectation *x);
	/* Called now and then while packuments are waited for: what is under way may move on. */
	void (*work)(struct tarball_port *port);
};
void source_registry_listen(struct source *s, struct tarball_port *port);
