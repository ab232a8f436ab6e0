/* SPDX-License-Identifier: MIT
 * init: a package.json for the folder, or for a new member of the project (npm-cli.md 8.7, 5.3). */
#include "cmd_priv.h"

#include "cpm/base/path.h"
#include "cpm/base/semver.h"
#include "cpm/tree/map_workspaces.h"
#include "cpm/tree/spec.h"
#include "exec_run.h"
#include "init_questions.h"
#include "workspaces_update.h"

static const char introduction[] =
	"This utility will walk you through creating a package.json file.\n"
	"It only covers the most common items, and tries to guess sensible defaults.\n"
	"\n"
	"See `npm help init` for definitive documentation on these fields and exactly what they "
	"do.\n"
	"\n"
	"Use `npm install <pkg>` afterwards to install a package and save it as a dependency in "
	"the package.json "
	"file.\n"
	"\n"
	"Press ^C at any time to quit.";

/* ---- one package.json ---- */

static bool asks(const struct cfg *cfg)
{
	return !cfg_bool(cfg, CFG_YES) && !cfg_bool(cfg, CFG_FORCE);
}

/* npm's --init-module may name a program that asks other questions. */
static void warn_own_questions(const struct cmd_ctx *ctx)
{
	str module = cfg_text(ctx->cfg, CFG_INIT_MODULE);

	if (module.len > 0 && fs_is_file(AT_FDCWD, str_cstr(ctx->arena, module)))
		log_warn("init", STR_FMT " is not run: cpm asks the usual questions",
			 STR_ARG(module));
}

static struct err *begin(struct cmd_ctx *ctx, str dir, struct init *out)
{
	struct arena *a = ctx->arena;

	*out = (struct init){ .ctx = ctx, .asks = asks(ctx->cfg) };
	if (out->asks)
		out_line(ctx->out, "%s", introduction);
	warn_own_questions(ctx);
	TRY(package_file_read_or_new(a, dir, &out->file));
	TRY(package_file_normalize(a, &out->file));
	if (!semver_is_valid(json_get_text(out->file.content, "version"), SEMVER_STRICT))
		json_del(out->file.content, S("version"));
	return NULL;
}

/* The answers go into the file, and nothing that was neither there nor answered stays in it. */
static struct err *fill_in(struct init *in)
{
	struct arena *a = in->ctx->arena;
	struct json *content = in->file.content, *described = json_get(in->answers, "description");

	for (size_t i = 0; i < in->answers->count; i++)
		json_set(a, content, in->answers->members[i].key, in->answers->members[i].val);
	TRY(package_file_complete(a, &in->file));
	if (!json_get(in->answers, "license"))
		json_del(content, S("license"));
	if (!json_get(in->answers, "author"))
		json_del(content, S("author"));
	if (described && !json_is_truthy(json_get(content, "description")))
		json_set(a, content, S("description"), described);
	return NULL;
}

static void show(const struct init *in, const char *what)
{
	struct str_buf text = str_buf(in->ctx->arena, SIZE_MAX);

	json_write(&text, in->file.content, JSON_STYLE_DEFAULT);
	out_line(in->ctx->out, "%s " STR_FMT ":\n\n" STR_FMT "\n\n", what, STR_ARG(in->file.path),
		 STR_ARG(buf_view(&text)));
}

static struct err *confirm(struct init *in, bool *is_confirmed)
{
	str answer;

	TRY(init_prompt(in, "Is this OK?", S("yes"), &answer));
	*is_confirmed = str_starts_nocase(answer, S("y"));
	if (!*is_confirmed)
		out_line(in->ctx->out, "Aborted.");
	return NULL;
}

static struct err *init_folder(struct cmd_ctx *ctx, str dir)
{
	struct init in;
	bool is_confirmed = true;

	TRY(begin(ctx, dir, &in));
	TRY(init_ask(&in));
	TRY(fill_in(&in));
	if (in.asks) {
		show(&in, "About to write to");
		TRY(confirm(&in, &is_confirmed));
		package_file_sort(ctx->arena, &in.file);
	}
	if (!is_confirmed)
		return NULL;
	TRY(package_file_save(&in.file));
	if (!in.asks)
		show(&in, "Wrote to");
	return NULL;
}

/* ---- members ---- */

static struct err *is_covered(struct cmd_ctx *ctx, str root, str dir, bool *out)
{
	struct tree *t = tree_new(ctx->arena, root);
	struct manifest *m;

	*out = false;
	TRY(manifest_read(ctx->arena, AT_FDCWD, str_cstr(ctx->arena, root), &m, NULL));
	TRY(map_workspaces(ctx->arena, root, m, t));
	VEC_EACH (struct workspace, w, &t->workspaces)
		*out = *out || str_eq(w->path, dir);
	return NULL;
}

/* The new folder joins the list, unless a pattern in it covers the folder already. */
static struct err *declare_member(struct cmd_ctx *ctx, str root, str dir)
{
	struct arena *a = ctx->arena;
	struct package_file f;
	struct json *list;
	bool is_known;

	TRY(is_covered(ctx, root, dir, &is_known));
	if (is_known || !fs_exists(AT_FDCWD, str_cstr(a, path_join(a, dir, S("package.json")))))
		return NULL;
	TRY(package_file_read(a, root, &f));
	list = json_get(f.content, "workspaces");
	if (json_is(list, JSON_OBJECT))
		list = json_get(list, "packages");
	if (!json_is(list, JSON_ARRAY)) {
		list = json_new(a, JSON_ARRAY);
		json_set(a, f.content, S("workspaces"), list);
	}
	json_append(a, list, json_new_string(a, path_relative(a, root, dir)));
	return package_file_save(&f);
}

static str name_in(struct arena *a, str dir)
{
	struct package_file f;
	struct err *e = package_file_read(a, dir, &f);
	str name = e ? STR_NULL : json_get_text(f.content, "name");

	err_ignore(e);
	return name;
}

static struct err *require_root(struct cmd_ctx *ctx, str root)
{
	struct manifest *m;
	struct err *e = manifest_read(ctx->arena, AT_FDCWD, str_cstr(ctx->arena, root), &m, NULL);

	if (err_is(e, E_NO_ENTRY))
		log_warn("init", "Missing package.json. Try with `--include-workspace-root`.");
	return e;
}

/* ---- packages that make projects ---- */

/* "@s" stands for @s/create, "@s@1" for @s/create@1. */
static str create_of_scope(struct arena *a, str arg)
{
	size_t at = str_rfind_char(arg, '@');

	return str_printf(a, STR_FMT "/create" STR_FMT, STR_ARG(str_slice(arg, 0, at ? at : arg.len)),
			  STR_ARG(at ? str_from(arg, at) : S("")));
}

/* "x" stands for create-x, "@s/x" for @s/create-x, "user/repo" for user/create-repo. */
static struct err *creator_of(struct cmd_ctx *ctx, str arg, str *out)
{
	struct arena *a = ctx->arena;
	struct spec *spec;
	size_t slash;

	if (str_starts(arg, S("@")) && str_find_char(arg, '/') == STR_NPOS) {
		*out = create_of_scope(a, arg);
		return NULL;
	}
	TRY(spec_parse_arg(a, arg, cfg_cwd(ctx->cfg), &spec));
	if (spec->type == SPEC_GIT && spec->is_hosted) {
		str old = str_printf(a, STR_FMT "/" STR_FMT, STR_ARG(spec->user), STR_ARG(spec->project)),
		    new = str_printf(a, STR_FMT "/create-" STR_FMT, STR_ARG(spec->user),
				     STR_ARG(spec->project));

		*out = str_replace_all(a, arg, old, new);
		return NULL;
	}
	if (!spec_is_registry(spec))
		return err_show_as(err_new(E_GENERIC,
					   "Unrecognized initializer: " STR_FMT
					   "\nFor more package binary executing power check out `npx`",
					   STR_ARG(arg)),
				   S("EUNSUPPORTED"));
	slash = str_starts(spec->name, S("@")) ? str_find_char(spec->name, '/') + 1 : 0;
	*out = str_printf(a, STR_FMT "create-" STR_FMT "@" STR_FMT,
			  STR_ARG(str_slice(spec->name, 0, slash)),
			  STR_ARG(str_from(spec->name, slash)),
			  STR_ARG(spec->raw.len ? spec->raw : S("*")));
	return NULL;
}

static struct err *create_in(struct cmd_ctx *ctx, str dir, const str *args, size_t nargs)
{
	str *words = ARENA_ARRAY(ctx->arena, str, nargs);

	memcpy(words, args, nargs * sizeof(str));
	TRY(creator_of(ctx, args[0], &words[0]));
	return exec_run_in(ctx, dir, words, nargs);
}

/* The folder as the arguments want it: made by a package, or with a package.json alone. */
static struct err *fill_folder(struct cmd_ctx *ctx, str dir, const str *args, size_t nargs)
{
	return nargs ? create_in(ctx, dir, args, nargs) : init_folder(ctx, dir);
}

static struct err *init_members(struct cmd_ctx *ctx, const str *filters, size_t count,
				const str *args, size_t nargs)
{
	struct arena *a = ctx->arena;
	str *names = ARENA_ARRAY(a, str, count + 1), root;
	size_t nnames = 0;

	TRY(fs_real_path(a, str_cstr(a, cfg_local_prefix(ctx->cfg)), &root));
	if (cfg_bool(ctx->cfg, CFG_INCLUDE_WORKSPACE_ROOT))
		TRY(fill_folder(ctx, cfg_cwd(ctx->cfg), args, nargs));
	TRY(require_root(ctx, root));
	for (size_t i = 0; i < count; i++) {
		str dir = path_resolve(a, root, filters[i]);
		TRY(fs_mkdirs(AT_FDCWD, str_cstr(a, dir)));
		TRY(fill_folder(ctx, dir, args, nargs));
		TRY(declare_member(ctx, root, dir));
		names[nnames] = name_in(a, dir);
		nnames += names[nnames].len > 0;
	}
	return nargs ? NULL : workspaces_update(ctx, names, nnames);
}

/* ---- the command ---- */

static struct err *init_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	size_t nfilters;
	const str *filters = cfg_list(ctx->cfg, CFG_WORKSPACE, &nfilters);

	(void)exit_status;
	if (nfilters > 0 || cfg_bool(ctx->cfg, CFG_WORKSPACES))
		return init_members(ctx, filters, nfilters, args, nargs);
	return fill_folder(ctx, cfg_cwd(ctx->cfg), args, nargs);
}

const struct cmd cmd_init = {
	.name = "init",
	.summary = "Create a package.json file",
	.synopsis = (const char *const[]){ "<package-spec> (same as `npx create-<package-spec>`)",
					   "<@scope> (same as `npx <@scope>/create`)", NULL },
	.aliases = (const char *const[]){ "create", "innit", NULL },
	.keys = (const enum cfg_key[]){ CFG_INIT_AUTHOR_NAME, CFG_INIT_AUTHOR_URL, CFG_INIT_LICENSE,
					CFG_INIT_TYPE, CFG_INIT_VERSION, CFG_INIT_PRIVATE, CFG_YES,
					CFG_FORCE, CFG_SCOPE, CFG_WORKSPACE, CFG_WORKSPACES,
					CFG_WORKSPACES_UPDATE, CFG_INCLUDE_WORKSPACE_ROOT,
					CFG_END },
	.needs = CMD_NEEDS_LOCK | CMD_WORKSPACES,
	.doc = "init",
	.run = init_run,
};
