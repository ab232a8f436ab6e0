/* SPDX-License-Identifier: MIT
 * The lowest layer: the table's defaults, and those that depend on the machine and the terminal. */
#include "cfg_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"
#include "cpm/build_config.h"

#include <unistd.h>

static void put(struct cfg *c, enum cfg_key key, struct cfg_value value)
{
	struct cfg_setting *s = ARENA_NEW(c->arena, struct cfg_setting);

	*s = (struct cfg_setting){ .key = str_view(cfg_row(key)->key),
				   .row = cfg_row(key),
				   .value = value };
	map_put(&c->places[CFG_LAYER_DEFAULT].settings, s->key, s);
}

static void put_text(struct cfg *c, enum cfg_key key, str text)
{
	put(c, key, (struct cfg_value){ .kind = VALUE_TEXT, .text = text });
}

static void put_bool(struct cfg *c, enum cfg_key key, bool value)
{
	put(c, key, (struct cfg_value){ .kind = VALUE_BOOL, .boolean = value });
}

/* Not a key anybody can set, but `config list` shows it and scripts look for it. */
static void put_npm_version(struct cfg *c)
{
	struct cfg_setting *s = ARENA_NEW(c->arena, struct cfg_setting);

	s->key = S("npm-version");
	s->value = (struct cfg_value){ .kind = VALUE_TEXT, .text = S(CPM_NPM_VERSION) };
	map_put(&c->places[CFG_LAYER_DEFAULT].settings, s->key, s);
}

static str env(const struct cfg *c, const char *name)
{
	return npmrc_getenv(c->environ, name);
}

static str first_set(const struct cfg *c, const char *const *names)
{
	for (; *names; names++)
		if (env(c, *names).len > 0)
			return env(c, *names);
	return STR_NULL;
}

static struct cfg_value table_default(const struct cfg *c, const struct cfg_row *row)
{
	struct cfg_value v = { .kind = VALUE_NULL };

	if (!row->def)
		return v;
	if (row->type == CFG_TYPE_LIST || row->type == CFG_TYPE_ENUMS)
		return (struct cfg_value){ .kind = row->def[0] ? VALUE_LIST : VALUE_TEXT,
					   .text = S("") };
	if (row->type == CFG_TYPE_BOOL)
		return (struct cfg_value){ .kind = VALUE_BOOL, .boolean = row->def[0] == 't' };
	(void)cfg_value_parse(c, row, NPMRC_VALUE(str_view(row->def)), &v);
	return v;
}

bool cfg_is_ci(const struct cfg *c)
{
	static const char *const signs[] = {
		"BUILD_ID", "BUILD_NUMBER",           "CI_APP_ID", "CI_BUILD_ID", "CI_BUILD_NUMBER",
		"CI_NAME",  "CONTINUOUS_INTEGRATION", "RUN_ID",    NULL
	};
	str ci = env(c, "CI");
	return !str_eq(ci, S("false")) && (ci.len > 0 || first_set(c, signs).len > 0);
}

static bool is_utf8_locale(const struct cfg *c)
{
	str locale = first_set(c, (const char *const[]){ "LC_ALL", "LC_CTYPE", "LANG", NULL });
	return str_ends_nocase(locale, S("UTF-8")) || str_ends_nocase(locale, S("UTF8"));
}

/* ---- where global packages are ----
 *
 * npm runs in a node, and its global packages are that node's: two levels above the program. We
 * take the one that scripts would get, so that both find the same packages. A version manager that
 * puts a program of its own in its place is seen through only if that is a link. */

static bool is_node(str path)
{
	str name = path_basename(path);

	return str_eq(name, S("node")) || str_eq(name, S("nodejs"));
}

/* The folder above the bin folder of the node on PATH; null when there is none. */
static str node_prefix(const struct cfg *c)
{
	str rest = env(c, "PATH"), real;

	for (str dir; str_cut(&rest, ':', &dir);) {
		const char *file = str_cstr(
			c->arena,
			path_resolve(c->arena, c->cwd, path_join(c->arena, dir, S("node"))));

		if (dir.len == 0 || !fs_is_file(AT_FDCWD, file) || access(file, X_OK) < 0)
			continue;
		struct err *e = fs_real_path(c->arena, file, &real);
		if (e) {
			err_ignore(e);
			continue;
		}
		return is_node(real) ? path_dirname(path_dirname(real)) : STR_NULL;
	}
	return STR_NULL;
}

/* Without a node it is where cpm itself is installed, or the user's own place if that is not theirs
 * to write in. */
static str own_prefix(const struct cfg *c)
{
	if (c->home.len == 0 || access(str_cstr(c->arena, c->exec_prefix), W_OK) == 0)
		return c->exec_prefix;
	return path_join(c->arena, c->home, S(".local"));
}

static str default_prefix(const struct cfg *c)
{
	str prefix = env(c, "PREFIX"), destdir = env(c, "DESTDIR");

	if (prefix.len > 0)
		return path_resolve(c->arena, c->cwd, prefix);
	prefix = node_prefix(c);
	if (str_is_null(prefix))
		prefix = own_prefix(c);
	return destdir.len > 0 ? path_join(c->arena, destdir, prefix) : prefix;
}

/* ---- the layer ---- */

void cfg_load_defaults(struct cfg *c)
{
	c->places[CFG_LAYER_DEFAULT].source = S("default values");
	for (enum cfg_key k = 0; k < CFG_KEY_COUNT; k++)
		put(c, k, table_default(c, cfg_row(k)));

	str no_color = env(c, "NO_COLOR");
	str editor = first_set(c, (const char *const[]){ "EDITOR", "VISUAL", NULL });
	str shell = env(c, "SHELL");

	put_npm_version(c);
	put_bool(c, CFG_COLOR, str_is_null(no_color) || str_eq(no_color, S("0")));
	put_bool(c, CFG_UNICODE, is_utf8_locale(c));
	put_bool(c, CFG_PROGRESS,
		 c->is_terminal && !cfg_is_ci(c) && !str_eq(env(c, "TERM"), S("dumb")));
	put_text(c, CFG_PREFIX, default_prefix(c));
	if (editor.len > 0)
		put_text(c, CFG_EDITOR, editor);
	if (shell.len > 0)
		put_text(c, CFG_SHELL, shell);
	if (str_eq(env(c, "NODE_ENV"), S("production"))) {
		static const str dev[] = { { "dev", 3 } };
		put(c, CFG_OMIT,
		    (struct cfg_value){ .kind = VALUE_LIST, .items = dev, .count = 1 });
	}
}
