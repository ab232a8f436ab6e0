/* SPDX-License-Identifier: MIT
 * Changes to the user's, the project's or the global .npmrc. */
#pragma once
#include "cmd_priv.h"

struct setting_edit {
	str key, value; /* empty value: remove the key */
};

typedef VEC(struct setting_edit) setting_edits;

/* The file of a layer that has one. */
str settings_file_path(struct arena *a, const struct cfg *cfg, enum cfg_layer layer);
/* Its text; empty when there is no such file. */
MUST_CHECK_ERR settings_file_read(struct arena *a, const struct cfg *cfg, enum cfg_layer layer,
				  str *out);
/**
 * settings_file_edit - makes all @edits at once; other lines stay as they are, a file that becomes
 * empty goes.
 *
 * The user's file is for the user's eyes alone from then on (mode 0600), as it may hold
 * credentials. Settings that are loaded already do not change. Errors: any of fs.
 */
MUST_CHECK_ERR settings_file_edit(struct cmd_ctx *ctx, enum cfg_layer layer,
				  const setting_edits *edits);
