/* SPDX-License-Identifier: MIT
 * The two output streams and the one line that may be redrawn on them. Everything that is printed goes through here, so
 * that a progress line never ends up in the middle of a result. Main thread only. */
#pragma once
#include "cpm/ui/term.h"

#define SCREEN_LINE_MAX_BYTES 512

struct screen {
	struct term term;
	char line[SCREEN_LINE_MAX_BYTES];	/* the live line as drawn; empty: none */
	size_t line_len;
};

/* Writes to STDOUT_FILENO or STDERR_FILENO. The live line is taken away first; the next screen_show_line() brings it back. A
 * reader that went away is not an error: there is nobody to tell. */
void screen_write(struct screen *s, int fd, str text);
/* Draws @line as the live line on stderr, cut to the terminal's width. Nothing happens where lines cannot be redrawn. */
void screen_show_line(struct screen *s, str line);
void screen_hide_line(struct screen *s);
