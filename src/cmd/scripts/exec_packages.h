/* SPDX-License-Identifier: MIT
 * Packages that exec runs without anybody having installed them: which are missing, and a folder of the cache that
 * they are installed into (npm-cli.md 8.6). Twin of libnpmexec's index.js. */
#pragma once
#include "cmd_priv.h"

struct exec_search {
	struct cmd_ctx *ctx;
	str *args;		/* [0] becomes the name of a command when it names a package */
	str *packages;		/* specs; folders become absolute */
	size_t npackages;
	bool names_package;	/* args[0] is packages[0]: its command is to be found */
	bool is_own;		/* the package is the project or a member of it: nobody is asked */
	str bin_dir;		/* where the commands are when PATH does not lead there by itself; null: it does */
};

/**
 * exec_find_packages - sees to it that the packages of a search are installed somewhere.
 *
 * Those that the project has are left where they are. All others go together into one folder of the cache, which is
 * used again for as long as it is current. Opens the network only when the disk has no answer.
 * Errors: E_GENERIC when the user says no, or a package has no command to run; those of install_run().
 */
MUST_CHECK_ERR exec_find_packages(struct exec_search *s);

/* The command that a package is run by: its only one, else the one named like it.
 * Errors: E_GENERIC when there is no such command. */
MUST_CHECK_ERR exec_main_command(const struct manifest *m, str *out);
/* Name of the folder for these packages: 16 hex digits. */
str exec_folder_name(struct arena *a, const str *packages, size_t count);
