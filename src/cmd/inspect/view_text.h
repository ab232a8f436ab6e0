/* SPDX-License-Identifier: MIT
 * The page that view prints about one version (npm-cli.md 2.3.11). */
#pragma once
#include "cmd_priv.h"

/* @packument: as the registry sends it, its `versions` replaced by a list; @manifest: it and the
 * version, merged.
 * @now_ms: for how long ago it was published. */
str view_text(const struct cmd_ctx *ctx, const struct json *packument, const struct json *manifest,
	      int64_t now_ms);

/* "name <email> (url)" */
str view_person(struct arena *a, str name, str email, str url);
