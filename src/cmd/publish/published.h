/* SPDX-License-Identifier: MIT
 * Which published package a command is about. */
#pragma once
#include "cmd_priv.h"
#include "cpm/tree/spec.h"

/* The project's own name. Errors: EUSAGE when it has none, or the run is global. */
MUST_CHECK_ERR published_own_name(struct cmd_ctx *ctx, str *out);
/* "name@version" as typed. Errors: those of spec_parse_arg(), EUSAGE for what has no name in a registry. */
MUST_CHECK_ERR published_spec(struct cmd_ctx *ctx, str arg, struct spec **out);
/* Claims that the name came alone, without "@version". */
bool published_is_bare(const struct spec *s);
