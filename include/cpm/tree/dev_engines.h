/* SPDX-License-Identifier: MIT
 * What a project demands of the machine it is worked on with: `devEngines` of its package.json (npm-cli.md 7.6). Twin of
 * npm-install-checks' dev-engines.js. */
#pragma once
#include "cpm/tree/engine.h"

/* What is here. Names are compared exactly; versions may be null. */
struct dev_engines_here {
	struct platform platform;
	str os_version;		/* kernel release */
	str node_version, npm_version;
};

struct dev_engines_failure {
	str engine;		/* "packageManager" */
	str message;		/* npm's lines: what is wrong and why */
	const struct json *current, *required; /* to be shown: what is here, what is asked for */
	bool is_warning;	/* onFail: warn */
};

typedef VEC(struct dev_engines_failure) dev_engines_failures;

/**
 * dev_engines_check - holds @wanted, the value of `devEngines`, against what is here.
 *
 * An engine with several alternatives fails when all of them do; its last alternative says with onFail what that means.
 * Errors: E_GENERIC with npm's text when @wanted is malformed. C's NULL for @wanted is fine. Lives in @a.
 */
MUST_CHECK_ERR dev_engines_check(struct arena *a, const struct json *wanted, const struct dev_engines_here *here,
				 dev_engines_failures *out);
