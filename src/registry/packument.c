/* SPDX-License-Identifier: MIT
 * A packument is scanned once, front to back, and never becomes a tree of values: a popular one has
 * thousands of versions, of which an install looks into one. Each version's manifest is cut down to
 * the fields installing needs by copying spans of the text, which is little more than a memcpy;
 * what the copy holds is parsed when its version is chosen. Everything else stays where it is.
 *
 *   body        {"versions":{"1.0.0":{"name":"a","readme":"...","bin":{...}},...},"time":{...}}
 *   manifests   {"name":"a","bin":{...}}{"name":...     one block, in the order of the body */
#include "cpm/registry/packument.h"

#include "cpm/base/json_scan.h"
#include "cpm/base/map.h"
#include "cpm/base/vec.h"
#include "packument_priv.h"

/* ---- fields ---- */

enum field_rule { KEEP, KEEP_TRUTHY, KEEP_DIST, KEEP_SCRIPTS };

/* Sorted by length, so that a key is compared with few of them. */
#define FIELDS(F)                          \
	F("os", KEEP)                      \
	F("bin", KEEP)                     \
	F("cpu", KEEP)                     \
	F("dist", KEEP_DIST)               \
	F("libc", KEEP)                    \
	F("name", KEEP)                    \
	F("engines", KEEP)                 \
	F("funding", KEEP)                 \
	F("gypfile", KEEP)                 \
	F("license", KEEP)                 \
	F("scripts", KEEP_SCRIPTS)         \
	F("version", KEEP)                 \
	F("deprecated", KEEP_TRUTHY)       \
	F("workspaces", KEEP)              \
	F("dependencies", KEEP)            \
	F("hasInstallScript", KEEP_TRUTHY) \
	F("peerDependencies", KEEP)        \
	F("acceptDependencies", KEEP)      \
	F("bundleDependencies", KEEP)      \
	F("bundledDependencies", KEEP)     \
	F("optionalDependencies", KEEP)    \
	F("peerDependenciesMeta", KEEP)

#define FIELD_NAME(name, rule) name,
const char *const packument_kept_fields[] = { FIELDS(FIELD_NAME) NULL };

#define FIELD_ROW(name, rule) { S(name), rule },
static const struct field {
	str name;
	enum field_rule rule;
} fields[] = { FIELDS(FIELD_ROW) };

#define PART_FIELDS_MAX 4
enum { DIST_INTEGRITY, DIST_SHASUM };
static const str dist_fields[PART_FIELDS_MAX] = { [DIST_INTEGRITY] = S("integrity"),
						  [DIST_SHASUM] = S("shasum"),
						  S("tarball"),
						  S("unpackedSize") };
static const str script_fields[PART_FIELDS_MAX] = { S("preinstall"), S("install"), S("postinstall"),
						    S("prepare") };

static const struct field *field_by_name(str key)
{
	if (key.len > fields[ARRAY_LEN(fields) - 1].name.len)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(fields) && fields[i].name.len <= key.len; i++)
		if (fields[i].name.len == key.len && memcmp(fields[i].name.p, key.p, key.len) == 0)
			return &fields[i];
	return NULL;
}

static size_t part_by_name(str key, const str *names)
{
	size_t i = 0;

	while (i < PART_FIELDS_MAX && !str_eq(key, names[i]))
		i++;
	return i;
}

/* JavaScript's truthiness of a value's text. */
static bool is_truthy(str span)
{
	return !str_eq(span, S("false")) && !str_eq(span, S("null")) && !str_eq(span, S("\"\"")) &&
	       !str_eq(span, S("0"));
}

/* ---- scanning ---- */

/* Text being collected. What is kept is never longer than what it was cut from, so the room is
 * known beforehand. */
struct text {
	char *p;
	size_t len;
};

struct time_entry {
	str version, when;
};

struct scan {
	struct jscan s;
	struct arena *arena, *tmp;
	struct text text;
	VEC(struct packument_version) versions;
	VEC(struct packument_tag) tags;
	VEC(struct time_entry) times;
	bool has_time, has_too_many;
	str policy_message;
};

static str keep(struct text *t, str s)
{
	char *to = t->p + t->len;

	if (str_is_null(s))
		return STR_NULL;
	if (s.len)
		memcpy(to, s.p, s.len);
	t->len += s.len;
	return str_of(to, s.len);
}

static void keep_char(struct text *t, char c)
{
	t->p[t->len++] = c;
}

/* Ends a list of members each of which was followed by a comma. */
static void close_members(struct text *t)
{
	if (t->p[t->len - 1] == ',')
		t->len--;
	keep_char(t, '}');
}

/* Steps into an object; passes over anything else. */
static bool enter_object(struct scan *c)
{
	if (jscan_peek(&c->s) == '{')
		return jscan_enter(&c->s, '{');
	jscan_skip(&c->s);
	return false;
}

/* From the key's opening quote to the end of the value, as it stood. */
static str member_span(str raw_key, str value)
{
	return str_of(raw_key.p - 1, (size_t)(value.p + value.len - raw_key.p) + 1);
}

/* Beside a sha512 the sha1 is never looked at, and it is an eighth of all that is kept. */
static void drop_shasum(str *values)
{
	if (str_starts(values[DIST_INTEGRITY], S("\"sha512-")))
		values[DIST_SHASUM] = STR_NULL;
}

/* The values of the object at hand that are called @names, where they are strings or numbers. */
static bool find_parts(struct scan *c, const str *names, str *values)
{
	str key, value;

	if (!enter_object(c))
		return false;
	while (jscan_key(&c->s, &key)) {
		size_t i = part_by_name(key, names);

		value = jscan_value(&c->s);
		if (i < PART_FIELDS_MAX)
			values[i] = str_starts(value, S("{")) || str_starts(value, S("["))
					    ? STR_NULL
					    : value;
	}
	return true;
}

static void keep_member(struct text *t, str key, str value)
{
	keep_char(t, '"');
	keep(t, key);
	keep(t, S("\":"));
	keep(t, value);
	keep_char(t, ',');
}

/* An object that is cut down as well; one without any of its parts is dropped together with its
 * key. */
static void cut_object(struct scan *c, const struct field *f)
{
	const str *names = f->rule == KEEP_DIST ? dist_fields : script_fields;
	str values[PART_FIELDS_MAX] = { 0 };
	struct text *t = &c->text;
	size_t before = t->len, empty;

	if (!find_parts(c, names, values))
		return;
	if (f->rule == KEEP_DIST)
		drop_shasum(values);
	keep_char(t, '"');
	keep(t, f->name);
	keep(t, S("\":{"));
	empty = t->len;
	for (size_t i = 0; i < PART_FIELDS_MAX; i++)
		if (!str_is_null(values[i]))
			keep_member(t, names[i], values[i]);
	if (t->len == empty) {
		t->len = before;
		return;
	}
	close_members(t);
	keep_char(t, ',');
}

static void scan_field(struct scan *c, const struct field *f, str raw_key,
		       struct packument_version *v)
{
	struct text *t = &c->text;
	str value, kept;

	if (f->rule == KEEP_DIST || f->rule == KEEP_SCRIPTS) {
		cut_object(c, f);
		return;
	}
	value = jscan_value(&c->s);
	if (str_is_null(value) || (f->rule == KEEP_TRUTHY && !is_truthy(value)))
		return;
	kept = keep(t, member_span(raw_key, value));
	keep_char(t, ',');
	if (f->name.p[0] == 'd' && f->rule == KEEP_TRUTHY)
		v->is_deprecated = true;
	if (str_eq(f->name, S("engines")))
		v->engines = str_from(kept, kept.len - value.len);
}

static void scan_manifest(struct scan *c, struct packument_version *v)
{
	struct text *t = &c->text;
	size_t begin = t->len;
	str raw_key;

	keep_char(t, '{');
	jscan_enter(&c->s, '{');
	while (jscan_key(&c->s, &raw_key)) {
		const struct field *f = field_by_name(raw_key);

		if (f)
			scan_field(c, f, raw_key, v);
		else
			jscan_skip(&c->s);
	}
	close_members(t);
	v->manifest = str_of(t->p + begin, t->len - begin);
}

static void scan_versions(struct scan *c, bool is_restricted)
{
	str raw_key;

	if (!enter_object(c))
		return;
	while (jscan_key(&c->s, &raw_key)) {
		struct packument_version v = { .is_restricted = is_restricted };

		if (c->versions.len == PACKUMENT_VERSIONS_MAX) {
			c->has_too_many = true;
			return;
		}
		if (jscan_peek(&c->s) != '{') {
			jscan_skip(&c->s);
			continue;
		}
		v.version = jscan_unescape(c->arena, raw_key);
		scan_manifest(c, &v);
		if (!str_is_null(v.version))
			VEC_PUSH(c->tmp, &c->versions, v);
	}
}

/* Visits the string members of an object; anything else is passed over. */
static bool next_text_member(struct scan *c, str *key, str *value)
{
	str raw_key;

	while (jscan_key(&c->s, &raw_key)) {
		*key = jscan_unescape(c->arena, raw_key);
		*value = jscan_text(c->arena, jscan_value(&c->s));
		if (!str_is_null(*key) && !str_is_null(*value))
			return true;
	}
	return false;
}

static void scan_tags(struct scan *c)
{
	struct packument_tag tag;

	VEC_RESET(&c->tags);
	if (!enter_object(c))
		return;
	while (next_text_member(c, &tag.tag, &tag.version)) {
		if (c->tags.len == PACKUMENT_VERSIONS_MAX) {
			c->has_too_many = true;
			return;
		}
		VEC_PUSH(c->tmp, &c->tags, tag);
	}
}

static void scan_times(struct scan *c)
{
	struct time_entry entry;

	VEC_RESET(&c->times);
	if (!enter_object(c))
		return;
	c->has_time = true;
	while (next_text_member(c, &entry.version, &entry.when)) {
		if (c->times.len > PACKUMENT_VERSIONS_MAX) {
			c->has_too_many = true;
			return;
		}
		VEC_PUSH(c->tmp, &c->times, entry);
	}
}

/* Of a key written twice the last counts. */
static void forget_versions(struct scan *c, bool are_restricted)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->versions.len; i++)
		if (c->versions.items[i].is_restricted != are_restricted)
			c->versions.items[kept++] = c->versions.items[i];
	c->versions.len = kept;
}

/* Versions that the registry tells of and does not give, and why. */
static void scan_policy(struct scan *c)
{
	str raw_key;

	c->policy_message = STR_NULL;
	if (!enter_object(c))
		return;
	while (!c->has_too_many && jscan_key(&c->s, &raw_key)) {
		str key = jscan_unescape(c->tmp, raw_key);

		if (str_eq(key, S("versions")))
			scan_versions(c, true);
		else if (str_eq(key, S("message")))
			c->policy_message = jscan_text(c->arena, jscan_value(&c->s));
		else
			jscan_skip(&c->s);
	}
}

static void scan_document(struct scan *c)
{
	str raw_key;

	jscan_enter(&c->s, '{');
	while (!c->has_too_many && jscan_key(&c->s, &raw_key)) {
		str key = jscan_unescape(c->tmp, raw_key);

		if (str_eq(key, S("versions"))) {
			forget_versions(c, false);
			scan_versions(c, false);
		} else if (str_eq(key, S("policyRestrictions"))) {
			forget_versions(c, true);
			scan_policy(c);
		} else if (str_eq(key, S("dist-tags"))) {
			scan_tags(c);
		} else if (str_eq(key, S("time"))) {
			scan_times(c);
		} else {
			jscan_skip(&c->s);
		}
	}
}

/* ---- putting together ---- */

/* A 64-bit key orders nearly all versions; larger is newer. Numbers over 20 bits share a key and
 * are compared in full. */
static uint64_t sort_key(const struct semver *v)
{
	const uint64_t top = ((uint64_t)1 << 20) - 1;

	if (v->major >= top || v->minor >= top || v->patch >= top)
		return UINT64_MAX - (v->major < top);
	return v->major << 42 | v->minor << 22 | v->patch << 2 | (str_is_null(v->pre) ? 1 : 0);
}

struct sortable {
	uint64_t key;
	struct packument_version *v;
};

static int newest_first(const void *left, const void *right)
{
	const struct sortable *a = left, *b = right;
	int order = 0;

	if (str_is_null(a->v->semver.text) || str_is_null(b->v->semver.text))
		order = str_is_null(a->v->semver.text) - str_is_null(b->v->semver.text);
	else if (a->key == b->key || MAX(a->key, b->key) >= UINT64_MAX - 1)
		order = semver_compare(&b->v->semver, &a->v->semver);
	else
		order = a->key < b->key ? 1 : -1;
	if (order)
		return order;
	return a->v < b->v ? -1 : a->v > b->v;
}

static bool is_tie(const struct sortable *a, const struct sortable *b)
{
	const struct semver *left = &a->v->semver, *right = &b->v->semver;

	if (str_is_null(left->text) || str_is_null(right->text))
		return str_is_null(left->text) && str_is_null(right->text);
	return a->key == b->key && semver_compare(left, right) == 0;
}

/* Of one key written twice the last counts, as in JavaScript: the others lose their version. Equal
 * keys are ties, and ties are rare, so that nearly always a look at the neighbours is all this
 * costs. */
static void drop_duplicates(struct scan *c, struct sortable *order, size_t count)
{
	struct map last;
	bool has_ties = false;

	for (size_t i = 1; i < count && !has_ties; i++)
		has_ties = is_tie(&order[i - 1], &order[i]);
	if (!has_ties)
		return;
	map_init(&last, c->tmp);
	for (size_t i = 0; i < count; i++) {
		struct sortable *before = map_put(&last, order[i].v->version, &order[i]);

		if (!before)
			continue;
		order[i].v->is_restricted |= before->v->is_restricted;
		before->v = NULL;
	}
}

static void sort_versions(struct scan *c, struct packument *p)
{
	size_t count = c->versions.len;
	struct sortable *order = ARENA_ARRAY(c->tmp, struct sortable, count);

	for (size_t i = 0; i < count; i++)
		order[i] = (struct sortable){ sort_key(&c->versions.items[i].semver),
					      &c->versions.items[i] };
	if (count > 1)
		qsort(order, count, sizeof(*order), newest_first);
	drop_duplicates(c, order, count);
	for (size_t i = 0; i < count; i++)
		if (order[i].v)
			p->versions[p->nversions++] = *order[i].v;
}

/* `time` lists versions in the order of `versions` nearly always; a map helps where it does not. */
static void assign_times(struct scan *c)
{
	struct map by_version;
	size_t at = 0;

	map_init(&by_version, c->tmp);
	for (size_t i = 0; i < c->times.len; i++) {
		struct time_entry *entry = &c->times.items[i];

		if (at < c->versions.len && str_eq(c->versions.items[at].version, entry->version))
			c->versions.items[at++].time = entry->when;
		else
			map_put(&by_version, entry->version, entry);
	}
	for (size_t i = 0; by_version.count && i < c->versions.len; i++) {
		struct packument_version *v = &c->versions.items[i];
		const struct time_entry *entry = map_get(&by_version, v->version);

		if (entry)
			v->time = entry->when;
	}
}

static struct packument *build(struct arena *a, struct scan *c, str name)
{
	struct packument *p = ARENA_NEW(a, struct packument);

	assign_times(c);
	VEC_EACH (struct packument_version, v, &c->versions)
		if (!semver_parse(a, v->version, SEMVER_LOOSE, &v->semver))
			v->semver = (struct semver){ 0 };
	p->name = str_dup(a, name);
	p->policy_message = c->policy_message;
	p->manifests = str_of(c->text.p, c->text.len);
	p->versions = ARENA_ARRAY(a, struct packument_version, c->versions.len);
	sort_versions(c, p);
	p->ntags = c->tags.len;
	p->tags = ARENA_ARRAY(a, struct packument_tag, p->ntags);
	if (p->ntags)
		memcpy(p->tags, c->tags.items, p->ntags * sizeof(*p->tags));
	p->has_time = c->has_time;
	p->max_age_sec = -1;
	return p;
}

static struct err *bad_packument(str name, const char *why)
{
	return err_new(E_BAD_RESPONSE,
		       "the registry's answer for '" STR_FMT "' is no packument: %s", STR_ARG(name),
		       why);
}

struct err *packument_scan_to(struct arena *a, str name, str body, char *room,
			      struct packument **out)
{
	ARENA_SCOPE(tmp);
	struct scan c = { .s = jscan_init(body),
			  .arena = a,
			  .tmp = tmp,
			  .text = { .p = room },
			  .policy_message = STR_NULL };
	struct err *e;

	if (body.len > PACKUMENT_MAX_BYTES)
		return bad_packument(name, "it is too large");
	if (jscan_peek(&c.s) != '{')
		return bad_packument(name, "it is not a JSON object");
	scan_document(&c);
	if (c.has_too_many)
		return bad_packument(name, "it lists too many versions");
	e = jscan_finish(&c.s);
	if (e) {
		err_free(e);
		return bad_packument(name, "it is damaged or cut short");
	}
	*out = build(a, &c, name);
	return NULL;
}

struct err *packument_scan(struct arena *a, str name, str body, struct packument **out)
{
	return packument_scan_to(a, name, body, arena_alloc_raw(a, PACKUMENT_ROOM(body)), out);
}

/* ---- looking up ---- */

void packument_read_manifests(const struct packument *p)
{
	if (p->reader)
		p->reader->read_all(p->reader, p);
}

struct err *packument_manifest(const struct packument *p, const struct packument_version *v,
			       str *out)
{
	if (str_is_null(v->manifest) && p->reader)
		TRY(p->reader->read(p->reader, p, v));
	*out = v->manifest;
	return NULL;
}

int64_t packument_fresh_until(const struct packument *p)
{
	return p->fetched_at_sec + MIN(p->max_age_sec, PACKUMENT_FRESH_MAX_SEC);
}

const struct packument_version *packument_find(const struct packument *p, str version)
{
	ARENA_SCOPE(tmp);
	size_t low = 0, high = p->nversions;
	struct semver wanted;

	if (!semver_parse(tmp, version, SEMVER_LOOSE, &wanted))
		wanted = (struct semver){ 0 };
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct semver *at = &p->versions[mid].semver;
		bool is_before = !str_is_null(at->text) &&
				 (str_is_null(wanted.text) || semver_compare(at, &wanted) > 0);

		if (is_before)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < p->nversions; low++) {
		const struct packument_version *v = &p->versions[low];

		if (str_eq(v->version, version))
			return v;
		if (!str_is_null(wanted.text) && semver_compare(&v->semver, &wanted) != 0)
			break;
	}
	return NULL;
}

str packument_tag(const struct packument *p, str tag)
{
	for (size_t i = p->ntags; i-- > 0;)
		if (str_eq(p->tags[i].tag, tag))
			return p->tags[i].version;
	return STR_NULL;
}
