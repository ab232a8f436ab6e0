/* SPDX-License-Identifier: MIT
 * What is in a tarball, as `pack` and `publish` tell it: notices for people, or a document. */
#pragma once
#include "package_tarball.h"

struct tarball_entry {
	str path; /* without "package/" */
	uint32_t mode;
	uint64_t size;
	size_t at; /* in the archive */
};

struct tarball_contents {
	struct tarball_entry *files; /* names that begin with no small letter first, then as a dictionary
				      would list them */
	size_t count;
	str *bundled; /* packages that came inside */
	size_t nbundled;
	uint64_t unpacked_bytes;
	str shasum;
};

/* Errors: those of archive_list(). */
MUST_CHECK_ERR tarball_contents_read(struct arena *a, const struct package_tarball *t,
				     struct tarball_contents *out);
/* npm's notices. */
void tarball_tell(struct cmd_ctx *ctx, const struct package_tarball *t, const struct tarball_contents *c);
/* npm's document: one member for each package. */
void tarball_tell_json(struct cmd_ctx *ctx, const struct package_tarball *t, const struct tarball_contents *c);
