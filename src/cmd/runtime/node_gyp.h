/* SPDX-License-Identifier: MIT
 * node-gyp for packages that are compiled: fetched once, pinned by vendor/node-gyp/. */
#pragma once
#include "cmd_priv.h"

/* Python, make and a compiler, when @args are about compiling. E_UNSUPPORTED names what is missing and how to get it. */
MUST_CHECK_ERR node_gyp_check_tools(struct cmd_ctx *ctx, const str *args, size_t nargs);
/* node-gyp's program: that of the setting `node-gyp`, else the pinned one, installed when it is not here yet. Errors: those of an install. */
MUST_CHECK_ERR node_gyp_need(struct cmd_ctx *ctx, str *program);
/* Spares node-gyp a download where the headers of @node lie beside it, as in any official build. */
void node_gyp_find_headers(struct cmd_ctx *ctx, str node);
