/* SPDX-License-Identifier: MIT
 * Install scripts of packages, and the scripts of folders that are linked (npm-cli.md 4.2).
 * Packages first, each phase through all of them before the next; links afterwards, since a member
 * may need what the packages have built:
 *
 *   packages   preinstall            -> commands -> install -> postinstall
 *   links      preinstall -> prepare -> commands -> install -> postinstall
 *
 * Only what the policy allows runs (script_policy.h). What runs may change its own files, so these
 * packages have private copies (shelf_use.c) and are never taken for unchanged (proof.c). */
#include "reify_priv.h"

#include "cpm/base/event.h"
#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/base/proc.h"
#include "cpm/base/trace.h"
#include "cpm/runtime/host.h"
#include "cpm/runtime/node_find.h"
#include "cpm/runtime/script_env.h"
#include "cpm/tree/optional_set.h"
#include "cpm/tree/package_doc.h"
#include "cpm/tree/script_policy.h"

#define IMPLICIT_BUILD "node-gyp rebuild"

/* A package or link whose scripts run. */
struct build {
	struct node *node; /* as it is sorted: a link stands where it lies */
	struct node *at;   /* where the scripts are */
	struct unit *unit; /* that writes it in this run, or NULL */
	struct install_scripts scripts;
	const struct json *doc; /* its package.json */
	str id;
	str temp_dir; /* null: not confined */
};
typedef VEC(struct build) build_vec;

/* ---- who may ---- */

static bool is_asked_for(const struct run *r)
{
	return r->opts->script_env && !cfg_bool(r->opts->cfg, CFG_IGNORE_SCRIPTS);
}

static bool are_all_allowed(const struct run *r)
{
	return cfg_bool(r->opts->cfg, CFG_DANGEROUSLY_ALLOW_ALL_SCRIPTS);
}

static bool is_allowed(const struct run *r, struct node *n)
{
	return are_all_allowed(r) || script_policy_verdict(r->opts->policy, n) == SCRIPTS_ALLOWED;
}

bool scripts_may_run(const struct run *r, const struct unit *u)
{
	return is_asked_for(r) && !u->node->is_link && is_allowed(r, u->node);
}

bool scripts_will_run(const struct run *r, const struct unit *u)
{
	return facts_have_scripts(&u->facts) && scripts_may_run(r, u);
}

/* A link that the layout made, to a package in the store. */
static bool is_store_link(const struct node *n)
{
	return n->target && str_starts(n->target->location, S(NODE_STORE "/"));
}

/* ---- what there is to do ---- */

static void take_facts(const struct unit_facts *f, struct install_scripts *out)
{
	out->preinstall = f->preinstall;
	out->install = f->builds_implicitly ? S(IMPLICIT_BUILD) : f->install;
	out->postinstall = f->postinstall;
}

static void add_build(struct run *r, build_vec *out, struct build b)
{
	struct manifest *m;
	struct err *e = manifest_read(r->arena, AT_FDCWD, run_path(r, b.at->path), &m, NULL);

	if (e) {
		err_ignore(e);
		return;
	}
	if (!are_all_allowed(r))
		script_policy_note(r->opts->policy, b.at);
	b.doc = package_doc_normalize(r->arena, m->json, m);
	b.id = json_get_text(b.doc, "_id");
	VEC_PUSH(r->arena, out, b);
}

static void collect_packages(struct run *r, build_vec *out)
{
	VEC_EACH (struct unit *, u, &r->units) {
		struct build b = { .node = (*u)->node, .at = (*u)->node, .unit = *u };

		if (!(*u)->is_done || (*u)->is_dropped || !scripts_will_run(r, *u))
			continue;
		take_facts(&(*u)->facts, &b.scripts);
		add_build(r, out, b);
	}
}

/* What came inside packages runs only where everything does. */
static void collect_bundled(struct run *r, build_vec *out)
{
	if (!are_all_allowed(r) || !cfg_bool(r->opts->cfg, CFG_REBUILD_BUNDLE))
		return;
	for (struct map_iter it = map_iter(&r->ideal->inventory); map_next(&it);) {
		struct build b = { .node = it.val, .at = it.val };
		struct node *bundler = node_in_dep_bundle(it.val) ? node_bundler(it.val) : NULL;
		struct unit *u = bundler ? plan_unit_of(r, bundler) : NULL;

		if (!u || !u->is_done || u->is_dropped)
			continue;
		if (install_scripts_read(r->arena, r->dirfd, b.node, &b.scripts))
			add_build(r, out, b);
	}
}

static void add_link(struct run *r, build_vec *out, struct node *n, struct unit *u)
{
	struct build b = { .node = n, .at = n->target, .unit = u };
	struct manifest *m;
	struct err *e;

	if (!n->target || n->inert || is_store_link(n) || (u && u->is_dropped) ||
	    (!node_is_workspace(n) && !is_allowed(r, n->target)))
		return;
	e = manifest_read(r->arena, AT_FDCWD, run_path(r, n->target->path), &m, NULL);
	if (!e)
		b.scripts = (struct install_scripts){ m->preinstall, m->install, m->postinstall,
						      m->prepare };
	err_ignore(e);
	if (!e && str_is_empty(m->preinstall) && str_is_empty(m->install) && !m->gypfile_false &&
	    fs_is_file(AT_FDCWD,
		       run_path(r, path_join(r->arena, n->target->path, S("binding.gyp")))))
		b.scripts.install = S(IMPLICIT_BUILD);
	if (!e)
		add_build(r, out, b);
}

/* Links that the project manages itself run in every install. */
static void collect_links(struct run *r, build_vec *out)
{
	VEC_EACH (struct unit *, u, &r->units)
		if ((*u)->node->is_link)
			add_link(r, out, (*u)->node, *u);
	for (size_t i = 0; i < r->diff->unchanged.len; i++)
		if (bins_is_own_link(r, r->diff->unchanged.items[i]))
			add_link(r, out, r->diff->unchanged.items[i], NULL);
}

/* Everything that was named, whatever came of it before; a folder that a link leads to counts as
 * the link. */
static void collect_rebuilt(struct run *r, build_vec *packages, build_vec *links)
{
	struct map targets;

	map_init(&targets, r->arena);
	for (size_t i = 0; i < r->rebuilt->len; i++)
		if (r->rebuilt->items[i]->is_link && r->rebuilt->items[i]->target)
			map_put(&targets, r->rebuilt->items[i]->target->location, r);
	for (size_t i = 0; i < r->rebuilt->len; i++) {
		struct node *n = r->rebuilt->items[i];
		struct build b = { .node = n, .at = n };

		if (n->is_link) {
			add_link(r, links, n, NULL);
			continue;
		}
		if (n->inert || map_has(&targets, n->location) || !is_allowed(r, n))
			continue;
		if (install_scripts_read(r->arena, r->dirfd, n, &b.scripts))
			add_build(r, packages, b);
	}
}

static int compare_builds(const void *a, const void *b)
{
	const struct build *x = a, *y = b;

	if (x->node->depth != y->node->depth)
		return x->node->depth < y->node->depth ? -1 : 1;
	return str_collate(x->node->path, y->node->path);
}

/* ---- one phase ---- */

static str or_null(str text)
{
	return str_is_null(text) ? S("null") : text;
}

static str flag(bool is_set)
{
	return is_set ? S("1") : S("");
}

/* Where a linked layout has the dependencies of a package: beside it. A command that the script
 * starts looks from its own place, and would not find them. */
static str node_path(struct run *r, const struct node *n)
{
	str inherited = cfg_getenv(r->opts->cfg, "NODE_PATH"), beside;

	if (!str_starts(n->location, S(NODE_STORE "/")))
		return STR_NULL;
	beside = str_slice(n->path, 0, n->path.len - n->name.len - 1);
	return inherited.len > 0 ? str_printf(r->arena, STR_FMT ":" STR_FMT, STR_ARG(beside),
					      STR_ARG(inherited))
				 : beside;
}

static struct script script_of(struct run *r, const struct build *b, const char *event, str text)
{
	const struct node *n = b->at;
	struct script_var extra[12] = {
		{ S("npm_package_resolved"), or_null(n->resolved) },
		{ S("npm_package_integrity"), or_null(n->integrity) },
		{ S("npm_package_optional"), flag(n->optional) },
		{ S("npm_package_dev"), flag(n->dev) },
		{ S("npm_package_peer"), flag(n->peer) },
		{ S("npm_package_dev_optional"), flag(n->dev_optional && !n->dev && !n->optional) },
		{ S(LOCK_HELD_VARIABLE), r->ideal->path },
	};
	struct script_event e = { .event = str_view(event),
				  .command = text,
				  .dir = n->path,
				  .package = b->doc,
				  .is_foreign = !node_is_workspace(b->node),
				  .extra = extra,
				  .nextra = 7 };
	str shell = cfg_text(r->opts->cfg, CFG_SCRIPT_SHELL), more = node_path(r, n);

	if (!str_is_null(more))
		extra[e.nextra++] = (struct script_var){ S("NODE_PATH"), more };
	static const char *const temp_vars[] = { "TMPDIR", "TMP", "TEMP" };
	for (size_t i = 0; i < ARRAY_LEN(temp_vars) && !str_is_null(b->temp_dir); i++)
		extra[e.nextra++] = (struct script_var){ str_view(temp_vars[i]), b->temp_dir };
	return (struct script){ .shell = shell.len > 0 ? shell : STR_NULL,
				.command = text,
				.dir = n->path,
				.environ = script_env_for(r->arena, r->opts->script_env, &e),
				.may_fail = b->node->optional && !r->rebuilt,
				.package = b->id,
				.event = str_view(event),
				.limit_ms = (int64_t)cfg_number(r->opts->cfg, CFG_SCRIPT_TIMEOUT),
				.temp_dir = b->temp_dir };
}

/* An optional package whose script failed goes, with all that needs it. */
static void drop(struct run *r, const struct build *b)
{
	node_vec set = dep_set_optional(r->arena, b->node);

	for (size_t i = 0; i < set.len; i++) {
		struct unit *u = plan_unit_of(r, set.items[i]);

		log_verbose("reify", "failed optional dependency " STR_FMT,
			    STR_ARG(set.items[i]->path));
		set.items[i]->inert = true;
		if (u)
			u->is_dropped = true;
	}
}

static struct err *settle(struct run *r, const struct build *b, const struct script *s,
			  const struct script_outcome *o)
{
	if (!script_failed(o))
		return NULL;
	confine_explain(s);
	if (s->may_fail) {
		drop(r, b);
		return NULL;
	}
	runtime_explain_failure(r->opts->cfg, o->exit_status);
	return host_failure(s, o);
}

static str text_of(const struct build *b, const char *event)
{
	str text = strcmp(event, "preinstall") == 0    ? b->scripts.preinstall
		   : strcmp(event, "install") == 0     ? b->scripts.install
		   : strcmp(event, "postinstall") == 0 ? b->scripts.postinstall
						       : b->scripts.prepare;

	return str_is_empty(text) ? STR_NULL : text;
}

/* With --foreground-scripts people see them all, one after the other. */
static struct err *run_in_foreground(const build_vec *builds, const struct script *scripts,
				     const char *event, struct script_outcome *out)
{
	/* Nothing is drawn over what they print. */
	event_emit(&(struct event){ .kind = EVENT_STAGE, .stage = STAGE_DONE });
	for (size_t i = 0; i < builds->len; i++) {
		const struct build *b = &builds->items[i];

		log_notice("run", STR_FMT "%s%s", STR_ARG(b->id), b->id.len ? " " : "", event);
		log_notice("run", STR_FMT, STR_ARG(str_trim_js(scripts[i].command)));
		TRY(host_run(&scripts[i], &out[i]));
		if (!script_failed(&out[i]) || scripts[i].may_fail)
			continue;
		if (out[i].signal && !out[i].took_too_long)
			proc_stop_as(out[i].signal);
		return NULL;
	}
	return NULL;
}

static struct err *run_phase(struct run *r, const build_vec *all, const char *event)
{
	unsigned cpus = cpu_quota();
	build_vec builds = { 0 };

	VEC_EACH (const struct build, b, all)
		if (!b->node->inert && !(b->unit && b->unit->is_dropped) &&
		    !str_is_null(text_of(b, event)))
			VEC_PUSH(r->arena, &builds, *b);
	if (builds.len == 0)
		return NULL;
	reify_mark_written(r);
	struct script *scripts = ARENA_ARRAY(r->arena, struct script, builds.len);
	struct script_outcome *out = ARENA_ARRAY(r->arena, struct script_outcome, builds.len);
	for (size_t i = 0; i < builds.len; i++) {
		str text = text_of(&builds.items[i], event);

		scripts[i] = script_of(r, &builds.items[i], event, text);
		log_info("run", STR_FMT " %s " STR_FMT " " STR_FMT, STR_ARG(builds.items[i].id),
			 event, STR_ARG(builds.items[i].at->location), STR_ARG(text));
	}
	if (cfg_bool(r->opts->cfg, CFG_FOREGROUND_SCRIPTS))
		TRY(run_in_foreground(&builds, scripts, event, out));
	else
		TRY(host_run_many(r->arena, scripts, builds.len, cpus > 1 ? cpus - 1 : 1, out));
	for (size_t i = 0; i < builds.len; i++)
		script_log_write(&r->opts->script_logs, &scripts[i], &out[i]);
	for (size_t i = 0; i < builds.len; i++)
		TRY(settle(r, &builds.items[i], &scripts[i], &out[i]));
	return NULL;
}

/* ---- all of it ---- */

/* Members are the project's own, all else is foreign. */
static struct err *prepare(struct run *r, build_vec *builds)
{
	VEC_EACH (struct build, b, builds) {
		if (!b->unit && !b->node->is_link)
			TRY(unshare_package(r, b->node));
		if (!node_is_workspace(b->node))
			TRY(confine_temp_dir(r, &b->temp_dir));
	}
	return NULL;
}

static struct err *build(struct run *r, build_vec *builds, bool are_links)
{
	VEC_SORT(builds, compare_builds);
	TRY(prepare(r, builds));
	TRY(run_phase(r, builds, "preinstall"));
	if (are_links)
		TRY(run_phase(r, builds, "prepare"));
	TRY(bins_link_all(r, are_links));
	TRY(run_phase(r, builds, "install"));
	return run_phase(r, builds, "postinstall");
}

/* Optional packages that fell leave neither files nor commands behind. */
static struct err *remove_fallen(struct run *r)
{
	VEC_EACH (struct unit *, u, &r->units) {
		if (!(*u)->is_dropped || !(*u)->is_done)
			continue;
		TRY(bins_retire(r, (*u)->node));
		TRY(retire_path(r, (*u)->path));
	}
	return NULL;
}

static bool compiles(const struct install_scripts *s)
{
	const str texts[] = { s->preinstall, s->install, s->postinstall };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (str_find(texts[i], S("node-gyp")) != STR_NPOS)
			return true;
	return false;
}

static struct err *fetch_tools(struct run *r, const build_vec *packages)
{
	bool any = false;

	if (str_is_null(r->confined_temp) || packages->len == 0 || !r->opts->fetch_tools)
		return NULL;
	VEC_EACH (const struct build, b, packages)
		any = any || compiles(&b->scripts);
	return r->opts->fetch_tools(r->opts->tools_ctx, any);
}

static struct err *build_all(struct run *r)
{
	build_vec packages = { 0 }, links = { 0 };

	if (is_asked_for(r)) {
		TRY(confine_open(r));
		event_emit(&(struct event){ .kind = EVENT_STAGE, .stage = STAGE_BUILD });
		collect_packages(r, &packages);
		collect_bundled(r, &packages);
		if (r->rebuilt)
			collect_rebuilt(r, &packages, &links);
		TRY(fetch_tools(r, &packages));
	}
	TRY(build(r, &packages, false));
	if (is_asked_for(r) && !r->rebuilt)
		collect_links(r, &links);
	TRY(build(r, &links, true));
	return packages.len + links.len > 0 ? remove_fallen(r) : NULL;
}

struct err *scripts_build(struct run *r)
{
	TRACE(BUILD);
	struct err *e = build_all(r);

	confine_close(r);
	return e;
}
