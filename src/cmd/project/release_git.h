/* SPDX-License-Identifier: MIT
 * What the version command does with the git program: a clean start, one commit, one tag. */
#pragma once
#include "cmd_priv.h"

struct release_git {
	struct cmd_ctx *ctx;
	str dir;        /* the package's folder; git is run there */
	bool is_active; /* commit and tag */
};

/**
 * release_git_begin - decides whether this release is committed, and refuses a working tree that
 * has changes.
 * @dir: only the root of a checkout counts as one, as npm has it
 *
 * Errors: E_GENERIC "Git working directory not clean." (a warning with --force); git's own
 * failures.
 */
MUST_CHECK_ERR release_git_begin(struct cmd_ctx *ctx, str dir, struct release_git *out);
/* The version that the newest tag names. Errors: E_GENERIC when it names none; git's own failures.
 */
MUST_CHECK_ERR release_git_tagged_version(struct cmd_ctx *ctx, str dir, str *version);
/* Adds the files (null ones are skipped), commits, tags. Nothing when it is not active. A failure
 * of git has git's complaint as message and git's exit status. */
MUST_CHECK_ERR release_git_commit(struct release_git *g, str manifest, str lockfile, str version);
