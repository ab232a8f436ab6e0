/* SPDX-License-Identifier: MIT
 * What scripts find in their environment (npm-cli.md 4.3): what we inherited, the settings, where npm and node are, and
 * what their package.json says. Never a credential of ours. */
#pragma once
#include "cpm/base/json.h"
#include "cpm/config/cfg.h"

struct runtime_choice;
struct runtime_shims;

/* The same for all scripts of a run. Opaque. */
struct script_env;

struct script_env_input {
	const struct cfg *cfg;		/* its user-agent is expanded */
	const char *const *environ;
	str command;			/* canonical name of the command that was typed */
	str program;			/* our own path: npm_execpath where there are no shims */
	const struct runtime_choice *runtime; /* what scripts run on; NULL: the `node` on PATH */
	const struct runtime_shims *shims; /* or NULL */
	bool has_color;			/* stdout is coloured */
};

struct script_env *script_env_new(struct arena *a, const struct script_env_input *in);

struct script_var {
	str name, value;
};

/* One script of one package. */
struct script_event {
	str event, command;		/* "postinstall"; the script's text, without arguments */
	str dir;			/* the package's folder, absolute */
	const struct json *package;	/* its normalised package.json */
	bool is_foreign;		/* gets no npm_config_* variable with a credential, even if we inherited it */
	const struct script_var *extra; /* further variables */
	size_t nextra;
	const str *bin_dirs;		/* searched before everything else */
	size_t nbin_dirs;
};

/* A NULL-terminated environment in @a. */
char *const *script_env_for(struct arena *a, const struct script_env *env, const struct script_event *event);
