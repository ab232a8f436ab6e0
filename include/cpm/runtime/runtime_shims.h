/* SPDX-License-Identifier: MIT
 * What makes `node`, `npm`, `npx`, `cpm` and `node-gyp` resolve inside scripts: a small folder of links to the running
 * program and the chosen Node.js. */
#pragma once
#include "cpm/runtime/runtime_choice.h"

struct runtime_shims {
	str bin_dir;	/* for PATH */
	str node;	/* the Node.js, or where it is fetched when it is first needed; null: there is none */
	str npm_cli;	/* JavaScript, and a program as well: both `node $npm_execpath` and `$npm_execpath` are cpm */
	str node_gyp;	/* the same for node-gyp */
};

/**
 * runtime_shims_make - the folder for @choice, made when it is not there yet.
 *
 * Lies in cpm's data folder under a name made of its content, so it never changes once it exists and runs may share it.
 * `npm` and `npx` are in bin_dir only where the machine has no npm of its own, `node` only for pinned builds. A build that
 * is not here yet is a link to cpm, which fetches it when it is called by that name.
 * Cost: one stat and a search of PATH when it exists. Errors: any of fs.
 */
MUST_CHECK_ERR runtime_shims_make(struct arena *a, const struct cfg *cfg, const struct runtime_choice *choice,
				  struct runtime_shims *out);
