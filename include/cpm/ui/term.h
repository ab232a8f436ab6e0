/* SPDX-License-Identifier: MIT
 * What the terminal can do: width, colour, cursor movement. Asked once, passed around as a value. */
#pragma once
#include "cpm/config/cfg.h"

struct term {
	bool out_is_tty, err_is_tty;
	bool out_color, err_color;
	bool is_unicode;
	bool can_redraw;	/* progress may rewrite its line: a terminal that is not dumb */
	unsigned columns;	/* of stderr, else stdout, else 80 */
};

/* Before the settings are known: what the descriptors are. */
struct term term_detect(void);
/* `color`, `unicode`, `progress` and `loglevel` applied. */
void term_apply(struct term *t, const struct cfg *cfg);

/* "\033[31m" and friends, or nothing when @is_on is false. Ends with paint(is_on, PAINT_RESET). */
enum paint { PAINT_RESET, PAINT_BOLD, PAINT_DIM, PAINT_RED, PAINT_GREEN, PAINT_YELLOW, PAINT_BLUE, PAINT_MAGENTA, PAINT_CYAN, PAINT_BRIGHT_RED, PAINT_BRIGHT_BLUE, PAINT_BRIGHT_CYAN,
	     PAINT_BOLD_UNDERLINE, PAINT_CYAN_UNDERLINE };
const char *paint(bool is_on, enum paint p);
/* The bytes of the code, as paint() gives it, that @s begins with; 0: none. */
size_t paint_code_len(str s);
/* Adds foreign text in a colour (PAINT_RESET: none), redacted and made harmless for terminals. */
void paint_text(struct str_buf *out, bool is_on, enum paint p, str text);

/* Columns that @s takes on a terminal: one a character, none for combining marks, two for wide ones. */
unsigned term_width(str s);
