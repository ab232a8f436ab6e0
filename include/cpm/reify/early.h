/* SPDX-License-Identifier: MIT
 * Tarballs that are fetched and unpacked while the resolver still works (speed.md 10.5.6). What it expects is put into
 * a folder of its own inside node_modules, as far as bytes and requests are free; when the plan is made, a package that
 * was right moves to its place by one rename, and what was not wanted goes away with the folder. A failure is nobody's
 * here: the package is then fetched again in its turn, and reported if it fails again. */
#pragma once
#include "cpm/registry/http.h"
#include "cpm/registry/source_registry.h"
#include "cpm/store/store.h"

struct early;
struct pool;

/* Everything is borrowed. */
struct early_opts {
	const struct cfg *cfg;
	struct http *http;
	struct store *store; /* NULL: nothing is begun, since what is not used could not be kept */
	int dirfd;	     /* the project's directory, which this run has locked */
	str path;	     /* its path, for messages */
	bool bin_links;
	bool owns_files; /* as in reify_opts */
	/* Threads, once there is something to unpack. */
	struct err *(*open_pool)(void *ctx, struct pool **out);
	void *ctx;
};

struct early *early_new(struct arena *a, const struct early_opts *opts);
/* Where expectations go; what is under way moves on whenever something is told there. */
struct tarball_port *early_port(struct early *e);
/* Waits for what workers have, and removes what was not used. Before the pool and the network end; NULL is fine. */
void early_free(struct early *e);
