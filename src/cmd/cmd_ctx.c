/* SPDX-License-Identifier: MIT
 * What a command runs in. Parts are opened when a row's `needs` or the first use ask for them,
 * because a command that has nothing to fetch must not pay for a network stack. */
#include "cmd_priv.h"

#include "repo_prepare.h"
#include "root_scripts.h"
#include "runtime_use.h"

#include "cpm/base/heap.h"
#include "cpm/base/path.h"
#include "cpm/reify/early.h"
#include "cpm/reify/reify.h"
#include "cpm/runtime/runtime_home.h"
#include "cpm/runtime/script_env.h"
#include "cpm/store/archive.h"
#include "cpm/ui/reporter.h"

str cmd_ctx_modules_dir(const struct cmd_ctx *ctx)
{
	const struct cfg *cfg = ctx->cfg;

	return cfg_is_global(cfg)
		       ? path_join(ctx->arena, cfg_global_prefix(cfg), S("lib/node_modules"))
		       : path_join(ctx->arena, cfg_local_prefix(cfg), S("node_modules"));
}

bool cmd_ctx_is_silent(const struct cmd_ctx *ctx)
{
	return str_eq(cfg_text(ctx->cfg, CFG_LOGLEVEL), S("silent"));
}

str cmd_ctx_store_dir(struct arena *a, const struct cfg *cfg)
{
	return path_join(a, cfg_text(cfg, CFG_CACHE), S("_cpm"));
}

/* npm takes a text for a list of letters and asks the registry for a package named "0". */
static struct err *check_dep_fields(const struct manifest *m)
{
	static const char *const fields[] = { "dependencies", "devDependencies",
					      "optionalDependencies", "peerDependencies" };

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const struct json *v = json_get(m->json, fields[i]);
		if (json_is_truthy(v) && !json_is(v, JSON_OBJECT) && !json_is(v, JSON_ARRAY))
			return err_new(E_GENERIC,
				       "Invalid package.json: \"%s\" must be an object of names "
				       "and ranges",
				       fields[i]);
	}
	return NULL;
}

static bool needs_lock(const struct cmd_ctx *ctx)
{
	return ctx->needs_lock || (ctx->cmd->needs & CMD_NEEDS_LOCK);
}

struct err *cmd_ctx_lock(struct cmd_ctx *ctx)
{
	if (!needs_lock(ctx) || cfg_bool(ctx->cfg, CFG_DRY_RUN) || ctx->lock_fd >= 0)
		return NULL;
	return reify_lock_project(ctx->dirfd, &ctx->lock_fd);
}

void cmd_ctx_unlock(struct cmd_ctx *ctx)
{
	fs_close_auto(&ctx->lock_fd);
}

/* Locked before it is read: what another run is just writing must not be seen half-way. */
static struct err *open_folder(struct cmd_ctx *ctx)
{
	const char *dir = str_cstr(ctx->arena, cfg_local_prefix(ctx->cfg));

	fs_close_auto(&ctx->dirfd);
	TRY(fs_open_dir(AT_FDCWD, dir, &ctx->dirfd));
	return cmd_ctx_lock(ctx);
}

static struct err *read_manifest(struct cmd_ctx *ctx)
{
	const char *dir = str_cstr(ctx->arena, cfg_local_prefix(ctx->cfg));

	if (needs_lock(ctx))
		ctx->manifest_fact = state_see(ctx->dirfd, S("package.json"));
	TRY(manifest_read(ctx->arena, ctx->dirfd, dir, &ctx->manifest, &ctx->manifest_style));
	ctx->has_manifest = true;
	return check_dep_fields(ctx->manifest);
}

struct err *cmd_ctx_open_project(struct cmd_ctx *ctx)
{
	TRY(open_folder(ctx));
	return read_manifest(ctx);
}

struct err *cmd_ctx_open_any_project(struct cmd_ctx *ctx)
{
	TRY(open_folder(ctx));
	if (fs_exists(ctx->dirfd, "package.json"))
		return read_manifest(ctx);
	ctx->manifest_style = JSON_STYLE_DEFAULT;
	return manifest_from_json(ctx->arena, json_new(ctx->arena, JSON_OBJECT), true,
				  &ctx->manifest);
}

/* Global packages are audited only when somebody asks for it, and npm warns of that. */
static void settle_global_audit(struct cfg *cfg)
{
	if (cfg_source(cfg, CFG_AUDIT) == CFG_LAYER_DEFAULT)
		cfg_force(cfg, CFG_AUDIT, "false");
	else if (cfg_bool(cfg, CFG_AUDIT))
		log_warn("config",
			 "includes both --global and --audit, which is currently unsupported.");
}

/* The folder is made by those who will write; npm does that too, and as early. By its real path,
 * since links out of it count the folders on the way up. */
struct err *cmd_ctx_open_global(struct cmd_ctx *ctx)
{
	const char *dir = str_cstr(ctx->arena,
				   path_join(ctx->arena, cfg_global_prefix(ctx->cfg), S("lib")));
	str real;

	if (cfg_is_global(ctx->cfg))
		settle_global_audit(ctx->cfg);
	if (needs_lock(ctx))
		TRY(fs_mkdirs(AT_FDCWD, dir));
	TRY(fs_real_path(ctx->arena, dir, &real));
	ctx->cfg = cfg_globally(ctx->arena, ctx->cfg, real);
	TRY(open_folder(ctx));
	ctx->manifest_style = JSON_STYLE_DEFAULT;
	return manifest_from_json(ctx->arena, json_new(ctx->arena, JSON_OBJECT), true,
				  &ctx->manifest);
}

struct err *cmd_ctx_open(struct cmd_ctx *ctx)
{
	if (ctx->cmd->needs & CMD_NEEDS_PROJECT)
		TRY(cmd_ctx_open_project(ctx));
	if (ctx->cmd->needs & CMD_NEEDS_FOLDER)
		TRY(cmd_ctx_open_any_project(ctx));
	if (ctx->cmd->needs & CMD_NEEDS_STORE)
		TRY(store_open(cmd_ctx_store_dir(ctx->arena, ctx->cfg), &ctx->store));
	return NULL;
}

void cmd_ctx_close(struct cmd_ctx *ctx)
{
	runtime_drop_question(&ctx->node);
	early_free(ctx->early);
	source_registry_close(ctx->source);
	pool_free(ctx->pool);
	package_source_free(ctx->packages);
	http_free(ctx->http);
	store_close(ctx->store);
	fs_close_auto(&ctx->lock_fd);
	fs_close_auto(&ctx->dirfd);
}

struct err *cmd_ctx_http(struct cmd_ctx *ctx, struct http **out)
{
	if (!ctx->http) {
		cfg_expand_user_agent(ctx->cfg, node_version_find(ctx));
		TRY(http_new(ctx->cfg, &ctx->http));
	}
	*out = ctx->http;
	return NULL;
}

struct err *cmd_ctx_pool(struct cmd_ctx *ctx, struct pool **out)
{
	if (!ctx->pool) {
		heap_expect_much();
		TRY(pool_new(0, &ctx->pool));
	}
	*out = ctx->pool;
	return NULL;
}

struct err *cmd_ctx_source(struct cmd_ctx *ctx, struct source **out)
{
	struct http *http;

	if (!ctx->source) {
		heap_expect_much();
		TRY(cmd_ctx_http(ctx, &http));
		struct kv_port *cache = ctx->store ? store_kv(ctx->store) : NULL;
		TRY(source_registry_new(ctx->arena, ctx->cfg, http, cache, &ctx->source));
	}
	*out = ctx->source;
	return NULL;
}

static struct err *open_http(void *ctx, struct http **out)
{
	return cmd_ctx_http(ctx, out);
}

struct package_source *cmd_ctx_packages(struct cmd_ctx *ctx)
{
	if (!ctx->packages)
		ctx->packages = package_source_new(
			ctx->arena, &(struct package_source_opts){
					    .cfg = ctx->cfg,
					    .cache = ctx->store ? store_kv(ctx->store) : NULL,
					    .archives = archive_port_new(ctx->arena, ctx->store),
					    .open_http = open_http,
					    .prepare = repo_prepare,
					    .ctx = ctx });
	return ctx->packages;
}

const struct script_env *cmd_ctx_script_env(struct cmd_ctx *ctx)
{
	if (!ctx->script_env) {
		cfg_expand_user_agent(ctx->cfg, node_version_find(ctx));
		ctx->script_env = script_env_new(
			ctx->arena, &(struct script_env_input){ .cfg = ctx->cfg,
								.environ = ctx->environ,
								.command = str_view(ctx->cmd->name),
								.program = runtime_own_program(ctx->arena),
								.runtime = runtime_in_use(ctx),
								.shims = runtime_shims_in_use(ctx),
								.has_color = ctx->screen->term.out_color });
	}
	return ctx->script_env;
}

struct script_logs cmd_ctx_script_logs(const struct cmd_ctx *ctx)
{
	struct arena *a = ctx->arena;
	str log = reporter_log_name(a, ctx->started_ms);
	double keep = cfg_number(ctx->cfg, CFG_LOGS_MAX);

	return (struct script_logs){
		.dir = keep > 0 ? reporter_logs_dir(a, ctx->cfg) : STR_NULL,
		.run = str_slice(log, 0, str_find(log, S("debug-0.log"))),
		.keep = (unsigned)MIN(keep, 1000.0),
	};
}

static struct err *open_pool(void *ctx, struct pool **out)
{
	return cmd_ctx_pool(ctx, out);
}

/* Without a cache there is nowhere to keep what turns out not to be wanted. */
void cmd_ctx_begin_early(struct cmd_ctx *ctx)
{
	if (!ctx->store || !ctx->source || cfg_bool(ctx->cfg, CFG_OFFLINE))
		return;
	ctx->early = early_new(ctx->arena,
			       &(struct early_opts){ .cfg = ctx->cfg,
						     .http = ctx->http,
						     .store = ctx->store,
						     .dirfd = ctx->dirfd,
						     .path = cfg_local_prefix(ctx->cfg),
						     .bin_links = cfg_bool(ctx->cfg, CFG_BIN_LINKS),
						     .owns_files = root_scripts_may_write(ctx) ||
								   cfg_bool(ctx->cfg, CFG_SHARED_STORE),
						     .open_pool = open_pool,
						     .ctx = ctx });
	source_registry_listen(ctx->source, early_port(ctx->early));
}
