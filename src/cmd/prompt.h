/* SPDX-License-Identifier: MIT
 * Answers of whoever is at stdin. */
#pragma once
#include "cpm/ui/screen.h"

/* One line, without its end; null when stdin has ended or stays silent without being a terminal. What is behind the line
 * is not read. Errors: E_INTERRUPTED. */
MUST_CHECK_ERR prompt_read_line(struct arena *a, str *out);
/* Shows @question and reads the line that answers it; a secret is not seen while it is typed. Errors: as above. */
MUST_CHECK_ERR prompt_ask(struct arena *a, struct screen *screen, str question, str *out);
MUST_CHECK_ERR prompt_ask_secret(struct arena *a, struct screen *screen, str question, str *out);
/* Claims that somebody is there to be asked: stdin and stdout are terminals. */
bool prompt_is_answered(void);
