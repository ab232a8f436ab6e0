/* SPDX-License-Identifier: MIT
 * A packed archive as a tar_source: inflated piece by piece. */
#pragma once
#include "cpm/base/gunzip.h"
#include "tar.h"

struct tar_window {
	struct tar_source source; /* first */
	struct arena *arena;
	struct gunzip_stream *gzip;
	char *p;
	size_t room;
	bool is_over;
};

/* @bytes: the compressed archive, borrowed. Lives in @a. *is_possible: false where it has to be inflated whole. */
MUST_CHECK_ERR tar_window_open(struct arena *a, str bytes, uint64_t cap_bytes, struct tar_window *out, bool *is_possible);
/* What stands behind the archive's end is checked too, as when it is inflated whole. */
MUST_CHECK_ERR tar_window_finish(struct tar_window *w);
