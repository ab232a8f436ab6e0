/* SPDX-License-Identifier: MIT
 * What a file of the project was at an earlier commit. The repository around the project is read through libgit2; no
 * git program is needed, and nothing in the repository is run or changed. */
#pragma once
#include "cpm/base/err.h"

/**
 * git_history_read - the bytes of @names (each relative to @dir) at @ref, an expression as git understands it.
 * @dir: a folder inside a working copy, absolute and real
 * @texts: one for each name; null where that commit has no such file
 *
 * Errors: E_GIT when @dir is in no repository that may be read, or @ref names nothing; E_TOO_BIG over 256 MiB.
 */
MUST_CHECK_ERR git_history_read(struct arena *a, str dir, str ref, const str *names, size_t count, str *texts);
