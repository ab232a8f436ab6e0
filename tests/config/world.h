/* SPDX-License-Identifier: MIT
 * A small world for settings tests: a folder with files in it, a command line, an environment, and
 * the log they cause. */
#pragma once
#include "check.h"
#include "cpm/base/fs.h"
#include "cpm/base/log.h"
#include "cpm/base/path.h"
#include "cpm/config/cfg.h"

#define WORLD_MAX_WORDS 16

struct world {
	struct arena arena;
	str dir;            /* of its own; has home/ and project/ */
	struct str_buf log; /* "warn title message" lines */
	const char *argv[WORLD_MAX_WORDS], *environ_[WORLD_MAX_WORDS];
	struct cfg *cfg;
};

static inline void world_take_log(void *ctx, enum log_level level, str title, str message)
{
	struct world *w = ctx;
	str name = log_level_name(level);

	if (level <= LOG_WARN)
		buf_printf(&w->log, STR_FMT "%s" STR_FMT " " STR_FMT "\n", STR_ARG(name),
			   title.len ? " " : "", STR_ARG(title), STR_ARG(message));
}

static inline const char *world_path(struct world *w, const char *name)
{
	return str_cstr(&w->arena, path_join(&w->arena, w->dir, str_view(name)));
}

static inline void world_write(struct world *w, const char *name, const char *text)
{
	const char *path = world_path(w, name);
	const char *dir = str_cstr(&w->arena, path_dirname(str_view(path)));

	CHECK_OK(fs_mkdirs(AT_FDCWD, dir));
	CHECK_OK(fs_write_replace(AT_FDCWD, path, str_view(text), 0644));
}

static inline void world_open(struct world *w)
{
	char name[] = "/tmp/cpm-config-XXXXXX";

	*w = (struct world){ 0 };
	w->log = str_buf(&w->arena, 1 << 20);
	CHECK(mkdtemp(name), "mkdtemp");
	CHECK_OK(fs_real_path(&w->arena, name, &w->dir));
	world_write(w, "project/package.json", "{}");
	CHECK_OK(fs_mkdirs(AT_FDCWD, world_path(w, "home")));
	w->environ_[0] = str_cstr(&w->arena,
				  str_printf(&w->arena, "HOME=%s", world_path(w, "home")));
	log_set_sink(world_take_log, w);
}

static inline void world_close(struct world *w)
{
	log_set_sink(NULL, NULL);
	CHECK_OK(fs_remove_tree(AT_FDCWD, str_cstr(&w->arena, w->dir)));
	arena_fini(&w->arena);
}

/* Appends to a NULL-terminated list. */
static inline void world_add(const char **list, const char *word)
{
	size_t n = 0;
	while (list[n])
		n++;
	CHECK(n + 1 < WORLD_MAX_WORDS, "%s", word);
	list[n] = word;
}

/* Words of one string, separated by blanks, become the command line. */
static inline void world_type(struct world *w, const char *line)
{
	str rest = str_view(line);
	memset(w->argv, 0, sizeof(w->argv));
	for (str word; rest.len > 0 && str_cut(&rest, ' ', &word);)
		world_add(w->argv, str_cstr(&w->arena, word));
}

static inline struct err *world_load_in(struct world *w, const char *cwd)
{
	struct cfg_input in = { .argv = w->argv,
				.environ = w->environ_,
				.exec_prefix = S("/opt/none") };

	in.cwd = str_view(world_path(w, cwd));
	return cfg_load(&w->arena, &in, &w->cfg);
}

static inline struct err *world_load(struct world *w)
{
	return world_load_in(w, "project");
}

/* The value in force as `config get` shows it. */
static inline str world_get(struct world *w, const char *key)
{
	struct cfg_entry e = { .plain = S("undefined") };
	(void)cfg_entry_of(&w->arena, w->cfg, str_view(key), &e);
	return e.plain;
}
