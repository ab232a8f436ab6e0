/* SPDX-License-Identifier: MIT
 * Which files of a working copy are not what they were where a branch began: what `--since` chooses members by. The
 * repository is read through libgit2; nothing in it is run or changed. */
#pragma once
#include "cpm/base/vec.h"
#include "cpm/base/err.h"

struct git_changes {
	str base;	 /* the commit compared with, in hex */
	VEC(str) paths;	 /* absolute and clean; a folder that git knows nothing of stands for all that is in it */
};

/**
 * git_changes_since - what differs between the working copy around @dir and the point where HEAD left @ref.
 * @dir: absolute and real; @ref: a branch, tag or commit, an expression as git understands it
 *
 * Counts what is committed since, staged, not staged, and files that git does not know of, but for those it ignores
 * and those in a node_modules. A file that was moved is two: it went and it came. Lives in @a.
 * Errors: E_GIT when @dir is in no working copy that may be read, @ref names no commit, or the two have no commit in
 * common, as in a shallow clone. Cost: that of `git status`.
 */
MUST_CHECK_ERR git_changes_since(struct arena *a, str dir, str ref, struct git_changes *out);
