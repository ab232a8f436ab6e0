/* SPDX-License-Identifier: MIT
 * From OSV's events to an npm range. A record says where being affected begins and ends:
 *
 *	introduced 0, fixed 1.2.3, introduced 2.0.0, last_affected 2.4.0  ->  <1.2.3 || >=2.0.0
 *<=2.4.0
 *
 * or lists versions, or both. An entry whose versions cannot be told is an error: to read it as
 *"none" would hide it, to read it as "all" would cry wolf. */
#include "osv_priv.h"

#include "cpm/base/range.h"

/* At one version a fix comes first, and the last affected version is still affected. */
enum event_kind { EVENT_FIXED, EVENT_INTRODUCED, EVENT_LAST };

struct event {
	enum event_kind kind;
	bool is_start; /* "0": before every version */
	struct semver version;
};

typedef VEC(struct event) event_vec;

static struct err *add_event(struct arena *a, const struct json *said, event_vec *out)
{
	static const char *const keys[] = { [EVENT_FIXED] = "fixed",
					    [EVENT_INTRODUCED] = "introduced",
					    [EVENT_LAST] = "last_affected" };

	for (size_t kind = 0; kind < ARRAY_LEN(keys); kind++) {
		str text = json_get_text(said, keys[kind]);
		struct event e = { .kind = (enum event_kind)kind };

		if (!json_get(said, keys[kind]))
			continue;
		e.is_start = kind == EVENT_INTRODUCED && str_eq(text, S("0"));
		if (!e.is_start && !semver_parse(a, text, OSV_SEMVER, &e.version))
			return err_new(E_GENERIC, "'" STR_FMT "' of \"%s\" is not a version",
				       STR_ARG(text), keys[kind]);
		VEC_PUSH(a, out, e);
	}
	return NULL;
}

static int compare_events(const void *one, const void *other)
{
	const struct event *a = one, *b = other;
	int order = b->is_start - a->is_start;

	if (!order && !a->is_start)
		order = semver_compare(&a->version, &b->version);
	return order ? order : (int)a->kind - (int)b->kind;
}

static void add_alternative(struct str_buf *out, str text)
{
	buf_printf(out, "%s" STR_FMT, out->len ? " || " : "", STR_ARG(text));
}

/* @end: "<1.2.3", or null when it never ends. */
static void add_interval(struct arena *a, struct str_buf *out, const struct event *from, str end)
{
	str begin = from->is_start ? STR_NULL : str_concat(a, S(">="), from->version.text);

	if (str_is_null(begin))
		add_alternative(out, str_is_null(end) ? S("*") : end);
	else
		add_alternative(out, str_is_null(end) ? begin
						      : str_printf(a, STR_FMT " " STR_FMT,
								   STR_ARG(begin), STR_ARG(end)));
}

/* GitHub's records of what has no fix say here how far it is known to reach: "<= 1.2.3". */
static str known_end(struct arena *a, const struct json *affected)
{
	str text = json_get_text(json_get(affected, "database_specific"),
				 "last_known_affected_version_range");

	text = str_replace_all(a, text, S(" "), S(""));
	return str_starts(text, S("<")) && range_parse(a, text, OSV_SEMVER) ? text : STR_NULL;
}

static void add_intervals(struct arena *a, const event_vec *events, str open_end,
			  struct str_buf *out)
{
	const struct event *from = NULL;

	VEC_EACH (struct event, e, events) {
		if (e->kind == EVENT_INTRODUCED) {
			from = from ? from : e;
			continue;
		}
		if (from)
			add_interval(a, out, from,
				     str_concat(a, e->kind == EVENT_FIXED ? S("<") : S("<="),
						e->version.text));
		from = NULL;
	}
	if (from)
		add_interval(a, out, from, open_end);
}

static struct err *add_range(struct arena *a, const struct json *said, str open_end,
			     struct str_buf *out)
{
	const struct json *list = json_get(said, "events");
	event_vec events = { 0 };

	if (str_eq(json_get_text(said, "type"), S("GIT")))
		return NULL;
	if (!json_is(list, JSON_ARRAY))
		return err_new(E_GENERIC, "a range has no \"events\"");
	for (size_t i = 0; i < list->count; i++)
		TRY(add_event(a, list->items[i], &events));
	VEC_SORT(&events, compare_events);
	add_intervals(a, &events, open_end, out);
	return NULL;
}

/* Versions that the ranges leave out; what is not a version can be in no lockfile. */
static void add_versions(struct arena *a, const struct json *list, struct str_buf *out)
{
	struct range *known = out->len ? range_parse(a, str_dup(a, buf_view(out)), OSV_SEMVER)
				       : NULL;
	struct semver v;

	for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->count; i++)
		if (json_is(list->items[i], JSON_STRING) &&
		    semver_parse(a, list->items[i]->string, OSV_SEMVER, &v) &&
		    !(known && range_has(known, &v)))
			add_alternative(out, v.text);
}

struct err *osv_range(struct arena *a, const struct json *affected, str *out)
{
	const struct json *ranges = json_get(affected, "ranges");
	struct str_buf text = str_buf(a, SIZE_MAX);
	str open_end = known_end(a, affected);

	for (size_t i = 0; json_is(ranges, JSON_ARRAY) && i < ranges->count; i++)
		TRY(add_range(a, ranges->items[i], open_end, &text));
	add_versions(a, json_get(affected, "versions"), &text);
	*out = buf_view(&text);
	if (!text.len)
		return err_new(E_GENERIC, "it names no affected version");
	if (!range_parse(a, *out, OSV_SEMVER))
		return err_new(E_GENERIC, "it names too many versions");
	return NULL;
}
