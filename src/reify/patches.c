/* SPDX-License-Identifier: MIT
 * Patches of the project onto packages that were just unpacked. A file is never written into, but
 * replaced: it may be a hard link to the shelf, from where other projects have it. */
#include "reify_priv.h"

#include "cpm/base/digest.h"
#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/base/unified_diff.h"

#include <errno.h>

#define FILE_MAX_BYTES ((size_t)256 << 20)

#define MAKE(code, ...)          err_show_as(err_new(E_PATCH, __VA_ARGS__), S(code))
#define FAIL(code, ...)          return MAKE(code, __VA_ARGS__)
#define FAIL_AT(path, code, ...) return err_about(MAKE(code, __VA_ARGS__), path)

/* ---- one file ---- */

struct target {
	struct run *run;
	int dirfd; /* the package */
	const struct file_diff *diff;
	str file; /* in the package */
};

static struct err *read_old(const struct target *t, str *text, mode_t *mode)
{
	const char *path = run_path(t->run, t->file);
	AUTO_FD fd = fs_open_beneath(t->dirfd, path, O_RDONLY | O_NONBLOCK, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		FAIL("EPATCHFAILED", "patch target%s is missing: " STR_FMT,
		     str_is_null(t->diff->new_name) ? " to delete" : "", STR_ARG(t->file));
	*mode = st.st_mode & 07777;
	return fs_read_all(t->run->arena, t->dirfd, path, FILE_MAX_BYTES, text);
}

static struct err *write_new(const struct target *t, str text, mode_t mode)
{
	const char *path = run_path(t->run, t->file);
	str folder = path_dirname(t->file);
	const char *beside = run_path(t->run, str_concat(t->run->arena, t->file, S(".cpm-tmp")));
	AUTO_FD fd = -1;

	if (folder.len && !str_eq(folder, S(".")) &&
	    fs_mkdirs_beneath(t->dirfd, run_path(t->run, folder)) < 0)
		return err_sys(errno, "mkdir", folder);
	unlinkat(t->dirfd, beside, 0);
	fd = fs_open_beneath(t->dirfd, beside, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (fd < 0)
		return err_sys(errno, "open", t->file);
	TRY(fs_write_all(fd, text, path));
	if (fchmod(fd, mode) < 0 || renameat(t->dirfd, beside, t->dirfd, path) < 0)
		return err_sys(errno, "rename", t->file);
	return NULL;
}

static struct err *patch_file(const struct target *t)
{
	bool is_new = str_is_null(t->diff->old_name), is_gone = str_is_null(t->diff->new_name);
	mode_t mode = 0666 & ~fs_umask();
	str text = S(""), patched;

	if (is_new && fs_exists(t->dirfd, run_path(t->run, t->file)))
		FAIL("EPATCHFAILED", "patch adds a file that already exists: " STR_FMT,
		     STR_ARG(t->file));
	if (!is_new)
		TRY(read_old(t, &text, &mode));
	if (!unified_diff_apply(t->run->arena, t->diff, text, &patched))
		FAIL("EPATCHFAILED", "patch could not be applied to " STR_FMT, STR_ARG(t->file));
	return is_gone ? fs_unlink(t->dirfd, run_path(t->run, t->file))
		       : write_new(t, patched, mode);
}

/* ---- one package ---- */

static struct err *patch_package(struct run *r, const struct unit *u, str patch)
{
	AUTO_FD dirfd = fs_open_beneath(r->dirfd, u->path, O_RDONLY | O_DIRECTORY, 0);
	file_diff_vec diffs;
	struct err *e;

	if (dirfd < 0)
		return err_sys(errno, "open", str_view(u->path));
	e = unified_diff_parse(r->arena, patch, &diffs);
	if (e) {
		str why = err_text(r->arena, e);

		err_free(e);
		FAIL("EPATCHFAILED", "failed to apply patch: " STR_FMT, STR_ARG(why));
	}
	VEC_EACH (const struct file_diff, d, &diffs) {
		str name = str_is_null(d->new_name) ? d->old_name : d->new_name;
		struct target t = { r, dirfd, d, path_clean(r->arena, name) };

		if (!path_is_inside(t.file))
			FAIL("EPATCHUNSAFE", "patch path escapes the package directory: " STR_FMT,
			     STR_ARG(name));
		TRY(patch_file(&t));
	}
	return NULL;
}

/* The patch as the ideal tree has seen it. */
static struct err *read_patch(struct run *r, const struct node *n, str *out)
{
	str path = path_clean(r->arena, json_get_text(n->patched, "path"));
	str recorded = json_get_text(n->patched, "integrity");
	struct digest digest;
	struct err *e;

	if (!path_is_inside(path))
		FAIL_AT(path, "EPATCHUNSAFE", "patch path escapes the project: " STR_FMT,
			STR_ARG(path));
	e = fs_read_all(r->arena, r->dirfd, run_path(r, path), FILE_MAX_BYTES, out);
	if (e) {
		err_free(e);
		FAIL_AT(path, "EPATCHNOTFOUND", "patch file not found: " STR_FMT, STR_ARG(path));
	}
	digest_of(DIGEST_SHA512, *out, &digest);
	if (!str_eq(integrity_format(r->arena, &digest), recorded))
		FAIL_AT(path, "EPATCHINTEGRITY",
			"patch file " STR_FMT " does not match the recorded integrity",
			STR_ARG(path));
	return NULL;
}

static struct err *forgive(struct run *r, struct node *n, struct err *e)
{
	str path = json_get_text(n->patched, "path"), why = err_text(r->arena, e);

	if (!err_is(e, E_PATCH) || !r->opts->ignores_patch_failures || r->ideal->is_isolated)
		return e;
	log_warn("patch", "failed to apply " STR_FMT " to " STR_FMT ": " STR_FMT, STR_ARG(path),
		 STR_ARG(n->name), STR_ARG(why));
	log_warn("patch",
		 STR_FMT
		 " was installed unpatched; package.json still declares this patch, so the "
		 "lockfile is out of sync and `npm ci` will fail until the patch is fixed or "
		 "its patchedDependencies entry is removed",
		 STR_ARG(n->name));
	err_free(e);
	n->patched = NULL;
	return NULL;
}

struct err *patches_apply(struct run *r)
{
	VEC_EACH (struct unit *, u, &r->units) {
		struct node *n = (*u)->node;
		struct err *e;
		str patch;

		if (!n->patched || n->is_link || !(*u)->is_done || (*u)->is_dropped)
			continue;
		TRY(read_patch(r, n, &patch));
		e = patch_package(r, *u, patch);
		if (e)
			TRY(forgive(r, n, e));
	}
	return NULL;
}
