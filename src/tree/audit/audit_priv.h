/* SPDX-License-Identifier: MIT
 * The parts of an audit: advisories and which versions they concern, vulnerabilities and which nodes have them. */
#pragma once
#include "cpm/base/json.h"
#include "cpm/tree/audit.h"

#define AUDIT_SEMVER (SEMVER_LOOSE | SEMVER_INCLUDE_PRE)

/* ---- audit_advisory.c: one advisory against the versions of one package ---- */

/* The texts of the fields of a manifest that say what it depends on; null where there is none. */
enum audit_manifest_part {
	MANIFEST_DEPS,
	MANIFEST_OPTIONAL,
	MANIFEST_PEER,
	MANIFEST_BUNDLED,
	MANIFEST_PARTS
};

struct audit_manifest {
	str parts[MANIFEST_PARTS];
	bool is_read;
	bool is_flat; /* of its dependencies: see jscan_is_flat() */
};

/* A package and its versions, lowest first. */
struct audit_package {
	str name;
	const struct packument *packument; /* NULL: no registry has it */
	bool is_private;		/* ... and none was asked */
	bool has_manifests;		/* they were read, as far as they are there */
	size_t nversions;
	struct audit_manifest *manifests; /* filled on demand */
};

enum audit_verdict { VERDICT_UNKNOWN, VERDICT_SAFE, VERDICT_VULNERABLE };

struct advisory {
	struct audit_package *package;
	struct advisory *source;	/* of a package that depends on a vulnerable one: the advisory about that; else NULL */
	size_t depth;			/* number of sources behind it */
	const struct json *said;	/* the registry's own words */
	str severity;
	str range;
	struct range *parsed;		/* NULL when the range is none */
	unsigned char *verdicts;	/* of each version */
	bool *is_marked;		/* counts for the range */
	bool *is_settled;		/* was looked at together with those of its minor version */
	size_t dep_hint;		/* where in a manifest the dependency was found last, */
	str judged_spec;		/* ... what it asked for, */
	bool was_concerned;		/* ... and what came of it */
	struct map others;		/* version that is not published -> verdict */
	struct map specs;		/* spec -> verdict */
	struct map derived;		/* package name -> struct advisory * with this one for its source */
	bool is_listed;
};

const struct packument_version *audit_package_version(const struct audit_package *p, size_t i);

struct advisory *advisory_new(struct arena *a, struct audit_package *package, const struct json *said);
/* Versions of @package that cannot do without what @source, which is complete, warns of. */
struct advisory *advisory_derive(struct arena *a, struct audit_package *package, struct advisory *source);
/* Looks at all versions and makes a range of them: for one that turned out to concern something. */
void advisory_complete(struct arena *a, struct advisory *adv);
/* @spec: what an installed version asks for, should it not be published; or null. */
bool advisory_concerns(struct arena *a, struct advisory *adv, str version, str spec);
/* The shorter of @range and another text for the same versions of @p. */
str audit_simplify_range(struct arena *a, const struct audit_package *p, str range);

/* ---- audit_fix.c: how a vulnerability can be got rid of ---- */

enum fix_kind { FIX_IN_RANGE, FIX_FORCED, FIX_NONE };

struct audit_fix {
	enum fix_kind kind;
	str name, version;		/* FIX_FORCED */
	bool is_major, knows_major;
};

extern const struct audit_fix audit_fix_in_range, audit_fix_none;

struct vuln {
	struct audit_package *package;
	str severity;			/* null: none */
	VEC(struct advisory *) advisories;
	struct map nodes;		/* location -> node */
	struct map tops;		/* ... of tops that hold it in place */
	VEC(struct vuln *) via, effects;
	const struct audit_fix *fix;
	str blocked_version, blocked_before; /* a fix that is still too new; null: there is none */
};

str vuln_range(struct arena *a, const struct vuln *v);
/* What it takes to have @e, of a top node, lead elsewhere. Sets v->fix, and v->blocked_* with it. */
void vuln_find_fix(struct arena *a, struct vuln *v, struct edge *e, const struct audit_opts *opts);
/* The strictest fix of what a vulnerability comes from is the one that counts there as well. */
void vuln_spread_fix(struct arena *a, struct vuln *v);

/* ---- audit_json.c ---- */

int audit_severity_rank(str severity);	/* -1 for none that is known */

/* ---- audit.c ---- */

struct audit {
	struct arena *arena;
	const struct tree *tree;
	struct audit_opts opts;
	struct map nodes;    /* package name -> node_vec * */
	struct map packages; /* package name -> struct audit_package * */
	VEC(struct advisory *) agenda;
	struct map seen;  /* "name@range" */
	struct map vulns; /* package name -> struct vuln * */
	struct map avoid; /* package name -> struct range *: what audit_avoid() was asked before */
};
