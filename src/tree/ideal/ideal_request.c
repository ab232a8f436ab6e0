/* SPDX-License-Identifier: MIT
 * What the user asks for (npm-tree.md 8.3, 11.2): add, rm and update become edits of manifests in
 * memory and nodes to look at again. The edges of what was added count as explicit requests. Twin
 * of arborist's add-rm-pkg-deps.js and of the request half of build-ideal-tree.js. */
#include "ideal_priv.h"
#include "manifest_edit.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"

/* ---- update ---- */

static struct err *check_bare_name(struct ideal *b, str name, const char *what, const char *command)
{
	ARENA_SCOPE(tmp);
	struct spec *spec;

	TRY(spec_parse_arg(tmp, name, b->tree->path, &spec));
	if (str_eq(spec->name, name))
		return NULL;
	return err_show_as(
		err_new(E_USAGE,
			"%s arguments must only contain package names, eg:\n    npm %s " STR_FMT,
			what, command, STR_ARG(spec->name.len ? spec->name : S("<pkg>"))),
		str_printf(b->arena, "E%sARGS", command[0] == 'r' ? "RM" : "UPDATE"));
}

/* Whoever depends on something of these names, wherever, is looked at again. */
static void queue_updates(struct ideal *b)
{
	for (struct map_iter it = map_iter(&b->tree->inventory); map_next(&it);) {
		struct node *n = it.val;

		if (!map_has(&b->update_names, n->name) || node_is_top(n) || node_in_dep_bundle(n))
			continue;
		for (size_t i = 0; i < n->edges_in.len; i++)
			ideal_queue_push(&b->queue, n->edges_in.items[i]->from);
	}
}

/* Of global packages only those at the top are updated, as if they were asked for. */
static void ask_for_updates(struct ideal *b, const struct node *root)
{
	for (size_t i = 0; i < b->opts->nupdate_names; i++) {
		struct edge *e = node_edge(root, b->opts->update_names[i]);

		if (e)
			e->is_explicit = true;
	}
}

/* ---- add ---- */

/* Where @path is, through links; the path itself when nothing is there. */
static str follow_links(struct arena *a, str path)
{
	str real;
	struct err *e = fs_real_path(a, str_cstr(a, path), &real);

	err_ignore(e);
	return e ? path : real;
}

/* Folders and tarballs are saved relative to the package that gets them, folders by their real path. */
static struct err *relate(struct ideal *b, struct node *owner, struct spec **spec)
{
	struct arena *a = b->arena;
	str name = (*spec)->name;
	str where = (*spec)->fetch_spec;

	if ((*spec)->type != SPEC_FILE && (*spec)->type != SPEC_DIRECTORY)
		return NULL;
	where = follow_links(a, where);
	where = str_concat(a, S("file:"), path_relative(a, owner->path, where));
	return spec_resolve(a, name, where, owner->path, spec);
}

/* What the package calls itself; a folder may leave it to its own name. */
static struct err *find_name(struct ideal *b, struct spec *spec)
{
	struct manifest *m;

	TRY(ideal_check_allowed(b, spec, true));
	if (spec->type == SPEC_DIRECTORY)
		TRY(manifest_read(b->arena, AT_FDCWD, str_cstr(b->arena, spec->fetch_spec), &m,
				  NULL));
	else
		TRY(ideal_package_manifest(b, spec, true, &m));
	spec->name = m->name;
	if (str_is_empty(spec->name) && spec->type == SPEC_DIRECTORY)
		spec->name = path_basename(spec->fetch_spec);
	if (!str_is_empty(spec->name))
		return NULL;
	return err_new(E_BAD_NAME, "the package at '" STR_FMT "' has no name", STR_ARG(spec->raw));
}

/* A tag is looked up now, so that its version is what is asked for; a name is needed in any case.
 */
static struct err *pin_tag(struct ideal *b, struct spec **spec)
{
	struct manifest *m;

	if (str_is_empty((*spec)->name))
		return find_name(b, *spec);
	if ((*spec)->type != SPEC_TAG || str_is_empty((*spec)->raw))
		return NULL;
	TRY(ideal_fetch_manifest(b, *spec, &m));
	return spec_resolve(b->arena, m->name, m->version, b->tree->path, spec);
}

struct err *ideal_add_request(struct ideal *b, struct node *owner, struct spec *spec)
{
	const struct ideal_opts *o = b->opts;

	TRY(pin_tag(b, &spec));
	TRY(relate(b, owner, &spec));
	VEC_PUSH(b->arena, &b->tree->requests,
		 (struct tree_request){ .owner = owner, .name = spec->name, .spec = spec });
	manifest_add_dep(b->arena, owner->manifest, spec->name, spec->raw, o->add_type,
			 o->save_bundle);
	return NULL;
}

/* npm works on all arguments at once: what is clear from its text is added first, then folders,
 * then what has to be asked for. */
static int rank_of(const struct spec *spec)
{
	if (str_is_empty(spec->name) || (spec->type == SPEC_TAG && !str_is_empty(spec->raw)))
		return 2;
	return spec->type == SPEC_DIRECTORY;
}

static struct err *add_all(struct ideal *b, struct node *owner)
{
	ARENA_SCOPE(tmp);
	const struct ideal_opts *o = b->opts;
	str where = str_is_empty(o->cwd) ? b->tree->path : o->cwd;
	VEC(struct spec *) specs = { 0 };

	for (size_t i = 0; i < o->nadd; i++) {
		struct spec *spec;

		TRY(spec_parse_arg(b->arena, o->add[i], where, &spec));
		VEC_PUSH(tmp, &specs, spec);
	}
	for (int rank = 0; rank <= 2; rank++)
		for (size_t i = 0; i < specs.len; i++)
			if (rank_of(specs.items[i]) == rank)
				TRY(ideal_add_request(b, owner, specs.items[i]));
	return NULL;
}

/* ---- one manifest ---- */

static struct err *apply_to(struct ideal *b, struct node *owner)
{
	const struct ideal_opts *o = b->opts;

	if (b->update_names.count && !o->is_global)
		queue_updates(b);
	for (size_t i = 0; i < o->nrm; i++)
		manifest_remove_dep(b->arena, owner->manifest, o->rm[i]);
	TRY(add_all(b, owner));
	if (o->nadd || o->nrm) {
		VEC_PUSH(b->arena, &b->tree->edited, owner);
		node_reload_edges(b->tree, owner);
	}
	VEC_EACH (struct tree_request, r, &b->tree->requests) {
		struct edge *e = r->owner == owner ? node_edge(owner, r->name) : NULL;

		if (e)
			e->is_explicit = true;
	}
	if (o->is_global)
		ask_for_updates(b, owner);
	ideal_queue_push(&b->queue, owner);
	return NULL;
}

/* By its folder: before the first install no link leads to a member. */
static struct node *find_workspace(struct ideal *b, str name)
{
	ARENA_SCOPE(tmp);

	VEC_EACH (struct workspace, w, &b->tree->workspaces)
		if (str_eq(w->name, name))
			return tree_at(b->tree, path_relative(tmp, b->tree->path, w->path));
	return NULL;
}

struct err *ideal_apply_requests(struct ideal *b)
{
	const struct ideal_opts *o = b->opts;

	for (size_t i = 0; i < o->nupdate_names; i++)
		TRY(check_bare_name(b, o->update_names[i], "Update", "update"));
	for (size_t i = 0; i < o->nrm; i++)
		TRY(check_bare_name(b, o->rm[i], "Remove", "rm"));
	TRY(ideal_request_fixes(b));
	if (!o->nworkspaces)
		return apply_to(b, b->tree->root);
	for (size_t i = 0; i < o->nworkspaces; i++) {
		struct node *member = find_workspace(b, o->workspaces[i]);

		if (member)
			TRY(apply_to(b, member));
	}
	return o->include_root ? apply_to(b, b->tree->root) : NULL;
}
