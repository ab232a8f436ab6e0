/* SPDX-License-Identifier: MIT
 * audit fix --plan: what helps against each vulnerability, tried one by one, and what it changes. */
#pragma once
#include "install_stages.h"

/* A trial resolves the whole project; a plan that takes minutes helps nobody. */
#define PLAN_TRIALS_MAX 200

enum plan_kind { PLAN_IN_RANGE, PLAN_PARENT_BUMP, PLAN_OVERRIDE, PLAN_KINDS };

/* A package that another version, another place or nothing takes the place of. */
struct plan_change {
	str location, name, from, to; /* from, to: null when it comes or goes */
};

/* What a change of the project leads to. */
struct plan_option {
	enum plan_kind kind;
	str name, version;	/* PARENT_BUMP, OVERRIDE: what is asked for */
	bool is_major;		/* PARENT_BUMP: npm calls that a breaking change */
	size_t left;		/* findings afterwards */
	VEC(struct plan_change) changes;
};

/* A vulnerability that an advisory is about; those that only depend on it are its effects. */
struct plan_finding {
	str name;
	const struct json *vuln;	/* of the report */
	VEC(struct plan_option) options; /* that leave fewer findings */
	bool is_untried;		/* at least one option was not tried: there had been PLAN_TRIALS_MAX trials */
};

struct audit_plan {
	size_t before;		/* findings */
	VEC(struct plan_finding) findings;
	size_t untried;		/* ... of these, not tried to the end */
	struct plan_option fix, force; /* of all of them: `audit fix`, and with --force */
	bool can_fix, can_force;       /* ... leave fewer findings */
};

/* For install_request.plan. */
MUST_CHECK_ERR audit_plan(struct install *in);

/* ---- audit_plan_output.c ---- */

str audit_plan_text(struct arena *a, const struct audit_plan *plan);
struct json *audit_plan_json(struct arena *a, const struct audit_plan *plan);
