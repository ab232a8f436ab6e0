/* SPDX-License-Identifier: MIT
 * cpm-policy.json: what a project lets pass although a rule says no, for how long, why, and who answers for it. The file lies
 * beside package.json; nothing else is read. Its form is docs/cpm-policy.schema.json. */
#pragma once
#include "cpm/base/json.h"
#include "cpm/base/vec.h"

#define POLICY_NAME "cpm-policy.json"

enum policy_kind {
	POLICY_ADVISORY,	/* what: its number, or GHSA-... or CVE-... out of its address */
	POLICY_SCRIPT,		/* what: a package as script_policy_names() calls it, or a pattern */
	POLICY_RELEASE_AGE,	/* what: a package's name in its registry, or a pattern */
	POLICY_LICENSE,		/* what: the license, or a pattern; case does not matter */
	POLICY_GIT,		/* what: the address, or a pattern */
	POLICY_REMOTE,		/* the same */
	POLICY_KINDS
};

struct policy_entry {
	enum policy_kind kind;
	str what;
	str path;		/* pattern of places in the tree; null: anywhere, as always with kinds that have no place */
	str reason, owner;
	str state, justification; /* of an advisory, in CycloneDX's words; null: not said */
	str expires;		/* "2027-01-31": the last day on which it counts, in UTC */
	bool is_expired;
	bool is_used;		/* it let something pass in this run; or would have, had it not expired */
};

struct policy {
	VEC(struct policy_entry) entries;
	str text;		/* the file */
	struct json *doc;	/* the same, for editing */
	struct json_style style;
};

/* "advisory", "script", ... */
str policy_kind_name(enum policy_kind kind);
/* False when @name is none. */
bool policy_kind_find(str name, enum policy_kind *out);
/* A day of the calendar as the file has it. */
bool policy_is_day(str text);
/* Now, in UTC. */
str policy_today(struct arena *a);

/**
 * policy_parse - the text of a policy file.
 * @today: entries that expired before this day count as expired
 *
 * Strict: unknown members, missing reasons, owners and days are errors that name the entry, since what is read wrongly here
 * lets something pass. Errors: E_JSON_PARSE, E_GENERIC (EPOLICY).
 */
MUST_CHECK_ERR policy_parse(struct arena *a, str text, str today, struct policy **out);
/* The project's; *out is NULL when there is none. @dirfd: the project's folder. */
MUST_CHECK_ERR policy_read(struct arena *a, int dirfd, struct policy **out);

/* The first entry of that kind for @what at @path, expired or not as asked; NULL: none. @p may be NULL. */
const struct policy_entry *policy_find(const struct policy *p, enum policy_kind kind, str what, str path,
				       bool is_expired);
/* The same for an advisory. @id: its number, or null; @url: its last part is a name too; or null. */
const struct policy_entry *policy_find_advisory(const struct policy *p, str id, str url, str path, bool is_expired);
/* For whoever meets a rule that says no: the entry that lets @what pass, or NULL. What was found, and what would have been but for
 * its day, is marked as used, so that the run can tell of it. @p may be NULL. */
const struct policy_entry *policy_use(struct policy *p, enum policy_kind kind, str what, str path);
