/* SPDX-License-Identifier: MIT
 * A version on one page: what it is, where it lies, what it needs, who is behind it. */
#include "view_text.h"

#include "cpm/config/cfg_date.h"
#include "cpm/ui/ui_words.h"

#include <time.h>

#define DEPS_MAX 24
#define TAGS_MAX 5

struct page {
	struct arena *a;
	struct str_buf out;
	const struct json *packument, *manifest;
	bool is_colored, is_unicode;
};

static str tint(const struct page *p, enum paint color, str text)
{
	if (!p->is_colored)
		return text;
	return str_printf(p->a, "%s" STR_FMT "%s", paint(true, color), STR_ARG(text),
			  paint(true, PAINT_RESET));
}

static str number_text(const struct page *p, size_t n)
{
	return str_printf(p->a, "%zu", n);
}

static void line(struct page *p, const char *label, str text)
{
	buf_printf(&p->out, "%s" STR_FMT "\n", label, STR_ARG(text));
}

static size_t member_count(const struct json *v)
{
	return json_is(v, JSON_OBJECT) ? v->count : 0;
}

static str name_of_version(const struct page *p)
{
	return str_printf(p->a, STR_FMT "@" STR_FMT, STR_ARG(json_get_text(p->manifest, "name")),
			  STR_ARG(json_get_text(p->manifest, "version")));
}

/* ---- what it is ---- */

static str license_of(const struct json *manifest)
{
	const struct json *license = json_get(manifest, "license");
	str text = json_is(license, JSON_STRING) ? license->string : json_get_text(license, "type");

	return text.len > 0 ? text : S("Proprietary");
}

static void add_head(struct page *p)
{
	str license = license_of(p->manifest);
	const struct json *versions = json_get(p->packument, "versions");
	size_t ndeps = member_count(json_get(p->manifest, "dependencies"));
	bool is_closed = str_eq_nocase(str_trim_js(license), S("proprietary"));
	str parts[] = {
		tint(p, PAINT_CYAN_UNDERLINE, name_of_version(p)),
		tint(p, is_closed ? PAINT_RED : PAINT_GREEN, license),
		str_concat(p->a, S("deps: "),
			   tint(p, PAINT_CYAN, ndeps ? number_text(p, ndeps) : S("none"))),
		str_concat(p->a, S("versions: "),
			   tint(p, PAINT_CYAN, number_text(p, versions->count))),
	};

	line(p, "\n", str_join(p->a, parts, ARRAY_LEN(parts), S(" | ")));
}

static void add_description(struct page *p)
{
	str description = json_get_text(p->manifest, "description");
	const struct json *homepage = json_get(p->manifest, "homepage");
	str site = json_get_text(homepage, "url");
	str deprecated = json_get_text(p->manifest, "deprecated");

	if (site.len == 0 && json_is(homepage, JSON_STRING))
		site = homepage->string;
	if (description.len > 0)
		line(p, "", description);
	if (site.len > 0)
		line(p, "", tint(p, PAINT_BLUE, site));
	if (deprecated.len > 0)
		buf_printf(&p->out, "\n" STR_FMT "%s - " STR_FMT "\n",
			   STR_ARG(tint(p, PAINT_RED, S("DEPRECATED"))),
			   p->is_unicode ? " \xe2\x9a\xa0\xef\xb8\x8f " : "!!",
			   STR_ARG(deprecated));
}

static void add_keywords(struct page *p)
{
	const struct json *keywords = json_get(p->packument, "keywords");
	str *words = ARENA_ARRAY(p->a, str, json_is(keywords, JSON_ARRAY) ? keywords->count : 0);
	size_t count = 0;

	for (size_t i = 0; json_is(keywords, JSON_ARRAY) && i < keywords->count; i++)
		if (json_is(keywords->items[i], JSON_STRING))
			words[count++] = tint(p, PAINT_CYAN, keywords->items[i]->string);
	if (count > 0)
		line(p, "\nkeywords: ", str_join(p->a, words, count, S(", ")));
}

static void add_bins(struct page *p)
{
	const struct json *bin = json_get(p->manifest, "bin");
	size_t count = member_count(bin);
	str *names = ARENA_ARRAY(p->a, str, count);

	for (size_t i = 0; i < count; i++)
		names[i] = bin->members[i].key;
	if (count > 0)
		line(p, "\nbin: ", tint(p, PAINT_CYAN, str_join(p->a, names, count, S(", "))));
}

/* ---- where it lies, what it needs ---- */

static void add_dist(struct page *p)
{
	const struct json *dist = json_get(p->manifest, "dist"),
			  *size = json_get(dist, "unpackedSize");
	str integrity = json_get_text(dist, "integrity"), shasum = json_get_text(dist, "shasum");
	str none = S("undefined"), tarball = json_get_text(dist, "tarball");

	line(p, "\ndist", S(""));
	line(p, ".tarball: ", tint(p, PAINT_BLUE, tarball.len ? tarball : none));
	line(p, ".shasum: ", tint(p, PAINT_GREEN, shasum.len ? shasum : none));
	if (integrity.len > 0)
		line(p, ".integrity: ", tint(p, PAINT_GREEN, integrity));
	if (json_is(size, JSON_NUMBER) && size->number != 0)
		line(p, ".unpackedSize: ", tint(p, PAINT_BLUE, ui_bytes(p->a, size->number)));
}

static void add_more(struct page *p, size_t count, size_t shown)
{
	if (count > shown)
		line(p, "",
		     tint(p, PAINT_DIM, str_printf(p->a, "(...and %zu more.)", count - shown)));
}

static void add_dependencies(struct page *p)
{
	const struct json *deps = json_get(p->manifest, "dependencies");
	size_t count = member_count(deps), shown = MIN(count, (size_t)DEPS_MAX);
	str *texts = ARENA_ARRAY(p->a, str, shown);

	for (size_t i = 0; i < shown; i++) {
		const struct json *spec = deps->members[i].val;
		texts[i] = str_printf(p->a, STR_FMT ": " STR_FMT,
				      STR_ARG(tint(p, PAINT_BLUE, deps->members[i].key)),
				      STR_ARG(json_is(spec, JSON_STRING) ? spec->string : S("")));
	}
	if (count == 0)
		return;
	line(p, "\ndependencies:\n", str_join(p->a, texts, shown, S(", ")));
	add_more(p, count, shown);
}

/* ---- who is behind it ---- */

str view_person(struct arena *a, str name, str email, str url)
{
	str mail = email.len ? str_printf(a, " <" STR_FMT ">", STR_ARG(email)) : S("");
	str page = url.len ? str_printf(a, " (" STR_FMT ")", STR_ARG(url)) : S("");

	return str_printf(a, STR_FMT STR_FMT STR_FMT, STR_ARG(name), STR_ARG(mail), STR_ARG(page));
}

static str person(const struct page *p, const struct json *who)
{
	str name = json_get_text(who, "name"), email = json_get_text(who, "email");

	return view_person(p->a, tint(p, PAINT_BLUE, str_is_null(name) ? S("undefined") : name),
			   tint(p, PAINT_DIM, str_is_null(email) ? S("undefined") : email), S(""));
}

static void add_maintainers(struct page *p)
{
	const struct json *list = json_get(p->packument, "maintainers");

	if (!json_is(list, JSON_ARRAY) || list->count == 0)
		return;
	line(p, "\nmaintainers:", S(""));
	for (size_t i = 0; i < list->count; i++)
		line(p, "- ", person(p, list->items[i]));
}

/* ---- tags and times ---- */

struct tag {
	str name, version;
	int64_t published_ms;
};

/* JavaScript reads the date "0", which stands in for a missing one, as the beginning of 2000. */
#define NO_DATE_MS 946684800000

static struct tag tag_of(const struct page *p, const struct json_member *m)
{
	const struct json *times = json_get(p->packument, "time");
	struct tag t = { m->key, json_is(m->val, JSON_STRING) ? m->val->string : S(""),
			 NO_DATE_MS };
	const struct json *time = json_get_str(times, t.version);

	if (str_eq(t.name, S("latest")))
		t.published_ms = INT64_MAX;
	else if (json_is(time, JSON_STRING))
		(void)cfg_date_ms(time->string, &t.published_ms);
	return t;
}

/* Newest first; of one time the last of the alphabet. */
static int by_time(const void *x, const void *y)
{
	const struct tag *a = x, *b = y;

	if (a->published_ms != b->published_ms)
		return a->published_ms > b->published_ms ? -1 : 1;
	return str_cmp(b->name, a->name);
}

static void add_tags(struct page *p)
{
	const struct json *tags = json_get(p->packument, "dist-tags");
	size_t count = member_count(tags);
	struct tag *sorted = ARENA_ARRAY(p->a, struct tag, count);

	for (size_t i = 0; i < count; i++)
		sorted[i] = tag_of(p, &tags->members[i]);
	if (count > 1)
		qsort(sorted, count, sizeof(*sorted), by_time);
	line(p, "\ndist-tags:", S(""));
	for (size_t i = 0; i < count && i < TAGS_MAX; i++)
		buf_printf(&p->out, STR_FMT ": " STR_FMT "\n",
			   STR_ARG(tint(p, PAINT_BLUE, sorted[i].name)),
			   STR_ARG(sorted[i].version));
	if (count == 0)
		buf_add_char(&p->out, '\n');
	add_more(p, count, TAGS_MAX);
}

static void add_published(struct page *p, int64_t now_ms)
{
	const struct json *times = json_get(p->packument, "time"),
			  *who = json_get(p->manifest, "_npmUser");
	const struct json *time = json_get_str(times, json_get_text(p->manifest, "version"));
	int64_t ms;

	if (!json_is_truthy(who) && !json_is_truthy(times))
		return;
	buf_add_cstr(&p->out, "\npublished");
	if (json_is(time, JSON_STRING) && cfg_date_ms(time->string, &ms))
		buf_printf(&p->out, " " STR_FMT,
			   STR_ARG(tint(p, PAINT_CYAN, ui_age(p->a, now_ms, ms))));
	if (json_is_truthy(who))
		buf_printf(&p->out, " by " STR_FMT, STR_ARG(person(p, who)));
	buf_add_char(&p->out, '\n');
}

str view_text(const struct cmd_ctx *ctx, const struct json *packument, const struct json *manifest,
	      int64_t now_ms)
{
	struct page p = {
		.a = ctx->arena,
		.out = str_buf(ctx->arena, SIZE_MAX),
		.packument = packument,
		.manifest = manifest,
		.is_colored = ctx->screen->term.out_color,
		.is_unicode = cfg_bool(ctx->cfg, CFG_UNICODE),
	};

	add_head(&p);
	add_description(&p);
	add_keywords(&p);
	add_bins(&p);
	add_dist(&p);
	add_dependencies(&p);
	add_maintainers(&p);
	add_tags(&p);
	add_published(&p, now_ms);
	return str_slice(buf_view(&p.out), 0, p.out.len - 1);
}
