/* SPDX-License-Identifier: MIT
 * Which Node.js the packages will run on, for `engines` checks. Asking it costs 40 ms, more than
 * everything else on a run with nothing to do, so the answer is kept in the cache under the
 * program's path, size and time of change.
 *
 * Without a node on PATH (cpm needs none) the current long-term release is assumed: it is what a
 * machine that gets Node.js later will most likely have, and it keeps the choice of versions the
 * same everywhere. */
#include "cmd_priv.h"

#include "cpm/base/path.h"
#include "cpm/base/proc.h"
#include "cpm/base/semver.h"

#define ASSUMED_NODE_VERSION "24.11.0"
#define OUTPUT_MAX_BYTES     256

static str find_on_path(struct arena *a, const struct cfg *cfg, struct stat *st)
{
	str rest = cfg_getenv(cfg, "PATH");

	for (str dir; str_cut(&rest, ':', &dir);) {
		str file = path_resolve(a, cfg_cwd(cfg), path_join(a, dir, S("node")));
		const char *path = str_cstr(a, file);
		if (dir.len > 0 && stat(path, st) == 0 && S_ISREG(st->st_mode) &&
		    access(path, X_OK) == 0)
			return file;
	}
	return STR_NULL;
}

static str ask(struct arena *a, str program)
{
	const char *const argv[] = { str_cstr(a, program), "--version", NULL };
	struct proc_result result;
	struct err *e = proc_capture(a, argv, OUTPUT_MAX_BYTES, &result);

	if (e) {
		err_ignore(e);
		return STR_NULL;
	}
	str version = str_trim(result.out);
	if (str_starts(version, S("v")))
		version = str_from(version, 1);
	return result.exit_status == 0 && semver_is_valid(version, SEMVER_STRICT) ? version
										  : STR_NULL;
}

str node_version_find(struct cmd_ctx *ctx)
{
	struct arena *a = ctx->arena;
	struct kv_port *kv = ctx->store ? store_kv(ctx->store) : NULL;
	struct stat st;
	str program = find_on_path(a, ctx->cfg, &st);

	if (str_is_null(program))
		return S(ASSUMED_NODE_VERSION);
	str key = str_printf(a, "node-version:" STR_FMT ":%lld:%lld.%09ld", STR_ARG(program),
			     (long long)st.st_size, (long long)st.st_mtim.tv_sec,
			     st.st_mtim.tv_nsec);
	str version = kv ? kv->get(kv, a, key) : STR_NULL;
	if (version.len > 0)
		return version;
	version = ask(a, program);
	if (str_is_null(version))
		return S(ASSUMED_NODE_VERSION);
	if (kv)
		kv->put(kv, key, version);
	return version;
}
