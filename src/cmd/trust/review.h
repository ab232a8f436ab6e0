/* SPDX-License-Identifier: MIT
 * What a reviewer of a lockfile is told: each change, and what is remarkable about it. */
#pragma once
#include "cmd_priv.h"

#include "cpm/config/policy.h"
#include "cpm/tree/lock_diff.h"

/* What can be remarkable. The words are those of --fail-on and of the JSON form. */
enum review_word {
#define REVIEW_WORD(id, word, help) REVIEW_##id,
#include "review_words.def"
#undef REVIEW_WORD
	REVIEW_WORD_COUNT
};
extern const char *const review_words[];

struct review_note {
	enum review_word word;
	str text;		/* "install scripts are new" */
	const struct policy_entry *exception; /* because of which --fail-on passes it over; or NULL */
};

/* What the registry says of a version that came, beside the one that went. */
struct review_facts {
	bool is_known;		/* the registry was asked, and has the version */
	str time;		/* of publication, ISO 8601; null: not said */
	double bytes_before, bytes_after; /* unpacked; 0: not said */
	bool had_provenance, has_provenance; /* attestations */
	str publisher;		/* who published it; null: not said */
	bool is_new_publisher;	/* no maintainer of the version that went */
	VEC(str) lost, joined;	/* maintainers */
};

struct review_item {
	const struct lock_change *change;
	struct review_facts facts;
	VEC(struct review_note) notes;
};

struct review {
	struct cmd_ctx *ctx;
	const struct tree *now;
	struct policy *policy;	/* or NULL */
	str ref;
	struct lock_diff diff;
	VEC(struct review_item) items; /* as diff.changes */
	bool was_asked;		/* the registry; not so with --offline */
	size_t nunknown;	/* packages that it did not tell of */
};

/* ---- review_facts.c ---- */

/* Asks the registry about all that came. Errors: E_INTERRUPTED, those of opening the network. */
MUST_CHECK_ERR review_ask_registry(struct review *r);

/* ---- review_notes.c ---- */

/* Fills in the notes of every item. */
void review_make_notes(struct review *r);
/* Some item has a note of this word that no exception covers. */
bool review_has(const struct review *r, enum review_word word);

/* ---- review_output.c ---- */

str review_text(const struct review *r);
str review_markdown(const struct review *r);
struct json *review_json(const struct review *r);
