/* SPDX-License-Identifier: MIT
 * Child processes and signals. Programs are started by argv, never through a shell of ours. */
#pragma once
#include "cpm/base/err.h"

struct proc_result {
	int exit_status;	/* 0-255, or -1 when killed by a signal */
	int signal;		/* 0, or the signal that ended it */
	str out;		/* captured stdout, up to the cap */
};

/* Runs @argv (argv[0] looked up on PATH; NULL-terminated) to its end with stdin empty and stdout captured. */
MUST_CHECK_ERR proc_capture(struct arena *a, const char *const *argv, size_t cap_bytes, struct proc_result *out);

/* SIGINT, SIGTERM, SIGHUP set a flag; the second one kills at once. SIGPIPE is ignored. */
void proc_install_signals(void);
/* The signal that asked us to stop, or 0. Loops poll it. */
int proc_stop_signal(void);
/* E_INTERRUPTED once a signal came, else NULL. */
MUST_CHECK_ERR proc_check_stop(void);
/* Ends this process by the signal that stopped it, so that the shell sees it (F25). */
void proc_die_by_signal(int sig);
