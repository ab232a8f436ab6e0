/* SPDX-License-Identifier: MIT
 * When a recipe may stand for a whole ci (recipe.h): whatever decides about the tree or the words
 * is in its key, or keeps it from being used. */
#include "install_recipe.h"

#include "root_scripts.h"

#include "cpm/base/path.h"
#include "cpm/base/trace.h"
#include "cpm/reify/recipe.h"

/* ---- when ---- */

/* What a run reads beside package.json and the lockfile, and what it would write. */
static bool has_other_inputs(const struct install *in)
{
	static const char *const files[] = { ".npm-extension.mjs", ".npm-extension.cjs",
					     "binding.gyp", "cpm-policy.json", "yarn.lock" };

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (fs_exists(in->ctx->dirfd, files[i]))
			return true;
	return false;
}

static bool has_members_or_patches(const struct manifest *m)
{
	return m->workspaces || m->dev_engines || json_get(m->json, "patchedDependencies");
}

static bool is_selective(const struct cfg *cfg)
{
	size_t nfilters;

	(void)cfg_list(cfg, CFG_WORKSPACE, &nfilters);
	return nfilters > 0 || !cfg_is_null(cfg, CFG_WORKSPACES);
}

/* Those list what was done, package by package. */
static bool tells_all(const struct cfg *cfg)
{
	return cfg_bool(cfg, CFG_JSON) || cfg_bool(cfg, CFG_LONG);
}

static bool is_eligible(const struct install *in)
{
	const struct cfg *cfg = in->ctx->cfg;
	bool runs_scripts = !cfg_bool(cfg, CFG_IGNORE_SCRIPTS) &&
			    noop_has_own_scripts(in->ctx->manifest);

	return in->req->replaces_all && in->noop.is_looked_up && in->ctx->store &&
	       cfg_bool(cfg, CFG_SHARED_STORE) && str_eq(cfg_install_strategy(cfg), S("linked")) &&
	       !runs_scripts && !has_members_or_patches(in->ctx->manifest) && !is_selective(cfg) &&
	       !tells_all(cfg) && !has_other_inputs(in);
}

static void add_content(struct fingerprint *key, const struct state_fact *file)
{
	fingerprint_add(key, str_of((const char *)&file->content, sizeof(file->content)));
}

/* False when one of the two files is none. */
static bool make_key(const struct install *in, struct fingerprint *key)
{
	const struct noop *noop = &in->noop;

	*key = noop->key;
	fingerprint_add(key, S("recipe"));
	add_content(key, &noop->manifest);
	add_content(key, &noop->lockfile);
	return noop->manifest.kind == STATE_FILE && noop->lockfile.kind == STATE_FILE;
}

/* ---- following ---- */

/* "1290 {...}": how many packages were added, and what the state file would say. */
static bool tell(struct install *in, str report)
{
	str count;
	size_t added = 0;

	if (!str_cut(&report, ' ', &count) || str_is_empty(count))
		return false;
	for (size_t i = 0; i < count.len; i++)
		added = 10 * added + (size_t)(count.p[i] - '0');
	if (!noop_tell_report(in, report))
		return false;
	in->noop.report.added = added;
	return true;
}

static bool follow(struct install *in, const struct recipe *recipe)
{
	struct cmd_ctx *ctx = in->ctx;
	str dir;
	struct err *err = fs_real_path(ctx->arena, str_cstr(ctx->arena, cfg_local_prefix(ctx->cfg)),
				       &dir);

	if (!err)
		err = recipe_follow(ctx->arena, ctx->store, ctx->dirfd, dir, recipe);
	if (!err)
		return true;
	log_verbose("shared", "going the long way: " STR_FMT, STR_ARG(err_text(ctx->arena, err)));
	err_ignore(err);
	return false;
}

bool install_recipe_follow(struct install *in)
{
	struct recipe recipe;
	struct fingerprint key;
	TRACE(LINK);

	if (!is_eligible(in) || !make_key(in, &key) ||
	    !recipe_find(in->ctx->arena, in->ctx->store, key, &recipe) || !follow(in, &recipe))
		return false;
	log_verbose("shared", "%zu packages are where another install has put them",
		    recipe.entries.len);
	in->noop.is_proven = tell(in, recipe.report);
	return in->noop.is_proven;
}

/* ---- noting ---- */

void install_recipe_note(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	struct recipe recipe;
	struct fingerprint key;

	if (!is_eligible(in) || !make_key(in, &key) || in->result.dropped ||
	    !recipe_take_down(ctx->arena, ctx->store, ctx->dirfd, &recipe))
		return;
	recipe.report = str_printf(ctx->arena, "%zu " STR_FMT, install_added(in),
				   STR_ARG(noop_report_text(in)));
	recipe_keep(ctx->store, key, &recipe);
}
