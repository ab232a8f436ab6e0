/* SPDX-License-Identifier: MIT
 * runtime: the Node.js builds that cpm can bring where a machine has none, or another one than the
 * project asks for. What is on disk is only touched by install, remove and prune. */
#include "runtime_fetch.h"
#include "runtime_use.h"

#include "cpm/base/path.h"
#include "cpm/runtime/node_find.h"
#include "cpm/runtime/runtime_home.h"
#include "cpm/tree/package_file.h"
#include "cpm/ui/ui_table.h"

static struct err *load_pins(struct cmd_ctx *ctx, runtime_pins *out)
{
	struct runtime_machine machine = runtime_this_machine(ctx->arena);

	return runtime_pins_load(ctx->arena, ctx->cfg, &machine, out);
}

static struct err *find_pin(struct cmd_ctx *ctx, str wanted, const struct runtime_pin **out)
{
	struct arena *a = ctx->arena;
	runtime_pins *pins = ARENA_NEW(a, runtime_pins);

	TRY(load_pins(ctx, pins));
	*out = runtime_pins_find(pins, wanted);
	if (*out)
		return NULL;
	if (pins->len == 0)
		return err_new(E_UNSUPPORTED, STR_FMT,
			       STR_ARG(S("cpm knows no Node.js build for this machine: install "
					 "Node.js and add its folder to PATH")));
	return err_new(E_TARGET,
		       "no Node.js build that cpm knows is '" STR_FMT "': there are " STR_FMT,
		       STR_ARG(wanted), STR_ARG(runtime_pins_text(a, pins)));
}

/* ---- ls ---- */

static bool is_in_use(struct cmd_ctx *ctx, const struct runtime_pin *pin)
{
	const struct runtime_choice *c = runtime_in_use(ctx);

	return c->kind == RUNTIME_BUNDLED && str_eq(c->pin.folder, pin->folder);
}

static void set_text_or_null(struct arena *a, struct json *object, const char *key, str text)
{
	json_set(a, object, str_view(key),
		 str_is_null(text) ? json_new(a, JSON_NULL) : json_new_string(a, text));
}

static struct json *build_json(struct cmd_ctx *ctx, const struct runtime_pin *pin)
{
	struct arena *a = ctx->arena;
	struct json *row = json_new(a, JSON_OBJECT);

	json_set_text(a, row, "version", pin->version);
	json_set_text(a, row, "line", pin->line);
	json_set_text(a, row, "package", pin->package);
	json_set_text(a, row, "integrity", pin->integrity);
	set_text_or_null(a, row, "path", runtime_find_build(a, ctx->cfg, pin));
	json_set(a, row, S("inUse"), json_new_bool(a, is_in_use(ctx, pin)));
	return row;
}

static struct json *list_json(struct cmd_ctx *ctx, const runtime_pins *pins)
{
	const struct runtime_choice *c = runtime_in_use(ctx);
	struct arena *a = ctx->arena;
	struct json *doc = json_new(a, JSON_OBJECT), *builds = json_new(a, JSON_ARRAY);

	VEC_EACH (const struct runtime_pin, pin, pins)
		json_append(a, builds, build_json(ctx, pin));
	json_set_text(a, doc, "runtime", S("node"));
	set_text_or_null(a, doc, "version", str_is_null(c->node) ? STR_NULL : node_version_find(ctx));
	set_text_or_null(a, doc, "node", c->node);
	set_text_or_null(a, doc, "problem", c->problem);
	set_text_or_null(a, doc, "system", runtime_find_node(a, ctx->cfg));
	json_set(a, doc, S("builds"), builds);
	return doc;
}

/* One line for each build, that of the project marked. */
static str list_text(struct cmd_ctx *ctx, const runtime_pins *pins)
{
	enum { COLUMNS = 4 };
	const struct runtime_choice *c = runtime_in_use(ctx);
	struct arena *a = ctx->arena;
	str *cells = ARENA_ARRAY(a, str, (pins->len + 1) * COLUMNS), *cell = cells;
	str on_path = runtime_find_node(a, ctx->cfg);
	struct str_buf out = str_buf(a, SIZE_MAX);

	if (!str_is_null(on_path)) {
		*cell++ = c->kind == RUNTIME_SYSTEM ? S("*") : S("");
		*cell++ = runtime_node_version(a, ctx->cfg);
		*cell++ = S("system");
		*cell++ = on_path;
	}
	VEC_EACH (const struct runtime_pin, pin, pins) {
		str dir = runtime_find_build(a, ctx->cfg, pin);

		*cell++ = is_in_use(ctx, pin) ? S("*") : S("");
		*cell++ = pin->version;
		*cell++ = pin->line;
		*cell++ = str_is_null(dir) ? S("(not fetched)") : dir;
	}
	ui_table_format(&out, cells, (size_t)(cell - cells) / COLUMNS, COLUMNS, "llll");
	return buf_view(&out);
}

static struct err *list(struct cmd_ctx *ctx)
{
	const struct runtime_choice *c = runtime_in_use(ctx);
	runtime_pins pins;

	TRY(load_pins(ctx, &pins));
	out_json(ctx->out, list_json(ctx, &pins));
	if (ctx->out->is_json)
		return NULL;
	str text = list_text(ctx, &pins);
	if (text.len > 0)
		out_line(ctx->out, STR_FMT, STR_ARG(text));
	if (c->kind == RUNTIME_NONE)
		log_warn("runtime", STR_FMT, STR_ARG(c->problem));
	return NULL;
}

/* ---- install, use, which ---- */

static struct err *install(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	const struct runtime_choice *c = runtime_in_use(ctx);
	const struct runtime_pin *pin = &c->pin;
	str dir;

	if (nargs > 1)
		return cmd_usage_error(ctx, "%s", "");
	if (nargs == 1 || c->kind != RUNTIME_BUNDLED)
		TRY(find_pin(ctx, nargs == 1 ? args[0] : STR_NULL, &pin));
	TRY(runtime_fetch(ctx, pin, &dir));
	out_json(ctx->out, build_json(ctx, pin));
	if (!ctx->out->is_json)
		out_line(ctx->out, "Node.js " STR_FMT " is in " STR_FMT, STR_ARG(pin->version),
			 STR_ARG(dir));
	return NULL;
}

/* The project says so itself, in the form that other tools read as well. */
static struct err *write_dev_engine(struct cmd_ctx *ctx, str version)
{
	struct arena *a = ctx->arena;
	struct json *runtime = json_new(a, JSON_OBJECT), *engines;
	struct package_file f;

	TRY(package_file_read(a, cfg_local_prefix(ctx->cfg), &f));
	engines = json_get(f.content, "devEngines");
	if (!json_is(engines, JSON_OBJECT)) {
		engines = json_new(a, JSON_OBJECT);
		json_set(a, f.content, S("devEngines"), engines);
	}
	json_set_text(a, runtime, "name", S("node"));
	json_set_text(a, runtime, "version", version);
	json_set_text(a, runtime, "onFail", S("download"));
	json_set(a, engines, S("runtime"), runtime);
	return package_file_save(&f);
}

static struct err *use(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	const struct runtime_pin *pin;
	str dir;

	if (nargs != 1)
		return cmd_usage_error(ctx, "%s", "");
	TRY(find_pin(ctx, args[0], &pin));
	TRY(runtime_fetch(ctx, pin, &dir));
	if (cfg_is_global(ctx->cfg))
		TRY(config_set_for_user(ctx, S("runtime-version"), pin->version));
	else
		TRY(write_dev_engine(ctx, pin->version));
	out_json(ctx->out, build_json(ctx, pin));
	if (!ctx->out->is_json)
		out_line(ctx->out, "%s runs on Node.js " STR_FMT " from now on",
			 cfg_is_global(ctx->cfg) ? "Whatever asks for no other" : "This project",
			 STR_ARG(pin->version));
	return NULL;
}

static struct err *which(struct cmd_ctx *ctx)
{
	const struct runtime_choice *c = runtime_in_use(ctx);

	if (c->kind == RUNTIME_NONE)
		return err_new(E_UNSUPPORTED, STR_FMT, STR_ARG(c->problem));
	if (c->kind == RUNTIME_BUNDLED && str_is_null(c->dir))
		return err_new(E_NO_ENTRY,
			       "Node.js " STR_FMT
			       " has not been fetched yet: run `cpm runtime install`",
			       STR_ARG(c->version));
	out_line(ctx->out, STR_FMT, STR_ARG(c->node));
	return NULL;
}

/* ---- remove, prune ---- */

static struct err *remove_build(struct cmd_ctx *ctx, const struct runtime_pin *pin)
{
	struct arena *a = ctx->arena;
	str dir = path_join(a, runtime_home_dir(a, ctx->cfg), pin->folder);

	if (!fs_is_dir(AT_FDCWD, str_cstr(a, dir)))
		return err_new(E_NO_ENTRY,
			       "Node.js " STR_FMT " is not among the builds in " STR_FMT,
			       STR_ARG(pin->version), STR_ARG(runtime_home_dir(a, ctx->cfg)));
	TRY(fs_remove_tree(AT_FDCWD, str_cstr(a, dir)));
	out_line(ctx->out, "Removed " STR_FMT, STR_ARG(dir));
	return NULL;
}

static struct err *remove_all(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	if (nargs == 0)
		return cmd_usage_error(ctx, "%s", "");
	for (size_t i = 0; i < nargs; i++) {
		const struct runtime_pin *pin;

		TRY(find_pin(ctx, args[i], &pin));
		TRY(remove_build(ctx, pin));
	}
	return NULL;
}

/* A name that neither the program's pins nor this run has a use for. */
static bool is_pinned(const runtime_pins *pins, str name)
{
	VEC_EACH (const struct runtime_pin, pin, pins)
		if (str_eq(pin->folder, name))
			return true;
	return false;
}

static struct err *prune_folder(struct cmd_ctx *ctx, str dir, const runtime_pins *kept)
{
	struct arena *a = ctx->arena;
	AUTO_DIR it = { 0 };

	if (!fs_is_dir(AT_FDCWD, str_cstr(a, dir)))
		return NULL;
	TRY(dir_open(AT_FDCWD, str_cstr(a, dir), &it));
	while (dir_next(&it)) {
		str name = str_dup(a, str_view(it.name)), path = path_join(a, dir, name);

		if (it.type != DT_DIR || is_pinned(kept, name))
			continue;
		TRY(fs_remove_tree(AT_FDCWD, str_cstr(a, path)));
		out_line(ctx->out, "Removed " STR_FMT, STR_ARG(path));
	}
	return it.err;
}

static struct err *prune(struct cmd_ctx *ctx)
{
	static const char *const derived[] = { "shims", "tools" };
	struct arena *a = ctx->arena;
	runtime_pins pins, none = { 0 };

	TRY(load_pins(ctx, &pins));
	TRY(prune_folder(ctx, runtime_home_dir(a, ctx->cfg), &pins));
	for (size_t i = 0; i < ARRAY_LEN(derived); i++)
		TRY(prune_folder(ctx,
				 path_join(a, runtime_data_dir(a, ctx->cfg), str_view(derived[i])),
				 &none));
	return NULL;
}

/* ---- the command ---- */

static bool is(str action, const char *name)
{
	return str_eq(action, str_view(name));
}

static struct err *runtime_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	str action = nargs ? args[0] : S("ls");
	size_t rest = nargs ? nargs - 1 : 0;

	(void)exit_status;
	if (is(action, "ls") || is(action, "list"))
		return list(ctx);
	if (is(action, "install") || is(action, "add"))
		return install(ctx, args + 1, rest);
	if (is(action, "use"))
		return use(ctx, args + 1, rest);
	if (is(action, "which"))
		return which(ctx);
	if (is(action, "remove") || is(action, "rm"))
		return remove_all(ctx, args + 1, rest);
	if (is(action, "prune"))
		return prune(ctx);
	return cmd_usage_error(ctx, "%s", "");
}

const struct cmd cmd_runtime = {
	.name = "runtime",
	.summary = "Manage the Node.js builds that scripts can run on",
	.synopsis = (const char *const[]){ "ls [--json]", "install [<version>|<range>|lts|latest]",
					   "use <version>|<range>|lts|latest [-g]", "which",
					   "remove <version>...", "prune", NULL },
	.keys = (const enum cfg_key[]){ CFG_GLOBAL, CFG_JSON, CFG_OFFLINE, CFG_SCRIPT_RUNTIME,
					CFG_RUNTIME_VERSION, CFG_RUNTIME_PINS, CFG_END },
	.doc = "runtime",
	.run = runtime_run,
};
