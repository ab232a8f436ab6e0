/* SPDX-License-Identifier: MIT
 * Resolves a project against a folder of recorded packuments and prints the lockfile: what `install
 * --package-lock-only` would write, without the network, the cache and the command line around it.
 * A package-lock.json in the project is where it starts from. For comparing the resolver alone with
 * recorded lockfiles, and for timing it.
 *
 *   lock_probe PACKUMENTS PROJECT REGISTRY [install|uninstall|update|dedupe|prune [NAME...]]
 * [flags]
 */
#include "cpm/base/fs.h"
#include "cpm/base/gunzip.h"
#include "cpm/base/log.h"
#include "cpm/registry/source.h"
#include "cpm/tree/ideal.h"
#include "cpm/tree/lockfile.h"
#include "cpm/tree/save_manifest.h"

#include <fcntl.h>

#define CAP_BYTES (256u << 20)

/* ---- a source over recorded files ---- */

struct recorded {
	struct source source;
	struct arena *arena;
	const char *dir;
	str registry;
	struct map packuments, failures;
};

static void announce(struct source *s, str name)
{
	(void)s;
	(void)name;
}

static struct err *read_packument(struct recorded *r, str name, struct packument **out)
{
	ARENA_SCOPE(tmp);
	str file = str_printf(tmp, "%s/" STR_FMT ".json.gz", r->dir,
			      STR_ARG(str_replace_all(tmp, name, S("/"), S("%2f"))));
	str packed, body;
	char *text = NULL;
	size_t len = 0;
	struct err *failure = fs_read_all(tmp, AT_FDCWD, str_cstr(tmp, file), CAP_BYTES, &packed);

	if (failure) {
		err_ignore(failure);
		return err_new(E_NOT_FOUND, "Not Found - GET " STR_FMT STR_FMT,
			       STR_ARG(r->registry), STR_ARG(name));
	}
	TRY(gunzip(packed, CAP_BYTES, false, &text, &len));
	body = str_replace_all(r->arena, str_of(text, len), S("@@REG@@"), r->registry);
	free(text);
	return packument_scan(r->arena, name, body, out);
}

static bool try_get(struct source *s, str name, const struct packument **out,
		    const struct err **failure)
{
	struct recorded *r = (struct recorded *)s;
	struct packument *p = map_get(&r->packuments, name);
	struct err *e = map_get(&r->failures, name);

	if (!p && !e) {
		name = str_dup(r->arena, name);
		e = read_packument(r, name, &p);
		if (e)
			map_put(&r->failures, name, e);
		else
			map_put(&r->packuments, name, p);
	}
	*out = p;
	*failure = e;
	return true;
}

static bool wait_any(struct source *s, str *name)
{
	(void)s;
	(void)name;
	return false;
}

static const struct source_ops recorded_ops = { .announce = announce,
						.try_get = try_get,
						.wait_any = wait_any };

/* ---- the program ---- */

static void print_log(void *ctx, enum log_level level, str title, str message)
{
	const bool *is_verbose = ctx;

	if (level <= (*is_verbose ? LOG_SILLY : LOG_NOTICE))
		fprintf(stderr, STR_FMT " " STR_FMT " " STR_FMT "\n",
			STR_ARG(log_level_name(level)), STR_ARG(title), STR_ARG(message));
}

static bool has_flag(char **argv, const char *flag)
{
	for (size_t i = 4; argv[i]; i++)
		if (strcmp(argv[i], flag) == 0)
			return true;
	return false;
}

/* Arguments that are no flags: the command first. The values of -w are theirs. */
static str *words(struct arena *a, char **argv, size_t *count, struct ideal_opts *o)
{
	VEC(str) all = { 0 };
	VEC(str) members = { 0 };

	for (size_t i = 4; argv[i]; i++)
		if (strcmp(argv[i], "-w") == 0 && argv[i + 1])
			VEC_PUSH(a, &members, str_view(argv[++i]));
		else if (argv[i][0] != '-')
			VEC_PUSH(a, &all, str_view(argv[i]));
	o->workspaces = members.items;
	o->nworkspaces = members.len;
	*count = all.len;
	return all.items;
}

/* What the command line would make of the command. */
static struct err *apply_command(struct arena *a, char **argv, struct ideal_opts *o,
				 struct tree **start)
{
	size_t count;
	str *args = words(a, argv, &count, o);
	str command = count ? *args++ : S("install");

	count -= count > 0;
	o->save = true;
	o->add_type = has_flag(argv, "-D")   ? SAVE_DEV
		      : has_flag(argv, "-O") ? SAVE_OPTIONAL
		      : has_flag(argv, "-P") ? SAVE_PROD
					     : SAVE_INFER;
	if (str_eq(command, S("install"))) {
		o->add = args;
		o->nadd = count;
	} else if (str_eq(command, S("uninstall"))) {
		o->rm = args;
		o->nrm = count;
	} else if (str_eq(command, S("update"))) {
		o->save = false;
		o->update_names = args;
		o->nupdate_names = count;
		o->update_all = count == 0;
		if (o->update_all)
			*start = NULL;
	} else if (str_eq(command, S("dedupe"))) {
		o->save = false;
		o->prefer_dedupe = true;
		if (*start)
			o->update_names = tree_duplicate_names(a, *start, &o->nupdate_names);
	} else if (!str_eq(command, S("prune"))) {
		return err_new(E_USAGE, "unknown command '" STR_FMT "'", STR_ARG(command));
	}
	return NULL;
}

static void show_work(const struct ideal_work *w)
{
	fprintf(stderr,
		"steps %zu placed %zu checks %zu moves %zu reloads %zu manifests %zu memory %zu\n",
		w->steps, w->placed, w->can_place_checks, w->moves, w->reloads, w->manifests,
		arena_peak_bytes());
}

static struct err *run(struct arena *a, char **argv, struct source *source)
{
	struct ideal_work work = { 0 };
	struct ideal_opts o = { .source = source,
				.pick = { .default_tag = S("latest"),
					  .node_version = S("26.10.0"),
					  .npm_version = S("12.2.0") },
				.platform = platform_detect(a),
				.real_platform = platform_detect(a),
				.legacy_peer_deps = has_flag(argv, "--legacy-peer-deps"),
				.strict_peer_deps = has_flag(argv, "--strict-peer-deps"),
				.force = has_flag(argv, "--force"),
				.prefer_dedupe = has_flag(argv, "--prefer-dedupe"),
				.strategy = has_flag(argv, "--install-strategy=nested")
						    ? STRATEGY_NESTED
					    : has_flag(argv, "--install-strategy=shallow")
						    ? STRATEGY_SHALLOW
						    : STRATEGY_HOISTED,
				.prune = true,
				.complete = !has_flag(argv, "--not-complete"),
				.allow_git = S("none"),
				.allow_remote = S("none"),
				.work = &work };
	struct lockfile_opts lo = { .has_manifest = true, .is_formatted = true };
	struct manifest *root;
	struct tree *tree, *start;
	str text;
	bool had_lock;
	AUTO_FD
	dirfd = -1;

	TRY(fs_open_dir(AT_FDCWD, argv[2], &dirfd));
	TRY(manifest_read(a, AT_FDCWD, argv[2], &root, &lo.style));
	TRY(lockfile_load(a, dirfd, str_view(argv[2]), root, o.legacy_peer_deps, &start));
	had_lock = start != NULL;
	TRY(apply_command(a, argv, &o, &start));
	TRY(ideal_build(a, str_view(argv[2]), root, start, !had_lock, &o, &tree));
	if (has_flag(argv, "--work"))
		show_work(&work);
	if (o.save) {
		TRY(save_requests(a, tree, &o, has_flag(argv, "-E") ? S("") : S("^")));
		for (size_t i = 0; i < tree->edited.len; i++)
			TRY(save_manifest(tree->edited.items[i]));
	}
	TRY(lockfile_format(a, tree, &lo, &text));
	fwrite(text.p, 1, text.len, stdout);
	return NULL;
}

int main(int argc, char **argv)
{
	ARENA_SCOPE(a);
	struct recorded r = { .source.ops = &recorded_ops, .arena = a };
	struct err *failure;
	bool is_verbose;

	if (argc < 4) {
		fprintf(stderr, "usage: lock_probe PACKUMENTS PROJECT REGISTRY [flags]\n");
		return 2;
	}
	is_verbose = has_flag(argv, "--silly");
	log_set_sink(print_log, &is_verbose);
	r.dir = argv[1];
	r.registry = str_view(argv[3]);
	map_init(&r.packuments, a);
	map_init(&r.failures, a);
	failure = run(a, argv, &r.source);
	for (struct map_iter it = map_iter(&r.failures); map_next(&it);)
		err_free(it.val);
	if (failure) {
		str message = err_text(a, failure);

		fprintf(stderr, "error " STR_FMT " " STR_FMT "\n" STR_FMT "\n",
			STR_ARG(err_code_shown(failure)), STR_ARG(message),
			STR_ARG(failure->detail));
		err_free(failure);
		return 1;
	}
	return 0;
}
