/* SPDX-License-Identifier: MIT
 * What gunzip_stream.c calls of ISA-L, bound when first called; see isal_lazy.c. */
#pragma once
#include "cpm/base/compiler.h"

/* Claims that ISA-L is installed. */
bool isal_is_installed(void);
