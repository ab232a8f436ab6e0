/* SPDX-License-Identifier: MIT
 * The two halves of confining a script: all that can fail for a reason, before there is a child; and in the child, where
 * nothing but system calls may happen. */
#pragma once
#include "cpm/runtime/host.h"
#include "cpm/runtime/sandbox.h"

#include <linux/filter.h>

#define SANDBOX_MAX_FILTER 32

struct sandbox {
	int ruleset_fd; /* -1: not confined */
	unsigned short nfilter;
	struct sock_filter filter[SANDBOX_MAX_FILTER];
};

/* For a script with a temp_dir; without one, an open sandbox. Errors: E_UNSUPPORTED, any of fs_open(). Close it. */
MUST_CHECK_ERR sandbox_open(const struct script *s, struct sandbox *out);
/* In the child, from here to its end and for all that it starts. False: errno. */
bool sandbox_enter(const struct sandbox *sb);
void sandbox_close(struct sandbox *sb);

#define AUTO_SANDBOX __attribute__((cleanup(sandbox_close))) struct sandbox
