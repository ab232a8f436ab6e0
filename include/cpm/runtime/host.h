/* SPDX-License-Identifier: MIT
 * Running scripts: either one that has our terminal, or many that have nothing but a pipe to us. In both cases the
 * script is a shell that we wait for; what it leaves behind in the background is its own business. */
#pragma once
#include "cpm/base/err.h"

/* One script, ready to run. All is borrowed. */
struct script {
	str shell;		/* null: "sh", looked up on our PATH */
	str command;		/* what the shell runs: see shell_command() */
	str dir;		/* where */
	char *const *environ;	/* NULL-terminated */
	bool may_fail;		/* host_run_many(): its failure does not stop the others */
	str package, event;	/* whose it is, for people: "a@1.0.0", "postinstall" */
	int64_t limit_ms;	/* how long it may run; 0: as long as it wants */
	str temp_dir;		/* not null: confined; it writes here and in @dir and nowhere else (sandbox.h) */
};

struct script_outcome {
	bool has_run;		/* false: never started, because another one had failed */
	bool was_stopped;	/* by us, for the same reason */
	bool took_too_long;	/* and was ended by us */
	int exit_status;	/* 0-255, or -1 when killed by a signal */
	int signal;		/* 0, or the signal that ended it */
	str out, err;		/* host_run_many(): the last HOST_KEEP_BYTES of each */
};

static inline bool script_failed(const struct script_outcome *o)
{
	return o->has_run && !o->was_stopped && (o->took_too_long || o->exit_status != 0 || o->signal != 0);
}

#define HOST_KEEP_BYTES ((size_t)1 << 20)
/* How long a script that was told to stop may take, before it is killed. */
#define HOST_PATIENCE_MS 1500

/**
 * host_run - runs one script with our own stdin, stdout and stderr, to its end.
 *
 * Signals that somebody sends us go on to the script, once each; those of the terminal it gets without us, since it
 * stays in our foreground group. We outlive it: whoever stops us by Ctrl-C wants the script to stop, and it may have
 * its own opinion on that. One with a limit is ended when that is over, with all that it has started; for that it must
 * lead its own group, and so cannot read from a terminal. A script that fails is success here: look at @out.
 * Errors: err_sys() when it cannot be started, E_UNSUPPORTED when it cannot be confined. Main thread only.
 */
MUST_CHECK_ERR host_run(const struct script *s, struct script_outcome *out);

/**
 * host_run_many - runs scripts that nobody watches, up to @limit at once, and keeps what they print.
 * @out: @count outcomes; texts live in @a
 *
 * Each script leads a process group of its own, with an empty stdin, and dies with us. After a failure that counts
 * nothing new is started and what still runs is ended; look for it in @out. A stop signal ends all of them at once.
 * Errors: err_sys() when one cannot be started; E_INTERRUPTED. Main thread only.
 */
MUST_CHECK_ERR host_run_many(struct arena *a, const struct script *scripts, size_t count, unsigned limit,
			     struct script_outcome *out);

/**
 * host_failure - what to say of a script that failed: npm's text, or that it took too long.
 * Errors: E_SCRIPT with its status and output, E_SCRIPT_TIMEOUT.
 */
MUST_CHECK_ERR host_failure(const struct script *s, const struct script_outcome *o);
