/* SPDX-License-Identifier: MIT
 * The repairs of `npm pkg fix`: fields that installing understands in spite of their form are given
 * the form that the registry wants. Twin of the fix steps in @npmcli/package-json, in their order.
 */
#include "cpm/tree/package_file.h"
#include "manifest_priv.h"
#include "package_file_priv.h"
#include "spec_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"

static struct json *text_value(struct arena *a, str s)
{
	return json_new_string(a, s);
}

/* ---- bin ---- */

/* One command for the package itself, or a list of files named after themselves. */
static struct json *bin_object(struct arena *a, const struct json *bin, str name)
{
	struct json *out = json_new(a, JSON_OBJECT);

	if (json_is(bin, JSON_STRING) && name.len > 0)
		json_set(a, out, name, text_value(a, bin->string));
	for (size_t i = 0; json_is(bin, JSON_ARRAY) && i < bin->count; i++)
		if (json_is(bin->items[i], JSON_STRING))
			json_set(a, out, path_basename(bin->items[i]->string), bin->items[i]);
	return out;
}

static void fix_bin_entry(struct arena *a, struct json *bin, str key, const struct json *val)
{
	str base = path_basename(manifest_secure_path(a, key));
	str target = json_is(val, JSON_STRING) ? manifest_secure_path(a, val->string) : S("");

	if (base.len == 0 || target.len == 0 || !str_eq(base, key))
		json_del(bin, key);
	if (base.len > 0 && target.len > 0)
		json_set(a, bin, base, text_value(a, target));
}

void package_fix_bin(struct arena *a, struct package_file *f)
{
	struct json *bin = json_get(f->content, "bin");
	str name = json_get_text(f->content, "name");

	if (!bin)
		return;
	if (json_is_truthy(bin) && !json_is(bin, JSON_OBJECT))
		bin = bin_object(a, bin, name);
	if (json_is(bin, JSON_OBJECT)) {
		const struct json *before = json_dup(a, bin);
		for (size_t i = 0; i < before->count; i++)
			fix_bin_entry(a, bin, before->members[i].key, before->members[i].val);
	}
	if (json_is(bin, JSON_OBJECT) && bin->count > 0)
		json_set(a, f->content, S("bin"), bin);
	else
		json_del(f->content, S("bin"));
}

static void warn_missing_bins(struct arena *a, const struct package_file *f, str id)
{
	const struct json *bin = json_get(f->content, "bin");

	for (size_t i = 0; json_is(bin, JSON_OBJECT) && i < bin->count; i++) {
		str target = bin->members[i].val->string;
		if (!fs_exists(AT_FDCWD, str_cstr(a, path_join(a, f->dir, target))))
			log_warn("package-json", STR_FMT " No bin file found at " STR_FMT,
				 STR_ARG(id), STR_ARG(target));
	}
}

/* ---- name and version ---- */

static bool is_scoped(str name)
{
	size_t slash = str_find_char(name, '/');

	return str_starts(name, S("@")) && slash != STR_NPOS && slash > 1 && slash + 1 < name.len &&
	       spec_url_is_plain(str_slice(name, 1, slash)) &&
	       spec_url_is_plain(str_from(name, slash + 1));
}

static bool may_be_name(str name)
{
	return !str_starts(name, S(".")) && (is_scoped(name) || spec_url_is_plain(name)) &&
	       !str_eq_nocase(name, S("node_modules")) && !str_eq_nocase(name, S("favicon.ico"));
}

static struct err *invalid_name(struct arena *a, str name)
{
	struct str_buf shown = str_buf(a, SIZE_MAX);

	json_write_string(&shown, name);
	return err_new(E_GENERIC, "Invalid name: " STR_FMT, STR_ARG(buf_view(&shown)));
}

static struct err *fix_name(struct arena *a, struct package_file *f)
{
	const struct json *old = json_get(f->content, "name");
	str name = STR_NULL;

	if (!json_is_truthy(old)) {
		json_set_text(a, f->content, "name", S(""));
		return NULL;
	}
	if (!json_is(old, JSON_STRING))
		return err_new(E_GENERIC, "name field must be a string.");
	name = str_trim_js(old->string);
	if (!may_be_name(name))
		return invalid_name(a, name);
	json_set_text(a, f->content, "name", name);
	return NULL;
}

static struct err *fix_version(struct arena *a, struct package_file *f)
{
	const struct json *old = json_get(f->content, "version");
	struct str_buf shown = str_buf(a, SIZE_MAX);
	struct semver version;

	if (!json_is_truthy(old)) {
		json_set_text(a, f->content, "version", S(""));
		return NULL;
	}
	if (json_is(old, JSON_STRING) && semver_parse(a, old->string, SEMVER_LOOSE, &version)) {
		json_set_text(a, f->content, "version", version.text);
		return NULL;
	}
	if (json_is(old, JSON_STRING))
		buf_add(&shown, old->string);
	else
		json_write(&shown, old, (struct json_style){ S(""), S("") });
	return err_new(E_GENERIC, "Invalid version: \"" STR_FMT "\"", STR_ARG(buf_view(&shown)));
}

/* ---- lists and maps ---- */

static struct json *keys_of(struct arena *a, const struct json *map)
{
	struct json *out = json_new(a, JSON_ARRAY);

	for (size_t i = 0; json_is(map, JSON_OBJECT) && i < map->count; i++)
		json_append(a, out, text_value(a, map->members[i].key));
	return out;
}

static void fix_bundled(struct arena *a, struct json *content)
{
	const struct json *old = json_get(content, "bundleDependencies");

	if (!old || json_is(old, JSON_ARRAY))
		return;
	if (!json_is(old, JSON_BOOL) && !json_is(old, JSON_OBJECT)) {
		json_del(content, S("bundleDependencies"));
		return;
	}
	bool is_all = json_is(old, JSON_BOOL) && old->boolean;
	json_set(a, content, S("bundleDependencies"),
		 keys_of(a, is_all ? json_get(content, "dependencies") : old));
}

/* A script finds what is in node_modules/.bin by its name alone. */
static str without_bin_folder(str script)
{
	str rest = script;

	if (rest.len > 2 && rest.p[0] == '.' && (rest.p[1] == '/' || rest.p[1] == '\\'))
		rest = str_from(rest, 2);
	if (!str_starts(rest, S("node_modules")) || rest.len < 18)
		return script;
	char before = rest.p[12], after = rest.p[17];
	bool is_bin = (before == '/' || before == '\\') && (after == '/' || after == '\\') &&
		      str_eq(str_slice(rest, 13, 17), S(".bin"));
	return is_bin ? str_from(rest, 18) : script;
}

static void fix_scripts(struct arena *a, struct json *content)
{
	const struct json *old = json_get(content, "scripts");
	struct json *kept;

	if (!old || json_is(old, JSON_NULL) || json_is(old, JSON_ARRAY))
		return;
	if (!json_is(old, JSON_OBJECT)) {
		json_del(content, S("scripts"));
		return;
	}
	kept = json_new(a, JSON_OBJECT);
	for (size_t i = 0; i < old->count; i++)
		if (json_is(old->members[i].val, JSON_STRING))
			json_set(a, kept, old->members[i].key,
				 text_value(a, without_bin_folder(old->members[i].val->string)));
	json_set(a, content, S("scripts"), kept);
}

static void fix_repository(struct arena *a, struct json *content)
{
	const struct json *several = json_get(content, "repositories");
	struct json *repository, *object;
	str url;

	if (json_is(several, JSON_ARRAY) && several->count > 0)
		json_set(a, content, S("repository"), several->items[0]);
	repository = json_get(content, "repository");
	if (json_is(repository, JSON_STRING) && repository->string.len > 0) {
		object = json_new(a, JSON_OBJECT);
		json_set_text(a, object, "type", S("git"));
		json_set(a, object, S("url"), repository);
		json_set(a, content, S("repository"), object);
		repository = object;
	}
	url = json_get_text(repository, "url");
	url = url.len > 0 ? spec_repository_url(a, url) : STR_NULL;
	if (!str_is_null(url))
		json_set_text(a, repository, "url", url);
}

/* "a@1", "a >=1": whatever stands behind the name is the range. */
static void add_listed_dep(struct arena *a, struct json *map, str text)
{
	text = str_trim_js(text);
	size_t end = str_find_any(text, "@><= \t\r\n");
	str name = str_slice(text, 0, MIN(end, text.len)), range = str_from(text, name.len);

	if (str_ends(name, S(":")))
		name.len--;
	if (str_starts(range, S("@")))
		range = str_from(range, 1);
	json_set(a, map, name, text_value(a, str_trim_js(range)));
}

/* Dependencies given as a list, or as one text. */
static void fix_listed_deps(struct arena *a, struct json *content, const char *key)
{
	const struct json *old = json_get(content, key);
	struct json *map = json_new(a, JSON_OBJECT);

	if (json_is(old, JSON_STRING) && old->string.len > 0) {
		str rest = str_trim_js(old->string);
		while (rest.len > 0) {
			size_t end = MIN(str_find_any(rest, " \t\r\n,"), rest.len);
			if (end > 0)
				add_listed_dep(a, map, str_slice(rest, 0, end));
			rest = str_from(rest, end + 1);
		}
	} else if (json_is(old, JSON_ARRAY)) {
		for (size_t i = 0; i < old->count; i++)
			if (json_is(old->items[i], JSON_STRING))
				add_listed_dep(a, map, old->items[i]->string);
	} else {
		return;
	}
	json_set(a, content, str_view(key), map);
}

static void fix_dep_specs(struct arena *a, struct json *content, const char *key)
{
	const struct json *old = json_get(content, key);
	struct json *kept = json_new(a, JSON_OBJECT);

	if (!old)
		return;
	if (!json_is(old, JSON_OBJECT)) {
		json_del(content, str_view(key));
		return;
	}
	for (size_t i = 0; i < old->count; i++) {
		struct json *spec = old->members[i].val;
		if (!json_is(spec, JSON_STRING))
			continue;
		str hosted = spec_hosted_text(a, spec->string);
		json_set(a, kept, old->members[i].key,
			 str_is_null(hosted) ? spec : text_value(a, hosted));
	}
	json_set(a, content, str_view(key), kept);
}

struct err *package_fix_fields(struct arena *a, struct package_file *f)
{
	TRY(fix_name(a, f));
	TRY(fix_version(a, f));
	fix_bundled(a, f->content);
	fix_scripts(a, f->content);
	fix_repository(a, f->content);
	fix_listed_deps(a, f->content, "dependencies");
	fix_listed_deps(a, f->content, "devDependencies");
	fix_listed_deps(a, f->content, "optionalDependencies");
	fix_dep_specs(a, f->content, "dependencies");
	fix_dep_specs(a, f->content, "devDependencies");
	return NULL;
}

struct err *package_file_fix(struct arena *a, struct package_file *f)
{
	str id = str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(json_get_text(f->content, "name")),
			    STR_ARG(json_get_text(f->content, "version")));

	package_fix_bin(a, f);
	warn_missing_bins(a, f, id);
	return package_fix_fields(a, f);
}
