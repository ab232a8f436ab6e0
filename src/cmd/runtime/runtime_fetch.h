/* SPDX-License-Identifier: MIT
 * A pinned Node.js from the registry into the data folder. */
#pragma once
#include "cmd_priv.h"
#include "cpm/runtime/runtime_pins.h"

/**
 * runtime_fetch - makes sure that @pin is unpacked; *dir is its folder.
 *
 * Taken from the cache when that has it. Verified before the first file is made, and the folder appears under its name by
 * one rename, whole. Of several runs at once one fetches and the others wait for it.
 * Errors: E_INTEGRITY, E_NOT_CACHED when offline, any of package_fetch(), unpack_tarball() and fs; nothing is kept then.
 */
MUST_CHECK_ERR runtime_fetch(struct cmd_ctx *ctx, const struct runtime_pin *pin, str *dir);
