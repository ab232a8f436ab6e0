/* SPDX-License-Identifier: MIT
 * Known vulnerabilities of a tree: what to ask a registry about, and what its answer means for each
 * package (npm-cli.md 6). No network except through a source. */
#pragma once
#include "cpm/config/cfg.h"
#include "cpm/registry/source.h"
#include "cpm/tree/node.h"
#include "cpm/tree/pick.h"

struct audit_opts {
	const struct cfg *cfg;
	struct cfg_omit omit;
	const struct map *only;	/* location -> node: nothing else is looked at; NULL or empty: all of the tree is */
	bool is_install;	/* what is not for this machine does not count, */
	bool is_on_disk;	/* ... nor does what --omit left out */
	struct source *source;	/* for packuments; audit_question() needs none */
	struct pick_opts pick;	/* how versions are picked; .before says which fixes are still too new */
};

/**
 * audit_question - {"name":["1.0.0"]} of all that is in question: the body of a bulk request.
 *
 * Without the project, its members and links, and without what is nobody's business: names of packages that do not
 * come from the default registry (T43). An empty object when there is nothing to ask.
 */
struct json *audit_question(struct arena *a, const struct tree *t, const struct audit_opts *opts);

/* The default registry may be asked about @n: it is a package of its own. */
bool audit_may_ask(const struct cfg *cfg, const struct node *n);

/* What is known against a tree: vulnerabilities, where they are, and what would help. */
struct audit;

/**
 * audit_examine - what the registry's answer means.
 * @advisories: {"name":[{"id","title","url","severity","vulnerable_versions",...}]}; NULL: none are known
 *
 * A package that can only be installed with vulnerable versions of another is vulnerable as well, and so on up the
 * tree. Entries of a wrong type are passed over. Lives in @a, and refers to @t and to packuments of the source.
 * Errors: E_INTERRUPTED; a packument that cannot be had is an empty one.
 * Cost: a packument for each vulnerable package and what depends on it.
 * Source: npm's metavuln-calculator, arborist's audit-report.js and vuln.js.
 */
MUST_CHECK_ERR audit_examine(struct arena *a, const struct tree *t, const struct json *advisories,
			     const struct audit_opts *opts, struct audit **out);

/* npm's audit report, version 2. It counts what is in the tree now, which ideal_build() may have changed since. */
struct json *audit_report_json(struct arena *a, const struct audit *au);

/* The number or the name by which an advisory is known, as text; null when @id is neither. */
str advisory_id(struct arena *a, const struct json *id);
/* The advisory says that @n's version is concerned. @range: its "vulnerable_versions". */
bool audit_concerns(str range, const struct node *n);

/* A packument that the audit asked its source for; NULL when it could not be had. */
struct audit_packument {
	str name;
	const struct packument *packument;
};
typedef VEC(struct audit_packument) audit_packuments;
void audit_list_packuments(struct arena *a, const struct audit *au, audit_packuments *out);

/* How many packages are vulnerable. */
size_t audit_count(const struct audit *au);
/* The same audit, of @name and of what is vulnerable because of it alone. */
struct audit *audit_only(struct arena *a, const struct audit *au, str name);
/* The safe version of @name that is nearest to what is installed: to be written into "overrides". Null: there is none. */
str audit_safe_version(struct arena *a, struct audit *au, str name);

/* ---- for the resolver, which is to get rid of it ---- */

/* A version of a package that is known to be vulnerable, in any tree. */
bool audit_is_vulnerable(struct audit *au, struct node *n);
/* Versions to pick only when nothing else will do; NULL: none. */
const struct range *audit_avoid(struct audit *au, str name);
