/* SPDX-License-Identifier: MIT
 * Scripts that are allowed after a package was installed (approve, then rebuild) meet files that
 * may be hard links to the shelf, and what they write would be in every project that has the
 * package. So the package gets files of its own first; and so do all packages when the project
 * itself has got a script that may write to them (ADR 8).
 */
#include "reify_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"

#define FILE_MAX_BYTES ((size_t)4 << 30)

typedef VEC(str) path_vec;

static struct err *unshare_file(int dirfd, str path)
{
	ARENA_SCOPE(tmp);
	const char *file = str_cstr(tmp, path);
	struct stat st;
	str bytes;

	if (!fs_lstat(dirfd, file, &st) || !S_ISREG(st.st_mode) || st.st_nlink < 2)
		return NULL;
	TRY(fs_read_all(tmp, dirfd, file, FILE_MAX_BYTES, &bytes));
	return fs_write_replace(dirfd, file, bytes, st.st_mode & 07777);
}

/* Packages that lie inside are looked at for their own scripts' sake. */
static struct err *unshare_folder(struct arena *a, int dirfd, str folder, path_vec *folders)
{
	AUTO_DIR it = { 0 };

	TRY(dir_open(dirfd, str_cstr(a, folder), &it));
	while (dir_next(&it)) {
		str name = str_view(it.name), path = path_join(a, folder, name);

		if (it.type == DT_REG)
			TRY(unshare_file(dirfd, path));
		else if (it.type == DT_DIR && !str_eq(name, S("node_modules")))
			VEC_PUSH(a, folders, path);
	}
	struct err *e = it.err;
	it.err = NULL;
	return e;
}

struct err *reify_own_files(struct arena *a, int dirfd, str folder)
{
	path_vec folders = { 0 };

	VEC_PUSH(a, &folders, folder);
	while (folders.len > 0)
		TRY(unshare_folder(a, dirfd, VEC_POP(&folders), &folders));
	return NULL;
}

struct err *unshare_package(struct run *r, const struct node *n)
{
	return reify_own_files(r->arena, r->dirfd, n->location);
}

/* Its package.json tells: a package is linked as a whole, or not at all. */
static bool is_shared(struct run *r, const struct node *n)
{
	struct stat st;

	return fs_lstat(r->dirfd,
			run_path(r, str_concat(r->arena, n->location, S("/package.json"))), &st) &&
	       S_ISREG(st.st_mode) && st.st_nlink > 1;
}

struct err *unshare_unchanged(struct run *r)
{
	for (size_t i = 0; r->opts->owns_files && i < r->diff->unchanged.len; i++) {
		const struct node *n = r->diff->unchanged.items[i];

		if (!n->is_link && n->parent && is_shared(r, n))
			TRY(unshare_package(r, n));
	}
	return NULL;
}
