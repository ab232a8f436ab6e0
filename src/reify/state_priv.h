/* SPDX-License-Identifier: MIT
 * What the files of the state share. */
#pragma once
#include "cpm/reify/state.h"

#include <time.h>

#define STATE_PATH "node_modules/.cpm-state"

int64_t state_time_ns(const struct timespec *t);
