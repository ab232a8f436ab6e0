/* SPDX-License-Identifier: MIT
 * A record of the Open Source Vulnerability format, in the shape in which the registry answers. An
 * advisory of the registry is one range of one package, and so is an entry of a record's
 * "affected". */
#include "cpm/tree/osv.h"

#include "osv_priv.h"

#include <time.h>

/* ---- facts of the record ---- */

/* RFC 3339 in UTC, as the schema demands; 0 for anything else. */
static int64_t seconds_of(struct arena *a, str text)
{
	struct tm tm = { 0 };
	const char *end = str_is_null(text) ? NULL
					    : strptime(str_cstr(a, text), "%Y-%m-%dT%H:%M:%S", &tm);

	return end ? timegm(&tm) : 0;
}

static str join_names(struct arena *a, const struct json *doc, str id)
{
	const struct json *aliases = json_get(doc, "aliases");
	struct str_buf out = str_buf(a, SIZE_MAX);

	buf_add(&out, id);
	for (size_t i = 0; json_is(aliases, JSON_ARRAY) && i < aliases->count; i++)
		if (json_is(aliases->items[i], JSON_STRING))
			buf_printf(&out, " " STR_FMT, STR_ARG(aliases->items[i]->string));
	return buf_view(&out);
}

/* Where to read on: GitHub's page, else what the record calls the advisory, else the first link it
 * has. */
static str find_url(struct arena *a, const struct json *doc, str id)
{
	const struct json *links = json_get(doc, "references");
	str url = STR_NULL;

	if (str_starts(id, S("GHSA-")))
		return str_concat(a, S("https://github.com/advisories/"), id);
	for (size_t i = 0; json_is(links, JSON_ARRAY) && i < links->count; i++) {
		str found = json_get_text(links->items[i], "url");

		if (str_eq(json_get_text(links->items[i], "type"), S("ADVISORY")) &&
		    !str_is_null(found))
			return found;
		url = str_is_null(url) ? found : url;
	}
	return str_is_null(url) ? str_concat(a, S("https://osv.dev/vulnerability/"), id) : url;
}

/* ---- how bad it is ---- */

/* The CVSS 3 vector of a record, or of an entry of it; null when it has none. */
static str find_vector(const struct json *said)
{
	const struct json *list = json_get(said, "severity");

	for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->count; i++) {
		str vector = json_get_text(list->items[i], "score");

		if (cvss_base_score(vector) >= 0)
			return vector;
	}
	return STR_NULL;
}

/* What nobody rated is malware, or taken as seriously as npm takes it. */
static str find_severity(struct arena *a, const struct json *doc, str id, str vector)
{
	static const char *const words[] = { "low", "moderate", "high", "critical" };
	str said = str_lower(a, json_get_text(json_get(doc, "database_specific"), "severity"));

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(said, str_view(words[i])))
			return str_view(words[i]);
	if (str_eq(said, S("medium")))
		return S("moderate");
	if (!str_is_null(vector))
		return cvss_severity(cvss_base_score(vector));
	return str_starts(id, S("MAL-")) ? S("critical") : S("high");
}

static struct json *cvss_json(struct arena *a, str vector)
{
	struct json *out = json_new(a, JSON_OBJECT);
	bool is_known = !str_is_null(vector);

	json_set(a, out, S("score"), json_new_number(a, is_known ? cvss_base_score(vector) : 0));
	json_set(a, out, S("vectorString"),
		 is_known ? json_new_string(a, vector) : json_new(a, JSON_NULL));
	return out;
}

/* ---- advisories ---- */

/* The advisory but for its versions, which are another for each entry. */
static struct json *advisory_json(struct arena *a, const struct json *doc, str id,
				  const struct json *affected)
{
	struct json *out = json_new(a, JSON_OBJECT),
		    *cwe = json_get(json_get(doc, "database_specific"), "cwe_ids");
	str vector = find_vector(doc), title = json_get_text(doc, "summary");

	if (str_is_null(vector))
		vector = find_vector(affected);
	json_set_text(a, out, "url", find_url(a, doc, id));
	json_set_text(a, out, "title", str_is_empty(title) ? id : title);
	json_set_text(a, out, "severity", find_severity(a, doc, id, vector));
	json_set(a, out, S("cwe"), json_is(cwe, JSON_ARRAY) ? cwe : json_new(a, JSON_ARRAY));
	json_set(a, out, S("cvss"), cvss_json(a, vector));
	return out;
}

static struct json *list_for(struct arena *a, struct osv_record *r, str name)
{
	VEC_EACH (struct osv_package, p, &r->packages)
		if (str_eq(p->name, name))
			return p->said;
	VEC_PUSH(a, &r->packages,
		 (struct osv_package){ .name = name, .said = json_new(a, JSON_ARRAY) });
	return VEC_LAST(&r->packages).said;
}

/* Several advisories of a package must differ in their ids, or they pass for one that is said
 * twice. */
static void number_advisory(struct arena *a, const struct osv_record *r, struct json *said,
			    size_t at)
{
	str id = at ? str_printf(a, STR_FMT "#%zu", STR_ARG(r->id), at + 1) : r->id;

	json_set_text(a, said, "id", id);
}

static struct err *add_affected(struct arena *a, const struct json *doc,
				const struct json *affected, struct osv_record *r)
{
	const struct json *package = json_get(affected, "package");
	str name = json_get_text(package, "name"), versions;
	struct json *list, *said;

	if (!str_eq(json_get_text(package, "ecosystem"), S("npm")))
		return NULL;
	if (str_is_empty(name))
		return err_new(E_GENERIC, "an entry of \"affected\" names no package");
	TRY(osv_range(a, affected, &versions));
	list = list_for(a, r, name);
	said = advisory_json(a, doc, r->id, affected);
	number_advisory(a, r, said, list->count);
	json_set_text(a, said, "vulnerable_versions", versions);
	json_append(a, list, said);
	return NULL;
}

struct err *osv_read(struct arena *a, const struct json *doc, struct osv_record *out)
{
	const struct json *affected = json_get(doc, "affected");

	*out = (struct osv_record){ .id = json_get_text(doc, "id") };
	if (str_is_empty(out->id))
		return err_new(E_GENERIC, "it has no \"id\"");
	out->modified_sec = seconds_of(a, json_get_text(doc, "modified"));
	out->names = join_names(a, doc, out->id);
	out->is_withdrawn = json_is(json_get(doc, "withdrawn"), JSON_STRING);
	if (out->is_withdrawn)
		return NULL;
	if (!json_is(affected, JSON_ARRAY))
		return err_new(E_GENERIC, "it has no \"affected\"");
	for (size_t i = 0; i < affected->count; i++)
		TRY(add_affected(a, doc, affected->items[i], out));
	return NULL;
}

int osv_compare_ids(str a, str b)
{
	bool is_a = str_starts(a, S("GHSA-")), is_b = str_starts(b, S("GHSA-"));

	return is_a != is_b ? (is_a ? -1 : 1) : str_cmp(a, b);
}
