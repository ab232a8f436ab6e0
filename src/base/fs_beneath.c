/* SPDX-License-Identifier: MIT
 * openat2() does the whole walk in the kernel, at the price of a plain openat(). Where it is missing (old kernels, some
 * sandboxes) the last component is still guarded by O_NOFOLLOW. */
#include "cpm/base/fs_beneath.h"

#include <errno.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

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

int fs_mkdir_beneath(int dirfd, const char *path, mode_t mode)
{
	const char *slash = strrchr(path, '/');
	char parent[4096];
	int parent_fd, result, saved;

	if (!slash)
		return mkdirat(dirfd, path, mode);
	if ((size_t)(slash - path) >= sizeof(parent)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(parent, path, (size_t)(slash - path));
	parent[slash - path] = '\0';
	parent_fd = fs_open_beneath(dirfd, parent, O_PATH | O_DIRECTORY, 0);
	if (parent_fd < 0)
		return -1;
	result = mkdirat(parent_fd, slash + 1, mode);
	saved = errno;
	close(parent_fd);
	errno = saved;
	return result;
}
