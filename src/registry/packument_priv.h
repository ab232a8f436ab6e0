/* SPDX-License-Identifier: MIT
 * Ceilings of a packument (threats.md 1), shared by everything that reads one. */
#pragma once
#include "cpm/registry/packument.h"

#define PACKUMENT_MAX_BYTES    ((uint64_t)256 << 20)
#define PACKUMENT_VERSIONS_MAX ((size_t)200 * 1000)
