/* SPDX-License-Identifier: MIT
 * patch: the project's own changes to its dependencies, kept as patches (npm-tree.md 17.3). A package is unpacked for
 * editing, and what was edited becomes a patch that every installation puts onto its files. */
#include "install_stages.h"
#include "package_tarball.h"
#include "patch_target.h"
#include "patch_text.h"
#include "temp_folder.h"

#include "cpm/base/path.h"
#include "cpm/store/unpack.h"
#include "cpm/tree/package_file.h"

#define FAIL_AS(code, ...) return err_show_as(err_new(E_GENERIC, __VA_ARGS__), S(code))

/* ---- packages and folders ---- */

static str key_of(struct arena *a, const struct patch_target *t)
{
	return str_printf(a, STR_FMT "@" STR_FMT, STR_ARG(t->name), STR_ARG(t->version));
}

static struct err *unpack(struct cmd_ctx *ctx, const struct package_tarball *t, str dir)
{
	const struct unpack_opts opts = { 0 };
	struct unpack_result ignored;
	AUTO_FD fd = -1;

	TRY(fs_open_dir(AT_FDCWD, str_cstr(ctx->arena, dir), &fd));
	return unpack_tarball(ctx->arena, str_of(t->bytes, t->len), fd, &opts, &ignored);
}

/* The package as it was published, into an empty folder. */
static struct err *fetch_into(struct cmd_ctx *ctx, const struct patch_target *target, str dir)
{
	const struct workspace_choice nobody = { 0 };
	struct package_tarball t;
	struct err *e;

	TRY(package_tarball_look(ctx, key_of(ctx->arena, target), &t));
	e = package_tarball_make(ctx, &t, &nobody);
	if (!e)
		e = unpack(ctx, &t, dir);
	package_tarball_free(&t);
	return e;
}

/* The folder that --edit-dir names, emptied by --ignore-existing, or a new one. */
static struct err *make_edit_dir(struct cmd_ctx *ctx, const struct patch_target *t, str *out)
{
	struct arena *a = ctx->arena;
	str dir = cfg_text(ctx->cfg, CFG_EDIT_DIR);
	str name = str_replace_all(a, t->name, S("/"), S("+"));

	if (!dir.len)
		return temp_folder_make(ctx,
					str_printf(a, "npm-patch/" STR_FMT "@" STR_FMT "-",
						   STR_ARG(name), STR_ARG(t->version)),
					out);
	*out = path_resolve(a, cfg_cwd(ctx->cfg), dir);
	if (cfg_bool(ctx->cfg, CFG_IGNORE_EXISTING))
		TRY(fs_remove_tree(AT_FDCWD, str_cstr(a, *out)));
	return fs_mkdirs(AT_FDCWD, str_cstr(a, *out));
}

static bool is_empty(struct cmd_ctx *ctx, str dir)
{
	AUTO_DIR it = { 0 };
	struct err *e = dir_open(AT_FDCWD, str_cstr(ctx->arena, dir), &it);
	bool has_any = !e && dir_next(&it);

	err_ignore(e);
	return !has_any;
}

/* ---- package.json ---- */

static struct err *open_project(struct cmd_ctx *ctx, struct package_file *file)
{
	TRY(cmd_ctx_open_project(ctx));
	return package_file_read(ctx->arena, cfg_local_prefix(ctx->cfg), file);
}

/* Saves what package.json says now, and installs what that means. */
static struct err *save_and_install(struct cmd_ctx *ctx, struct package_file *file)
{
	const struct install_request req = { .saves = true };

	TRY(package_file_tidy(ctx->arena, file));
	TRY(package_file_save(file));
	TRY(cmd_ctx_open_project(ctx));
	return install_run(ctx, &req);
}

/* ---- add ---- */

static struct err *add(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	struct patch_target target;
	str dir;

	if (nargs != 1)
		return cmd_usage_error(ctx, "%s", "");
	TRY(patch_target_find(ctx, args[0], &target));
	TRY(make_edit_dir(ctx, &target, &dir));
	if (!is_empty(ctx, dir))
		FAIL_AS("EPATCHEDITDIR",
			"there is something in " STR_FMT " already: choose another --edit-dir, or "
			"give --ignore-existing to lose it",
			STR_ARG(dir));
	TRY(fetch_into(ctx, &target, dir));
	out_line(ctx->out, "You can now edit the following directory: " STR_FMT, STR_ARG(dir));
	out_line(ctx->out, "When done, run: npm patch commit " STR_FMT, STR_ARG(dir));
	return NULL;
}

/* ---- commit ---- */

static struct err *read_edited(struct cmd_ctx *ctx, str dir, struct patch_target *out)
{
	struct package_file file;
	struct err *e = package_file_read(ctx->arena, dir, &file);

	if (e) {
		err_free(e);
		FAIL_AS("EPATCHNOEDITDIR", "No package.json found in edit directory: " STR_FMT,
			STR_ARG(dir));
	}
	out->name = json_get_text(file.content, "name");
	out->version = json_get_text(file.content, "version");
	if (out->name.len && out->version.len)
		return NULL;
	return err_new(E_GENERIC,
		       "Edit directory package.json is missing name or version: " STR_FMT,
		       STR_ARG(dir));
}

static struct err *compare(struct cmd_ctx *ctx, const struct patch_target *target, str dir,
			   struct patch_text *out)
{
	struct err *e;
	str base;

	TRY(temp_folder_make(ctx, S("npm-patch-base-"), &base));
	e = fetch_into(ctx, target, base);
	if (!e)
		e = patch_text_make(ctx->arena, base, dir, out);
	temp_folder_remove(ctx, base);
	return e;
}

/* Inside of the project, so that the patches go where it goes. */
static struct err *patch_path(struct cmd_ctx *ctx, const struct patch_target *target, str *relative)
{
	struct arena *a = ctx->arena;
	str root = cfg_local_prefix(ctx->cfg), dir = cfg_text(ctx->cfg, CFG_PATCHES_DIR);
	str path = path_resolve(a, root,
				str_printf(a, STR_FMT "/" STR_FMT ".patch", STR_ARG(dir),
					   STR_ARG(key_of(a, target))));

	if (!path_is_under(path, root))
		FAIL_AS("EPATCHUNSAFE",
			"patches-dir \"" STR_FMT "\" resolves outside the project root.",
			STR_ARG(dir));
	*relative = path_relative(a, root, path);
	return NULL;
}

static struct err *write_patch(struct cmd_ctx *ctx, str relative, str text)
{
	struct arena *a = ctx->arena;
	str path = path_join(a, cfg_local_prefix(ctx->cfg), relative);

	TRY(fs_mkdirs(AT_FDCWD, str_cstr(a, path_dirname(path))));
	return fs_write_atomic(AT_FDCWD, str_cstr(a, path), text, 0666);
}

static struct err *enter_patch(struct cmd_ctx *ctx, const struct patch_target *target, str text)
{
	struct arena *a = ctx->arena;
	struct package_file file;
	struct json *patched;
	str relative;

	TRY(patch_path(ctx, target, &relative));
	TRY(open_project(ctx, &file));
	TRY(write_patch(ctx, relative, text));
	patched = json_get(file.content, "patchedDependencies");
	if (!json_is(patched, JSON_OBJECT)) {
		patched = json_new(a, JSON_OBJECT);
		json_set(a, file.content, S("patchedDependencies"), patched);
	}
	json_set(a, patched, key_of(a, target), json_new_string(a, relative));
	TRY(save_and_install(ctx, &file));
	out_line(ctx->out, "Patched " STR_FMT " -> " STR_FMT, STR_ARG(key_of(a, target)),
		 STR_ARG(relative));
	return NULL;
}

static struct err *commit(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	struct patch_target target;
	struct patch_text patch;
	str dir;

	if (nargs != 1)
		return cmd_usage_error(ctx, "%s", "");
	dir = path_resolve(ctx->arena, cfg_cwd(ctx->cfg), args[0]);
	TRY(read_edited(ctx, dir, &target));
	TRY(compare(ctx, &target, dir, &patch));
	if (!patch.text.len && patch.package_json_changed)
		log_warn("patch",
			 "only package.json changed in " STR_FMT
			 ", which is not patchable; nothing to commit",
			 STR_ARG(dir));
	else if (!patch.text.len)
		log_warn("patch", "no changes detected in " STR_FMT "; nothing to commit",
			 STR_ARG(dir));
	else if (patch.package_json_changed)
		log_warn("patch", "changes to package.json are not included in patches and were "
				  "ignored");
	if (!patch.text.len)
		return NULL;
	TRY(enter_patch(ctx, &target, patch.text));
	if (!cfg_bool(ctx->cfg, CFG_KEEP_EDIT_DIR))
		temp_folder_remove(ctx, dir);
	return NULL;
}

/* ---- ls ---- */

static struct err *list(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	struct project_tree project;
	struct package_file file;
	struct patch_selector *list;
	size_t count;

	(void)args, (void)nargs;
	TRY(package_file_read_or_new(ctx->arena, cfg_local_prefix(ctx->cfg), &file));
	list = patch_selectors_read(ctx->arena, file.content, &count);
	if (!count)
		return NULL;
	TRY(project_tree_open(ctx, 0, &project));
	patch_selectors_count(ctx->arena, project.tree, list, count);
	for (size_t i = 0; i < count; i++) {
		const struct patch_selector *s = &list[i];

		if (s->is_ambiguous)
			out_line(ctx->out, STR_FMT "\t" STR_FMT "\t(error: ambiguous selectors)",
				 STR_ARG(s->path), STR_ARG(s->key));
		else
			out_line(ctx->out, STR_FMT "\t" STR_FMT "\t(%zu node%s)", STR_ARG(s->path),
				 STR_ARG(s->key), s->nodes, s->nodes == 1 ? "" : "s");
	}
	return NULL;
}

/* ---- rm ---- */

static bool is_used(const struct json *patched, str path)
{
	for (size_t i = 0; i < patched->count; i++)
		if (json_is(patched->members[i].val, JSON_STRING) &&
		    str_eq(patched->members[i].val->string, path))
			return true;
	return false;
}

/* A patch file that nothing names any more, and only one of the project's own. */
static struct err *remove_file(struct cmd_ctx *ctx, str relative)
{
	struct arena *a = ctx->arena;
	str root = cfg_local_prefix(ctx->cfg), path = path_resolve(a, root, relative);

	if (!path_is_under(path, root) || str_eq(path, root))
		FAIL_AS("EPATCHUNSAFE", "Refusing to delete patch outside the project root: " STR_FMT,
			STR_ARG(relative));
	return fs_unlink(AT_FDCWD, str_cstr(a, path));
}

static struct err *take_away(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	struct arena *a = ctx->arena;
	struct package_file file;
	struct patch_selector *list;
	struct json *patched;
	VEC(str) removed = { 0 };
	struct spec *spec;
	size_t count;

	if (nargs != 1)
		return cmd_usage_error(ctx, "%s", "");
	TRY(spec_parse_arg(a, args[0], cfg_cwd(ctx->cfg), &spec));
	TRY(open_project(ctx, &file));
	list = patch_selectors_read(a, file.content, &count);
	patched = json_get(file.content, "patchedDependencies");
	for (size_t i = 0; i < count; i++) {
		bool is_any = !spec->raw.len || str_eq(spec->raw, S("*"));

		if (!str_eq(list[i].name, spec->name) || (!is_any && !str_eq(list[i].spec, spec->raw)))
			continue;
		VEC_PUSH(a, &removed, list[i].key);
		json_del(patched, list[i].key);
		if (!is_used(patched, list[i].path))
			TRY(remove_file(ctx, list[i].path));
	}
	if (!removed.len)
		FAIL_AS("EPATCHNOTFOUND", "No registered patch found for \"" STR_FMT "\".",
			STR_ARG(args[0]));
	if (!patched->count)
		json_del(file.content, S("patchedDependencies"));
	TRY(save_and_install(ctx, &file));
	out_line(ctx->out, "Removed patch%s: " STR_FMT, removed.len == 1 ? "" : "es",
		 STR_ARG(str_join(a, removed.items, removed.len, S(", "))));
	return NULL;
}

/* ---- the command ---- */

static struct err *update(struct cmd_ctx *ctx, const str *args, size_t nargs)
{
	(void)ctx, (void)args, (void)nargs;
	return err_new(E_UNSUPPORTED, "cpm does not move a patch to another version: make it anew "
				      "with 'cpm patch add', or use 'npm patch update'");
}

static const struct {
	str name;
	struct err *(*run)(struct cmd_ctx *ctx, const str *args, size_t nargs);
} actions[] = {
	{ S("add"), add }, { S("commit"), commit },   { S("update"), update },
	{ S("ls"), list }, { S("rm"), take_away },
};

static struct err *patch_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	(void)exit_status;
	if (!nargs)
		return cmd_usage_error(ctx, "%s", "");
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (str_eq(args[0], actions[i].name))
			return actions[i].run(ctx, args + 1, nargs - 1);
	return add(ctx, args, nargs);
}

const struct cmd cmd_patch = {
	.name = "patch",
	.summary = "Apply local patches to installed dependencies",
	.synopsis = (const char *const[]){ "<pkg>[@<version>]",
					   "add <pkg>[@<version>] [--edit-dir <path>] "
					   "[--ignore-existing]",
					   "commit <edit-dir> [--patches-dir <dir>] [--keep-edit-dir]",
					   "ls", "rm <pkg>[@<version>]", NULL },
	.keys = (const enum cfg_key[]){ CFG_PATCHES_DIR, CFG_ALLOW_UNUSED_PATCHES,
					CFG_IGNORE_PATCH_FAILURES, CFG_EDIT_DIR,
					CFG_IGNORE_EXISTING, CFG_KEEP_EDIT_DIR, CFG_REGISTRY,
					CFG_END },
	.needs = CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_LOCK,
	.doc = "patch",
	.run = patch_run,
};
