/* SPDX-License-Identifier: MIT
 * The text of a lockfile into typed entries, in one pass of the scanner: no document is built,
 * strings are cut out of the text where they stand, and only the few fields that a manifest keeps
 * as JSON become values. That is what makes a lockfile of 1,500 packages readable in the time a
 * person does not notice. An entry with anything unusual in it is read again the long way, as any
 * package.json. */
#include "lockfile_doc.h"
#include "lockfile_priv.h"
#include "manifest_priv.h"

#include "cpm/base/json_scan.h"

#define MAX_PACKAGES 200000

/* A value that was just read: entries next to each other tend to say the same. */
struct recent {
	str span;
	struct json *value;
};

enum recent_kind { RECENT_LICENSE, RECENT_ENGINES, RECENT_FUNDING, RECENT_OTHER, RECENT_COUNT };

struct reader {
	struct arena *arena, *scratch;
	struct jscan scan;
	struct lock_doc *doc;
	struct recent recent[RECENT_COUNT];
	VEC(struct dep) pairs; /* reused from map to map */
	bool is_unusual;       /* the entry at hand wants the long way */
};

/* ---- values ---- */

static bool is_truthy(str span)
{
	static const char *const falsy[] = { "false", "null", "0", "-0", "\"\"" };

	for (size_t i = 0; i < ARRAY_LEN(falsy); i++)
		if (str_eq(span, str_view(falsy[i])))
			return false;
	return span.len > 0;
}

static str read_text(struct reader *r)
{
	return jscan_text(r->arena, jscan_value(&r->scan));
}

static bool read_flag(struct reader *r)
{
	return is_truthy(jscan_value(&r->scan));
}

static struct json *read_json(struct reader *r, enum recent_kind kind)
{
	struct recent *recent = &r->recent[kind];
	str span = jscan_value(&r->scan);
	struct err *e;

	if (r->scan.bad)
		return NULL;
	if (recent->value && str_eq(recent->span, span))
		return recent->value;
	*recent = (struct recent){ .span = span };
	e = json_parse(r->arena, span, &recent->value);
	if (e) {
		r->scan.bad = true;
		err_free(e);
	}
	return recent->value;
}

/* ---- maps of text ---- */

static bool is_index_like(str key)
{
	return key.len && key.p[0] >= '0' && key.p[0] <= '9' && str_to_u64(key, &(uint64_t){ 0 });
}

/* { "name": "text" } into r->pairs. False, and unusual, when it is anything else, repeats a name,
 * or has one that JavaScript would sort to the front. */
static bool read_pairs(struct reader *r)
{
	struct map seen;
	str key;

	r->pairs.len = 0;
	if (jscan_peek(&r->scan) != '{') {
		jscan_skip(&r->scan);
		r->is_unusual = true;
		return false;
	}
	map_init(&seen, r->scratch);
	jscan_enter(&r->scan, '{');
	while (jscan_key(&r->scan, &key)) {
		struct dep pair = { .name = jscan_unescape(r->arena, key) };

		pair.spec = read_text(r);
		if (!pair.spec.p || !pair.name.p || is_index_like(pair.name) ||
		    map_put(&seen, pair.name, r))
			r->is_unusual = true;
		VEC_PUSH(r->scratch, &r->pairs, pair);
	}
	return !r->scan.bad && !r->is_unusual;
}

static void read_deps(struct reader *r, struct dep_list *out)
{
	if (!read_pairs(r))
		return;
	out->is_present = true;
	out->count = r->pairs.len;
	out->items = ARENA_ARRAY(r->arena, struct dep, out->count);
	if (out->count)
		memcpy(out->items, r->pairs.items, out->count * sizeof(*out->items));
}

static void read_bins(struct reader *r, struct manifest *m)
{
	struct bin *bins;

	if (!read_pairs(r))
		return;
	bins = ARENA_ARRAY(r->arena, struct bin, r->pairs.len);
	for (size_t i = 0; i < r->pairs.len; i++)
		bins[i] = (struct bin){ r->pairs.items[i].name, r->pairs.items[i].spec };
	manifest_set_bins(r->arena, m, bins, r->pairs.len);
}

static void read_bundled(struct reader *r, struct manifest *m)
{
	VEC(str) names = { 0 };

	if (jscan_peek(&r->scan) != '[') {
		jscan_skip(&r->scan);
		r->is_unusual = true;
		return;
	}
	jscan_enter(&r->scan, '[');
	while (jscan_item(&r->scan)) {
		str name = read_text(r);

		if (name.p)
			VEC_PUSH(r->arena, &names, name);
	}
	m->has_bundled = true;
	m->bundled = names.items;
	m->nbundled = names.len;
}

static void read_peer_meta(struct reader *r, struct manifest *m)
{
	manifest_set_peer_meta(r->arena, m, read_json(r, RECENT_OTHER));
}

/* npm writes an object or an array; a text wants to become one. */
static void read_funding(struct reader *r, struct manifest *m)
{
	m->funding = read_json(r, RECENT_FUNDING);
	r->is_unusual |= json_is(m->funding, JSON_STRING);
}

/* Seldom enough for the long way. */
static void read_seldom(struct reader *r, struct manifest *m)
{
	(void)m;
	jscan_skip(&r->scan);
	r->is_unusual = true;
}

/* ---- fields ---- */

enum field_kind { AS_TEXT, AS_FLAG, AS_JSON, AS_DEPS, AS_OTHER, AS_REPAIR };

/* Where a field of an entry goes. @at: offset in the manifest, or in the entry itself. */
struct field {
	str key;
	enum field_kind kind;
	bool is_entrys;
	size_t at;
	enum recent_kind recent;
	void (*read)(struct reader *r, struct manifest *m);
};

#define KEY(literal)                         \
	{                                    \
		literal, sizeof(literal) - 1 \
	}
#define IN_MANIFEST(member) false, offsetof(struct manifest, member)
#define IN_ENTRY(member)    true, offsetof(struct lock_entry, member)

/* In the order of how often they occur. */
/* clang-format off */
static const struct field fields[] = {
	{ KEY("version"),                  AS_TEXT,   IN_MANIFEST(version),            0,              NULL },
	{ KEY("resolved"),                 AS_TEXT,   IN_ENTRY(resolved),              0,              NULL },
	{ KEY("integrity"),                AS_TEXT,   IN_ENTRY(integrity),             0,              NULL },
	{ KEY("license"),                  AS_JSON,   IN_MANIFEST(license),            RECENT_LICENSE, NULL },
	{ KEY("dependencies"),             AS_DEPS,   IN_MANIFEST(deps),               0,              NULL },
	{ KEY("engines"),                  AS_JSON,   IN_MANIFEST(engines),            RECENT_ENGINES, NULL },
	{ KEY("dev"),                      AS_FLAG,   IN_ENTRY(dev),                   0,              NULL },
	{ KEY("funding"),                  AS_OTHER,  IN_MANIFEST(funding),            0,              read_funding },
	{ KEY("peer"),                     AS_FLAG,   IN_ENTRY(peer),                  0,              NULL },
	{ KEY("optional"),                 AS_FLAG,   IN_ENTRY(optional),              0,              NULL },
	{ KEY("peerDependencies"),         AS_DEPS,   IN_MANIFEST(peer_deps),          0,              NULL },
	{ KEY("peerDependenciesMeta"),     AS_OTHER,  IN_MANIFEST(peer_meta),          0,              read_peer_meta },
	{ KEY("bin"),                      AS_OTHER,  IN_MANIFEST(bins),               0,              read_bins },
	{ KEY("os"),                       AS_JSON,   IN_MANIFEST(os),                 RECENT_OTHER,   NULL },
	{ KEY("cpu"),                      AS_JSON,   IN_MANIFEST(cpu),                RECENT_OTHER,   NULL },
	{ KEY("libc"),                     AS_JSON,   IN_MANIFEST(libc),               RECENT_OTHER,   NULL },
	{ KEY("hasInstallScript"),         AS_FLAG,   IN_MANIFEST(has_install_script), 0,              NULL },
	{ KEY("optionalDependencies"),     AS_DEPS,   IN_MANIFEST(optional_deps),      0,              NULL },
	{ KEY("devOptional"),              AS_FLAG,   IN_ENTRY(dev_optional),          0,              NULL },
	{ KEY("inBundle"),                 AS_FLAG,   IN_ENTRY(in_bundle),             0,              NULL },
	{ KEY("deprecated"),               AS_JSON,   IN_MANIFEST(deprecated),         RECENT_OTHER,   NULL },
	{ KEY("link"),                     AS_FLAG,   IN_ENTRY(is_link),               0,              NULL },
	{ KEY("name"),                     AS_TEXT,   IN_MANIFEST(name),               0,              NULL },
	{ KEY("devDependencies"),          AS_DEPS,   IN_MANIFEST(dev_deps),           0,              NULL },
	{ KEY("bundleDependencies"),       AS_OTHER,  IN_MANIFEST(bundled),            0,              read_bundled },
	{ KEY("bundledDependencies"),      AS_OTHER,  IN_MANIFEST(bundled),            0,              read_seldom },
	{ KEY("workspaces"),               AS_JSON,   IN_MANIFEST(workspaces),         RECENT_OTHER,   NULL },
	{ KEY("extraneous"),               AS_FLAG,   IN_ENTRY(extraneous),            0,              NULL },
	{ KEY("acceptDependencies"),       AS_JSON,   IN_MANIFEST(accept_deps),        RECENT_OTHER,   NULL },
	{ KEY("patched"),                  AS_JSON,   IN_ENTRY(patched),               RECENT_OTHER,   NULL },
	{ KEY("packageExtensionsApplied"), AS_JSON,   IN_ENTRY(extended_by),           RECENT_OTHER,   NULL },
	{ KEY("npmExtensionApplied"),      AS_REPAIR, IN_ENTRY(unsupported),           0,              NULL },
	{ KEY("packageExtensionsHash"),    AS_TEXT,   IN_ENTRY(extensions_hash),       0,              NULL },
	{ KEY("npmExtensionHash"),         AS_REPAIR, IN_ENTRY(unsupported),           0,              NULL },
};
/* clang-format on */

static const struct field *field_of(str key)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (str_eq(key, fields[i].key))
			return &fields[i];
	return NULL;
}

static void read_field(struct reader *r, struct lock_entry *entry, const struct field *f)
{
	void *at = (f->is_entrys ? (char *)entry : (char *)entry->manifest) + f->at;

	switch (f->kind) {
	case AS_TEXT:
		*(str *)at = read_text(r);
		break;
	case AS_FLAG:
		*(bool *)at = read_flag(r);
		break;
	case AS_JSON:
		*(struct json **)at = read_json(r, f->recent);
		break;
	case AS_DEPS:
		read_deps(r, at);
		break;
	case AS_OTHER:
		f->read(r, entry->manifest);
		break;
	case AS_REPAIR:
		if (read_flag(r))
			entry->unsupported = f->key.p;
		break;
	}
}

/* ---- entries ---- */

struct lock_entry *lock_doc_add(struct arena *a, struct lock_doc *doc, str key)
{
	struct lock_entry *entry = ARENA_NEW(a, struct lock_entry);

	entry->key = key;
	entry->manifest = ARENA_NEW(a, struct manifest);
	map_put(&doc->entries, key, entry);
	return entry;
}

/* As any package.json: for entries that no npm would write. */
static struct err *read_the_long_way(struct reader *r, struct lock_entry *entry, str span)
{
	struct json *json;

	TRY(json_parse(r->arena, span, &json));
	return manifest_from_json(r->arena, json, false, &entry->manifest);
}

static struct err *read_entry(struct reader *r, str key)
{
	struct lock_entry *entry = lock_doc_add(r->arena, r->doc, key);
	const char *start = r->scan.at;
	str name;

	r->is_unusual = false;
	if (!jscan_enter(&r->scan, '{'))
		return jscan_error(&r->scan);
	while (jscan_key(&r->scan, &name)) {
		const struct field *f = field_of(jscan_unescape(r->scratch, name));

		if (f)
			read_field(r, entry, f);
		else
			jscan_skip(&r->scan);
	}
	if (r->scan.bad)
		return jscan_error(&r->scan);
	if (r->is_unusual)
		return read_the_long_way(r, entry, str_of(start, (size_t)(r->scan.at - start)));
	manifest_dedupe_optional(entry->manifest);
	return NULL;
}

static struct err *read_packages(struct reader *r)
{
	str key;

	if (jscan_peek(&r->scan) != '{') {
		jscan_skip(&r->scan);
		return NULL;
	}
	r->doc->has_packages = true;
	jscan_enter(&r->scan, '{');
	while (jscan_key(&r->scan, &key)) {
		TRY(read_entry(r, jscan_unescape(r->arena, key)));
		if (r->doc->entries.count > MAX_PACKAGES)
			return err_new(E_TOO_BIG, "the lockfile has more than %d packages",
				       MAX_PACKAGES);
	}
	return NULL;
}

/* ---- the document ---- */

static struct err *check_version(const struct lock_doc *doc)
{
	const struct json *version = json_get(doc->file->top, "lockfileVersion");
	ARENA_SCOPE(tmp);
	struct str_buf text = str_buf(tmp, 64);

	if (!json_is(version, JSON_NUMBER) || version->number <= LOCKFILE_MAX_VERSION)
		return NULL;
	json_write_number(&text, version->number);
	return err_new(E_LOCKFILE_VERSION,
		       "Unsupported lockfileVersion " STR_FMT
		       ". This npm only supports up to %d. Please upgrade npm.",
		       STR_ARG(buf_view(&text)), LOCKFILE_MAX_VERSION);
}

static struct err *read_member(struct reader *r, str key)
{
	struct lockfile *file = r->doc->file;

	if (str_eq(key, S("packages")))
		return read_packages(r);
	if (str_eq(key, S("dependencies")))
		r->doc->legacy = jscan_value(&r->scan);
	else
		json_set(r->arena, file->top, key, read_json(r, RECENT_OTHER));
	return NULL;
}

static struct err *read_document(struct reader *r)
{
	str key;

	if (!jscan_enter(&r->scan, '{'))
		return jscan_error(&r->scan);
	while (jscan_key(&r->scan, &key)) {
		TRY(read_member(r, jscan_unescape(r->arena, key)));
		if (r->scan.bad)
			return jscan_error(&r->scan);
	}
	return jscan_finish(&r->scan);
}

struct err *lock_doc_read(struct arena *a, str text, struct lock_doc **out)
{
	ARENA_SCOPE(scratch);
	struct lock_doc *doc = ARENA_NEW(a, struct lock_doc);
	struct reader r = { .arena = a, .scratch = scratch, .doc = doc, .scan = jscan_init(text) };
	const struct json *version;

	doc->file = ARENA_NEW(a, struct lockfile);
	doc->file->style = json_style_of(text);
	doc->file->top = json_new(a, JSON_OBJECT);
	map_init(&doc->entries, a);
	TRY(read_document(&r));
	TRY(check_version(doc));
	version = json_get(doc->file->top, "lockfileVersion");
	if (json_is(version, JSON_NUMBER) && version->number >= 0)
		doc->file->version = (int)version->number;
	*out = doc;
	return NULL;
}
