/* SPDX-License-Identifier: MIT
 * The project's own scripts. They belong to whoever runs the install, so no policy asks for them;
 * they have the terminal, and each one sees the package.json that the one before it left. */
#include "root_scripts.h"

#include "script_run.h"

static const char *const before[] = { "preinstall", NULL };
static const char *const changed[] = { "predependencies", "dependencies", "postdependencies",
				       NULL };
static const char *const after[] = { "install", "postinstall", "prepublish", "preprepare",
				     "prepare", "postprepare", NULL };

/* Cheap to tell from what was read already: most projects have none. */
static bool has_any(const struct cmd_ctx *ctx, const char *const *events)
{
	const struct json *scripts = json_get(ctx->manifest->json, "scripts");

	for (const char *const *e = events; *e; e++)
		if (json_get_text(scripts, *e).len > 0)
			return true;
	return events == after && fs_is_file(ctx->dirfd, "binding.gyp");
}

/* What most projects have there, and what touches no package: programs that set up git hooks. */
static bool is_harmless(str command)
{
	static const char *const commands[] = { "husky",
						"husky install",
						"husky || true",
						"is-ci || husky install",
						"lefthook install",
						"simple-git-hooks" };

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (str_eq(str_trim(command), str_view(commands[i])))
			return true;
	return command.len == 0;
}

bool root_scripts_may_write(const struct cmd_ctx *ctx)
{
	const char *const *const lists[] = { changed, after };
	const struct json *scripts = json_get(ctx->manifest->json, "scripts");

	if (cfg_bool(ctx->cfg, CFG_IGNORE_SCRIPTS))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (const char *const *e = lists[i]; *e; e++)
			if (!is_harmless(json_get_text(scripts, *e)))
				return true;
	return false;
}

static struct err *run_events(struct cmd_ctx *ctx, const char *const *events, bool is_watched)
{
	for (const char *const *e = events; *e; e++) {
		struct script_package project;

		TRY(script_package_read(ctx, cfg_local_prefix(ctx->cfg), &project));
		TRY(script_run_event(ctx, &project, *e, is_watched));
	}
	return NULL;
}

struct err *root_scripts_before(struct cmd_ctx *ctx)
{
	if (cfg_bool(ctx->cfg, CFG_IGNORE_SCRIPTS) || !has_any(ctx, before))
		return NULL;
	cmd_ctx_unlock(ctx);
	TRY(run_events(ctx, before, true));
	return cmd_ctx_open_project(ctx);
}

struct err *root_scripts_after(struct cmd_ctx *ctx)
{
	if (cfg_bool(ctx->cfg, CFG_IGNORE_SCRIPTS) || !has_any(ctx, after))
		return NULL;
	cmd_ctx_unlock(ctx);
	TRY(run_events(ctx, after, true));
	return cmd_ctx_lock(ctx);
}

struct err *root_scripts_dependencies(struct cmd_ctx *ctx)
{
	if (cfg_bool(ctx->cfg, CFG_IGNORE_SCRIPTS) || !has_any(ctx, changed))
		return NULL;
	cmd_ctx_unlock(ctx);
	TRY(run_events(ctx, changed, cfg_bool(ctx->cfg, CFG_FOREGROUND_SCRIPTS)));
	return cmd_ctx_lock(ctx);
}
