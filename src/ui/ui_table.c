/* SPDX-License-Identifier: MIT
 * Tables: one pass finds how wide each column must be, the next one writes. */
#include "cpm/ui/ui_table.h"

#include "cpm/ui/term.h"

#include <string.h>

/* Columns on the terminal: colour sequences ("\033[31m") take none. */
static size_t cell_width(str cell)
{
	size_t width = 0, at;

	while ((at = str_find_char(cell, '\033')) != STR_NPOS) {
		size_t end = str_find_char(str_from(cell, at), 'm');

		width += term_width(str_slice(cell, 0, at));
		cell = str_from(cell, end == STR_NPOS ? cell.len : at + end + 1);
	}
	return width + term_width(cell);
}

static void trim_blanks(struct str_buf *out, size_t from)
{
	while (out->len > from && out->p[out->len - 1] == ' ')
		out->len--;
}

void ui_table_format(struct str_buf *out, const str *cells, size_t nrows, size_t ncols,
		     const char *align)
{
	ARENA_SCOPE(tmp);
	size_t *widths = ARENA_ARRAY(tmp, size_t, ncols);

	for (size_t i = 0; i < nrows * ncols; i++)
		widths[i % ncols] = MAX(widths[i % ncols], cell_width(cells[i]));
	for (size_t row = 0; row < nrows; row++) {
		size_t start = out->len;

		for (size_t col = 0; col < ncols; col++) {
			str cell = cells[row * ncols + col];
			size_t room = widths[col] - cell_width(cell);
			bool is_right = col < strlen(align) && align[col] == 'r';

			buf_add(out, col ? S("  ") : S(""));
			buf_add_repeat(out, S(" "), is_right ? room : 0);
			buf_add(out, cell);
			buf_add_repeat(out, S(" "), is_right ? 0 : room);
		}
		trim_blanks(out, start);
		buf_add(out, row + 1 < nrows ? S("\n") : S(""));
	}
}
