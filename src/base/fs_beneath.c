/* SPDX-License-Identifier: MIT
 * openat2() does the whole walk in the kernel, at the price of a plain openat(). Where it is
 * missing (old kernels, some sandboxes) the last component is still guarded by O_NOFOLLOW. */
#include "cpm/base/fs_beneath.h"

#include <errno.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PATH_BYTES 4096

int fs_open_beneath(int dirfd, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOFOLLOW),
		.mode = flags & O_CREAT ? mode & 07777 : 0,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	do
		fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return fd;
	do
		fd = openat(dirfd, path, flags | O_CLOEXEC | O_NOFOLLOW, mode);
	while (fd < 0 && errno == EINTR);
	return fd;
}

int fs_parent_beneath(int dirfd, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_BYTES];

	*name = slash ? slash + 1 : path;
	if (!slash)
		return fs_open_beneath(dirfd, ".", O_PATH | O_DIRECTORY, 0);
	if ((size_t)(slash - path) >= sizeof(parent)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(parent, path, (size_t)(slash - path));
	parent[slash - path] = '\0';
	return fs_open_beneath(dirfd, parent, O_PATH | O_DIRECTORY, 0);
}

int fs_mkdir_beneath(int dirfd, const char *path, mode_t mode)
{
	const char *name;
	int parent, result, saved;

	if (!strchr(path, '/'))
		return mkdirat(dirfd, path, mode);
	parent = fs_parent_beneath(dirfd, path, &name);
	if (parent < 0)
		return -1;
	result = mkdirat(parent, name, mode);
	saved = errno;
	close(parent);
	errno = saved;
	return result;
}

/* Makes one directory; there already is fine, as long as it is one. */
static int ensure_dir(int dirfd, const char *path)
{
	int fd;

	if (fs_mkdir_beneath(dirfd, path, 0777) == 0)
		return 0;
	if (errno != EEXIST)
		return -1;
	fd = fs_open_beneath(dirfd, path, O_PATH | O_DIRECTORY, 0);
	if (fd < 0) {
		errno = ENOTDIR;
		return -1;
	}
	close(fd);
	return 0;
}

int fs_mkdirs_beneath(int dirfd, const char *path)
{
	size_t len = strlen(path);
	char part[PATH_BYTES];

	if (ensure_dir(dirfd, path) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	if (len >= sizeof(part)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		if (strcmp(part, "..") != 0 && (i < 3 || strcmp(part + i - 3, "/..") != 0) &&
		    ensure_dir(dirfd, part) < 0)
			return -1;
		if (i < len)
			part[i] = '/';
	}
	return 0;
}
