/* SPDX-License-Identifier: MIT
 * exec() instead of a child: nothing has to be forwarded, reaped or translated. */
#include "program_start.h"

#include "runtime_use.h"

#include "cpm/base/path.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

static void set(const char *name, str value, struct arena *a)
{
	(void)setenv(name, str_cstr(a, value), 1);
}

static bool has_dir(str path, str wanted)
{
	for (str dir; str_cut(&path, ':', &dir);)
		if (str_eq(dir, wanted))
			return true;
	return false;
}

/* So that what the program starts by name is what a script would get. */
static void set_environment(struct cmd_ctx *ctx)
{
	const struct runtime_choice *c = runtime_in_use(ctx);
	const struct runtime_shims *shims = runtime_shims_in_use(ctx);
	struct arena *a = ctx->arena;
	str path = cfg_getenv(ctx->cfg, "PATH");

	if (shims && !has_dir(path, shims->bin_dir))
		set("PATH",
		    path.len ? str_printf(a, STR_FMT ":" STR_FMT, STR_ARG(shims->bin_dir),
					  STR_ARG(path))
			     : shims->bin_dir,
		    a);
	if (c->kind != RUNTIME_BUNDLED)
		return;
	set(RUNTIME_VARIABLE, c->version, a);
	if (!getenv("npm_config_nodedir"))
		set("npm_config_nodedir", path_dirname(path_dirname(c->node)), a);
}

/* What we block or ignore for ourselves is not the program's business. */
static void reset_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

struct err *program_start(struct cmd_ctx *ctx, str program, str first, const str *args,
			  size_t nargs)
{
	struct arena *a = ctx->arena;
	char **argv = ARENA_ARRAY(a, char *, nargs + 3);
	size_t count = 0;

	argv[count++] = str_cstr(a, program);
	if (!str_is_null(first))
		argv[count++] = str_cstr(a, first);
	for (size_t i = 0; i < nargs; i++)
		argv[count++] = str_cstr(a, args[i]);
	argv[count] = NULL;
	set_environment(ctx);
	screen_hide_line(ctx->screen);
	store_close(ctx->store);
	ctx->store = NULL;
	reset_signals();
	execv(argv[0], argv);
	return err_sys(errno, "start", program);
}
