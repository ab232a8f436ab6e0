/* SPDX-License-Identifier: MIT
 * A package in a repository is sources: what is published of it has to be built first. So its
 * development dependencies are installed into the clone, by this very program in a process of its
 * own, and its `prepare` script is run. Repositories may need each other in circles; each is
 * prepared once on the way down, which the environment remembers. Source: pacote's git.js, dir.js.
 */
#include "repo_prepare.h"

#include "script_run.h"

#include "cpm/base/path.h"
#include "cpm/runtime/host.h"
#include "cpm/runtime/runtime_home.h"
#include "cpm/runtime/shell_quote.h"

#include <stdlib.h>

/* One commit a line; the name is npm's, so that either may prepare for the other. */
#define UNDER_WAY "_PACOTE_NO_PREPARE_"

static bool is_under_way(str list, str resolved)
{
	str line;

	while (str_cut(&list, '\n', &line))
		if (str_eq(line, resolved))
			return true;
	return false;
}

static str on_or_off(struct arena *a, const struct cfg *cfg, enum cfg_key key, const char *name)
{
	return str_printf(a, "--%s=%s", name, cfg_bool(cfg, key) ? "true" : "false");
}

/* The caches are shared; what the user asked of this run (which kinds, where to) is undone. */
static str install_command(struct arena *a, struct cmd_ctx *ctx)
{
	const struct cfg *cfg = ctx->cfg;
	str before = cfg_before(a, cfg);
	VEC(str) words = { 0 };
	const str fixed[] = {
		S("--no-progress"),          S("--no-save"),      S("--no-audit"),
		S("--include=dev"),          S("--include=peer"), S("--include=optional"),
		S("--no-package-lock-only"), S("--no-dry-run"),   S("--global=false")
	};

	VEC_PUSH(a, &words, S("install"));
	VEC_PUSH(a, &words, S("--force"));
	VEC_PUSH(a, &words, str_concat(a, S("--cache="), cfg_text(cfg, CFG_CACHE)));
	VEC_PUSH(a, &words, on_or_off(a, cfg, CFG_PREFER_OFFLINE, "prefer-offline"));
	VEC_PUSH(a, &words, on_or_off(a, cfg, CFG_PREFER_ONLINE, "prefer-online"));
	VEC_PUSH(a, &words, on_or_off(a, cfg, CFG_OFFLINE, "offline"));
	if (before.len > 0)
		VEC_PUSH(a, &words, str_concat(a, S("--before="), before));
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		VEC_PUSH(a, &words, fixed[i]);
	return shell_command(a, shell_quote(a, runtime_own_program(a)), words.items, words.len);
}

static struct err *install_failed(const struct script *s, const struct script_outcome *o)
{
	struct err *e = host_failure(s, o);

	if (o->took_too_long)
		return e;
	e->message = str_dup(&e->arena, S("git dep preparation failed"));
	e->command = str_dup(&e->arena, s->command);
	e->path = STR_NULL;
	return e;
}

static struct err *install_needs(struct cmd_ctx *ctx, const struct script_package *p, str resolved)
{
	struct arena *a = ctx->arena;
	const char *before = getenv(UNDER_WAY);
	str list = str_view(before ? before : "");
	struct script_outcome outcome;

	if (is_under_way(list, resolved)) {
		log_info("prepare", "skip prepare, already seen " STR_FMT, STR_ARG(resolved));
		return NULL;
	}
	const struct script_var seen = { S(UNDER_WAY),
					 str_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(list),
						    list.len ? "\n" : "", STR_ARG(resolved)) };
	const struct script_event event = { .event = S("install"),
					    .command = S(""),
					    .dir = p->dir,
					    .package = p->doc,
					    .extra = &seen,
					    .nextra = 1 };
	const struct script script = { .shell = STR_NULL,
				       .command = install_command(a, ctx),
				       .dir = p->dir,
				       .environ = script_env_for(a, cmd_ctx_script_env(ctx),
								 &event),
				       .package = p->id,
				       .event = S("install") };

	TRY(host_run_many(a, &script, 1, 1, &outcome));
	return script_failed(&outcome) ? install_failed(&script, &outcome) : NULL;
}

struct err *repo_prepare(void *opaque, str folder, str resolved)
{
	struct cmd_ctx *ctx = opaque;
	struct script_package package;

	if (ctx->store) /* the other process wants to write to the cache as well */
		store_flush(ctx->store);
	TRY(script_package_read(ctx, str_dup(ctx->arena, folder), &package));
	if (!str_is_null(resolved)) {
		TRY(install_needs(ctx, &package, resolved));
		TRY(script_package_read(ctx, package.dir, &package));
	}
	return script_run_event(ctx, &package, "prepare",
				cfg_bool(ctx->cfg, CFG_FOREGROUND_SCRIPTS));
}
