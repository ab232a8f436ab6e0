/* SPDX-License-Identifier: MIT
 * Licence expressions: "MIT", "(MIT OR Apache-2.0)", "GPL-2.0-only WITH Classpath-exception-2.0". What a package may be
 * used under is a choice, and a choice can only be judged when it has been read. */
#pragma once
#include "cpm/base/str.h"

enum spdx_op { SPDX_LICENSE, SPDX_AND, SPDX_OR };

/* A step of the expression in postfix order: a licence, or what joins the two values before it. */
struct spdx_step {
	enum spdx_op op;
	str license;		/* "GPL-2.0-only", "LicenseRef-x", "DocumentRef-d:LicenseRef-x"; null for AND and OR */
	bool has_plus;		/* "or any later version" */
	str exception;		/* behind WITH, or null */
};

struct spdx {
	struct spdx_step *steps; /* at least one */
	size_t count;
};

/**
 * spdx_parse - @text as an expression; false when it is none.
 *
 * Identifiers count as the list spells them; operators in any case. Iterative. Lives in @a and borrows from @text.
 * Cost: O(bytes), and a bisection of the list for each identifier.
 * Source: SPDX specification 2.3, annex D; what npm's parser takes for an expression.
 */
bool spdx_parse(struct arena *a, str text, struct spdx *out);

/* An identifier of the licence list, in its spelling. */
bool spdx_is_license(str id);

/* The licence of a step as it is written: "GPL-2.0+", "GPL-2.0-only WITH Classpath-exception-2.0". */
str spdx_step_text(struct arena *a, const struct spdx_step *step);

/* True when @is_bad leaves no way to use what is licensed so: of an OR every side is bad, of an AND any. */
typedef bool (*spdx_is_bad_fn)(void *ctx, const struct spdx_step *license);
bool spdx_is_unusable(const struct spdx *expression, spdx_is_bad_fn is_bad, void *ctx);
