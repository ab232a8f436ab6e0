/* SPDX-License-Identifier: MIT
 * What fetching sees of the packages that were begun early. Main thread. */
#pragma once
#include "cpm/reify/early.h"
#include "reify_priv.h"

#define EARLY_PREFIX ".cpm-early-"

enum early_state {
	EARLY_NONE,	 /* not begun, failed, or used up */
	EARLY_UNDER_WAY, /* claimed: fetch_start() comes again when it is known what became of it */
	EARLY_READY,
};

/* How it stands with the package that @s is for. @e may be NULL. */
enum early_state early_claim(struct early *e, struct shipment *s);
/* Claims that the bytes of @s come, or came, in this run: the cache need not be asked. @e may be NULL. */
bool early_has(const struct early *e, const struct shipment *s);
/* Claims that they are unpacked already. @e may be NULL. */
bool early_is_ready(const struct early *e, const struct shipment *s);
/* A ready package, to the place of the first unit of @s; what was found in it goes along. False: it does not fit, or
 * cannot be moved there. */
bool early_move(struct early *e, struct run *r, struct shipment *s);

/* The door that both kinds of shipments pass. */
struct unpack_gate *early_gate(struct early *e);
/* The plan is made: nothing more is begun, and giants may pass. */
void early_end_of_expectations(struct early *e);
/* Requests with the network, and their owner. */
size_t early_requested(const struct early *e);
/* A response that is for none of the plan's shipments. @r: NULL before there is a plan. */
void early_receive(struct early *e, struct run *r, struct http_response *resp);

/* Nothing more is unpacked. The name, in node_modules, of the folder with what was not used, which may be deleted; null when
 * there is none. @e may be NULL. */
str early_stop(struct early *e);
/* That folder goes, if it is still there; nothing may be under way. */
void early_sweep(struct early *e);
/* Its name in node_modules; null when there is none. @e may be NULL. */
str early_folder(const struct early *e);
