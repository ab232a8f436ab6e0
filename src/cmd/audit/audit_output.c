/* SPDX-License-Identifier: MIT
 * An audit report as people read it (npm-cli.md 6.5). It is made from the document that --json
 * prints. Titles, names and ranges are the registry's words: they are made harmless before they are
 * coloured (T39). */
#include "audit_run.h"

static const char *const levels[] = { "info", "low", "moderate", "high", "critical", "none" };

enum { LEVEL_INFO, LEVEL_LOW, LEVEL_MODERATE, LEVEL_HIGH, LEVEL_CRITICAL, LEVEL_NONE };

struct painter {
	struct arena *arena;
	bool is_colored;
};

/* ---- paint ---- */

static str painted(const struct painter *p, enum paint color, str text)
{
	str safe = log_escape(p->arena, log_redact(p->arena, text));

	const char *bold = color == PAINT_BOLD ? "" : paint(p->is_colored, PAINT_BOLD);

	return str_printf(p->arena, "%s%s" STR_FMT "%s", paint(p->is_colored, color), bold,
			  STR_ARG(safe), paint(p->is_colored, PAINT_RESET));
}

static str plain(const struct painter *p, str text)
{
	return log_escape(p->arena, log_redact(p->arena, text));
}

static str painted_severity(const struct painter *p, str severity)
{
	if (str_eq(severity, S("moderate")))
		return painted(p, PAINT_YELLOW, severity);
	if (str_eq(severity, S("high")) || str_eq(severity, S("critical")))
		return painted(p, PAINT_RED, severity);
	return painted(p, PAINT_BOLD, severity);
}

/* ---- counts ---- */

static size_t count_of(const struct json *report, const char *level)
{
	const struct json *counts = json_get(json_get(report, "metadata"), "vulnerabilities"),
			  *n = json_get(counts, level);

	return json_is(n, JSON_NUMBER) ? (size_t)n->number : 0;
}

size_t audit_package_count(const struct json *report)
{
	const struct json *counts = json_get(json_get(report, "metadata"), "dependencies"),
			  *total = json_get(counts, "total");

	return json_is(total, JSON_NUMBER) ? (size_t)total->number + 1 : 0;
}

/* Those that the project's policy lets pass; @level null: of all levels. */
static size_t excepted_of(const struct json *report, str level)
{
	const struct json *list = json_get(report, "vulnerabilities");
	size_t count = 0;

	for (size_t i = 0; list && i < list->count; i++)
		count += json_get(list->members[i].val, "exception") &&
			 (str_is_null(level) ||
			  str_eq(json_get_text(list->members[i].val, "severity"), level));
	return count;
}

bool audit_reaches(const struct json *report, str level)
{
	size_t from = LEVEL_LOW;

	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (str_eq(level, str_view(levels[i])))
			from = i;
	for (size_t i = from; i < LEVEL_NONE; i++)
		if (count_of(report, levels[i]) > excepted_of(report, str_view(levels[i])))
			return true;
	return false;
}

/* ---- the summary ---- */

struct ways {
	bool in_range, forced, breaking, none;
};

static struct ways find_ways(const struct json *report)
{
	const struct json *list = json_get(report, "vulnerabilities");
	struct ways w = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		const struct json *fix = json_get(list->members[i].val, "fixAvailable");

		if (json_is(fix, JSON_OBJECT)) {
			w.forced = true;
			w.breaking = w.breaking || json_get_bool(fix, "isSemVerMajor");
		} else {
			w.in_range = w.in_range || fix->boolean;
			w.none = w.none || !fix->boolean;
		}
	}
	return w;
}

/* "3 high severity vulnerabilities", or "4 vulnerabilities (1 low, 3 high)". Those that only inform
 * are named when there is nothing else. */
static void add_counts(const struct painter *p, struct str_buf *out, const struct json *report)
{
	size_t nkinds = 0, total = count_of(report, "total"), only = LEVEL_INFO;
	const char *before = " (";

	for (size_t i = LEVEL_LOW; i <= LEVEL_CRITICAL; i++)
		if (count_of(report, levels[i]) > 0) {
			nkinds++;
			only = i;
		}
	if (nkinds <= 1) {
		size_t n = count_of(report, levels[only]);
		buf_printf(out, "%zu " STR_FMT " severity vulnerabilit%s", n,
			   STR_ARG(painted_severity(p, str_view(levels[only]))),
			   n == 1 ? "y" : "ies");
		return;
	}
	buf_printf(out, STR_FMT " vulnerabilities",
		   STR_ARG(painted(p, PAINT_RED, str_printf(p->arena, "%zu", total))));
	for (size_t i = LEVEL_LOW; i <= LEVEL_CRITICAL; i++) {
		if (!count_of(report, levels[i]))
			continue;
		buf_printf(out, "%s%zu " STR_FMT, before, count_of(report, levels[i]),
			   STR_ARG(painted_severity(p, str_view(levels[i]))));
		before = ", ";
	}
	buf_add_char(out, ')');
}

static void add_advice(struct str_buf *out, const struct ways *w)
{
	if (w->in_range)
		buf_printf(out, "\n\nTo address %s, run:\n  npm audit fix",
			   w->forced || w->none ? "issues that do not require attention"
						: "all issues");
	if (w->forced)
		buf_printf(out, "\n\nTo address all issues%s%s, run:\n  npm audit fix --force",
			   w->none ? " possible" : "",
			   w->breaking ? " (including breaking changes)" : "");
	if (w->none)
		buf_add_cstr(out, "\n\nSome issues need review, and may require choosing\n"
				  "a different dependency.");
}

static void add_summary(const struct painter *p, struct str_buf *out, const struct json *report)
{
	struct ways w;

	if (count_of(report, "total") == 0) {
		buf_printf(out, "found " STR_FMT " vulnerabilities",
			   STR_ARG(painted(p, PAINT_GREEN, S("0"))));
		return;
	}
	w = find_ways(report);
	add_counts(p, out, report);
	if (excepted_of(report, STR_NULL))
		buf_printf(out, ", %zu excepted by cpm-policy.json", excepted_of(report, STR_NULL));
	add_advice(out, &w);
}

str audit_summary_text(struct arena *a, const struct json *report, bool is_colored)
{
	const struct painter p = { a, is_colored };
	struct str_buf out = str_buf(a, SIZE_MAX);

	add_summary(&p, &out, report);
	if (count_of(report, "total") > 0)
		buf_add_cstr(&out, "\n\nRun `npm audit` for details.");
	return buf_view(&out);
}

/* ---- one vulnerability ---- */

struct printer {
	struct painter paint;
	struct str_buf *out;
	const struct json *vulns;
	struct map printed; /* names */
};

static void add_indented(struct printer *pr, unsigned depth, str line)
{
	buf_add_repeat(pr->out, S("  "), depth);
	buf_add(pr->out, line);
	buf_add_char(pr->out, '\n');
}

static str text_or(const struct json *v, const char *key, str other)
{
	str text = json_get_text(v, key);

	return str_is_null(text) ? other : text;
}

static void add_causes(struct printer *pr, const struct json *vuln, unsigned depth)
{
	const struct painter *p = &pr->paint;
	const struct json *via = json_get(vuln, "via");

	for (size_t i = 0; i < via->count; i++) {
		const struct json *v = via->items[i];

		if (json_is(v, JSON_STRING)) {
			str name = painted(p, PAINT_BOLD, v->string);
			add_indented(pr, depth,
				     str_printf(p->arena,
						"Depends on vulnerable versions of " STR_FMT,
						STR_ARG(name)));
		} else if (depth == 0) {
			str title = painted(p, PAINT_BOLD, text_or(v, "title", S("undefined"))),
			    url = plain(p, text_or(v, "url", S("undefined")));
			add_indented(pr, depth,
				     str_printf(p->arena, STR_FMT " - " STR_FMT, STR_ARG(title),
						STR_ARG(url)));
		}
	}
}

static void add_fix(struct printer *pr, const struct json *fix)
{
	const struct painter *p = &pr->paint;
	str name, version;

	if (!json_is(fix, JSON_OBJECT)) {
		add_indented(pr, 0,
			     fix->boolean ? str_concat(p->arena,
						       painted(p, PAINT_GREEN, S("fix available")),
						       S(" via `npm audit fix`"))
					  : painted(p, PAINT_RED, S("No fix available")));
		return;
	}
	name = plain(p, json_get_text(fix, "name"));
	version = plain(p, json_get_text(fix, "version"));
	add_indented(pr, 0,
		     str_concat(p->arena, painted(p, PAINT_YELLOW, S("fix available")),
				S(" via `npm audit fix --force`")));
	add_indented(pr, 0,
		     str_printf(p->arena, "Will install " STR_FMT "@" STR_FMT ", which is %s",
				STR_ARG(name), STR_ARG(version),
				json_get_bool(fix, "isSemVerMajor")
					? "a breaking change"
					: "outside the stated dependency range"));
}

/* @e: of the project's policy, or NULL. */
static void add_exception(struct printer *pr, const struct json *e, unsigned depth,
			  const char *word)
{
	const struct painter *p = &pr->paint;

	if (e)
		add_indented(pr, depth,
			     str_printf(p->arena, "%s" STR_FMT " (" STR_FMT "): " STR_FMT, word,
					STR_ARG(plain(p, json_get_text(e, "expires"))),
					STR_ARG(plain(p, json_get_text(e, "owner"))),
					STR_ARG(plain(p, json_get_text(e, "reason")))));
}

static void add_vuln(struct printer *pr, const struct json *vuln, unsigned depth)
{
	const struct painter *p = &pr->paint;
	const struct json *nodes = json_get(vuln, "nodes");
	str name = painted(p, PAINT_BOLD, json_get_text(vuln, "name")),
	    range = plain(p, json_get_text(vuln, "range")),
	    severity = json_get_text(vuln, "severity");

	add_indented(pr, depth,
		     str_printf(p->arena, STR_FMT "  " STR_FMT, STR_ARG(name), STR_ARG(range)));
	if (depth == 0 && !str_eq(severity, S("low")))
		add_indented(pr, 0,
			     str_concat(p->arena, S("Severity: "), painted_severity(p, severity)));
	add_causes(pr, vuln, depth);
	if (depth == 0)
		add_fix(pr, json_get(vuln, "fixAvailable"));
	add_exception(pr, json_get(vuln, "exception"), depth, "Excepted until ");
	add_exception(pr, json_get(vuln, "expiredException"), depth, "No longer excepted since ");
	for (size_t i = 0; i < nodes->count; i++)
		add_indented(pr, depth,
			     str_printf(p->arena, "%s" STR_FMT "%s",
					paint(p->is_colored, PAINT_DIM),
					STR_ARG(plain(p, nodes->items[i]->string)),
					paint(p->is_colored, PAINT_RESET)));
}

struct pending {
	str name;
	unsigned depth;
};

/* @vuln and what it reaches, each once; not recursive, since how far that goes is the registry's to
 * say. */
static void add_with_effects(struct printer *pr, const struct json *first)
{
	struct arena *a = pr->paint.arena;
	VEC(struct pending) agenda = { 0 };

	VEC_PUSH(a, &agenda, (struct pending){ json_get_text(first, "name"), 0 });
	while (agenda.len) {
		struct pending at = VEC_POP(&agenda);
		const struct json *vuln = json_get_str(pr->vulns, at.name),
				  *effects = json_get(vuln, "effects");

		if (!vuln || map_has(&pr->printed, at.name))
			continue;
		map_put(&pr->printed, at.name, (void *)vuln);
		add_vuln(pr, vuln, at.depth);
		for (size_t i = effects->count; i > 0; i--)
			VEC_PUSH(a, &agenda,
				 (struct pending){ effects->items[i - 1]->string, at.depth + 1 });
	}
}

bool audit_has_own_advisory(const struct json *vuln)
{
	const struct json *via = json_get(vuln, "via");

	for (size_t i = 0; i < via->count; i++)
		if (!json_is(via->items[i], JSON_STRING))
			return true;
	return false;
}

str audit_report_text(struct arena *a, const struct json *report, bool is_colored)
{
	struct str_buf out = str_buf(a, SIZE_MAX);
	struct printer pr = { { a, is_colored }, &out, json_get(report, "vulnerabilities"), { 0 } };

	map_init(&pr.printed, a);
	if (count_of(report, "total") > 0)
		buf_printf(&out, STR_FMT "\n\n",
			   STR_ARG(painted(&pr.paint, PAINT_BOLD, S("# npm audit report"))));
	for (size_t i = 0; i < pr.vulns->count; i++) {
		const struct json *vuln = pr.vulns->members[i].val;

		if (!audit_has_own_advisory(vuln))
			continue;
		/* npm leaves an empty line for what it has printed before. */
		add_with_effects(&pr, vuln);
		buf_add_char(&out, '\n');
	}
	add_summary(&pr.paint, &out, report);
	return buf_view(&out);
}
