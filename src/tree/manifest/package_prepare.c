/* SPDX-License-Identifier: MIT
 * A package.json on its way to a registry: repaired, and completed by what only the folder knows. Twin of the steps
 * that npm's publish asks of @npmcli/package-json. */
#include "manifest_priv.h"
#include "package_file_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"

#define SMALL_FILE_MAX_BYTES ((size_t)4 << 20)
#define NO_README	     "ERROR: No README data found!"

/* ---- from the folder ---- */

/* Null when it cannot be read. */
static str read_file(struct arena *a, str path)
{
	str text;
	struct err *e = fs_read_all(a, AT_FDCWD, str_cstr(a, path), SMALL_FILE_MAX_BYTES, &text);

	err_ignore(e);
	return e ? STR_NULL : str_to_utf8(a, text);
}

/* Each line of AUTHORS is a contributor, unless the file names some itself. */
static void add_contributors(struct arena *a, struct package_file *f)
{
	str rest = read_file(a, path_join(a, f->dir, S("AUTHORS")));
	struct json *list = json_new(a, JSON_ARRAY);

	if (str_is_null(rest) || json_is_truthy(json_get(f->content, "contributors")))
		return;
	for (str line; str_cut(&rest, '\n', &line);) {
		line = str_trim_js(line);
		if (line.len && line.p[0] != '#')
			json_append(a, list, json_new_string(a, line));
	}
	json_set(a, f->content, S("contributors"), list);
}

static void add_readme(struct arena *a, struct package_file *f)
{
	str text, name;

	if (json_is_truthy(json_get(f->content, "readme")))
		return;
	name = package_read_readme(a, f, &text);
	if (!str_is_null(name)) {
		json_set_text(a, f->content, "readme", text);
		json_set_text(a, f->content, "readmeFilename", name);
	}
	if (str_is_null(name) || !text.len)
		json_set_text(a, f->content, "readme", S(NO_README));
}

/* A folder of commands becomes their list. */
static struct err *add_bins(struct arena *a, struct package_file *f)
{
	struct json *bin = json_new(a, JSON_OBJECT);
	struct manifest *m;

	if (json_get(f->content, "bin") ||
	    !json_get_text(json_get(f->content, "directories"), "bin").len)
		return NULL;
	TRY(manifest_read(a, AT_FDCWD, str_cstr(a, f->dir), &m, NULL));
	for (size_t i = 0; i < m->nbins; i++)
		json_set(a, bin, m->bins[i].name, json_new_string(a, m->bins[i].target));
	if (bin->count)
		json_set(a, f->content, S("bin"), bin);
	return NULL;
}

/* ---- the commit ---- */

/* ".git" of the checkout that the package lies in; null when it lies in none. */
static str find_git_folder(struct arena *a, str dir)
{
	for (;; dir = path_dirname(dir)) {
		str git = path_join(a, dir, S(".git"));

		if (fs_exists(AT_FDCWD, str_cstr(a, git)))
			return git;
		if (str_eq(dir, S("/")))
			return STR_NULL;
	}
}

/* Refs that git has tidied away: "commit name" a line. */
static str find_packed_ref(struct arena *a, str git, str ref)
{
	str rest = read_file(a, path_join(a, git, S("packed-refs")));

	for (str line; str_cut(&rest, '\n', &line);)
		if (line.len > 41 && line.p[40] == ' ' &&
		    str_eq(str_trim_js(str_from(line, 41)), ref))
			return str_slice(line, 0, 40);
	return STR_NULL;
}

static void add_git_head(struct arena *a, struct package_file *f)
{
	str git = find_git_folder(a, f->dir), head, ref;

	if (str_is_null(git) || json_is_truthy(json_get(f->content, "gitHead")))
		return;
	head = str_trim_js(read_file(a, path_join(a, git, S("HEAD"))));
	if (str_starts(head, S("ref: "))) {
		ref = str_trim_js(str_from(head, 5));
		if (!path_is_inside(ref))
			return;
		head = str_trim_js(read_file(a, path_join(a, git, ref)));
		if (!head.len)
			head = find_packed_ref(a, git, ref);
	}
	if (head.len)
		json_set_text(a, f->content, "gitHead", head);
}

/* ---- fields ---- */

static void drop_private_keys(struct json *content)
{
	for (size_t i = content->count; i-- > 0;)
		if (str_starts(content->members[i].key, S("_")))
			json_del(content, content->members[i].key);
}

/* The other spelling goes, and what stands for a list becomes one. */
static void list_bundled(struct arena *a, struct json *content)
{
	struct json *bundled = json_get(content, "bundleDependencies"),
		    *list = json_new(a, JSON_ARRAY);
	const struct json *names;

	if (!bundled)
		bundled = json_get(content, "bundledDependencies");
	json_del(content, S("bundledDependencies"));
	if (!json_is_truthy(bundled)) {
		json_del(content, S("bundleDependencies"));
		return;
	}
	names = json_is(bundled, JSON_BOOL) ? json_get(content, "dependencies") : bundled;
	for (size_t i = 0; json_is(names, JSON_OBJECT) && i < names->count; i++)
		json_append(a, list, json_new_string(a, names->members[i].key));
	json_set(a, content, S("bundleDependencies"),
		 json_is(bundled, JSON_ARRAY) ? bundled : list);
}

static void set_id(struct arena *a, struct json *content)
{
	str name = json_get_text(content, "name"), version = json_get_text(content, "version");

	if (name.len && version.len)
		json_set(a, content, S("_id"),
			 json_new_string(a, str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(name),
						       STR_ARG(version))));
}

struct err *package_file_prepare(struct arena *a, struct package_file *f, bool *fixed)
{
	const struct json *before = json_dup(a, f->content);

	TRY(package_file_fix(a, f));
	*fixed = !json_equal(before, f->content);
	package_add_build_script(a, f);
	add_contributors(a, f);
	add_readme(a, f);
	TRY(add_bins(a, f));
	add_git_head(a, f);
	package_add_types(a, f);
	drop_private_keys(f->content);
	set_id(a, f->content);
	list_bundled(a, f->content);
	package_normalize_data(a, f);
	return NULL;
}
