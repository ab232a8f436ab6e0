/* SPDX-License-Identifier: MIT
 * Fetching a package into the cache without installing it. */
#pragma once
#include "cmd_priv.h"

/* The packument and the tarball that @arg ("name@range") means now. */
MUST_CHECK_ERR cache_add(struct cmd_ctx *ctx, str arg);
