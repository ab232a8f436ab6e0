/* SPDX-License-Identifier: MIT
 * The user's editor. */
#pragma once
#include "cmd_priv.h"

/* Opens the file or folder at @path in the editor that `editor` names, and waits for it. Errors: E_GENERIC when the editor
 * says that it has failed. */
MUST_CHECK_ERR editor_open(struct cmd_ctx *ctx, str path);
