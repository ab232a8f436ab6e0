/* SPDX-License-Identifier: MIT
 * Progress leaves sideways: lower layers emit typed events, the one subscriber (ui/) draws them. Main thread only. */
#pragma once
#include "cpm/base/str.h"

enum event_kind {
	EVENT_STAGE,		/* a stage begins: .stage */
	EVENT_TOTAL,		/* the number of packages to install is known: .count */
	EVENT_PACKAGE_DONE,	/* one package is in place: .name */
	EVENT_BYTES,		/* received from the network: .bytes more */
	EVENT_REQUEST,		/* one request finished: .name = URL, .status, .bytes */
};

enum event_stage { STAGE_LOAD, STAGE_RESOLVE, STAGE_FETCH, STAGE_LINK, STAGE_BUILD, STAGE_COMMIT, STAGE_DONE };

struct event {
	enum event_kind kind;
	enum event_stage stage;
	str name;
	uint64_t count, bytes;
	int status;
};

typedef void (*event_fn)(void *ctx, const struct event *e);

void event_subscribe(event_fn fn, void *ctx);
void event_emit(const struct event *e);
