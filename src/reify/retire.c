/* SPDX-License-Identifier: MIT
 * Nothing is deleted while anything can still fail. What has to go is renamed into
 * node_modules/.cpm-trash-*, numbered; undoing is renaming it back, in reverse. Deleting comes
 * last, on the workers: on ext4, creating files right after deleting as many is twenty times slower
 * than the other way round (architecture.md 6). */
#include "early_priv.h"
#include "state_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/base/trace.h"

#include <errno.h>
#include <sys/random.h>

#define TRASH_PREFIX "node_modules/.cpm-trash-"
#define OWN_PREFIX   ".cpm-"

/* ---- moving aside ---- */

static struct err *open_trash(struct run *r)
{
	uint32_t random = 0;

	if (r->trash.fd >= 0)
		return NULL;
	do {
		(void)!getrandom(&random, sizeof(random), 0);
		r->trash.path = run_path(r, str_printf(r->arena, TRASH_PREFIX "%08x", random));
	} while (mkdirat(r->dirfd, r->trash.path, 0700) < 0 && errno == EEXIST);
	r->trash.fd = fs_open_beneath(r->dirfd, r->trash.path, O_RDONLY | O_DIRECTORY, 0);
	return r->trash.fd < 0 ? err_sys(errno, "mkdir", str_view(r->trash.path)) : NULL;
}

/* Renames @path to @name in the trash. True when it was there. */
static struct err *move_into_trash(struct run *r, const char *path, const char *name,
				   bool *was_there)
{
	const char *base;
	AUTO_FD parent = fs_parent_beneath(r->dirfd, path, &base);

	*was_there = false;
	if (parent >= 0 && renameat(parent, base, r->trash.fd, name) == 0) {
		*was_there = true;
		return NULL;
	}
	if (errno == ENOENT)
		return NULL;
	if (errno != EXDEV && errno != EBUSY)
		return err_sys(errno, "rename", str_view(path));
	/* Another file system, or a lower layer of an overlay: it cannot be kept for undoing (F15).
	 */
	log_verbose("reify", "cannot move %s aside: removing it", path);
	return fs_remove_tree(r->dirfd, path);
}

static struct err *retire_named(struct run *r, const char *path, const char **name)
{
	bool was_there;

	TRY(open_trash(r));
	*name = run_path(r, str_printf(r->arena, "%zu", r->trash.next_name++));
	TRY(move_into_trash(r, path, *name, &was_there));
	if (was_there)
		VEC_PUSH(r->arena, &r->trash.moved, (struct moved){ path, *name });
	return NULL;
}

struct err *retire_path(struct run *r, const char *path)
{
	const char *name;

	return retire_named(r, path, &name);
}

static struct err *retire_node(struct run *r, struct node *n)
{
	const char *name;

	TRY(bins_retire(r, n));
	TRY(retire_named(r, run_path(r, n->location), &name));
	map_put(&r->host_names, n->location, (void *)name);
	return NULL;
}

/* ---- everything, for ci ---- */

static struct err *retire_content(struct run *r, str dir)
{
	VEC(const char *) found = { 0 };
	AUTO_DIR it = { 0 };
	const char *path = run_path(r, dir);

	if (!fs_is_dir(r->dirfd, path))
		return NULL;
	TRY(dir_open(r->dirfd, path, &it));
	while (dir_next(&it))
		if (!str_starts(str_view(it.name), S(OWN_PREFIX)))
			VEC_PUSH(r->arena, &found,
				 run_path(r, path_join(r->arena, dir, str_view(it.name))));
	if (it.err) {
		struct err *err = it.err;

		it.err = NULL;
		return err;
	}
	VEC_EACH (const char *, entry, &found)
		TRY(retire_path(r, *entry));
	return NULL;
}

/* The folder itself stays, as npm leaves it: it may be a mount point. */
static struct err *retire_everything(struct run *r)
{
	TRY(retire_content(r, S("node_modules")));
	VEC_EACH (struct workspace, w, &r->ideal->workspaces) {
		str folder = path_relative(r->arena, r->ideal->path, w->path);

		TRY(retire_content(r, path_join(r->arena, folder, S("node_modules"))));
	}
	return NULL;
}

/* ... but what was found to be right. */
static struct err *retire_extra(struct run *r)
{
	VEC_EACH (const char *, path, &r->extra)
		TRY(retire_path(r, *path));
	return NULL;
}

static void remove_empty_folders(struct run *r, str dir, size_t min_len)
{
	for (; dir.len >= min_len; dir = path_dirname(dir))
		if (unlinkat(r->dirfd, run_path(r, dir), AT_REMOVEDIR) < 0)
			return;
}

/* Linked layouts are tidied up where others are not: scopes that nothing is left in go, and with
 * the last linked layout the store itself. */
static void tidy_linked(struct run *r)
{
	size_t store_len = sizeof(NODE_STORE) - 1 + r->ideal->is_isolated;

	VEC_EACH (struct node *, n, &r->retired) {
		str above = path_dirname((*n)->location);

		if (node_is_store_entry(*n))
			remove_empty_folders(r, above, store_len);
		else if (r->ideal->is_isolated && str_starts((*n)->name, S("@")))
			remove_empty_folders(r, above, above.len);
	}
}

/* ---- and back ---- */

static const char *comeback_source(struct run *r, const struct comeback *c)
{
	const char *host = map_get(&r->host_names, c->host->location);

	return run_path(r, str_printf(r->arena, "%s/%s", host, c->from));
}

static struct err *bring_back(struct run *r, struct comeback *c)
{
	TRY_AS(fs_mkdirs_beneath(r->dirfd, run_path(r, path_dirname(str_view(c->to)))) < 0
		       ? err_sys(errno, "mkdir", path_dirname(str_view(c->to)))
		       : NULL,
	       "cannot keep %s", c->to);
	TRY(fs_rename(r->trash.fd, comeback_source(r, c), r->dirfd, c->to));
	c->is_back = true;
	return NULL;
}

struct err *retire_all(struct run *r)
{
	if (r->is_proof)
		return retire_extra(r);
	if (r->opts->replace_all)
		return retire_everything(r);
	for (size_t i = 0; i < r->retired.len; i++)
		TRY(retire_node(r, r->retired.items[i]));
	VEC_EACH (struct comeback, c, &r->comebacks)
		TRY(bring_back(r, c));
	return NULL;
}

/* ---- undoing ---- */

static void report(struct err *err)
{
	ARENA_SCOPE(tmp);

	if (err)
		log_warn("cleanup", STR_FMT, STR_ARG(err_text(tmp, err)));
	err_free(err);
}

/* Takes away folders that this run made and that are empty now: scopes, nested node_modules. */
static void remove_empty_parents(struct run *r, const char *path)
{
	for (str dir = path_dirname(str_view(path)); dir.len > sizeof("node_modules");
	     dir = path_dirname(dir))
		if (unlinkat(r->dirfd, run_path(r, dir), AT_REMOVEDIR) < 0)
			return;
}

static void undo_units(struct run *r)
{
	VEC_EACH (struct unit *, u, &r->units)
		if ((*u)->is_started)
			report(fs_remove_tree(r->dirfd, (*u)->path));
	VEC_EACH (struct unit *, u, &r->units)
		if ((*u)->is_started)
			remove_empty_parents(r, (*u)->path);
}

/* What stands where something was moved away from was made by this run. */
static bool move_back(struct run *r, const struct moved *m)
{
	struct err *err;

	fs_mkdirs_beneath(r->dirfd, run_path(r, path_dirname(str_view(m->from))));
	report(fs_remove_tree(r->dirfd, m->from));
	err = fs_rename(r->trash.fd, m->name, r->dirfd, m->from);
	report(err);
	return err == NULL;
}

/* False when something had to stay in the trash. */
static bool undo_moves(struct run *r)
{
	bool is_complete = true;

	for (size_t i = r->trash.moved.len; i-- > 0;)
		is_complete &= move_back(r, &r->trash.moved.items[i]);
	r->trash.moved.len = 0;
	return is_complete;
}

/* The trash goes, unless it still holds what could not be moved back. */
static void undo_trash(struct run *r, bool is_complete)
{
	if (r->trash.fd < 0)
		return;
	close(r->trash.fd);
	r->trash.fd = -1;
	if (is_complete)
		report(fs_remove_tree(r->dirfd, r->trash.path));
	else
		log_warn("cleanup", "what could not be put back is in %s", r->trash.path);
}

void retire_undo(struct run *r)
{
	bool is_complete;
	struct stat st;
	TRACE(UNDO);

	VEC_EACH (const char *, link, &r->made_links)
		report(fs_unlink(r->dirfd, *link));
	VEC_EACH (struct comeback, c, &r->comebacks)
		if (c->is_back)
			report(fs_rename(r->dirfd, c->to, r->trash.fd, comeback_source(r, c)));
	undo_units(r);
	VEC_EACH (const char *, link, &r->made_links)
		remove_empty_parents(r, *link);
	is_complete = undo_moves(r);
	undo_trash(r, is_complete);
	if (is_complete)
		report(journal_end(r));
	/* By an empty one, time was told; what was begun early may have made the folder. */
	if (fs_lstat(r->dirfd, STATE_PATH, &st) && st.st_size == 0)
		unlinkat(r->dirfd, STATE_PATH, 0);
	if (r->made_node_modules)
		unlinkat(r->dirfd, "node_modules", AT_REMOVEDIR);
	if (!str_is_null(r->linked_node_modules))
		report(fs_symlink(run_path(r, r->linked_node_modules), r->dirfd, "node_modules"));
}

/* ---- deleting ---- */

struct delete_job {
	struct job job;
	int dirfd;
	const char *name;
	struct err *err;
};

static void *delete_run(void *arg, struct arena *scratch)
{
	struct delete_job *d = arg;

	(void)scratch;
	TRACE(TRASH);
	d->err = fs_remove_tree(d->dirfd, d->name);
	return &d->job;
}

static void delete_settle(struct run *r, struct job *job)
{
	struct delete_job *d = (struct delete_job *)job;

	(void)r;
	report(d->err);
}

static void delete_later(struct run *r, int dirfd, const char *name)
{
	struct delete_job *d = ARENA_NEW(r->arena, struct delete_job);

	*d = (struct delete_job){ { delete_settle }, dirfd, name, NULL };
	if (r->opts->pool)
		pool_send(r->opts->pool, delete_run, d);
	else
		delete_settle(r, delete_run(d, NULL));
}

void retire_delete_begin(struct run *r)
{
	str unused = early_stop(r->opts->early);

	tidy_linked(r);
	VEC_EACH (struct moved, m, &r->trash.moved)
		delete_later(r, r->trash.fd, m->name);
	if (!str_is_null(unused))
		delete_later(r, r->dirfd,
			     run_path(r, str_printf(r->arena, "node_modules/" STR_FMT,
						    STR_ARG(unused))));
}

void retire_delete_finish(struct run *r)
{
	fetch_drain(r);
	early_sweep(r->opts->early);
	if (r->trash.fd < 0)
		return;
	close(r->trash.fd);
	r->trash.fd = -1;
	report(fs_remove_tree(r->dirfd, r->trash.path));
}

static bool is_leftover(str name)
{
	return str_starts(name, S(".cpm-trash-")) || str_starts(name, S(EARLY_PREFIX));
}

void retire_sweep(int dirfd, str keep)
{
	ARENA_SCOPE(tmp);
	AUTO_DIR it = { 0 };
	VEC(str) found = { 0 };

	if (!fs_is_dir(dirfd, "node_modules"))
		return;
	report(dir_open(dirfd, "node_modules", &it));
	while (it.dir && dir_next(&it))
		if (is_leftover(str_view(it.name)) && !str_eq(str_view(it.name), keep))
			VEC_PUSH(tmp, &found, str_printf(tmp, "node_modules/%s", it.name));
	VEC_EACH (str, path, &found)
		report(fs_remove_tree(dirfd, str_cstr(tmp, *path)));
}
