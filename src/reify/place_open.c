/* SPDX-License-Identifier: MIT
 * A package's folder, made and opened for writing into. Ways to it are walked by the kernel below
 * the project's own handle and never through a link (T37). Nine of ten packages lie right in one
 * folder: its handle is kept at hand, since walking there and back costs as much as two or three
 * files. */
#include "reify_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/vec.h"

#include <errno.h>

void place_begin(struct run *r, const char *folder)
{
	r->near.fd = fs_open_beneath(r->dirfd, folder, O_PATH | O_DIRECTORY, 0);
	r->near.folder = r->near.fd < 0 ? STR_NULL : str_view(folder);
}

void place_end(struct run *r)
{
	if (!str_is_null(r->near.folder))
		close(r->near.fd);
	r->near.folder = STR_NULL;
}

int place_parent(const struct run *r, const char *path, const char **name, int *own)
{
	const char *slash = strrchr(path, '/');

	*own = -1;
	if (slash && str_eq(str_of(path, (size_t)(slash - path)), r->near.folder)) {
		*name = slash + 1;
		return r->near.fd;
	}
	*own = fs_parent_beneath(r->dirfd, path, name);
	return *own;
}

/* Leftovers of a killed run or of somebody else, as npm does: all but what is installed inside. */
static struct err *empty_package(int dirfd)
{
	ARENA_SCOPE(tmp);
	VEC(const char *) names = { 0 };
	AUTO_DIR it = { 0 };

	TRY(dir_open(dirfd, ".", &it));
	while (dir_next(&it))
		if (strcmp(it.name, "node_modules") != 0)
			VEC_PUSH(tmp, &names, str_cstr(tmp, str_view(it.name)));
	VEC_EACH (const char *, name, &names)
		TRY(fs_remove_tree(dirfd, *name));
	return NULL;
}

/* True when it is new; false with errno when it is not, EEXIST when something is there. */
static bool make(const struct run *r, const char *path)
{
	AUTO_FD own = -1;
	const char *name;
	int parent = place_parent(r, path, &name, &own);

	if (parent >= 0 && mkdirat(parent, name, 0777) == 0)
		return true;
	/* Once more: a folder on the way, still empty, may just have made room for a package that was
	 * begun early and is moved there (early.c). */
	for (int i = 0; i < 2 && errno == ENOENT; i++)
		if (fs_mkdirs_beneath(r->dirfd, path) == 0)
			errno = EEXIST; /* perhaps somebody else was faster */
	return false;
}

static int open_made(const struct run *r, const char *path)
{
	AUTO_FD own = -1;
	const char *name;
	int parent = place_parent(r, path, &name, &own);

	return parent < 0 ? -1
			  : openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* What is no folder makes room for one. */
static struct err *clear_place(const struct run *r, const char *path)
{
	AUTO_FD own = -1;
	const char *name;
	int parent = place_parent(r, path, &name, &own);

	if (parent < 0 || (unlinkat(parent, name, 0) < 0 && errno != ENOENT) ||
	    mkdirat(parent, name, 0777) < 0)
		return err_sys(errno, "mkdir", str_view(path));
	return NULL;
}

struct err *place_open(const struct run *r, const char *path, int *out)
{
	bool is_new = make(r, path);

	if (!is_new && errno != EEXIST)
		return err_sys(errno, "mkdir", str_view(path));
	*out = open_made(r, path);
	if (*out < 0 && (errno == ENOTDIR || errno == ELOOP)) {
		TRY(clear_place(r, path));
		*out = open_made(r, path);
	}
	if (*out < 0)
		return err_sys(errno, "open", str_view(path));
	return is_new ? NULL : empty_package(*out);
}
