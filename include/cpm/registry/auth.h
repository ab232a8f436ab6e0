/* SPDX-License-Identifier: MIT
 * Which credential goes to which URL (npm-cli.md 3.4, T32). */
#pragma once
#include "cpm/config/cfg.h"

struct auth {
	str header;		/* "Bearer ..." or "Basic ..."; null when there is none */
	str certfile, keyfile;	/* client certificate, or null */
	str username;		/* whom a name and a password are for; null for a token */
	str token;		/* what stands behind "Bearer"; null for anything else */
	str key;		/* the setting that says so: "//host/:_authToken" */
	bool scope_has_auth;	/* none here, though the package's own scoped registry has some */
};

/* @name: the package the request is for, or null. Matches on origin and whole path segments. Lives in @a. */
struct auth auth_for_url(struct arena *a, const struct cfg *cfg, str url, str name);
/* "//host/path/" of a registry URL: the prefix of its keys. */
str auth_nerf_dart(struct arena *a, str url);
