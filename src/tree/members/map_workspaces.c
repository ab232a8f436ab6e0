/* SPDX-License-Identifier: MIT
 * Which folders are members of a project. npm gives the patterns to a glob library and then sorts
 * what comes back; the order decides in which order members are installed and run, so it is kept.
 * Folders are only visited where a pattern can still match: below its plain beginning, as deep as
 * it has components, or anywhere below a "**". */
#include "cpm/tree/map_workspaces.h"
#include "lockfile_priv.h"

#include <stdlib.h>

#include "cpm/base/fs.h"
#include "cpm/base/glob.h"
#include "cpm/base/path.h"

#define MAX_FOLDERS 100000

typedef VEC(str) str_vec;

struct mapper {
	struct arena *arena, *scratch;
	str dir;
	int dirfd;
	str_vec patterns, negated;
	struct map matches; /* relative path -> anything */
	size_t nvisited;
};

/* ---- patterns ---- */

static str without_start(str pattern)
{
	str rest = str_starts(pattern, S(".")) ? str_from(pattern, 1) : pattern;

	if (!str_starts(rest, S("/")))
		return pattern;
	while (str_starts(rest, S("/")))
		rest = str_from(rest, 1);
	return rest;
}

/* minimatch and glob disagree: to the first, which compares patterns here, "**" behind a folder is
 * not the folder. */
static bool negation_matches(struct mapper *m, str negated, str pattern)
{
	if (str_ends(negated, S("/**")))
		negated = str_concat(m->scratch, negated,
				     S("/"
				       "*"));
	return glob_match(m->scratch, negated, pattern);
}

/* A negation that matches a later pattern is taken back by it. As npm's loop does, the one behind a
 * taken one is not looked at. */
static void take_back(struct mapper *m, str pattern)
{
	for (size_t i = 0; i < m->negated.len; i++)
		if (negation_matches(m, m->negated.items[i], pattern))
			VEC_REMOVE_AT(&m->negated, i);
}

static void add_pattern(struct mapper *m, str pattern)
{
	size_t nbangs = 0;

	while (nbangs < pattern.len && pattern.p[nbangs] == '!')
		nbangs++;
	pattern = without_start(str_from(pattern, nbangs));
	while (str_ends(pattern, S("/")))
		pattern.len--;
	pattern = str_replace_all(m->scratch, pattern, S("\\"), S("/"));
	if (nbangs % 2) {
		VEC_PUSH(m->scratch, &m->negated, pattern);
		return;
	}
	take_back(m, pattern);
	VEC_PUSH(m->scratch, &m->patterns, pattern);
}

/* Patterns that a negation matches as they stand need no visit. */
static void drop_negated(struct mapper *m)
{
	VEC_EACH (str, negated, &m->negated)
		for (size_t i = m->patterns.len; i-- > 0;)
			if (negation_matches(m, *negated, m->patterns.items[i]))
				VEC_REMOVE_AT(&m->patterns, i);
}

static struct err *read_patterns(struct mapper *m, const struct json *workspaces)
{
	const struct json *packages = json_get(workspaces, "packages");

	if (json_is(packages, JSON_ARRAY))
		workspaces = packages;
	if (!json_is(workspaces, JSON_ARRAY))
		return err_new(E_WORKSPACES_CONFIG, "workspaces config expects an Array");
	for (size_t i = 0; i < workspaces->count; i++) {
		if (!json_is(workspaces->items[i], JSON_STRING))
			return err_new(E_WORKSPACES_CONFIG,
				       "workspaces config expects an Array of strings");
		add_pattern(m, workspaces->items[i]->string);
	}
	drop_negated(m);
	return NULL;
}

/* ---- visiting ---- */

static bool is_ignored(const struct mapper *m, str path)
{
	VEC_EACH (str, negated, &m->negated)
		if (glob_match(m->scratch, *negated, path))
			return true;
	return false;
}

static size_t count_components(str path)
{
	size_t count = 1;

	for (size_t i = 0; i < path.len; i++)
		count += path.p[i] == '/';
	return count;
}

/* The components in front of the first with magic in it. */
static str plain_start(str pattern)
{
	size_t end = 0;

	for (str rest = pattern, part; str_cut(&rest, '/', &part);) {
		if (!glob_is_plain(part))
			return str_slice(pattern, 0, end ? end - 1 : 0);
		end += part.len + 1;
	}
	return pattern;
}

static void add_match(struct mapper *m, str path)
{
	if (!is_ignored(m, path))
		map_put(&m->matches, path, m);
}

static bool is_folder(const struct mapper *m, str path)
{
	struct stat st;

	return fstatat(m->dirfd, str_cstr(m->scratch, path), &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/* One pattern on its way through the folders. */
struct visit {
	str pattern, start; /* start: its plain beginning */
	bool goes_deep;     /* has a "**" */
	size_t max_depth;
	str_vec agenda;
};

/* "**" leads neither through links nor into hidden folders; a link is only looked at where it
 * begins. */
static bool may_match(const struct visit *v, str folder, unsigned char type)
{
	return type == DT_DIR || (type == DT_LNK && (!v->goes_deep || str_eq(folder, v->start)));
}

static bool may_descend(const struct visit *v, str path, const struct dir_iter *it)
{
	if (v->goes_deep)
		return it->type == DT_DIR && it->name[0] != '.';
	return count_components(path) < v->max_depth;
}

/* What matches is kept, what may hold matches is visited later. */
static struct err *visit_folder(struct mapper *m, struct visit *v, str folder)
{
	AUTO_DIR it = { 0 };

	if (++m->nvisited > MAX_FOLDERS)
		return err_new(E_TOO_BIG,
			       "the workspaces patterns lead through more than %d folders",
			       MAX_FOLDERS);
	TRY(dir_open(m->dirfd, folder.len ? str_cstr(m->scratch, folder) : ".", &it));
	while (dir_next(&it)) {
		str path = folder.len
				   ? str_printf(m->arena, STR_FMT "/%s", STR_ARG(folder), it.name)
				   : str_dup(m->arena, str_view(it.name));

		if (strcmp(it.name, "node_modules") == 0 || !may_match(v, folder, it.type))
			continue;
		if (glob_match(m->scratch, v->pattern, path) &&
		    (it.type == DT_DIR || is_folder(m, path)))
			add_match(m, path);
		if (may_descend(v, path, &it))
			VEC_PUSH(m->scratch, &v->agenda, path);
	}
	return it.err;
}

static struct err *expand(struct mapper *m, str pattern)
{
	struct visit v = {
		.pattern = pattern,
		.start = plain_start(pattern),
		.goes_deep = str_find(pattern, S("**")) != STR_NPOS,
		.max_depth = count_components(pattern),
	};

	if (v.start.len && glob_match(m->scratch, pattern, v.start) && is_folder(m, v.start))
		add_match(m, v.start);
	if (v.start.len == pattern.len)
		return NULL;
	VEC_PUSH(m->scratch, &v.agenda, v.start);
	while (v.agenda.len) {
		struct err *e = visit_folder(m, &v, VEC_POP(&v.agenda));

		if (e && err_is(e, E_TOO_BIG))
			return e;
		err_free(e); /* a folder that is not there, or not ours to read, has no members */
	}
	return NULL;
}

/* ---- order ---- */

static int by_path(const void *a, const void *b)
{
	int order = str_collate(*(const str *)a, *(const str *)b);

	return order ? order : str_cmp(*(const str *)a, *(const str *)b);
}

/* @pattern matches @path, or could match something below it: so npm sorts matches to patterns. */
static bool belongs_to(struct mapper *m, str path, str pattern)
{
	size_t count = count_components(path), end = 0;

	if (glob_match(m->scratch, pattern, path))
		return true;
	for (str rest = pattern, part; count-- && str_cut(&rest, '/', &part);)
		end += part.len + 1;
	return end && end <= pattern.len &&
	       glob_match(m->scratch, str_slice(pattern, 0, end - 1), path);
}

static str_vec ordered_matches(struct mapper *m)
{
	str_vec sorted = { 0 }, ordered = { 0 };
	struct map done;

	map_init(&done, m->scratch);
	for (struct map_iter it = map_iter(&m->matches); map_next(&it);)
		VEC_PUSH(m->scratch, &sorted, it.key);
	VEC_SORT(&sorted, by_path);
	VEC_EACH (str, pattern, &m->patterns)
		VEC_EACH (str, path, &sorted)
			if (!map_has(&done, *path) && belongs_to(m, *path, *pattern)) {
				map_put(&done, *path, m);
				VEC_PUSH(m->scratch, &ordered, *path);
			}
	return ordered;
}

/* ---- members ---- */

struct member {
	struct workspace workspace;
	str_vec others; /* folders of the same name */
};

/* A null name: the folder is no package. */
static struct err *read_name(struct mapper *m, str path, str absolute, str *name)
{
	struct manifest *manifest;
	struct err *e = manifest_read(m->scratch, m->dirfd, str_cstr(m->scratch, path), &manifest,
				      NULL);

	*name = STR_NULL;
	if (e && (err_is(e, E_NO_ENTRY) || err_is(e, E_NOT_DIRECTORY))) {
		err_free(e);
		return NULL;
	}
	if (!e)
		*name = manifest->name.len ? str_dup(m->arena, manifest->name)
					   : lockfile_folder_name(absolute);
	return e;
}

static struct err *add_member(struct mapper *m, struct map *members, str path)
{
	str name, absolute = path_join(m->arena, m->dir, path);
	struct member *member;

	TRY(read_name(m, path, absolute, &name));
	if (str_is_null(name))
		return NULL;
	member = map_get(members, name);
	if (member) {
		VEC_PUSH(m->scratch, &member->others, absolute);
		return NULL;
	}
	member = ARENA_NEW(m->scratch, struct member);
	member->workspace = (struct workspace){ name, absolute };
	map_put(members, name, member);
	return NULL;
}

static struct err *check_duplicates(struct mapper *m, const struct map *members)
{
	struct str_buf text = str_buf(m->scratch, SIZE_MAX);
	bool has_any = false;

	buf_add_cstr(&text, "must not have multiple workspaces with the same name");
	for (struct map_iter it = map_iter(members); map_next(&it);) {
		const struct member *member = it.val;

		if (!member->others.len)
			continue;
		has_any = true;
		buf_printf(&text,
			   "\npackage '" STR_FMT
			   "' has conflicts in the following paths:\n    " STR_FMT,
			   STR_ARG(it.key), STR_ARG(member->workspace.path));
		for (size_t i = 0; i < member->others.len; i++)
			buf_printf(&text, "\n    " STR_FMT, STR_ARG(member->others.items[i]));
	}
	return has_any ? err_new(E_DUPLICATE_WORKSPACE, "%s", buf_cstr(&text)) : NULL;
}

struct err *map_workspaces(struct arena *a, str dir, const struct manifest *root, struct tree *out)
{
	ARENA_SCOPE(scratch);
	AUTO_FD dirfd = -1;
	struct mapper m = { .arena = a, .scratch = scratch, .dir = dir };
	struct map members;
	str_vec paths;

	if (!root->workspaces)
		return NULL;
	map_init(&m.matches, scratch);
	map_init(&members, scratch);
	TRY(read_patterns(&m, root->workspaces));
	TRY(fs_open_dir(AT_FDCWD, str_cstr(scratch, dir), &dirfd));
	m.dirfd = dirfd;
	VEC_EACH (str, pattern, &m.patterns)
		TRY(expand(&m, *pattern));
	paths = ordered_matches(&m);
	VEC_EACH (str, path, &paths)
		TRY(add_member(&m, &members, *path));
	TRY(check_duplicates(&m, &members));
	for (struct map_iter it = map_iter(&members); map_next(&it);)
		VEC_PUSH(a, &out->workspaces, ((const struct member *)it.val)->workspace);
	return NULL;
}
