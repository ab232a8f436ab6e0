/* SPDX-License-Identifier: MIT
 * How libgit2 is let onto the network: credentials, host keys, signals. */
#pragma once
#include "cpm/base/err.h"

struct git_remote_callbacks; /* libgit2's */

/* What one connection has tried so far. */
struct git_login {
	unsigned attempts;
};

/* Fills in @callbacks, which are libgit2's zeroes so far. @login must outlive the connection. */
void git_net_set(struct git_remote_callbacks *callbacks, struct git_login *login);
/* libgit2's last error, or the signal that stopped it, behind what we say: "cannot reach". */
MUST_CHECK_ERR git_failure(const char *what, str url);
