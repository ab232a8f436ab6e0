/* SPDX-License-Identifier: MIT
 * The stages of an installation. Each takes what the ones before it left in `struct install` and
 * adds its own part; the early exits (--dry-run after the diff, --package-lock-only before anything
 * is fetched) are plain returns in install_run(). */
#include "install_stages.h"
#include "allow_scripts.h"
#include "install_recipe.h"
#include "policy_run.h"
#include "resolution_memo.h"
#include "root_scripts.h"
#include "runtime_use.h"

#include "cpm/base/event.h"
#include "cpm/base/heap.h"
#include "cpm/base/path.h"
#include "cpm/base/trace.h"
#include "cpm/build_config.h"
#include "cpm/tree/isolated.h"
#include "cpm/tree/load_actual.h"
#include "cpm/tree/map_workspaces.h"
#include "cpm/tree/save_manifest.h"

#define LOCK_NAME      "package-lock.json"
#define YARN_LOCK_NAME "yarn.lock"
#define YARN_MAX_BYTES ((size_t)64 << 20)

static void enter(enum event_stage stage)
{
	event_emit(&(struct event){ .kind = EVENT_STAGE, .stage = stage });
}

/* ---- open ---- */

/* Finding the members costs a walk over their folders, which only a run that selects some of them
 * needs here. */
static struct err *choose_members(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	size_t nfilters;
	str dir;

	(void)cfg_list(ctx->cfg, CFG_WORKSPACE, &nfilters);
	if (nfilters == 0 && !cfg_bool(ctx->cfg, CFG_WORKSPACES))
		return NULL;
	TRY(fs_real_path(ctx->arena, str_cstr(ctx->arena, cfg_local_prefix(ctx->cfg)), &dir));
	struct tree *t = tree_new(ctx->arena, dir);
	TRY(map_workspaces(ctx->arena, dir, ctx->manifest, t));
	return workspaces_choose(ctx, t, ctx->manifest, false, &in->members);
}

static void settle_options(struct install *in)
{
	const struct cfg *cfg = in->ctx->cfg;
	struct cfg_omit omit = cfg_omit(cfg);
	str version = cfg_text(cfg, CFG_LOCKFILE_VERSION);

	in->is_dry_run = cfg_bool(cfg, CFG_DRY_RUN);
	in->is_lock_only = cfg_bool(cfg, CFG_PACKAGE_LOCK_ONLY);
	in->is_global = cfg_is_global(cfg);
	in->uses_lock = !in->is_global && (in->req->refuse_no_lock || in->is_lock_only ||
					   cfg_bool(cfg, CFG_PACKAGE_LOCK));
	in->lock_opts = (struct lockfile_opts){
		.version = version.len == 1 ? version.p[0] - '0' : 0,
		.style = in->ctx->manifest_style,
		.has_manifest = in->ctx->has_manifest,
		.omit_registry_resolved = cfg_bool(cfg, CFG_OMIT_LOCKFILE_REGISTRY_RESOLVED),
		.is_formatted = cfg_bool(cfg, CFG_FORMAT_PACKAGE_LOCK),
		.omit_dev = omit.dev,
		.omit_optional = omit.optional,
		.omit_peer = omit.peer,
	};
}

/* ---- start tree ---- */

static void remember_locked(struct install *in, const struct tree *lock)
{
	struct arena *a = in->ctx->arena;

	for (struct map_iter it = map_iter(&lock->inventory); map_next(&it);) {
		const struct node *n = it.val;
		struct locked_package *p = ARENA_NEW(a, struct locked_package);
		*p = (struct locked_package){ n->name, node_version(n), n->patched };
		map_put(&in->locked, n->location, p);
	}
}

/* What cannot be read counts as absent: it is only a hint. */
static void read_yarn_lock(struct install *in)
{
	struct err *e = fs_read_all(in->ctx->arena, in->ctx->dirfd, YARN_LOCK_NAME, YARN_MAX_BYTES,
				    &in->yarn_text);

	if (e || str_is_empty(in->yarn_text))
		in->yarn_text = STR_NULL;
	err_ignore(e);
}

static struct err *load_actual(struct install *in, struct tree **out)
{
	struct cmd_ctx *ctx = in->ctx;

	if (in->is_global)
		return global_load_actual(in, out);
	TRY(actual_load(ctx->arena, ctx->dirfd, cfg_local_prefix(ctx->cfg), ctx->manifest,
			cfg_bool(ctx->cfg, CFG_LEGACY_PEER_DEPS), out));
	if (in->disk && in->disk->is_isolated)
		isolated_recognise(*out, in->disk);
	/* What a killed run left half-written is not installed. */
	return reify_recover(ctx->arena, ctx->dirfd, *out);
}

/* The lockfile, else what is installed, else nothing. A lockfile that is not wanted is not replaced
 * by what is installed: npm then resolves everything anew. Neither are links into a store packages
 * to start from, although npm takes them for that, locks them and breaks the store. */
/* npm reads the lockfile for itself before these begin, and gives a project without a name that of
 * its folder; the lockfile then shows it. */
static void name_project(struct install *in)
{
	struct manifest *m = in->ctx->manifest;

	if ((in->req->dedupes || in->req->fixes) && str_is_empty(m->name))
		m->name = path_basename(cfg_local_prefix(in->ctx->cfg));
}

struct err *install_load_start(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;

	if (in->is_global)
		return global_load_start(in);
	/* npm then looks at neither, and resolves everything anew. */
	if (in->req->updates_all)
		return NULL;
	if (in->uses_lock)
		TRY(lockfile_load(ctx->arena, ctx->dirfd, cfg_local_prefix(ctx->cfg), ctx->manifest,
				  cfg_bool(ctx->cfg, CFG_LEGACY_PEER_DEPS), &in->start));
	if (in->uses_lock)
		read_yarn_lock(in);
	if (in->start) {
		in->has_lock = true;
		name_project(in);
		remember_locked(in, in->start);
		return NULL;
	}
	if (in->req->refuse_no_lock)
		return in->req->refuse_no_lock(ctx);
	if (!in->uses_lock && fs_exists(ctx->dirfd, LOCK_NAME))
		return NULL;
	TRY(load_actual(in, &in->start));
	if (tree_has_store(in->start)) {
		in->start = NULL;
		in->is_from_scratch = true;
		return NULL;
	}
	reify_drop_damaged(ctx->arena, in->start);
	in->is_from_scratch = in->start->root->children.count == 0;
	return NULL;
}

static void collect_duplicates(struct install *in)
{
	for (struct map_iter it = map_iter(&in->start->nodes_by_name); map_next(&it);)
		if (((node_vec *)it.val)->len > 1)
			VEC_PUSH(in->ctx->arena, &in->update_names, it.key);
}

/* An update saves the lockfile although it saves no package.json; so does a dedupe that has
 * something to do. */
static void settle_updates(struct install *in)
{
	const struct install_request *req = in->req;
	bool is_update;

	for (size_t i = 0; i < req->nupdate; i++)
		VEC_PUSH(in->ctx->arena, &in->update_names, req->update[i]);
	if (req->dedupes && in->start)
		collect_duplicates(in);
	is_update = req->updates_all || in->update_names.len > 0;
	in->saves_lock = in->uses_lock && req->saves &&
			 (is_update || cfg_bool(in->ctx->cfg, CFG_SAVE));
	in->lock_opts.was_not_saved = !in->saves_lock;
}

/* ---- ideal tree ---- */

static enum install_strategy strategy_of(str name)
{
	if (str_eq(name, S("nested")))
		return STRATEGY_NESTED;
	if (str_eq(name, S("linked")))
		return STRATEGY_LINKED;
	return str_eq(name, S("shallow")) ? STRATEGY_SHALLOW : STRATEGY_HOISTED;
}

static void override_platform(struct platform *p, const struct cfg *cfg)
{
	if (!cfg_is_null(cfg, CFG_OS))
		p->os = cfg_text(cfg, CFG_OS);
	if (!cfg_is_null(cfg, CFG_CPU))
		p->cpu = cfg_text(cfg, CFG_CPU);
	if (!cfg_is_null(cfg, CFG_LIBC))
		p->libc = cfg_text(cfg, CFG_LIBC);
}

static enum save_type save_type_of(const struct cfg *cfg)
{
	if (cfg_bool(cfg, CFG_SAVE_DEV))
		return SAVE_DEV;
	if (cfg_bool(cfg, CFG_SAVE_OPTIONAL))
		return SAVE_OPTIONAL;
	if (cfg_bool(cfg, CFG_SAVE_PEER))
		return SAVE_PEER;
	return cfg_bool(cfg, CFG_SAVE_PROD) ? SAVE_PROD : SAVE_INFER;
}

static void set_requests(struct install *in)
{
	const struct install_request *req = in->req;
	struct ideal_opts *o = &in->ideal_opts;

	o->cwd = cfg_cwd(in->ctx->cfg);
	o->add = req->add;
	o->nadd = req->nadd;
	o->add_type = save_type_of(in->ctx->cfg);
	o->save_bundle = cfg_bool(in->ctx->cfg, CFG_SAVE_BUNDLE);
	o->rm = req->remove;
	o->nrm = req->nremove;
	o->update_names = in->update_names.items;
	o->nupdate_names = in->update_names.len;
	o->update_all = req->updates_all;
	o->include_root = cfg_bool(in->ctx->cfg, CFG_INCLUDE_WORKSPACE_ROOT);
	o->nworkspaces = in->members.count;
	str *names = ARENA_ARRAY(in->ctx->arena, str, in->members.count + 1);
	for (size_t i = 0; i < in->members.count; i++)
		names[i] = in->members.items[i].name;
	o->workspaces = names;
}

/* What relaxes patches must be said each time. */
static bool is_on_command_line(const struct cfg *cfg, enum cfg_key key)
{
	return cfg_bool(cfg, key) && cfg_source(cfg, key) == CFG_LAYER_CLI;
}

static void set_policies(struct install *in)
{
	const struct cfg *cfg = in->ctx->cfg;
	struct ideal_opts *o = &in->ideal_opts;
	struct cfg_omit omit = cfg_omit(cfg);

	o->strategy = strategy_of(cfg_install_strategy(cfg));
	o->legacy_peer_deps = cfg_bool(cfg, CFG_LEGACY_PEER_DEPS);
	o->strict_peer_deps = cfg_bool(cfg, CFG_STRICT_PEER_DEPS);
	o->force = cfg_bool(cfg, CFG_FORCE);
	o->prefer_dedupe = in->req->dedupes || cfg_bool(cfg, CFG_PREFER_DEDUPE);
	o->engine_strict = cfg_bool(cfg, CFG_ENGINE_STRICT);
	o->install_links = cfg_bool(cfg, CFG_INSTALL_LINKS);
	o->omit_dev = omit.dev;
	o->omit_optional = omit.optional;
	o->omit_peer = omit.peer;
	o->allow_git = cfg_text(cfg, CFG_ALLOW_GIT);
	o->allow_remote = cfg_text(cfg, CFG_ALLOW_REMOTE);
	o->allow_file = cfg_text(cfg, CFG_ALLOW_FILE);
	o->allow_directory = cfg_text(cfg, CFG_ALLOW_DIRECTORY);
	o->pick.new_names = cfg_list(cfg, CFG_MIN_RELEASE_AGE_EXCLUDE, &o->pick.nnew_names);
}

static struct err *prepare_ideal(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	const struct cfg *cfg = ctx->cfg;
	struct ideal_opts *o = &in->ideal_opts;
	struct policy *policy;

	*o = (struct ideal_opts){
		.pick = { .default_tag = cfg_text(cfg, CFG_TAG),
			  .before = cfg_before(ctx->arena, cfg),
			  .node_version = node_version_find(ctx),
			  .npm_version = S(CPM_NPM_VERSION) },
		.real_platform = platform_detect(ctx->arena),
		.is_global = in->is_global,
		.allow_unused_patches = is_on_command_line(cfg, CFG_ALLOW_UNUSED_PATCHES),
		.ignore_extension = cfg_bool(cfg, CFG_IGNORE_EXTENSION) ||
				    cfg_bool(cfg, CFG_IGNORE_SCRIPTS),
		.save = in->req->saves && cfg_bool(cfg, CFG_SAVE),
		.prune = !in->req->keeps_extraneous,
		.prune_always = in->req->prunes,
		.lockfile_version = in->lock_opts.version,
		.complete = (in->is_lock_only || in->is_dry_run) && !in->req->prunes,
	};
	o->platform = o->real_platform;
	override_platform(&o->platform, cfg);
	set_policies(in);
	set_requests(in);
	o->audit = in->before.found;
	o->audit_changes_specs = o->force;
	TRY(cmd_ctx_policy(ctx, &policy));
	o->exceptions = o->pick.exceptions = policy;
	if (!in->has_lock && !str_is_null(in->yarn_text))
		o->yarn = yarn_lock_parse(ctx->arena, in->yarn_text);
	TRY(cmd_ctx_source(ctx, &o->source));
	o->packages = cmd_ctx_packages(ctx);
	o->conflict = ARENA_NEW(ctx->arena, struct conflict);
	o->conflict->arena = ctx->arena;
	return NULL;
}

static void let_packuments_go(struct cmd_ctx *ctx)
{
	TRACE(FREE);

	source_registry_forget(ctx->source);
	/* From a cache that knew them all comes too little to be worth the page faults. */
	if (http_requests(ctx->http))
		heap_give_back();
}

static struct err *build_ideal(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	struct ideal_opts *o = &in->ideal_opts;
	struct tree *recalled = resolution_recall(in);

	if (recalled)
		in->start = recalled;
	else if (!in->is_lock_only && !in->is_dry_run)
		cmd_ctx_begin_early(ctx);
	store_begin_reading(ctx->store);
	struct err *e = ideal_build(ctx->arena, cfg_local_prefix(ctx->cfg), ctx->manifest,
				    in->start, in->is_from_scratch, o, &in->ideal);
	store_end_reading(ctx->store);
	if (err_is(e, E_RESOLVE))
		conflict_explain(in);
	if (!e && !recalled)
		resolution_remember(in);
	/* What the audit found refers to packuments. */
	if (!e && !in->is_lock_only && !in->req->fixes)
		let_packuments_go(ctx);
	return e;
}

/* ---- diff ---- */

static struct err *lay_out(struct install *in)
{
	const struct ideal_opts *o = &in->ideal_opts;
	const struct cfg *cfg = in->ctx->cfg;
	struct isolated_opts opts = {
		.omit_dev = o->omit_dev,
		.omit_optional = o->omit_optional,
		.omit_peer = o->omit_peer,
		.shares = in->ctx->store && cfg_bool(cfg, CFG_SHARED_STORE) && !in->is_global &&
			  !root_scripts_may_write(in->ctx),
		.policy = in->policy,
		.runs_all_scripts = cfg_bool(cfg, CFG_DANGEROUSLY_ALLOW_ALL_SCRIPTS),
	};

	/* What decides about modes and commands beside the packages themselves. */
	opts.share_seed = str_printf(in->ctx->arena, "umask %o %o, bin-links %d",
				     (unsigned)cfg_number(cfg, CFG_UMASK), (unsigned)fs_umask(),
				     cfg_bool(cfg, CFG_BIN_LINKS));
	in->disk = in->ideal;
	if (o->strategy != STRATEGY_LINKED)
		return NULL;
	return isolated_tree(in->ctx->arena, in->ideal, &opts, &in->disk);
}

/* ci empties node_modules first, so to it nothing is installed. */
static struct tree *nothing_installed(struct install *in)
{
	struct arena *a = in->ctx->arena;
	struct tree *t = tree_new(a, in->ideal->path);

	node_set_root(t, node_new(a, path_basename(in->ideal->path), in->ctx->manifest));
	return t;
}

/* A linked layout has no link to a member that the root does not depend on. */
static void add_member(struct arena *a, node_vec *out, const struct tree *t,
		       const struct workspace *member)
{
	struct node *n = node_child(t->root, member->name);
	if (!n)
		n = tree_at(t, path_relative(a, t->path, member->path));
	if (n)
		VEC_PUSH(a, out, n);
}

static void add_root_deps(struct arena *a, node_vec *out, const struct tree *t)
{
	for (struct map_iter it = map_iter(&t->root->edges_out); map_next(&it);) {
		const struct edge *e = it.val;
		if (e->type != EDGE_WORKSPACE && e->to)
			VEC_PUSH(a, out, e->to);
	}
}

/* With members selected, only what they need is changed on disk; with --no-workspaces, only what
 * the root needs. */
static void restrict_diff(struct install *in, struct diff_opts *opts)
{
	const struct cfg *cfg = in->ctx->cfg;
	struct arena *a = in->ctx->arena;
	bool has_members = in->members.count > 0;
	bool is_root_only = !cfg_is_null(cfg, CFG_WORKSPACES) && !cfg_bool(cfg, CFG_WORKSPACES);
	node_vec only = { 0 };

	for (size_t i = 0; i < in->members.count; i++) {
		add_member(a, &only, in->disk, &in->members.items[i]);
		add_member(a, &only, in->actual, &in->members.items[i]);
	}
	if (is_root_only || (has_members && cfg_bool(cfg, CFG_INCLUDE_WORKSPACE_ROOT))) {
		add_root_deps(a, &only, in->disk);
		add_root_deps(a, &only, in->actual);
	}
	if (in->is_global)
		global_restrict_diff(in, &only);
	if (!has_members && !is_root_only && only.len == 0)
		return;
	opts->only = only.items ? only.items : ARENA_ARRAY(a, struct node *, 1);
	opts->nonly = only.len;
}

static struct err *compare(struct install *in)
{
	const struct cfg *cfg = in->ctx->cfg;
	struct cfg_omit omit = cfg_omit(cfg);
	struct diff_opts opts = {
		.omit_dev = omit.dev,
		.omit_optional = omit.optional,
		.omit_peer = omit.peer,
		.bin_links = cfg_bool(cfg, CFG_BIN_LINKS),
	};

	TRACE(COMPARE);

	TRY(lay_out(in));
	if (in->req->replaces_all && !in->is_dry_run)
		in->actual = nothing_installed(in);
	else
		TRY(load_actual(in, &in->actual));
	restrict_diff(in, &opts);
	in->is_partial = opts.only != NULL;
	in->diff = diff_trees(in->ctx->arena, in->actual, in->disk, &opts);
	return NULL;
}

/* ---- apply ---- */

static struct err *apply(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	const struct cfg *cfg = ctx->cfg;
	struct reify_opts opts = {
		.cfg = cfg,
		.store = ctx->store,
		.early = ctx->early,
		.source = in->ideal_opts.source,
		.packages = cmd_ctx_packages(ctx),
		.dirfd = ctx->dirfd,
		.omit = cfg_omit(cfg),
		.bin_links = cfg_bool(cfg, CFG_BIN_LINKS),
		.replace_all = in->req->replaces_all,
		.is_partial = in->is_partial,
		.is_offline = cfg_bool(cfg, CFG_OFFLINE),
		.save_hidden_lock = !in->is_global,
		.ignores_patch_failures = is_on_command_line(cfg, CFG_IGNORE_PATCH_FAILURES),
		.exceptions = in->ideal_opts.exceptions,
		.policy = in->policy,
		.script_env = cmd_ctx_script_env(ctx),
		.script_logs = cmd_ctx_script_logs(ctx),
		.fetch_tools = runtime_fetch_tools,
		.tools_ctx = ctx,
		.owns_files = root_scripts_may_write(ctx),
		.last = in->noop.is_looked_up ? &in->noop.last : NULL,
		.lock = in->lock_opts,
	};

	if (in->diff->count > 0) {
		TRY(cmd_ctx_pool(ctx, &opts.pool));
		if (!opts.is_offline)
			TRY(cmd_ctx_http(ctx, &opts.http));
	}
	TRACE(REIFY);
	return reify_apply(ctx->arena, in->disk, in->actual, in->diff, &opts, &in->result);
}

/* ---- save ---- */

/* In memory only; before anything is written, since every lockfile repeats what package.json says.
 */
static struct err *settle_saved_specs(struct install *in)
{
	const struct cfg *cfg = in->ctx->cfg;
	str prefix = cfg_bool(cfg, CFG_SAVE_EXACT) ? S("") : cfg_text(cfg, CFG_SAVE_PREFIX);

	return in->ideal_opts.save
		       ? save_requests(in->ctx->arena, in->ideal, &in->ideal_opts, prefix)
		       : NULL;
}

static void warn_of_conversion(const struct install *in)
{
	const struct lockfile *old = in->ideal->lockfile;
	int wanted = in->lock_opts.version;

	if (!in->saves_lock || !old || !wanted || old->version == wanted)
		return;
	str path = path_join(in->ctx->arena, cfg_local_prefix(in->ctx->cfg), S(LOCK_NAME));
	str shown = path_relative(in->ctx->arena, cfg_cwd(in->ctx->cfg), path);
	log_warn("shrinkwrap", "Converting lock file (" STR_FMT ") from v%d -> v%d", STR_ARG(shown),
		 old->version, wanted);
}

/* npm writes it with every lockfile, the hidden one of a hoisted layout included. */
static struct err *save_yarn_lock(struct install *in)
{
	bool is_linked = in->ideal_opts.strategy == STRATEGY_LINKED;
	str text;

	if (str_is_null(in->yarn_text) || (is_linked && !in->saves_lock))
		return NULL;
	text = yarn_lock_format(in->ctx->arena, in->ideal, !is_linked);
	return str_eq(text, in->yarn_text)
		       ? NULL
		       : fs_write_atomic(in->ctx->dirfd, YARN_LOCK_NAME, text, 0666);
}

static struct err *save(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	bool was_written;

	if (in->is_global)
		return NULL;
	warn_of_conversion(in);
	if (in->ideal_opts.save)
		VEC_EACH (struct node *, owner, &in->ideal->edited)
			TRY(save_manifest(*owner));
	TRY(save_yarn_lock(in));
	if (!in->saves_lock)
		return NULL;
	in->lock_text = in->result.lock_text;
	if (str_is_null(in->lock_text))
		TRY(lockfile_format(ctx->arena, in->ideal, &in->lock_opts, &in->lock_text));
	TRY(commit_lockfile(ctx->arena, ctx->dirfd, in->lock_text, &was_written));
	in->is_lock_kept = !was_written;
	return NULL;
}

/* Everything, where the state file cannot spare it. */
/* Where nothing is unpacked, what the tree knows of scripts has to do. */
static void look_for_scripts(struct install *in)
{
	const struct cfg *cfg = in->ctx->cfg;
	struct arena *a = in->ctx->arena;
	unreviewed_vec open = { 0 };

	if (!cfg_bool(cfg, CFG_IGNORE_SCRIPTS) && !cfg_bool(cfg, CFG_DANGEROUSLY_ALLOW_ALL_SCRIPTS))
		open = allow_scripts_unreviewed(a, in->ctx->dirfd, in->ideal, in->policy);
	VEC_EACH (struct unreviewed, u, &open)
		VEC_PUSH(a, &in->result.blocked, (struct blocked_scripts){ u->node, u->scripts });
}

static struct err *take_the_long_way(struct install *in)
{
	node_version_ask(in->ctx);
	heap_expect_much();
	if (!in->is_global)
		TRY(engine_gate_check(in->ctx));
	TRY(choose_members(in));
	if (in->req->fixes)
		audit_error_means(in->ctx, AUDIT_EXIT_BAD_LOCK);
	TRY(install_load_start(in));
	in->ctx->error_status = 0;
	if (in->req->fixes)
		TRY(install_fix_begin(in));
	settle_updates(in);
	enter(STAGE_RESOLVE);
	TRY(prepare_ideal(in));
	if (in->req->plan)
		return in->req->plan(in);
	TRY(build_ideal(in));
	if (in->req->check)
		TRY(in->req->check(in));
	TRY(allow_scripts_check_strict(in->ctx, in->ideal, in->policy));
	if (in->req->runs_root_scripts && in->req->replaces_all)
		TRY(root_scripts_before(in->ctx));
	if (!in->is_dry_run && !in->is_global)
		TRY(settle_saved_specs(in));
	TRY(install_audit_begin(in));
	if (in->is_lock_only || in->is_dry_run)
		look_for_scripts(in);
	if (in->is_lock_only)
		return in->is_dry_run ? NULL : save(in);
	TRY(compare(in));
	if (in->is_dry_run)
		return NULL;
	enter(STAGE_FETCH);
	TRY(apply(in));
	enter(STAGE_COMMIT);
	TRY(save(in));
	allow_scripts_warn_members(in->ideal);
	return in->diff->count > 0 ? root_scripts_dependencies(in->ctx) : NULL;
}

struct err *install_run(struct cmd_ctx *ctx, const struct install_request *req)
{
	struct install in = { .ctx = ctx, .req = req };
	struct err *err = NULL;
	bool is_noop;

	map_init(&in.locked, ctx->arena);
	enter(STAGE_LOAD);
	if (req->runs_root_scripts && !req->replaces_all)
		TRY(root_scripts_before(ctx));
	in.policy = req->policy;
	if (!in.policy)
		TRY(allow_scripts_resolve(ctx, &in.policy));
	settle_options(&in);
	noop_look(&in);
	is_noop = noop_is_proven(&in) || install_recipe_follow(&in);
	if (!is_noop)
		err = take_the_long_way(&in);
	enter(STAGE_DONE);
	noop_stop_listening();
	if (err || req->plan)
		return err;
	TRY(install_audit_finish(&in));
	if (req->runs_root_scripts)
		TRY(root_scripts_after(ctx));
	if (!req->is_quiet)
		install_report(&in);
	if (req->fixes)
		install_fix_finish(&in);
	if (is_noop)
		return NULL;
	install_recipe_note(&in);
	noop_remember(&in);
	return NULL;
}
