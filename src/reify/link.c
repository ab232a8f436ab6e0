/* SPDX-License-Identifier: MIT
 * Workspaces and linked folders: a relative symbolic link each (npm-tree.md 13.3). Made after the
 * packages, so that a link never stands where a folder is still to be written. */
#include "reify_priv.h"

#include "cpm/base/event.h"
#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/path.h"
#include "cpm/base/trace.h"

#include <errno.h>

static int make_link(struct run *r, const char *path, const char *target)
{
	const char *name;
	AUTO_FD parent = fs_parent_beneath(r->dirfd, path, &name);

	return parent < 0 ? -1 : symlinkat(target, parent, name);
}

static struct err *link_unit(struct run *r, struct unit *u)
{
	str folder = path_dirname(str_view(u->path));
	const char *target = run_path(
		r, path_relative(r->arena, path_dirname(u->node->path), u->node->real_path));

	u->is_started = true;
	if (make_link(r, u->path, target) == 0)
		return NULL;
	if (errno == ENOENT && fs_mkdirs_beneath(r->dirfd, run_path(r, folder)) < 0)
		return err_sys(errno, "mkdir", folder);
	if (errno == EEXIST)
		TRY(retire_path(r, u->path));
	return make_link(r, u->path, target) == 0 ? NULL
						  : err_sys(errno, "symlink", str_view(u->path));
}

/* An optional package that could not be had is not linked to either. */
static bool leads_nowhere(const struct run *r, const struct node *link)
{
	const struct unit *target = link->target ? plan_unit_of(r, link->target) : NULL;

	return target && target->is_dropped;
}

struct err *link_all(struct run *r)
{
	TRACE(LINK);

	VEC_EACH (struct unit *, u, &r->units) {
		if (!(*u)->node->is_link || (*u)->is_dropped || (*u)->is_proven)
			continue;
		if (leads_nowhere(r, (*u)->node)) {
			(*u)->node->inert = true;
			continue;
		}
		TRY(link_unit(r, *u));
		(*u)->is_done = true;
		event_emit(&(struct event){ .kind = EVENT_PACKAGE_DONE, .name = (*u)->node->name });
	}
	return NULL;
}
