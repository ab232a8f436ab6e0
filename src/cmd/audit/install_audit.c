/* SPDX-License-Identifier: MIT
 * The audit that comes with an installation: asked for when the ideal tree is known, so that the
 * registry answers while packages are fetched, and told about in the report. Neither findings nor an
 * endpoint that fails make an installation fail; the latter is worth a line, though. */
#include "install_stages.h"

#include "cpm/base/trace.h"
#include "project_tree.h"

static bool is_wanted(const struct install *in)
{
	return (in->req->fixes || cfg_bool(in->ctx->cfg, CFG_AUDIT)) && !in->is_dry_run;
}

static struct err *begin(struct install *in, struct tree *t)
{
	const struct project_tree project = { .tree = t, .choice = in->members };

	in->audit.opts.is_install = true;
	in->audit.opts.is_on_disk = !in->is_lock_only;
	in->audit.may_recall = true;
	map_init(&in->audited, in->ctx->arena);
	if (in->members.is_made)
		project_tree_filter(in->ctx, &project, true, &in->audited);
	return audit_begin(in->ctx, t, &in->audited, &in->audit);
}

struct err *install_audit_begin(struct install *in)
{
	return is_wanted(in) ? begin(in, in->ideal) : NULL;
}

/* Whether a package is for this machine is not looked at again. */
static void mark_inert(struct tree *t, const struct json *locations)
{
	for (size_t i = 0; json_is(locations, JSON_ARRAY) && i < locations->count; i++) {
		str location = locations->items[i]->string;
		struct node *n = str_is_null(location) ? NULL : tree_at(t, location);

		if (n)
			n->inert = true;
	}
}

/* With nothing to do, no tree was needed so far; the lockfile has it. */
static struct err *begin_from_lock(struct install *in)
{
	struct cmd_ctx *ctx = in->ctx;
	struct tree *t;

	TRY(lockfile_load(ctx->arena, ctx->dirfd, cfg_local_prefix(ctx->cfg), ctx->manifest,
			  cfg_bool(ctx->cfg, CFG_LEGACY_PEER_DEPS), &t));
	if (!t)
		return NULL;
	mark_inert(t, in->noop.report.inert);
	return begin(in, t);
}

/* npm says nothing, and so leaves it open whether nothing is known or nobody was asked. */
static void warn_of_failure(const struct advisory_answer *answer)
{
	bool has_none = answer->status == 404 || answer->status == 405 || answer->status == 501;

	log_warn("audit", "not made: %s" STR_FMT "%s",
		 has_none ? "this registry has no advisories (" : "", STR_ARG(answer->failure),
		 has_none ? "); --no-audit, or audit=false in .npmrc, spares asking it" : "");
}

struct err *install_audit_finish(struct install *in)
{
	if (in->noop.is_proven && is_wanted(in))
		TRY(begin_from_lock(in));
	TRACE(AUDIT);
	TRY(audit_finish(in->ctx, &in->audit));
	/* A dry run tells what was found, in the tree as it would be. */
	if (in->req->fixes && in->is_dry_run)
		in->audit.report = audit_report_json(in->ctx->arena, in->before.found);
	if (in->req->fixes && in->is_dry_run)
		TRY(audit_except(in->ctx, in->audit.report));
	if (in->req->fixes && !in->audit.report)
		return audit_failed(in->ctx, &in->audit.answer);
	if (in->audit.was_asked && !in->audit.report)
		warn_of_failure(&in->audit.answer);
	return NULL;
}
