/* SPDX-License-Identifier: MIT
 * Releases in git. The git program does it, not libgit2: hooks, signing and the user's settings
 * must work as they do for any other commit. Twin of libnpmversion. */
#include "release_git.h"

#include "cpm/base/path.h"
#include "cpm/base/proc.h"
#include "cpm/base/semver.h"

#define OUTPUT_MAX_BYTES (1u << 20)
#define ARGS_MAX         16

/* An argument vector under construction. */
struct git_args {
	const char *argv[ARGS_MAX];
	size_t count;
};

static void add(struct git_args *args, const char *arg)
{
	if (args->count < ARGS_MAX - 1)
		args->argv[args->count++] = arg;
}

/* "git -C <dir> --no-replace-objects" */
static struct git_args begin(struct cmd_ctx *ctx, str dir)
{
	struct git_args args = { 0 };

	add(&args, str_cstr(ctx->arena, cfg_text(ctx->cfg, CFG_GIT)));
	add(&args, "-C");
	add(&args, str_cstr(ctx->arena, dir));
	add(&args, "--no-replace-objects");
	return args;
}

static struct err *failed(struct arena *a, const struct git_args *args, const struct proc_result *r)
{
	struct str_buf command = str_buf(a, SIZE_MAX);
	str complaint = str_trim(r->out);

	for (size_t i = 0; i < args->count; i++)
		if (i != 1 && i != 2) /* npm has no -C: it goes there */
			buf_printf(&command, "%s%s", i ? " " : "", args->argv[i]);
	return err_exit_as(err_new(E_GENERIC, "An unknown git error occurred\ncommand %s%s" STR_FMT,
				   buf_cstr(&command), complaint.len ? "\n" : "",
				   STR_ARG(complaint)),
			   r->exit_status > 0 ? r->exit_status : 1);
}

static struct err *run(struct cmd_ctx *ctx, const struct git_args *args)
{
	struct proc_result result;

	TRY(proc_capture_all(ctx->arena, args->argv, OUTPUT_MAX_BYTES, &result));
	return result.exit_status == 0 ? NULL : failed(ctx->arena, args, &result);
}

/* Its stdout alone; run again for the complaint when it fails. */
static struct err *ask(struct cmd_ctx *ctx, const struct git_args *args, str *answer)
{
	struct proc_result result;

	TRY(proc_capture(ctx->arena, args->argv, OUTPUT_MAX_BYTES, &result));
	if (result.exit_status != 0)
		return run(ctx, args);
	*answer = str_trim(result.out);
	return NULL;
}

/* ---- before ---- */

static struct err *check_clean(struct release_git *g)
{
	struct git_args args = begin(g->ctx, g->dir);
	str changes = S("");
	struct err *e;

	add(&args, "status");
	add(&args, "--porcelain=v1");
	add(&args, "-uno");
	e = ask(g->ctx, &args, &changes);
	if (e && e->code == E_NO_ENTRY) {
		err_ignore(e);
		log_warn("version", "This is a Git checkout, but the git command was not found. "
				    "npm could not create a Git tag for this release!");
		g->is_active = false;
		return NULL;
	}
	TRY(e);
	if (changes.len == 0)
		return NULL;
	if (!cfg_bool(g->ctx->cfg, CFG_FORCE))
		return err_new(E_GENERIC, "Git working directory not clean.");
	log_warn("version", "Git working directory not clean, proceeding forcefully.");
	return NULL;
}

struct err *release_git_begin(struct cmd_ctx *ctx, str dir, struct release_git *out)
{
	const char *marker = str_cstr(ctx->arena, path_join(ctx->arena, dir, S(".git")));

	*out = (struct release_git){ .ctx = ctx, .dir = dir };
	out->is_active = cfg_bool(ctx->cfg, CFG_GIT_TAG_VERSION) && fs_exists(AT_FDCWD, marker);
	return out->is_active ? check_clean(out) : NULL;
}

/* ---- from-git ---- */

static bool is_version_char(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' ||
	       c == '-' || c == '+';
}

/* The first version that stands in @tag: "v1.2.3", "name@1.2.3-rc.1". */
static bool version_in(struct arena *a, str tag, struct semver *out)
{
	size_t start = 0, end;

	while (start < tag.len && !(tag.p[start] >= '0' && tag.p[start] <= '9'))
		start++;
	for (end = start; end < tag.len && is_version_char(tag.p[end]);)
		end++;
	for (; end > start; end--)
		if (semver_parse(a, str_slice(tag, start, end), SEMVER_LOOSE, out))
			return true;
	return false;
}

struct err *release_git_tagged_version(struct cmd_ctx *ctx, str dir, str *version)
{
	struct git_args args = begin(ctx, dir);
	struct semver found;
	str tag = S("");

	add(&args, "describe");
	add(&args, "--tags");
	add(&args, "--abbrev=0");
	add(&args, "--match=*.*.*");
	TRY(ask(ctx, &args, &tag));
	if (!version_in(ctx->arena, tag, &found))
		return err_new(E_GENERIC, "Tag is not a valid version: \"" STR_FMT "\"",
			       STR_ARG(tag));
	*version = found.text;
	return NULL;
}

/* ---- after ---- */

static struct err *stage(struct release_git *g, str file)
{
	struct git_args args = begin(g->ctx, g->dir);

	add(&args, "add");
	add(&args, str_cstr(g->ctx->arena, file));
	return run(g->ctx, &args);
}

static struct err *commit(struct release_git *g, const char *message)
{
	struct git_args args = begin(g->ctx, g->dir);
	const struct cfg *cfg = g->ctx->cfg;

	add(&args, "commit");
	if (!cfg_bool(cfg, CFG_COMMIT_HOOKS))
		add(&args, "-n");
	if (cfg_bool(cfg, CFG_ALLOW_SAME_VERSION))
		add(&args, "--allow-empty");
	if (cfg_bool(cfg, CFG_SIGN_GIT_COMMIT))
		add(&args, "-S");
	add(&args, "-m");
	add(&args, message);
	return run(g->ctx, &args);
}

static struct err *tag(struct release_git *g, const char *message, str version)
{
	struct git_args args = begin(g->ctx, g->dir);
	const struct cfg *cfg = g->ctx->cfg;
	str prefix = cfg_text(cfg, CFG_TAG_VERSION_PREFIX);
	str name = str_concat(g->ctx->arena, prefix, version);

	add(&args, "tag");
	add(&args, str_printf(g->ctx->arena, "-%s%sm", cfg_bool(cfg, CFG_SIGN_GIT_TAG) ? "s" : "",
			      cfg_bool(cfg, CFG_ALLOW_SAME_VERSION) ? "f" : "")
			   .p);
	add(&args, message);
	add(&args, str_cstr(g->ctx->arena, name));
	return run(g->ctx, &args);
}

struct err *release_git_commit(struct release_git *g, str manifest, str lockfile, str version)
{
	struct arena *a = g->ctx->arena;
	str text = str_replace_all(a, cfg_text(g->ctx->cfg, CFG_MESSAGE), S("%s"), version);

	if (!g->is_active) {
		log_verbose("version", "Not tagging: not in a git repo or no git cmd");
		return NULL;
	}
	TRY(stage(g, manifest));
	/* People have lockfiles that git ignores. */
	if (!str_is_null(lockfile))
		err_ignore(stage(g, lockfile));
	TRY(commit(g, str_cstr(a, text)));
	return tag(g, str_cstr(a, text), version);
}
