/* SPDX-License-Identifier: MIT
 * The order of the work, and its undoing. Until the new tree stands complete, nothing of the old
 * one is lost; from then on nothing can fail any more but tidying up.
 *
 *   journal -> aside -> packages -> bundles -> links -> scripts, commands    any failure: all goes
 * back
 *   ---------------------------------------------------------------------    the new tree stands
 *   delete what was put aside -> journal away -> hidden lockfile             failures only warn */
#include "early_priv.h"

#include "cpm/base/event.h"
#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/trace.h"
#include "cpm/reify/state.h"

/* ---- the part that can be undone ---- */

/* Optional packages that failed half-way leave nothing behind. */
static struct err *remove_dropped(struct run *r)
{
	VEC_EACH (struct unit *, u, &r->units)
		if ((*u)->is_dropped && (*u)->is_started)
			TRY(retire_path(r, (*u)->path));
	return NULL;
}

/* Without a state the next run takes longer, no more. Takes @err. */
static void do_without(struct run *r, struct err *err)
{
	if (err)
		log_verbose("state", STR_FMT, STR_ARG(err_text(r->arena, err)));
	err_free(err);
}

static void note_last_write(struct run *r)
{
	if (r->units.len > 0 && r->opts->save_hidden_lock)
		do_without(r, state_clock(r->dirfd, &r->last_write_ns));
}

void reify_mark_written(struct run *r)
{
	if (r->last_write_ns && !r->written_ns)
		do_without(r, state_mark(r->dirfd, r->last_write_ns, &r->written_ns));
}

static struct err *put_aside(struct run *r)
{
	TRACE(ASIDE);

	return retire_all(r);
}

static struct err *build_tree(struct run *r)
{
	proof_make(r);
	if (proof_is_complete(r))
		return scripts_build(r);
	TRY(journal_begin(r));
	TRY(put_aside(r));
	TRY(shared_link(r));
	TRY(bins_check_global(r));
	TRY(fetch_all(r));
	TRY(bundles_settle(r));
	TRY(remove_dropped(r));
	TRY(patches_apply(r));
	event_emit(&(struct event){ .kind = EVENT_STAGE, .stage = STAGE_LINK });
	TRY(link_all(r));
	if (r->opts->bin_links)
		bins_plan_bundled(r);
	TRY(shared_publish(r));
	note_last_write(r);
	return scripts_build(r);
}

/* ---- the report ---- */

static void warn_deprecated(const struct node *n)
{
	ARENA_SCOPE(tmp);
	const struct json *text = n->manifest->deprecated;

	if (!json_is_truthy(text))
		return;
	log_warn("deprecated", STR_FMT ": " STR_FMT, STR_ARG(node_id(tmp, n)),
		 STR_ARG(json_is(text, JSON_STRING) ? text->string : S("true")));
}

static void count_changes(struct run *r)
{
	for (size_t i = 0; i < r->diff->count; i++) {
		const struct diff_entry *e = &r->diff->items[i];

		if (e->action == DIFF_REMOVE)
			r->out->removed++;
		else if (e->action == DIFF_CHANGE)
			r->out->changed++;
		else if (!e->ideal->inert)
			r->out->added++;
	}
}

static void report(struct run *r)
{
	VEC_EACH (struct unit *, u, &r->units)
		if ((*u)->is_done && !(*u)->node->is_link)
			warn_deprecated((*u)->node);
	VEC_EACH (struct unit *, u, &r->units)
		r->out->dropped += (*u)->is_dropped;
	count_changes(r);
	scripts_collect(r);
}

/* ---- all of it ---- */

static bool has_work(const struct run *r)
{
	return r->diff->count > 0 ||
	       (r->opts->replace_all && fs_exists(r->dirfd, "node_modules")) ||
	       fs_exists(r->dirfd, "node_modules/.cpm-journal");
}

static bool has_hidden_lockfile(const struct run *r)
{
	return r->opts->save_hidden_lock && fs_is_dir(r->dirfd, "node_modules");
}

/* What was written in this run is certain until it was marked, what was proven until the proof
 * began. */
static void note_certain(struct run *r)
{
	VEC_EACH (struct unit *, u, &r->units) {
		struct state_package p = { .location = (*u)->node->location,
					   .until_ns = (*u)->is_proven ? r->proven_ns
								       : r->written_ns };

		if (p.until_ns && !(*u)->node->patched && (*u)->is_done && !(*u)->is_dropped &&
		    unit_origin(*u, &p.origin))
			VEC_PUSH(r->arena, &r->out->certain, p);
	}
}

/* The new tree stands: what is left is to tidy up, and to say what is there. */
static struct err *finish(struct run *r)
{
	struct err *err = NULL, *failure;
	str text;

	event_emit(&(struct event){ .kind = EVENT_STAGE, .stage = STAGE_COMMIT });
	promises_tell(r);
	retire_delete_begin(r);
	report(r);
	if (r->opts->store)
		store_flush(r->opts->store);
	/* While the workers delete. */
	if (r->opts->save_hidden_lock)
		err = hidden_lockfile_format(r, &text);
	retire_delete_finish(r);
	failure = journal_end(r);
	if (failure || !has_hidden_lockfile(r)) {
		err_ignore(err);
		return failure;
	}
	TRY(err);
	reify_mark_written(r);
	do_without(r, state_reserve(r->dirfd));
	note_certain(r);
	return commit_hidden_lockfile(r, text);
}

struct err *reify_apply(struct arena *a, struct tree *ideal, struct tree *actual,
			const struct diff *diff, const struct reify_opts *opts,
			struct reify_result *out)
{
	struct run r = { .arena = a,
			 .ideal = ideal,
			 .actual = actual,
			 .diff = diff,
			 .opts = opts,
			 .out = out,
			 .dirfd = opts->dirfd,
			 .trash.fd = -1,
			 .shelf_fd = opts->owns_files ? -1 : store_shelf_fd(opts->store) };
	struct unpack_gate gate = { 0 };
	struct err *err;

	*out = (struct reify_result){ 0 };
	r.file_mask = (mode_t)cfg_number(opts->cfg, CFG_UMASK) & 0777;
	r.gate = opts->early ? early_gate(opts->early) : &gate;
	plan_make(&r);
	/* Without a difference only the project's own links are looked at: their commands may be
	 * missing, and their scripts run every time. */
	err = unshare_unchanged(&r);
	if (!err)
		err = has_work(&r) ? build_tree(&r) : scripts_build(&r);
	if (err) {
		fetch_drain(&r);
		retire_undo(&r);
		return err;
	}
	return finish(&r);
}
