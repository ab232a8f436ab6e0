/* SPDX-License-Identifier: MIT
 * A packument in scanned form: version keys, the spans of their manifests, dist-tags and times. Never a DOM; only
 * the manifest of a chosen version is ever parsed (speed.md 10.5.1). */
#pragma once
#include "cpm/base/err.h"
#include "cpm/base/semver.h"

struct packument_version {
	str version;		/* the key, as published */
	struct semver semver;	/* loose; .text null when the key is not a version */
	str manifest;		/* JSON text of the manifest, cut down to the fields installing needs */
	str time;		/* publish time, ISO 8601, or null */
	bool is_deprecated;	/* `deprecated` is truthy */
	bool is_restricted;	/* a policy of the registry forbids it: known, but not to be had */
	str engines;		/* JSON text of `engines`, or null */
};

struct packument_tag {
	str tag, version;
};

struct packument {
	str name;
	struct packument_version *versions;	/* sorted by semver, highest first; ties and non-versions in file order, last */
	size_t nversions;
	struct packument_tag *tags;		/* in file order */
	size_t ntags;
	bool has_time;				/* a `time` map was present */
	str policy_message;			/* why versions are restricted, or null */
	/* what the cache keeps beside it */
	str etag, last_modified;
	int64_t fetched_at_sec, max_age_sec;
};

/* Fields of a version's manifest that survive the cut, i.e. all that trees, lockfiles and installs are made of. */
extern const char *const packument_kept_fields[];

/**
 * packument_scan - registry's answer into scanned form, in one pass.
 * @body: JSON text; may be dropped afterwards: everything kept is copied into @a
 *
 * Ceilings of threats.md 1 (256 MiB, 200,000 versions). Errors: E_BAD_RESPONSE naming @name when the body is no
 * JSON object; fields of a wrong type are dropped (T27).
 */
MUST_CHECK_ERR packument_scan(struct arena *a, str name, str body, struct packument **out);

/* The compact form: what cache.db stores; loading it is one pass without JSON. */
str packument_freeze(struct arena *a, const struct packument *p);
/* E_BAD_RESPONSE when the bytes are not what freeze wrote. @bytes is borrowed and must outlive the packument. */
MUST_CHECK_ERR packument_thaw(struct arena *a, str bytes, struct packument **out);

/* Version by exact key, or NULL. Cost: O(log n). */
const struct packument_version *packument_find(const struct packument *p, str version);
/* The version a tag points at; null when there is no such tag. */
str packument_tag(const struct packument *p, str tag);
