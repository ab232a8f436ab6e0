/* SPDX-License-Identifier: MIT
 * The version command without arguments: what is running here. Bumping a version is refused until
 * it can be done whole. */
#include "cmd_priv.h"

#include "cpm/build_config.h"

static struct err *version_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct arena *a = ctx->arena;
	struct json *facts = json_new(a, JSON_OBJECT);
	struct manifest *m = NULL;

	(void)exit_status;
	if (nargs > 0)
		return err_new(E_UNSUPPORTED,
			       "cpm cannot change a version yet ('version " STR_FMT
			       "'). Edit \"version\" in package.json and run "
			       "'cpm install --package-lock-only', or use npm for this step.",
			       STR_ARG(args[0]));
	err_ignore(manifest_read(a, AT_FDCWD, str_cstr(a, cfg_local_prefix(ctx->cfg)), &m, NULL));
	if (m && m->name.len > 0 && m->version.len > 0)
		json_set(a, facts, m->name, json_new_string(a, m->version));
	json_set_text(a, facts, "cpm", S(CPM_VERSION));
	json_set_text(a, facts, "npm", S(CPM_NPM_VERSION));
	json_set_text(a, facts, "node", node_version_find(ctx));
	if (ctx->out->is_json) {
		out_json(ctx->out, facts);
		return NULL;
	}
	out_line(ctx->out, "{");
	for (size_t i = 0; i < facts->count; i++)
		out_line(ctx->out, "  '" STR_FMT "': '" STR_FMT "'%s",
			 STR_ARG(facts->members[i].key), STR_ARG(facts->members[i].val->string),
			 i + 1 < facts->count ? "," : "");
	out_line(ctx->out, "}");
	return NULL;
}

const struct cmd cmd_version = {
	.name = "version",
	.summary = "Show the versions of the project, of cpm, and of what it works with",
	.synopsis = (const char *const[]){ "", NULL },
	.aliases = (const char *const[]){ "verison", NULL },
	.keys = (const enum cfg_key[]){ CFG_JSON, CFG_END },
	.needs = CMD_SKIPS_CONFIG_CHECK,
	.doc = "help",
	.run = version_run,
};
