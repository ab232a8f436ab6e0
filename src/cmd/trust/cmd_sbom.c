/* SPDX-License-Identifier: MIT
 * sbom: the packages of a project as a bill of materials (npm-cli.md 6.8). */
#include "audit_run.h"
#include "policy_run.h"
#include "project_tree.h"

#include "cpm/build_config.h"
#include "cpm/tree/query.h"
#include "cpm/tree/sbom.h"

#include <errno.h>
#include <sys/random.h>
#include <time.h>

/* ---- which packages ---- */

/* ":not(.dev)" for each kind that is left out. */
static str omit_text(struct arena *a, const struct cfg *cfg)
{
	struct cfg_omit omit = cfg_omit(cfg);

	return str_printf(a, "%s%s%s", omit.dev ? ":not(.dev)" : "",
			  omit.optional ? ":not(.optional)" : "", omit.peer ? ":not(.peer)" : "");
}

static str members_selector(struct arena *a, const node_vec *members, str omit)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	for (size_t i = 0; i < members->len; i++) {
		str name = members->items[i]->name;
		buf_printf(&out, ",#" STR_FMT ",#" STR_FMT " *" STR_FMT, STR_ARG(name),
			   STR_ARG(name), STR_ARG(omit));
	}
	return buf_view(&out);
}

/* What npm asks its tree for. The root is always there. */
static str selector(struct cmd_ctx *ctx, const struct project_tree *p)
{
	struct arena *a = ctx->arena;
	str omit = omit_text(a, ctx->cfg);
	bool are_members_off = !cfg_is_null(ctx->cfg, CFG_WORKSPACES) &&
			       !cfg_bool(ctx->cfg, CFG_WORKSPACES);

	if (are_members_off)
		return str_printf(a,
				  ":root,:root > :not(.workspace)" STR_FMT
				  ",:root > :not(.workspace) *" STR_FMT ",:extraneous",
				  STR_ARG(omit), STR_ARG(omit));
	node_vec members = project_tree_members(ctx, p);
	if (members.len)
		return str_concat(a, S(":root"), members_selector(a, &members, omit));
	return str_printf(a, ":root,:root *" STR_FMT ",:extraneous", STR_ARG(omit));
}

static struct err *select_nodes(struct cmd_ctx *ctx, const struct project_tree *p,
				struct package_docs *docs, node_vec *out)
{
	struct query_opts opts = { .docs = docs };
	struct query_result found;
	str wanted = selector(ctx, p);

	log_info("sbom", "Using dependency selector: " STR_FMT, STR_ARG(wanted));
	TRY(query_select(ctx->arena, p->tree, p->tree->root, wanted, &opts, &found));
	VEC_EACH (struct query_match, m, &found.matches)
		VEC_PUSH(ctx->arena, out, m->node);
	return NULL;
}

/* ---- what differs from run to run ---- */

static str now_text(struct arena *a)
{
	struct timespec now;
	struct tm tm;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return str_printf(a, "%s.%03ldZ", text, now.tv_nsec / 1000000);
}

/* Version 4 of RFC 9562: random but for six bits. */
static struct err *new_uuid(struct arena *a, str *out)
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return err_sys(errno, "getrandom", S("uuid"));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	struct str_buf text = str_buf(a, 64);
	for (size_t i = 0; i < sizeof(b); i++)
		buf_printf(&text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
	*out = buf_view(&text);
	return NULL;
}

/* ---- the run ---- */

/* JSON with or without --json, and on the spot: what prints other results hides UUIDs, and this is
 * named by one. */
static void print(struct cmd_ctx *ctx, const struct json *bom)
{
	struct str_buf text = str_buf(ctx->arena, SIZE_MAX);

	json_write(&text, bom, JSON_STYLE_DEFAULT);
	out_text(ctx->out, log_redact_secrets(ctx->arena, buf_view(&text)));
}

/* ---- what is known against them ---- */

static struct err *check_vex(struct cmd_ctx *ctx, str format)
{
	if (!cfg_bool(ctx->cfg, CFG_VEX) || str_eq(format, S("cyclonedx")))
		return NULL;
	return cmd_usage_error(ctx, "--vex needs --sbom-format=cyclonedx: SPDX 2.3 has no form for "
				    "what is known about vulnerabilities and what is said to it.");
}

static struct err *add_vex(struct cmd_ctx *ctx, const struct tree *tree, const node_vec *nodes,
			   struct json *bom)
{
	struct json *advisories;
	struct policy *policy;

	if (!cfg_bool(ctx->cfg, CFG_VEX))
		return NULL;
	TRY(cmd_ctx_policy(ctx, &policy));
	TRY(audit_ask(ctx, tree, "--vex", &advisories));
	json_set(ctx->arena, bom, S("vulnerabilities"),
		 sbom_vulnerabilities(ctx->arena, nodes, advisories, policy));
	return NULL;
}

static struct err *sbom_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct arena *a = ctx->arena;
	str format = cfg_text(ctx->cfg, CFG_SBOM_FORMAT), problems;
	struct package_docs docs;
	struct project_tree p;
	node_vec nodes = { 0 };
	struct json *bom;

	(void)args, (void)nargs, (void)exit_status;
	if (!format.len)
		return cmd_usage_error(
			ctx, "Must specify --sbom-format flag with one of: cyclonedx, spdx.");
	TRY(check_vex(ctx, format));
	TRY(project_tree_open_for_usage(ctx, TREE_FROM_DISK, &p));
	package_docs_init(&docs, a, ctx->dirfd, "package-lock.json");
	TRY(select_nodes(ctx, &p, &docs, &nodes));
	problems = sbom_problems(a, &nodes);
	if (problems.len)
		return err_show_as(err_new(E_GENERIC, STR_FMT, STR_ARG(problems)),
				   S("ESBOMPROBLEMS"));
	struct sbom_opts opts = {
		.docs = &docs,
		.type = cfg_text(ctx->cfg, CFG_SBOM_TYPE),
		.is_lock_only = p.is_lock,
		.tool_version = S(CPM_NPM_VERSION),
		.timestamp = now_text(a),
	};
	TRY(new_uuid(a, &opts.uuid));
	if (str_eq(format, S("spdx")))
		TRY(sbom_spdx(a, &nodes, &opts, &bom));
	else
		TRY(sbom_cyclonedx(a, &nodes, &opts, &bom));
	TRY(add_vex(ctx, p.tree, &nodes, bom));
	print(ctx, bom);
	return NULL;
}

const struct cmd cmd_sbom = {
	.name = "sbom",
	.summary = "Generate a Software Bill of Materials (SBOM)",
	.synopsis = (const char *const[]){ "", NULL },
	.keys = (const enum cfg_key[]){ CFG_OMIT, CFG_PACKAGE_LOCK_ONLY, CFG_SBOM_FORMAT,
					CFG_SBOM_TYPE, CFG_VEX, CFG_DB, CFG_MAX_DB_AGE,
					CFG_WORKSPACE, CFG_WORKSPACES, CFG_END },
	.needs = CMD_WORKSPACES | CMD_NEEDS_NETWORK,
	.doc = "sbom",
	.run = sbom_run,
};
