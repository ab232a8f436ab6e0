/* SPDX-License-Identifier: MIT
 * Words for a POSIX shell. */
#pragma once
#include "cpm/base/str.h"

/* @word as one word of a shell script, in npm's form (npm-cli.md 4.1): unquoted where it can be. */
str shell_quote(struct arena *a, str word);
/* @script with the words behind it, each quoted: what `sh -c` gets. The script itself is never touched. */
str shell_command(struct arena *a, str script, const str *words, size_t count);
