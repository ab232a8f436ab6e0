/* SPDX-License-Identifier: MIT
 * Pictures of how members depend on each other, for `workspaces ls --graph`. All draw the chosen members and the links
 * among them, and nothing else. */
#pragma once
#include "project_members.h"

/* A tree for the terminal: below each member what it needs, the second time without what is below it. */
void member_draw_text(struct str_buf *out, const struct project_graph *p, str title, bool is_unicode);
/* A digraph for Graphviz. */
void member_draw_dot(struct str_buf *out, const struct project_graph *p);
/* A picture that needs nothing else: no script, no font, no address. */
void member_draw_svg(struct str_buf *out, const struct project_graph *p, str title);
