/* SPDX-License-Identifier: MIT
 * How libgit2 is let onto the network: credentials, host keys, signals. Seen by git_repo.c alone,
 * the one other file that includes libgit2. */
#pragma once
#include <git2.h>

#include "cpm/base/err.h"

/* What one connection has tried so far. */
struct git_login {
	unsigned attempts;
};

/* @login must outlive the connection. */
git_remote_callbacks git_transport_callbacks(struct git_login *login);
/* libgit2's last error, or the signal that stopped it, behind what we say: "cannot reach". */
MUST_CHECK_ERR git_failure(const char *what, str url);
