/* SPDX-License-Identifier: MIT
 * The files that say what node_modules should be and is. package-lock.json is what people commit:
 * it is written beside, synced and renamed (F2). The hidden lockfile can always be made again: it
 * is only renamed. */
#include "reify_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/proc.h"
#include "cpm/base/trace.h"

#include <errno.h>
#include <sys/file.h>
#include <time.h>

#define LOCKFILE        "package-lock.json"
#define HIDDEN_LOCKFILE "node_modules/.package-lock.json"
#define LOCK_MAX_BYTES  ((size_t)256 << 20)

static bool has_content(struct arena *a, int dirfd, const char *path, str wanted)
{
	str text;
	struct err *err = fs_read_all(a, dirfd, path, LOCK_MAX_BYTES, &text);

	if (!err)
		return str_eq(text, wanted);
	err_ignore(err);
	return false;
}

struct err *commit_lockfile(struct arena *a, int dirfd, str text, bool *was_written)
{
	TRACE(SAVE);

	*was_written = !has_content(a, dirfd, LOCKFILE, text);
	return *was_written ? fs_write_atomic(dirfd, LOCKFILE, text, 0666) : NULL;
}

/* Written last of all, and dated after everything in node_modules: npm trusts it only then
 * (npm-tree.md 12). */
struct err *commit_hidden_lockfile(struct run *r, str text)
{
	TRACE(HIDDEN);

	TRY(fs_write_replace(r->dirfd, HIDDEN_LOCKFILE, text, 0666));
	if (utimensat(r->dirfd, HIDDEN_LOCKFILE, NULL, 0) < 0)
		log_verbose("reify", "cannot date %s: %s", HIDDEN_LOCKFILE, strerror(errno));
	return NULL;
}

/* ---- one run at a time ---- */

#define POLL_MS 50

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct err *wait_for_lock(int fd)
{
	int64_t start = now_ms();
	bool has_told = false;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK) {
			/* Some network file systems cannot lock: say so and go on (F16). */
			log_warn("lock", "cannot lock the project: %s", strerror(errno));
			return NULL;
		}
		TRY(proc_check_stop());
		if (!has_told && now_ms() - start >= 1000) {
			log_notice(NULL, "Waiting for another install in this project to finish");
			has_told = true;
		}
		nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000000L }, NULL);
	}
	return NULL;
}

/* A script of an install that is not finished would wait for it for ever, and could not work in a tree that may still be
 * taken back either. */
static struct err *refuse_own_script(int dirfd)
{
	const char *held = getenv(LOCK_HELD_VARIABLE);
	struct stat theirs, ours;

	if (!held || stat(held, &theirs) < 0 || fstat(dirfd, &ours) < 0 || theirs.st_dev != ours.st_dev ||
	    theirs.st_ino != ours.st_ino)
		return NULL;
	return err_new(E_LOCKED,
		       "a script of a package or a workspace cannot install in '%s', where it is being installed itself",
		       held);
}

/* The lock is on the directory itself: nothing is left behind, and death releases it. */
struct err *reify_lock_project(int dirfd, int *out_fd)
{
	AUTO_FD fd = -1;

	TRY(refuse_own_script(dirfd));
	TRY(fs_open_dir(dirfd, ".", &fd));
	TRY(wait_for_lock(fd));
	*out_fd = TAKE_FD(fd);
	return NULL;
}
