/* SPDX-License-Identifier: MIT
 * Several scripts at once, each with a pipe for what it prints and one for what it complains about. Whoever has the crew
 * decides what is started next and what becomes of the output; the crew waits and says what happened, one thing at a
 * time. */
#pragma once
#include "cpm/runtime/host.h"

struct crew;

enum crew_event_kind { CREW_OUT, CREW_ERR, CREW_ENDED };

struct crew_event {
	enum crew_event_kind kind;
	size_t id;			/* as crew_start() was given it */
	str bytes;			/* OUT, ERR: what was printed; until the next crew_wait() */
	struct script_outcome outcome;	/* ENDED: without the texts */
};

/* A crew for up to @limit scripts at once (0 counts as 1); lives in @a. Close it. */
MUST_CHECK_ERR crew_open(struct arena *a, size_t limit, struct crew **out);
bool crew_has_room(const struct crew *c);
size_t crew_running(const struct crew *c);

/**
 * crew_start - starts @s, where there is room; @id is the caller's name for it.
 *
 * The script leads a process group of its own, with an empty stdin, and dies with us. @s is not needed afterwards.
 * Errors: err_sys() when it cannot be started. Main thread only.
 */
MUST_CHECK_ERR crew_start(struct crew *c, const struct script *s, size_t id);

/**
 * crew_wait - the next thing that happens.
 *
 * False: nothing did for @timeout_ms, a signal came, or nothing runs. Events of one script come in order, and nothing
 * comes after ENDED; scripts take turns, so that none is drowned out. A script has ended when its shell has, even if
 * somebody it started still holds the pipes (F26).
 */
bool crew_wait(struct crew *c, int timeout_ms, struct crew_event *out);

/* Asks all that runs to end by @sig, and kills what has not after @patience_ms; go on calling crew_wait(). Their
 * outcomes say was_stopped. */
void crew_stop(struct crew *c, int sig, int patience_ms);
/* Kills what still runs. NULL is fine. */
void crew_close(struct crew *c);
