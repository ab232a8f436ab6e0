/* SPDX-License-Identifier: MIT
 * Folders that appear under their name whole or not at all, also when several runs make the same one. */
#pragma once
#include "cpm/base/err.h"

/* A new, empty folder inside @parent, which is made with its parents. Errors: any of fs. */
MUST_CHECK_ERR whole_folder_begin(struct arena *a, str parent, str *temp);
/**
 * whole_folder_end - gives the folder its name, or removes it.
 * @e: how filling it went; comes back when it is an error
 *
 * Where @to exists already, somebody else has made the same: @temp is removed, and that is success.
 */
MUST_CHECK_ERR whole_folder_end(struct arena *a, str temp, str to, struct err *e);

/**
 * whole_folder_sweep - removes from @parent what runs left there that were killed: folders of whole_folder_begin().
 * Those of a run that is alive stay: it holds a lock (flock) on its folder, or has only just begun:
 * @min_age_sec is more than passes between making a folder and locking it.
 */
void whole_folder_sweep(str parent, int64_t min_age_sec);
