/* SPDX-License-Identifier: MIT
 * What gunzip_stream.c calls of ISA-L, bound when first called (lazy.h). Unlike the other libraries
 * it may be missing, both when cpm is built and where it runs. */
#include "isal_lazy.h"

#include "cpm/base/lazy.h"
#include "cpm/build_config.h"

#if CPM_HAS_ISAL
#include <isa-l/igzip_lib.h>

static struct lazy_library isal = { .soname = "libisal.so.2", .package = "libisal2" };

bool isal_is_installed(void)
{
	return lazy_is_installed(&isal);
}

LAZY_VOID(&isal, isal_inflate_init, (struct inflate_state * state), (state))
LAZY_VOID(&isal, isal_inflate_reset, (struct inflate_state * state), (state))
LAZY(&isal, int, isal_inflate, (struct inflate_state * state), (state))
#endif
