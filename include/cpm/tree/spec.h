/* SPDX-License-Identifier: MIT
 * Package specs: "name@what" into a kind and its target, as npm-package-arg reads them (npm-tree.md 2). */
#pragma once
#include "cpm/base/err.h"
#include "cpm/base/range.h"

enum spec_type { SPEC_VERSION, SPEC_RANGE, SPEC_TAG, SPEC_ALIAS, SPEC_FILE, SPEC_DIRECTORY, SPEC_GIT, SPEC_REMOTE };

/* How a hosted repository was written, which is how it is printed again. */
enum spec_form { SPEC_FORM_NONE, SPEC_FORM_SHORTCUT, SPEC_FORM_SSH, SPEC_FORM_HTTPS, SPEC_FORM_GIT };

struct spec {
	enum spec_type type;
	str raw;		/* as written, without the name */
	str name;		/* null when the spec has none */
	str fetch_spec;		/* version, range, tag text; absolute path; URL without hash; null for aliases, shortcuts */
	str save_spec;		/* what package.json would hold; null for registry types */
	struct range *range;	/* SPEC_RANGE and SPEC_VERSION: parsed loose, once */
	struct spec *sub;	/* SPEC_ALIAS: the target */
	/* SPEC_GIT */
	str host, user, project; /* of a hosted repository ("github", ...), else null; gists may have no user */
	str auth;		/* "user:password" of its URL, or null */
	enum spec_form form;
	str hash;		/* all behind '#', decoded; null when empty. What it says is in the next three, null when absent */
	str committish, git_range, git_subdir;
	bool is_hosted;
};

/* A dependency of package.json: name and spec are separate. @where: directory that relative paths start from, absolute.
 * The result lives in @a and borrows @name and @spec.
 * Errors: E_BAD_PROTOCOL, E_BAD_TAG, E_BAD_NAME, E_GENERIC (aliases of aliases). Cost: one pass; for a version or range
 * nothing is allocated besides the spec and its range. */
MUST_CHECK_ERR spec_resolve(struct arena *a, str name, str spec, str where, struct spec **out);
/* An argument of the command line. */
MUST_CHECK_ERR spec_parse_arg(struct arena *a, str arg, str where, struct spec **out);

/* Version, range, tag, or an alias of one: comes from a registry. */
bool spec_is_registry(const struct spec *s);
/* The spec behind an alias, else itself. */
const struct spec *spec_target(const struct spec *s);
str spec_format(struct arena *a, const struct spec *s);		/* "name@raw", as messages show it */
str spec_format_full(struct arena *a, const struct spec *s);	/* "name@" and what package.json would hold */
/* Claims that @name may become a folder and part of a URL: npm's rules for old packages, and T15. */
bool spec_is_valid_name(str name);

/**
 * spec_resolved - a `resolved` text in the one form that lockfiles keep (npm-tree.md 10.6).
 * @resolved: as a lockfile or a fetch gave it; null stays null
 * @from:     absolute directory that a relative "file:" starts from
 * @to:       null: "file:" paths come out absolute; else relative to this absolute directory
 *
 * Hosted repositories become git+ssh or git+https URLs; whatever is no spec comes back untouched.
 * Source: arborist's consistent-resolve.js.
 */
str spec_resolved(struct arena *a, str resolved, str from, str to);
