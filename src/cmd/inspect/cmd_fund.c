/* SPDX-License-Identifier: MIT
 * fund: who in the tree asks for money, and the page of one of them (npm-cli.md 2.4). */
#include "fund_output.h"
#include "open_page.h"
#include "project_tree.h"

#include "cpm/build_config.h"
#include "cpm/tree/funding.h"
#include "cpm/tree/pick.h"

#include <math.h>

/* ---- the package asked for ---- */

/* Of several versions the highest. */
static const struct node *find_by_name(struct tree *t, str name)
{
	const node_vec *named = tree_named(t, name);
	struct node *best = NULL;

	for (size_t i = 0; named && i < named->len; i++) {
		struct node *n = named->items[i];
		const struct semver *v = node_semver(n);

		if (v && (!best || semver_compare(v, node_semver(best)) > 0))
			best = n;
	}
	return best;
}

static const struct node *find_by_path(struct tree *t, str path)
{
	for (struct map_iter it = map_iter(&t->inventory); map_next(&it);)
		if (str_eq(((struct node *)it.val)->path, path))
			return it.val;
	return NULL;
}

static struct err *ask_registry(struct cmd_ctx *ctx, const struct spec *s, struct manifest **out)
{
	const struct spec *target = spec_target(s);
	const struct pick_opts opts = { .default_tag = cfg_text(ctx->cfg, CFG_TAG),
					.before = cfg_before(ctx->arena, ctx->cfg) };
	const struct packument_version *version;
	const struct packument *packument;
	struct source *source;
	str text;

	TRY(cmd_ctx_source(ctx, &source));
	TRY(source_get(source, target->name, &packument));
	TRY(pick_version(packument, target, &opts, &version));
	TRY(packument_manifest(packument, version, &text));
	return manifest_from_text(ctx->arena, text, out);
}

/* What is not in the tree is asked of its registry or read from its folder; who has no answer asks
 * for nothing. */
static const struct json *find_funding(struct cmd_ctx *ctx, struct tree *t, const struct spec *s)
{
	bool is_folder = s->type == SPEC_DIRECTORY;
	const struct node *n = is_folder ? find_by_path(t, s->fetch_spec)
					 : find_by_name(t, s->name);
	struct manifest *m = NULL;
	struct err *e = NULL;

	if (n)
		return n->manifest->funding;
	if (is_folder)
		e = manifest_read(ctx->arena, AT_FDCWD, str_cstr(ctx->arena, s->fetch_spec), &m,
				  NULL);
	else if (spec_is_registry(s))
		e = ask_registry(ctx, s, &m);
	err_ignore(e);
	return e || !m ? NULL : m->funding;
}

/* ---- its page ---- */

static str page_title(struct arena *a, const struct funding_place *p)
{
	return str_printf(a, STR_FMT "%s available at the following URL", STR_ARG(p->type),
			  p->type.len ? " funding" : "Funding");
}

static void tell_choice(struct cmd_ctx *ctx, const struct funding_place *places, size_t count,
			size_t which)
{
	struct str_buf out = str_buf(ctx->arena, SIZE_MAX);

	if (which)
		buf_printf(&out, "--which=%zu is not a valid index\n", which);
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%zu: " STR_FMT ": " STR_FMT "\n", i + 1,
			   STR_ARG(page_title(ctx->arena, &places[i])), STR_ARG(places[i].url));
	buf_add_cstr(&out, "Run `npm fund [<package-spec>] --which=1`, for example, to open the "
			   "first funding URL listed in that package");
	out_line(ctx->out, STR_FMT, STR_ARG(buf_view(&out)));
}

static struct err *open_funding(struct cmd_ctx *ctx, struct tree *t, str arg, size_t which)
{
	const struct funding_place *places, *chosen = NULL;
	struct spec *s;
	size_t count;

	TRY(spec_parse_arg(ctx->arena, arg, t->path, &s));
	places = funding_places(ctx->arena, find_funding(ctx, t, s), &count);
	if (!count)
		return err_show_as(err_new(E_GENERIC,
					   "No valid funding method available for: " STR_FMT,
					   STR_ARG(arg)),
				   S("ENOFUND"));
	if (which > 0 && which <= count)
		chosen = &places[which - 1];
	else if (!which && count == 1)
		chosen = &places[0];
	if (chosen)
		return open_page(ctx, chosen->url, page_title(ctx->arena, chosen));
	tell_choice(ctx, places, count, which);
	return NULL;
}

/* ---- the run ---- */

static struct err *read_which(const struct cmd_ctx *ctx, size_t *which)
{
	double number = cfg_number(ctx->cfg, CFG_WHICH);

	*which = 0;
	if (cfg_is_null(ctx->cfg, CFG_WHICH))
		return NULL;
	if (!(number >= 1))
		return err_show_as(
			err_new(E_GENERIC,
				"`npm fund [<package-spec>] --which=fundingSourceNumber` "
				"must be given a positive integer"),
			S("EFUNDNUMBER"));
	*which = number < 1e9 ? (size_t)floor(number) : (size_t)1e9;
	return NULL;
}

static struct err *list(struct cmd_ctx *ctx, const struct project_tree *p)
{
	struct map only;
	struct json *report;

	if (p->choice.is_made)
		project_tree_filter(ctx, p, false, &only);
	else
		map_init(&only, ctx->arena);
	report = funding_report(ctx->arena, p->tree, &only);
	if (ctx->out->is_json)
		out_json(ctx->out, report);
	else
		out_text(ctx->out, fund_human(ctx, report));
	return NULL;
}

static struct err *fund_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct project_tree p;
	size_t which;

	(void)exit_status;
	TRY(read_which(ctx, &which));
	if (cfg_is_global(ctx->cfg))
		return err_show_as(
			err_new(E_GENERIC, "`npm fund` does not support global packages"),
			S("EFUNDGLOBAL"));
	TRY(project_tree_open(ctx, 0, &p));
	if (nargs && args[0].len)
		return open_funding(ctx, p.tree, args[0], which);
	return list(ctx, &p);
}

const struct cmd cmd_fund = {
	.name = "fund",
	.summary = "Retrieve funding information",
	.synopsis = (const char *const[]){ "[<package-spec>]", NULL },
	.keys = (const enum cfg_key[]){ CFG_JSON, CFG_BROWSER, CFG_UNICODE, CFG_WORKSPACE,
					CFG_WHICH, CFG_END },
	.needs = CMD_CHECKS_ENGINES | CMD_WORKSPACES | CMD_NEEDS_STORE | CMD_NEEDS_NETWORK,
	.doc = "fund",
	.run = fund_run,
};
