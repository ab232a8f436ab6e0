/* SPDX-License-Identifier: MIT
 * Vulnerabilities in a CycloneDX 1.5 document. Whoever reads it acts on it, so nothing is claimed
 * here that nobody has said: only an exception that names a state makes one, and without it a
 * known vulnerability is not called harmless. */
#include "sbom_priv.h"

#include "cpm/tree/audit.h"

/* What is said to one advisory, and about which components. */
struct verdict {
	const struct policy_entry *entry; /* NULL: nothing */
	VEC(const struct node *) components;
};

struct finding {
	const struct json *said;
	str id; /* "GHSA-..." or what the advisory is numbered */
	VEC(struct verdict) verdicts;
};
typedef VEC(struct finding) finding_vec;

/* ---- which, and what is said to them ---- */

/* The name that others know it by stands at the end of its address. */
static str public_id(struct arena *a, const struct json *said)
{
	str url = json_get_text(said, "url"), id = advisory_id(a, json_get(said, "id"));
	str last = str_is_null(url) ? S("") : str_from(url, str_rfind_char(url, '/') + 1);

	if (str_starts(last, S("GHSA-")) || str_starts(last, S("CVE-")) || str_is_null(id))
		return last.len ? last : S("unknown");
	return id;
}

static bool is_component(const struct node *n, str name)
{
	return !n->is_root && !n->is_link && str_eq(node_package_name(n), name);
}

/* The entry for all places of the component that @n stands for; NULL when one is not covered. */
static const struct policy_entry *find_entry(struct arena *a, const node_vec *nodes,
					     const struct policy *p, const struct json *said,
					     const struct node *n, bool is_expired)
{
	str id = advisory_id(a, json_get(said, "id")), url = json_get_text(said, "url");
	const struct policy_entry *e = NULL;

	for (size_t i = 0; i < nodes->len; i++) {
		const struct node *place = nodes->items[i];

		if (!is_component(place, node_package_name(n)) ||
		    !str_eq(node_version(place), node_version(n)))
			continue;
		e = policy_find_advisory(p, id, url, place->location, is_expired);
		if (!e)
			return NULL;
	}
	return e;
}

static void add_component(struct arena *a, struct finding *f, const struct policy_entry *e,
			  const struct node *n)
{
	struct verdict *v = NULL;

	VEC_EACH (struct verdict, known, &f->verdicts)
		if (known->entry == e)
			v = known;
	if (!v) {
		VEC_PUSH(a, &f->verdicts, (struct verdict){ .entry = e });
		v = &f->verdicts.items[f->verdicts.len - 1];
	}
	VEC_PUSH(a, &v->components, n);
}

static void judge(struct arena *a, const node_vec *nodes, const struct policy *p, str name,
		  struct finding *f)
{
	struct map seen;

	map_init(&seen, a);
	for (size_t i = 0; i < nodes->len; i++) {
		struct node *n = nodes->items[i];
		const struct policy_entry *e;

		if (!is_component(n, name) ||
		    !audit_concerns(json_get_text(f->said, "vulnerable_versions"), n) ||
		    map_put(&seen, node_version(n), n))
			continue;
		e = find_entry(a, nodes, p, f->said, n, false);
		add_component(a, f, e ? e : find_entry(a, nodes, p, f->said, n, true), n);
	}
}

static int compare_findings(const void *pa, const void *pb)
{
	const struct finding *a = pa, *b = pb;

	return str_cmp(a->id, b->id);
}

static void find_all(struct arena *a, const node_vec *nodes, const struct json *advisories,
		     const struct policy *p, finding_vec *out)
{
	for (size_t i = 0; i < advisories->count; i++) {
		const struct json *list = advisories->members[i].val;

		for (size_t j = 0; json_is(list, JSON_ARRAY) && j < list->count; j++) {
			struct finding f = { .said = list->items[j] };

			if (!json_is(f.said, JSON_OBJECT))
				continue;
			f.id = public_id(a, f.said);
			judge(a, nodes, p, advisories->members[i].key, &f);
			if (f.verdicts.len)
				VEC_PUSH(a, out, f);
		}
	}
	VEC_SORT(out, compare_findings);
}

/* ---- how bad ---- */

static str severity_of(const struct json *said)
{
	static const str known[] = { S("critical"), S("high"), S("low"), S("info") };
	str severity = json_get_text(said, "severity");

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eq(severity, known[i]))
			return severity;
	return str_eq(severity, S("moderate")) ? S("medium") : S("unknown");
}

static const char *method_of(str vector)
{
	if (str_starts(vector, S("CVSS:3.1/")))
		return "CVSSv31";
	if (str_starts(vector, S("CVSS:3.0/")))
		return "CVSSv3";
	if (str_starts(vector, S("CVSS:4.0/")))
		return "CVSSv4";
	return "other";
}

static struct json *ratings_json(struct arena *a, const struct json *said)
{
	struct json *list = json_new(a, JSON_ARRAY), *out = json_new(a, JSON_OBJECT);
	const struct json *cvss = json_get(said, "cvss"), *score = json_get(cvss, "score");
	str vector = json_get_text(cvss, "vectorString");

	if (json_is(score, JSON_NUMBER) && score->number > 0)
		json_set(a, out, S("score"), json_new_number(a, score->number));
	json_set_text(a, out, "severity", severity_of(said));
	if (vector.len) {
		json_set_text(a, out, "method", str_view(method_of(vector)));
		json_set_text(a, out, "vector", vector);
	}
	json_append(a, list, out);
	return list;
}

/* "CWE-79" is 79. */
static void add_cwes(struct arena *a, struct json *out, const struct json *said)
{
	struct json *list = json_new(a, JSON_ARRAY);
	const struct json *named = json_get(said, "cwe");
	uint64_t number;

	for (size_t i = 0; json_is(named, JSON_ARRAY) && i < named->count; i++) {
		const struct json *one = named->items[i];

		if (json_is(one, JSON_STRING) && str_starts(one->string, S("CWE-")) &&
		    str_to_u64(str_from(one->string, 4), &number) && number > 0 &&
		    number < UINT32_MAX)
			json_append(a, list, json_new_number(a, (double)number));
	}
	if (list->count)
		json_set(a, out, S("cwes"), list);
}

/* ---- one of them ---- */

static struct json *analysis_json(struct arena *a, const struct policy_entry *e)
{
	struct json *out = json_new(a, JSON_OBJECT);
	bool has_state = !e->is_expired && !str_is_null(e->state);

	json_set_text(a, out, "state", has_state ? e->state : S("in_triage"));
	if (has_state && !str_is_null(e->justification))
		json_set_text(a, out, "justification", e->justification);
	json_set_text(a, out, "detail",
		      str_printf(a, STR_FMT " (%s " STR_FMT ", " STR_FMT ")", STR_ARG(e->reason),
				 e->is_expired ? "no longer excepted since" : "excepted until",
				 STR_ARG(e->expires), STR_ARG(e->owner)));
	return out;
}

static void add_property(struct arena *a, struct json *list, const char *name, str value)
{
	struct json *property = json_new(a, JSON_OBJECT);

	json_set_text(a, property, "name", str_view(name));
	json_set_text(a, property, "value", value);
	json_append(a, list, property);
}

/* For programs that need not take the sentence apart. */
static struct json *properties_json(struct arena *a, const struct policy_entry *e)
{
	struct json *list = json_new(a, JSON_ARRAY);

	add_property(a, list, "cpm:policy:what", e->what);
	add_property(a, list, "cpm:policy:reason", e->reason);
	add_property(a, list, "cpm:policy:owner", e->owner);
	add_property(a, list, "cpm:policy:expires", e->expires);
	add_property(a, list, "cpm:policy:expired", e->is_expired ? S("true") : S("false"));
	return list;
}

static struct json *affects_json(struct arena *a, const struct verdict *v)
{
	struct json *list = json_new(a, JSON_ARRAY);

	VEC_EACH (const struct node *, n, &v->components) {
		struct json *one = json_new(a, JSON_OBJECT);

		json_set_text(a, one, "ref", sbom_ref(a, *n));
		json_append(a, list, one);
	}
	return list;
}

static void add_address(struct arena *a, struct json *out, const struct json *said)
{
	struct json *list = json_new(a, JSON_ARRAY), *one = json_new(a, JSON_OBJECT);
	str url = json_get_text(said, "url"), title = json_get_text(said, "title");

	if (title.len)
		json_set_text(a, one, "title", title);
	json_set_text(a, one, "url", url);
	json_append(a, list, one);
	json_set(a, out, S("advisories"), list);
}

static struct json *vulnerability_json(struct arena *a, const struct finding *f,
				       const struct verdict *v)
{
	struct json *out = json_new(a, JSON_OBJECT), *source = json_new(a, JSON_OBJECT);
	str url = json_get_text(f->said, "url"), title = json_get_text(f->said, "title");

	json_set_text(a, out, "id", f->id);
	if (url.len) {
		json_set_text(a, source, "url", url);
		json_set(a, out, S("source"), source);
	}
	json_set(a, out, S("ratings"), ratings_json(a, f->said));
	add_cwes(a, out, f->said);
	if (title.len)
		json_set_text(a, out, "description", title);
	if (url.len)
		add_address(a, out, f->said);
	if (v->entry)
		json_set(a, out, S("analysis"), analysis_json(a, v->entry));
	json_set(a, out, S("affects"), affects_json(a, v));
	if (v->entry)
		json_set(a, out, S("properties"), properties_json(a, v->entry));
	return out;
}

struct json *sbom_vulnerabilities(struct arena *a, const node_vec *nodes,
				  const struct json *advisories, const struct policy *policy)
{
	struct json *list = json_new(a, JSON_ARRAY);
	finding_vec findings = { 0 };

	find_all(a, nodes, advisories, policy, &findings);
	VEC_EACH (const struct finding, f, &findings)
		VEC_EACH (const struct verdict, v, &f->verdicts)
			json_append(a, list, vulnerability_json(a, f, v));
	return list;
}
