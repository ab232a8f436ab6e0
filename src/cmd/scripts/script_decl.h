/* SPDX-License-Identifier: MIT
 * What package.json says about a script whose results may be kept:
 *
 *	"cpm": { "scripts": { "build": { "inputs": ["src", "*.json"], "outputs": ["dist"], "env": ["TARGET"] } } }
 *
 * A script that nobody describes is never restored: nobody knows what it writes. */
#pragma once
#include "cpm/base/json.h"

struct name_list {
	str *items;
	size_t count;
};

struct script_decl {
	bool is_made;
	bool has_inputs;	/* else all files of the member are inputs */
	struct name_list inputs, outputs; /* patterns below the member's folder; "!" takes away */
	struct name_list env;
};

/**
 * script_decl_read - what @package says about @script; what it does not describe, @root may describe for all members.
 * @where: package.json as messages name it, with @root's behind it
 * Errors: E_GENERIC naming file and key: not a list of texts, or a pattern that leads out of the folder.
 */
MUST_CHECK_ERR script_decl_read(struct arena *a, const struct json *package, str where, const struct json *root,
				str script, struct script_decl *out);
/* cpm.sharedInputs of the project's root: files below it that count for all members. Errors: as above. */
MUST_CHECK_ERR script_decl_read_shared(struct arena *a, const struct json *root, struct name_list *out);
/* Some pattern means @path, and none with "!" does. */
bool script_decl_has(const struct name_list *patterns, str path);
/* A link at @path could hide what a pattern means. */
bool script_decl_may_pass(const struct name_list *patterns, str path);
