/* SPDX-License-Identifier: MIT
 * dlopen() and dlsym() with one way to fail. */
#include "cpm/base/lazy.h"

#include <dlfcn.h>
#include <unistd.h>

#define EXIT_BROKEN_INSTALLATION 127

static NORETURN void give_up(const struct lazy_library *library)
{
	fprintf(stderr, "cpm: cannot load %s: %s\ncpm: install the package '%s' and run it again\n",
		library->soname, dlerror(), library->package);
	_exit(EXIT_BROKEN_INSTALLATION);
}

/* dlopen() counts: two threads that both load get the same handle. */
static void *load(struct lazy_library *library)
{
	void *handle = __atomic_load_n(&library->handle, __ATOMIC_ACQUIRE);

	if (handle)
		return handle;
	handle = dlopen(library->soname, RTLD_LAZY | RTLD_LOCAL);
	if (handle)
		__atomic_store_n(&library->handle, handle, __ATOMIC_RELEASE);
	return handle;
}

bool lazy_is_installed(struct lazy_library *library)
{
	return load(library) != NULL;
}

void *lazy_symbol(struct lazy_library *library, const char *name)
{
	void *handle = load(library), *address;

	if (!handle)
		give_up(library);
	address = dlsym(handle, name);
	if (!address)
		give_up(library);
	return address;
}
