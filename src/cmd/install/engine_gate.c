/* SPDX-License-Identifier: MIT
 * Before a project is worked on: does the machine meet its devEngines? Warnings and errors in npm's
 * words (npm-cli.md 7.6). */
#include "runtime_use.h"

#include "cpm/build_config.h"
#include "cpm/tree/dev_engines.h"

#include <sys/utsname.h>

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
	return str_printf(a, "{\n  current: " STR_FMT ",\n  required: " STR_FMT "\n}",
			  STR_ARG(f->current), STR_ARG(f->required));
}

static struct err *refuse(struct arena *a, const struct dev_engines_failure *f)
{
	struct err *e = err_new(E_BAD_DEV_ENGINES, STR_FMT, STR_ARG(text_of(a, f, true)));
	return err_detail(e, STR_FMT, STR_ARG(dump_of(a, f)));
}

struct err *engine_gate_check(struct cmd_ctx *ctx)
{
	struct arena *a = ctx->arena;
	struct dev_engines_here here = { .npm_version = S(CPM_NPM_VERSION) };
	dev_engines_failures failures = { 0 };
	const struct dev_engines_failure *fatal = NULL;
	bool is_first = true;
	struct utsname kernel;

	if (!ctx->manifest->dev_engines)
		return runtime_check(ctx);
	here.platform = platform_detect(a);
	here.node_version = str_concat(a, S("v"), node_version_find(ctx));
	here.os_version = uname(&kernel) == 0 ? str_dup(a, str_view(kernel.release)) : STR_NULL;
	TRY(dev_engines_check(a, ctx->manifest->dev_engines, &here, &failures));
	VEC_EACH (struct dev_engines_failure, f, &failures) {
		if (!f->is_warning && !cfg_bool(ctx->cfg, CFG_FORCE)) {
			fatal = fatal ? fatal : f;
			continue;
		}
		str text = text_of(a, f, is_first), dump = dump_of(a, f);
		log_warn("EBADDEVENGINES", STR_FMT, STR_ARG(text));
		log_warn("EBADDEVENGINES", STR_FMT, STR_ARG(dump));
		is_first = false;
	}
	if (!fatal)
		return runtime_check(ctx);
	if (runtime_in_use(ctx)->is_refused)
		log_warn("runtime", STR_FMT, STR_ARG(runtime_in_use(ctx)->problem));
	return refuse(a, fatal);
}
