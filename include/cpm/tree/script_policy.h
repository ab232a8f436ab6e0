/* SPDX-License-Identifier: MIT
 * Whose install scripts may run (npm-cli.md 4.6). Nobody's, unless the project says so by name; and who a package is, is
 * taken from where it came from, never from what it says of itself (T18). */
#pragma once
#include "cpm/config/policy.h"
#include "cpm/tree/node.h"

enum script_verdict { SCRIPTS_UNREVIEWED, SCRIPTS_ALLOWED, SCRIPTS_DENIED };

/* The entries of one place that says something. Opaque; lives in an arena. */
struct script_policy;

/* @where: the project's folder, which relative paths start from. */
struct script_policy *script_policy_new(struct arena *a, str where);
/* Adds "name@1.0.0 || 1.1.0", "name", "github:user/repo#abc", "file:dir". @source names the place in warnings: keys that
 * would allow versions nobody has seen are warned about and left out. */
void script_policy_add(struct script_policy *p, str key, enum script_verdict verdict, const char *source);
/* What was added under @key allows only packages with this content: any of the hashes in an integrity string. */
void script_policy_tie(struct script_policy *p, str key, str integrity);
bool script_policy_is_empty(const struct script_policy *p);
/* What the project's policy file lets pass; it speaks where no entry decides. @exceptions may be NULL. */
void script_policy_except(struct script_policy *p, struct policy *exceptions);

/* Any entry that denies beats any that allows, and any exception. @p may be NULL. A package that came inside another is never
 * allowed. */
enum script_verdict script_policy_verdict(const struct script_policy *p, struct node *n);
/* The scripts of @n run, or do not: marks the exception that this is owed to, or that it was until that expired. */
void script_policy_note(const struct script_policy *p, struct node *n);
/* What exceptions call @n: "name" and "name@1.0.0" of what a registry has under that name, else where it came from, without
 * and with its commit. Two at most; null when there is none. */
void script_policy_names(struct arena *a, struct node *n, str names[2]);

/* An entry's key, parsed: NULL when it is no spec. */
const struct spec *script_key_parse(struct arena *a, str key, str where);
/* The entry concerns @n. @is_deny: one that names a version also concerns packages whose version cannot be known. */
bool script_key_matches(const struct spec *key, struct node *n, bool is_deny);
/* It is about the package that @n is, in whatever version. */
bool script_key_targets(const struct spec *key, struct node *n);
/* "name" and "name@*", which mean every version. */
bool script_key_is_name_only(const struct spec *key);

/* Who a package from a registry is. */
struct script_identity {
	str name, version;	/* version: null when it is not known */
};
/* Out of the tarball's address, else out of what its dependents ask for. False when neither tells. */
bool script_identity_trusted(struct node *n, struct script_identity *out);
/* For people: what is not known for certain is what the package says. */
struct script_identity script_identity_shown(struct node *n);
/* The key that pins @n, and the one that names it in every version; null when nothing trusted would match. */
str script_key_pinned(struct arena *a, struct node *n);
str script_key_named(struct arena *a, struct node *n);

/* The project and its members answer for themselves, links stand for what they lead to, and what came inside a package
 * or is not on disk never runs. */
bool script_is_reviewable(struct node *n);

/* The scripts that installing would run; null when absent. */
struct install_scripts {
	str preinstall, install, postinstall, prepare;
};
/**
 * install_scripts_find - what @n brings, as far as can be known.
 * @dirfd: the project's folder; its package.json is read when the tree only knows that there are some
 *
 * False when there are none. Scripts that are known to exist and cannot be read are "(install scripts present)".
 */
bool install_scripts_find(struct arena *a, int dirfd, struct node *n, struct install_scripts *out);
/* What the package.json in its folder says, and nothing else: for those who are about to run it. */
bool install_scripts_read(struct arena *a, int dirfd, struct node *n, struct install_scripts *out);
/* "preinstall: a; install: node-gyp rebuild" */
str install_scripts_text(struct arena *a, const struct install_scripts *s);
struct json *install_scripts_json(struct arena *a, const struct install_scripts *s);
