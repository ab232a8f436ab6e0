/* SPDX-License-Identifier: MIT
 * Whether a package says that it runs here. What `engines`, `os`, `cpu` and `libc` hold is foreign
 * and of any type; the answers for odd types are npm's, since an optional package is installed or
 * not by them. Twin of npm-install-checks. */
#include "cpm/tree/engine.h"

#include <glob.h>

#include "cpm/base/fs.h"
#include "cpm/base/range.h"

/* ---- engines ---- */

/* A version that is not known is not checked; a range that is none fails. */
static bool engine_holds(const struct json *range, str version)
{
	if (!version.len || !json_is_truthy(range))
		return true;
	return json_is(range, JSON_STRING) &&
	       range_satisfies(version, range->string, SEMVER_INCLUDE_PRE);
}

bool engine_is_supported(const struct json *engines, str node_version, str npm_version)
{
	return engine_holds(json_get(engines, "node"), node_version) &&
	       engine_holds(json_get(engines, "npm"), npm_version);
}

/* ---- os, cpu, libc ---- */

struct tally {
	bool is_listed, is_refused;
	size_t nrefusals;
};

static void tally_entry(struct tally *t, const struct json *entry, str value)
{
	str text = json_is(entry, JSON_STRING) ? entry->string : S("");

	if (str_starts(text, S("!"))) {
		t->nrefusals++;
		t->is_refused |= str_eq(str_from(text, 1), value);
	} else {
		t->is_listed |= str_eq(text, value);
	}
}

/* "x", ["x", "y"], ["!z"], ["any"]. */
static bool list_allows(const struct json *list, str value)
{
	struct tally t = { 0 };
	size_t count = 1;

	if (!json_is_truthy(list))
		return true;
	if (list->type == JSON_ARRAY) {
		count = list->count;
		if (count == 1 && json_is(list->items[0], JSON_STRING) &&
		    str_eq(list->items[0]->string, S("any")))
			return true;
		for (size_t i = 0; i < count; i++)
			tally_entry(&t, list->items[i], value);
	} else if (list->type == JSON_STRING) {
		if (str_eq(list->string, S("any")))
			return true;
		tally_entry(&t, list, value);
	} else {
		return true;
	}
	return !t.is_refused && (t.is_listed || t.nrefusals == count);
}

bool platform_is_supported(const struct manifest *m, const struct platform *p)
{
	if (json_is_truthy(m->libc) && !p->libc.len)
		return false;
	return list_allows(m->os, p->os) && list_allows(m->cpu, p->cpu) &&
	       list_allows(m->libc, p->libc);
}

/* ---- this machine ---- */

#if defined(__linux__)
#define OS_NAME "linux"
#elif defined(__APPLE__)
#define OS_NAME "darwin"
#elif defined(__FreeBSD__)
#define OS_NAME "freebsd"
#else
#define OS_NAME "openbsd"
#endif

#if defined(__x86_64__)
#define CPU_NAME "x64"
#elif defined(__aarch64__)
#define CPU_NAME "arm64"
#elif defined(__arm__)
#define CPU_NAME "arm"
#elif defined(__i386__)
#define CPU_NAME "ia32"
#elif defined(__powerpc64__)
#define CPU_NAME "ppc64"
#elif defined(__s390x__)
#define CPU_NAME "s390x"
#elif defined(__riscv) && __riscv_xlen == 64
#define CPU_NAME "riscv64"
#elif defined(__loongarch64)
#define CPU_NAME "loong64"
#else
#define CPU_NAME "unknown"
#endif

#define LDD_MAX_BYTES ((size_t)1024 * 1024)

static bool any_file(const char *pattern)
{
	glob_t found = { 0 };
	bool is_there = glob(pattern, GLOB_NOSORT, NULL, &found) == 0;

	globfree(&found);
	return is_there;
}

/* The words of the ldd script decide, as with npm; where there is none, the loader's name. */
static str detect_libc(void)
{
	ARENA_SCOPE(tmp);
	str text;
	struct err *e = fs_read_all(tmp, AT_FDCWD, "/usr/bin/ldd", LDD_MAX_BYTES, &text);

	if (!e && str_find(text, S("musl")) != STR_NPOS)
		return S("musl");
	if (!e)
		return str_find(text, S("GNU C Library")) != STR_NPOS ? S("glibc") : STR_NULL;
	err_free(e);
	if (any_file("/lib/ld-musl-*"))
		return S("musl");
	return any_file("/lib*/ld-linux*") ? S("glibc") : STR_NULL;
}

struct platform platform_detect(struct arena *a)
{
	struct platform p = { .os = S(OS_NAME), .cpu = S(CPU_NAME) };

	(void)a;
	if (str_eq(p.os, S("linux")))
		p.libc = detect_libc();
	return p;
}
