/* SPDX-License-Identifier: MIT
 * Does a package run here? engines, os, cpu and libc checks (npm-tree.md 8.10). Twin of npm-install-checks. */
#pragma once
#include "cpm/tree/manifest.h"

struct platform {
	str os, cpu, libc;	/* "linux", "x64", "glibc"; libc null when it cannot be told */
};

/* This machine's, in Node.js's words. */
struct platform platform_detect(struct arena *a);
/* engines.node and engines.npm hold; strict parse, includePrerelease; an unparsable range counts as failing. */
bool engine_is_supported(const struct json *engines, str node_version, str npm_version);
/* With a literal null version nothing is checked. */
bool platform_is_supported(const struct manifest *m, const struct platform *p);
