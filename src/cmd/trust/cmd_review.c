/* SPDX-License-Identifier: MIT
 * review: the lockfile now against the lockfile at a commit, for whoever has to agree to a pull
 * request. */
#include "fail_on.h"
#include "policy_run.h"
#include "project_tree.h"
#include "review.h"

#include "cpm/registry/git_history.h"
#include "cpm/tree/lockfile.h"

#define STATUS_FOUND 1 /* something that --fail-on names */

/* ---- the two lockfiles ---- */

/* The project's own manifest at that time is of no interest: only packages are compared. */
static struct err *load_before(struct cmd_ctx *ctx, const struct tree *now, str ref,
			       struct tree **out)
{
	static const str names[] = { { "package-lock.json", 17 } };
	struct manifest *none = ARENA_NEW(ctx->arena, struct manifest);
	str name = str_printf(ctx->arena, "package-lock.json at " STR_FMT, STR_ARG(ref)), text;

	TRY(git_history_read(ctx->arena, now->path, ref, names, 1, &text));
	if (str_is_null(text)) {
		log_warn("review",
			 "There is no package-lock.json at '" STR_FMT
			 "': every package counts as added.",
			 STR_ARG(ref));
		text = S("{\"lockfileVersion\":3,\"packages\":{}}");
	}
	return lockfile_parse(ctx->arena, text, name, now->path, none, true, out);
}

/* ---- --fail-on ---- */

static bool find_word(str text, enum review_word *word)
{
	for (size_t i = 0; i < REVIEW_WORD_COUNT; i++)
		if (str_eq(text, str_view(review_words[i]))) {
			*word = (enum review_word)i;
			return true;
		}
	return false;
}

static struct err *unknown_word(struct cmd_ctx *ctx, str word)
{
	struct str_buf known = str_buf(ctx->arena, 4096);

	for (size_t i = 0; i < REVIEW_WORD_COUNT; i++)
		buf_printf(&known, "%s%s", i ? ", " : "", review_words[i]);
	return cmd_usage_error(ctx,
			       "--fail-on does not know '" STR_FMT "'. It knows: any, " STR_FMT ".",
			       STR_ARG(word), STR_ARG(buf_view(&known)));
}

static struct err *check_words(struct cmd_ctx *ctx, const str *words, size_t count)
{
	enum review_word word;

	for (size_t i = 0; i < count; i++)
		if (!str_eq(words[i], S("any")) && !find_word(words[i], &word))
			return unknown_word(ctx, words[i]);
	return NULL;
}

/* Says which of the words it is: the report may be long, or for a program. */
static bool fails(const struct review *r, const str *words, size_t count)
{
	struct arena *a = r->ctx->arena;
	str *found = ARENA_ARRAY(a, str, count + 1);
	enum review_word word;
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (find_word(words[i], &word) ? review_has(r, word) : r->items.len > 0)
			found[n++] = words[i];
	if (n)
		log_error("review", "The changes have what --fail-on names: " STR_FMT,
			  STR_ARG(str_join(a, found, n, S(", "))));
	return n > 0;
}

/* ---- the run ---- */

static void print(const struct review *r)
{
	struct cmd_ctx *ctx = r->ctx;

	if (ctx->out->is_json)
		out_json(ctx->out, review_json(r));
	else if (cfg_bool(ctx->cfg, CFG_MARKDOWN))
		out_text(ctx->out, review_markdown(r));
	else
		out_text(ctx->out, review_text(r));
}

static struct err *compare(struct review *r)
{
	struct cmd_ctx *ctx = r->ctx;
	struct project_tree p;
	struct tree *before;

	cfg_force(ctx->cfg, CFG_PACKAGE_LOCK_ONLY, "true");
	TRY(project_tree_open(ctx, 0, &p));
	TRY(cmd_ctx_policy(ctx, &r->policy));
	TRY(load_before(ctx, p.tree, r->ref, &before));
	r->now = p.tree;
	lock_diff_make(ctx->arena, before, p.tree, &r->diff);
	VEC_EACH (const struct lock_change, c, &r->diff.changes)
		VEC_PUSH(ctx->arena, &r->items, (struct review_item){ .change = c });
	r->was_asked = !cfg_bool(ctx->cfg, CFG_OFFLINE);
	if (r->was_asked)
		TRY(review_ask_registry(r));
	review_make_notes(r);
	return NULL;
}

static struct err *review_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	struct review r = { .ctx = ctx };
	size_t count;
	const str *words = fail_on_words(ctx->arena, ctx->cfg, &count);

	if (nargs != 1 || !args[0].len)
		return cmd_usage_error(ctx,
				       "Name the commit to compare with, as in: cpm review main");
	TRY(check_words(ctx, words, count));
	r.ref = args[0];
	TRY(compare(&r));
	print(&r);
	*exit_status = fails(&r, words, count) ? STATUS_FOUND : 0;
	return NULL;
}

const struct cmd cmd_review = {
	.name = "review",
	.summary = "Compare the lockfile with an earlier one, for a pull request",
	.synopsis = (const char *const[]){ "<git ref>", NULL },
	.keys = (const enum cfg_key[]){ CFG_FAIL_ON, CFG_MARKDOWN, CFG_JSON, CFG_OFFLINE,
					CFG_BEFORE, CFG_MIN_RELEASE_AGE, CFG_END },
	.needs = CMD_NEEDS_STORE | CMD_NEEDS_NETWORK,
	.doc = "review",
	.run = review_run,
};
