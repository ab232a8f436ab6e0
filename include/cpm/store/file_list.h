/* SPDX-License-Identifier: MIT
 * The files of a folder that somebody works on: what version control would track, as far as .gitignore files tell, and no
 * package that was installed. No repository is needed. */
#pragma once
#include "cpm/base/err.h"

struct listed_file {
	str path;		/* below the folder, with "/" */
	bool is_link;		/* a symbolic link; links are listed, never followed */
};

enum file_list_flags {
	FILE_LIST_IGNORED = 1,	/* also what .gitignore files leave out */
};

/**
 * file_list_read - the files below @root/@folder, ordered by path.
 * @root: absolute; .gitignore files count from here down. @folder: below it, "" for itself
 *
 * Left out: node_modules and .git at any depth, temporary files of ours, and what is neither a file nor a link. As with
 * git, the last rule of the nearest .gitignore decides, case matters, and a folder that is left out is not entered.
 * Errors: any of fs; E_TOO_BIG beyond 500,000 files or 1,024 levels. Cost: one getdents per folder.
 */
MUST_CHECK_ERR file_list_read(struct arena *a, str root, str folder, unsigned flags, struct listed_file **out,
			      size_t *count);
