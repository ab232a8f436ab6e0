/* SPDX-License-Identifier: MIT
 * Lines of .npmignore and .gitignore files, and the built-in lists of the same form, as npm reads
 * them. That is not quite what git does with them: case is ignored, and there is no rule about
 * folders that git would not enter. */
#pragma once
#include "cpm/base/str.h"

struct ignore_pattern {
	str *parts; /* "a/b" is two, "/a" is "" and "a" */
	size_t nparts;
};

struct ignore_rule {
	bool negates;                    /* "!": what matches is wanted after all */
	struct ignore_pattern *patterns; /* one per alternative of its braces */
	size_t npatterns;
};

struct ignore_rules {
	struct ignore_rule *items;
	size_t count;
};

/* Comments and empty lines are left out. Lives in @a and borrows @text. */
struct ignore_rules ignore_rules_parse(struct arena *a, str text);

/**
 * ignore_rules_apply - what the rules make of an entry, given what was decided before.
 * @path:     of the entry, seen from the rules' folder; no slash in front
 * @basename: of the entry; null when it lies in the rules' folder itself
 * @as_dir:   it may be a folder: what could match something inside it counts
 * @included: the decision so far
 */
bool ignore_rules_apply(struct arena *scratch, const struct ignore_rules *rules, str path,
			str basename, bool as_dir, bool included);
