/* SPDX-License-Identifier: MIT
 * install-scripts: which packages may run scripts when they are installed, decided one by one and
 * kept in package.json. Nothing is run here; `rebuild` and `ci` do that. */
#include "allow_scripts.h"
#include "project_tree.h"
#include "script_approval.h"

#include "cpm/tree/package_file.h"

enum mode { APPROVE, DENY, LIST, PRUNE };

/* ---- opening ---- */

struct review {
	struct cmd_ctx *ctx;
	enum mode mode;
	struct script_policy *policy;
	struct project_tree project;
};

static struct err *open_review(struct review *v)
{
	TRY(project_tree_open(v->ctx, 0, &v->project));
	return v->mode == PRUNE ? NULL : allow_scripts_resolve(v->ctx, &v->policy);
}

static str project_dir(const struct review *v)
{
	return v->project.tree->path;
}

/* What waits for review, were scripts not ignored altogether. */
static unreviewed_vec unreviewed(const struct review *v)
{
	if (cfg_bool(v->ctx->cfg, CFG_DANGEROUSLY_ALLOW_ALL_SCRIPTS))
		return (unreviewed_vec){ 0 };
	return allow_scripts_unreviewed(v->ctx->arena, v->ctx->dirfd, v->project.tree, v->policy);
}

static str shown_as(struct arena *a, struct node *n)
{
	struct script_identity id = script_identity_shown(n);

	return str_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(id.name), id.version.len ? "@" : "",
			  STR_ARG(id.version));
}

/* ---- results ---- */

static void add_change(struct arena *a, struct json *list, str key, const char *what)
{
	struct json *o = json_new(a, JSON_OBJECT);

	json_set_text(a, o, "key", key);
	json_set_text(a, o, "change", str_view(what));
	json_append(a, list, o);
}

static struct json *add_package(struct arena *a, struct json *list, str name)
{
	struct json *o = json_new(a, JSON_OBJECT), *changes = json_new(a, JSON_ARRAY);

	json_set_text(a, o, "name", name);
	json_set(a, o, S("changes"), changes);
	json_append(a, list, o);
	return changes;
}

static void give_json(struct cmd_ctx *ctx, struct json *value)
{
	struct json *o = json_new(ctx->arena, JSON_OBJECT);

	json_set(ctx->arena, o, S("allowScripts"), value);
	out_json(ctx->out, o);
}

/* ---- ls ---- */

static void list_json(struct cmd_ctx *ctx, const unreviewed_vec *open)
{
	struct arena *a = ctx->arena;
	struct json *list = json_new(a, JSON_ARRAY);
	struct map by_name;

	map_init(&by_name, a);
	VEC_EACH (const struct unreviewed, u, open) {
		str name = script_identity_shown(u->node).name;
		struct json *changes = map_get(&by_name, name);

		if (!changes) {
			changes = add_package(a, list, name);
			map_put(&by_name, name, changes);
		}
		add_change(a, changes, shown_as(a, u->node), "pending");
	}
	give_json(ctx, list);
}

static void list_text(struct cmd_ctx *ctx, const unreviewed_vec *open)
{
	if (open->len == 0) {
		out_line(ctx->out, "No packages with unreviewed install scripts.");
		return;
	}
	out_line(ctx->out,
		 "%zu package%s install scripts blocked because they are not covered by "
		 "allowScripts:",
		 open->len, open->len == 1 ? " has" : "s have");
	VEC_EACH (const struct unreviewed, u, open) {
		str id = shown_as(ctx->arena, u->node),
		    scripts = install_scripts_text(ctx->arena, &u->scripts);

		out_line(ctx->out, "  " STR_FMT " (" STR_FMT ")", STR_ARG(id), STR_ARG(scripts));
	}
	out_line(ctx->out, "\nRun `npm install-scripts approve <pkg>` to allow, or `npm "
			   "install-scripts deny <pkg>` to "
			   "deny.");
}

static struct err *list(struct review *v)
{
	TRY(open_review(v));
	unreviewed_vec open = unreviewed(v);

	if (v->ctx->out->is_json)
		list_json(v->ctx, &open);
	else
		list_text(v->ctx, &open);
	return NULL;
}

/* ---- approve, deny ---- */

/* Nodes by the key that names their package. */
static void add_to_group(struct review *v, struct map *groups, struct node *n)
{
	struct arena *a = v->ctx->arena;
	str key = script_key_named(a, n);
	node_vec *group;

	if (str_is_null(key)) {
		log_warn(v->ctx->cmd->name,
			 "skipping " STR_FMT ": no trusted identity for policy key",
			 STR_ARG(n->name));
		return;
	}
	group = map_get(groups, key);
	if (!group) {
		group = ARENA_NEW(a, node_vec);
		map_put(groups, key, group);
	}
	VEC_PUSH(a, group, n);
}

static size_t add_named(struct review *v, struct map *groups, str arg)
{
	struct arena *a = v->ctx->arena;
	const struct spec *spec = script_key_parse(a, arg, project_dir(v));
	bool has_range = spec && (spec->type == SPEC_RANGE || spec->type == SPEC_VERSION) &&
			 !script_key_is_name_only(spec);
	str wanted = spec && !str_is_empty(spec->name) ? spec->name : arg;
	size_t count = 0;

	for (struct map_iter it = map_iter(&v->project.tree->inventory); map_next(&it);) {
		struct node *n = it.val;
		struct script_identity id;

		if (n->is_root || node_is_workspace(n) || node_in_bundle(n))
			continue;
		id = script_identity_shown(n);
		if (!str_eq(id.name, wanted) ||
		    (has_range && !range_satisfies(id.version, spec->fetch_spec, SEMVER_LOOSE)))
			continue;
		add_to_group(v, groups, n);
		count++;
	}
	return count;
}

static struct err *group_named(struct review *v, const str *args, size_t nargs, struct map *groups)
{
	struct arena *a = v->ctx->arena;
	str *missing = ARENA_ARRAY(a, str, nargs);
	size_t nmissing = 0;

	for (size_t i = 0; i < nargs; i++)
		if (add_named(v, groups, args[i]) == 0)
			missing[nmissing++] = args[i];
	if (nmissing == 0 && groups->count > 0)
		return NULL;
	str names = nmissing ? str_join(a, missing, nmissing, S(", "))
			     : str_join(a, args, nargs, S(", "));
	return err_show_as(
		err_new(E_GENERIC, "No installed packages match: " STR_FMT, STR_ARG(names)),
		S("ENOMATCH"));
}

static void print_changes(struct review *v, str name, const struct approval *edit)
{
	if (edit->changes.len == 0)
		return;
	out_line(v->ctx->out, "%s " STR_FMT ":", v->mode == APPROVE ? "Approved" : "Denied",
		 STR_ARG(name));
	VEC_EACH (const struct approval_change, c, &edit->changes)
		out_line(v->ctx->out, "  %s " STR_FMT, c->what, STR_ARG(c->key));
}

static struct json *entries_of(struct arena *a, const struct package_file *f)
{
	const struct json *entries = json_get(f->content, "allowScripts");

	return json_is(entries, JSON_OBJECT) ? json_dup(a, entries) : json_new(a, JSON_OBJECT);
}

/* The object of ours in package.json; an empty one when there is none. */
static struct json *own_object(struct arena *a, const struct package_file *f)
{
	const struct json *own = json_get(f->content, "cpm");

	return json_is(own, JSON_OBJECT) ? json_dup(a, own) : json_new(a, JSON_OBJECT);
}

static struct json *ties_of(struct arena *a, const struct package_file *f)
{
	const struct json *ties = json_get(own_object(a, f), APPROVAL_TIES);

	return json_is(ties, JSON_OBJECT) ? json_dup(a, ties) : json_new(a, JSON_OBJECT);
}

static void put_ties(struct arena *a, struct package_file *f, struct json *ties,
		     const struct json *entries)
{
	struct json *own = own_object(a, f);

	approval_drop_ties(a, ties, entries);
	(void)json_del(own, S(APPROVAL_TIES));
	if (ties->count > 0)
		json_set(a, own, S(APPROVAL_TIES), ties);
	(void)json_del(f->content, S("cpm"));
	if (own->count > 0)
		json_set(a, f->content, S("cpm"), own);
}

static struct err *write_groups(struct review *v, const struct map *groups)
{
	struct cmd_ctx *ctx = v->ctx;
	struct arena *a = ctx->arena;
	bool pins = cfg_is_null(ctx->cfg, CFG_ALLOW_SCRIPTS_PIN) ||
		    cfg_bool(ctx->cfg, CFG_ALLOW_SCRIPTS_PIN);
	struct json *summary = json_new(a, JSON_ARRAY), *entries, *ties;
	struct approval *edits = ARENA_ARRAY(a, struct approval, groups->count);
	struct package_file file;
	size_t n = 0, nchanged = 0;

	TRY(package_file_read(a, project_dir(v), &file));
	entries = entries_of(a, &file);
	ties = ties_of(a, &file);
	for (struct map_iter it = map_iter(groups); map_next(&it); n++) {
		struct json *changes = add_package(a, summary, it.key);

		if (v->mode == APPROVE)
			approval_allow(a, entries, project_dir(v), it.val, pins, &edits[n]);
		else
			approval_deny(a, entries, project_dir(v), it.val, &edits[n]);
		approval_tie(a, ties, entries, project_dir(v), it.val,
			     cfg_bool(ctx->cfg, CFG_ALLOW_SCRIPTS_INTEGRITY), &edits[n]);
		if (!str_is_null(edits[n].warning))
			log_warn(ctx->cmd->name, STR_FMT, STR_ARG(edits[n].warning));
		VEC_EACH (const struct approval_change, c, &edits[n].changes)
			add_change(a, changes, c->key, c->what);
		nchanged += edits[n].changes.len > 0;
	}
	json_set(a, file.content, S("allowScripts"), entries);
	put_ties(a, &file, ties, entries);
	TRY(package_file_tidy(a, &file));
	TRY(package_file_save(&file));
	n = 0;
	for (struct map_iter it = map_iter(groups); map_next(&it); n++)
		if (!ctx->out->is_json)
			print_changes(v, it.key, &edits[n]);
	if (ctx->out->is_json)
		give_json(ctx, summary);
	else if (nchanged == 0)
		out_line(ctx->out, "Nothing to %s; allowScripts unchanged.",
			 v->mode == APPROVE ? "approve" : "deny");
	return NULL;
}

static struct err *decide(struct review *v, const str *args, size_t nargs)
{
	struct cmd_ctx *ctx = v->ctx;
	struct map groups;

	map_init(&groups, ctx->arena);
	TRY(open_review(v));
	if (!cfg_bool(ctx->cfg, CFG_ALL)) {
		TRY(group_named(v, args, nargs, &groups));
		return write_groups(v, &groups);
	}
	unreviewed_vec open = unreviewed(v);
	if (open.len == 0 && ctx->out->is_json)
		give_json(ctx, json_new(ctx->arena, JSON_ARRAY));
	else if (open.len == 0)
		out_line(ctx->out, "No packages with unreviewed install scripts.");
	VEC_EACH (struct unreviewed, u, &open)
		add_to_group(v, &groups, u->node);
	return open.len > 0 ? write_groups(v, &groups) : NULL;
}

/* ---- prune ---- */

/* Why an entry is of no use; NULL when it is. */
static const char *why_unused(struct review *v, const struct spec *key)
{
	struct install_scripts scripts;
	const char *why = "not-installed";

	for (struct map_iter it = map_iter(&v->project.tree->inventory); map_next(&it);) {
		struct node *n = it.val;

		if (!script_is_reviewable(n) || !script_key_matches(key, n, false))
			continue;
		if (install_scripts_find(v->ctx->arena, v->ctx->dirfd, n, &scripts))
			return NULL;
		why = "no-scripts";
	}
	return why;
}

static void print_pruned(struct cmd_ctx *ctx, const struct json *removed, bool is_dry_run)
{
	if (removed->count == 0) {
		out_line(ctx->out, "No unused allowScripts entries.");
		return;
	}
	out_line(ctx->out,
		 "%s %zu unused allowScripts %s:", is_dry_run ? "Would remove" : "Removed",
		 removed->count, removed->count == 1 ? "entry" : "entries");
	for (size_t i = 0; i < removed->count; i++) {
		str key = json_get_text(removed->items[i], "key");
		bool is_gone = str_eq(json_get_text(removed->items[i], "reason"),
				      S("not-installed"));

		out_line(ctx->out, "  " STR_FMT " (%s)", STR_ARG(key),
			 is_gone ? "package not installed" : "no install scripts");
	}
}

static struct json *prune_entries(struct review *v, struct json *entries)
{
	struct arena *a = v->ctx->arena;
	struct json *removed = json_new(a, JSON_ARRAY);

	for (size_t i = 0; i < entries->count;) {
		struct json_member m = entries->members[i];
		const struct spec *key = script_key_parse(a, m.key, project_dir(v));
		const char *why = key ? why_unused(v, key) : NULL;

		if (!why) {
			i++;
			continue;
		}
		struct json *o = json_new(a, JSON_OBJECT);
		json_set_text(a, o, "key", m.key);
		json_set(a, o, S("value"), m.val);
		json_set_text(a, o, "reason", str_view(why));
		json_append(a, removed, o);
		(void)json_del(entries, m.key);
	}
	return removed;
}

static struct err *prune(struct review *v)
{
	struct cmd_ctx *ctx = v->ctx;
	struct arena *a = ctx->arena;
	bool is_dry_run = cfg_bool(ctx->cfg, CFG_DRY_RUN);
	struct package_file file;

	TRY(open_review(v));
	TRY(package_file_read(a, project_dir(v), &file));
	struct json *entries = entries_of(a, &file), *removed = prune_entries(v, entries);
	if (removed->count > 0 && !is_dry_run) {
		put_ties(a, &file, ties_of(a, &file), entries);
		if (entries->count > 0)
			json_set(a, file.content, S("allowScripts"), entries);
		else
			(void)json_del(file.content, S("allowScripts"));
		TRY(package_file_tidy(a, &file));
		TRY(package_file_save(&file));
	}
	if (!ctx->out->is_json) {
		print_pruned(ctx, removed, is_dry_run);
		return NULL;
	}
	struct json *o = json_new(a, JSON_OBJECT);
	json_set(a, o, S("removed"), removed);
	json_set(a, o, S("dryRun"), json_new_bool(a, is_dry_run));
	give_json(ctx, o);
	return NULL;
}

/* ---- the commands ---- */

static struct err *refuse_global(struct cmd_ctx *ctx)
{
	if (!cfg_is_global(ctx->cfg))
		return NULL;
	return err_show_as(
		err_new(E_GENERIC, "`npm %s` does not work for global installs", ctx->cmd->name),
		S("EGLOBAL"));
}

static struct err *review(struct cmd_ctx *ctx, enum mode mode, bool knows_pending, const str *args,
			  size_t nargs)
{
	struct review v = { .ctx = ctx, .mode = mode };
	bool is_pending = knows_pending && cfg_bool(ctx->cfg, CFG_ALLOW_SCRIPTS_PENDING);
	bool is_all = cfg_bool(ctx->cfg, CFG_ALL), has_names = nargs > 0 || is_all;

	TRY(refuse_global(ctx));
	if (mode == PRUNE && has_names)
		return cmd_usage_error(ctx, "`npm install-scripts prune` cannot be combined with "
					    "positional arguments or "
					    "`--all`.");
	if (mode == PRUNE)
		return prune(&v);
	if ((mode == LIST || is_pending) && has_names)
		return cmd_usage_error(
			ctx, "%s cannot be combined with positional arguments or `--all`.",
			mode == LIST ? "`npm install-scripts ls`" : "`--allow-scripts-pending`");
	if (mode != LIST && !is_pending && !has_names)
		return cmd_usage_error(ctx, "%s", "");
	if (mode == DENY && is_pending)
		return cmd_usage_error(
			ctx,
			"`npm deny-scripts --allow-scripts-pending` is not supported; run `npm "
			"install-scripts ls` to list unreviewed packages.");
	return mode == LIST || is_pending ? list(&v) : decide(&v, args, nargs);
}

static struct err *install_scripts_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
					   int *exit_status)
{
	static const struct {
		const char *name;
		enum mode mode;
	} modes[] = { { "approve", APPROVE },
		      { "deny", DENY },
		      { "ls", LIST },
		      { "list", LIST },
		      { "prune", PRUNE } };

	(void)exit_status;
	for (size_t i = 0; nargs > 0 && i < ARRAY_LEN(modes); i++)
		if (str_eq(args[0], str_view(modes[i].name)))
			return review(ctx, modes[i].mode, false, args + 1, nargs - 1);
	if (nargs > 0)
		return cmd_usage_error(ctx, "`" STR_FMT "` is not a recognized subcommand.",
				       STR_ARG(args[0]));
	return cmd_usage_error(ctx, "%s", "");
}

static struct err *approve_scripts_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
					   int *exit_status)
{
	(void)exit_status;
	return review(ctx, APPROVE, true, args, nargs);
}

static struct err *deny_scripts_command(struct cmd_ctx *ctx, const str *args, size_t nargs,
					int *exit_status)
{
	(void)exit_status;
	return review(ctx, DENY, true, args, nargs);
}

static const enum cfg_key write_keys[] = { CFG_ALL,
					   CFG_ALLOW_SCRIPTS_PENDING,
					   CFG_ALLOW_SCRIPTS_PIN,
					   CFG_ALLOW_SCRIPTS_INTEGRITY,
					   CFG_JSON,
					   CFG_END };

const struct cmd cmd_install_scripts = {
	.name = "install-scripts",
	.summary = "Manage install-script approvals for dependencies",
	.synopsis = (const char *const[]){ "approve <pkg> [<pkg> ...]", "approve --all",
					   "deny <pkg> [<pkg> ...]", "deny --all", "ls", "prune",
					   NULL },
	.keys = (const enum cfg_key[]){ CFG_ALL, CFG_ALLOW_SCRIPTS_PIN, CFG_ALLOW_SCRIPTS_INTEGRITY,
					CFG_DRY_RUN, CFG_JSON, CFG_END },
	.needs = CMD_REFUSES_WORKSPACE_DIR,
	.doc = "install-scripts",
	.run = install_scripts_command,
};

const struct cmd cmd_approve_scripts = {
	.name = "approve-scripts",
	.summary = "Approve install scripts for specific dependencies",
	.synopsis = (const char *const[]){ "<pkg> [<pkg> ...]", "--all", "--allow-scripts-pending",
					   NULL },
	.keys = write_keys,
	.needs = CMD_REFUSES_WORKSPACE_DIR,
	.doc = "install-scripts",
	.run = approve_scripts_command,
};

const struct cmd cmd_deny_scripts = {
	.name = "deny-scripts",
	.summary = "Deny install scripts for specific dependencies",
	.synopsis = (const char *const[]){ "<pkg> [<pkg> ...]", "--all", NULL },
	.keys = write_keys,
	.needs = CMD_REFUSES_WORKSPACE_DIR,
	.doc = "install-scripts",
	.run = deny_scripts_command,
};
