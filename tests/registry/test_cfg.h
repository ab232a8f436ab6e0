/* SPDX-License-Identifier: MIT
 * Settings for tests, as a command line and an environment would give them: no files are read,
 * retries are quick. */
#pragma once
#include "check.h"
#include "cpm/config/cfg.h"

/* Both lists end in NULL; @env may be NULL. */
static inline struct cfg *test_cfg(struct arena *a, const char *const *argv, const char *const *env)
{
	const char *environ_[32] = { "npm_config_userconfig=/dev/null",
				     "npm_config_globalconfig=/dev/null",
				     "npm_config_fetch_retry_mintimeout=10",
				     "npm_config_fetch_retry_maxtimeout=20", "HOME=/nonexistent" };
	struct cfg_input in = {
		.argv = argv, .environ = environ_, .cwd = S("/"), .exec_prefix = S("/usr")
	};
	struct cfg *cfg = NULL;
	size_t n = 5;

	for (; env && *env; env++)
		environ_[n++] = *env;
	CHECK_OK(cfg_load(a, &in, &cfg));
	return cfg;
}
