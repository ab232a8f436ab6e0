/* SPDX-License-Identifier: MIT
 * A limit for how long a host may be silent while libgit2 talks to it. */
#pragma once
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define GIT_WATCH_FDS 1024

struct git_watch {
	int64_t limit_ms;
	int64_t until_ms; /* when patience ends, unless something comes before */
	timer_t timer;
	bool is_running;
	struct sigaction before;
	uint8_t foreign[GIT_WATCH_FDS / 8]; /* open before this began: none of libgit2's */
};

/* From here on, the sockets that this thread opens are shut when nothing has come for @limit_ms; 0: never. @w stays where
 * it is until the end. */
void git_watch_begin(struct git_watch *w, int64_t limit_ms);
/* Something came. Cheap. */
void git_watch_touch(struct git_watch *w);
/* Patience has ended: what failed since failed for that. */
bool git_watch_is_over(const struct git_watch *w);
void git_watch_end(struct git_watch *w);
