/* SPDX-License-Identifier: MIT
 * Any package as a tarball, wherever it is: what `pack` writes, `publish` sends and `diff` compares. */
#pragma once
#include "cmd_priv.h"
#include "cpm/tree/spec.h"
#include "script_run.h"
#include "workspaces.h"

struct package_tarball {
	struct spec *spec;
	struct json *manifest; /* of a folder in npm's normal form, else as it was published */
	str id, name, version; /* "name@version" */
	struct script_package package; /* of a folder */
	str from, resolved;    /* how it was asked for, and what that turned out to be */
	str integrity;	       /* of the bytes, once they are there */
	char *bytes;	       /* on the heap; NULL until they are there */
	size_t len;
	bool is_compared;      /* the caller's word: it goes nowhere, so only `prepare` runs, unwatched */
	/* package_tarball_look()'s own */
	str url, promised;
	struct package_address *at;
};

/**
 * package_tarball_look - which package @arg means, and what its manifest says; of a folder nothing is run or packed.
 *
 * Errors: E_ALLOW_GIT and its kin; E_GENERIC for a package without name or version; those of manifest_read(),
 * source_get(), pick_version() and package_look().
 */
MUST_CHECK_ERR package_tarball_look(struct cmd_ctx *ctx, str arg, struct package_tarball *out);

/**
 * package_tarball_make - its bytes: fetched and verified, or of a folder packed, between `prepack` and `prepare`
 * before it and package_tarball_after() behind.
 * @members: those that the run is for: the rules above a member count for it, and the project leaves them out
 */
MUST_CHECK_ERR package_tarball_make(struct cmd_ctx *ctx, struct package_tarball *t,
				    const struct workspace_choice *members);
/* Of a folder, its `postpack`. */
MUST_CHECK_ERR package_tarball_after(struct cmd_ctx *ctx, const struct package_tarball *t);
void package_tarball_free(struct package_tarball *t);

/* Runs the script that the folder has for @event, watched unless --foreground-scripts says no; nothing with
 * --ignore-scripts. @extra: further variables. */
MUST_CHECK_ERR package_tarball_run(struct cmd_ctx *ctx, const struct script_package *p, const char *event,
				   const struct script_var *extra, size_t nextra);

/* "s-x-1.0.0.tgz" for @s/x. */
str package_tarball_file_name(struct arena *a, str name, str version);
