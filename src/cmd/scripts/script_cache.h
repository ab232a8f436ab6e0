/* SPDX-License-Identifier: MIT
 * --script-cache: a script whose result is known is not run; what it left and what it printed come from the cache. Only
 * scripts that package.json describes (script_decl.h), only results of scripts that passed. */
#pragma once
#include "member_run.h"

struct member_output;
struct script_cache;

/* The settings ask for it, and the command is one for it. */
bool script_cache_is_wanted(const struct cmd_ctx *ctx);
/* *out is NULL when it is not wanted. Errors: those of script_keys_open(). */
MUST_CHECK_ERR script_cache_open(struct member_run *run, struct script_cache **out);
/* Restores the result of @task, shows what it printed, and says why, as far as that is wanted. False: it has to be run. */
bool script_cache_restore(struct script_cache *c, size_t task, struct member_output *output);
/* Something that the task prints while it runs; @step: or that it begins another step. */
void script_cache_hear(struct script_cache *c, size_t task, bool is_err, str bytes);
void script_cache_hear_step(struct script_cache *c, size_t task, size_t step);
/* The task has ended. Keeps its result if it passed and nothing changed under it; warns when that cannot be. */
void script_cache_end(struct script_cache *c, size_t task);
