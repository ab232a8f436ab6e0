/* SPDX-License-Identifier: MIT
 * At the end of a run: what the next one may rely on. Whether the next run would have nothing to
 * do, and what it would say, is known for certain when this run had nothing to do. After a run that
 * did change something it is foreseen, in the plain cases; in all others the next run goes the long
 * way and settles it. */
#include "install_stages.h"
#include "noop.h"

#include "cpm/base/path.h"
#include "cpm/base/trace.h"

#define LOCK_NAME   "package-lock.json"
#define NSEC_PER_MS 1000000
/* By how much a file's time may lag behind the clock that we read. */
#define CLOCK_LAG_MS 20

typedef VEC(struct state_fact) fact_vec;

/* ---- is there anything left to do? ---- */

bool noop_has_own_scripts(const struct manifest *m)
{
	static const char *const events[] = { "preinstall",      "install",         "postinstall",
					      "prepublish",      "preprepare",      "prepare",
					      "postprepare",     "predependencies", "dependencies",
					      "postdependencies" };
	const struct json *scripts = json_get(m->json, "scripts");

	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		if (!str_is_null(json_get_text(scripts, events[i])))
			return true;
	return false;
}

/* The project's own scripts, and its members', run at every install. */
static bool runs_scripts(const struct install *in)
{
	if (cfg_bool(in->ctx->cfg, CFG_IGNORE_SCRIPTS))
		return false;
	for (size_t i = 0; i < in->ideal->tops.len; i++) {
		const struct node *n = in->ideal->tops.items[i];
		const struct manifest *m = n->is_root ? in->ctx->manifest : n->manifest;

		if (noop_has_own_scripts(m))
			return true;
	}
	return false;
}

static bool has_bad_edges(const struct tree *t)
{
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		const struct node *n = it.val;

		for (struct map_iter e = map_iter(&n->edges_out); map_next(&e);)
			if (!edge_is_valid(e.val))
				return true;
	}
	return false;
}

/* Warnings of a run that changed something: those it would not repeat go. False when one is there
 * of which that is not known. */
static bool foresee_warnings(struct install *in)
{
	struct noop *noop = &in->noop;
	size_t kept = 0;

	for (size_t i = 0; i < noop->warnings.len; i++) {
		struct noop_warning *w = &noop->warnings.items[i];

		if (str_eq(w->title, S("EBADENGINE")))
			noop->warnings.items[kept++] = *w;
		else if (!str_eq(w->title, S("deprecated")))
			return false;
	}
	noop->warnings.len = kept;
	/* The next run meets the packages in the order of the lockfile. */
	return in->is_lock_kept || (kept <= 1 && in->result.blocked.len <= 1);
}

/* A dependency that was made an optional one is in both sections of the lockfile, as npm writes it,
 * until the next run has read package.json. */
static bool has_stale_sections(const struct tree *t)
{
	for (size_t i = 0; i < t->tops.len; i++) {
		const struct manifest *m = t->tops.items[i]->manifest;

		for (size_t k = 0; k < m->optional_deps.count; k++)
			if (!str_is_null(
				    manifest_dep_spec(&m->deps, m->optional_deps.items[k].name)))
				return true;
	}
	return false;
}

static bool is_settled(struct install *in)
{
	if (!in->saves_lock || in->is_partial || in->ctx->manifest->dev_engines || runs_scripts(in))
		return false;
	/* No fact is kept of the patches' files. */
	if (json_get(in->ctx->manifest->json, "patchedDependencies"))
		return false;
	if (in->diff->count == 0 && in->is_lock_kept)
		return true;
	/* Keys of a store follow the order of dependencies, which is another one in the lockfile.
	 */
	if (in->disk->is_isolated)
		return false;
	return in->result.dropped == 0 && foresee_warnings(in) && !has_bad_edges(in->ideal) &&
	       !has_stale_sections(in->ideal);
}

/* ---- files ---- */

static void add_fact(struct install *in, fact_vec *facts, str path)
{
	VEC_PUSH(in->ctx->arena, facts, state_see(in->ctx->dirfd, path));
}

/* False when the file is not what this run read or wrote. */
static bool add_known(struct install *in, fact_vec *facts, const struct state_fact *seen,
		      bool was_written)
{
	if (was_written)
		add_fact(in, facts, seen->path);
	else if (state_is_still(in->ctx->dirfd, seen))
		VEC_PUSH(in->ctx->arena, facts, *seen);
	else
		return false;
	return true;
}

static bool add_lockfile(struct install *in, fact_vec *facts)
{
	if (!add_known(in, facts, &in->noop.lockfile, !in->is_lock_kept))
		return false;
	return in->is_lock_kept || str_is_null(in->lock_text) ||
	       fingerprint_eq(VEC_LAST(facts).content, fingerprint_of(in->lock_text));
}

/* With a binding.gyp there is something to build. */
static bool add_build_file(struct install *in, fact_vec *facts, str folder)
{
	add_fact(in, facts, path_join(in->ctx->arena, folder, S("binding.gyp")));
	return VEC_LAST(facts).kind == STATE_ABSENT || cfg_bool(in->ctx->cfg, CFG_IGNORE_SCRIPTS);
}

/* A member's package.json was read at some moment of this run: it may not have changed since the
 * run began. */
static bool add_member(struct install *in, fact_vec *facts, const struct node *n)
{
	int64_t begin_ns = (in->ctx->started_ms - CLOCK_LAG_MS) * NSEC_PER_MS;
	const struct state_fact *fact;

	add_fact(in, facts, path_join(in->ctx->arena, n->location, S("package.json")));
	fact = &VEC_LAST(facts);
	if (fact->kind == STATE_FILE && MAX(fact->mtime_ns, fact->ctime_ns) >= begin_ns)
		return false;
	return add_build_file(in, facts, n->location);
}

static bool add_members(struct install *in, fact_vec *facts)
{
	for (size_t i = 0; i < in->ideal->tops.len; i++) {
		const struct node *n = in->ideal->tops.items[i];

		if (!n->is_root && !n->is_link && !add_member(in, facts, n))
			return false;
	}
	return true;
}

/* The run may have saved what was added to the project's own package.json. */
static bool add_manifest(struct install *in, fact_vec *facts)
{
	bool was_edited = false;

	for (size_t i = 0; i < in->ideal->edited.len; i++) {
		if (!in->ideal->edited.items[i]->is_root)
			return false;
		was_edited = true;
	}
	return add_known(in, facts, &in->noop.manifest, was_edited);
}

static bool add_files(struct install *in, fact_vec *facts)
{
	static const char *const watched[] = { ".npm-extension.mjs", ".npm-extension.cjs",
					       "yarn.lock", "node_modules/.package-lock.json" };

	if (!add_manifest(in, facts) || !add_lockfile(in, facts) ||
	    !add_build_file(in, facts, S(".")) || !add_members(in, facts))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(watched); i++)
		add_fact(in, facts, str_view(watched[i]));
	return VEC_LAST(facts).kind == STATE_FILE;
}

/* ---- folders ---- */

struct folders {
	struct install *in;
	fact_vec *facts;
	struct map known;
	bool is_complete; /* all that must be there was there */
};

static void add_folder(struct folders *f, str path)
{
	if (map_has(&f->known, path))
		return;
	map_put(&f->known, path, f);
	add_fact(f->in, f->facts, path);
}

/* ... which must be there. */
static void add_needed(struct folders *f, str path)
{
	size_t from = f->facts->len;

	add_folder(f, path);
	if (f->facts->len > from && VEC_LAST(f->facts).kind != STATE_FOLDER)
		f->is_complete = false;
}

/* The commands in a node_modules. That there are none needs no fact: the first changes the folder.
 */
static void add_commands(struct folders *f, str node_modules)
{
	size_t from = f->facts->len;

	add_folder(f, path_join(f->in->ctx->arena, node_modules, S(".bin")));
	if (f->facts->len > from && VEC_LAST(f->facts).kind == STATE_ABSENT)
		f->facts->len--;
}

/* The folders around a package, up to the node_modules at the very top, and the commands in each.
 */
static void add_surroundings(struct folders *f, str location)
{
	for (str dir = path_dirname(location); !map_has(&f->known, dir) && !str_eq(dir, S("."));
	     dir = path_dirname(dir)) {
		if (str_find(dir, S("node_modules")) == STR_NPOS)
			return;
		add_needed(f, dir);
		if (str_eq(path_basename(dir), S("node_modules")))
			add_commands(f, dir);
	}
}

/* A store entry that is a link to where projects share it. */
static bool is_elsewhere(const struct folders *f, const struct node *n)
{
	ARENA_SCOPE(tmp);
	struct stat st;

	return n && n->is_shared && fs_lstat(f->in->ctx->dirfd, str_cstr(tmp, n->location), &st) &&
	       S_ISLNK(st.st_mode);
}

/* Folders of the project itself change whenever somebody works in them: of those, only what
 * concerns us is looked at. */
static void add_place(struct folders *f, const struct node *n)
{
	bool is_installed = n->parent || node_is_store_entry(n);

	if (is_elsewhere(f, n->parent))
		return;
	if (is_elsewhere(f, n)) {
		/* Nobody can change it; but it may be made anew, or be gone. */
		add_needed(f, path_join(f->in->ctx->arena, n->location, S("node_modules")));
		add_surroundings(f, n->location);
		return;
	}
	if (!is_installed)
		add_folder(f, path_join(f->in->ctx->arena, n->location, S("node_modules")));
	else if (!n->is_link)
		add_needed(f, n->location);
	if (is_installed)
		add_surroundings(f, n->location);
}

/* False when something is not there. */
static bool add_folders(struct install *in, fact_vec *facts)
{
	struct folders f = { .in = in, .facts = facts, .is_complete = true };

	map_init(&f.known, in->ctx->arena);
	add_needed(&f, S("node_modules"));
	add_commands(&f, S("node_modules"));
	for (struct map_iter it = map_iter(&in->disk->inventory); map_next(&it);) {
		const struct node *n = it.val;

		if (!n->is_root && !n->inert)
			add_place(&f, n);
	}
	return f.is_complete;
}

/* ---- the report ---- */

static void set_text(struct arena *a, struct json *o, const char *key, str text)
{
	if (!str_is_null(text))
		json_set_text(a, o, key, text);
}

static struct json *list_inert(struct arena *a, const struct tree *t)
{
	struct json *list = json_new(a, JSON_ARRAY);

	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);)
		if (((const struct node *)it.val)->inert)
			json_append(a, list, json_new_string(a, it.key));
	return list;
}

str noop_report_text(struct install *in)
{
	struct arena *a = in->ctx->arena;
	struct json *doc = json_new(a, JSON_OBJECT), *list = json_new(a, JSON_ARRAY);
	struct str_buf out = str_buf(a, SIZE_MAX);

	VEC_EACH (struct noop_warning, w, &in->noop.warnings) {
		struct json *o = json_new(a, JSON_OBJECT);

		json_set(a, o, S("level"), json_new_number(a, w->level));
		set_text(a, o, "title", w->title);
		set_text(a, o, "message", w->message);
		json_append(a, list, o);
	}
	json_set(a, doc, S("funding"), json_new_number(a, (double)install_funding(in)));
	json_set(a, doc, S("warnings"), list);
	json_set(a, doc, S("inert"), list_inert(a, in->ideal));
	set_text(a, doc, "blocked", install_blocked_text(a, &in->result, false));
	if (in->result.blocked.len > 0)
		json_set(a, doc, S("unreviewedScripts"), install_blocked_json(a, &in->result));
	json_write(&out, doc, (struct json_style){ S(""), S("") });
	return buf_view(&out);
}

/* ---- packages ---- */

typedef VEC(struct state_package) package_vec;

static bool is_installed(const struct install *in, str location)
{
	const struct node *n = tree_at(in->disk, location);

	return n && !n->inert && !n->is_link;
}

/* What this run wrote, and of what the last run knew, the packages that stayed. */
static void add_packages(struct install *in, package_vec *out)
{
	struct arena *a = in->ctx->arena;
	const struct state *last = &in->noop.last;
	struct map known;

	map_init(&known, a);
	VEC_EACH (struct state_package, p, &in->result.certain) {
		map_put(&known, p->location, p);
		VEC_PUSH(a, out, *p);
	}
	for (size_t i = 0; i < last->npackages; i++) {
		const struct state_package *p = &last->packages[i];

		if (!map_has(&known, p->location) && is_installed(in, p->location))
			VEC_PUSH(a, out, *p);
	}
}

/* ---- all of it ---- */

void noop_remember(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	struct state s = { .key = in->noop.key };
	fact_vec facts = { 0 };
	package_vec packages = { 0 };
	struct err *err;
	TRACE(REMEMBER);

	if (!in->noop.is_looked_up || !fs_is_dir(ctx->dirfd, "node_modules"))
		return;
	s.is_settled = is_settled(in) && add_files(in, &facts) && add_folders(in, &facts);
	if (s.is_settled) {
		s.facts = facts.items;
		s.nfacts = facts.len;
		s.members = noop_members(in->ideal);
		s.report = noop_report_text(in);
	}
	add_packages(in, &packages);
	s.packages = packages.items;
	s.npackages = packages.len;
	err = state_write(ctx->dirfd, &s);
	if (err) {
		log_verbose("state", STR_FMT, STR_ARG(err_text(ctx->arena, err)));
		err_ignore(err);
	}
}
