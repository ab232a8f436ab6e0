/* SPDX-License-Identifier: MIT
 * Answers of whoever is at stdin. */
#pragma once
#include "cpm/base/err.h"

/* One line, without its end; null when stdin has ended or stays silent without being a terminal. What is behind the line
 * is not read. Errors: E_INTERRUPTED. */
MUST_CHECK_ERR prompt_read_line(struct arena *a, str *out);
