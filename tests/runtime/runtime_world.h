/* SPDX-License-Identifier: MIT
 * Settings and builds for tests of the bundled runtime. */
#pragma once
#include "check.h"
#include "cpm/base/path.h"
#include "cpm/config/cfg.h"
#include "cpm/runtime/runtime_choice.h"
#include "temp_dir.h"

#define SHA512_OF_NOTHING                                                                          \
	"sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+" \
	"SfaPg=="

#define BUILD(os, version, line)                                                     \
	"{\"os\": \"" os "\", \"package\": \"node-" os "\", \"version\": \"" version \
	"\", \"line\": \"" line "\", \"integrity\": \"" SHA512_OF_NOTHING "\"}"

#define BUILDS                                                                               \
	"{\"builds\": [" BUILD("linux", "24.3.0", "maintenance") "," BUILD(                  \
		"linux", "26.1.0", "lts") "," BUILD("linux", "27.0.0",                       \
						    "current") "," BUILD("darwin", "28.0.0", \
									 "lts") "]}"

static const struct runtime_machine linux_machine = { S("linux"), S("x64"), S("glibc") };

/* Settings of a project in @d, where pins.json names BUILDS, nothing is on PATH, and data is kept
 * in @d/data.
 * @argv and @more (variables) are NULL-terminated. */
static inline struct cfg *runtime_settings(struct arena *a, const struct temp_dir *d,
					   const char *const *argv, const char *const *more)
{
	const char **environ_ = ARENA_ARRAY(a, const char *, 16); /* the settings borrow it */
	size_t count = 0;
	struct cfg *cfg;
	struct cfg_input in = {
		.argv = argv, .environ = environ_, .cwd = d->path, .exec_prefix = S("/opt/none")
	};

	temp_file(d, "package.json", S("{}"));
	temp_file(d, "pins.json", S(BUILDS));
	environ_[count++] = str_cstr(a, str_concat(a, S("npm_config_runtime_pins="),
						   path_join(a, d->path, S("pins.json"))));
	environ_[count++] = str_cstr(
		a, str_concat(a, S("XDG_DATA_HOME="), path_join(a, d->path, S("data"))));
	for (; *more; more++)
		environ_[count++] = *more;
	environ_[count++] = "PATH=/nowhere"; /* unless @more has one: the first counts */
	environ_[count] = NULL;
	CHECK_OK(cfg_load(a, &in, &cfg));
	return cfg;
}
