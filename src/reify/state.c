/* SPDX-License-Identifier: MIT
 * Facts about paths, and whether they still hold. The trouble is time: a file that is changed twice
 * within one tick of the clock looks the same after the second change as after the first. As in
 * git, a file that was young when it was seen is therefore compared by its content; a folder that
 * is not older than the state file is not trusted at all. */
#include "cpm/reify/state.h"

#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "state_priv.h"

#include <errno.h>
#include <time.h>

#define NSEC_PER_SEC 1000000000
/* The coarsest clock a file system keeps (FAT, old network shares). */
#define COARSEST_TICK_NS ((int64_t)2 * NSEC_PER_SEC)
#define CONTENT_MAX      ((size_t)256 << 20)

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

int64_t state_time_ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * NSEC_PER_SEC + t->tv_nsec;
}

/* ---- seeing ---- */

static bool look(int dirfd, const char *path, struct state_fact *out)
{
	struct stat st;

	*out = (struct state_fact){ .kind = STATE_ABSENT };
	if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	/* A user may have made package.json a link; the file it leads to is what counts. */
	if (S_ISLNK(st.st_mode) && (fstatat(dirfd, path, &st, 0) != 0 || !S_ISREG(st.st_mode)))
		return false;
	if (S_ISREG(st.st_mode))
		out->kind = STATE_FILE;
	else if (S_ISDIR(st.st_mode))
		out->kind = STATE_FOLDER;
	else
		return false;
	out->mtime_ns = state_time_ns(&st.st_mtim);
	out->ctime_ns = state_time_ns(&st.st_ctim);
	out->size = (uint64_t)st.st_size;
	out->inode = st.st_ino;
	return true;
}

static bool read_content(int dirfd, const char *path, struct fingerprint *out)
{
	ARENA_SCOPE(tmp);
	str text;
	struct err *err = fs_read_all(tmp, dirfd, path, CONTENT_MAX, &text);

	*out = (struct fingerprint){ 0 };
	if (!err)
		*out = fingerprint_of(text);
	err_ignore(err);
	return !err;
}

static bool is_young(const struct state_fact *f, int64_t now)
{
	return MAX(f->mtime_ns, f->ctime_ns) + COARSEST_TICK_NS > now;
}

struct state_fact state_see(int dirfd, str path)
{
	ARENA_SCOPE(tmp);
	const char *name = str_cstr(tmp, path);
	struct state_fact fact;

	look(dirfd, name, &fact);
	fact.path = path;
	fact.is_recent = fact.kind != STATE_ABSENT && is_young(&fact, now_ns());
	if (fact.kind == STATE_FILE && !read_content(dirfd, name, &fact.content))
		fact.kind = STATE_ABSENT;
	return fact;
}

/* ---- seeing again ---- */

static bool is_same_file(const struct state_fact *was, const struct state_fact *is)
{
	return is->mtime_ns == was->mtime_ns && is->ctime_ns == was->ctime_ns &&
	       is->size == was->size && is->inode == was->inode;
}

/* @from_dirfd: the way to it */
static bool is_still(int dirfd, str from_dirfd, const struct state_fact *was)
{
	char path[PATH_MAX];
	struct state_fact is;
	struct fingerprint content;

	if (from_dirfd.len >= sizeof(path))
		return false;
	memcpy(path, from_dirfd.p, from_dirfd.len);
	path[from_dirfd.len] = '\0';
	look(dirfd, path, &is);
	if (is.kind != was->kind)
		return false;
	switch (was->kind) {
	case STATE_ABSENT:
		return true;
	case STATE_FOLDER:
		/* Renaming, and what is done to the files inside, is none of its business; inode
		 * numbers of folders are not stable on overlays (F15). */
		return is.mtime_ns == was->mtime_ns;
	case STATE_FILE:
		/* Written anew with the same content, as a checkout does, it is the same. */
		if (is_same_file(was, &is) && !was->is_recent)
			return true;
		return is.size == was->size && read_content(dirfd, path, &content) &&
		       fingerprint_eq(content, was->content);
	}
	return false;
}

bool state_is_still(int dirfd, const struct state_fact *fact)
{
	return is_still(dirfd, fact->path, fact);
}

/* Most facts are about node_modules: looked up from there they cost a step less each. */
bool state_holds(int dirfd, const struct state *s, str *doubt)
{
	AUTO_FD inside = fs_open_beneath(dirfd, "node_modules", O_PATH | O_DIRECTORY, 0);
	const str prefix = S("node_modules/");

	for (size_t i = 0; i < s->nfacts; i++) {
		const struct state_fact *f = &s->facts[i];
		bool is_racy = f->kind == STATE_FOLDER && f->mtime_ns >= s->written_ns;
		bool is_inside = inside >= 0 && str_starts(f->path, prefix);

		if (is_racy || !is_still(is_inside ? inside : dirfd,
					 is_inside ? str_from(f->path, prefix.len) : f->path, f)) {
			*doubt = f->path;
			return false;
		}
	}
	return true;
}

bool state_grow_old(struct state *s)
{
	int64_t now = now_ns();
	bool did = false;

	for (size_t i = 0; i < s->nfacts; i++) {
		struct state_fact *f = &s->facts[i];

		if (!f->is_recent || is_young(f, now))
			continue;
		f->is_recent = false;
		did = true;
	}
	return did;
}
