/* SPDX-License-Identifier: MIT
 * Before a project is worked on: does the machine meet its devEngines? Warnings and errors in npm's
 * words (npm-cli.md 7.6). */
#include "runtime_use.h"

#include "cpm/build_config.h"
#include "cpm/tree/dev_engines.h"
#include "cpm/ui/ui_inspect.h"

#include <sys/utsname.h>

#define DUMP_DEPTH 2

static str text_of(struct arena *a, const struct dev_engines_failure *f, bool is_first)
{
	return str_printf(a, "%s" STR_FMT,
			  is_first ? "The developer of this package has specified the following "
				     "through devEngines\n"
				   : "",
			  STR_ARG(f->message));
}

static str dump_of(struct arena *a, const struct dev_engines_failure *f)
{
	struct json *both = json_new(a, JSON_OBJECT);
	struct str_buf text = str_buf(a, 1 << 20);

	json_set(a, both, S("current"), (struct json *)f->current);
	json_set(a, both, S("required"), (struct json *)f->required);
	ui_inspect(&text, both, &(struct inspect_opts){ .depth = DUMP_DEPTH });
	return buf_view(&text);
}

static struct err *refuse(struct arena *a, const struct dev_engines_failure *f)
{
	struct err *e = err_new(E_BAD_DEV_ENGINES, STR_FMT, STR_ARG(text_of(a, f, true)));
	return err_detail(e, STR_FMT, STR_ARG(dump_of(a, f)));
}

/* What is not met is warned of; what ends the run is in *fatal. */
static struct err *check_demands(struct cmd_ctx *ctx, const struct json *wanted,
				 const struct dev_engines_failure **fatal)
{
	struct arena *a = ctx->arena;
	struct dev_engines_here here = { .npm_version = S(CPM_NPM_VERSION) };
	dev_engines_failures failures = { 0 };
	bool is_first = true;
	struct utsname kernel;

	here.platform = platform_detect(a);
	here.node_version = str_concat(a, S("v"), node_version_find(ctx));
	here.os_version = uname(&kernel) == 0 ? str_dup(a, str_view(kernel.release)) : STR_NULL;
	TRY(dev_engines_check(a, wanted, &here, &failures));
	VEC_EACH (struct dev_engines_failure, f, &failures) {
		if (!f->is_warning && !cfg_bool(ctx->cfg, CFG_FORCE)) {
			*fatal = *fatal ? *fatal : f;
			continue;
		}
		str text = text_of(a, f, is_first), dump = dump_of(a, f);
		log_warn("EBADDEVENGINES", STR_FMT, STR_ARG(text));
		log_warn("EBADDEVENGINES", STR_FMT, STR_ARG(dump));
		is_first = false;
	}
	return NULL;
}

struct err *engine_gate_check(struct cmd_ctx *ctx)
{
	const struct dev_engines_failure *fatal = NULL;

	if (ctx->manifest->dev_engines)
		TRY(check_demands(ctx, ctx->manifest->dev_engines, &fatal));
	if (!fatal)
		return runtime_check(ctx);
	if (runtime_in_use(ctx)->is_refused)
		log_warn("runtime", STR_FMT, STR_ARG(runtime_in_use(ctx)->problem));
	return refuse(ctx->arena, fatal);
}

struct err *engine_gate_check_folder(struct cmd_ctx *ctx)
{
	const struct dev_engines_failure *fatal = NULL;
	const char *dir = str_cstr(ctx->arena, cfg_local_prefix(ctx->cfg));
	struct manifest *m = NULL;
	struct err *e = manifest_read(ctx->arena, AT_FDCWD, dir, &m, NULL);

	err_ignore(e);
	if (!e && m->dev_engines)
		TRY(check_demands(ctx, m->dev_engines, &fatal));
	return fatal ? refuse(ctx->arena, fatal) : NULL;
}
