/* SPDX-License-Identifier: MIT
 * The state file: a header, two tables of fixed width, one area of text they point into. It never
 * leaves the machine, so numbers are as the machine has them. Whoever can write node_modules can
 * write it: everything in it is checked before it is used, and nothing in it can do more than spare
 * work. It is written in place, so that its folder does not change; the checksum makes it void
 * until all of it is there. */
#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "state_priv.h"

#include <errno.h>
#include <stdlib.h>

#define STATE_MAX_BYTES ((size_t)64 << 20)
#define TICK_WAIT_NS    1000000
#define TICK_WAITS_MAX  40 /* some clocks tick once a second: then no folder is trusted */

/* The last character counts up whenever the layout changes: older files then say nothing. */
static const char magic[8] = { 'c', 'p', 'm', 's', 't', 'a', 't', '1' };

enum flags { STATE_SETTLED = 1 };

struct frozen_header {
	char magic[8];
	struct fingerprint checksum; /* of all that follows it */
	struct fingerprint key, members;
	uint32_t flags, nfacts, npackages, report_len;
};

struct frozen_fact {
	int64_t mtime_ns, ctime_ns;
	uint64_t size, inode;
	struct fingerprint content;
	uint32_t path_len;
	uint16_t kind, is_recent;
};

struct frozen_package {
	struct fingerprint origin;
	int64_t until_ns;
	uint64_t location_len;
};

#define CHECKED_FROM (sizeof(magic) + sizeof(struct fingerprint))

/* ---- writing ---- */

static void add_bytes(struct str_buf *out, const void *p, size_t len)
{
	buf_add(out, str_of(p, len));
}

static void freeze_facts(struct str_buf *out, const struct state *s)
{
	for (size_t i = 0; i < s->nfacts; i++) {
		const struct state_fact *f = &s->facts[i];
		struct frozen_fact frozen = { f->mtime_ns, f->ctime_ns, f->size,
					      f->inode,    f->content,  (uint32_t)f->path.len,
					      f->kind,     f->is_recent };

		add_bytes(out, &frozen, sizeof(frozen));
	}
}

static void freeze_packages(struct str_buf *out, const struct state *s)
{
	for (size_t i = 0; i < s->npackages; i++) {
		const struct state_package *p = &s->packages[i];
		struct frozen_package frozen = { p->origin, p->until_ns, p->location.len };

		add_bytes(out, &frozen, sizeof(frozen));
	}
}

static str freeze(struct arena *a, const struct state *s)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	struct frozen_header h = { .key = s->key,
				   .members = s->members,
				   .flags = s->is_settled ? STATE_SETTLED : 0,
				   .nfacts = (uint32_t)s->nfacts,
				   .npackages = (uint32_t)s->npackages,
				   .report_len = (uint32_t)s->report.len };

	memcpy(h.magic, magic, sizeof(magic));
	add_bytes(&out, &h, sizeof(h));
	freeze_facts(&out, s);
	freeze_packages(&out, s);
	for (size_t i = 0; i < s->nfacts; i++)
		buf_add(&out, s->facts[i].path);
	for (size_t i = 0; i < s->npackages; i++)
		buf_add(&out, s->packages[i].location);
	buf_add(&out, s->report);
	h.checksum = fingerprint_of(str_from(buf_view(&out), CHECKED_FROM));
	memcpy(out.p + sizeof(magic), &h.checksum, sizeof(h.checksum));
	return buf_view(&out);
}

/* A copy of the project that shares its files must not share this one, and a link is none of ours.
 */
static struct err *open_own(int dirfd, int *out)
{
	struct stat st;

	for (int tries = 0; tries < 2; tries++) {
		*out = fs_open_beneath(dirfd, STATE_PATH, O_RDWR | O_CREAT | O_NONBLOCK, 0644);
		if (*out < 0 && errno != ELOOP)
			return err_sys(errno, "open", S(STATE_PATH));
		if (*out >= 0 && fstat(*out, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
			return NULL;
		if (*out >= 0)
			close(*out);
		*out = -1;
		TRY(fs_unlink(dirfd, STATE_PATH));
	}
	return err_sys(EMLINK, "open", S(STATE_PATH));
}

struct err *state_reserve(int dirfd)
{
	AUTO_FD fd = -1;

	return open_own(dirfd, &fd);
}

static int64_t touch(int fd)
{
	struct stat st;

	if (futimens(fd, NULL) < 0 || fstat(fd, &st) < 0)
		return 0;
	return state_time_ns(&st.st_mtim);
}

/* Touches the file until its time is another than @than. */
static int64_t touch_until_later(int fd, int64_t than)
{
	int64_t now = touch(fd);

	for (int i = 0; i < TICK_WAITS_MAX && now <= than; i++) {
		nanosleep(&(struct timespec){ .tv_nsec = TICK_WAIT_NS }, NULL);
		now = touch(fd);
	}
	return now;
}

struct err *state_clock(int dirfd, int64_t *out_ns)
{
	AUTO_FD fd = -1;

	TRY(open_own(dirfd, &fd));
	*out_ns = touch(fd);
	return NULL;
}

struct err *state_mark(int dirfd, int64_t than_ns, int64_t *out_ns)
{
	AUTO_FD fd = -1;

	TRY(open_own(dirfd, &fd));
	*out_ns = touch_until_later(fd, than_ns);
	return NULL;
}

static int64_t newest_folder(const struct state *s)
{
	int64_t newest = 0;

	for (size_t i = 0; i < s->nfacts; i++)
		if (s->facts[i].kind == STATE_FOLDER)
			newest = MAX(newest, s->facts[i].mtime_ns);
	return newest;
}

struct err *state_write(int dirfd, const struct state *s)
{
	ARENA_SCOPE(tmp);
	str bytes = freeze(tmp, s);
	AUTO_FD fd = -1;

	TRY(open_own(dirfd, &fd));
	if (ftruncate(fd, 0) < 0)
		return err_sys(errno, "write", S(STATE_PATH));
	TRY(fs_write_all(fd, bytes, STATE_PATH));
	touch_until_later(fd, newest_folder(s));
	return NULL;
}

/* ---- reading ---- */

/* The next @len bytes of *rest; the null string when there are not so many. */
static str take(str *rest, size_t len)
{
	str part = str_slice(*rest, 0, len);

	if (part.len < len)
		return STR_NULL;
	*rest = str_from(*rest, len);
	return part;
}

/* No text is taken for a path that the system would cut short, or read something else into. */
static bool take_path(str *text, size_t len, str *out)
{
	*out = take(text, len);
	return !str_is_empty(*out) && len < PATH_MAX && !memchr(out->p, '\0', len);
}

static bool thaw_facts(struct arena *a, str table, str *text, struct state *out)
{
	out->facts = ARENA_ARRAY(a, struct state_fact, out->nfacts);
	for (size_t i = 0; i < out->nfacts; i++) {
		struct frozen_fact f;

		memcpy(&f, table.p + i * sizeof(f), sizeof(f));
		out->facts[i] = (struct state_fact){ .kind = f.kind,
						     .is_recent = f.is_recent,
						     .mtime_ns = f.mtime_ns,
						     .ctime_ns = f.ctime_ns,
						     .size = f.size,
						     .inode = f.inode,
						     .content = f.content };
		if (f.kind > STATE_FOLDER || !take_path(text, f.path_len, &out->facts[i].path))
			return false;
	}
	return true;
}

static bool thaw_packages(struct arena *a, str table, str *text, struct state *out)
{
	out->packages = ARENA_ARRAY(a, struct state_package, out->npackages);
	for (size_t i = 0; i < out->npackages; i++) {
		struct frozen_package p;

		memcpy(&p, table.p + i * sizeof(p), sizeof(p));
		out->packages[i] = (struct state_package){ .origin = p.origin,
							   .until_ns = p.until_ns };
		if (!take_path(text, p.location_len, &out->packages[i].location))
			return false;
	}
	return true;
}

static bool thaw(struct arena *a, str bytes, struct state *out)
{
	struct frozen_header h;
	str rest = bytes, head = take(&rest, sizeof(h)), facts, packages;

	if (str_is_null(head))
		return false;
	memcpy(&h, head.p, sizeof(h));
	if (memcmp(h.magic, magic, sizeof(magic)) != 0 ||
	    !fingerprint_eq(h.checksum, fingerprint_of(str_from(bytes, CHECKED_FROM))))
		return false;
	*out = (struct state){ .key = h.key,
			       .members = h.members,
			       .is_settled = h.flags & STATE_SETTLED,
			       .nfacts = h.nfacts,
			       .npackages = h.npackages };
	facts = take(&rest, out->nfacts * sizeof(struct frozen_fact));
	packages = take(&rest, out->npackages * sizeof(struct frozen_package));
	if (str_is_null(facts) || str_is_null(packages) || !thaw_facts(a, facts, &rest, out) ||
	    !thaw_packages(a, packages, &rest, out))
		return false;
	out->report = take(&rest, h.report_len);
	return !str_is_null(out->report) && str_is_empty(rest);
}

bool state_read(struct arena *a, int dirfd, struct state *out)
{
	struct stat st;
	str bytes;
	struct err *err;

	if (fstatat(dirfd, STATE_PATH, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return false;
	err = fs_read_all(a, dirfd, STATE_PATH, STATE_MAX_BYTES, &bytes);
	if (err || !thaw(a, bytes, out)) {
		err_ignore(err);
		*out = (struct state){ 0 };
		return false;
	}
	out->written_ns = state_time_ns(&st.st_mtim);
	return true;
}
