/* SPDX-License-Identifier: MIT
 * Packages that projects share: a store of linked layouts that belongs to the user instead of a project (ADR 12). An entry
 * is what an entry of a project's own store is (isolated.h), under a key that says all about its files and links, and the
 * project has a link to it in the place of a folder:
 *
 *   <cache>/_cpm/shared/<key>/node_modules/<name>        the package, for everybody
 *   <cache>/_cpm/shared/<key>/node_modules/<dep>         -> ../../<key of dep>/node_modules/<dep>
 *   node_modules/.store/<key>                            -> <cache>/_cpm/shared/<key>
 *
 * An entry appears whole, by a rename, and nobody can write to it. Its folder's time of writing is its stamp: until then,
 * nothing in it had changed since it was made. */
#pragma once
#include "cpm/store/package_row.h"

/* The place, opened at the first call; -1 when there is none: the cache cannot be written, or @s is NULL. Owned by the
 * store. Main thread. */
int store_shared_fd(struct store *s);
/* Its absolute path. */
str store_shared_path(struct arena *a, const struct store *s);

enum shared_state {
	SHARED_ABSENT,	/* or not finished, or not ours: it must be made anew */
	SHARED_DUE,	/* it was not looked at as a whole for a day, or not since the machine was started */
	SHARED_SOUND,
};

/* How it stands with an entry. Cost: one stat. */
enum shared_state shared_look(int shared_fd, const char *key);

/**
 * shared_prove - looks at every file of an entry, and renews its stamp when all are as they were made.
 * @name: of the package in it
 * @row: the package's files
 *
 * Nothing in it may have changed after the last stamp: not even its time of change, which no program can set. Sizes count
 * as well, since a power cut can leave a file empty. Cost: one stat per file and folder.
 */
bool shared_prove(int shared_fd, const char *key, str name, const struct package_row *row);
/* Makes the next look at it find it due, and the proof fail. */
void shared_condemn(int shared_fd, const char *key);

/**
 * shared_put - moves a finished folder into the place, as the entry @key.
 * @path: from @dirfd; gone afterwards
 *
 * It is made read-only on the way; files that have other names are copied. When a sound entry is there already that one
 * stays. Complete before it can be seen, but not taken for sound before shared_stamp(). Works between file systems, by
 * copying. Errors: any of fs.
 */
MUST_CHECK_ERR shared_put(int shared_fd, const char *key, int dirfd, const char *path);
/* After all that belongs together has been put: gives the entry its first stamp. Waits for the file system's clock to tick
 * once, at most. */
MUST_CHECK_ERR shared_stamp(int shared_fd, const char *key);

/* Where recipes are kept (cpm/reify/recipe.h), in the place; they go when it is swept. */
#define SHARED_RECIPES ".recipes"

struct shared_stats {
	uint64_t kept;	   /* entries */
	uint64_t changed;  /* of those, not as they were made: the next install that uses them makes them anew */
	uint64_t removed;
	uint64_t projects; /* that use some */
};
/* Looks at every file of every entry. */
MUST_CHECK_ERR shared_verify(struct store *s, struct shared_stats *out);
/* Removes entries that no project uses, and what killed runs left. E_LOCKED while an install uses the place. */
MUST_CHECK_ERR shared_sweep(struct store *s, struct shared_stats *out);

/* Notes that a project uses entries, so that these are not swept. @path: absolute. Failure only costs space or a repair. */
void shared_note_project(int shared_fd, str path);
