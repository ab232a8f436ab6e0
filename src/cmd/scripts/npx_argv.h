/* SPDX-License-Identifier: MIT
 * The command line of `npx`, which is one of `exec` that has its own idea of where options end. */
#pragma once
#include "cpm/base/str.h"

/**
 * npx_argv - arguments as the settings want them, from those given to a program called @program.
 * @argv: NULL-terminated, without the program's name
 * @complaints: gets lines about options that npx no longer has
 *
 * Called "npx" or "cpx" (in any folder), the program is `exec`: with "--" before the first word that is neither an option
 * nor an option's value, so that what is behind it reaches the command. Called anything else, @argv comes back.
 * Source: npm's bin/npx-cli.js.
 */
const char *const *npx_argv(struct arena *a, const char *program, const char *const *argv, struct str_buf *complaints);
