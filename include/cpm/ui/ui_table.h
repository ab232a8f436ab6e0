/* SPDX-License-Identifier: MIT
 * Rows of cells as text in aligned columns. */
#pragma once
#include "cpm/base/str.h"

/**
 * ui_table_format - @nrows rows of @ncols cells each, row by row in @cells; no newline behind the last.
 * @align: a letter for each column, 'l' or 'r'; columns beyond its end are 'l'
 *
 * Columns stand two blanks apart. Cells may have colours in them, which take no room; blanks at the end of a row go.
 */
void ui_table_format(struct str_buf *out, const str *cells, size_t nrows, size_t ncols, const char *align);
