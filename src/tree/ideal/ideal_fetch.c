/* SPDX-License-Identifier: MIT
 * From a spec to a node: the policy gates, links to folders, workspaces, and manifests out of
 * packuments. What cannot be had does not end the run here: it becomes a node that remembers its
 * failure, since an optional dependency may do without it (npm-tree.md 8.10). */
#include "ideal_priv.h"

#include "cpm/base/path.h"

#include <fcntl.h>

/* ---- manifests ---- */

struct err *ideal_pick_manifest(struct ideal *b, const struct packument *p, const struct spec *spec,
				struct manifest **out)
{
	ARENA_SCOPE(tmp);
	struct pick_opts pick = pick_opts_for(&b->opts->pick, spec->name);
	const struct packument_version *v;
	str key, text;

	if (b->opts->audit)
		pick.avoid = audit_avoid(b->opts->audit, spec->name);
	TRY(pick_version(p, spec, &pick, &v));
	key = str_printf(tmp, STR_FMT "@" STR_FMT, STR_ARG(p->name), STR_ARG(v->version));
	*out = map_get(&b->parsed, key);
	if (*out)
		return NULL;
	TRY(packument_manifest(p, v, &text));
	/* Copied: the packument may be let go before the tree is. */
	TRY(manifest_from_text(b->arena, str_dup(b->arena, text), out));
	b->work.manifests++;
	map_put(&b->parsed, str_dup(b->arena, key), *out);
	return NULL;
}

struct err *ideal_fetch_manifest(struct ideal *b, const struct spec *spec, struct manifest **out)
{
	ARENA_SCOPE(tmp);
	str key = spec_format(tmp, spec);
	const struct spec *target = spec_target(spec);
	const struct packument *p;

	*out = map_get(&b->manifests, key);
	if (*out)
		return NULL;
	struct err *failure = prefetch_get(&b->prefetch, target->name, &p);
	if (failure) {
		/* One name may be asked for by several specs: the message names the one at hand. */
		struct err *e = source_failure_copy(failure, spec_format(tmp, target));
		err_free(failure);
		return e;
	}
	TRY(ideal_pick_manifest(b, p, target, out));
	map_put(&b->manifests, str_dup(b->arena, key), *out);
	prefetch_manifest(&b->prefetch, *out, false);
	return NULL;
}

/* ---- nodes ---- */

static struct node *failure_node(struct ideal *b, struct node *vr, const struct edge *edge,
				 struct err *failure)
{
	struct node *n = node_new(b->tree->arena, edge->name,
				  ARENA_NEW(b->tree->arena, struct manifest));

	n->load_failure = failure;
	VEC_PUSH(b->arena, &b->errors, failure);
	node_set_parent(n, vr);
	return n;
}

/* The policy for this kind of spec; null: none. */
static str allow_policy(const struct ideal_opts *o, enum spec_type type, const char **word,
			enum err_code *code)
{
	const struct {
		enum spec_type type;
		str policy;
		const char *word;
		enum err_code code;
	} rows[] = {
		{ SPEC_GIT, o->allow_git, "git", E_ALLOW_GIT },
		{ SPEC_REMOTE, o->allow_remote, "remote", E_ALLOW_REMOTE },
		{ SPEC_FILE, o->allow_file, "file", E_ALLOW_FILE },
		{ SPEC_DIRECTORY, o->allow_directory, "directory", E_ALLOW_DIRECTORY },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].type == type) {
			*word = rows[i].word;
			*code = rows[i].code;
			return rows[i].policy;
		}
	return STR_NULL;
}

/* Who really asks: virtual roots stand for somebody else. */
static const struct node *requester(const struct edge *edge)
{
	return edge->from->stands_for ? edge->from->stands_for : edge->from;
}

/* The project itself or a member of it asks. */
static bool is_own(const struct edge *edge)
{
	const struct node *from = requester(edge);

	return from->is_root || node_is_workspace(from);
}

static struct err *refuse(const struct spec *spec, enum err_code code, str policy, const char *word)
{
	ARENA_SCOPE(tmp);

	return err_detail(err_new(code, "Fetching%s packages of type \"%s\" have been disabled",
				  str_eq(policy, S("root")) ? " non-root" : "", word),
			  "Refusing to fetch \"" STR_FMT "\"",
			  STR_ARG(spec_format_full(tmp, spec)));
}

/* What came from elsewhere may not reach for files of this machine beyond its own folder, where npm
 * makes a link that leaves the project (T17). */
static bool leaves_its_package(const struct spec *spec, const struct edge *edge)
{
	const struct node *from = requester(edge);

	if ((spec->type != SPEC_FILE && spec->type != SPEC_DIRECTORY) || node_is_top(from) ||
	    str_starts(from->resolved, S("file:")))
		return false;
	/* Overrides are the project's own word. */
	if (!str_eq(edge_spec_text(edge), edge->raw_spec))
		return false;
	return str_is_null(from->real_path) || !path_is_under(spec->fetch_spec, from->real_path);
}

/* The project's policy names this source. */
static bool is_excepted(const struct ideal_opts *o, const struct spec *spec)
{
	enum policy_kind kind = spec->type == SPEC_GIT ? POLICY_GIT : POLICY_REMOTE;
	str address = spec->save_spec.len ? spec->save_spec : spec->raw;

	return (spec->type == SPEC_GIT || spec->type == SPEC_REMOTE) &&
	       policy_use(o->exceptions, kind, address, STR_NULL);
}

struct err *ideal_check_allowed(struct ideal *b, const struct spec *spec, bool by_project)
{
	const char *word = "";
	enum err_code code = E_GENERIC;
	str policy = allow_policy(b->opts, spec->type, &word, &code);

	if (str_is_empty(policy) || str_eq(policy, S("all")) ||
	    (!str_eq(policy, S("none")) && by_project) || is_excepted(b->opts, spec))
		return NULL;
	return refuse(spec, code, policy, word);
}

static struct err *check_allowed(struct ideal *b, const struct spec *spec, const struct edge *edge)
{
	const char *word = "";
	enum err_code code = E_GENERIC;

	if (leaves_its_package(spec, edge)) {
		allow_policy(b->opts, spec->type, &word, &code);
		return refuse(spec, code, S("root"), word);
	}
	return ideal_check_allowed(b, spec, is_own(edge));
}

static struct node *link_to(struct ideal *b, const struct spec *spec, struct node *vr,
			    const struct edge *edge)
{
	struct arena *a = b->tree->arena;
	struct node *link = node_new_link(a, edge->name, spec->fetch_spec);
	struct manifest *m;
	struct err *failure = manifest_read(a, AT_FDCWD, str_cstr(a, spec->fetch_spec), &m, NULL);

	if (failure) {
		err_ignore(failure);
		m = ARENA_NEW(a, struct manifest);
	}
	link->manifest = m;
	prefetch_manifest(&b->prefetch, m, true);
	if (!str_eq(spec->fetch_spec, vr->tree->path))
		node_set_target(link, node_new(a, edge->name, m));
	node_set_parent(link, vr);
	ideal_note_link(b, link);
	return link;
}

/* The spec leads into the project: linked even where folders are copied. */
static bool is_inside_project(struct ideal *b, const struct spec *spec, const struct edge *edge)
{
	return (str_starts(edge->raw_spec, S("file:../")) ||
		str_starts(edge->raw_spec, S("file:./"))) &&
	       path_is_under(spec->fetch_spec, b->tree->path);
}

/* A package that was copied out of a folder has what it links to copied as well. */
static bool is_copied(const struct ideal *b, const struct edge *edge)
{
	return b->opts->install_links && str_starts(requester(edge)->resolved, S("file:"));
}

static struct err *package_node(struct ideal *b, struct node *vr, const struct edge *edge,
				struct manifest *m, struct node **out)
{
	struct manifest *repaired;
	struct json *repair;
	struct node *n;

	TRY(package_extensions_apply(b->tree->arena, b->extensions, m, &repaired, &repair));
	if (repair)
		prefetch_manifest(&b->prefetch, repaired, false);
	n = node_new(b->tree->arena, edge->name, repaired);
	n->extended_by = repair;
	n->resolved = m->tarball;
	n->integrity = m->integrity;
	n->has_install_script = manifest_runs_install_script(m);
	node_set_parent(n, vr);
	*out = n;
	return NULL;
}

/* The workspace of this name, when it will do; NULL otherwise. */
static struct node *fitting_workspace(struct ideal *b, const struct edge *edge)
{
	struct edge *own = node_edge(b->tree->root, edge->name);
	struct node *n = own ? own->to : NULL;

	return n && node_is_workspace(n) && edge_is_satisfied_by(edge, n) ? n : NULL;
}

struct err *ideal_node_from_spec(struct ideal *b, const struct spec *spec, struct node *vr,
				 struct edge *edge, struct node **out)
{
	bool is_workspace = tree_has_workspace(b->tree, edge->name);
	struct err *failure = check_allowed(b, spec, edge);
	struct manifest *m;
	str integrity;

	if (failure) {
		*out = failure_node(b, vr, edge, failure);
		return NULL;
	}
	if (spec->type == SPEC_DIRECTORY && !is_copied(b, edge) &&
	    (is_workspace || !b->opts->install_links || is_inside_project(b, spec, edge))) {
		*out = link_to(b, spec, vr, edge);
		return NULL;
	}
	*out = is_workspace ? fitting_workspace(b, edge) : NULL;
	if (*out)
		return NULL;
	TRY(ideal_pin(b, &spec, &integrity));
	failure = check_allowed(b, spec, edge);
	if (!failure)
		failure = spec_is_registry(spec)
				  ? ideal_fetch_manifest(b, spec, &m)
				  : ideal_package_manifest(b, spec, is_own(edge), &m);
	if (!failure && spec_is_registry(spec) && str_is_empty(m->version))
		failure = err_new(E_INCOMPLETE_MANIFEST,
				  "incomplete manifest for " STR_FMT ", missing version",
				  STR_ARG(edge->name));
	if (!failure)
		failure = ideal_check_pin(spec, m, integrity);
	if (!failure)
		return package_node(b, vr, edge, m, out);
	*out = failure_node(b, vr, edge, failure);
	return NULL;
}
