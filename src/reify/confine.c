/* SPDX-License-Identifier: MIT
 * --sandbox-scripts: every script of a package gets a folder for temporary files that nobody else
 * has, beside its own folder the only place where it can write (runtime/sandbox.c). */
#include "reify_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/runtime/sandbox.h"

#include <errno.h>

#define TITLE "sandbox-scripts"

static struct err *make_root(struct run *r)
{
	str temp = cfg_getenv(r->opts->cfg, "TMPDIR");
	char *path = str_cstr(r->arena, path_join(r->arena, temp.len > 0 ? temp : S("/tmp"),
						  S("cpm-scripts-XXXXXX")));

	if (!mkdtemp(path))
		return err_sys(errno, "mkdtemp", str_view(path));
	r->confined_temp = str_view(path);
	return NULL;
}

struct err *confine_open(struct run *r)
{
	str weakness;

	if (!cfg_bool(r->opts->cfg, CFG_SANDBOX_SCRIPTS))
		return NULL;
	TRY(sandbox_check(&weakness));
	if (!str_is_null(weakness))
		log_warn(TITLE, STR_FMT, STR_ARG(weakness));
	return make_root(r);
}

struct err *confine_temp_dir(struct run *r, str *out)
{
	*out = STR_NULL;
	if (str_is_null(r->confined_temp))
		return NULL;
	*out = str_printf(r->arena, STR_FMT "/%zu", STR_ARG(r->confined_temp), r->nconfined++);
	return fs_mkdir(AT_FDCWD, str_cstr(r->arena, *out));
}

void confine_explain(const struct script *s)
{
	if (!str_is_null(s->temp_dir))
		log_warn(TITLE,
			 STR_FMT " ran without network, and could write only in its own folder",
			 STR_ARG(s->package));
}

void confine_close(struct run *r)
{
	if (!str_is_null(r->confined_temp))
		err_ignore(fs_remove_tree(AT_FDCWD, str_cstr(r->arena, r->confined_temp)));
	r->confined_temp = STR_NULL;
}
