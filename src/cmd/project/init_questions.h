/* SPDX-License-Identifier: MIT
 * What init asks about a new package, and what it guesses. */
#pragma once
#include "cmd_priv.h"
#include "cpm/tree/package_file.h"

struct init {
	struct cmd_ctx *ctx;
	struct package_file file;
	bool asks;            /* else every guess is the answer */
	struct json *answers; /* in the order of the questions */
};

/**
 * init_ask - fills in->answers from the file, the folder, the settings and, when it asks, from
 * stdin.
 *
 * Errors: E_GENERIC "canceled" when stdin ends, or nobody answers where it is no terminal.
 */
MUST_CHECK_ERR init_ask(struct init *in);

/* One question on stdout, one line from stdin; an empty one stands for @guess. */
MUST_CHECK_ERR init_prompt(struct init *in, const char *question, str guess, str *answer);
/* The name a package gets that lives in a folder called @base. @scope: with or without "@", or
 * empty. For tests. */
str init_package_name(struct arena *a, str base, str scope);
