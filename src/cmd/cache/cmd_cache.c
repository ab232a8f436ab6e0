/* SPDX-License-Identifier: MIT
 * The cache command: what is kept, whether it is sound, and how to be rid of it (npm-cli.md 2.4).
 * npm's subcommands and words, and "path", on cpm's own cache: npm's beside it is never touched. */
#include "cmd_priv.h"

#include "cache_add.h"
#include "cpm/base/path.h"
#include "cpm/store/shared.h"
#include "cpm/tree/spec.h"

#include <time.h>

/* ---- verify ---- */

static double elapsed_sec(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - since->tv_sec) + (double)(now.tv_nsec - since->tv_nsec) / 1e9;
}

static bool has_shared(struct cmd_ctx *ctx)
{
	return fs_is_dir(AT_FDCWD, str_cstr(ctx->arena, store_shared_path(ctx->arena, ctx->store)));
}

/* "~/.npm/_cpm" */
static str shown_dir(const struct cmd_ctx *ctx)
{
	str dir = cmd_ctx_store_dir(ctx->arena, ctx->cfg), home = cfg_home(ctx->cfg);

	if (home.len <= 1 || !path_is_under(dir, home))
		return dir;
	return str_concat(ctx->arena, S("~"), str_from(dir, home.len));
}

/* Only where there are any. */
static struct err *verify_shared(struct cmd_ctx *ctx)
{
	struct shared_stats swept, found;

	if (!has_shared(ctx))
		return NULL;
	TRY(shared_sweep(ctx->store, &swept));
	TRY(shared_verify(ctx->store, &found));
	out_line(ctx->out, "Shared packages verified: %ju, used by %ju project%s", (uintmax_t)found.kept,
		 (uintmax_t)swept.projects, swept.projects == 1 ? "" : "s");
	if (swept.removed)
		out_line(ctx->out, "Shared packages removed, which nobody uses: %ju",
			 (uintmax_t)swept.removed);
	if (found.changed)
		out_line(ctx->out,
			 "Shared packages that were changed: %ju (the next install makes them anew)",
			 (uintmax_t)found.changed);
	return NULL;
}

static struct err *verify(struct cmd_ctx *ctx)
{
	struct store_stats stats;
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	TRY(store_verify(ctx->store, &stats));
	out_line(ctx->out, "Cache verified and compressed (" STR_FMT ")", STR_ARG(shown_dir(ctx)));
	out_line(ctx->out, "Content verified: %ju (%ju bytes)", (uintmax_t)stats.blobs,
		 (uintmax_t)stats.blob_bytes);
	if (stats.bad_blobs)
		out_line(ctx->out, "Corrupted content removed: %ju", (uintmax_t)stats.bad_blobs);
	TRY(verify_shared(ctx));
	if (stats.reclaimed_bytes)
		out_line(ctx->out, "Space given back: %ju bytes", (uintmax_t)stats.reclaimed_bytes);
	out_line(ctx->out, "Index entries: %ju", (uintmax_t)(stats.blobs + stats.packuments));
	out_line(ctx->out, "Finished in %.3gs", elapsed_sec(&start));
	return NULL;
}

/* ---- clean ---- */

/* Removing what a project links to would break it. */
static struct err *clean_shared(struct cmd_ctx *ctx)
{
	struct shared_stats swept;

	if (!has_shared(ctx))
		return NULL;
	TRY(shared_sweep(ctx->store, &swept));
	if (swept.kept)
		log_notice("cache",
			   "%ju shared packages stay, to which %ju %s: they go when no "
			   "node_modules does any more",
			   (uintmax_t)swept.kept, (uintmax_t)swept.projects,
			   swept.projects == 1 ? "project links" : "projects link");
	return NULL;
}

static struct err *clean_all(struct cmd_ctx *ctx)
{
	if (!cfg_bool(ctx->cfg, CFG_FORCE))
		return err_new(E_GENERIC, "The cache repairs itself: what is damaged is found when "
					  "it is used and fetched again.\n"
					  "Removing it makes the next installs slower and is not "
					  "likely to mend anything.\n"
					  "To check what is in it, run `cpm cache verify`.\n"
					  "\n"
					  "To see what an install does without a cache, run `cpm "
					  "install --cache <empty folder>`.\n"
					  "\n"
					  "To remove the whole cache all the same, run this "
					  "command again with --force.");
	TRY(store_clean(ctx->store));
	return clean_shared(ctx);
}

static struct err *clean(struct cmd_ctx *ctx, const str *keys, size_t count)
{
	if (!count)
		return clean_all(ctx);
	for (size_t i = 0; i < count; i++) {
		if (!store_clean_key(ctx->store, keys[i])) {
			log_warn("cache", "Not Found: " STR_FMT, STR_ARG(keys[i]));
			break;
		}
		out_line(ctx->out, "Deleted: " STR_FMT, STR_ARG(keys[i]));
	}
	return NULL;
}

/* ---- ls ---- */

typedef VEC(str) key_vec;

static void print_sorted(struct cmd_ctx *ctx, key_vec *keys)
{
	str last = STR_NULL;

	VEC_SORT(keys, str_collate_qsort);
	VEC_EACH (str, key, keys) {
		if (!str_eq(*key, last))
			out_line(ctx->out, STR_FMT, STR_ARG(*key));
		last = *key;
	}
}

/* The tarball of one version, when the cache has it. */
static void add_tarball(struct cmd_ctx *ctx, const struct packument_version *v, key_vec *keys)
{
	struct integrity integrity;
	struct json *manifest;
	struct err *e = json_parse(ctx->arena, v->manifest, &manifest);

	if (e) {
		err_ignore(e);
		return;
	}
	integrity_parse(ctx->arena, json_get_text(json_get(manifest, "dist"), "integrity"),
			&integrity);
	for (size_t i = 0; i < integrity.count; i++)
		if (store_has_blob(ctx->store, &integrity.items[i]))
			VEC_PUSH(ctx->arena, keys,
				 integrity_format(ctx->arena, &integrity.items[i]));
}

/* A packument's own key and those of its versions' tarballs within the spec. */
static void add_packument(struct cmd_ctx *ctx, str key, const struct spec *spec, key_vec *keys)
{
	struct kv_port *kv = store_kv(ctx->store);
	struct packument *p;
	struct err *e;
	str manifests;

	VEC_PUSH(ctx->arena, keys, key);
	e = packument_thaw(ctx->arena, kv->get(kv, ctx->arena, key), &p);
	if (e) {
		err_ignore(e);
		return;
	}
	manifests = kv->get_body(kv, ctx->arena, key, 0, packument_manifests_len(p));
	packument_take_manifests(p, manifests);
	for (size_t i = 0; i < p->nversions; i++)
		if (!str_is_null(p->versions[i].semver.text) &&
		    (!spec->range || range_has(spec->range, &p->versions[i].semver)))
			add_tarball(ctx, &p->versions[i], keys);
}

static struct err *list_spec(struct cmd_ctx *ctx, str arg, const struct store_item *items,
			     size_t count, key_vec *keys)
{
	struct spec *spec;
	str end;

	TRY(spec_parse_arg(ctx->arena, arg, cfg_cwd(ctx->cfg), &spec));
	if (spec->type == SPEC_TAG && spec->raw.len)
		return cmd_usage_error(ctx, "Cannot list cache keys for a tagged package.");
	if (str_is_null(spec->name))
		return NULL;
	end = str_concat(ctx->arena, S("/"),
			 str_replace_all(ctx->arena, spec->name, S("/"), S("%2f")));
	for (size_t i = 0; i < count; i++)
		if (!items[i].is_blob && str_ends(items[i].key, end))
			add_packument(ctx, items[i].key, spec, keys);
	return NULL;
}

static struct err *list(struct cmd_ctx *ctx, const str *specs, size_t nspecs)
{
	struct store_item *items;
	key_vec keys = { 0 };
	size_t count;

	store_list(ctx->arena, ctx->store, &items, &count);
	for (size_t i = 0; i < nspecs; i++)
		TRY(list_spec(ctx, specs[i], items, count, &keys));
	for (size_t i = 0; !nspecs && i < count; i++)
		VEC_PUSH(ctx->arena, &keys, items[i].key);
	print_sorted(ctx, &keys);
	return NULL;
}

/* ---- the command ---- */

static struct err *add(struct cmd_ctx *ctx, const str *specs, size_t count)
{
	if (!count)
		return cmd_usage_error(ctx, "First argument to `add` is required");
	for (size_t i = 0; i < count; i++)
		TRY(cache_add(ctx, specs[i]));
	return NULL;
}

static struct err *print_path(struct cmd_ctx *ctx)
{
	out_line(ctx->out, STR_FMT, STR_ARG(cmd_ctx_store_dir(ctx->arena, ctx->cfg)));
	return NULL;
}

static bool is(str action, const char *name)
{
	return str_eq(action, str_view(name));
}

static struct err *cache_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	str action = nargs ? args[0] : S("");

	(void)exit_status;
	if (is(action, "clean") || is(action, "clear") || is(action, "rm"))
		return clean(ctx, args + 1, nargs - 1);
	if (is(action, "verify") || is(action, "check"))
		return verify(ctx);
	if (is(action, "path"))
		return print_path(ctx);
	if (is(action, "ls"))
		return list(ctx, args + 1, nargs - 1);
	if (is(action, "add"))
		return add(ctx, args + 1, nargs - 1);
	if (is(action, "npx"))
		return err_new(E_UNSUPPORTED, "cpm has no 'cache npx': it installs nothing into a "
					      "cache of its own for 'exec'.");
	return cmd_usage_error(ctx, "%s", "");
}

const struct cmd cmd_cache = {
	.name = "cache",
	.summary = "Manage the package cache",
	.synopsis = (const char *const[]){ "add <package-spec>", "clean [<key>]",
					   "ls [<name>@<version>]", "path", "verify", NULL },
	.keys = (const enum cfg_key[]){ CFG_CACHE, CFG_FORCE, CFG_END },
	.needs = CMD_NEEDS_STORE,
	.doc = "cache",
	.run = cache_run,
};
