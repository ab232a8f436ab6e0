/* SPDX-License-Identifier: MIT
 * What the last run left behind, in one small file (node_modules/.cpm-state), so that the next one can tell that
 * nothing has changed without reading what it would otherwise read: the files the result was made from, the folders
 * that installing or removing anything changes, and the packages with the moment until which they are known to be as
 * they were written. A hint at every point: whatever does not fit leads to the way without it. */
#pragma once
#include "cpm/base/err.h"
#include "cpm/base/fingerprint.h"
#include "cpm/base/vec.h"

enum state_kind { STATE_ABSENT, STATE_FILE, STATE_FOLDER };

/* A path as it was seen. */
struct state_fact {
	str path;		/* from the project's folder, or absolute */
	enum state_kind kind;
	bool is_recent;		/* it was changed just before it was seen: times alone do not tell the next change */
	int64_t mtime_ns, ctime_ns;
	uint64_t size, inode;
	struct fingerprint content; /* of a file */
};

/* A package folder as an install wrote it, or as it was proven to be. */
struct state_package {
	str location;
	struct fingerprint origin; /* of the tarball it was written from */
	int64_t until_ns;	/* whatever was changed in it later, the file system says so */
};

struct state {
	struct fingerprint key;	/* of everything else that decides about the result: settings, programs */
	struct fingerprint members; /* of the project's workspaces */
	bool is_settled;	/* installing once more changes nothing, and says what @report says */
	struct state_fact *facts;
	size_t nfacts;
	struct state_package *packages;
	size_t npackages;
	str report;		/* the command's own words */
	int64_t written_ns;	/* set by state_read(): the clock of the file system */
};

/* Looks at a path; of a file the content is read as well. What is neither file nor folder counts as absent. */
struct state_fact state_see(int dirfd, str path);
/* @path is what @fact says it was. Of a file whose times tell nothing, or that was written anew, the content decides. */
bool state_is_still(int dirfd, const struct state_fact *fact);

/**
 * state_read - the state that the last run left; false when there is none, or it is not what we wrote.
 * Lives in @a. Cost: one read.
 */
bool state_read(struct arena *a, int dirfd, struct state *out);

/* True when every fact still holds; *doubt names the first that does not. Cost: one stat per fact, and a
 * read of files that were touched. */
bool state_holds(int dirfd, const struct state *s, str *doubt);

/* After state_holds(): facts that were young when they were seen, and are not any more, need their content compared no
 * longer. True when there were any, so that writing the state anew spares the next run work. */
bool state_grow_old(struct state *s);

/**
 * state_reserve - makes the file, empty, where there is none.
 *
 * Making a file changes its folder, and npm trusts the hidden lockfile only when no folder is younger (npm-tree.md 12).
 * So it is made before the hidden lockfile is written, and later filled in place.
 */
MUST_CHECK_ERR state_reserve(int dirfd);

/* The file system's own time. */
MUST_CHECK_ERR state_clock(int dirfd, int64_t *out_ns);

/**
 * state_mark - a time of the file system that is later than all that was written until state_clock() said @than_ns, and
 * not later than what will be.
 * It is what packages written in this run get as their until_ns. Waits for the clock to tick: milliseconds, less those
 * that have passed already.
 */
MUST_CHECK_ERR state_mark(int dirfd, int64_t than_ns, int64_t *out_ns);

/* Fills the file in place; what was in it before is gone first, so that a killed run leaves nothing that is read. */
MUST_CHECK_ERR state_write(int dirfd, const struct state *s);
