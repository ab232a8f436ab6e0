/* SPDX-License-Identifier: MIT
 * Which files of a folder are its package (npm-cli.md 8.2). Every folder is a frame with rules of
 *its own; an entry is asked about at each frame from the top down, and the last word counts:
 *
 *	frame of the package:  defaults -> files of package.json, else .npmignore, else .gitignore
 *-> what is always in or out frame below it:        defaults -> .npmignore, else .gitignore ->
 *never .git
 *
 * Packages that are bundled are packages of their own, walked the same way from their own folder.
 *Links are never followed, but for a bundled package that is one and stays inside (T38). Source:
 *npm-packlist. */
#include "packlist.h"

#include "cpm/base/fs.h"
#include "cpm/base/glob.h"
#include "cpm/base/json.h"
#include "cpm/base/log.h"
#include "cpm/base/map.h"
#include "cpm/base/path.h"
#include "cpm/base/vec.h"
#include "ignore_rules.h"

#define MANIFEST_MAX_BYTES ((size_t)16 << 20)
#define IGNORE_MAX_BYTES   ((size_t)1 << 20)
#define MAX_FILES          500000
#define MAX_DEPTH          1024

static const char default_rules[] =
	".npmignore\n.gitignore\n"
	"**/.git\n**/.svn\n**/.hg\n**/CVS\n**/.git/**\n**/.svn/**\n**/.hg/**\n**/CVS/**\n"
	"/.lock-wscript\n/.wafpickle-*\n/build/config.gypi\nnpm-debug.log\n**/.npmrc\n.*.swp\n"
	".DS_Store\n**/.DS_Store/**\n._*\n**/._*/**\n*.orig\n/archived-packages/**\n";

static const char strict_rules[] =
	"/.git\n"
	"!/package.json\n!/readme{,.*[^~$]}\n!/copying{,.*[^~$]}\n!/license{,.*[^~$]}\n"
	"!/licence{,.*[^~$]}\n"
	"/.git\n/node_modules\n.npmrc\n/package-lock.json\n/npm-shrinkwrap.json\n/yarn.lock\n"
	"/pnpm-lock.yaml\n/bun.lockb\n/bun.lock\n/.npm-extension.mjs\n/.npm-extension.cjs\n";

enum rule_set {
	RULES_DEFAULT,
	RULES_GLOBAL,
	RULES_MANIFEST,
	RULES_NPMIGNORE,
	RULES_GITIGNORE,
	RULES_STRICT,
	RULE_SETS
};

struct frame {
	struct frame *parent; /* NULL: the package's own folder */
	str path;             /* from the folder that is packed; "" for itself */
	str name;
	unsigned depth;
	bool is_exact; /* wanted as such, not only for what may be inside */
	struct ignore_rules rules[RULE_SETS];
};

struct walk {
	struct arena *arena;
	int dirfd;           /* the folder that is packed */
	str root;            /* its real path */
	const struct pack_opts *opts;
	struct map packages; /* folders that were walked as packages */
	struct map seen;     /* files */
	VEC(struct pack_file) files;
	VEC(struct frame *) agenda;
	/* of the package at hand */
	str folder;
	const struct json *manifest;
	str files_rules; /* what its `files` became; null */
	bool is_root, has_workspaces, is_linked;
};

static const char *c_path(struct walk *w, str path)
{
	return str_cstr(w->arena, str_is_empty(path) ? S(".") : path);
}

static str below(struct walk *w, str folder, str name)
{
	return str_is_empty(folder) ? name : path_join(w->arena, folder, name);
}

/* ---- what package.json says ---- */

static void add_rule(struct str_buf *out, const char *before, str path, const char *after)
{
	buf_printf(out, "%s" STR_FMT "%s\n", before, STR_ARG(path), after);
}

static void add_match(struct str_buf *out, bool negated, str path, mode_t mode)
{
	const char *prefix = negated ? "/" : "!/";

	if (!S_ISDIR(mode) && !S_ISREG(mode))
		return;
	add_rule(out, prefix, path, "");
	if (S_ISDIR(mode))
		add_rule(out, prefix, path, "/**");
}

/* Everything below the package that a pattern could mean, folders included. */
struct inventory {
	struct map modes; /* path in the package -> mode, as a pointer */
	bool is_read;
};

static struct err *read_inventory(struct walk *w, str folder, struct inventory *all)
{
	VEC(str) agenda = { 0 };

	map_init(&all->modes, w->arena);
	all->is_read = true;
	VEC_PUSH(w->arena, &agenda, folder);
	while (agenda.len) {
		str dir = VEC_POP(&agenda);
		AUTO_DIR it = { 0 };

		TRY(dir_open(w->dirfd, c_path(w, below(w, w->folder, dir)), &it));
		while (dir_next(&it)) {
			str path = below(w, dir, str_dup(w->arena, str_view(it.name)));

			map_put(&all->modes, path, (void *)(uintptr_t)DTTOIF(it.type));
			if (all->modes.count > MAX_FILES)
				return err_new(E_TOO_BIG, "the folder has more than %d files",
					       MAX_FILES);
			if (it.type == DT_DIR)
				VEC_PUSH(w->arena, &agenda, path);
		}
		if (it.err) {
			struct err *err = it.err;

			it.err = NULL;
			return err;
		}
	}
	return NULL;
}

/* "!", "./", "/" and trailing slashes around a pattern of `files`. */
static str bare_pattern(str entry, bool *negated)
{
	*negated = str_starts(entry, S("!"));
	while (str_starts(entry, S("!")))
		entry = str_from(entry, 1);
	if (str_starts(entry, S("./")))
		entry = str_from(entry, 2);
	else if (str_starts(entry, S("/")))
		entry = str_from(entry, 1);
	while (str_ends(entry, S("/")))
		entry.len--;
	return entry;
}

static struct err *add_files_entry(struct walk *w, struct inventory *all, str entry,
				   struct str_buf *out)
{
	bool negated;
	str pattern = bare_pattern(entry, &negated), path = path_clean(w->arena, pattern);
	struct stat st;

	if (str_is_empty(pattern))
		return NULL;
	if (glob_is_plain(pattern)) {
		if (path_is_inside(path) &&
		    fs_lstat(w->dirfd, c_path(w, below(w, w->folder, path)), &st))
			add_match(out, negated, path, st.st_mode);
		return NULL;
	}
	if (!all->is_read)
		TRY(read_inventory(w, S(""), all));
	for (struct map_iter it = map_iter(&all->modes); map_next(&it);) {
		ARENA_SCOPE(tmp);

		if (glob_match_with(tmp, path, it.key, GLOB_DOT | GLOB_GROUPS))
			add_match(out, negated, it.key, (mode_t)(uintptr_t)it.val);
	}
	return NULL;
}

/* Nothing but what `files` lists. */
static struct err *read_files_field(struct walk *w, const struct json *files,
				    struct ignore_rules *out)
{
	struct str_buf text = str_buf(w->arena, (size_t)256 << 20);
	struct inventory all = { 0 };

	buf_add(&text, S("*\n"));
	for (size_t i = 0; json_is(files, JSON_ARRAY) && i < files->count; i++)
		if (json_is(files->items[i], JSON_STRING))
			TRY(add_files_entry(w, &all, files->items[i]->string, &text));
	w->files_rules = buf_view(&text);
	*out = ignore_rules_parse(w->arena, w->files_rules);
	return NULL;
}

/* No step leads above the package: "../x" is "x". */
static str bin_target(struct walk *w, str target)
{
	return str_from(path_clean(w->arena, str_concat(w->arena, S("/"), target)), 1);
}

static bool is_listed(struct walk *w, str rule)
{
	str line = str_printf(w->arena, "\n!/" STR_FMT "\n", STR_ARG(rule));

	return str_find(w->files_rules, line) != STR_NPOS;
}

/* The patch files of a project stay with it, even where `files` has listed them by mistake. */
static void leave_patch_out(struct walk *w, str path, struct str_buf *rules)
{
	if (!path_is_inside(path))
		return;
	if (is_listed(w, path) ||
	    is_listed(w, path_join(w->arena, path_dirname(path), S("**"))))
		log_warn("patched-dependencies",
			 "excluding \"" STR_FMT "\" from the package tarball: patch files in "
			 "patchedDependencies must not be published",
			 STR_ARG(path));
	add_rule(rules, "/", path, "");
}

/* A package without `bin` may name a folder in its place, whose files are all commands; hidden ones are not. */
static struct err *add_bin_folder(struct walk *w, struct str_buf *rules)
{
	const struct json *directories = json_get(w->manifest, "directories");
	str folder = bin_target(w, json_get_text(directories, "bin"));
	struct inventory all = { 0 };

	if (!path_is_inside(folder) ||
	    !fs_is_dir(w->dirfd, c_path(w, below(w, w->folder, folder))))
		return NULL;
	TRY(read_inventory(w, folder, &all));
	for (struct map_iter it = map_iter(&all.modes); map_next(&it);)
		if (str_find(str_from(it.key, folder.len), S("/.")) == STR_NPOS)
			add_rule(rules, "!/", it.key, "");
	return NULL;
}

/* What is in the package whatever else is said, and what is not. */
static struct err *read_strict_rules(struct walk *w, struct ignore_rules *out)
{
	struct str_buf text = str_buf(w->arena, (size_t)16 << 20);
	const struct json *bin = json_get(w->manifest, "bin"),
			  *patches = json_get(w->manifest, "patchedDependencies");
	str main = json_get_text(w->manifest, "main"),
	    browser = json_get_text(w->manifest, "browser");

	buf_add(&text, str_view(strict_rules));
	if (browser.len)
		add_rule(&text, "!/", browser, "");
	if (main.len)
		add_rule(&text, "!/", main, "");
	if (json_is(bin, JSON_STRING))
		add_rule(&text, "!/", bin_target(w, bin->string), "");
	for (size_t i = 0; json_is(bin, JSON_OBJECT) && i < bin->count; i++)
		if (json_is(bin->members[i].val, JSON_STRING))
			add_rule(&text, "!/", bin_target(w, bin->members[i].val->string), "");
	if (!json_is_truthy(bin))
		TRY(add_bin_folder(w, &text));
	for (size_t i = 0; w->is_root && json_is(patches, JSON_OBJECT) && i < patches->count; i++)
		if (json_is(patches->members[i].val, JSON_STRING))
			leave_patch_out(w, bin_target(w, patches->members[i].val->string), &text);
	*out = ignore_rules_parse(w->arena, buf_view(&text));
	return NULL;
}

/* ---- rules of a frame ---- */

static struct ignore_rules read_ignore_file(struct walk *w, str folder, const char *name,
					    bool *exists)
{
	str text;
	struct err *err = fs_read_all(w->arena, w->dirfd,
				      c_path(w, below(w, folder, str_view(name))), IGNORE_MAX_BYTES,
				      &text);

	*exists = !err;
	if (!err)
		return ignore_rules_parse(w->arena, text);
	err_ignore(err);
	return (struct ignore_rules){ 0 };
}

static void read_ignore_files(struct walk *w, struct frame *f)
{
	bool exists;

	f->rules[RULES_NPMIGNORE] = read_ignore_file(w, f->path, ".npmignore", &exists);
	if (exists)
		return;
	f->rules[RULES_GITIGNORE] = read_ignore_file(w, f->path, ".gitignore", &exists);
	if (exists && !f->parent && w->is_root)
		log_warn("gitignore-fallback",
			 "No .npmignore file found, using .gitignore for file exclusion. Consider "
			 "creating a .npmignore file to explicitly control published files.");
}

static struct ignore_rules package_default_rules(struct walk *w)
{
	str text = str_view(default_rules);

	return ignore_rules_parse(w->arena,
				  w->is_root ? str_concat(w->arena, text, w->opts->more_rules)
					     : text);
}

/* Packages that came from a registry keep what their authors packed: only links have ignore files
 * that count. */
static struct err *read_package_rules(struct walk *w, struct frame *f)
{
	const struct json *files = json_get(w->manifest, "files");

	if (w->is_root || w->is_linked)
		f->rules[RULES_DEFAULT] = package_default_rules(w);
	if (w->is_root)
		f->rules[RULES_GLOBAL] = ignore_rules_parse(w->arena, w->opts->global_rules);
	w->files_rules = STR_NULL;
	if (json_is_truthy(files))
		TRY(read_files_field(w, files, &f->rules[RULES_MANIFEST]));
	TRY(read_strict_rules(w, &f->rules[RULES_STRICT]));
	if (json_is_truthy(files))
		return NULL;
	if (w->is_root || w->is_linked)
		read_ignore_files(w, f);
	return NULL;
}

/* In a project with workspaces npm takes the package.json of a folder for one of its ignore files.
 */
static void read_folder_rules(struct walk *w, struct frame *f)
{
	bool exists = false;

	f->rules[RULES_DEFAULT] = ignore_rules_parse(w->arena, str_view(default_rules));
	f->rules[RULES_STRICT] = ignore_rules_parse(w->arena, S("/.git"));
	if (w->has_workspaces)
		f->rules[RULES_MANIFEST] = read_ignore_file(w, f->path, "package.json", &exists);
	if (!exists)
		read_ignore_files(w, f);
}

/* ---- walking ---- */

/* @path: of the entry, from the frame at hand. */
static bool is_included(struct arena *a, struct frame *const *chain, size_t n, str name,
			bool as_dir)
{
	bool included = true;

	for (size_t i = 0; i < n; i++) {
		str path = name;

		if (i > 0 && !included && !chain[i]->is_exact)
			continue;
		for (size_t j = n; j-- > i + 1;)
			path = str_printf(a, STR_FMT "/" STR_FMT, STR_ARG(chain[j]->name),
					  STR_ARG(path));
		for (size_t set = 0; set < RULE_SETS; set++)
			included = ignore_rules_apply(a, &chain[i]->rules[set], path,
						      i + 1 < n ? name : STR_NULL, as_dir,
						      included);
	}
	return included;
}

static void add_file(struct walk *w, str path, const struct stat *st)
{
	if (map_put(&w->seen, path, w))
		return;
	VEC_PUSH(w->arena, &w->files,
		 (struct pack_file){ .path = path,
				     .mode = st->st_mode & 07777,
				     .size = (uint64_t)st->st_size,
				     .is_bundled = !w->is_root });
}

static struct err *visit_entry(struct walk *w, struct frame *const *chain, size_t n, str name)
{
	ARENA_SCOPE(tmp);
	struct frame *f = chain[n - 1], *child;
	bool as_file = is_included(tmp, chain, n, name, false),
	     as_dir = is_included(tmp, chain, n, name, true);
	str path = below(w, f->path, name);
	struct stat st;

	if ((!as_file && !as_dir) || str_find_char(name, '*') != STR_NPOS ||
	    !fs_lstat(w->dirfd, c_path(w, path), &st))
		return NULL;
	if (S_ISREG(st.st_mode) && as_file)
		add_file(w, path, &st);
	if (!S_ISDIR(st.st_mode) || !as_dir)
		return NULL;
	if (f->depth + 1 >= MAX_DEPTH)
		return err_new(E_TOO_BIG, "folders are nested more than %d deep", MAX_DEPTH);
	child = ARENA_NEW(w->arena, struct frame);
	*child = (struct frame){ .parent = f, .path = path, .name = name, .depth = f->depth + 1 };
	child->is_exact = as_file ||
			  is_included(tmp, chain, n, str_concat(tmp, name, S("/")), false);
	VEC_PUSH(w->arena, &w->agenda, child);
	return NULL;
}

static struct err *visit_folder(struct walk *w, struct frame *f)
{
	struct frame **chain = ARENA_ARRAY(w->arena, struct frame *, f->depth + 1);
	VEC(str) names = { 0 };
	AUTO_DIR it = { 0 };

	for (struct frame *up = f; up; up = up->parent)
		chain[up->depth] = up;
	TRY(dir_open(w->dirfd, c_path(w, f->path), &it));
	while (dir_next(&it))
		VEC_PUSH(w->arena, &names, str_dup(w->arena, str_view(it.name)));
	if (it.err) {
		struct err *err = it.err;

		it.err = NULL;
		return err;
	}
	for (size_t i = 0; i < names.len; i++) {
		TRY(visit_entry(w, chain, f->depth + 1, names.items[i]));
		if (w->files.len > MAX_FILES)
			return err_new(E_TOO_BIG, "the package has more than %d files", MAX_FILES);
	}
	return NULL;
}

static struct err *read_manifest(struct walk *w, str folder, const struct json **out)
{
	struct json *json;
	str text;

	TRY(fs_read_all(w->arena, w->dirfd, c_path(w, below(w, folder, S("package.json"))),
			MANIFEST_MAX_BYTES, &text));
	TRY_AS(json_parse(w->arena, text, &json),
	       "cannot read the package.json that is to be packed");
	*out = json;
	return NULL;
}

static struct err *walk_package(struct walk *w, str folder, bool is_linked)
{
	struct frame *top = ARENA_NEW(w->arena, struct frame);

	w->folder = folder;
	w->is_root = str_is_empty(folder);
	w->is_linked = is_linked;
	TRY(read_manifest(w, folder, &w->manifest));
	w->has_workspaces = w->is_root && json_is_truthy(json_get(w->manifest, "workspaces"));
	*top = (struct frame){ .path = folder };
	TRY(read_package_rules(w, top));
	VEC_PUSH(w->arena, &w->agenda, top);
	while (w->agenda.len) {
		struct frame *f = VEC_POP(&w->agenda);

		if (f->parent)
			read_folder_rules(w, f);
		TRY(visit_folder(w, f));
	}
	return NULL;
}

/* ---- bundled packages ---- */

struct package {
	str folder;
	const struct json *manifest;
};

typedef VEC(str) name_vec;

static void add_keys(struct walk *w, const struct json *map, name_vec *out)
{
	for (size_t i = 0; json_is(map, JSON_OBJECT) && i < map->count; i++)
		VEC_PUSH(w->arena, out, map->members[i].key);
}

/* What the project lists; of a package that is bundled, all it needs. */
static name_vec names_to_bundle(struct walk *w, const struct package *p)
{
	const struct json *list = json_get(p->manifest, "bundleDependencies");
	name_vec names = { 0 };

	if (!str_is_empty(p->folder)) {
		add_keys(w, json_get(p->manifest, "dependencies"), &names);
		add_keys(w, json_get(p->manifest, "optionalDependencies"), &names);
		return names;
	}
	if (!list)
		list = json_get(p->manifest, "bundledDependencies");
	if (json_is(list, JSON_BOOL) && list->boolean)
		list = json_get(p->manifest, "dependencies");
	add_keys(w, list, &names);
	for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->count; i++)
		if (json_is(list->items[i], JSON_STRING))
			VEC_PUSH(w->arena, &names, list->items[i]->string);
	return names;
}

/* Only what is depended on is bundled, and neither peers nor what developing takes. */
static bool is_bundleable(const struct package *p, str name)
{
	return path_is_inside(name) &&
	       !json_get_str(json_get(p->manifest, "devDependencies"), name) &&
	       (json_get_str(json_get(p->manifest, "dependencies"), name) ||
		json_get_str(json_get(p->manifest, "optionalDependencies"), name));
}

/* Where require(@name) leads from @folder, without leaving what is packed; null when nowhere. */
static str find_package(struct walk *w, str folder, str name)
{
	for (;;) {
		str found = below(w, folder, path_join(w->arena, S("node_modules"), name));
		size_t up;

		if (fs_exists(w->dirfd, c_path(w, below(w, found, S("package.json")))))
			return found;
		if (str_is_empty(folder))
			return STR_NULL;
		up = str_find(folder, S("node_modules/"));
		for (size_t next; up != STR_NPOS; up += next + 1) {
			next = str_find(str_from(folder, up + 1), S("node_modules/"));
			if (next == STR_NPOS)
				break;
		}
		folder = up == STR_NPOS || up == 0 ? S("") : str_slice(folder, 0, up - 1);
	}
}

/* A bundled link may lead about inside of what is packed, not out of it (T38). */
static bool stays_inside(struct walk *w, str folder, bool *is_linked)
{
	str real;
	struct stat st;
	struct err *err;

	*is_linked = fs_lstat(w->dirfd, c_path(w, folder), &st) && S_ISLNK(st.st_mode);
	err = fs_real_path(w->arena, c_path(w, path_join(w->arena, w->root, folder)), &real);
	err_ignore(err);
	if (!err && path_is_under(real, w->root))
		return true;
	log_warn("pack", "left out '" STR_FMT "': it is a link that leads out of the package",
		 STR_ARG(folder));
	return false;
}

static struct err *walk_bundles(struct walk *w)
{
	VEC(struct package) agenda = { 0 };

	VEC_PUSH(w->arena, &agenda, (struct package){ S(""), w->manifest });
	for (size_t at = 0; at < agenda.len; at++) {
		struct package p = agenda.items[at];
		name_vec names = names_to_bundle(w, &p);

		for (size_t i = 0; i < names.len; i++) {
			bool is_linked;
			str folder = is_bundleable(&p, names.items[i])
					     ? find_package(w, p.folder, names.items[i])
					     : STR_NULL;

			if (str_is_null(folder) || map_put(&w->packages, folder, w) ||
			    !stays_inside(w, folder, &is_linked))
				continue;
			TRY(walk_package(w, folder, is_linked));
			VEC_PUSH(w->arena, &agenda, (struct package){ folder, w->manifest });
		}
	}
	return NULL;
}

/* ---- the order of the archive ---- */

/* As Node.js's extname(). */
static str extension(str path)
{
	str base = path_basename(path);
	size_t dot = str_rfind_char(base, '.');

	return dot == STR_NPOS || dot == 0 ? S("") : str_from(base, dot);
}

/* npm writes "@x" as "./@x", for the sake of tar. */
static str archived_as(struct arena *a, str path)
{
	return str_starts(path, S("@")) ? str_concat(a, S("./"), path) : path;
}

static int by_kind(const void *a, const void *b)
{
	ARENA_SCOPE(tmp);
	str x = ((const struct pack_file *)a)->path, y = ((const struct pack_file *)b)->path;
	int order = str_collate(str_lower(tmp, extension(x)), str_lower(tmp, extension(y)));

	if (!order)
		order = str_collate(str_lower(tmp, path_basename(x)),
				    str_lower(tmp, path_basename(y)));
	return order ? order : str_collate(archived_as(tmp, x), archived_as(tmp, y));
}

struct err *packlist_make(struct arena *a, int dirfd, str root, const struct pack_opts *opts,
			  struct pack_file **files, size_t *count, const struct json **manifest)
{
	const struct pack_opts none = { 0 };
	struct walk w = { .arena = a, .dirfd = dirfd, .root = root, .opts = opts ? opts : &none };

	map_init(&w.packages, a);
	map_init(&w.seen, a);
	TRY(walk_package(&w, S(""), false));
	*manifest = w.manifest;
	TRY(walk_bundles(&w));
	VEC_SORT(&w.files, by_kind);
	*files = w.files.items;
	*count = w.files.len;
	return NULL;
}
