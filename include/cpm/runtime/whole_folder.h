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
