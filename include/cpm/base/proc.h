/* SPDX-License-Identifier: MIT
 * Child processes and signals. Programs are started by argv, never through a shell of ours. */
#pragma once
#include "cpm/base/err.h"

#include <sys/types.h>

struct proc_result {
	int exit_status;	/* 0-255, or -1 when killed by a signal */
	int signal;		/* 0, or the signal that ended it */
	str out;		/* captured stdout, up to the cap */
};

/**
 * proc_capture - runs @argv (argv[0] looked up on PATH; NULL-terminated) to its end.
 * @cap_bytes: keep this much of its output; the rest is read and dropped
 *
 * stdin is empty, stderr dropped. Waits for the program, not for children of it that keep the pipe open (F26). A program
 * that fails is success here: look at @out. A stop signal ends the program too.
 * Errors: err_sys() when it cannot be started; E_INTERRUPTED.
 */
MUST_CHECK_ERR proc_capture(struct arena *a, const char *const *argv, size_t cap_bytes, struct proc_result *out);
/* The same with stderr among the output: for programs whose complaint is to be shown. */
MUST_CHECK_ERR proc_capture_all(struct arena *a, const char *const *argv, size_t cap_bytes,
				struct proc_result *out);

/* A program that was begun and whose output nobody has read yet. */
struct proc_child {
	pid_t pid;
	int fd;
};

/**
 * proc_capture_begin - the first half of proc_capture(): the program runs while we do something else.
 *
 * It stops when it has written more than a pipe holds (64 KiB) and proc_capture_end() was not called. Each child is
 * ended once, by that or by proc_capture_drop(). Errors: err_sys() when it cannot be started.
 */
MUST_CHECK_ERR proc_capture_begin(const char *const *argv, struct proc_child *out);
/* The second half: waits, and tells what came of it. */
MUST_CHECK_ERR proc_capture_end(struct arena *a, struct proc_child *child, size_t cap_bytes, struct proc_result *out);
/* Nobody wants to know any more: the program is ended. */
void proc_capture_drop(struct proc_child *child);

/* Opens /dev/null on 0, 1 and 2 where they are closed, so that no file of ours ends up there (F28). Before all else. */
void proc_open_std_fds(void);
/* SIGINT, SIGTERM, SIGHUP set a flag; the second one kills at once. SIGPIPE is ignored. What the caller of this program
 * ignores (nohup) stays ignored. System calls are interrupted, not restarted. */
void proc_install_signals(void);
/* The signal that asked us to stop, or 0. Loops poll it. */
int proc_stop_signal(void);
/* E_INTERRUPTED once a signal came, else NULL. */
MUST_CHECK_ERR proc_check_stop(void);
/* As if @sig had come for us: a program we ran for the user ended by it, and so will we. */
void proc_stop_as(int sig);
/* Ends this process by the signal that stopped it, so that the shell sees it (F25). */
void proc_die_by_signal(int sig);
