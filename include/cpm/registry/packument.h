/* SPDX-License-Identifier: MIT
 * A packument in scanned form: version keys, the spans of their manifests, dist-tags and times. Never a DOM; only
 * the manifest of a chosen version is ever parsed (speed.md 10.5.1). */
#pragma once
#include "cpm/base/err.h"
#include "cpm/base/semver.h"

struct packument_version {
	str version;		/* the key, as published */
	struct semver semver;	/* loose; .text null when the key is not a version */
	str manifest;		/* see packument_manifest(); null: not read yet */
	str time;		/* publish time, ISO 8601, or null */
	bool is_deprecated;	/* `deprecated` is truthy */
	bool is_restricted;	/* a policy of the registry forbids it: known, but not to be had */
	str engines;		/* JSON text of `engines`, or null */
};

struct packument_tag {
	str tag, version;
};

struct packument;

/* Who can read manifests that the cache keeps apart from their packument. */
struct packument_reader {
	/* Fills in @v's, and perhaps others. */
	struct err *(*read)(struct packument_reader *r, const struct packument *p, const struct packument_version *v);
	/* Fills in all that are there. */
	void (*read_all)(struct packument_reader *r, const struct packument *p);
};

struct packument {
	str name;
	struct packument_version *versions;	/* sorted by semver, highest first; ties and non-versions in file order, last */
	size_t nversions;
	struct packument_tag *tags;		/* in file order */
	size_t ntags;
	bool has_time;				/* a `time` map was present */
	str policy_message;			/* why versions are restricted, or null */
	str manifests;				/* of a scanned one: where those of its versions are */
	/* what the cache keeps beside it */
	str etag, last_modified;
	int64_t fetched_at_sec, max_age_sec;
	str head;				/* the frozen form it was thawed from; null for a scanned one */
	struct packument_reader *reader;	/* of the manifests that are not here; NULL when all are */
};

/* Fields of a version's manifest that survive the cut, i.e. all that trees, lockfiles and installs are made of. */
extern const char *const packument_kept_fields[];

/**
 * packument_scan - registry's answer into scanned form, in one pass.
 * @body: JSON text, which must outlive the packument: version keys, tags and times are parts of it
 *
 * Ceilings of threats.md 1 (256 MiB, 200,000 versions). Errors: E_BAD_RESPONSE naming @name when the body is no
 * JSON object; fields of a wrong type are dropped (T27).
 */
MUST_CHECK_ERR packument_scan(struct arena *a, str name, str body, struct packument **out);

/**
 * packument_freeze - the form that cache.db stores; loading it is one pass without JSON.
 *
 * A head, with all that choosing a version needs. What goes with it are p->manifests, of which an install looks into one or
 * two out of dozens: each has its place and its fingerprint in the head. Null: there is too much of it.
 */
str packument_freeze(struct arena *a, const struct packument *p);
/**
 * packument_thaw - @head is what freeze wrote.
 *
 * Borrowed, and must outlive the packument. The manifests are not there yet: it wants a reader, or to be given them.
 * Errors: E_BAD_RESPONSE when it is something else.
 */
MUST_CHECK_ERR packument_thaw(struct arena *a, str head, struct packument **out);

/* Of one that was thawed: how long its manifests are, together. */
size_t packument_manifests_len(const struct packument *p);
/* Gives it those that it lacks; @manifests: that many bytes, which must outlive it. What is not as it was frozen stays
 * away. */
void packument_take_manifests(const struct packument *p, str manifests);

/* For who will look into most manifests: one long read is cheaper than a few short ones. */
void packument_read_manifests(const struct packument *p);
/**
 * packument_manifest - JSON text of a version's manifest, cut down to the fields installing needs.
 * @out: lives as long as the packument
 *
 * Cost: the first time a look into the cache, where the packument comes from there. Errors: those of the network, when
 * the cache has lost the text and it has to be fetched anew.
 */
MUST_CHECK_ERR packument_manifest(const struct packument *p, const struct packument_version *v, str *out);
/* Until when it may be used without asking again, in seconds since 1970: what the registry said, five minutes at most. */
int64_t packument_fresh_until(const struct packument *p);

/* Version by exact key, or NULL. Cost: O(log n). */
const struct packument_version *packument_find(const struct packument *p, str version);
/* The version a tag points at; null when there is no such tag. */
str packument_tag(const struct packument *p, str tag);
