/* SPDX-License-Identifier: MIT
 * What every source shares: the blocking way to ask for one name, and failures as callers want
 * them. */
#include "cpm/registry/source.h"

#include "cpm/base/proc.h"

struct err *source_get(struct source *s, str name, const struct packument **out)
{
	const struct err *failure = NULL;
	str arrived;

	source_announce(s, name);
	while (!s->ops->try_get(s, name, out, &failure)) {
		TRY(proc_check_stop());
		if (!s->ops->wait_any(s, &arrived))
			return err_new(E_GENERIC, "nothing is known about '" STR_FMT "'",
				       STR_ARG(name));
	}
	return failure ? source_failure_copy(failure, STR_NULL) : NULL;
}

/* "'name@*'" in the text of a failure becomes "'spec'". */
static str respell(struct arena *a, str text, str spec)
{
	size_t at = str_is_empty(spec) ? STR_NPOS : str_find_char(str_from(spec, 1), '@');
	str bare;

	if (str_is_null(text) || at == STR_NPOS)
		return text;
	bare = str_slice(spec, 0, at + 1);
	return str_replace_all(a, text, str_printf(a, "'" STR_FMT "@*'", STR_ARG(bare)),
			       str_printf(a, "'" STR_FMT "'", STR_ARG(spec)));
}

struct err *source_failure_copy(const struct err *failure, str spec)
{
	ARENA_SCOPE(tmp);
	struct err *e = err_new(failure->code, STR_FMT, STR_ARG(failure->message));
	str detail = respell(tmp, failure->detail, spec);

	if (!str_is_null(detail))
		err_detail(e, STR_FMT, STR_ARG(detail));
	if (!str_is_null(failure->shown))
		err_show_as(e, failure->shown);
	e->sys_errno = failure->sys_errno;
	e->syscall = str_dup(&e->arena, failure->syscall);
	e->path = str_dup(&e->arena, failure->path);
	return e;
}
