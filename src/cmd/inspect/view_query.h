/* SPDX-License-Identifier: MIT
 * What view was asked for, out of a packument. */
#pragma once
#include "cmd_priv.h"
#include "cpm/base/json_path.h"

/* One version that matches. */
struct view_match {
	str version;
	struct json *merged;  /* the packument's members, and over them the version's */
	json_found_vec found; /* the fields asked for */
};

struct view_result {
	struct json *packument; /* its `versions` are a list now */
	str name;
	VEC(struct view_match) matches;
};

/**
 * view_query - fetches the packument of @spec_text and looks the fields up in every version that
 * matches.
 *
 * Errors: those of registry_fetch_document(); E_NOT_FOUND for a version that nobody has, or an
 * unpublished package; E_UNSUPPORTED for anything that is not in a registry.
 */
MUST_CHECK_ERR view_query(struct cmd_ctx *ctx, str spec_text, const str *fields, size_t nfields,
			  struct view_result *out);
