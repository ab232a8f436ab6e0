/* SPDX-License-Identifier: MIT
 * The tarball of a staged package, to be looked at before it is approved. */
#pragma once
#include "cmd_priv.h"

/* Writes it into the working folder under a name with the id in it, and tells what is inside. Errors: E_BAD_ARCHIVE;
 * E_GENERIC for one that does not say what it is; those of http_fetch() and fs. */
MUST_CHECK_ERR stage_download(struct cmd_ctx *ctx, str id);
