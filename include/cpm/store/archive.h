/* SPDX-License-Identifier: MIT
 * Archives for those who may not see this module: what is in one, one made of a folder, and
 * tarballs kept by digest. */
#pragma once
#include "cpm/base/ports.h"

struct store;

/* @store may be NULL: nothing is kept then. Lives in @a. */
struct archive_port *archive_port_new(struct arena *a, struct store *store);

/* The same as functions; see the port. */
MUST_CHECK_ERR archive_look(struct arena *a, str bytes, struct archive_content *out);

struct archive_file {
	str path; /* as the archive says it, with its first folder ("package/x") */
	char type; /* '0' or '7' for a file; see tar's own header */
	uint32_t mode;
	uint64_t size;
	str body; /* null unless it was asked for */
};

/* Every entry of the tarball @bytes, in its order. All lives in @a. Errors: as archive_look(). */
MUST_CHECK_ERR archive_list(struct arena *a, str bytes, bool with_bodies, struct archive_file **files,
			    size_t *count);
