/* SPDX-License-Identifier: MIT
 * What gunzip_stream.c calls of ISA-L, bound when first called; see isal_lazy.c. */
#pragma once
#include "cpm/base/compiler.h"
#include "cpm/build_config.h"

/* Claims that ISA-L is installed. */
#if CPM_LAZY_LIBRARIES
bool isal_is_installed(void);
#else
static inline bool isal_is_installed(void)
{
	return true; /* else the program would not have started */
}
#endif
