/* SPDX-License-Identifier: MIT
 * Where packages come from, as the resolver sees it: announce names early, get packuments later. Implementations:
 * the registry over HTTP (source_registry.c), folders and tarballs, git, and tests' own tables. */
#pragma once
#include "cpm/registry/packument.h"

struct source {
	const struct source_ops *ops;
};

/* A version that was chosen and will most likely be installed. */
struct tarball_expectation {
	str name, version, url, integrity;
	const str *bins;	/* the files of its commands; lives as long as the source */
	size_t nbins;
	uint64_t unpacked_bytes; /* as the registry has it; 0: not said */
};

struct source_ops {
	/* Starts fetching, at most once per name and run; never blocks. */
	void (*announce)(struct source *s, str name);
	/* The packument if it has arrived: *out, or the error it ended with (owned by the source: returned again for the
	 * same name). Returns false while it is under way or was never announced. */
	bool (*try_get)(struct source *s, str name, const struct packument **out, const struct err **failure);
	/* Works the network until one more announced packument has arrived (or failed) and names it; false when nothing is
	 * under way. */
	bool (*wait_any)(struct source *s, str *name);
	/* Its tarball may start early. Never blocks; texts outlive the source. */
	void (*expect_tarball)(struct source *s, const struct tarball_expectation *x);
	/* Asks again past any cache, at most once per name and run; false when that was done, or cannot be. After true,
	 * @name is under way again; what was handed out before stays valid. NULL: never. */
	bool (*revalidate)(struct source *s, str name);
};

static inline void source_announce(struct source *s, str name)
{
	s->ops->announce(s, name);
}

static inline bool source_revalidate(struct source *s, str name)
{
	return s->ops->revalidate && s->ops->revalidate(s, name);
}

/* A failure as the caller's own. @spec: "a@^1", which the text then names in the place of the bare "a@*"; or null. */
MUST_CHECK_ERR source_failure_copy(const struct err *failure, str spec);

/* Blocks until @name has arrived. A failure is a copy the caller owns. */
MUST_CHECK_ERR source_get(struct source *s, str name, const struct packument **out);
