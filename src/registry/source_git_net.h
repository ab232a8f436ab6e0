/* SPDX-License-Identifier: MIT
 * How libgit2 is let onto the network: credentials, host keys, signals. */
#pragma once
#include "git_watch.h"

#include "cpm/base/err.h"

struct git_remote_callbacks; /* libgit2's */

/* One connection: what was tried to log in, and how long the host has been silent. */
struct git_connection {
	unsigned attempts;
	struct git_watch watch;
};

/* Fills in @callbacks, which are libgit2's zeroes so far, and starts the watch. @c must outlive the connection. */
void git_connection_begin(struct git_connection *c, struct git_remote_callbacks *callbacks, int64_t limit_ms);
/* Ends it. When it @failed: libgit2's last error, the signal that stopped it, or E_TIMEOUT, behind what we say:
 * "cannot reach". */
MUST_CHECK_ERR git_connection_end(struct git_connection *c, bool failed, const char *what, str url);
/* The same of what needs no network. */
MUST_CHECK_ERR git_failure(const char *what, str url);
