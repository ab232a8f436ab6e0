/* SPDX-License-Identifier: MIT
 * What decides about the outcome of an install, files apart. */
#pragma once
#include "cmd_priv.h"
#include "cpm/base/fingerprint.h"

struct fingerprint noop_key(const struct cmd_ctx *ctx);
