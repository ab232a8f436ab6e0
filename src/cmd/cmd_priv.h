/* SPDX-License-Identifier: MIT
 * What the commands share: their rows, the context they run in, and how they refuse bad usage. */
#pragma once
#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/pool.h"
#include "cpm/cmd/cmd.h"
#include "cpm/reify/state.h"
#include "cpm/registry/package_source.h"
#include "cpm/registry/source_registry.h"
#include "cpm/runtime/node_find.h"
#include "cpm/runtime/script_log.h"
#include "cpm/store/store.h"
#include "cpm/tree/manifest.h"
#include "cpm/ui/out.h"

#define CMD(name) extern const struct cmd cmd_##name;
#include "cmd_list.def"

/* Keys that several rows have. */
extern const enum cfg_key install_keys[], ci_keys[];

/* ---- cmd_ctx.c: what a command runs in ---- */

struct cmd_ctx {
	struct arena *arena;	/* of the run */
	struct cfg *cfg;
	struct out *out;
	struct screen *screen;
	const struct cmd *cmd;
	int64_t started_ms;	/* wall clock */
	const char *const *environ;

	/* Opened as the row's needs say. */
	int dirfd;		/* the project's folder; -1 */
	struct manifest *manifest;
	struct json_style manifest_style;
	bool has_manifest;	/* package.json exists */
	struct state_fact manifest_fact; /* the file as it was before it was read */
	bool needs_lock;	/* the arguments ask for what the row leaves open */
	int lock_fd;		/* -1 */
	struct store *store;
	/* Opened on first use. */
	struct http *http;
	struct pool *pool;
	struct source *source;
	const struct script_env *script_env;
	const struct runtime_choice *runtime; /* see runtime_use.h */
	struct package_source *packages;
	struct early *early;
	bool has_asked_node;
	struct node_question node;
	struct policy *policy;	/* see policy_run.h */
	bool is_policy_read;
	str otp;		/* a one-time password that somebody has given; see registry_write.h */
	int error_status;	/* exit status of an error in the place of its own; 0: its own */
	struct conflict_notes *conflict; /* a peer conflict ended the run; or NULL */
};

MUST_CHECK_ERR cmd_ctx_open(struct cmd_ctx *ctx);
/* The project's folder and package.json, locked when the row says so; for commands that must look at something first. */
MUST_CHECK_ERR cmd_ctx_open_project(struct cmd_ctx *ctx);
/* The same, where a missing package.json is an empty one. */
MUST_CHECK_ERR cmd_ctx_open_any_project(struct cmd_ctx *ctx);
/* Instead of a project the global packages: ctx->cfg is about their folder from then on, and there is no manifest. */
MUST_CHECK_ERR cmd_ctx_open_global(struct cmd_ctx *ctx);
/* Lets others work in the project while something runs that may want to, and takes it back. */
void cmd_ctx_unlock(struct cmd_ctx *ctx);
MUST_CHECK_ERR cmd_ctx_lock(struct cmd_ctx *ctx);
void cmd_ctx_close(struct cmd_ctx *ctx);
/* node_modules of the project or, with --global, of the global packages. */
str cmd_ctx_modules_dir(const struct cmd_ctx *ctx);
/* --silent: even what a command has done is not told. */
bool cmd_ctx_is_silent(const struct cmd_ctx *ctx);
/* The folder of the content cache: "_cpm" inside `cache`, beside npm's own. */
str cmd_ctx_store_dir(struct arena *a, const struct cfg *cfg);
MUST_CHECK_ERR cmd_ctx_http(struct cmd_ctx *ctx, struct http **out);
MUST_CHECK_ERR cmd_ctx_pool(struct cmd_ctx *ctx, struct pool **out);
MUST_CHECK_ERR cmd_ctx_source(struct cmd_ctx *ctx, struct source **out);
struct package_source *cmd_ctx_packages(struct cmd_ctx *ctx);
/* Has the source's expectations begun early; see cpm/reify/early.h. */
void cmd_ctx_begin_early(struct cmd_ctx *ctx);

/* The environment of scripts. */
const struct script_env *cmd_ctx_script_env(struct cmd_ctx *ctx);
/* Where this run keeps what scripts print that nobody watches. */
struct script_logs cmd_ctx_script_logs(const struct cmd_ctx *ctx);

/* ---- runtime_use.c ---- */

/* Version of the Node.js that the project's scripts run on, without "v"; one that we assume where there is none. */
str node_version_find(struct cmd_ctx *ctx);
/* Has it looked for while we do something else. */
void node_version_ask(struct cmd_ctx *ctx);
/* The `node` on PATH; the null string when there is none. */
str node_program_find(const struct cmd_ctx *ctx);

/* ---- cmd_config.c ---- */

/* What `config set --location=user` does. An empty value removes the key. */
MUST_CHECK_ERR config_set_for_user(struct cmd_ctx *ctx, str key, str value);

/* ---- engine_gate.c ---- */

/* EBADDEVENGINES when the machine is not what the project's devEngines demand; --force makes that a warning. */
MUST_CHECK_ERR engine_gate_check(struct cmd_ctx *ctx);
/* The same for commands that need no Node.js, of whatever package.json lies there; none demands nothing. */
MUST_CHECK_ERR engine_gate_check_folder(struct cmd_ctx *ctx);

/* ---- cmd_list.c ---- */

/* The command that @typed means, or NULL. @missing: a command of npm that we do not have, or NULL. */
const struct cmd *cmd_find(struct arena *a, str typed, const char **missing);
/* "Did you mean this?" and up to three suggestions, or the null string. @manifest may be NULL. */
str cmd_suggest(struct arena *a, str typed, const struct manifest *manifest);

/* ---- cmd_help.c ---- */

str cmd_usage(struct arena *a, const struct cmd *cmd);
str cmd_general_usage(struct arena *a, const struct cfg *cfg, unsigned columns);
/* EUSAGE: @text, then the usage of the command. */
MUST_CHECK_ERR cmd_usage_error(struct cmd_ctx *ctx, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* ---- cmd_docs.c: derived texts ---- */

str cmd_man_page(struct arena *a, const struct cmd *cmd);
/* @shell: "bash", "zsh" or "fish"; the null string for any other. */
str cmd_completion_script(struct arena *a, str shell);

/* ---- cmd_error.c: the error report ---- */

struct error_line {
	str title, text;
};
typedef VEC(struct error_line) error_lines;

/* What npm prints for @e after the code: summary and detail lines with their titles.
 * @cmd: what failed, which is the title of some errors; NULL when no command was found, here and below. */
void cmd_error_describe(struct arena *a, const struct cmd *cmd, const struct err *e, error_lines *summary,
			error_lines *detail);
/* The "error" member of JSON output. */
struct json *cmd_error_json(struct arena *a, const struct cmd *cmd, const struct err *e);
/* Logs the whole report, or its two parts: the code and what the system said; summary and detail. */
void cmd_error_report(struct arena *a, const struct cmd *cmd, const struct err *e);
void cmd_error_report_facts(const struct err *e);
void cmd_error_report_texts(struct arena *a, const struct cmd *cmd, const struct err *e);

/* ---- conflict_report.c: what cpm adds when peers conflict ---- */

struct conflict_notes;
/* Says what the conflict is about, writes npm's full report, and makes @e name the file. */
void conflict_finish(struct cmd_ctx *ctx, struct err *e);
/* The "ways_out" member of JSON output. */
struct json *conflict_ways_json(struct arena *a, const struct conflict_notes *notes);
