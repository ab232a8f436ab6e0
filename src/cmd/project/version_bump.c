/* SPDX-License-Identifier: MIT
 * From a word to a release: which version, is git clean, both files, commit, tag. In this order,
 * because what can be refused must be refused before the first byte is written. Twin of
 * libnpmversion. */
#include "version_bump.h"

#include "cpm/base/path.h"
#include "cpm/tree/package_file.h"
#include "release_git.h"
#include "script_run.h"

#define LOCKFILE_MAX_BYTES ((size_t)256 * 1024 * 1024)

/* ---- which version ---- */

static const struct {
	str word;
	enum semver_release kind;
} words[] = {
	{ S("major"), SEMVER_MAJOR },           { S("minor"), SEMVER_MINOR },
	{ S("patch"), SEMVER_PATCH },           { S("premajor"), SEMVER_PREMAJOR },
	{ S("preminor"), SEMVER_PREMINOR },     { S("prepatch"), SEMVER_PREPATCH },
	{ S("prerelease"), SEMVER_PRERELEASE },
};

/* The text of a version as it is kept: without "v" and build. Null when it is none. */
static str clean(struct arena *a, str text, unsigned flags)
{
	struct semver v;
	str bare = str_trim_js(text);

	while (bare.len > 0 && (bare.p[0] == '=' || bare.p[0] == 'v'))
		bare = str_from(bare, 1);
	return semver_parse(a, bare, flags, &v) ? v.text : STR_NULL;
}

static str without_prerelease(const struct semver *v)
{
	return v->pre.len > 0 ? str_slice(v->text, 0, str_find_char(v->text, '-')) : STR_NULL;
}

str version_next(struct arena *a, str current, str wanted, str preid)
{
	struct semver v;

	if (semver_is_valid(wanted, SEMVER_LOOSE))
		return clean(a, wanted, SEMVER_LOOSE);
	if (!semver_parse(a, current, SEMVER_LOOSE, &v))
		return STR_NULL;
	if (str_eq(wanted, S("release")))
		return without_prerelease(&v);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(wanted, words[i].word))
			return semver_increment(a, &v, words[i].kind, preid);
	return STR_NULL;
}

static struct err *choose(struct cmd_ctx *ctx, const struct package_file *f, str wanted,
			  str *version)
{
	str current = json_get_text(f->content, "version");
	str cleaned = clean(ctx->arena, current.len > 0 ? current : S("0.0.0"), SEMVER_STRICT);

	if (str_eq(wanted, S("from-git")))
		TRY(release_git_tagged_version(ctx, f->dir, version));
	else
		*version = version_next(ctx->arena, cleaned, wanted, cfg_text(ctx->cfg, CFG_PREID));
	if (str_is_null(*version))
		return err_new(E_GENERIC, "Invalid version: " STR_FMT, STR_ARG(wanted));
	if (str_eq(*version, cleaned) && !cfg_bool(ctx->cfg, CFG_ALLOW_SAME_VERSION))
		return err_new(E_GENERIC, "Version not changed");
	return NULL;
}

/* ---- scripts ---- */

/* The package is read anew each time: the scripts see the version of the moment. */
static struct err *run_event(struct cmd_ctx *ctx, str dir, const char *event, str current, str next)
{
	const struct script_var versions[] = { { S("npm_old_version"), current },
					       { S("npm_new_version"), next } };
	struct script_call call = { .event = str_view(event),
				    .extra = versions,
				    .nextra = ARRAY_LEN(versions) };
	struct script_package p;

	if (cfg_bool(ctx->cfg, CFG_IGNORE_SCRIPTS))
		return NULL;
	TRY(script_package_read(ctx, dir, &p));
	p.id = STR_NULL; /* npm names the event alone here */
	call.text = script_text(&p, event);
	return str_is_null(call.text) ? NULL : script_run(ctx, &p, &call);
}

/* ---- the files ---- */

/* The lockfile names the version twice. One that cannot be read is left alone, as npm does. */
static void update_lockfile(struct arena *a, str path, str version, bool *is_updated)
{
	const char *file = str_cstr(a, path);
	struct str_buf out = str_buf(a, SIZE_MAX);
	struct json *lock, *root;
	struct json_style style;
	str text = S("");
	struct err *e = fs_read_all(a, AT_FDCWD, file, LOCKFILE_MAX_BYTES, &text);

	if (!e)
		e = json_parse(a, text, &lock);
	if (!e && json_is(lock, JSON_OBJECT)) {
		style = json_style_of(text);
		root = json_get_str(json_get(lock, "packages"), S(""));
		json_set_text(a, lock, "version", version);
		if (json_is(root, JSON_OBJECT))
			json_set_text(a, root, "version", version);
		json_write(&out, lock, style);
		buf_add(&out, style.newline);
		e = fs_write_atomic(AT_FDCWD, file, buf_view(&out), 0666);
		*is_updated = e == NULL;
	}
	err_ignore(e);
}

static struct err *write_files(struct arena *a, struct package_file *f, str lockfile, str version,
			       bool *has_lock)
{
	json_set_text(a, f->content, "version", version);
	json_del(f->content, S("_id"));
	TRY(package_file_save(f));
	update_lockfile(a, lockfile, version, has_lock);
	return NULL;
}

struct err *version_bump(struct cmd_ctx *ctx, str dir, str wanted, bool uses_git, str *version)
{
	struct arena *a = ctx->arena;
	str lockfile = path_join(a, dir, S("package-lock.json"));
	struct release_git git = { .ctx = ctx, .dir = dir };
	struct package_file f;
	bool has_lock = false;

	TRY(package_file_read(a, dir, &f));
	str current = json_get_text(f.content, "version");
	if (current.len == 0)
		current = S("0.0.0");
	TRY(choose(ctx, &f, wanted, version));
	if (uses_git)
		TRY(release_git_begin(ctx, dir, &git));
	TRY(run_event(ctx, dir, "preversion", current, *version));
	TRY(write_files(a, &f, lockfile, *version, &has_lock));
	TRY(run_event(ctx, dir, "version", current, *version));
	TRY(release_git_commit(&git, f.path, has_lock ? lockfile : STR_NULL, *version));
	return run_event(ctx, dir, "postversion", current, *version);
}
