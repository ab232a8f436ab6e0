/* SPDX-License-Identifier: MIT
 * The manifest that a registry is told, and the document it is sent in. */
#pragma once
#include "package_tarball.h"

/**
 * publish_manifest_read - what is published as the manifest of the package.
 * @bytes: of a tarball, whose files say it; of a folder null
 * @fixed: the package.json had to be repaired; see package_file_prepare()
 */
MUST_CHECK_ERR publish_manifest_read(struct cmd_ctx *ctx, const struct package_tarball *t, str bytes,
				     struct json **out, bool *fixed);

/* Body of the PUT: @manifest under its version and tag, the tarball in base64. Text in @a.
 * Source: libnpmpublish. */
str publish_document(struct cmd_ctx *ctx, struct json *manifest, const struct package_tarball *t, str registry,
		     str tag, str access);
