/* SPDX-License-Identifier: MIT
 * Store entries of a linked layout that projects share (ADR 12). What is in the shared place
 * already is linked to; what is not is built in the project like any other entry, and moved there
 * when it is complete, before any script runs:
 *
 *   plan                 which entries are there; what is in those needs no work
 *   after moving aside   links to them
 *   after linking        the others' own commands, then into the place, then links to those too
 *
 * An entry that cannot be what its key says (an optional package that could not be had, scripts
 * that the lockfile did not know of) stays a folder of the project, and with it all that lead to
 * it. */
#include "reify_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/store/shared.h"

#include <errno.h>

/* ---- what there is ---- */

struct shared_entry *shared_entry_of(const struct run *r, const struct node *n)
{
	const struct node *holder = n ? n->parent : NULL;

	return holder && holder->is_shared && r->shared.len
		       ? map_get(&r->shared_by_location, holder->location)
		       : NULL;
}

static struct shared_entry *add_entry(struct run *r, struct node *holder)
{
	struct shared_entry *e = map_get(&r->shared_by_location, holder->location);

	if (e)
		return e;
	e = ARENA_NEW(r->arena, struct shared_entry);
	e->node = holder;
	e->path = run_path(r, holder->location);
	e->key = e->path + sizeof(NODE_STORE "/") - 1;
	VEC_PUSH(r->arena, &r->shared, e);
	map_put(&r->shared_by_location, holder->location, e);
	return e;
}

/* The package in the entry; what else is in it are links. */
static struct unit *package_of(const struct shared_entry *e)
{
	VEC_EACH (struct unit *, u, &e->units)
		if (!(*u)->node->is_link)
			return *u;
	return NULL;
}

static bool find_row(struct run *r, const struct node *n, struct package_row *row)
{
	struct integrity integrity;

	integrity_parse(r->arena, n->integrity, &integrity);
	for (size_t i = 0; i < integrity.count; i++)
		if (integrity.items[i].algo == integrity.strongest &&
		    store_get_row(r->opts->store, r->arena, &integrity.items[i], row))
			return true;
	return false;
}

static bool is_sound(struct run *r, const struct shared_entry *e)
{
	const struct unit *package = package_of(e);
	struct package_row row;

	switch (shared_look(r->shared_fd, e->key)) {
	case SHARED_ABSENT:
		return false;
	case SHARED_SOUND:
		return true;
	case SHARED_DUE:
		break;
	}
	if (package && find_row(r, package->node, &row) &&
	    shared_prove(r->shared_fd, e->key, package->node->name, &row))
		return true;
	log_warn("shared", "%s was changed since it was installed: it is made anew", e->key);
	return false;
}

/* Behind a link to what is not sound, nothing stays. */
static void add_missing_units(struct run *r, struct shared_entry *e)
{
	for (struct map_iter it = map_iter(&e->node->children); map_next(&it);) {
		struct node *n = it.val;

		if (plan_unit_of(r, n) || n->inert)
			continue;
		plan_add_unit(r, n);
		VEC_PUSH(r->arena, &e->units, VEC_LAST(&r->units));
	}
}

static void plan_entry(struct run *r, struct shared_entry *e)
{
	struct stat st;

	e->is_there = is_sound(r, e);
	if (!e->is_there && fs_lstat(r->dirfd, e->path, &st) && S_ISLNK(st.st_mode))
		add_missing_units(r, e);
	for (size_t i = 0; e->is_there && i < e->units.len; i++)
		e->units.items[i]->is_proven = e->units.items[i]->is_done = true;
}

void shared_plan(struct run *r)
{
	map_init(&r->shared_by_location, r->arena);
	r->shared_fd = -1;
	for (size_t i = 0; i < r->units.len; i++) {
		struct unit *u = r->units.items[i];

		if (u->node->parent && u->node->parent->is_shared)
			VEC_PUSH(r->arena, &add_entry(r, u->node->parent)->units, u);
	}
	if (r->shared.len)
		r->shared_fd = store_shared_fd(r->opts->store);
	if (r->shared_fd < 0) {
		r->shared.len = 0;
		return;
	}
	r->shared_path = store_shared_path(r->arena, r->opts->store);
	VEC_EACH (struct shared_entry *, e, &r->shared)
		plan_entry(r, *e);
}

bool shared_is_elsewhere(const struct run *r, const struct node *n)
{
	const struct shared_entry *e = shared_entry_of(r, n);

	return e && e->is_there;
}

bool shared_is_behind_link(struct run *r, const struct node *n)
{
	struct stat st;

	return n->parent && node_is_store_entry(n->parent) &&
	       fs_lstat(r->dirfd, run_path(r, n->parent->location), &st) && S_ISLNK(st.st_mode);
}

bool shared_goes_there(const struct run *r, const struct shipment *s)
{
	for (size_t i = 0; i < s->units.len; i++)
		if (shared_entry_of(r, s->units.items[i]->node))
			return true;
	return false;
}

/* ---- links ---- */

static bool leads_to(struct run *r, const char *path, str want)
{
	str target;
	struct err *err = fs_read_link(r->arena, r->dirfd, path, &target);

	err_ignore(err);
	return !err && str_eq(target, want);
}

static int make_link(struct run *r, const char *path, str target)
{
	const char *name;
	AUTO_FD parent = fs_parent_beneath(r->dirfd, path, &name);

	return parent < 0 ? -1 : symlinkat(run_path(r, target), parent, name);
}

static struct err *link_entry(struct run *r, struct shared_entry *e)
{
	str target = str_printf(r->arena, STR_FMT "/%s", STR_ARG(r->shared_path), e->key),
	    folder = path_dirname(str_view(e->path));

	if (make_link(r, e->path, target) != 0) {
		if (errno == EEXIST && leads_to(r, e->path, target))
			return NULL;
		if (errno == ENOENT && fs_mkdirs_beneath(r->dirfd, run_path(r, folder)) < 0)
			return err_sys(errno, "mkdir", folder);
		if (errno == EEXIST)
			TRY(retire_path(r, e->path));
		if (make_link(r, e->path, target) != 0)
			return err_sys(errno, "symlink", str_view(e->path));
	}
	VEC_PUSH(r->arena, &r->made_links, e->path);
	return NULL;
}

/* A link to what is not there any more would be in the way of the folder that is built. */
static struct err *clear_entry(struct run *r, struct shared_entry *e)
{
	struct stat st;

	return fs_lstat(r->dirfd, e->path, &st) && S_ISLNK(st.st_mode) ? retire_path(r, e->path)
								       : NULL;
}

struct err *shared_link(struct run *r)
{
	VEC_EACH (struct shared_entry *, e, &r->shared)
		TRY((*e)->is_there ? link_entry(r, *e) : clear_entry(r, *e));
	if (r->shared.len)
		shared_note_project(r->shared_fd, r->ideal->path);
	return NULL;
}

/* ---- what goes into the place ---- */

/* All of it was made in this run, and is what its key says. */
static bool is_complete(const struct run *r, const struct shared_entry *e)
{
	if (e->is_there || e->units.len != e->node->children.count)
		return false;
	VEC_EACH (struct unit *, u, &e->units)
		if (!(*u)->is_done || (*u)->is_dropped || (*u)->node->inert ||
		    scripts_will_run(r, *u))
			return false;
	return true;
}

/* Where a link leads must be in the place too, or go there. */
static bool leads_astray(struct run *r, const struct node *link)
{
	const struct node *target = link->target;
	const struct shared_entry *e = target ? shared_entry_of(r, target) : NULL;

	if (e)
		return !e->is_there && !e->goes_there;
	return !target || !target->parent || !shared_is_behind_link(r, target);
}

static bool stays(struct run *r, const struct shared_entry *e)
{
	VEC_EACH (struct unit *, u, &e->units)
		if ((*u)->node->is_link && leads_astray(r, (*u)->node))
			return true;
	return false;
}

static void choose(struct run *r)
{
	bool has_changed = true;

	VEC_EACH (struct shared_entry *, e, &r->shared)
		(*e)->goes_there = is_complete(r, *e);
	while (has_changed) {
		has_changed = false;
		VEC_EACH (struct shared_entry *, e, &r->shared) {
			if (!(*e)->goes_there || !stays(r, *e))
				continue;
			(*e)->goes_there = false;
			has_changed = true;
		}
	}
}

/* From here on undoing the run must not reach into it. */
static void hand_over(struct shared_entry *e)
{
	e->is_there = true;
	VEC_EACH (struct unit *, u, &e->units)
		(*u)->is_started = false;
}

static struct err *move_entry(struct run *r, struct shared_entry *e)
{
	const char *name;
	AUTO_FD parent = fs_parent_beneath(r->dirfd, e->path, &name);

	if (parent < 0)
		return err_sys(errno, "open", str_view(e->path));
	TRY(shared_put(r->shared_fd, e->key, parent, name));
	hand_over(e);
	return link_entry(r, e);
}

static struct err *move_all(struct run *r)
{
	TRY(bins_link_shared(r));
	VEC_EACH (struct shared_entry *, e, &r->shared)
		if ((*e)->goes_there)
			TRY(move_entry(r, *e));
	return NULL;
}

/* Commands in entries that were moved are not the run's to undo any more. */
static void forget_links(struct run *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->made_links.len; i++) {
		str path = str_view(r->made_links.items[i]);
		size_t end = str_find(str_from(path, sizeof("node_modules")), S("/node_modules/"));
		const struct shared_entry *e = end == STR_NPOS
						       ? NULL
						       : map_get(&r->shared_by_location,
								 str_slice(path, 0,
									   sizeof("node_modules") +
										   end));

		if (!e || !e->is_there)
			r->made_links.items[kept++] = r->made_links.items[i];
	}
	r->made_links.len = kept;
}

struct err *shared_publish(struct run *r)
{
	struct err *err;

	if (!r->shared.len)
		return NULL;
	choose(r);
	err = move_all(r);
	forget_links(r);
	TRY(err);
	VEC_EACH (struct shared_entry *, e, &r->shared)
		if ((*e)->goes_there)
			TRY(shared_stamp(r->shared_fd, (*e)->key));
	return NULL;
}
