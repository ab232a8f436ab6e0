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
