/* SPDX-License-Identifier: MIT
 * --fail-on: what makes a command that only looks fail. */
#pragma once
#include "cpm/config/cfg.h"

/* The words of the setting, which may be given several times and with commas. NULL and 0: none. */
const str *fail_on_words(struct arena *a, const struct cfg *cfg, size_t *count);
