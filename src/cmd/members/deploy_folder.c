/* SPDX-License-Identifier: MIT
 * Making a folder of a member. It is written as a project with a lockfile and then installed like
 * any other: what the stages of an install accept here, `cpm ci` accepts wherever the folder goes.
 */
#include "deploy_folder.h"

#include "deploy_changes.h"
#include "install_stages.h"

#include "cpm/base/digest.h"
#include "cpm/base/gzip.h"
#include "cpm/base/path.h"
#include "cpm/store/pack.h"
#include "cpm/store/unpack.h"
#include "cpm/tree/package_file.h"

#include <stdlib.h>

struct deploy_tarball {
	str resolved, integrity;
};

static bool is_folder(const struct node *n)
{
	return str_find(n->location, S("node_modules/")) == STR_NPOS;
}

/* ---- what cannot be carried along ---- */

/* Only the member's own package.json is rewritten. */
static struct err *check_spec(const struct edge *e)
{
	const struct spec *spec;

	if (!e->to || !is_folder(e->to->target ? e->to->target : e->to))
		return NULL;
	TRY(edge_parse_spec((struct edge *)e, &spec));
	if (spec_is_registry(spec))
		return NULL;
	return err_new(E_UNSUPPORTED,
		       "'" STR_FMT "' asks for '" STR_FMT "' as '" STR_FMT
		       "', a path that leads nowhere in a deployed folder: ask for it by a range, "
		       "as in '^1.0.0', and make it a workspace",
		       STR_ARG(e->from->name), STR_ARG(e->name), STR_ARG(e->raw_spec));
}

static struct err *check_package(const struct deployment *d, const struct node *n)
{
	for (struct map_iter it = map_iter(&n->edges_out); map_next(&it);) {
		const struct edge *e = it.val;
		if (e->type != EDGE_DEV && n != d->member)
			TRY(check_spec(e));
	}
	return NULL;
}

/* ---- files ---- */

static struct err *copy_member(struct deployment *d)
{
	struct arena *a = d->ctx->arena;
	const struct unpack_opts opts = { .keep_gitignore = true };
	struct unpack_result ignored;
	AUTO_FD fd = -1;
	char *bytes;
	size_t len;

	TRY(fs_open_dir(AT_FDCWD, str_cstr(a, d->dir), &fd));
	TRY(pack_folder(d->member->path, NULL, &bytes, &len));
	struct err *e = unpack_tarball(a, str_of(bytes, len), fd, &opts, &ignored);
	free(bytes);
	return e;
}

static str tarball_name(struct arena *a, const struct node *n)
{
	str name = node_package_name(n), version = node_version(n);

	if (str_starts(name, S("@")))
		name = str_replace_all(a, str_from(name, 1), S("/"), S("-"));
	return str_printf(a, DEPLOY_PACKAGES "/" STR_FMT "-" STR_FMT ".tgz", STR_ARG(name),
			  STR_ARG(version));
}

static struct err *pack_tarball(struct arena *a, str folder, str *out)
{
	char *plain, *packed;
	size_t plain_len, len;

	TRY(pack_folder(folder, NULL, &plain, &plain_len));
	struct err *e = gzip(str_of(plain, plain_len), GZIP_QUICK, &packed, &len);
	free(plain);
	TRY(e);
	*out = str_dup(a, str_of(packed, len));
	free(packed);
	return NULL;
}

static struct err *pack_needed(struct deployment *d, const struct node *n)
{
	struct arena *a = d->ctx->arena;
	struct deploy_tarball *t = ARENA_NEW(a, struct deploy_tarball);
	str name = tarball_name(a, n), bytes;
	struct digest digest;

	TRY(pack_tarball(a, n->path, &bytes));
	digest_of(DIGEST_SHA512, bytes, &digest);
	*t = (struct deploy_tarball){ str_concat(a, S("file:"), name),
				      integrity_format(a, &digest) };
	map_put(&d->tarballs, n->location, t);
	TRY(fs_mkdirs(AT_FDCWD, str_cstr(a, path_join(a, d->dir, S(DEPLOY_PACKAGES)))));
	return fs_write_replace(AT_FDCWD, str_cstr(a, path_join(a, d->dir, name)), bytes, 0644);
}

static struct err *pack_all(struct deployment *d)
{
	VEC_EACH (const struct extracted, x, &d->extract.items) {
		TRY(check_package(d, x->node));
		if (x->location.len && is_folder(x->node) &&
		    !map_has(&d->tarballs, x->node->location))
			TRY(pack_needed(d, x->node));
	}
	return NULL;
}

/* ---- package.json ---- */

static bool is_extracted(const struct deployment *d, str key)
{
	VEC_EACH (const struct extracted, x, &d->extract.items) {
		str name = node_package_name(x->node);

		if (str_starts(key, name) && (key.len == name.len || key.p[name.len] == '@'))
			return true;
	}
	return false;
}

/* Approvals of packages that are not here would change the folder for nothing. */
static struct json *approvals(const struct deployment *d)
{
	const struct json *all = json_get(d->root->json, "allowScripts");
	struct json *kept = json_new(d->ctx->arena, JSON_OBJECT);

	for (size_t i = 0; json_is(all, JSON_OBJECT) && i < all->count; i++)
		if (is_extracted(d, all->members[i].key))
			json_set(d->ctx->arena, kept, all->members[i].key, all->members[i].val);
	return kept;
}

/* A lockfile may take from the disk only what a package.json asks for by its path, so this one asks
 * for all that is in a tarball, also for what only others need. */
static struct err *ask_for_tarballs(struct deployment *d, struct package_file *f)
{
	struct arena *a = d->ctx->arena;

	VEC_EACH (const struct extracted, x, &d->extract.items) {
		const struct deploy_tarball *t = map_get(&d->tarballs, x->node->location);
		str name = str_from(x->location, strlen("node_modules/"));

		if (!x->location.len || !t)
			continue;
		if (str_find(name, S("/node_modules/")) != STR_NPOS)
			return err_new(E_UNSUPPORTED,
				       "'" STR_FMT "' is needed from this project and, in another "
				       "version, from the registry: give one of them another name",
				       STR_ARG(x->node->name));
		bool is_optional = json_get(json_get(f->content, "optionalDependencies"),
					    str_cstr(a, name)) != NULL;
		str field = is_optional ? S("optionalDependencies") : S("dependencies");
		struct json *list = (struct json *)json_get(f->content, str_cstr(a, field));
		if (!json_is(list, JSON_OBJECT)) {
			list = json_new(a, JSON_OBJECT);
			json_set(a, f->content, field, list);
		}
		json_set_text(a, list, str_cstr(a, name), t->resolved);
	}
	return NULL;
}

/* Only the project's own package.json has a say in these; this one is to be such. */
static struct err *write_manifest(struct deployment *d)
{
	struct arena *a = d->ctx->arena;
	struct json *allowed = approvals(d);
	struct package_file *f = &d->manifest;

	TRY(package_file_read(a, d->dir, f));
	/* Else the lockfile would take the name of the folder, which is another in each run. */
	if (!json_get(f->content, "name"))
		json_set_text(a, f->content, "name", d->member->name);
	json_del(f->content, S("devDependencies"));
	json_del(f->content, S("overrides"));
	json_del(f->content, S("allowScripts"));
	if (d->root->overrides)
		json_set(a, f->content, S("overrides"), json_dup(a, d->root->overrides));
	if (allowed->count)
		json_set(a, f->content, S("allowScripts"), allowed);
	TRY(deploy_changes_enter(d));
	TRY(ask_for_tarballs(d, f));
	return package_file_save(f);
}

/* ---- package-lock.json ---- */

/* What depends on the rest of the project is found out anew. */
static struct err *entry_of(struct deployment *d, const struct extracted *x, struct json **out)
{
	static const char *const flags[] = { "dev",  "optional",   "devOptional",
					     "peer", "extraneous", "devDependencies" };
	static const char *const fields[] = { "dependencies", "optionalDependencies" };
	struct arena *a = d->ctx->arena;
	const struct json *was = json_get(d->packages, str_cstr(a, x->node->location));
	const struct deploy_tarball *t = map_get(&d->tarballs, x->node->location);
	struct json *entry = was ? json_dup(a, was) : json_new(a, JSON_OBJECT);

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		json_del(entry, str_view(flags[i]));
	for (size_t i = 0; !x->location.len && i < ARRAY_LEN(fields); i++) {
		const struct json *asked = json_get(d->manifest.content, fields[i]);
		if (asked)
			json_set(a, entry, str_view(fields[i]), json_dup(a, asked));
	}
	if (x->location.len && t) {
		json_set_text(a, entry, "resolved", t->resolved);
		json_set_text(a, entry, "integrity", t->integrity);
	}
	*out = entry;
	return deploy_changes_of_entry(d, x, entry);
}

static struct err *write_lockfile(struct deployment *d)
{
	struct arena *a = d->ctx->arena;
	struct json *doc = json_new(a, JSON_OBJECT), *packages = json_new(a, JSON_OBJECT);
	const struct manifest *m = d->member->manifest;
	struct str_buf text = str_buf(a, SIZE_MAX);

	json_set_text(a, doc, "name", json_get_text(d->manifest.content, "name"));
	if (!str_is_null(m->version))
		json_set_text(a, doc, "version", m->version);
	json_set(a, doc, S("lockfileVersion"), json_new_number(a, deploy_changes_any(d) ? 4 : 3));
	json_set(a, doc, S("requires"), json_new_bool(a, true));
	VEC_EACH (const struct extracted, x, &d->extract.items) {
		struct json *entry;

		TRY(entry_of(d, x, &entry));
		json_set(a, packages, x->location, entry);
	}
	json_set(a, doc, S("packages"), packages);
	json_write(&text, doc, JSON_STYLE_DEFAULT);
	return fs_write_replace(AT_FDCWD, str_cstr(a, path_join(a, d->dir, S("package-lock.json"))),
				buf_view(&text), 0644);
}

/* ---- node_modules ---- */

/* Nothing may have been resolved anew: that would be other versions than the project's. */
static struct err *check_same(struct install *in)
{
	for (struct map_iter it = map_iter(&in->ideal->inventory); map_next(&it);) {
		const struct node *n = it.val;
		const struct locked_package *locked = map_get(&in->locked, it.key);

		if (!locked || !str_eq(node_version(n), locked->version))
			return err_new(E_GENERIC,
				       "package-lock.json does not have the '" STR_FMT
				       "' that is needed here: run 'cpm install' first",
				       STR_ARG(n->name));
	}
	return NULL;
}

static struct cfg *settings(struct deployment *d)
{
	static const struct {
		enum cfg_key key;
		const char *value;
	} forced[] = {
		{ CFG_SAVE, "true" },     { CFG_PACKAGE_LOCK, "true" },
		{ CFG_AUDIT, "false" },   { CFG_PACKAGE_LOCK_ONLY, "false" },
		{ CFG_FUND, "false" },    { CFG_IGNORE_SCRIPTS, "true" },
		{ CFG_DRY_RUN, "false" }, { CFG_ALLOW_FILE, "all" },
		{ CFG_SHARED_STORE, "false" },
	};
	struct cfg *cfg = cfg_in_folder(d->ctx->arena, d->ctx->cfg, d->dir);

	for (size_t i = 0; i < ARRAY_LEN(forced); i++)
		cfg_force(cfg, forced[i].key, forced[i].value);
	return cfg;
}

static struct err *install(struct cmd_ctx *ctx)
{
	const struct install_request req = { .saves = true, .is_quiet = true, .check = check_same };

	TRY(cmd_ctx_open(ctx));
	TRY(cmd_ctx_open_project(ctx));
	return install_run(ctx, &req);
}

static struct err *fill_modules(struct deployment *d)
{
	static const struct cmd row = {
		.name = "deploy", .needs = CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_NEEDS_LOCK
	};
	const struct cmd_ctx *outer = d->ctx;
	struct arena *a = outer->arena;
	struct cmd_ctx ctx = { .arena = a,
			       .cfg = settings(d),
			       .out = outer->out,
			       .screen = outer->screen,
			       .cmd = &row,
			       .started_ms = outer->started_ms,
			       .environ = outer->environ,
			       .dirfd = -1,
			       .lock_fd = -1 };
	struct err *e = install(&ctx);

	cmd_ctx_close(&ctx);
	TRY(e);
	/* It knows inodes and times, which are this machine's. */
	return fs_unlink(AT_FDCWD, str_cstr(a, path_join(a, d->dir, S("node_modules/.cpm-state"))));
}

struct err *deploy_fill(struct deployment *d)
{
	map_init(&d->tarballs, d->ctx->arena);
	TRY(copy_member(d));
	TRY(pack_all(d));
	TRY(write_manifest(d));
	TRY(write_lockfile(d));
	return fill_modules(d);
}
