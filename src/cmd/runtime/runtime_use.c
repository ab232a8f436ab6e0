/* SPDX-License-Identifier: MIT
 * Which Node.js the packages will run on, for scripts, for `engines` checks, and for whoever asks.
 */
#include "runtime_use.h"

#include "node_gyp.h"
#include "runtime_fetch.h"

#include "cpm/runtime/node_find.h"
#include "cpm/tree/engine.h"

struct runtime_machine runtime_this_machine(struct arena *a)
{
	struct platform p = platform_detect(a);

	return (struct runtime_machine){ p.os, p.cpu, p.libc };
}

/* NULL when there is none, or none that can be read: whoever needs it says so. */
static const struct json *project_package(struct cmd_ctx *ctx)
{
	struct manifest *m;

	if (ctx->has_manifest)
		return ctx->manifest->json;
	if (cfg_is_global(ctx->cfg))
		return NULL;
	str dir = cfg_local_prefix(ctx->cfg);
	struct err *e = manifest_read(ctx->arena, AT_FDCWD, str_cstr(ctx->arena, dir), &m, NULL);
	err_ignore(e);
	return e ? NULL : m->json;
}

const struct runtime_choice *runtime_in_use(struct cmd_ctx *ctx)
{
	if (!ctx->runtime) {
		struct runtime_choice *c = ARENA_NEW(ctx->arena, struct runtime_choice);
		struct runtime_machine machine = runtime_this_machine(ctx->arena);

		runtime_choose(ctx->arena, ctx->cfg, project_package(ctx), &machine, c);
		ctx->runtime = c;
	}
	return ctx->runtime;
}

const struct runtime_shims *runtime_shims_in_use(struct cmd_ctx *ctx)
{
	struct runtime_shims *shims = ARENA_NEW(ctx->arena, struct runtime_shims);
	struct err *e = runtime_shims_make(ctx->arena, ctx->cfg, runtime_in_use(ctx), shims);

	if (!e)
		return shims;
	log_verbose("runtime", "no folder of tools for scripts: " STR_FMT,
		    STR_ARG(err_text(ctx->arena, e)));
	err_free(e);
	return NULL;
}

struct err *runtime_check(struct cmd_ctx *ctx)
{
	const struct runtime_choice *c = runtime_in_use(ctx);

	if (!c->is_refused || cfg_bool(ctx->cfg, CFG_FORCE))
		return NULL;
	return err_new(E_BAD_ENGINE, STR_FMT, STR_ARG(c->problem));
}

struct err *runtime_need_node(struct cmd_ctx *ctx, str *node)
{
	const struct runtime_choice *c = runtime_in_use(ctx);
	str dir;

	if (c->kind == RUNTIME_NONE)
		return err_new(E_UNSUPPORTED, STR_FMT, STR_ARG(c->problem));
	*node = c->node;
	if (c->kind == RUNTIME_SYSTEM || !str_is_null(c->dir))
		return NULL;
	return runtime_fetch(ctx, &c->pin, &dir);
}

struct err *runtime_fetch_tools(void *ctx, bool compiles)
{
	str program;

	if (runtime_in_use(ctx)->kind == RUNTIME_NONE)
		return NULL;
	TRY(runtime_need_node(ctx, &program));
	return compiles ? node_gyp_need(ctx, &program) : NULL;
}

str node_program_find(const struct cmd_ctx *ctx)
{
	return runtime_find_node(ctx->arena, ctx->cfg);
}

/* Only the machine's own has to be asked. */
static bool is_version_known(struct cmd_ctx *ctx)
{
	return runtime_in_use(ctx)->kind == RUNTIME_BUNDLED;
}

void node_version_ask(struct cmd_ctx *ctx)
{
	if (!ctx->has_asked_node && !is_version_known(ctx))
		runtime_ask_node_version(ctx->arena, ctx->cfg, &ctx->node);
	ctx->has_asked_node = true;
}

str node_version_find(struct cmd_ctx *ctx)
{
	if (is_version_known(ctx))
		return runtime_in_use(ctx)->version;
	node_version_ask(ctx);
	return runtime_hear_node_version(ctx->arena, ctx->cfg, &ctx->node);
}
