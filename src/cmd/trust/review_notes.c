/* SPDX-License-Identifier: MIT
 * Judging changes: what a reviewer should look at, each with the word that --fail-on knows it by.
 */
#include "review.h"

#include "policy_run.h"

#include "cpm/config/cfg_date.h"
#include "cpm/ui/ui_words.h"

#include <math.h>

#define YOUNG_MS ((int64_t)7 * 24 * 3600 * 1000)

const char *const review_words[] = {
#define REVIEW_WORD(id, word, help) word,
#include "review_words.def"
#undef REVIEW_WORD
};

static void note(struct review *r, struct review_item *item, enum review_word word, str text)
{
	VEC_PUSH(r->ctx->arena, &item->notes, (struct review_note){ word, text, NULL });
}

/* The project's policy has an answer to this one. */
static void note_unless(struct review *r, struct review_item *item, enum review_word word, str text,
			const struct policy_entry *exception)
{
	note(r, item, word, text);
	item->notes.items[item->notes.len - 1].exception = exception;
}

/* ---- from the lockfiles ---- */

static void note_kind(struct review *r, struct review_item *item)
{
	static const enum review_word words[] = {
		[LOCK_ADDED] = REVIEW_ADDED,
		[LOCK_REMOVED] = REVIEW_REMOVED,
		[LOCK_CHANGED] = REVIEW_CHANGED,
		[LOCK_REPLACED] = REVIEW_SOURCE,
	};
	const struct lock_change *c = item->change;
	bool is_replaced = c->kind == LOCK_REPLACED;

	if (!is_replaced)
		note(r, item, words[c->kind], STR_NULL);
	if (c->direction < 0)
		note(r, item, REVIEW_DOWNGRADED, S("lower than before"));
	if (c->has_other_bytes)
		note(r, item, REVIEW_BYTES, S("the same version, but other bytes"));
	if (is_replaced && !str_eq(c->before->resolved, c->after->resolved))
		note(r, item, REVIEW_SOURCE,
		     str_printf(r->ctx->arena, "from another address: " STR_FMT,
				STR_ARG(log_redact(r->ctx->arena, c->after->resolved))));
}

static void note_license(struct review *r, struct review_item *item)
{
	const struct lock_change *c = item->change;
	static const str any_license = { "*", 1 };
	const struct license_refusal any = { &any_license, 1 };
	str none = S("none");

	if (!c->before || !c->after || str_eq(c->license_before, c->license_after))
		return;
	/* Old lockfiles know no licences: silence before says nothing. */
	if (!c->license_before.len)
		return;
	note_unless(r, item, REVIEW_LICENSES,
		    str_printf(r->ctx->arena, "licence " STR_FMT " becomes " STR_FMT,
			       STR_ARG(c->license_before),
			       STR_ARG(c->license_after.len ? c->license_after : none)),
		    policy_license_exception(r->policy, &any, c->license_after, r->now, c->after,
					     false));
}

static void note_lockfile(struct review *r, struct review_item *item)
{
	const struct lock_change *c = item->change;

	note_kind(r, item);
	if (c->gains_script || c->keeps_script)
		note_unless(r, item, REVIEW_SCRIPTS,
			    c->keeps_script ? S("install scripts may have changed")
			    : c->before     ? S("install scripts are new")
					    : S("has install scripts"),
			    policy_script_exception(r->policy, r->now, c->after));
	if (c->new_host.len)
		note(r, item, REVIEW_HOSTS,
		     str_printf(r->ctx->arena, "comes from " STR_FMT ", which is new",
				STR_ARG(c->new_host)));
	note_license(r, item);
}

/* ---- from the registry ---- */

/* A limit that the project has set for its installs holds here too. */
static bool is_young(const struct review *r, str time, int64_t age_ms)
{
	str before = cfg_before(r->ctx->arena, r->ctx->cfg);
	int64_t limit_ms, time_ms;

	if (cfg_date_ms(before, &limit_ms) && cfg_date_ms(time, &time_ms))
		return time_ms > limit_ms;
	return age_ms < YOUNG_MS;
}

static void note_age(struct review *r, struct review_item *item)
{
	int64_t published_ms, now_ms = r->ctx->started_ms;

	if (item->change->kind == LOCK_REPLACED || !cfg_date_ms(item->facts.time, &published_ms) ||
	    !is_young(r, item->facts.time, now_ms - published_ms))
		return;
	note_unless(
		r, item, REVIEW_YOUNG,
		str_concat(r->ctx->arena, S("published "),
			   ui_age(r->ctx->arena, now_ms, published_ms)),
		policy_find(r->policy, POLICY_RELEASE_AGE, item->change->name, STR_NULL, false));
}

static void note_people(struct review *r, struct review_item *item)
{
	struct arena *a = r->ctx->arena;
	const struct review_facts *f = &item->facts;

	if (f->is_new_publisher)
		note(r, item, REVIEW_MAINTAINERS,
		     str_printf(a, "published by " STR_FMT ", who was no maintainer before",
				STR_ARG(f->publisher)));
	if (f->lost.len)
		note(r, item, REVIEW_MAINTAINERS,
		     str_concat(a, S("no longer maintained by "),
				str_join(a, f->lost.items, f->lost.len, S(", "))));
}

void review_make_notes(struct review *r)
{
	VEC_EACH (struct review_item, item, &r->items) {
		note_lockfile(r, item);
		if (!item->facts.is_known)
			continue;
		note_age(r, item);
		if (item->facts.had_provenance && !item->facts.has_provenance)
			note(r, item, REVIEW_PROVENANCE, S("provenance is lost"));
		note_people(r, item);
	}
}

bool review_has(const struct review *r, enum review_word word)
{
	VEC_EACH (const struct review_item, item, &r->items)
		VEC_EACH (const struct review_note, n, &item->notes)
			if (n->word == word && !n->exception)
				return true;
	return false;
}
