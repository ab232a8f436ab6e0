/* SPDX-License-Identifier: MIT
 * Whether files can be used by who runs us. */
#pragma once
#include "cpm/base/err.h"

struct file_demand {
	bool must_own;	     /* everything belongs to the current user and group */
	bool may_be_missing; /* the root, that is */
	int mode;	     /* R_OK, W_OK, X_OK */
};

/**
 * doctor_check_files - looks at @root and all that is in it; links are not followed, and count as sound.
 *
 * Each file that is not as demanded gets a line in the log. False when there is any. Cost: two system calls a file.
 */
bool doctor_check_files(str root, const struct file_demand *demand);
