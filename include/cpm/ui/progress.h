/* SPDX-License-Identifier: MIT
 * Events into one live line: what is going on, how far it is, how fast it goes. */
#pragma once
#include "cpm/base/event.h"
#include "cpm/ui/screen.h"

struct progress {
	struct screen *screen;
	enum event_stage stage;
	uint64_t done, total, bytes, requests;
	int64_t started_ms, drawn_ms;
	unsigned frame;
};

/* Subscribes to the events of the run. On a terminal a line appears after 200 ms and changes at most ten times a second;
 * elsewhere a stage is one log line at level info. */
void progress_init(struct progress *p, struct screen *screen);
void progress_fini(struct progress *p);

/* The line as it would be drawn @elapsed_ms after the start. */
void progress_format(struct str_buf *out, const struct progress *p, int64_t elapsed_ms);
