/* SPDX-License-Identifier: MIT
 * What the result of a script depends on, part by part, and the digest of it all. The parts are kept beside the
 * result, so that the next run can say which of them is another one now.
 *
 *	command   texts of the script and of what runs before and after it
 *	files     the member's own
 *	env       the variables that it declares, and NODE_ENV: digests of their values
 *	packages  the lockfile's entries for what the member and the project's root depend on
 *	members   all members it needs, however far: digests of the above
 *	shared    files of the project that count for all members, where package.json names some
 *	run       arguments, shell, Node.js, platform */
#pragma once
#include "member_run.h"
#include "script_decl.h"

/* Of one member, without what it needs. */
struct script_own {
	bool is_known;
	struct script_decl decl;
	struct json *parts;	/* command, files, env, packages */
	str digest;
	str problem;		/* its key cannot be told, because; or null */
};

struct script_keys {
	struct member_run *run;
	str root, script;
	struct script_own *owns; /* one for each member */
	struct tree *lock;	/* NULL: there is none */
	struct json *of_run, *root_package;
	struct json *shared;	/* NULL: package.json names no such files */
};

struct script_key {
	struct json *parts;
	str hex;		/* digest of the parts */
	str problem;		/* as above: the rest is unset */
};

/* Reads what is the same for all members. Errors: of the lockfile, and those of script_decl_read() for any chosen member. */
MUST_CHECK_ERR script_keys_open(struct member_run *run, struct script_keys *out);
/* The key of a member's script as things are now; files are looked at once, unless script_keys_forget() says that they
 * may have changed. */
void script_keys_find(struct script_keys *k, size_t member, struct script_key *out);
void script_keys_forget(struct script_keys *k, size_t member);
