/* SPDX-License-Identifier: MIT
 * node-gyp is a project like any other: the lockfile in vendor/node-gyp is installed into a folder
 * of cpm's own, by the stages that every install goes through, with no script of any package. The
 * folder appears under its name by one rename, whole. */
#include "node_gyp.h"

#include "install_stages.h"

#include "cpm/base/digest.h"
#include "cpm/base/path.h"
#include "cpm/build_vendor.h"
#include "cpm/runtime/node_find.h"
#include "cpm/runtime/runtime_home.h"
#include "cpm/runtime/whole_folder.h"

#include <stdlib.h>

#define NAME_HEX 16
#define PROGRAM  "node_modules/node-gyp/bin/node-gyp.js"

static const struct cmd fill_folder = {
	.name = "ci",
	.needs = CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_PROJECT | CMD_NEEDS_LOCK,
};

/* ---- what compiling takes ---- */

static bool is_about_compiling(const str *args, size_t nargs)
{
	static const char *const words[] = { "rebuild", "build", "configure", "install" };

	for (size_t i = 0; i < nargs; i++)
		for (size_t k = 0; k < ARRAY_LEN(words); k++)
			if (str_eq(args[i], str_view(words[k])))
				return true;
	return false;
}

/* The user's own choice in a variable, or one of the usual names. */
static bool has_tool(const struct cmd_ctx *ctx, const char *const *variables,
		     const char *const *names)
{
	for (; *variables; variables++)
		if (cfg_getenv(ctx->cfg, *variables).len > 0)
			return true;
	for (; *names; names++)
		if (!str_is_null(runtime_find_program(ctx->arena, ctx->cfg, str_view(*names))))
			return true;
	return false;
}

#define LIST(...)                 \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

struct err *node_gyp_check_tools(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	const struct {
		const char *title;
		const char *const *variables, *const *names;
	} tools[] = {
		{ "Python 3", LIST("npm_config_python", "NODE_GYP_FORCE_PYTHON", "PYTHON"),
		  LIST("python3", "python") },
		{ "make", LIST("MAKE"), LIST("make", "gmake") },
		{ "a C++ compiler", LIST("CXX"), LIST("g++", "c++", "clang++") },
	};
	struct str_buf missing = str_buf(ctx->arena, 1 << 10);

	for (size_t i = 0; is_about_compiling(args, nargs) && i < ARRAY_LEN(tools); i++)
		if (!has_tool(ctx, tools[i].variables, tools[i].names))
			buf_printf(&missing, "%s%s", missing.len ? ", " : "", tools[i].title);
	if (missing.len == 0)
		return NULL;
	struct err *e = err_new(
		E_UNSUPPORTED, "a package has native code, and what compiles it is not on PATH: %s",
		buf_cstr(&missing));
	return err_detail(e, "On Debian: apt-get install python3 make g++");
}

/* ---- node-gyp itself ---- */

static struct err *write_project(struct arena *a, str dir)
{
	const char *package = str_cstr(a, path_join(a, dir, S("package.json")));
	const char *lock = str_cstr(a, path_join(a, dir, S("package-lock.json")));

	TRY(fs_write_replace(AT_FDCWD, package, str_view(vendor_node_gyp_package), 0644));
	return fs_write_replace(AT_FDCWD, lock, str_view(vendor_node_gyp_lock), 0644);
}

/* The user's settings reach the registry; what they say of projects is not about this one. */
static struct cfg *folder_settings(struct cmd_ctx *ctx, str dir)
{
	static const struct {
		enum cfg_key key;
		const char *value;
	} forced[] = {
		{ CFG_SAVE, "false" },
		{ CFG_PACKAGE_LOCK, "true" },
		{ CFG_AUDIT, "false" },
		{ CFG_IGNORE_SCRIPTS, "true" },
		{ CFG_DRY_RUN, "false" },
		{ CFG_PACKAGE_LOCK_ONLY, "false" },
		{ CFG_ENGINE_STRICT, "false" },
		{ CFG_INSTALL_STRATEGY, "hoisted" },
		{ CFG_OMIT, "" },
		{ CFG_JSON, "false" },
	};
	struct cfg *cfg = cfg_in_folder(ctx->arena, ctx->cfg, dir);

	for (size_t i = 0; i < ARRAY_LEN(forced); i++)
		cfg_force(cfg, forced[i].key, forced[i].value);
	return cfg;
}

static struct err *install_into(struct cmd_ctx *ctx, str dir)
{
	const struct install_request req = { .is_quiet = true };
	struct cmd_ctx inner = { .arena = ctx->arena,
				 .out = ctx->out,
				 .screen = ctx->screen,
				 .cmd = &fill_folder,
				 .started_ms = ctx->started_ms,
				 .environ = ctx->environ,
				 .runtime = ctx->runtime,
				 .dirfd = -1,
				 .lock_fd = -1 };
	struct err *e;

	TRY(write_project(ctx->arena, dir));
	inner.cfg = folder_settings(ctx, dir);
	e = cmd_ctx_open(&inner);
	if (!e)
		e = install_run(&inner, &req);
	cmd_ctx_close(&inner);
	return e;
}

static struct err *install(struct cmd_ctx *ctx, str all, str dir)
{
	struct err *e;
	str temp;

	TRY(whole_folder_begin(ctx->arena, all, &temp));
	log_notice("runtime", "node-gyp is fetched once");
	e = whole_folder_end(ctx->arena, temp, dir, install_into(ctx, temp));
	return e ? err_wrap(e, "node-gyp, which compiles native code, could not be fetched") : NULL;
}

/* The user's own; what we tell scripts about ours leads back here. */
static str configured(const struct cmd_ctx *ctx)
{
	str program = cfg_text(ctx->cfg, CFG_NODE_GYP);
	bool is_ours = path_is_under(program, runtime_data_dir(ctx->arena, ctx->cfg));

	return program.len > 0 && !is_ours ? program : STR_NULL;
}

struct err *node_gyp_need(struct cmd_ctx *ctx, str *program)
{
	struct arena *a = ctx->arena;
	str all = path_join(a, runtime_data_dir(a, ctx->cfg), S("tools"));
	struct digest d;

	*program = configured(ctx);
	if (!str_is_null(*program))
		return NULL;

	digest_of(DIGEST_SHA512, str_view(vendor_node_gyp_lock), &d);
	str name = str_concat(a, S("node-gyp-"), str_slice(digest_hex(a, &d), 0, NAME_HEX));
	str dir = path_join(a, all, name);
	*program = path_join(a, dir, S(PROGRAM));
	if (fs_is_file(AT_FDCWD, str_cstr(a, *program)))
		return NULL;
	return install(ctx, all, dir);
}

void node_gyp_find_headers(struct cmd_ctx *ctx, str node)
{
	struct arena *a = ctx->arena;
	str real;
	struct err *e = fs_real_path(a, str_cstr(a, node), &real);

	if (e) {
		err_ignore(e);
		return;
	}
	str prefix = path_dirname(path_dirname(real));
	str header = path_join(a, prefix, S("include/node/common.gypi"));
	if (fs_is_file(AT_FDCWD, str_cstr(a, header)))
		(void)setenv("npm_config_nodedir", str_cstr(a, prefix), 0);
}
