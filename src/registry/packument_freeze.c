/* SPDX-License-Identifier: MIT
 * The form of a packument that the cache keeps: tables of fixed width, then one area of text they
 * point into. Loading is a bounds check and a copy of numbers per version; nothing is parsed again
 * and no text is moved.
 *
 *   header | versions, newest first | tags | text      the head: what choosing a version needs
 *   manifests                                          four fifths of it all, as they were scanned
 *
 * The two are kept apart (decision 11). Each manifest has its place and a fingerprint in the head,
 * so that the one that is read later is known to belong to it.
 *
 * All numbers are little-endian. A reference is offset and length in the text area; offset NO_TEXT
 * is the null string. */
#include "cpm/base/fingerprint.h"
#include "packument_priv.h"

#include <endian.h>

#define NO_TEXT UINT32_MAX
/* The last character counts up whenever the layout or the kept fields change: older entries are
 * then fetched anew. */
static const char magic[8] = { 'c', 'p', 'm', 'p', 'a', 'c', 'k', '3' };

struct ref {
	uint32_t at, len;
};

struct frozen_header {
	char magic[8];
	uint32_t nversions, ntags, text_len, manifests_len, has_time, unused;
	int64_t fetched_at_sec, max_age_sec;
	struct ref name, etag, last_modified, policy_message;
};

struct frozen_version {
	uint64_t major, minor, patch, manifest_proof;
	struct ref version, manifest, engines, time, pre, build, semver; /* manifest: among them */
	uint32_t is_deprecated, is_restricted;
};

struct frozen_tag {
	struct ref tag, version;
};

/* ---- freezing ---- */

static struct ref make_ref(size_t at, size_t len)
{
	return (struct ref){ htole32((uint32_t)at), htole32((uint32_t)len) };
}

struct text_area {
	char *p;
	size_t len;
};

static struct ref put(struct text_area *t, str s)
{
	struct ref r = make_ref(t->len, s.len);

	if (str_is_null(s))
		return make_ref(NO_TEXT, 0);
	if (s.len)
		memcpy(t->p + t->len, s.p, s.len);
	t->len += s.len;
	return r;
}

/* @s may be a part of @whole, which is in the area already as @at; then it needs no room of its
 * own. */
static struct ref put_part(struct text_area *t, str s, str whole, struct ref at)
{
	uintptr_t from = (uintptr_t)s.p, begin = (uintptr_t)whole.p;

	if (str_is_null(s) || str_is_null(whole) || from < begin ||
	    from + s.len > begin + whole.len)
		return put(t, s);
	return make_ref(le32toh(at.at) + (from - begin), s.len);
}

/* Room for the texts of the head, were they all different. */
static size_t measure(const struct packument *p)
{
	size_t len = p->name.len + p->etag.len + p->last_modified.len + p->policy_message.len;

	for (size_t i = 0; i < p->nversions; i++) {
		const struct packument_version *v = &p->versions[i];

		len += v->version.len + v->engines.len + v->time.len + v->semver.pre.len +
		       v->semver.build.len + v->semver.text.len;
	}
	for (size_t i = 0; i < p->ntags; i++)
		len += p->tags[i].tag.len + p->tags[i].version.len;
	return len;
}

static uint64_t manifest_proof(str manifest)
{
	return fingerprint_of(manifest).a;
}

static struct frozen_version row_of(const struct packument *p, size_t i)
{
	struct frozen_version f;

	memcpy(&f, p->head.p + sizeof(struct frozen_header) + i * sizeof(f), sizeof(f));
	return f;
}

/* What is being frozen. Versions of one package mostly agree on engines: the text is put once. */
struct freezer {
	const struct packument *packument;
	struct text_area text;
	str engines;
	struct ref engines_at;
};

static void freeze_manifest(struct freezer *z, size_t i, struct frozen_version *f)
{
	const struct packument *p = z->packument;
	str manifest = p->versions[i].manifest;

	if (!str_is_null(p->head)) { /* it is where it was */
		struct frozen_version before = row_of(p, i);

		f->manifest = before.manifest;
		f->manifest_proof = before.manifest_proof;
		return;
	}
	f->manifest = make_ref((size_t)(manifest.p - p->manifests.p), manifest.len);
	f->manifest_proof = htole64(manifest_proof(manifest));
}

static struct frozen_version freeze_version(struct freezer *z, size_t i)
{
	const struct packument_version *v = &z->packument->versions[i];
	struct text_area *t = &z->text;
	struct frozen_version f = {
		.major = htole64(v->semver.major),
		.minor = htole64(v->semver.minor),
		.patch = htole64(v->semver.patch),
		.is_deprecated = htole32(v->is_deprecated),
		.is_restricted = htole32(v->is_restricted),
	};

	freeze_manifest(z, i, &f);
	f.version = put(t, v->version);
	if (i == 0 || str_is_null(v->engines) != str_is_null(z->engines) ||
	    !str_eq(v->engines, z->engines)) {
		z->engines = v->engines;
		z->engines_at = put(t, v->engines);
	}
	f.engines = z->engines_at;
	f.time = put(t, v->time);
	f.semver = put_part(t, v->semver.text, v->version, f.version);
	f.pre = put_part(t, v->semver.pre, v->version, f.version);
	f.build = put_part(t, v->semver.build, v->version, f.version);
	return f;
}

/* The tables, @at where the first of them begins. */
static void freeze_tables(struct freezer *z, char *at)
{
	const struct packument *p = z->packument;

	for (size_t i = 0; i < p->nversions; i++, at += sizeof(struct frozen_version)) {
		struct frozen_version f = freeze_version(z, i);

		memcpy(at, &f, sizeof(f));
	}
	for (size_t i = 0; i < p->ntags; i++, at += sizeof(struct frozen_tag)) {
		struct frozen_tag f = { put(&z->text, p->tags[i].tag),
					put(&z->text, p->tags[i].version) };

		memcpy(at, &f, sizeof(f));
	}
}

size_t packument_manifests_len(const struct packument *p)
{
	struct frozen_header h;

	if (str_is_null(p->head))
		return p->manifests.len;
	memcpy(&h, p->head.p, sizeof(h));
	return le32toh(h.manifests_len);
}

str packument_freeze(struct arena *a, const struct packument *p)
{
	size_t tables = sizeof(struct frozen_header) +
			p->nversions * sizeof(struct frozen_version) +
			p->ntags * sizeof(struct frozen_tag);
	size_t text_room = measure(p), manifests_len = packument_manifests_len(p);
	struct frozen_header h = {
		.nversions = htole32((uint32_t)p->nversions),
		.ntags = htole32((uint32_t)p->ntags),
		.manifests_len = htole32((uint32_t)manifests_len),
		.has_time = htole32(p->has_time),
		.fetched_at_sec = (int64_t)htole64((uint64_t)p->fetched_at_sec),
		.max_age_sec = (int64_t)htole64((uint64_t)p->max_age_sec),
	};
	struct freezer z = { .packument = p };
	char *bytes;

	if (text_room >= NO_TEXT || manifests_len >= NO_TEXT ||
	    p->nversions > PACKUMENT_VERSIONS_MAX || p->ntags > PACKUMENT_VERSIONS_MAX)
		return STR_NULL;
	bytes = arena_alloc_raw(a, tables + text_room);
	z.text.p = bytes + tables;
	memcpy(h.magic, magic, sizeof(magic));
	h.name = put(&z.text, p->name);
	h.etag = put(&z.text, p->etag);
	h.last_modified = put(&z.text, p->last_modified);
	h.policy_message = put(&z.text, p->policy_message);
	freeze_tables(&z, bytes + sizeof(h));
	h.text_len = htole32((uint32_t)z.text.len);
	memcpy(bytes, &h, sizeof(h));
	return str_of(bytes, tables + z.text.len);
}

/* ---- thawing ---- */

/* Where texts come from, and whether a reference has pointed outside. */
struct thaw {
	const char *text;
	uint32_t len, manifests_len;
	bool bad;
};

static str get(struct thaw *t, struct ref r)
{
	uint32_t at = le32toh(r.at), len = le32toh(r.len);

	if (at == NO_TEXT)
		return STR_NULL;
	if (at > t->len || len > t->len - at) {
		t->bad = true;
		return STR_NULL;
	}
	return str_of(t->text + at, len);
}

static void check_manifest(struct thaw *t, struct ref r)
{
	uint32_t at = le32toh(r.at), len = le32toh(r.len);

	if (at > t->manifests_len || len > t->manifests_len - at)
		t->bad = true;
}

static void thaw_version(struct thaw *t, const char *row, struct packument_version *v)
{
	struct frozen_version f;

	memcpy(&f, row, sizeof(f));
	v->version = get(t, f.version);
	v->manifest = STR_NULL;
	check_manifest(t, f.manifest);
	v->engines = get(t, f.engines);
	v->time = get(t, f.time);
	v->is_deprecated = f.is_deprecated != 0;
	v->is_restricted = f.is_restricted != 0;
	v->semver.major = le64toh(f.major);
	v->semver.minor = le64toh(f.minor);
	v->semver.patch = le64toh(f.patch);
	v->semver.pre = get(t, f.pre);
	v->semver.build = get(t, f.build);
	v->semver.text = get(t, f.semver);
	t->bad = t->bad || str_is_null(v->version);
}

static void thaw_tag(struct thaw *t, const char *row, struct packument_tag *tag)
{
	struct frozen_tag f;

	memcpy(&f, row, sizeof(f));
	tag->tag = get(t, f.tag);
	tag->version = get(t, f.version);
	t->bad = t->bad || str_is_null(tag->tag) || str_is_null(tag->version);
}

static struct err *not_frozen(void)
{
	return err_new(E_BAD_RESPONSE, "a cached packument is damaged");
}

/* False when the header says what cannot be. */
static bool read_header(str bytes, struct frozen_header *h)
{
	uint64_t nversions, ntags;

	if (bytes.len < sizeof(*h))
		return false;
	memcpy(h, bytes.p, sizeof(*h));
	nversions = le32toh(h->nversions);
	ntags = le32toh(h->ntags);
	if (memcmp(h->magic, magic, sizeof(magic)) != 0 || nversions > PACKUMENT_VERSIONS_MAX ||
	    ntags > PACKUMENT_VERSIONS_MAX)
		return false;
	/* Exactly what there is; then no row can lie outside. */
	return bytes.len == sizeof(*h) + nversions * sizeof(struct frozen_version) +
				    ntags * sizeof(struct frozen_tag) + le32toh(h->text_len);
}

static struct packument *thaw_rows(struct arena *a, str bytes, const struct frozen_header *h,
				   struct thaw *t)
{
	struct packument *p = ARENA_NEW(a, struct packument);
	const char *row = bytes.p + sizeof(*h);

	p->nversions = le32toh(h->nversions);
	p->ntags = le32toh(h->ntags);
	p->versions = arena_alloc_raw(a, p->nversions * sizeof(*p->versions));
	p->tags = arena_alloc_raw(a, p->ntags * sizeof(*p->tags));
	for (size_t i = 0; i < p->nversions; i++, row += sizeof(struct frozen_version))
		thaw_version(t, row, &p->versions[i]);
	for (size_t i = 0; i < p->ntags; i++, row += sizeof(struct frozen_tag))
		thaw_tag(t, row, &p->tags[i]);
	p->name = get(t, h->name);
	p->etag = get(t, h->etag);
	p->last_modified = get(t, h->last_modified);
	p->policy_message = get(t, h->policy_message);
	p->has_time = h->has_time != 0;
	p->fetched_at_sec = (int64_t)le64toh((uint64_t)h->fetched_at_sec);
	p->max_age_sec = (int64_t)le64toh((uint64_t)h->max_age_sec);
	return p;
}

struct err *packument_thaw(struct arena *a, str head, struct packument **out)
{
	struct frozen_header h;
	struct thaw t = { 0 };

	if (!read_header(head, &h))
		return not_frozen();
	t.len = le32toh(h.text_len);
	t.text = head.p + head.len - t.len;
	t.manifests_len = le32toh(h.manifests_len);
	*out = thaw_rows(a, head, &h, &t);
	(*out)->head = head;
	return t.bad ? not_frozen() : NULL;
}

/* ---- one manifest ---- */

void packument_manifest_span(const struct packument *p, const struct packument_version *v,
			     size_t *at, size_t *len)
{
	struct frozen_version f = row_of(p, (size_t)(v - p->versions));

	*at = le32toh(f.manifest.at);
	*len = le32toh(f.manifest.len);
}

bool packument_take_manifest(const struct packument *p, const struct packument_version *v, str text)
{
	size_t i = (size_t)(v - p->versions);
	struct frozen_version f = row_of(p, i);

	if (text.len != le32toh(f.manifest.len) ||
	    manifest_proof(text) != le64toh(f.manifest_proof))
		return false;
	p->versions[i].manifest = text;
	return true;
}

void packument_take_manifests(const struct packument *p, str all)
{
	for (size_t i = 0; i < p->nversions; i++) {
		const struct packument_version *v = &p->versions[i];
		size_t at, len;

		if (!str_is_null(v->manifest))
			continue;
		packument_manifest_span(p, v, &at, &len);
		packument_take_manifest(p, v, str_slice(all, at, at + len));
	}
}
