/* SPDX-License-Identifier: MIT
 * yarn.lock, version 1 (npm-tree.md 7.4): a hint about versions for a project that has no package-lock.json yet, and
 * written again whenever a lockfile is, so that both package managers see the same packages. */
#pragma once
#include "cpm/tree/node.h"

struct yarn_entry {
	str version, resolved, integrity;	/* null when absent; resolved without the hash behind '#' */
};

struct yarn_lock {
	struct map entries;	/* "name@spec" -> struct yarn_entry * */
};

/* What @text says, up to the first line that is none of a yarn.lock. Lives in @a and borrows from @text. */
struct yarn_lock *yarn_lock_parse(struct arena *a, str text);

/**
 * yarn_lock_spec - @spec, of registry kind, as the yarn.lock pins it.
 * @integrity: what the package's own must agree with; null: anything
 *
 * *out is @spec itself when nothing is known about it. A tarball of a public registry pins its version; any other
 * address takes the place of the version, and is then for the allow-remote policy to judge.
 * Errors: those of spec_resolve().
 * Source: shrinkwrap.js, checkYarnLock.
 */
MUST_CHECK_ERR yarn_lock_spec(struct arena *a, const struct yarn_lock *y, const struct spec *spec,
			      const struct spec **out, str *integrity);

/* The file for @t. Inert nodes are in it unless @on_disk, when it tells what was installed. Source: yarn-lock.js. */
str yarn_lock_format(struct arena *a, struct tree *t, bool on_disk);
