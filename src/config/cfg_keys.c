/* SPDX-License-Identifier: MIT
 * The key table, expanded once, and the words that the command line knows besides it. */
#include "cpm/config/cfg.h"

#include "cpm/build_config.h"

static const struct cfg_row rows[] = {
#define CFG_KEY(id, key, type, def, short_, flags, values, help) \
	{ CFG_##id, key, CFG_TYPE_##type, def, short_, flags, values, help },
#include "cpm/config/cfg_keys.def"
#undef CFG_KEY
};

const struct cfg_shorthand cfg_shorthands[] = {
	{ "enjoy-by", "--before", NULL },
	{ "d", "--loglevel", "info" },
	{ "dd", "--loglevel", "verbose" },
	{ "ddd", "--loglevel", "silly" },
	{ "quiet", "--loglevel", "warn" },
	{ "q", "--loglevel", "warn" },
	{ "s", "--loglevel", "silent" },
	{ "silent", "--loglevel", "silent" },
	{ "verbose", "--loglevel", "verbose" },
	{ "desc", "--description", NULL },
	{ "help", "--usage", NULL },
	{ "local", "--no-global", NULL },
	{ "n", "--no-yes", NULL },
	{ "no", "--no-yes", NULL },
	{ "porcelain", "--parseable", NULL },
	{ "readonly", "--read-only", NULL },
	{ "reg", "--registry", NULL },
	{ "iwr", "--include-workspace-root", NULL },
	{ "ws", "--workspaces", NULL },
	{ NULL, NULL, NULL },
};

const struct cfg_row *cfg_row(enum cfg_key key)
{
	return &rows[key];
}

/* A walk over two hundred short strings costs less than a microsecond and needs no index to keep
 * right. */
const struct cfg_row *cfg_row_by_name(str name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_eq(str_view(rows[i].key), name))
			return &rows[i];
	return NULL;
}
