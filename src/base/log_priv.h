/* SPDX-License-Identifier: MIT
 * Shared by log.c and the redactor. */
#pragma once
#include "cpm/base/log.h"

enum redact_flags { REDACT_KEEP_UUIDS = 1 };

str redact(struct arena *a, str text, unsigned flags);
