/* SPDX-License-Identifier: MIT
 * Which versions of a package an advisory concerns. The registry says so with a range for the
 * package itself. For a package that depends on it, a version is concerned when every version its
 * spec allows is; that is worked out from its packument, and made a range again:
 *
 *   leaf   <2.0.0                        said
 *   mid    1.0.0 needs leaf@^1  ->  1.0.0    derived
 *   top    ...   needs mid@^1   ->  ...      derived from that
 *
 * Twin of metavuln-calculator's advisory.js. */
#include "audit_priv.h"

#include "cpm/base/json_scan.h"

/* How far an answer is looked for in the advisory that one derives from, and the one that derives
 * from, and so on: every so often all versions of one are looked at ahead of any question. */
#define DEPTH_MAX 32

/* ---- versions ---- */

const struct packument_version *audit_package_version(const struct audit_package *p, size_t i)
{
	return &p->packument->versions[p->nversions - 1 - i];
}

static bool is_prerelease(const struct audit_package *p, size_t i)
{
	return !str_is_null(audit_package_version(p, i)->semver.pre);
}

/* Published in a form like "1.0.2beta", which npm puts right when it goes through all versions and
 * then takes for another version, about which nothing is known. */
static bool is_irregular(const struct audit_package *p, size_t i)
{
	const struct packument_version *v = audit_package_version(p, i);

	return v->version.len != v->semver.text.len ||
	       (v->version.p != v->semver.text.p && !str_eq(v->version, v->semver.text));
}

/* False when it is not published. */
static bool find_version(const struct audit_package *p, str version, size_t *out)
{
	const struct packument_version *v = p->packument ? packument_find(p->packument, version)
							 : NULL;

	if (!v || (size_t)(v - p->packument->versions) >= p->nversions)
		return false;
	*out = p->nversions - 1 - (size_t)(v - p->packument->versions);
	return true;
}

/* ---- one version ---- */

/* A package may have thousands of versions, and each is looked at for every advisory about
 * something it depends on: manifests stay text, of which the parts that count are remembered. */
static const struct audit_manifest *manifest_of(struct arena *a, struct audit_package *p, size_t i)
{
	static const str fields[MANIFEST_PARTS] = {
		[MANIFEST_DEPS] = S("dependencies"),
		[MANIFEST_OPTIONAL] = S("optionalDependencies"),
		[MANIFEST_PEER] = S("peerDependencies"),
		[MANIFEST_BUNDLED] = S("bundleDependencies"),
	};
	struct audit_manifest *m = &p->manifests[i];
	str text = STR_NULL;

	if (m->is_read)
		return m;
	if (!p->has_manifests)
		packument_read_manifests(p->packument);
	p->has_manifests = true;
	err_ignore(packument_manifest(p->packument, audit_package_version(p, i), &text));
	jscan_members(a, text, fields, MANIFEST_PARTS, m->parts);
	m->is_flat = jscan_is_flat(m->parts[MANIFEST_DEPS]);
	m->is_read = true;
	return m;
}

/* What @m asks for; null when it does not depend on @name. */
static str dep_spec(struct arena *a, const struct audit_manifest *m, str name, size_t *hint)
{
	str spec = STR_NULL;

	if (m->is_flat)
		spec = jscan_text(a, jscan_flat_member(m->parts[MANIFEST_DEPS], name, hint));
	for (size_t i = m->is_flat ? MANIFEST_DEPS + 1 : 0;
	     i < MANIFEST_BUNDLED && str_is_null(spec); i++)
		if (!str_is_null(m->parts[i]))
			spec = jscan_text(a, jscan_member(a, m->parts[i], name));
	return spec;
}

static bool is_bundled(struct arena *a, const struct audit_manifest *m, str name)
{
	struct jscan s = jscan_init(m->parts[MANIFEST_BUNDLED]);

	if (jscan_peek(&s) != '[' || !jscan_enter(&s, '['))
		return false;
	while (jscan_item(&s))
		if (str_eq(jscan_text(a, jscan_value(&s)), name))
			return true;
	return false;
}

static bool concerns_published(struct arena *a, struct advisory *adv, size_t i);

/* That much is known already. */
static bool is_vulnerable(const struct advisory *adv, size_t i)
{
	return adv->verdicts[i] == VERDICT_VULNERABLE ||
	       (adv->verdicts[i] == VERDICT_UNKNOWN && adv->is_marked[i] &&
		!is_irregular(adv->package, i));
}

/* Everything that @wanted allows is concerned, or it allows nothing: either way best avoided. */
static bool concerns_all(struct arena *a, struct advisory *adv, const struct range *wanted)
{
	const struct audit_package *p = adv->package;

	for (size_t i = 0; i < p->nversions; i++)
		if (!is_vulnerable(adv, i) &&
		    range_has(wanted, &audit_package_version(p, i)->semver) &&
		    !concerns_published(a, adv, i))
			return false;
	return true;
}

/* What is no range may be anything. */
static bool concerns_spec(struct arena *a, struct advisory *adv, str spec)
{
	static const char vulnerable, safe;
	const void *known = map_get(&adv->specs, spec);
	const struct range *wanted;

	if (!known) {
		wanted = range_parse(a, spec, AUDIT_SEMVER);
		known = !wanted || concerns_all(a, adv, wanted) ? &vulnerable : &safe;
		map_put(&adv->specs, spec, (void *)known);
	}
	return known == &vulnerable;
}

/* @spec: what counts; when it is empty, what the manifest says. */
static bool judge_dependent(struct arena *a, struct advisory *adv, const struct audit_manifest *m,
			    str spec)
{
	struct advisory *source = adv->source;
	struct range *wanted;

	if (str_is_empty(spec))
		spec = dep_spec(a, m, source->package->name, &adv->dep_hint);
	if (str_is_null(spec))
		return false;
	if (!str_is_null(m->parts[MANIFEST_BUNDLED]) && is_bundled(a, m, source->package->name)) {
		wanted = range_parse(a, spec, AUDIT_SEMVER);
		return !wanted || (source->parsed && range_intersects(wanted, source->parsed));
	}
	/* Neighbours mostly ask for the same. */
	if (str_is_null(adv->judged_spec) || !str_eq(spec, adv->judged_spec))
		adv->was_concerned = concerns_spec(a, source, spec);
	adv->judged_spec = spec;
	return adv->was_concerned;
}

static bool concerns_published_as(struct arena *a, struct advisory *adv, size_t i, str spec)
{
	struct audit_package *p = adv->package;
	bool is_concerned;

	if (adv->verdicts[i] != VERDICT_UNKNOWN)
		return adv->verdicts[i] == VERDICT_VULNERABLE;
	if (is_vulnerable(adv, i))
		is_concerned = true;
	else if (adv->source)
		is_concerned = judge_dependent(a, adv, manifest_of(a, p, i), spec);
	else
		is_concerned = adv->parsed &&
			       range_has(adv->parsed, &audit_package_version(p, i)->semver);
	adv->verdicts[i] = is_concerned ? VERDICT_VULNERABLE : VERDICT_SAFE;
	if (!is_irregular(p, i))
		adv->is_marked[i] = is_concerned;
	return is_concerned;
}

static bool concerns_published(struct arena *a, struct advisory *adv, size_t i)
{
	return concerns_published_as(a, adv, i, STR_NULL);
}

/* The same with the version put right. */
static bool concerns_regular(struct arena *a, struct advisory *adv, size_t i)
{
	if (!is_irregular(adv->package, i))
		return concerns_published(a, adv, i);
	if (!adv->source && concerns_published(a, adv, i))
		adv->is_marked[i] = true;
	return adv->is_marked[i];
}

static bool concerns_unpublished(struct arena *a, struct advisory *adv, str version, str spec)
{
	static const struct audit_manifest unknown;
	struct semver v;

	if (adv->source)
		return judge_dependent(a, adv, &unknown, spec);
	return adv->parsed && semver_parse(a, version, AUDIT_SEMVER, &v) &&
	       range_has(adv->parsed, &v);
}

/* ---- all versions ---- */

/* Versions [from, to) of one package. */
struct span {
	size_t from, to;
};

typedef VEC(struct span) span_vec;

static void mark(struct advisory *adv, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		adv->is_marked[i] = true;
}

/* The ends of a span speak for what is between them, and prereleases at an end are like that end:
 * nobody installs them, and some packages have thousands. Halves what is not settled by that. */
static void settle(struct arena *a, struct advisory *adv, struct span s, span_vec *agenda)
{
	const struct audit_package *p = adv->package;
	size_t last = s.to - 1, head = s.from, tail = last, mid;
	bool is_head, is_tail, is_first = concerns_regular(a, adv, s.from), is_last;

	while (head < s.to && is_prerelease(p, head))
		head++;
	if (head == s.to)
		head = s.from;
	else if (is_first)
		mark(adv, s.from, head);
	is_last = concerns_regular(a, adv, last);
	while (tail > head && is_prerelease(p, tail))
		tail--;
	if (tail == head)
		tail = last;
	else if (is_last)
		mark(adv, tail + 1, s.to);
	is_head = head == s.from ? is_first : concerns_regular(a, adv, head);
	is_tail = tail == last ? is_last : concerns_regular(a, adv, tail);
	if (is_head && is_tail)
		mark(adv, head, tail);
	if ((is_head && is_tail) || tail < head + 2)
		return;

	mid = s.from + (s.to - s.from) / 2;
	struct span low = { s.from, mid }, high = { mid, s.to };
	if (!is_prerelease(p, low.from)) {
		bool is_mid = concerns_regular(a, adv, low.to - 1);
		for (; is_prerelease(p, low.to - 1); low.to--)
			adv->is_marked[low.to - 1] |= is_mid;
	}
	if (!is_prerelease(p, last)) {
		bool is_mid = concerns_regular(a, adv, high.from);
		for (; is_prerelease(p, high.from); high.from++)
			adv->is_marked[high.from] |= is_mid;
	}
	VEC_PUSH(a, agenda, low);
	VEC_PUSH(a, agenda, high);
}

static bool is_same_minor(const struct audit_package *p, size_t i, size_t j)
{
	const struct semver *a = &audit_package_version(p, i)->semver,
			    *b = &audit_package_version(p, j)->semver;

	return a->major == b->major && a->minor == b->minor;
}

/* All versions that share major and minor with version @i; once. */
static void settle_around(struct arena *a, struct advisory *adv, size_t i)
{
	const struct audit_package *p = adv->package;
	struct span group = { i, i + 1 };
	span_vec agenda = { 0 };

	if (adv->is_settled[i])
		return;
	while (group.from > 0 && is_same_minor(p, group.from - 1, i))
		group.from--;
	while (group.to < p->nversions && is_same_minor(p, group.to, i))
		group.to++;
	VEC_PUSH(a, &agenda, group);
	for (size_t k = 0; k < agenda.len; k++)
		settle(a, adv, agenda.items[k], &agenda);
	for (size_t k = group.from; k < group.to; k++)
		adv->is_settled[k] = true;
}

static void settle_all(struct arena *a, struct advisory *adv)
{
	for (size_t i = 0; i < adv->package->nversions; i++)
		settle_around(a, adv, i);
}

bool advisory_concerns(struct arena *a, struct advisory *adv, str version, str spec)
{
	static const char vulnerable, safe;
	const void *known;
	size_t i;

	if (find_version(adv->package, version, &i)) {
		settle_around(a, adv, i);
		return concerns_published_as(a, adv, i, spec);
	}
	known = map_get(&adv->others, version);
	if (!known) {
		known = concerns_unpublished(a, adv, version, spec) ? &vulnerable : &safe;
		map_put(&adv->others, version, (void *)known);
	}
	return known == &vulnerable;
}

/* ---- ranges ---- */

/* By its text alone, as npm has it here. */
static bool looks_like_prerelease(const struct audit_package *p, size_t i)
{
	return str_find(audit_package_version(p, i)->version, S("-")) != STR_NPOS;
}

static void add_alternative(struct str_buf *out, const char *before, str first, str last)
{
	buf_printf(out, "%s%s" STR_FMT, out->len ? " || " : "", before, STR_ARG(first));
	if (!str_is_null(last))
		buf_printf(out, " - " STR_FMT, STR_ARG(last));
}

/* npm walks the versions and the marked ones side by side, and waits for good at one that is marked
 * in another form than it is published in. */
static size_t marks_end(const struct advisory *adv)
{
	for (size_t i = 0; i < adv->package->nversions; i++)
		if (adv->is_marked[i] && is_irregular(adv->package, i))
			return i;
	return adv->package->nversions;
}

/* The runs of marked versions; prereleases that are not marked do not interrupt one. */
static str range_of_marks(struct arena *a, const struct advisory *adv)
{
	const struct audit_package *p = adv->package;
	struct str_buf out = str_buf(a, SIZE_MAX);
	size_t end = marks_end(adv);

	for (size_t i = 0; i < end; i++) {
		size_t first = i, last = SIZE_MAX;

		for (; i < end && (adv->is_marked[i] || looks_like_prerelease(p, i)); i++)
			if (adv->is_marked[i])
				last = i;
		if (last == SIZE_MAX)
			continue;
		str from = audit_package_version(p, first)->version,
		    to = audit_package_version(p, last)->version;
		if (last == p->nversions - 1)
			add_alternative(&out, ">=", from, STR_NULL);
		else if (first == last)
			add_alternative(&out, "", from, STR_NULL);
		else
			add_alternative(&out, "", from, to);
	}
	return out.len ? audit_simplify_range(a, p, buf_view(&out)) : S("<0.0.0-0");
}

str audit_simplify_range(struct arena *a, const struct audit_package *p, str text)
{
	struct range *range = range_parse(a, text, AUDIT_SEMVER);
	struct str_buf out = str_buf(a, SIZE_MAX);

	for (size_t i = 0, first; i < p->nversions; i++) {
		for (first = i; i < p->nversions && range &&
				range_has(range, &audit_package_version(p, i)->semver);)
			i++;
		if (i == first)
			continue;
		str from = audit_package_version(p, first)->version,
		    to = audit_package_version(p, i - 1)->version;
		bool is_from_start = first == 0, is_to_end = i == p->nversions;
		if (is_from_start && is_to_end)
			add_alternative(&out, "*", S(""), STR_NULL);
		else if (is_to_end)
			add_alternative(&out, ">=", from, STR_NULL);
		else if (first == i - 1)
			add_alternative(&out, "", from, STR_NULL);
		else if (is_from_start)
			add_alternative(&out, "<=", to, STR_NULL);
		else
			add_alternative(&out, "", from, to);
	}
	return out.len < text.len ? str_dup(a, buf_view(&out)) : text;
}

/* ---- advisories ---- */

static struct advisory *new_advisory(struct arena *a, struct audit_package *p)
{
	struct advisory *adv = ARENA_NEW(a, struct advisory);

	adv->package = p;
	adv->verdicts = ARENA_ARRAY(a, unsigned char, p->nversions + 1);
	adv->is_marked = ARENA_ARRAY(a, bool, p->nversions + 1);
	adv->is_settled = ARENA_ARRAY(a, bool, p->nversions + 1);
	map_init(&adv->others, a);
	map_init(&adv->specs, a);
	map_init(&adv->derived, a);
	return adv;
}

struct advisory *advisory_new(struct arena *a, struct audit_package *package,
			      const struct json *said)
{
	struct advisory *adv = new_advisory(a, package);
	str severity = json_get_text(said, "severity"),
	    range = json_get_text(said, "vulnerable_versions");

	adv->said = said;
	adv->severity = audit_severity_rank(severity) < 0 ? S("high") : severity;
	adv->range = str_is_empty(range) ? S("*") : range;
	adv->parsed = range_parse(a, adv->range, AUDIT_SEMVER);
	/* The shortcuts count here as well: npm calls prereleases vulnerable that the range spares.
	 */
	settle_all(a, adv);
	return adv;
}

bool audit_concerns(str range, const struct node *n)
{
	return range_satisfies(node_version(n), str_is_empty(range) ? S("*") : range, AUDIT_SEMVER);
}

struct advisory *advisory_derive(struct arena *a, struct audit_package *package,
				 struct advisory *source)
{
	struct advisory *adv = new_advisory(a, package);

	adv->source = source;
	adv->depth = source->depth + 1;
	adv->severity = source->severity;
	return adv;
}

void advisory_complete(struct arena *a, struct advisory *adv)
{
	if (!adv->source)
		return;
	settle_all(a, adv);
	adv->range = range_of_marks(a, adv);
	adv->parsed = range_parse(a, adv->range, AUDIT_SEMVER);
	for (size_t i = 0; adv->depth % DEPTH_MAX == 0 && i < adv->package->nversions; i++)
		(void)concerns_published(a, adv, i);
}
