/* SPDX-License-Identifier: MIT
 * What several members print at once, kept readable: whole lines with the member's name in front, or all of a member in one
 * piece, folded where a CI system shows its log in a browser. */
#pragma once
#include "member_run.h"

struct member_output;

/* @is_shared: scripts print on the terminal themselves, and only groups are ours. Lives in the run's arena. */
struct member_output *member_output_new(struct member_run *run, bool is_shared);
/* The member begins; @line: what is run there, or null. */
void member_output_begin(struct member_output *o, size_t task, str line);
/* Something that it printed, in whatever pieces. */
void member_output_add(struct member_output *o, size_t task, bool is_err, str bytes);
/* It has ended: shows what was kept, and lines without an end. */
void member_output_end(struct member_output *o, size_t task);
/* Output is kept until the member has ended: as --aggregate-output says, else where there are groups. */
bool member_output_is_kept(const struct cmd_ctx *ctx);
