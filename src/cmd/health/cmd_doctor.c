/* SPDX-License-Identifier: MIT
 * `cpm doctor`: whether this machine can install. The checks are npm's, with its words, as far as
 * they mean something here: cpm brings Node.js itself, so that an old one is measured by the
 * builds it knows, and the cache that is looked at is its own. */
#include "doctor_files.h"
#include "registry_ping.h"
#include "runtime_use.h"

#include "cpm/base/path.h"
#include "cpm/base/semver.h"
#include "cpm/build_config.h"

#include <ctype.h>
#include <unistd.h>

/* Each says true or false, and in @said why; null: nothing to say. */
typedef bool (*check_fn)(struct cmd_ctx *ctx, str *said);

/* ---- connection and registry ---- */

static bool is_status_code(str code)
{
	return code.len == 4 && code.p[0] == 'E' && isdigit((unsigned char)code.p[1]);
}

static bool check_connection(struct cmd_ctx *ctx, str *said)
{
	struct json *details;

	log_info("doctor", "Pinging registry");
	struct err *e = registry_ping(ctx, &details);
	if (!e)
		return true;
	str code = err_code_shown(e);
	*said = is_status_code(code) ? str_printf(ctx->arena, STR_FMT " " STR_FMT,
						  STR_ARG(str_from(code, 1)), STR_ARG(e->message))
				     : str_dup(ctx->arena, e->message);
	err_free(e);
	return false;
}

static bool check_registry(struct cmd_ctx *ctx, str *said)
{
	bool is_default = str_eq(cfg_registry_for(ctx->cfg, S("")), S(CPM_DEFAULT_REGISTRY));

	*said = str_printf(ctx->arena,
			   is_default ? "using default registry (%s)"
				      : "Try `npm config set registry=%s`",
			   CPM_DEFAULT_REGISTRY);
	return is_default;
}

/* ---- versions ---- */

static bool check_cpm_version(struct cmd_ctx *ctx, str *said)
{
	*said = str_printf(ctx->arena, "current: v%s, does what npm v%s does", CPM_VERSION,
			   CPM_NPM_VERSION);
	return true;
}

static str newer(str a, str b)
{
	return semver_compare_text(a, b) < 0 ? b : a;
}

/* As npm: the newest of the line that is there, or the long-term one when that is newer. */
static str recommended_node(struct cmd_ctx *ctx, str current)
{
	struct runtime_machine machine = runtime_this_machine(ctx->arena);
	const struct runtime_pin *same, *usual;
	runtime_pins pins;
	struct err *e = runtime_pins_load(ctx->arena, ctx->cfg, &machine, &pins);

	err_ignore(e);
	if (e)
		return current;
	same = runtime_pins_find(&pins, str_concat(ctx->arena, S("^"), current));
	usual = runtime_pins_find(&pins, STR_NULL);
	if (same)
		current = newer(current, same->version);
	return usual ? newer(current, usual->version) : current;
}

static bool check_node_version(struct cmd_ctx *ctx, str *said)
{
	struct arena *a = ctx->arena;
	str current, recommended;

	log_info("doctor", "Getting Node.js release information");
	if (str_is_null(node_program_find(ctx))) {
		*said = str_printf(a,
				   "no node in PATH: scripts run on v" STR_FMT ", which cpm brings",
				   STR_ARG(recommended_node(ctx, S("0.0.0"))));
		return true;
	}
	current = node_version_find(ctx);
	recommended = recommended_node(ctx, current);
	if (semver_compare_text(current, recommended) >= 0) {
		*said = str_printf(a, "current: v" STR_FMT ", recommended: v" STR_FMT,
				   STR_ARG(current), STR_ARG(recommended));
		return true;
	}
	*said = str_printf(a, "Use node v" STR_FMT " (current: v" STR_FMT ")", STR_ARG(recommended),
			   STR_ARG(current));
	return false;
}

/* ---- environment ---- */

static bool check_git(struct cmd_ctx *ctx, str *said)
{
	log_info("doctor", "Finding git in your PATH");
	*said = runtime_find_program(ctx->arena, ctx->cfg, S("git"));
	if (!str_is_null(*said))
		return true;
	log_warn("doctor", "getGitPath Error: not found: git");
	*said = S("Error: Install git and ensure it's in your PATH.");
	return false;
}

static str global_bin(const struct cmd_ctx *ctx)
{
	return path_join(ctx->arena, cfg_global_prefix(ctx->cfg), S("bin"));
}

static bool check_global_bin(struct cmd_ctx *ctx, str *said)
{
	str folder = global_bin(ctx), rest = cfg_getenv(ctx->cfg, "PATH");

	log_info("doctor", "getBinPath Finding npm global bin in your PATH");
	*said = folder;
	for (str part; str_cut(&rest, ':', &part);)
		if (part.len && str_eq(path_resolve(ctx->arena, S("/"), part), folder))
			return true;
	*said = str_printf(ctx->arena, "Error: Add " STR_FMT " to your $PATH", STR_ARG(folder));
	return false;
}

/* ---- permissions ---- */

static bool check_files(struct cmd_ctx *ctx, str root, struct file_demand demand, str *said)
{
	if (doctor_check_files(root, &demand))
		return true;
	*said = str_printf(ctx->arena, "Check the permissions of files in " STR_FMT "%s",
			   STR_ARG(root),
			   demand.must_own ? " (should be owned by current user)" : "");
	return false;
}

static bool check_cache_files(struct cmd_ctx *ctx, str *said)
{
	return check_files(ctx, cmd_ctx_store_dir(ctx->arena, ctx->cfg),
			   (struct file_demand){ true, true, R_OK }, said);
}

static str local_modules(const struct cmd_ctx *ctx)
{
	return path_join(ctx->arena, cfg_local_prefix(ctx->cfg), S("node_modules"));
}

static bool check_local_modules(struct cmd_ctx *ctx, str *said)
{
	return check_files(ctx, local_modules(ctx), (struct file_demand){ true, true, R_OK | W_OK },
			   said);
}

static bool check_global_modules(struct cmd_ctx *ctx, str *said)
{
	return check_files(
		ctx, path_join(ctx->arena, cfg_global_prefix(ctx->cfg), S("lib/node_modules")),
		(struct file_demand){ false, true, R_OK }, said);
}

static bool check_local_bin(struct cmd_ctx *ctx, str *said)
{
	return check_files(ctx, path_join(ctx->arena, local_modules(ctx), S(".bin")),
			   (struct file_demand){ false, true, R_OK | W_OK | X_OK }, said);
}

static bool check_global_bin_files(struct cmd_ctx *ctx, str *said)
{
	return check_files(ctx, global_bin(ctx), (struct file_demand){ false, true, X_OK }, said);
}

/* ---- cache ---- */

static bool check_cache(struct cmd_ctx *ctx, str *said)
{
	struct store_stats stats;
	struct err *e;

	log_info("doctor", "verifyCachedFiles Verifying the npm cache");
	e = store_verify(ctx->store, &stats);
	if (e) {
		*said = err_text(ctx->arena, e);
		err_free(e);
		return false;
	}
	if (stats.bad_blobs) {
		log_warn("doctor", "verifyCachedFiles Corrupted content removed: %ju",
			 (uintmax_t)stats.bad_blobs);
		log_warn("doctor", "verifyCachedFiles Cache issues have been fixed");
	}
	*said = str_printf(ctx->arena, "verified %ju tarballs", (uintmax_t)stats.blobs);
	return true;
}

/* ---- all of them ---- */

static const struct check {
	const char *groups[3];
	const char *title;
	check_fn run;
} checks[] = {
	{ { "connection", "ping", "registry" }, "Connecting to the registry", check_connection },
	{ { "versions" }, "Checking cpm version", check_cpm_version },
	{ { "versions" }, "Checking node version", check_node_version },
	{ { "registry" }, "Checking configured npm registry", check_registry },
	{ { "environment" }, "Checking for git executable in PATH", check_git },
	{ { "environment" }, "Checking for global bin folder in PATH", check_global_bin },
	{ { "permissions", "cache" },
	  "Checking permissions on cached files (this may take awhile)",
	  check_cache_files },
	{ { "permissions" },
	  "Checking permissions on local node_modules (this may take awhile)",
	  check_local_modules },
	{ { "permissions" },
	  "Checking permissions on global node_modules (this may take awhile)",
	  check_global_modules },
	{ { "permissions" }, "Checking permissions on local bin folder", check_local_bin },
	{ { "permissions" }, "Checking permissions on global bin folder", check_global_bin_files },
	{ { "cache" }, "Verifying cache contents (this may take awhile)", check_cache },
};

static bool is_wanted(const struct check *c, const str *groups, size_t ngroups)
{
	for (size_t i = 0; i < ngroups; i++)
		for (size_t k = 0; k < ARRAY_LEN(c->groups) && c->groups[k]; k++)
			if (str_eq(groups[i], str_view(c->groups[k])))
				return true;
	return ngroups == 0;
}

static void tell(struct cmd_ctx *ctx, const struct check *c, bool is_ok, str said)
{
	struct arena *a = ctx->arena;
	bool color = ctx->screen->term.out_color;
	struct str_buf text = str_buf(a, SIZE_MAX);

	buf_printf(&text, "%s%s%s", paint(color, is_ok ? PAINT_GREEN : PAINT_RED),
		   is_ok ? "Ok" : "Not ok", paint(color, PAINT_RESET));
	if (!str_is_empty(said)) {
		buf_add_char(&text, '\n');
		paint_text(&text, color && !is_ok, PAINT_CYAN, said);
	}
	buf_add_char(&text, '\n');
	out_line(ctx->out, "%s", c->title);
	out_text(ctx->out, buf_view(&text));
}

static struct json *check_json(struct arena *a, const struct check *c, bool is_ok, str said)
{
	struct json *o = json_new(a, JSON_OBJECT);

	json_set_text(a, o, "title", str_view(c->title));
	json_set_text(a, o, "group", str_view(c->groups[0]));
	json_set(a, o, S("ok"), json_new_bool(a, is_ok));
	json_set_text(a, o, "message", str_is_null(said) ? S("") : said);
	return o;
}

static struct err *doctor_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct arena *a = ctx->arena;
	struct json *document = json_new(a, JSON_OBJECT), *list = json_new(a, JSON_ARRAY);
	bool is_silent = cmd_ctx_is_silent(ctx), all_ok = true;

	(void)exit_status;
	log_info("doctor", "Running checkup");
	cfg_force(ctx->cfg, CFG_FETCH_RETRIES, "0");
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		str said = STR_NULL;

		if (!is_wanted(&checks[i], args, nargs))
			continue;
		bool is_ok = checks[i].run(ctx, &said);
		all_ok = all_ok && is_ok;
		json_append(a, list, check_json(a, &checks[i], is_ok, said));
		if (!is_silent && !ctx->out->is_json)
			tell(ctx, &checks[i], is_ok, said);
	}
	json_set(a, document, S("checks"), list);
	out_json(ctx->out, document);
	if (all_ok)
		return NULL;
	return err_new(E_GENERIC, is_silent
					  ? "Some problems found. Check logs or disable silent "
					    "mode for recommendations."
					  : "Some problems found. See above for recommendations.");
}

const struct cmd cmd_doctor = {
	.name = "doctor",
	.summary = "Check the health of your npm environment",
	.synopsis = (const char *const[]){ "[connection] [registry] [versions] [environment] "
					   "[permissions] [cache]",
					   NULL },
	.keys = (const enum cfg_key[]){ CFG_REGISTRY, CFG_JSON, CFG_END },
	.needs = CMD_NEEDS_STORE | CMD_NEEDS_NETWORK | CMD_SKIPS_CONFIG_CHECK |
		 CMD_REFUSES_WORKSPACE_DIR,
	.doc = "doctor",
	.run = doctor_run,
};
