/* SPDX-License-Identifier: MIT
 * pack: packages as the tarballs that a registry would be given (npm-cli.md 8.1). */
#include "tarball_report.h"

#include "cpm/base/path.h"
#include "project_members.h"

typedef VEC(struct package_tarball) tarball_vec;
typedef VEC(str) str_vec;

static void free_tarballs(tarball_vec *v)
{
	VEC_EACH (struct package_tarball, t, v)
		package_tarball_free(t);
}

/* Without arguments, or with "." among them, the members stand for the folder. */
static struct err *choose(struct cmd_ctx *ctx, const str *args, size_t nargs,
			  struct workspace_choice *members, str_vec *out)
{
	bool has_dot = nargs == 0;

	for (size_t i = 0; i < nargs; i++)
		has_dot |= str_eq(args[i], S("."));
	TRY(project_members_choose(ctx, members));
	if (members->is_made && !has_dot) {
		log_warn(NULL, "Ignoring workspaces for specified package(s)");
		members->is_made = false;
	}
	for (size_t i = 0; members->is_made && i < members->count; i++)
		VEC_PUSH(ctx->arena, out, members->items[i].path);
	for (size_t i = 0; i < nargs; i++)
		if (!members->is_made || !str_eq(args[i], S(".")))
			VEC_PUSH(ctx->arena, out, args[i]);
	if (!out->len)
		VEC_PUSH(ctx->arena, out, S("."));
	return NULL;
}

static struct err *write_tarball(struct cmd_ctx *ctx, const struct package_tarball *t)
{
	struct arena *a = ctx->arena;
	str folder = path_resolve(a, cfg_cwd(ctx->cfg), cfg_text(ctx->cfg, CFG_PACK_DESTINATION));
	str path = path_join(a, folder, package_tarball_file_name(a, t->name, t->version));

	if (cfg_bool(ctx->cfg, CFG_DRY_RUN))
		return NULL;
	return fs_write_replace(AT_FDCWD, str_cstr(a, path), str_of(t->bytes, t->len), 0666);
}

static void report(struct cmd_ctx *ctx, const struct package_tarball *t,
		   const struct tarball_contents *c)
{
	if (ctx->out->is_json) {
		tarball_tell_json(ctx, t, c);
		return;
	}
	tarball_tell(ctx, t, c);
	out_line(ctx->out, STR_FMT,
		 STR_ARG(package_tarball_file_name(ctx->arena, t->name, t->version)));
}

/* All manifests before the first tarball, and all tarballs before the first word: an error comes early, and what
 * scripts print does not come between. */
static struct err *pack_all(struct cmd_ctx *ctx, const struct workspace_choice *members,
			    const str_vec *args, tarball_vec *tarballs)
{
	struct tarball_contents *contents =
		ARENA_ARRAY(ctx->arena, struct tarball_contents, args->len);

	VEC_EACH (str, arg, args) {
		struct package_tarball t;

		TRY(package_tarball_look(ctx, *arg, &t));
		VEC_PUSH(ctx->arena, tarballs, t);
	}
	for (size_t i = 0; i < tarballs->len; i++) {
		struct package_tarball *t = &tarballs->items[i];

		TRY(package_tarball_make(ctx, t, members));
		TRY(write_tarball(ctx, t));
		TRY(package_tarball_after(ctx, t));
		TRY(tarball_contents_read(ctx->arena, t, &contents[i]));
	}
	for (size_t i = 0; i < tarballs->len; i++)
		report(ctx, &tarballs->items[i], &contents[i]);
	return NULL;
}

static struct err *pack_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct workspace_choice members;
	tarball_vec tarballs = { 0 };
	str_vec chosen = { 0 };
	struct err *e;

	(void)exit_status;
	TRY(choose(ctx, args, nargs, &members, &chosen));
	e = pack_all(ctx, &members, &chosen, &tarballs);
	free_tarballs(&tarballs);
	return e;
}

const struct cmd cmd_pack = {
	.name = "pack",
	.summary = "Create a tarball from a package",
	.synopsis = (const char *const[]){ "<package-spec>", NULL },
	.keys = (const enum cfg_key[]){ CFG_DRY_RUN, CFG_JSON, CFG_PACK_DESTINATION, CFG_WORKSPACE,
					CFG_WORKSPACES, CFG_INCLUDE_WORKSPACE_ROOT,
					CFG_IGNORE_SCRIPTS, CFG_END },
	.needs = CMD_WORKSPACES | CMD_NEEDS_STORE | CMD_NEEDS_NETWORK,
	.doc = "pack",
	.run = pack_run,
};
