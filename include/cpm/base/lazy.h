/* SPDX-License-Identifier: MIT
 * Libraries that are loaded when first called. Mapping libcurl and the thirty libraries behind it costs five
 * milliseconds, ten times what the rest of a command that needs no network takes (speed.md 9); so the functions we call of
 * it are defined by us, and each finds the real one when it is first used. One file per library: src/<module>/<library>_lazy.c. */
#pragma once
#include "cpm/base/compiler.h"

struct lazy_library {
	const char *soname;
	const char *package;	/* Debian's, for the message when it is missing */
	void *handle;
};

/* The address of @name. Loads the library at the first call. A library or function that is missing is a broken
 * installation: the process ends with a message that names both. Threads: any. */
void *lazy_symbol(struct lazy_library *library, const char *name) __attribute__((returns_nonnull));

/* Claims that the library is installed, for one that can be done without. Threads: any. */
bool lazy_is_installed(struct lazy_library *library);

/* LAZY(library, return type, name, (parameters), (arguments)): the function @name of the library's header, bound at its
 * first call. LAZY_VOID for functions that return nothing. */
#define LAZY(library, type, name, params, args)                                                    \
	type name params                                                                           \
	{                                                                                          \
		LAZY_BIND(library, name);                                                          \
		return lazy_function_ args;                                                        \
	}
#define LAZY_VOID(library, name, params, args)                                                     \
	void name params                                                                           \
	{                                                                                          \
		LAZY_BIND(library, name);                                                          \
		lazy_function_ args;                                                               \
	}
#define LAZY_BIND(library, name)                                                                   \
	static void *lazy_address_;                                                                \
	void *lazy_found_ = __atomic_load_n(&lazy_address_, __ATOMIC_ACQUIRE);                     \
	if (UNLIKELY(!lazy_found_)) {                                                              \
		lazy_found_ = lazy_symbol((library), #name);                                       \
		__atomic_store_n(&lazy_address_, lazy_found_, __ATOMIC_RELEASE);                   \
	}                                                                                          \
	typeof(&name) lazy_function_ = (typeof(&name))lazy_found_
