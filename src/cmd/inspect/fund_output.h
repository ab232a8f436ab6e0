/* SPDX-License-Identifier: MIT
 * The tree of those who ask for funding, as people read it: an address, and who is helped by it. */
#pragma once
#include "cmd_priv.h"

/* @report: as funding_report() makes it. Packages of one address stand together, where the first of them is met. */
str fund_human(struct cmd_ctx *ctx, const struct json *report);
