/* SPDX-License-Identifier: MIT
 * What the files about shared packages have in common. */
#pragma once
#include "cpm/base/fingerprint.h"
#include "cpm/store/shared.h"

#include <sys/stat.h>

#define SHARED_DIR	"shared"
/* Not entries: their names begin with a dot. */
#define SHARED_PROJECTS ".projects"

/* Closed, if it is no link, and not changed after the entry's stamp. */
bool shared_is_older(const struct stat *st, const struct stat *entry);

/* A copy of the tree @from in @from_dirfd as @to in @to_dirfd: folders, files, links. */
MUST_CHECK_ERR shared_copy(int from_dirfd, const char *from, int to_dirfd, const char *to);
