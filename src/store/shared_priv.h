/* SPDX-License-Identifier: MIT
 * What the files about shared packages have in common. */
#pragma once
#include "cpm/base/fingerprint.h"
#include "cpm/store/shared.h"

#define SHARED_DIR	"shared"
/* Not entries: their names begin with a dot. */
#define SHARED_PROJECTS ".projects"

/* A copy of the tree @from in @from_dirfd as @to in @to_dirfd: folders, files, links. */
MUST_CHECK_ERR shared_copy(int from_dirfd, const char *from, int to_dirfd, const char *to);
