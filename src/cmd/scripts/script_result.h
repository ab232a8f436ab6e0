/* SPDX-License-Identifier: MIT
 * What a script left behind, in the cache and back: its output files as blobs under their digests, what it printed as
 * one more, and a record that names them. Blobs are never written after their record and prove themselves, so that a run
 * that was killed, or another one at the same time, leaves a whole result or none. */
#pragma once
#include "cpm/base/json.h"
#include "cpm/store/store.h"
#include "script_decl.h"

/* Where a script runs. */
struct script_place {
	str root, location;	/* the project; the member's folder below it */
	str dir;		/* the same, absolute */
	const struct script_decl *decl;
};

/* Where its result is. */
struct script_shelf {
	struct arena *arena;
	struct store *store;
	str hex;		/* digest of its key */
};

/* ---- what it printed: pieces in order ---- */

enum script_piece { PIECE_STEP = 's', PIECE_OUT = 'o', PIECE_ERR = 'e' };

/* @bytes of a step: its number. */
void script_pieces_add(struct str_buf *log, enum script_piece kind, str bytes);
/* The next piece of *rest, which moves on; false at the end, or at something that is none. */
bool script_pieces_next(str *rest, enum script_piece *kind, str *bytes);

/* ---- results ---- */

/**
 * script_result_keep - keeps what is in @place now, and @log.
 * Errors: E_GENERIC when an output is, or may lie behind, a symbolic link; E_TOO_BIG; any of fs. Nothing is kept then.
 */
MUST_CHECK_ERR script_result_keep(const struct script_shelf *s, const struct script_place *place, str log);

enum script_found { RESULT_NONE, RESULT_DAMAGED, RESULT_RESTORED };

/**
 * script_result_restore - puts the outputs back where they were, each whole or not at all, never through a link.
 * @log: what was printed; @when_sec: when that was. Set when restored.
 *
 * Damaged: something of it is missing or not what was kept, or cannot be written; some outputs may have been restored.
 */
enum script_found script_result_restore(const struct script_shelf *s, const struct script_place *place, str *log,
					int64_t *when_sec);
