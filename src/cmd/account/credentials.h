/* SPDX-License-Identifier: MIT
 * The credential for a registry in the files that hold it. */
#pragma once
#include "settings_file.h"

/* "@scope" as --scope has it, with or without the "@"; empty when it is not given. */
str credentials_scope(struct cmd_ctx *ctx);
/* "@scope:registry". */
str credentials_scope_key(struct arena *a, str scope);

/* Edits that leave nothing of what stands behind @prefix ("//host/path/"). */
void credentials_remove(struct arena *a, str prefix, setting_edits *edits);
/* Edits that make @token the credential for @registry. */
void credentials_set_token(struct arena *a, str registry, str token, setting_edits *edits);
