/* SPDX-License-Identifier: MIT
 * A remote repository, as far as packages need it: what it calls its commits, and the files of one.
 */
#pragma once
#include "cpm/base/err.h"

struct git_repo;

struct git_ref {
	str name;   /* "refs/heads/main", "HEAD" */
	str commit; /* of an annotated tag: what it leads to */
};

/* Asks the repository at @url for its refs. @url is one that git_url_check() let pass; @limit_ms: how long it may be
 * silent, now and later; 0: as long as it wants. Errors: E_GIT, E_TIMEOUT. */
MUST_CHECK_ERR git_repo_open(str url, int64_t limit_ms, struct git_repo **out);
/* Removes what was cloned. NULL is fine. */
void git_repo_close(struct git_repo *r);

/* In the order the remote lists them. Live as long as @r. */
const struct git_ref *git_repo_refs(const struct git_repo *r, size_t *count);
/* The ref that a committish names, as `git clone` understands it; NULL when it names none. */
const struct git_ref *git_repo_find(const struct git_repo *r, str committish);

/* The commit that any other expression git understands means ("main~2", an abbreviated commit):
 * fetches everything. */
MUST_CHECK_ERR git_repo_parse(struct git_repo *r, struct arena *a, str expression, str *commit);

/**
 * git_repo_checkout - writes the files of @commit, or of its folder @subdir ("" for all), into the
 * empty folder @dirfd.
 *
 * Regular files only: links and submodules are left out, hooks and filters never run (T17).
 * Errors: E_GIT, E_NOT_FOUND, E_PATH_ESCAPE, E_TOO_BIG, any of fs.
 */
MUST_CHECK_ERR git_repo_checkout(struct git_repo *r, str commit, str subdir, int dirfd);

/* E_BAD_PROTOCOL for what no package may make us talk to. @is_own: the project itself asks, so this
 * machine is fine. */
MUST_CHECK_ERR git_url_check(str url, bool is_own);
bool git_is_commit(str text); /* 40 to 64 hex digits, small letters */
