/* SPDX-License-Identifier: MIT
 * Reading, tidying and writing package.json. Twin of @npmcli/package-json. Its repairs are in
 * package_fix.c. */
#include "cpm/tree/package_file.h"
#include "manifest_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"

/* ---- reading ---- */

static struct err *read_into(struct arena *a, struct package_file *f)
{
	TRY(manifest_read_json(a, AT_FDCWD, f->path.p, &f->text, &f->content));
	if (f->content->type != JSON_OBJECT)
		return err_new(E_JSON_PARSE, "Invalid package.json: it must be an object");
	f->style = json_style_of(f->text);
	return NULL;
}

static void prepare(struct arena *a, str dir, struct package_file *out)
{
	str path = path_join(a, dir, S("package.json"));

	*out = (struct package_file){ .dir = dir,
				      .path = str_view(str_cstr(a, path)),
				      .text = S("") };
}

struct err *package_file_read(struct arena *a, str dir, struct package_file *out)
{
	prepare(a, dir, out);
	return read_into(a, out);
}

struct err *package_file_read_or_new(struct arena *a, str dir, struct package_file *out)
{
	struct err *e;

	prepare(a, dir, out);
	e = read_into(a, out);
	if (!err_is(e, E_NO_ENTRY))
		return e;
	err_ignore(e);
	out->content = json_new(a, JSON_OBJECT);
	out->style = JSON_STYLE_DEFAULT;
	return NULL;
}

/* ---- tidying ---- */

static int by_key(const void *a, const void *b)
{
	return str_collate(((const struct json_member *)a)->key,
			   ((const struct json_member *)b)->key);
}

static struct json *sorted(struct arena *a, const struct json *map)
{
	struct json *out = json_new(a, JSON_OBJECT);
	struct json_member *members = ARENA_ARRAY(a, struct json_member, map->count + 1);

	for (size_t i = 0; i < map->count; i++)
		members[i] = map->members[i];
	qsort(members, map->count, sizeof(*members), by_key);
	for (size_t i = 0; i < map->count; i++)
		json_set(a, out, members[i].key, members[i].val);
	return out;
}

static struct json *map_of(const struct json *content, const char *key)
{
	struct json *map = json_get(content, key);
	return json_is(map, JSON_OBJECT) ? map : NULL;
}

/* Who lists a package both as a dependency and as a peer means it: the peer's range holds. */
static void keep_twins(struct arena *a, struct json *content, const struct json *prod,
		       const struct json *peers)
{
	struct json *deps = map_of(content, "dependencies");
	const struct json *now = map_of(content, "peerDependencies");

	for (size_t i = 0; prod && peers && now && i < peers->count; i++) {
		str name = peers->members[i].key;
		struct json *spec = json_get_str(now, name);
		if (!spec || !json_get_str(prod, name))
			continue;
		if (!deps) {
			deps = json_new(a, JSON_OBJECT);
			json_set(a, content, S("dependencies"), deps);
		}
		json_set(a, deps, name, spec);
	}
}

static void tidy_dependencies(struct arena *a, struct json *content)
{
	static const char *const maps[] = { "dependencies", "optionalDependencies",
					    "devDependencies", "peerDependencies" };
	const struct json *prod = map_of(content, "dependencies");
	const struct json *peers = map_of(content, "peerDependencies");
	const struct json *optional = map_of(content, "optionalDependencies");

	for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
		const struct json *map = map_of(content, maps[i]);
		if (!map)
			continue;
		struct json *kept = sorted(a, map);
		for (size_t j = 0; map == prod && optional && j < optional->count; j++)
			json_del(kept, optional->members[j].key);
		if (kept->count > 0)
			json_set(a, content, str_view(maps[i]), kept);
		else
			json_del(content, str_view(maps[i]));
	}
	keep_twins(a, content, prod, peers);
}

static struct err *check_scripts(const struct json *scripts)
{
	for (size_t i = 0; json_is(scripts, JSON_OBJECT) && i < scripts->count; i++)
		if (!json_is(scripts->members[i].val, JSON_STRING))
			return err_show_as(err_new(E_GENERIC,
						   "package.json scripts should be a key-value "
						   "pair of strings."),
					   S("ESCRIPTSINVALID"));
	return NULL;
}

/* The list; the form with `packages` is left to whoever wrote it. */
static struct err *check_workspaces(const struct json *workspaces)
{
	bool is_valid = json_is(workspaces, JSON_ARRAY) && workspaces->count > 0;

	if (!json_is_truthy(workspaces) || json_is(workspaces, JSON_OBJECT))
		return NULL;
	for (size_t i = 0; is_valid && i < workspaces->count; i++)
		is_valid = json_is(workspaces->items[i], JSON_STRING);
	if (is_valid)
		return NULL;
	return err_show_as(err_new(E_GENERIC, "workspaces should be an array of strings."),
			   S("EWORKSPACESINVALID"));
}

struct err *package_file_tidy(struct arena *a, struct package_file *f)
{
	tidy_dependencies(a, f->content);
	TRY(check_scripts(json_get(f->content, "scripts")));
	return check_workspaces(json_get(f->content, "workspaces"));
}

/* ---- writing ---- */

struct err *package_file_save(const struct package_file *f)
{
	ARENA_SCOPE(tmp);
	struct str_buf text = str_buf(tmp, SIZE_MAX);

	json_write(&text, f->content, f->style);
	buf_add(&text, f->style.newline);
	if (str_eq(str_trim_js(buf_view(&text)), str_trim_js(f->text)))
		return NULL;
	return fs_write_atomic(AT_FDCWD, f->path.p, buf_view(&text), 0666);
}
