/* SPDX-License-Identifier: MIT
 * Files are named <run>script-<package>-<event>.log, beside the debug log of the same run. */
#include "cpm/runtime/script_log.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/base/vec.h"

#define MARK "script-"

/* "@scope/name@1.0.0" as a part of a file's name. */
static str file_name(struct arena *a, const struct script_logs *logs, const struct script *s)
{
	str whole = str_printf(a, STR_FMT MARK STR_FMT "-" STR_FMT ".log", STR_ARG(logs->run),
			       STR_ARG(s->package.len ? s->package : path_basename(s->dir)),
			       STR_ARG(s->event));
	char *name = str_cstr(a, whole);

	for (char *p = name; *p; p++)
		if (*p == '/' || (unsigned char)*p <= ' ')
			*p = '+';
	return str_view(name);
}

static str ending(struct arena *a, const struct script_outcome *o)
{
	if (o->took_too_long)
		return S("ended by cpm: it took too long");
	if (o->signal)
		return str_printf(a, "ended by SIG%s", sigabbrev_np(o->signal));
	return str_printf(a, "exit status %d", o->exit_status);
}

static str content(struct arena *a, const struct script *s, const struct script_outcome *o)
{
	str end = ending(a, o);

	return str_printf(a,
			  "# " STR_FMT " " STR_FMT "\n# " STR_FMT "\n# in " STR_FMT "\n# " STR_FMT
			  "\n" STR_FMT STR_FMT,
			  STR_ARG(s->package), STR_ARG(s->event), STR_ARG(s->command),
			  STR_ARG(s->dir), STR_ARG(end), STR_ARG(o->out), STR_ARG(o->err));
}

/* ---- the old ones ---- */

static int compare_names(const void *a, const void *b)
{
	return str_cmp(*(const str *)b, *(const str *)a);
}

static str run_of(str name)
{
	size_t end = str_find(name, S(MARK));

	return end == STR_NPOS ? STR_NULL : str_slice(name, 0, end);
}

/* Newest first, so that runs can be counted on the way. */
static struct err *prune(struct arena *a, int dirfd, unsigned keep)
{
	VEC(str) names = { 0 };
	AUTO_DIR it = { 0 };
	str last = STR_NULL;
	unsigned nruns = 0;

	TRY(dir_open(dirfd, ".", &it));
	while (dir_next(&it))
		if (!str_is_null(run_of(str_view(it.name))))
			VEC_PUSH(a, &names, str_dup(a, str_view(it.name)));
	VEC_SORT(&names, compare_names);
	VEC_EACH (str, name, &names) {
		if (!str_eq(run_of(*name), last))
			nruns++;
		last = run_of(*name);
		if (nruns > keep)
			err_ignore(fs_unlink(dirfd, str_cstr(a, *name)));
	}
	return NULL;
}

/* ---- writing ---- */

static struct err *write_log(struct arena *a, const struct script_logs *logs, str name, str text)
{
	AUTO_FD dirfd = -1;

	TRY(fs_mkdirs(AT_FDCWD, str_cstr(a, logs->dir)));
	TRY(fs_open_dir(AT_FDCWD, str_cstr(a, logs->dir), &dirfd));
	TRY(fs_write_replace(dirfd, str_cstr(a, name), text, 0600));
	return prune(a, dirfd, logs->keep);
}

void script_log_write(const struct script_logs *logs, const struct script *s,
		      const struct script_outcome *o)
{
	ARENA_SCOPE(tmp);

	if (str_is_null(logs->dir) || !o->has_run || o->out.len + o->err.len == 0)
		return;
	str name = file_name(tmp, logs, s);
	struct err *e = write_log(tmp, logs, name, log_redact(tmp, content(tmp, s, o)));
	if (e)
		log_verbose("run", "what " STR_FMT " printed was not kept: " STR_FMT,
			    STR_ARG(s->package), STR_ARG(err_text(tmp, e)));
	else
		log_info("run", "what " STR_FMT " printed is in " STR_FMT "/" STR_FMT,
			 STR_ARG(s->package), STR_ARG(logs->dir), STR_ARG(name));
	err_ignore(e);
}
