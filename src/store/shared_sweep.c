/* SPDX-License-Identifier: MIT
 * Looking after the place that projects share: what was changed in it, and what nobody uses any
 * more. Each project that has links into it is noted there; what none of them links to goes. Runs
 * that use the place hold its lock together, and this one only works when it has it alone. */
#include "shared_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"
#include "store_priv.h"

#include <sys/file.h>

#define PROJECT_STORE "node_modules/.store"

typedef VEC(str) path_vec;

/* ---- folders of entries ---- */

/* What is in @folder, and in the scopes in it, from there: entries and links alike. */
static struct err *list_keys(struct arena *a, int dirfd, const char *folder, path_vec *out)
{
	path_vec scopes = { 0 };

	VEC_PUSH(a, &scopes, S(""));
	while (scopes.len) {
		str scope = VEC_POP(&scopes);
		AUTO_DIR it = { 0 };
		struct err *err;

		TRY(dir_open(dirfd, str_cstr(a, path_join(a, str_view(folder), scope)), &it));
		while (dir_next(&it)) {
			str name = path_join(a, scope, str_view(it.name));

			if (it.type == DT_DIR && str_is_empty(scope) && it.name[0] == '@')
				VEC_PUSH(a, &scopes, name);
			else if (it.name[0] != '.')
				VEC_PUSH(a, out, name);
		}
		err = it.err;
		it.err = NULL;
		TRY(err);
	}
	return NULL;
}

/* ---- what was changed ---- */

/* Nothing is newer than the entry's stamp. Sizes are not known here. */
static bool is_untouched(int shared_fd, str key)
{
	ARENA_SCOPE(tmp);
	path_vec folders = { 0 };
	struct stat entry, st;
	bool holds = fs_lstat(shared_fd, str_cstr(tmp, key), &entry);

	VEC_PUSH(tmp, &folders, key);
	for (size_t i = 0; holds && i < folders.len; i++) {
		AUTO_DIR it = { 0 };
		struct err *err = dir_open(shared_fd, str_cstr(tmp, folders.items[i]), &it);

		while (holds && !err && dir_next(&it)) {
			str path = path_join(tmp, folders.items[i], str_view(it.name));

			holds = fs_lstat(shared_fd, str_cstr(tmp, path), &st) &&
				shared_is_older(&st, &entry);
			if (it.type == DT_DIR)
				VEC_PUSH(tmp, &folders, path);
		}
		holds = holds && !err && !it.err;
		err_ignore(err);
		err_ignore(it.err);
		it.err = NULL;
	}
	return holds;
}

struct err *shared_verify(struct store *s, struct shared_stats *out)
{
	ARENA_SCOPE(tmp);
	int fd = store_shared_fd(s);
	path_vec keys = { 0 };

	*out = (struct shared_stats){ 0 };
	if (fd < 0)
		return NULL;
	TRY(list_keys(tmp, fd, ".", &keys));
	VEC_EACH (str, key, &keys) {
		bool is_sound = is_untouched(fd, *key);

		if (!is_sound)
			shared_condemn(fd, str_cstr(tmp, *key));
		out->changed += !is_sound;
		out->kept++;
	}
	return NULL;
}

/* ---- what is used ---- */

struct sweep {
	struct arena *arena;
	int fd;
	str place;       /* its path, with a slash behind it */
	struct map used; /* keys */
	size_t nprojects;
};

static bool add_used(struct sweep *w, str path)
{
	str target;
	struct err *err = fs_read_link(w->arena, AT_FDCWD, str_cstr(w->arena, path), &target);
	bool leads_here = !err && str_starts(target, w->place);

	if (leads_here)
		map_put(&w->used, str_from(target, w->place.len), w);
	err_ignore(err);
	return leads_here;
}

/* False when the project is gone, or uses nothing any more. */
static bool add_project(struct sweep *w, str project)
{
	str store = path_join(w->arena, project, S(PROJECT_STORE));
	bool uses_any = false;
	path_vec keys = { 0 };
	struct err *err = list_keys(w->arena, AT_FDCWD, str_cstr(w->arena, store), &keys);

	err_ignore(err);
	VEC_EACH (str, key, &keys)
		uses_any |= add_used(w, path_join(w->arena, store, *key));
	return uses_any;
}

static struct err *add_projects(struct sweep *w)
{
	AUTO_FD dir = -1;
	AUTO_DIR it = { 0 };
	path_vec gone = { 0 };
	struct err *err;

	TRY(fs_mkdir(w->fd, SHARED_PROJECTS));
	TRY(fs_open_dir_nofollow(w->fd, SHARED_PROJECTS, &dir));
	TRY(dir_open(dir, ".", &it));
	while (dir_next(&it)) {
		str project;

		err = fs_read_link(w->arena, dir, it.name, &project);
		if (!err && add_project(w, project))
			w->nprojects++;
		else
			VEC_PUSH(w->arena, &gone, str_dup(w->arena, str_view(it.name)));
		err_ignore(err);
	}
	VEC_EACH (str, name, &gone)
		TRY(fs_unlink(dir, str_cstr(w->arena, *name)));
	err = it.err;
	it.err = NULL;
	return err;
}

/* ---- sweeping ---- */

/* Out of sight first, so that nobody finds half of it. */
static struct err *remove_entry(struct sweep *w, str key)
{
	const char *name = str_cstr(w->arena, key), *aside = FS_TEMP_PREFIX "swept";

	TRY(fs_remove_tree(w->fd, aside));
	(void)!fchmodat(w->fd, name, 0700, 0);
	TRY(fs_rename(w->fd, name, w->fd, aside));
	return fs_remove_tree(w->fd, aside);
}

/* What killed runs left behind, and recipes that name what is about to go. */
static struct err *remove_leftovers(struct sweep *w)
{
	AUTO_DIR it = { 0 };
	path_vec found = { 0 };

	TRY(fs_remove_tree(w->fd, SHARED_RECIPES));
	TRY(dir_open(w->fd, ".", &it));
	while (dir_next(&it))
		if (str_starts(str_view(it.name), S(FS_TEMP_PREFIX)))
			VEC_PUSH(w->arena, &found, str_dup(w->arena, str_view(it.name)));
	VEC_EACH (str, name, &found)
		TRY(fs_remove_tree(w->fd, str_cstr(w->arena, *name)));
	return NULL;
}

struct err *shared_sweep(struct store *s, struct shared_stats *out)
{
	ARENA_SCOPE(tmp);
	struct sweep w = { .arena = tmp, .fd = store_shared_fd(s) };
	path_vec keys = { 0 };

	*out = (struct shared_stats){ 0 };
	if (w.fd < 0)
		return NULL;
	if (flock(w.fd, LOCK_EX | LOCK_NB) != 0)
		return store_is_busy();
	w.place = str_concat(tmp, store_shared_path(tmp, s), S("/"));
	map_init(&w.used, tmp);
	TRY(remove_leftovers(&w));
	TRY(add_projects(&w));
	TRY(list_keys(tmp, w.fd, ".", &keys));
	VEC_EACH (str, key, &keys) {
		if (map_has(&w.used, *key)) {
			out->kept++;
			continue;
		}
		TRY(remove_entry(&w, *key));
		out->removed++;
	}
	out->projects = w.nprojects;
	return NULL;
}
