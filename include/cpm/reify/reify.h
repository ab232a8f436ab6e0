/* SPDX-License-Identifier: MIT
 * Making node_modules what the ideal tree says: plan, fetch, unpack, link, commit (architecture.md
 * 2 and 6). The only module that writes node_modules. */
#pragma once
#include "cpm/config/cfg.h"
#include "cpm/registry/http.h"
#include "cpm/reify/state.h"
#include "cpm/registry/package_source.h"
#include "cpm/runtime/script_log.h"
#include "cpm/store/store.h"
#include "cpm/tree/diff.h"
#include "cpm/tree/lockfile.h"
#include "cpm/config/policy.h"
#include "cpm/tree/script_policy.h"

struct early;

struct reify_opts {
	const struct cfg *cfg;
	struct http *http;   /* NULL when offline */
	struct store *store; /* NULL: nothing is cached */
	struct source *source; /* what registries promise, for lockfiles that say too little; NULL: nobody asks */
	struct package_source *packages; /* for what no registry answers for */
	struct pool *pool;   /* NULL is fine when the diff is empty; nobody else's results may be
				under way in it */
	struct early *early; /* packages that were begun while the tree was resolved; NULL: none */
	int dirfd;           /* the project's directory */
	struct cfg_omit omit;
	bool bin_links;
	bool replace_all; /* ci: nothing that is on disk is kept; @actual is the tree of an empty
			     folder */
	bool is_partial;		/* the diff is restricted to what some members need */
	bool is_offline;
	bool save_hidden_lock;
	bool ignores_patch_failures; /* a package whose patch does not fit stays unpatched */
	const struct state *last; /* what the last run left, or NULL: spares ci to rebuild what is right */
	struct policy *exceptions;      /* sources that may be used whatever allow-* says; or NULL */
	const struct script_policy *policy;   /* whose install scripts may run */
	const struct script_env *script_env;  /* NULL: none runs */
	struct script_logs script_logs;	      /* where what they print is kept */
	/* Brings the Node.js, and node-gyp if some script @compiles, that confined scripts have no network to fetch by;
	 * NULL: whatever is here has to do. */
	struct err *(*fetch_tools)(void *ctx, bool compiles);
	void *tools_ctx;
	bool owns_files; /* scripts of the project may write to any package: no file is shared with the cache */
	struct lockfile_opts lock; /* layout of the hidden lockfile */
};

/* A package whose install scripts were not run, because nobody has reviewed them. */
struct blocked_scripts {
	struct node *node;
	struct install_scripts scripts;
};

struct reify_result {
	size_t added, removed, changed;
	size_t dropped; /* optional packages that could not be had */
	VEC(struct blocked_scripts) blocked;
	/* Packages that are certain to be as they were written; for the next run's state. */
	VEC(struct state_package) certain;
	/* What package-lock.json is to say, where the run is to save one and this came along; else null. */
	str lock_text;
};

/**
 * reify_apply - carries @diff out.
 *
 * Crash-safe (F1, F30): a journal in node_modules names what is being written before the first byte
 * is; what it names is rebuilt by the next run. Replaced and removed folders are moved aside first
 * and deleted last. On failure everything is undone: what was created goes, what was moved comes
 * back, and the error names package and URL. The same holds when a script fails (E_SCRIPT). Optional packages that fail are made inert and left
 * out. Emits EVENT_TOTAL, EVENT_PACKAGE_DONE, EVENT_BYTES. Errors: E_INTEGRITY, E_NOT_FOUND,
 * E_NOT_CACHED, E_BAD_ARCHIVE, E_NO_SPACE, any of http and fs.
 */
MUST_CHECK_ERR reify_apply(struct arena *a, struct tree *ideal, struct tree *actual,
			   const struct diff *diff, const struct reify_opts *opts,
			   struct reify_result *out);

/* Gives the package in @folder, below @dirfd, files of its own where they are shared with the shelf: what is written to
 * them from now on stays there. Errors: any of fs. */
MUST_CHECK_ERR reify_own_files(struct arena *a, int dirfd, str folder);

/**
 * reify_rebuild - runs the scripts of @nodes, which are installed, and links their commands anew.
 * @opts: cfg, dirfd, bin_links, policy and script_env count
 *
 * Here an optional package that fails is a failure like any other. Errors: E_SCRIPT, any of fs.
 */
MUST_CHECK_ERR reify_rebuild(struct arena *a, struct tree *installed, const node_vec *nodes,
			     const struct reify_opts *opts);

/* Packages that a killed run left half-written must not count as installed: in @actual, which
 * actual_load() made, they differ from whatever is wanted from then on, and so are written again.
 * Reads and keeps the journal. */
MUST_CHECK_ERR reify_recover(struct arena *a, int dirfd, struct tree *actual);
/* The same for a tree that an ideal tree starts from: what reify_recover() found is taken out, so
 * that it decides nothing. */
void reify_drop_damaged(struct arena *a, struct tree *start);

/* Writes package-lock.json atomically; unchanged bytes are not written again. */
MUST_CHECK_ERR commit_lockfile(struct arena *a, int dirfd, str text, bool *was_written);

/* One run at a time in a project (F9): waits for the other, with a message after a second. Released
 * when the process ends or by closing the descriptor. */
MUST_CHECK_ERR reify_lock_project(int dirfd, int *out_fd);
