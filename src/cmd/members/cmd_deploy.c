/* SPDX-License-Identifier: MIT
 * deploy: a member of a monorepo as a folder that runs without the rest of it, for containers and
 * servers. It changes only when the member or something it needs does, and so do the layers that
 * are made of it. */
#include "deploy_folder.h"
#include "project_tree.h"

#include "cpm/base/path.h"
#include "cpm/runtime/whole_folder.h"
#include "cpm/tree/lockfile.h"
#include "cpm/tree/map_workspaces.h"

#include <errno.h>
#include <sys/file.h>

#define LOCK_MAX_BYTES ((size_t)256 << 20)
#define ABANDONED_SEC  60 /* what nobody has locked by then is nobody's */

struct target {
	str path;      /* absolute */
	bool is_there; /* and has to make room */
};

/* ---- the member ---- */

static const struct workspace *find_member(struct cmd_ctx *ctx, const struct tree *t, str asked)
{
	struct arena *a = ctx->arena;

	VEC_EACH (const struct workspace, w, &t->workspaces)
		if (str_eq(w->name, asked) ||
		    str_eq(w->path, path_resolve(a, cfg_cwd(ctx->cfg), asked)) ||
		    str_eq(w->path, path_resolve(a, t->path, asked)))
			return w;
	return NULL;
}

static struct err *choose_member(struct cmd_ctx *ctx, str asked, const struct workspace **out)
{
	struct tree *t;
	str dir;

	TRY(fs_real_path(ctx->arena, str_cstr(ctx->arena, cfg_local_prefix(ctx->cfg)), &dir));
	t = tree_new(ctx->arena, dir);
	TRY(map_workspaces(ctx->arena, dir, ctx->manifest, t));
	*out = find_member(ctx, t, asked);
	return *out ? NULL
		    : err_new(E_GENERIC,
			      "there is no workspace '" STR_FMT
			      "' in this project: 'cpm workspaces ls' lists them",
			      STR_ARG(asked));
}

/* ---- the target ---- */

static struct err *is_occupied(const char *path, bool *out)
{
	AUTO_DIR it = { 0 };

	TRY(dir_open(AT_FDCWD, path, &it));
	*out = dir_next(&it);
	struct err *e = it.err;
	it.err = NULL;
	return e;
}

/* By its real name, so that a link to the project is seen to be one; a folder above it that is
 * still to be made has no other name. */
static struct target find_target(struct cmd_ctx *ctx, str asked)
{
	struct arena *a = ctx->arena;
	str path = path_resolve(a, cfg_cwd(ctx->cfg), asked), parent;
	struct err *e = fs_real_path(a, str_cstr(a, path_dirname(path)), &parent);

	if (!e)
		path = path_join(a, parent, path_basename(path));
	err_ignore(e);
	return (struct target){ .path = path };
}

static struct err *check_target(struct cmd_ctx *ctx, const struct workspace *member, str root,
				struct target *t)
{
	const char *path = str_cstr(ctx->arena, t->path);
	struct stat st;
	bool has_files;

	if (path_is_under(root, t->path) || path_is_under(t->path, member->path))
		return err_new(E_GENERIC,
			       "cannot deploy to '" STR_FMT
			       "': choose a folder that neither holds the "
			       "project nor lies in the workspace",
			       STR_ARG(t->path));
	t->is_there = fs_lstat(AT_FDCWD, path, &st);
	if (!t->is_there)
		return NULL;
	if (!S_ISDIR(st.st_mode))
		return err_exists(t->path);
	TRY(is_occupied(path, &has_files));
	if (has_files && !cfg_bool(ctx->cfg, CFG_FORCE))
		return err_new(E_EXISTS,
			       "'" STR_FMT "' is not empty: --force replaces all that is in it",
			       STR_ARG(t->path));
	return NULL;
}

/* The new folder is whole before the old one goes. */
static struct err *move_in(struct cmd_ctx *ctx, str outer, str dir, const struct target *t)
{
	struct arena *a = ctx->arena;
	const char *to = str_cstr(a, t->path), *from = str_cstr(a, dir);
	const char *aside = str_cstr(a, path_join(a, outer, S("old")));

	if (chmod(from, 0777 & ~fs_umask()) < 0)
		return err_sys(errno, "chmod", dir);
	if (t->is_there)
		TRY(fs_rename(AT_FDCWD, to, AT_FDCWD, aside));
	struct err *e = fs_rename(AT_FDCWD, from, AT_FDCWD, to);
	if (e && t->is_there)
		err_ignore(fs_rename(AT_FDCWD, aside, AT_FDCWD, to));
	return e;
}

/* ---- all of it ---- */

static struct err *read_lock(struct cmd_ctx *ctx, const struct workspace *member,
			     struct deployment *d)
{
	struct arena *a = ctx->arena;
	struct tree *t;
	struct json *doc;
	str dir, text;

	TRY(fs_real_path(a, str_cstr(a, cfg_local_prefix(ctx->cfg)), &dir));
	TRY(lockfile_load(a, ctx->dirfd, dir, ctx->manifest,
			  cfg_bool(ctx->cfg, CFG_LEGACY_PEER_DEPS), &t));
	if (!t)
		return project_tree_no_lock(ctx);
	d->member = tree_at(t, path_relative(a, dir, member->path));
	TRY(fs_read_all(a, ctx->dirfd, "package-lock.json", LOCK_MAX_BYTES, &text));
	TRY(json_parse(a, text, &doc));
	d->packages = json_get(doc, "packages");
	if (!d->member || !json_is(d->packages, JSON_OBJECT))
		return err_new(E_GENERIC,
			       "package-lock.json does not have the workspace '" STR_FMT
			       "': run 'cpm install' first",
			       STR_ARG(member->name));
	return lock_extract_member(a, d->member, &d->extract);
}

static void report(const struct deployment *d, str path)
{
	struct cmd_ctx *ctx = d->ctx;
	struct arena *a = ctx->arena;
	struct json *doc = json_new(a, JSON_OBJECT);
	size_t nmembers = d->tarballs.count, npackages = d->extract.items.len - 1;
	const struct manifest *m = d->member->manifest;

	json_set_text(a, doc, "name", json_get_text(d->manifest.content, "name"));
	if (!str_is_null(m->version))
		json_set_text(a, doc, "version", m->version);
	json_set_text(a, doc, "path", path);
	json_set(a, doc, S("packages"), json_new_number(a, (double)npackages));
	json_set(a, doc, S("workspaces"), json_new_number(a, (double)nmembers));
	out_json(ctx->out, doc);
	if (!ctx->out->is_json)
		out_line(ctx->out,
			 "deployed " STR_FMT " to " STR_FMT
			 ": %zu package%s, of which %zu from this "
			 "project",
			 STR_ARG(json_get_text(d->manifest.content, "name")), STR_ARG(path),
			 npackages, npackages == 1 ? "" : "s", nmembers);
}

/* In a folder of @outer, which an install locks; its own lock says that somebody is at work here. */
static struct err *make_in(struct deployment *d, str outer, const struct target *t)
{
	struct arena *a = d->ctx->arena;
	AUTO_FD lock = -1;

	TRY(fs_open_dir(AT_FDCWD, str_cstr(a, outer), &lock));
	if (flock(lock, LOCK_EX) < 0)
		return err_sys(errno, "flock", outer);
	d->dir = path_join(a, outer, S("new"));
	TRY(fs_mkdir(AT_FDCWD, str_cstr(a, d->dir)));
	TRY(deploy_fill(d));
	return move_in(d->ctx, outer, d->dir, t);
}

static struct err *make(struct deployment *d, const struct target *t)
{
	struct arena *a = d->ctx->arena;
	str outer;
	struct err *e;

	TRY(whole_folder_begin(a, path_dirname(t->path), &outer));
	e = make_in(d, outer, t);
	err_ignore(fs_remove_tree(AT_FDCWD, str_cstr(a, outer)));
	if (!e)
		whole_folder_sweep(path_dirname(t->path), ABANDONED_SEC);
	return e;
}

static struct err *deploy_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct deployment d = { .ctx = ctx };
	const struct workspace *member;
	struct target target;
	str root;

	(void)exit_status;
	if (nargs != 2 || !args[0].len || !args[1].len)
		return cmd_usage_error(
			ctx, "Name a workspace and a folder, as in: cpm deploy web build/web");
	TRY(cmd_ctx_open_project(ctx));
	TRY(fs_real_path(ctx->arena, str_cstr(ctx->arena, cfg_local_prefix(ctx->cfg)), &root));
	TRY(choose_member(ctx, args[0], &member));
	target = find_target(ctx, args[1]);
	TRY(check_target(ctx, member, root, &target));
	d.root = ctx->manifest;
	TRY(read_lock(ctx, member, &d));
	TRY(make(&d, &target));
	report(&d, target.path);
	return NULL;
}

const struct cmd cmd_deploy = {
	.name = "deploy",
	.summary = "Copy a workspace with all it needs into a folder",
	.synopsis = (const char *const[]){ "<workspace> <folder>", NULL },
	.keys = (const enum cfg_key[]){ CFG_FORCE, CFG_OMIT, CFG_INCLUDE, CFG_OFFLINE,
					CFG_PREFER_OFFLINE, CFG_JSON, CFG_END },
	.needs = CMD_OWN,
	.doc = "deploy",
	.run = deploy_run,
};
