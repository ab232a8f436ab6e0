/* SPDX-License-Identifier: MIT
 * A new version for one package (npm-cli.md 2.3.10). */
#pragma once
#include "cmd_priv.h"

/**
 * version_bump - writes the version that @wanted means into package.json and package-lock.json of
 * @dir.
 * @wanted:   a version, a word such as "minor", or "from-git"
 * @uses_git: commit and tag when @dir is a git checkout
 *
 * Errors: E_GENERIC "Invalid version: <wanted>" and "Version not changed"; those of
 * release_git_begin() before and of release_git_commit() after the files were written;
 * E_SCRIPT from the package's own scripts in between.
 */
MUST_CHECK_ERR version_bump(struct cmd_ctx *ctx, str dir, str wanted, bool uses_git, str *version);

/* The version that @wanted makes of @current, or null. For tests. */
str version_next(struct arena *a, str current, str wanted, str preid);
