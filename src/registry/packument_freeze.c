/* SPDX-License-Identifier: MIT
 * The form of a packument that the cache keeps: tables of fixed width, then one area of text they
 * point into. Loading is a bounds check and a copy of numbers per version; nothing is parsed again
 * and no text is moved.
 *
 *   header | versions, newest first | tags | text
 *
 * All numbers are little-endian. A reference is offset and length in the text area; offset NO_TEXT
 * is the null string. */
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
	uint32_t nversions, ntags, text_len, has_time;
	int64_t fetched_at_sec, max_age_sec;
	struct ref name, etag, last_modified, policy_message;
};

struct frozen_version {
	uint64_t major, minor, patch;
	struct ref version, manifest, engines, time, pre, build, semver;
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

static size_t text_room(const struct packument *p)
{
	size_t room = p->name.len + p->etag.len + p->last_modified.len + p->policy_message.len;

	for (size_t i = 0; i < p->nversions; i++) {
		const struct packument_version *v = &p->versions[i];

		room += v->version.len + v->manifest.len + v->engines.len + v->time.len +
			v->semver.pre.len + v->semver.build.len + v->semver.text.len;
	}
	for (size_t i = 0; i < p->ntags; i++)
		room += p->tags[i].tag.len + p->tags[i].version.len;
	return room;
}

static struct frozen_version freeze_version(struct text_area *t, const struct packument_version *v)
{
	struct frozen_version f = {
		.major = htole64(v->semver.major),
		.minor = htole64(v->semver.minor),
		.patch = htole64(v->semver.patch),
		.is_deprecated = htole32(v->is_deprecated),
		.is_restricted = htole32(v->is_restricted),
	};

	f.version = put(t, v->version);
	f.manifest = put(t, v->manifest);
	f.engines = put_part(t, v->engines, v->manifest, f.manifest);
	f.time = put(t, v->time);
	f.semver = put_part(t, v->semver.text, v->version, f.version);
	f.pre = put_part(t, v->semver.pre, v->version, f.version);
	f.build = put_part(t, v->semver.build, v->version, f.version);
	return f;
}

str packument_freeze(struct arena *a, const struct packument *p)
{
	size_t tables = sizeof(struct frozen_header) +
			p->nversions * sizeof(struct frozen_version) +
			p->ntags * sizeof(struct frozen_tag);
	size_t room = text_room(p);
	struct frozen_header h = {
		.nversions = htole32((uint32_t)p->nversions),
		.ntags = htole32((uint32_t)p->ntags),
		.has_time = htole32(p->has_time),
		.fetched_at_sec = (int64_t)htole64((uint64_t)p->fetched_at_sec),
		.max_age_sec = (int64_t)htole64((uint64_t)p->max_age_sec),
	};
	struct text_area text;
	char *bytes, *at;

	if (room >= NO_TEXT || p->nversions > PACKUMENT_VERSIONS_MAX ||
	    p->ntags > PACKUMENT_VERSIONS_MAX)
		return STR_NULL;
	bytes = arena_alloc_raw(a, tables + room);
	text = (struct text_area){ .p = bytes + tables };
	memcpy(h.magic, magic, sizeof(magic));
	h.name = put(&text, p->name);
	h.etag = put(&text, p->etag);
	h.last_modified = put(&text, p->last_modified);
	h.policy_message = put(&text, p->policy_message);
	at = bytes + sizeof(h);
	for (size_t i = 0; i < p->nversions; i++, at += sizeof(struct frozen_version)) {
		struct frozen_version f = freeze_version(&text, &p->versions[i]);

		memcpy(at, &f, sizeof(f));
	}
	for (size_t i = 0; i < p->ntags; i++, at += sizeof(struct frozen_tag)) {
		struct frozen_tag f = { put(&text, p->tags[i].tag),
					put(&text, p->tags[i].version) };

		memcpy(at, &f, sizeof(f));
	}
	h.text_len = htole32((uint32_t)text.len);
	memcpy(bytes, &h, sizeof(h));
	return str_of(bytes, tables + text.len);
}

/* ---- thawing ---- */

/* Where texts come from, and whether a reference has pointed outside. */
struct thaw {
	const char *text;
	uint32_t len;
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

static void thaw_version(struct thaw *t, const char *row, struct packument_version *v)
{
	struct frozen_version f;

	memcpy(&f, row, sizeof(f));
	v->version = get(t, f.version);
	v->manifest = get(t, f.manifest);
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
	t->bad = t->bad || str_is_null(v->version) || str_is_null(v->manifest);
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

/* Sizes add up to exactly what there is; then no row can lie outside. */
static bool has_right_size(const struct frozen_header *h, size_t len)
{
	uint64_t nversions = le32toh(h->nversions), ntags = le32toh(h->ntags);

	if (nversions > PACKUMENT_VERSIONS_MAX || ntags > PACKUMENT_VERSIONS_MAX)
		return false;
	return len == sizeof(*h) + nversions * sizeof(struct frozen_version) +
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

struct err *packument_thaw(struct arena *a, str bytes, struct packument **out)
{
	struct frozen_header h;
	struct thaw t = { 0 };

	if (bytes.len < sizeof(h))
		return not_frozen();
	memcpy(&h, bytes.p, sizeof(h));
	if (memcmp(h.magic, magic, sizeof(magic)) != 0 || !has_right_size(&h, bytes.len))
		return not_frozen();
	t.len = le32toh(h.text_len);
	t.text = bytes.p + bytes.len - t.len;
	*out = thaw_rows(a, bytes, &h, &t);
	return t.bad ? not_frozen() : NULL;
}
