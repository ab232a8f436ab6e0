/* SPDX-License-Identifier: MIT
 * A project in a temporary folder, two trees beside it, and tarballs that lie in files: all that
 * reify_apply() needs, so that its tests run without a network and without a cache. */
#pragma once
#include <stdio.h>

#include "../store/tar_build.h"
#include "check.h"
#include "cpm/base/fs.h"
#include "cpm/base/pool.h"
#include "cpm/reify/reify.h"
#include "cpm/store/archive.h"

struct world {
	struct arena *arena;
	char path[64];
	int dirfd;
	struct pool *pool;
	struct cfg *cfg;
	struct tree *actual, *ideal;
	struct diff_opts diff_opts;
	struct reify_opts opts;
	struct reify_result result;
};

static inline struct tree *world_tree(struct world *w)
{
	struct tree *t = tree_new(w->arena, str_view(w->path));
	struct manifest *m = ARENA_NEW(w->arena, struct manifest);

	m->name = S("project");
	m->version = S("1.0.0");
	node_set_root(t, node_new(w->arena, S("project"), m));
	return t;
}

/* Tarballs on disk and folders; nothing here has a network. */
static inline struct package_source *world_packages(struct world *w)
{
	const struct package_source_opts opts = { .cfg = w->cfg,
						  .archives = archive_port_new(w->arena, NULL) };

	return package_source_new(w->arena, &opts);
}

static inline struct world *world_open(struct arena *a)
{
	static const char *const argv[] = { NULL };
	static char home[96];
	static const char *environ_[] = { home, NULL };
	struct world *w = ARENA_NEW(a, struct world);
	struct cfg_input in = { .argv = argv, .environ = environ_ };

	w->arena = a;
	snprintf(w->path, sizeof(w->path), "/tmp/cpm-reify-XXXXXX");
	CHECK(mkdtemp(w->path) != NULL, "mkdtemp");
	snprintf(home, sizeof(home), "HOME=%s", w->path);
	CHECK_OK(fs_open_dir(AT_FDCWD, w->path, &w->dirfd));
	CHECK_OK(fs_write_replace(w->dirfd, "package.json", S("{}"), 0644));
	CHECK_OK(fs_mkdir(w->dirfd, "tarballs"));
	in.cwd = in.exec_prefix = str_view(w->path);
	CHECK_OK(cfg_load(a, &in, &w->cfg));
	CHECK_OK(pool_new(2, &w->pool));
	w->actual = world_tree(w);
	w->ideal = world_tree(w);
	w->opts = (struct reify_opts){ .cfg = w->cfg,
				       .packages = world_packages(w),
				       .pool = w->pool,
				       .dirfd = w->dirfd,
				       .bin_links = true,
				       .is_offline = true,
				       .save_hidden_lock = true };
	w->diff_opts.bin_links = true;
	return w;
}

static inline void world_close(struct world *w)
{
	pool_free(w->pool);
	close(w->dirfd);
	CHECK_OK(fs_remove_tree(AT_FDCWD, w->path));
}

static inline bool world_has(struct world *w, const char *path)
{
	struct stat st;

	return fs_lstat(w->dirfd, path, &st);
}

static inline str world_read(struct world *w, const char *path)
{
	str text;
	struct err *err = fs_read_all(w->arena, w->dirfd, path, 1 << 20, &text);

	if (!err)
		return text;
	err_free(err);
	return STR_NULL;
}

static inline str world_link(struct world *w, const char *path)
{
	str text;
	struct err *err = fs_read_link(w->arena, w->dirfd, path, &text);

	if (!err)
		return text;
	err_free(err);
	return STR_NULL;
}

/* Writes tarballs/<name>-<version>.tar with a package.json, an index.js saying "<name> <version>",
 * and @more files as name, text, name, text, NULL. Returns its `resolved`. */
static inline str world_tarball(struct world *w, str name, str version, const char *const *more)
{
	struct str_buf t = str_buf(w->arena, 1 << 20);
	str file = str_printf(w->arena, "tarballs/" STR_FMT "-" STR_FMT ".tar",
			      STR_ARG(str_replace_all(w->arena, name, S("/"), S("+"))),
			      STR_ARG(version));
	bool has_manifest = false;

	for (size_t i = 0; more && more[i]; i += 2) {
		tar_add_file(&t, more[i], str_view(more[i + 1]));
		has_manifest |= strcmp(more[i], "package/package.json") == 0;
	}
	if (!has_manifest)
		tar_add_file(&t, "package/package.json",
			     str_printf(w->arena,
					"{\"name\":\"" STR_FMT "\",\"version\":\"" STR_FMT "\"}",
					STR_ARG(name), STR_ARG(version)));
	tar_add_file(&t, "package/index.js",
		     str_printf(w->arena, STR_FMT " " STR_FMT, STR_ARG(name), STR_ARG(version)));
	tar_end(&t);
	CHECK_OK(fs_write_replace(w->dirfd, str_cstr(w->arena, file), buf_view(&t), 0644));
	return str_concat(w->arena, S("file:"), file);
}

/* A package of the tree @parent is in, without a tarball. */
static inline struct node *world_node(struct world *w, struct node *parent, str name, str version)
{
	struct manifest *m = ARENA_NEW(w->arena, struct manifest);
	struct node *n;

	m->name = name;
	m->version = version;
	n = node_new(w->arena, name, m);
	n->extraneous = n->dev = n->optional = n->dev_optional = n->peer = false;
	n->resolved = str_printf(w->arena, "file:tarballs/" STR_FMT "-" STR_FMT ".tar",
				 STR_ARG(str_replace_all(w->arena, name, S("/"), S("+"))),
				 STR_ARG(version));
	node_set_parent(n, parent);
	return n;
}

/* The same with its tarball. */
static inline struct node *world_package(struct world *w, struct node *parent, str name,
					 str version, const char *const *more)
{
	world_tarball(w, name, version, more);
	return world_node(w, parent, name, version);
}

static inline void world_bin(struct world *w, struct node *n, str name, str target)
{
	struct bin *bins = ARENA_ARRAY(w->arena, struct bin, n->manifest->nbins + 1);

	if (n->manifest->nbins)
		memcpy(bins, n->manifest->bins, n->manifest->nbins * sizeof(*bins));
	bins[n->manifest->nbins++] = (struct bin){ name, target };
	n->manifest->bins = bins;
}

static inline struct err *world_apply(struct world *w)
{
	struct diff *d = diff_trees(w->arena, w->actual, w->ideal, &w->diff_opts);

	return reify_apply(w->arena, w->ideal, w->actual, d, &w->opts, &w->result);
}

/* What is in node_modules becomes the actual tree, and the ideal tree starts anew. */
static inline void world_next(struct world *w)
{
	w->actual = w->ideal;
	w->ideal = world_tree(w);
}

/* Nothing of ours is left in node_modules. */
static inline bool world_is_tidy(struct world *w)
{
	AUTO_DIR it = { 0 };

	CHECK_OK(dir_open(w->dirfd, "node_modules", &it));
	while (dir_next(&it))
		if (strncmp(it.name, ".cpm", 4) == 0 && strcmp(it.name, ".cpm-state") != 0)
			return false;
	return true;
}
