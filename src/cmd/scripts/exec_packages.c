/* SPDX-License-Identifier: MIT
 * From specs to a folder with their commands. The folder belongs to the cache and is shared with
 * npm, which gives it the same name and the same content; it is a project like any other, so it is
 * filled by the stages that every install goes through. */
#include "exec_packages.h"

#include "install_stages.h"
#include "prompt.h"

#include "cpm/base/digest.h"
#include "cpm/base/path.h"
#include "cpm/build_config.h"
#include "cpm/tree/load_actual.h"
#include "cpm/tree/package_file.h"

#include <unistd.h>

#define FOLDER_NAME_HEX 16

/* One package that was asked for. */
struct wanted {
	struct spec *spec;
	struct manifest *manifest; /* NULL: only known once it is installed */
	bool is_bare;              /* a name alone */
	bool is_missing;           /* in the project */
	bool was_asked;            /* .manifest is the registry's newest */
};

/* The search, and the folder of the cache as a project of its own. */
struct exec {
	struct exec_search *s;
	struct arena *arena;
	struct wanted *wanted;
	struct cmd_ctx ctx;
	str dir;
};

static const struct cmd fill_folder = {
	.name = "exec",
	.needs = CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_LOCK | CMD_TAKES_ALLOW_SCRIPTS,
};

/* ---- commands ---- */

struct err *exec_main_command(const struct manifest *m, str *out)
{
	bool is_only = m->nbins > 0;
	str base = m->name;

	for (size_t i = 1; i < m->nbins; i++)
		is_only = is_only && str_eq(m->bins[i].target, m->bins[0].target);
	if (str_starts(base, S("@")) && str_find_char(base, '/') != STR_NPOS)
		base = str_from(base, str_find_char(base, '/') + 1);
	*out = is_only ? m->bins[0].name : STR_NULL;
	for (size_t i = 0; str_is_null(*out) && i < m->nbins; i++)
		if (str_eq(m->bins[i].name, base))
			*out = m->bins[i].name;
	return str_is_null(*out) ? err_new(E_GENERIC, "could not determine executable to run")
				 : NULL;
}

/* ---- trees ---- */

static struct err *load_tree(struct exec *x, str dir, struct tree **out)
{
	struct arena *a = x->arena;
	struct manifest *root;
	AUTO_FD fd = -1;

	TRY(fs_real_path(a, str_cstr(a, dir), &dir));
	TRY(fs_open_dir(AT_FDCWD, str_cstr(a, dir), &fd));
	if (fs_exists(fd, "package.json"))
		TRY(manifest_read(a, fd, str_cstr(a, dir), &root, NULL));
	else
		TRY(manifest_from_json(a, json_new(a, JSON_OBJECT), true, &root));
	return actual_load(a, fd, dir, root, cfg_bool(x->ctx.cfg, CFG_LEGACY_PEER_DEPS), out);
}

/* What is on disk can answer: no tag has to be looked up. In the cache's folder a name alone stands
 * for the newest version. */
static bool is_settled_by_disk(const struct wanted *w, bool is_folder)
{
	enum spec_type type = spec_target(w->spec)->type;

	if (!spec_is_registry(w->spec) || (w->is_bare && is_folder))
		return false;
	return w->is_bare || type == SPEC_VERSION || type == SPEC_RANGE;
}

static bool satisfies(struct node *n, const struct wanted *w, bool is_folder)
{
	const struct spec *target = spec_target(w->spec);

	if (w->is_bare || str_eq(target->raw, S("*")))
		return true;
	if (target->type == SPEC_VERSION)
		return str_eq(node_version(n), target->raw);
	/* A range may mean a newer version by now. */
	return !is_folder && target->range && node_semver(n) &&
	       range_has(target->range, node_semver(n));
}

static bool is_same_package(const struct node *n, const struct manifest *m)
{
	return str_eq(node_version(n), m->version) && str_eq(n->resolved, m->tarball);
}

/* The package of @w in a tree, or NULL. @is_folder: the tree is that of the cache's folder. */
static struct node *find_node(const struct tree *t, const struct wanted *w, bool is_folder)
{
	const struct spec *spec = w->spec;
	bool by_disk = is_settled_by_disk(w, is_folder);

	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		struct node *n = it.val;

		if (!spec_is_registry(spec)) {
			if (is_folder && spec->type == SPEC_DIRECTORY &&
			    str_eq(n->real_path, spec->fetch_spec))
				return n;
			continue;
		}
		if (!str_eq(node_package_name(n), spec_target(spec)->name))
			continue;
		if (by_disk ? satisfies(n, w, is_folder)
			    : w->was_asked && is_same_package(n, w->manifest))
			return n;
	}
	return NULL;
}

/* ---- the registry ---- */

static struct err *open_store(struct exec *x)
{
	return x->ctx.store ? NULL : cmd_ctx_open(&x->ctx);
}

/* What people run by name should be the newest: an answer of the cache is asked for again. */
static struct err *fetch_packument(struct exec *x, str name, const struct packument **out)
{
	struct source *source;

	TRY(open_store(x));
	TRY(cmd_ctx_source(&x->ctx, &source));
	TRY(source_get(source, name, out));
	if (cfg_bool(x->ctx.cfg, CFG_PREFER_OFFLINE) || !source_revalidate(source, name))
		return NULL;
	return source_get(source, name, out);
}

static struct err *ask_registry(struct exec *x, struct wanted *w)
{
	const struct cfg *cfg = x->ctx.cfg;
	const struct spec *target = spec_target(w->spec);
	const struct pick_opts opts = { .default_tag = cfg_text(cfg, CFG_TAG),
					.before = cfg_before(x->arena, cfg),
					.node_version = node_version_find(x->s->ctx),
					.npm_version = S(CPM_NPM_VERSION) };
	const struct packument *packument;
	const struct packument_version *version;
	str text;

	if (w->was_asked)
		return NULL;
	TRY(fetch_packument(x, target->name, &packument));
	TRY(pick_version(packument, target, &opts, &version));
	w->was_asked = true;
	TRY(packument_manifest(packument, version, &text));
	return manifest_from_text(x->arena, text, &w->manifest);
}

/* ---- the project ---- */

static struct err *parse_specs(struct exec *x)
{
	struct exec_search *s = x->s;

	for (size_t i = 0; i < s->npackages; i++) {
		struct wanted *w = &x->wanted[i];

		TRY(spec_parse_arg(x->arena, s->packages[i], cfg_cwd(s->ctx->cfg), &w->spec));
		w->is_bare = str_eq(s->packages[i], w->spec->name);
		if (w->spec->type == SPEC_DIRECTORY)
			s->packages[i] = w->spec->fetch_spec;
	}
	return NULL;
}

static struct err *look_in_project(struct exec *x)
{
	struct tree *t;

	TRY(load_tree(x, cfg_local_prefix(x->s->ctx->cfg), &t));
	for (size_t i = 0; i < x->s->npackages; i++) {
		struct wanted *w = &x->wanted[i];
		const char *dir = str_cstr(x->arena, w->spec->fetch_spec);

		if (spec_is_registry(w->spec) && !is_settled_by_disk(w, false))
			TRY(ask_registry(x, w));
		struct node *n = find_node(t, w, false);
		w->is_missing = !n;
		if (n)
			w->manifest = n->manifest;
		else if (spec_is_registry(w->spec))
			TRY(ask_registry(x, w));
		else if (w->spec->type == SPEC_DIRECTORY)
			TRY(manifest_read(x->arena, AT_FDCWD, dir, &w->manifest, NULL));
	}
	return NULL;
}

/* ---- global packages ---- */

/* One that is installed globally and has what is wanted; its commands are then all in one place. */
static bool is_global(struct exec *x, const struct wanted *w)
{
	struct arena *a = x->arena;
	const struct cfg *cfg = x->s->ctx->cfg;
	const struct spec *target = spec_target(w->spec);
	str prefix = cfg_global_prefix(cfg), bins = path_join(a, prefix, S("bin"));
	struct manifest *m;

	if (!is_settled_by_disk(w, false) || str_eq(prefix, cfg_local_prefix(cfg)))
		return false;
	str dir = str_printf(a, STR_FMT "/lib/node_modules/" STR_FMT, STR_ARG(prefix),
			     STR_ARG(target->name));
	struct err *e = manifest_read(a, AT_FDCWD, str_cstr(a, dir), &m, NULL);
	err_ignore(e);
	if (e || !satisfies(node_new(a, target->name, m), w, false) ||
	    !fs_is_file(AT_FDCWD, str_cstr(a, path_join(a, bins, x->s->args[0]))))
		return false;
	x->s->bin_dir = bins;
	return true;
}

/* ---- the folder ---- */

str exec_folder_name(struct arena *a, const str *packages, size_t count)
{
	str *sorted = ARENA_ARRAY(a, str, count + 1);
	struct digest d;

	for (size_t i = 0; i < count; i++)
		sorted[i] = packages[i];
	qsort(sorted, count, sizeof(*sorted), str_collate_qsort);
	digest_of(DIGEST_SHA512, str_join(a, sorted, count, S("\n")), &d);
	return str_slice(digest_hex(a, &d), 0, FOLDER_NAME_HEX);
}

/* The settings are the user's, except for what would lead back into the project. */
static struct cfg *folder_settings(struct exec *x)
{
	struct cfg *cfg = cfg_in_folder(x->arena, x->s->ctx->cfg, x->dir);

	cfg_force(cfg, CFG_SAVE, "true");
	cfg_force(cfg, CFG_PACKAGE_LOCK_ONLY, "false");
	cfg_force(cfg, CFG_AUDIT, "false"); /* nobody would see the answer */
	if (cfg_source(cfg, CFG_ALLOW_SCRIPTS) == CFG_LAYER_PROJECT)
		cfg_force(cfg, CFG_ALLOW_SCRIPTS, NULL);
	if (!x->s->is_own)
		return cfg;
	cfg_force(cfg, CFG_INSTALL_LINKS, "false");
	cfg_force(cfg, CFG_ALLOW_DIRECTORY, "all");
	return cfg;
}

static void settle_folder(struct exec *x)
{
	struct exec_search *s = x->s;
	str name = exec_folder_name(x->arena, s->packages, s->npackages);
	str all = path_join(x->arena, cfg_text(s->ctx->cfg, CFG_CACHE), S("_npx"));

	x->dir = path_join(x->arena, all, name);
	x->ctx.cfg = folder_settings(x);
	s->bin_dir = path_join(x->arena, x->dir, S("node_modules/.bin"));
}

typedef VEC(str) str_vec;

static struct err *find_stale(struct exec *x, const struct tree *folder, str_vec *add)
{
	for (size_t i = 0; i < x->s->npackages; i++) {
		struct wanted *w = &x->wanted[i];
		str spec = x->s->packages[i];

		if (!w->is_missing)
			continue;
		if (spec_is_registry(w->spec) && !is_settled_by_disk(w, true))
			TRY(ask_registry(x, w));
		if (find_node(folder, w, true))
			continue;
		if (spec_is_registry(w->spec)) {
			TRY(ask_registry(x, w));
			spec = str_printf(x->arena, STR_FMT "@" STR_FMT, STR_ARG(w->manifest->name),
					  STR_ARG(w->manifest->version));
		}
		VEC_PUSH(x->arena, add, spec);
	}
	return NULL;
}

/* ---- may we? ---- */

static struct err *refuse(struct arena *a, const str_vec *add)
{
	struct str_buf list = str_buf(a, 1 << 20);

	VEC_EACH (str, spec, add) {
		buf_add_cstr(&list, list.len ? "," : "");
		json_write_string(&list, *spec);
	}
	return err_new(E_GENERIC, "npx canceled due to missing packages and no YES option: [%s]",
		       buf_cstr(&list));
}

static struct err *ask_user(struct cmd_ctx *ctx, const str_vec *add)
{
	struct arena *a = ctx->arena;
	str answer, list = str_join(a, add->items, add->len, S("\n"));

	screen_write(ctx->screen, STDERR_FILENO,
		     log_escape(a, str_printf(a,
					      "Need to install the following packages:\n" STR_FMT
					      "\nOk to proceed? (y) ",
					      STR_ARG(list))));
	TRY(prompt_read_line(a, &answer));
	if (str_is_null(answer))
		return err_new(E_GENERIC, "canceled");
	answer = str_trim(answer);
	if (answer.len == 0 || answer.p[0] == 'y' || answer.p[0] == 'Y')
		return NULL;
	return err_new(E_GENERIC, "canceled");
}

static struct err *check_consent(struct exec *x, const str_vec *add)
{
	struct cmd_ctx *ctx = x->s->ctx;
	const struct cfg *cfg = ctx->cfg;

	if (x->s->is_own || cfg_bool(cfg, CFG_YES))
		return NULL;
	if (!cfg_is_null(cfg, CFG_YES))
		return refuse(x->arena, add);
	if (isatty(STDIN_FILENO) && !cfg_is_ci(cfg))
		return ask_user(ctx, add);
	log_warn("exec", "The following package%s not found and will be installed: " STR_FMT,
		 add->len == 1 ? " was" : "s were",
		 STR_ARG(str_join(x->arena, add->items, add->len, S(", "))));
	return NULL;
}

/* ---- filling it ---- */

/* npm's note in the folder's package.json of what it is for. */
static struct err *note_packages(struct exec *x)
{
	struct arena *a = x->arena;
	struct json *note = json_new(a, JSON_OBJECT), *list = json_new(a, JSON_ARRAY);
	struct package_file f;

	for (size_t i = 0; i < x->s->npackages; i++)
		json_append(a, list, json_new_string(a, x->s->packages[i]));
	json_set(a, note, S("packages"), list);
	TRY(package_file_read_or_new(a, x->dir, &f));
	json_set(a, f.content, S("_npx"), note);
	return package_file_save(&f);
}

static struct err *fill(struct exec *x, const str_vec *add)
{
	const struct install_request req = {
		.saves = true, .is_quiet = true, .add = add->items, .nadd = add->len
	};

	TRY(check_consent(x, add));
	TRY(open_store(x));
	TRY(cmd_ctx_open_any_project(&x->ctx));
	TRY(install_run(&x->ctx, &req));
	return note_packages(x);
}

/* Only the installed package knows its name when its spec has none. The folder then holds it alone.
 */
static struct err *read_installed(struct exec *x, struct manifest **out)
{
	struct arena *a = x->arena;
	struct package_file f;

	TRY(package_file_read(a, x->dir, &f));
	const struct json *deps = json_get(f.content, "dependencies");
	if (!json_is(deps, JSON_OBJECT) || deps->count == 0)
		return err_new(E_GENERIC, "could not determine executable to run");
	str dir = str_printf(a, STR_FMT "/node_modules/" STR_FMT, STR_ARG(x->dir),
			     STR_ARG(deps->members[0].key));
	return manifest_read(a, AT_FDCWD, str_cstr(a, dir), out, NULL);
}

static struct err *use_folder(struct exec *x)
{
	struct tree *folder;
	str_vec add = { 0 };

	settle_folder(x);
	TRY(fs_mkdirs(AT_FDCWD, str_cstr(x->arena, x->dir)));
	TRY(load_tree(x, x->dir, &folder));
	TRY(find_stale(x, folder, &add));
	return add.len > 0 ? fill(x, &add) : NULL;
}

/* ---- all of it ---- */

static bool is_any_missing(const struct exec *x)
{
	for (size_t i = 0; i < x->s->npackages; i++)
		if (x->wanted[i].is_missing)
			return true;
	return false;
}

static struct err *find(struct exec *x)
{
	struct exec_search *s = x->s;
	struct wanted *first = &x->wanted[0];

	TRY(parse_specs(x));
	TRY(look_in_project(x));
	if (s->names_package && first->manifest)
		TRY(exec_main_command(first->manifest, &s->args[0]));
	if (!is_any_missing(x) || (s->names_package && first->manifest && is_global(x, first)))
		return NULL;
	TRY(use_folder(x));
	if (!s->names_package || first->manifest)
		return NULL;
	TRY(read_installed(x, &first->manifest));
	return exec_main_command(first->manifest, &s->args[0]);
}

struct err *exec_find_packages(struct exec_search *s)
{
	struct cmd_ctx *ctx = s->ctx;
	struct exec x = { .s = s, .arena = ctx->arena };

	x.wanted = ARENA_ARRAY(ctx->arena, struct wanted, s->npackages + 1);
	memset(x.wanted, 0, (s->npackages + 1) * sizeof(*x.wanted));
	x.ctx = (struct cmd_ctx){ .arena = ctx->arena,
				  .cfg = ctx->cfg,
				  .out = ctx->out,
				  .screen = ctx->screen,
				  .cmd = &fill_folder,
				  .started_ms = ctx->started_ms,
				  .environ = ctx->environ,
				  .dirfd = -1,
				  .lock_fd = -1 };
	struct err *e = find(&x);
	ctx->conflict = x.ctx.conflict;
	cmd_ctx_close(&x.ctx);
	return e;
}
