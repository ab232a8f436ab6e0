/* SPDX-License-Identifier: MIT
 * A tree that is nothing but links to packages that projects share (ADR 12) can be made again without knowing what is in
 * it: a recipe names its links, and what goes with them. One is left behind by a ci that ended in such a tree, under a key
 * made of all that decided about it; the next ci with that key follows it, without reading the lockfile or building a tree.
 * A recipe is a hint, like everything in the cache: what does not fit leads to the way without it. */
#pragma once
#include "cpm/base/fingerprint.h"
#include "cpm/base/vec.h"
#include "cpm/store/store.h"

/* From the project's folder, and the text of the link. */
struct recipe_link {
	str path, target;
};

struct recipe {
	VEC(str) entries;	/* of the shared place: their keys */
	VEC(struct recipe_link) links; /* outside of the store */
	str hidden_lockfile;
	str report;		/* the command's own words */
};

/**
 * recipe_take_down - the recipe of the tree that is in place.
 * @out: all but the report, in @a
 *
 * False when there is anything in node_modules that is no link, or that leads elsewhere. Cost: reading the links.
 */
bool recipe_take_down(struct arena *a, struct store *store, int dirfd, struct recipe *out);
/* Keeps it, and of older ones no more than a few. Failures are nobody's. */
void recipe_keep(struct store *store, struct fingerprint key, const struct recipe *r);
/* False when there is none that can be followed: all its entries must be sound. Lives in @a. Cost: one read, and one stat
 * for each entry. */
bool recipe_find(struct arena *a, struct store *store, struct fingerprint key, struct recipe *out);
/**
 * recipe_follow - makes node_modules what the recipe says; what was there goes.
 * @path: of the project
 *
 * Crash-safe as reify_apply() is, and undone like that when it fails. Errors: any of fs.
 */
MUST_CHECK_ERR recipe_follow(struct arena *a, struct store *store, int dirfd, str path, const struct recipe *r);
