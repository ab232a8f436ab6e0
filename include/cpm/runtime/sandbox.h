/* SPDX-License-Identifier: MIT
 * Confining scripts of packages: no network, and nothing written but in the package's own folder and in one for
 * temporary files. Reading and running programs stay free, or no compiler would work. */
#pragma once
#include "cpm/base/err.h"

/**
 * sandbox_check - whether this kernel can confine scripts.
 * @weakness: what it cannot keep them from all the same, in words; null: nothing
 * Errors: E_UNSUPPORTED, naming what is missing: a sandbox that is not there must not be taken for one.
 */
MUST_CHECK_ERR sandbox_check(str *weakness);
