/* SPDX-License-Identifier: MIT
 * What scripts printed that nobody watched, one file each: npm throws it away when they succeed, and then nobody can
 * tell what was downloaded or compiled. */
#pragma once
#include "cpm/runtime/host.h"

struct script_logs {
	str dir;	/* made when absent; null: nothing is written */
	str run;	/* begins the names of this run's files, sorts by time, and has no '-' after its end */
	unsigned keep;	/* so many runs leave their files; the oldest go */
};

/**
 * script_log_write - keeps what a script has printed, without secrets, mode 0600; nothing when it printed nothing.
 *
 * A log that cannot be written is a line for the debug log and no error.
 */
void script_log_write(const struct script_logs *logs, const struct script *s, const struct script_outcome *o);
