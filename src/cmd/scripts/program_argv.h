/* SPDX-License-Identifier: MIT
 * Programs that cpm only starts: everything behind their name is theirs. */
#pragma once
#include "cpm/base/str.h"

/**
 * program_argv - arguments as the settings want them, from those given to a program called @program.
 * @argv: NULL-terminated, without the program's name
 *
 * Called "node" or "node-gyp" (in any folder), the program is the command of that name, and no argument is an option of
 * ours. So it is behind `cpm node` and `cpm node-gyp`; --key=value in front of these is ours. Else @argv comes back.
 */
const char *const *program_argv(struct arena *a, const char *program, const char *const *argv);
