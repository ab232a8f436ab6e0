/* SPDX-License-Identifier: MIT
 * What is said of a script that failed: the same words wherever it ran. */
#include "cpm/runtime/host.h"

static struct err *too_long(const struct script *s)
{
	str what = str_is_null(s->event) ? S("the script") : s->event;
	struct err *e = err_new(E_SCRIPT_TIMEOUT,
				"'" STR_FMT "' of " STR_FMT
				" ran for longer than %lld ms and was ended",
				STR_ARG(what), STR_ARG(s->package.len > 0 ? s->package : s->dir),
				(long long)s->limit_ms);

	e->path = str_dup(&e->arena, s->dir);
	return e;
}

struct err *host_failure(const struct script *s, const struct script_outcome *o)
{
	struct err *e = o->took_too_long ? too_long(s) : NULL;
	str shell = str_is_null(s->shell) ? S("sh") : s->shell;

	if (!e)
		e = err_script(s->dir, S(""), o->exit_status, o->signal);
	e->command = str_printf(&e->arena, STR_FMT " -c " STR_FMT, STR_ARG(shell),
				STR_ARG(s->command));
	return err_output(e, str_trim_js(o->out), str_trim_js(o->err));
}
