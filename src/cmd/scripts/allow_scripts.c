/* SPDX-License-Identifier: MIT
 * Reading the policy, and what it leaves open (npm-cli.md 4.6). Twin of npm's
 * resolve-allow-scripts.js. */
#include "allow_scripts.h"

#include "policy_run.h"
#include "script_approval.h"

/* ---- who says something ---- */

/* Items are lists themselves: "a, b". */
static size_t add_names(const struct cfg *cfg, struct script_policy *p)
{
	size_t nitems, count = 0;
	const str *items = cfg_list(cfg, CFG_ALLOW_SCRIPTS, &nitems);

	for (size_t i = 0; i < nitems; i++) {
		str rest = items[i];
		for (str name; str_cut(&rest, ',', &name);) {
			name = str_trim(name);
			if (name.len == 0)
				continue;
			script_policy_add(p, name, SCRIPTS_ALLOWED, ".npmrc");
			count++;
		}
	}
	return count;
}

static void add_entries(const struct manifest *m, struct script_policy *p)
{
	const struct json *entries = m ? json_get(m->json, "allowScripts") : NULL;

	for (size_t i = 0; json_is(entries, JSON_OBJECT) && i < entries->count; i++) {
		const struct json *val = entries->members[i].val;
		enum script_verdict verdict = SCRIPTS_UNREVIEWED;

		if (val->type == JSON_BOOL)
			verdict = val->boolean ? SCRIPTS_ALLOWED : SCRIPTS_DENIED;
		script_policy_add(p, entries->members[i].key, verdict, "package.json");
	}
}

/* Approvals that hold for one content only. What is no text holds for none. */
static void add_ties(const struct manifest *m, struct script_policy *p)
{
	const struct json *own = m ? json_get(m->json, "cpm") : NULL,
			  *ties = own ? json_get(own, APPROVAL_TIES) : NULL;

	for (size_t i = 0; json_is(ties, JSON_OBJECT) && i < ties->count; i++) {
		const struct json *val = ties->members[i].val;

		script_policy_tie(p, ties->members[i].key,
				  val->type == JSON_STRING ? val->string : S(""));
	}
}

static bool is_said_here(const struct cfg *cfg)
{
	enum cfg_layer from = cfg_source(cfg, CFG_ALLOW_SCRIPTS);
	size_t nitems;
	const str *items = cfg_list(cfg, CFG_ALLOW_SCRIPTS, &nitems);

	if (from != CFG_LAYER_CLI && from != CFG_LAYER_ENV)
		return false;
	for (size_t i = 0; i < nitems; i++)
		if (str_trim(items[i]).len > 0)
			return true;
	return false;
}

static bool is_said_in_files(const struct cfg *cfg)
{
	ARENA_SCOPE(tmp);

	for (enum cfg_layer l = CFG_LAYER_PROJECT; l < CFG_LAYER_DEFAULT; l++) {
		size_t count;
		const struct cfg_entry *entries = cfg_layer_entries(tmp, cfg, l, &count);

		for (size_t i = 0; i < count; i++)
			if (str_eq(entries[i].key, S("allow-scripts")))
				return true;
	}
	return false;
}

struct err *allow_scripts_resolve(struct cmd_ctx *ctx, struct script_policy **out)
{
	str where = cfg_local_prefix(ctx->cfg);
	struct script_policy *project = script_policy_new(ctx->arena, where),
			     *settings = script_policy_new(ctx->arena, where);
	struct policy *exceptions;

	if (is_said_here(ctx->cfg) && !cfg_is_global(ctx->cfg) &&
	    !(ctx->cmd->needs & CMD_TAKES_ALLOW_SCRIPTS))
		return err_new(E_ALLOW_SCRIPTS,
			       "--allow-scripts is not allowed in project-scoped installs. Add the "
			       "entries to the "
			       "\"allowScripts\" field in package.json, or to .npmrc, instead.");
	if (is_said_here(ctx->cfg) && is_said_in_files(ctx->cfg))
		log_warn("install-scripts", ".npmrc allow-scripts setting is being ignored because "
					    "--allow-scripts was passed on the command line");
	add_entries(ctx->manifest, project);
	add_ties(ctx->manifest, project);
	(void)add_names(ctx->cfg, settings);
	if (!script_policy_is_empty(project) && !script_policy_is_empty(settings))
		log_warn("install-scripts",
			 ".npmrc allow-scripts setting is being ignored because package.json "
			 "declares its own allowScripts field");
	*out = script_policy_is_empty(project) ? settings : project;
	TRY(cmd_ctx_policy(ctx, &exceptions));
	script_policy_except(*out, exceptions);
	return NULL;
}

void allow_scripts_warn_members(const struct tree *t)
{
	if (t->workspaces.len == 0)
		return;
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		const struct node *n = it.val;

		if (!node_is_workspace(n) || !json_get(n->manifest->json, "allowScripts"))
			continue;
		log_warn("install-scripts",
			 "allowScripts in workspace " STR_FMT " (" STR_FMT
			 ") is ignored. Move the field to the project root package.json.",
			 STR_ARG(n->manifest->name), STR_ARG(n->path));
	}
}

/* ---- what waits for review ---- */

str allow_scripts_setting_command(struct arena *a, const str *names, size_t count)
{
	return str_printf(a, "`npm config set allow-scripts=" STR_FMT " --location=user`",
			  STR_ARG(str_join(a, names, count, S(","))));
}

/* Global packages have no package.json that could say it. */
static str way_out(struct arena *a, const struct cmd_ctx *ctx, const str *names, size_t count)
{
	if (!cfg_is_global(ctx->cfg))
		return S("Approve them with `npm install-scripts approve`, deny them with `npm "
			 "install-scripts deny`, or bypass this check with "
			 "`--dangerously-allow-all-scripts`.");
	return str_printf(a,
			  "Allow them with `--allow-scripts`, persist them with " STR_FMT
			  ", or bypass this check with `--dangerously-allow-all-scripts`.",
			  STR_ARG(allow_scripts_setting_command(a, names, count)));
}

unreviewed_vec allow_scripts_unreviewed(struct arena *a, int dirfd, struct tree *t,
					const struct script_policy *p)
{
	unreviewed_vec out = { 0 };

	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);) {
		struct unreviewed u = { .node = it.val };

		if (script_is_reviewable(u.node) &&
		    script_policy_verdict(p, u.node) == SCRIPTS_UNREVIEWED &&
		    install_scripts_find(a, dirfd, u.node, &u.scripts)) {
			script_policy_note(p, u.node);
			VEC_PUSH(a, &out, u);
		}
	}
	return out;
}

struct err *allow_scripts_check_strict(struct cmd_ctx *ctx, struct tree *t,
				       const struct script_policy *p)
{
	struct arena *a = ctx->arena;
	struct str_buf list = str_buf(a, 1 << 20);

	if (!cfg_bool(ctx->cfg, CFG_STRICT_ALLOW_SCRIPTS) ||
	    cfg_bool(ctx->cfg, CFG_IGNORE_SCRIPTS) ||
	    cfg_bool(ctx->cfg, CFG_DANGEROUSLY_ALLOW_ALL_SCRIPTS))
		return NULL;
	unreviewed_vec open = allow_scripts_unreviewed(a, ctx->dirfd, t, p);
	if (open.len == 0)
		return NULL;
	str *names = ARENA_ARRAY(a, str, open.len);
	VEC_EACH (struct unreviewed, u, &open) {
		names[u - open.items] = script_identity_shown(u->node).name;
		str name = str_is_empty(node_package_name(u->node)) ? u->node->name
								    : node_package_name(u->node);
		str version = node_version(u->node), scripts = install_scripts_text(a, &u->scripts);

		buf_printf(&list, "  " STR_FMT "%s" STR_FMT " (" STR_FMT ")\n", STR_ARG(name),
			   version.len ? "@" : "", STR_ARG(version), STR_ARG(scripts));
	}
	return err_new(E_STRICT_ALLOW_SCRIPTS,
		       "--strict-allow-scripts: %zu package(s) have install scripts not covered by "
		       "allowScripts:\n%s" STR_FMT,
		       open.len, buf_cstr(&list), STR_ARG(way_out(a, ctx, names, open.len)));
}
