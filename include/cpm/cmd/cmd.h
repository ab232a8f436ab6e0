/* SPDX-License-Identifier: MIT
 * A command is one row beside its code. Help, completions, man pages and argument errors read the row and nothing else. */
#pragma once
#include "cpm/config/cfg.h"

struct cmd_ctx;

enum cmd_needs {
	CMD_NEEDS_PROJECT = 1,	/* a package.json that can be read */
	CMD_NEEDS_STORE = 2,
	CMD_NEEDS_NETWORK = 4,
	CMD_NEEDS_LOCK = 8,	/* one run at a time in the project */
	CMD_SKIPS_CONFIG_CHECK = 16, /* works with a broken npmrc, so that it can be repaired */
	CMD_WORKSPACES = 32,	/* knows what --workspace and --workspaces mean */
	CMD_REFUSES_WORKSPACE_DIR = 64, /* does not run inside a workspace's folder either */
	CMD_HIDDEN = 128,	/* works, but is not listed */
	CMD_NEEDS_FOLDER = 256,	/* of a project; without a package.json it is one that says nothing */
	CMD_CHECKS_ENGINES = 2048, /* not where the project's devEngines are not met; who installs or runs asks itself */
	CMD_OWN = 1024,		/* npm has no such command: no abbreviation means it */
	CMD_TAKES_ALLOW_SCRIPTS = 512, /* --allow-scripts is for it: no project has a say in what it installs */
};

struct cmd {
	const char *name;
	const char *summary;
	const char *const *synopsis;	/* lines behind "npm <name>", NULL-terminated */
	const char *const *aliases;	/* NULL-terminated, or NULL */
	const enum cfg_key *keys;	/* shown in usage; CFG_END-terminated */
	unsigned needs;
	const char *doc;		/* docs/commands/<doc>.md */
	struct err *(*run)(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status);
};

/* The table, NULL-terminated. */
extern const struct cmd *const cmd_list[];

/* Runs the program: argv without the program's name. Returns the exit status. */
int cmd_main(const char *const *argv, const char *const *environ, const char *exec_path);
