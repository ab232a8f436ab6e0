/* SPDX-License-Identifier: MIT
 * Starting the shell of a script. */
#pragma once
#include "cpm/runtime/host.h"

#include <signal.h>
#include <sys/types.h>

enum spawn_flags {
	SPAWN_LEADS_GROUP = 1,	/* in a process group of its own */
	SPAWN_DIES_WITH_US = 2, /* killed when this process ends, however it ends */
};

/**
 * spawn_script - starts @s; *pid is its shell.
 * @fds:  what becomes its stdin, stdout, stderr
 * @mask: its signal mask
 * Errors: err_sys() of "chdir" or "spawn", naming the folder or the shell.
 */
MUST_CHECK_ERR spawn_script(const struct script *s, const int fds[3], const sigset_t *mask, unsigned flags,
			    pid_t *pid);
