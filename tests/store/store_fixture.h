/* SPDX-License-Identifier: MIT
 * A store in a folder of its own, and how often it warned. FIXTURE(f) opens one that is gone at the brace. */
#pragma once
#include "check.h"
#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/store/store.h"
#include "temp_dir.h"

struct fixture {
	struct temp_dir root;
	struct arena arena;
	const char *dir, *file;	/* the store's folder and its database: neither is there yet */
	struct store *store;
	int warnings;
};

static inline void fixture_sink(void *ctx, enum log_level level, str title, str message)
{
	struct fixture *f = ctx;

	(void)title, (void)message;
	f->warnings += level <= LOG_WARN;
}

static inline void fixture_init(struct fixture *f)
{
	f->dir = str_printf(&f->arena, STR_FMT "/cache/_cpm", STR_ARG(f->root.path)).p;
	f->file = str_printf(&f->arena, "%s/cache.db", f->dir).p;
	log_set_sink(fixture_sink, f);
	CHECK_OK(store_open(str_view(f->dir), &f->store));
}

static inline void fixture_fini(struct fixture *f)
{
	store_close(f->store);
	log_set_sink(NULL, NULL);
	arena_fini(&f->arena);
}

#define FIXTURE(f)                                                                                 \
	TEMP_DIR(f##_root_);                                                                       \
	struct fixture f __attribute__((cleanup(fixture_fini))) = { .root = f##_root_ };           \
	fixture_init(&f)

/* As the next run would find it. */
static inline void fixture_reopen(struct fixture *f)
{
	store_close(f->store);
	CHECK_OK(store_open(str_view(f->dir), &f->store));
}

static inline struct digest fixture_keep(struct fixture *f, str bytes)
{
	struct digest d;

	digest_of(DIGEST_SHA512, bytes, &d);
	store_put_blob(f->store, &d, bytes);
	return d;
}

/* The blob's bytes, or the null string. */
static inline str fixture_blob(struct fixture *f, const struct digest *d)
{
	char *bytes;
	size_t len;
	str copy;

	if (!store_get_blob(f->store, d, &bytes, &len))
		return STR_NULL;
	copy = str_dup(&f->arena, str_of(bytes, len));
	free(bytes);
	return copy;
}
