/* SPDX-License-Identifier: MIT
 * The Node.js of this run: chosen once, fetched when it is needed. */
#pragma once
#include "cmd_priv.h"
#include "cpm/runtime/runtime_choice.h"
#include "cpm/runtime/runtime_shims.h"

/* This machine, as builds name it. */
struct runtime_machine runtime_this_machine(struct arena *a);
/* What the project's scripts run on; decided at the first call. */
const struct runtime_choice *runtime_in_use(struct cmd_ctx *ctx);
/* The folder that goes before PATH; NULL where it cannot be made. */
const struct runtime_shims *runtime_shims_in_use(struct cmd_ctx *ctx);
/* The Node.js of runtime_in_use(), fetched when it is not here yet. Errors: E_UNSUPPORTED when there is none for this
 * project or machine; those of runtime_fetch(). */
MUST_CHECK_ERR runtime_need_node(struct cmd_ctx *ctx, str *node);
/* E_BAD_ENGINE when somebody insists on a version that no build has; --force runs on what there is. */
MUST_CHECK_ERR runtime_check(struct cmd_ctx *ctx);
/* For reify_opts.fetch_tools; @ctx is a cmd_ctx. A machine without any Node.js is no error. */
MUST_CHECK_ERR runtime_fetch_tools(void *ctx, bool compiles);
