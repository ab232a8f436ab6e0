/* SPDX-License-Identifier: MIT
 * Which Node.js a project's scripts run on. */
#pragma once
#include "cpm/base/json.h"
#include "cpm/runtime/runtime_pins.h"

enum runtime_kind {
	RUNTIME_NONE,		/* .problem says why */
	RUNTIME_SYSTEM,		/* the `node` on PATH */
	RUNTIME_BUNDLED,	/* a pinned build */
};

struct runtime_choice {
	enum runtime_kind kind;
	str node;		/* the program; of a build that is not here yet, where it will be; null for NONE */
	str version;		/* BUNDLED, without "v"; else null: who needs it asks the program */
	struct runtime_pin pin; /* BUNDLED */
	str dir;		/* BUNDLED: where it is; null: it has to be fetched first */
	str problem;		/* NONE: for an error message */
	bool is_refused;	/* NONE because of what somebody insists on; else because there is nothing to be had */
};

/* Tells programs that a script starts which build they run on. */
#define RUNTIME_VARIABLE "CPM_RUNTIME"

/**
 * runtime_choose - decides by settings, project and machine; nothing is fetched and no Node.js is run that is not on PATH.
 * @package: the project's package.json, or NULL
 *
 * `script-runtime` says from where: `auto` takes the `node` on PATH unless somebody insists on another version, and a
 * pinned build where there is none. To insist, in this order: the environment of a script that runs on a build, the
 * setting `runtime-version` of command line, environment or project, devEngines.runtime with onFail "download", and
 * `runtime-version` of the user. What devEngines.runtime and engines.node say besides is heeded among the pinned builds
 * when one of them fits. Lives in @a.
 */
void runtime_choose(struct arena *a, const struct cfg *cfg, const struct json *package,
		    const struct runtime_machine *machine, struct runtime_choice *out);
