/* SPDX-License-Identifier: MIT
 * A package.json that was just begun: what npm's init adds to the answers. Twin of the steps that
 * init-package-json asks of @npmcli/package-json. */
#include "cpm/tree/package_doc.h"
#include "package_file_priv.h"
#include "spec_priv.h"

#include "cpm/tree/spec_page.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"

#define README_MAX_BYTES ((size_t)16 << 20)

struct err *package_file_normalize(struct arena *a, struct package_file *f)
{
	struct manifest *m;

	TRY(manifest_from_json(a, f->content, true, &m));
	f->content = package_doc_normalize(a, f->content, m);
	json_del(f->content, S("_id"));
	return NULL;
}

/* ---- from the folder ---- */

typedef bool (*name_test)(str name);

/* Of the files that pass the first by name. */
static str find_file(struct arena *a, const struct package_file *f, name_test is_wanted)
{
	AUTO_DIR it = { 0 };
	str found = STR_NULL;
	struct err *e = dir_open(AT_FDCWD, str_cstr(a, f->dir), &it);

	while (!e && dir_next(&it)) {
		str name = str_view(it.name);
		bool is_first = str_is_null(found) || str_cmp(name, found) < 0;
		if (it.type != DT_DIR && is_first && is_wanted(name))
			found = str_dup(a, name);
	}
	err_ignore(e);
	err_ignore(it.err);
	it.err = NULL;
	return found;
}

static bool is_gyp(str name)
{
	return str_ends(name, S(".gyp")) && !str_starts(name, S("."));
}

void package_add_build_script(struct arena *a, struct package_file *f)
{
	struct json *scripts = json_get(f->content, "scripts"),
		    *gypfile = json_get(f->content, "gypfile");
	bool is_refused = json_is(gypfile, JSON_BOOL) && !gypfile->boolean;

	if (is_refused || json_get_text(scripts, "install").len > 0 ||
	    json_get_text(scripts, "preinstall").len > 0 || str_is_null(find_file(a, f, is_gyp)))
		return;
	if (!json_is(scripts, JSON_OBJECT)) {
		scripts = json_new(a, JSON_OBJECT);
		json_set(a, f->content, S("scripts"), scripts);
	}
	json_set_text(a, scripts, "install", S("node-gyp rebuild"));
	json_set(a, f->content, S("gypfile"), json_new_bool(a, true));
}

/* An ending that is "markdown" with any of its letters left out. */
static bool is_markdown_readme(str name)
{
	str end = str_from(name, MIN(str_rfind_char(name, '.') + 1, name.len));
	size_t seen = 0;

	if (!str_starts_nocase(name, S("readme.")))
		return false;
	for (const char *c = "markdown"; *c && seen < end.len; c++)
		seen += (end.p[seen] | 0x20) == *c;
	return seen == end.len;
}

static bool is_plain_readme(str name)
{
	return str_eq(name, S("README"));
}

/* The first paragraph below the headings at the top. */
static str first_paragraph(struct arena *a, str text)
{
	struct str_buf out = str_buf(a, text.len + 1);
	str rest = str_trim_js(text);

	for (str line; str_cut(&rest, '\n', &line);) {
		str bare = str_trim_js(line);
		bool is_heading = str_starts(bare, S("#"));
		if (out.len == 0 && (is_heading || bare.len == 0))
			continue;
		if (bare.len == 0)
			break;
		buf_printf(&out, "%s" STR_FMT, out.len ? " " : "", STR_ARG(line));
	}
	return str_trim_js(buf_view(&out));
}

str package_read_readme(struct arena *a, const struct package_file *f, str *text)
{
	str name = find_file(a, f, is_markdown_readme);
	struct err *e;

	if (str_is_null(name))
		name = find_file(a, f, is_plain_readme);
	if (str_is_null(name))
		return STR_NULL;
	e = fs_read_all(a, AT_FDCWD, str_cstr(a, path_join(a, f->dir, name)), README_MAX_BYTES,
			text);
	*text = e ? STR_NULL : str_to_utf8(a, *text);
	err_ignore(e);
	return str_is_null(*text) ? STR_NULL : name;
}

static void describe_from_readme(struct arena *a, struct package_file *f)
{
	str text;

	if (!str_is_null(package_read_readme(a, f, &text)) && text.len > 0)
		json_set_text(a, f->content, "description", first_paragraph(a, text));
}

static void fix_description(struct arena *a, struct package_file *f)
{
	const struct json *description = json_get(f->content, "description");

	if (description && !json_is(description, JSON_STRING) && json_is_truthy(description))
		json_del(f->content, S("description"));
	if (!json_is_truthy(json_get(f->content, "description")))
		describe_from_readme(a, f);
}

/* "lib/x.js" may have "lib/x.d.ts" beside it. */
void package_add_types(struct arena *a, struct package_file *f)
{
	str main = json_get_text(f->content, "main");
	size_t dot;

	if (main.len == 0)
		main = S("index.js");
	dot = str_rfind_char(main, '.');
	if (dot != STR_NPOS && dot > 0 && str_find_char(str_from(main, dot), '/') == STR_NPOS)
		main = str_slice(main, 0, dot);
	str types = str_printf(a, "./" STR_FMT ".d.ts", STR_ARG(path_clean(a, main)));
	if (!json_get(f->content, "types") && !json_get(f->content, "typings") &&
	    fs_exists(AT_FDCWD, str_cstr(a, path_join(a, f->dir, types))))
		json_set_text(a, f->content, "types", types);
}

/* ---- lists ---- */

/* Only texts that say something; the field goes when it is no list. */
static void keep_texts(struct arena *a, struct json *content, const char *key)
{
	const struct json *list = json_get(content, key);
	struct json *kept = json_new(a, JSON_ARRAY);

	if (!json_is_truthy(list))
		return;
	if (!json_is(list, JSON_ARRAY)) {
		json_del(content, str_view(key));
		return;
	}
	for (size_t i = 0; i < list->count; i++)
		if (json_is(list->items[i], JSON_STRING) && list->items[i]->string.len > 0)
			json_append(a, kept, list->items[i]);
	json_set(a, content, str_view(key), kept);
}

static size_t leading_space(str s)
{
	size_t len = 0;

	for (size_t n; (n = str_js_space(str_from(s, len))) > 0;)
		len += n;
	return len;
}

/* "a, b" is a list, too, and "" is one that keep_texts() empties. */
static void split_keywords(struct arena *a, struct json *content)
{
	const struct json *keywords = json_get(content, "keywords");
	struct json *list = json_new(a, JSON_ARRAY);
	size_t from = 0;
	str text;

	if (!json_is(keywords, JSON_STRING))
		return;
	text = keywords->string;
	for (size_t i = 0; i < text.len; i++) {
		size_t gap = text.p[i] == ',' ? leading_space(str_from(text, i + 1)) : 0;
		if (gap == 0)
			continue;
		json_append(a, list, json_new_string(a, str_slice(text, from, i)));
		from = i + 1 + gap;
		i = from - 1;
	}
	json_append(a, list, json_new_string(a, str_from(text, from)));
	json_set(a, content, S("keywords"), list);
}

static void list_man_page(struct arena *a, struct json *content)
{
	struct json *man = json_get(content, "man"), *list = json_new(a, JSON_ARRAY);

	if (!json_is(man, JSON_STRING) || man->string.len == 0)
		return;
	json_append(a, list, man);
	json_set(a, content, S("man"), list);
}

/* What is bundled is depended on. */
static void require_bundled(struct arena *a, struct json *content)
{
	struct json *deps = json_get(content, "dependencies");

	keep_texts(a, content, "bundleDependencies");
	const struct json *bundled = json_get(content, "bundleDependencies");
	for (size_t i = 0; json_is(bundled, JSON_ARRAY) && i < bundled->count; i++) {
		if (!json_is(deps, JSON_OBJECT)) {
			deps = json_new(a, JSON_OBJECT);
			json_set(a, content, S("dependencies"), deps);
		}
		if (!json_get_str(deps, bundled->items[i]->string))
			json_set(a, deps, bundled->items[i]->string, json_new_string(a, S("*")));
	}
}

/* ---- pages ---- */

static bool is_url(struct arena *a, str text)
{
	struct spec_url u;

	return text.len > 0 && spec_url_parse(a, text, &u);
}

static bool is_email(str text)
{
	size_t at = str_find_char(text, '@'), dot = str_rfind_char(text, '.');

	return at != STR_NPOS && dot != STR_NPOS && at < dot;
}

static struct json *bugs_from_text(struct arena *a, str text)
{
	struct json *bugs = json_new(a, JSON_OBJECT);

	if (is_email(text))
		json_set_text(a, bugs, "email", text);
	else if (is_url(a, text))
		json_set_text(a, bugs, "url", text);
	return bugs;
}

static struct json *bugs_from_object(struct arena *a, const struct json *old)
{
	struct json *bugs = json_new(a, JSON_OBJECT);
	str url = json_get_text(old, "url"), email = json_get_text(old, "email");

	for (size_t i = 0; json_is(old, JSON_OBJECT) && i < old->count; i++)
		if (json_is(old->members[i].val, JSON_STRING) &&
		    (str_eq(old->members[i].key, S("web")) ||
		     str_eq(old->members[i].key, S("name"))))
			url = old->members[i].val->string;
	if (is_url(a, url))
		json_set_text(a, bugs, "url", url);
	if (is_email(email))
		json_set_text(a, bugs, "email", email);
	return bugs;
}

static void fix_bugs(struct arena *a, struct json *content)
{
	const struct json *old = json_get(content, "bugs");
	str repository = json_get_text(json_get(content, "repository"), "url");
	struct json *bugs;

	if (json_is_truthy(old)) {
		bugs = json_is(old, JSON_STRING) ? bugs_from_text(a, old->string)
						 : bugs_from_object(a, old);
	} else {
		str page = repository.len ? spec_repository_page(a, repository, SPEC_PAGE_BUGS)
					  : STR_NULL;
		bugs = json_new(a, JSON_OBJECT);
		if (page.len > 0)
			json_set_text(a, bugs, "url", page);
		else
			return;
	}
	if (bugs->count > 0)
		json_set(a, content, S("bugs"), bugs);
	else
		json_del(content, S("bugs"));
}

static void fix_homepage(struct arena *a, struct json *content)
{
	const struct json *old = json_get(content, "homepage");
	str repository = json_get_text(json_get(content, "repository"), "url"), page;

	if (!json_is_truthy(old)) {
		page = repository.len ? spec_repository_page(a, repository, SPEC_PAGE_README)
				      : STR_NULL;
		if (page.len > 0)
			json_set_text(a, content, "homepage", page);
	} else if (!json_is(old, JSON_STRING)) {
		json_del(content, S("homepage"));
	} else if (!is_url(a, old->string)) {
		json_set_text(a, content, "homepage", str_concat(a, S("http://"), old->string));
	}
}

/* ---- people ---- */

static str between(str text, char open, char close)
{
	size_t from = str_find_char(text, open);
	str rest = from == STR_NPOS ? STR_NULL : str_from(text, from + 1);
	size_t length = rest.p ? str_find_char(rest, close) : STR_NPOS;

	return length == STR_NPOS || length == 0 ? STR_NULL : str_slice(rest, 0, length);
}

/* "name <email> (url)" or an object, as an object. */
static struct json *person(struct arena *a, const struct json *who)
{
	struct json *out = json_new(a, JSON_OBJECT);
	str name = json_get_text(who, "name"), url = json_get_text(who, "url"),
	    email = json_get_text(who, "email");

	if (json_is(who, JSON_STRING)) {
		name = str_trim_js(str_slice(
			who->string, 0, MIN(str_find_any(who->string, "(<"), who->string.len)));
		email = between(who->string, '<', '>');
		url = between(who->string, '(', ')');
	}
	if (url.len == 0)
		url = json_get_text(who, "web");
	if (email.len == 0)
		email = json_get_text(who, "mail");
	if (name.len > 0)
		json_set_text(a, out, "name", name);
	if (email.len > 0)
		json_set_text(a, out, "email", email);
	if (url.len > 0)
		json_set_text(a, out, "url", url);
	return out;
}

/* The author stays a line of text in the file. */
static void write_author(struct arena *a, struct json *content)
{
	const struct json *who = json_get(content, "author");
	struct str_buf text = str_buf(a, SIZE_MAX);

	if (!json_is_truthy(who))
		return;
	str name = json_get_text(who, "name"), email = json_get_text(who, "email"),
	    url = json_get_text(who, "url");
	buf_add(&text, str_is_null(name) ? S("") : name);
	if (email.len > 0)
		buf_printf(&text, "%s<" STR_FMT ">", text.len ? " " : "", STR_ARG(email));
	if (url.len > 0)
		buf_printf(&text, "%s(" STR_FMT ")", text.len ? " " : "", STR_ARG(url));
	json_set_text(a, content, "author", buf_view(&text));
}

static void fix_people(struct arena *a, struct json *content)
{
	static const char *const lists[] = { "maintainers", "contributors" };

	if (json_is_truthy(json_get(content, "author")))
		json_set(a, content, S("author"), person(a, json_get(content, "author")));
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct json *old = json_get(content, lists[i]);
		struct json *list = json_new(a, JSON_ARRAY);
		for (size_t k = 0; json_is(old, JSON_ARRAY) && k < old->count; k++)
			json_append(a, list, person(a, old->items[k]));
		if (json_is(old, JSON_ARRAY))
			json_set(a, content, str_view(lists[i]), list);
	}
}

/* ---- order ---- */

void package_file_sort(struct arena *a, struct package_file *f)
{
	static const char *const order[] = {
		"name",
		"version",
		"private",
		"description",
		"keywords",
		"homepage",
		"bugs",
		"repository",
		"funding",
		"license",
		"author",
		"maintainers",
		"contributors",
		"type",
		"imports",
		"exports",
		"main",
		"browser",
		"types",
		"bin",
		"man",
		"directories",
		"files",
		"workspaces",
		"scripts",
		"config",
		"dependencies",
		"devDependencies",
		"peerDependencies",
		"peerDependenciesMeta",
		"optionalDependencies",
		"bundledDependencies",
		"bundleDependencies",
		"engines",
		"os",
		"cpu",
		"publishConfig",
		"devEngines",
		"licenses",
		"overrides",
	};
	struct json *out = json_new(a, JSON_OBJECT), *old = f->content;

	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct json *v = json_get(old, order[i]);
		if (v)
			json_set(a, out, str_view(order[i]), v);
	}
	for (size_t i = 0; i < old->count; i++)
		json_set(a, out, old->members[i].key, old->members[i].val);
	f->content = out;
}

/* ---- all of it ---- */

static void drop_leftovers(struct json *content)
{
	static const char *const keys[] = { "readme", "readmeFilename", "gitHead", "modules" };
	const struct json *optional = json_get(content, "optionalDependencies");
	struct json *deps = json_get(content, "dependencies");

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		json_del(content, str_view(keys[i]));
	if (!json_is_truthy(json_get(content, "repository")))
		json_del(content, S("repository"));
	if (!json_is(deps, JSON_OBJECT))
		return;
	for (size_t i = 0; json_is(optional, JSON_OBJECT) && i < optional->count; i++)
		json_del(deps, optional->members[i].key);
	if (deps->count == 0)
		json_del(content, S("dependencies"));
}

void package_normalize_data(struct arena *a, struct package_file *f)
{
	fix_description(a, f);
	keep_texts(a, f->content, "files");
	list_man_page(a, f->content);
	fix_bugs(a, f->content);
	split_keywords(a, f->content);
	keep_texts(a, f->content, "keywords");
	require_bundled(a, f->content);
	fix_homepage(a, f->content);
	fix_people(a, f->content);
}

struct err *package_file_complete(struct arena *a, struct package_file *f)
{
	package_add_build_script(a, f);
	package_fix_bin(a, f);
	package_add_types(a, f);
	TRY(package_fix_fields(a, f));
	package_normalize_data(a, f);
	write_author(a, f->content);
	drop_leftovers(f->content);
	return NULL;
}
