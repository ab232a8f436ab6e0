/* SPDX-License-Identifier: MIT
 * config, get and set: what the settings are and where they come from (npm-cli.md 3.8), and edits
 * that leave the rest of the file alone. */
#include "editor.h"
#include "settings_file.h"

#include "cpm/base/path.h"
#include "cpm/build_config.h"
#include "cpm/config/npmrc.h"

/* ---- list ---- */

static int compare_entries(const void *a, const void *b)
{
	return str_collate(((const struct cfg_entry *)a)->key, ((const struct cfg_entry *)b)->key);
}

static void add_entry(struct str_buf *out, const struct cfg_entry *e)
{
	str shown = e->is_secret ? S("(protected)") : e->json;
	str winner = e->overridden_by < CFG_LAYER_COUNT ? cfg_layer_name(e->overridden_by)
							: STR_NULL;

	buf_printf(out, "%s" STR_FMT " = " STR_FMT, winner.len ? "; " : "", STR_ARG(e->key),
		   STR_ARG(shown));
	if (winner.len > 0)
		buf_printf(out, " ; overridden by " STR_FMT, STR_ARG(winner));
	buf_add_char(out, '\n');
}

static void add_layer(struct arena *a, struct str_buf *out, const struct cfg *cfg,
		      enum cfg_layer layer)
{
	size_t count;
	const struct cfg_entry *entries = cfg_layer_entries(a, cfg, layer, &count);
	str name = cfg_layer_name(layer), path = cfg_layer_path(cfg, layer);
	struct cfg_entry *sorted = ARENA_ARRAY(a, struct cfg_entry, count + 1);

	if (count == 0)
		return;
	memcpy(sorted, entries, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_entries);
	buf_printf(out, "; \"" STR_FMT "\" config from " STR_FMT "\n\n", STR_ARG(name),
		   STR_ARG(path));
	for (size_t i = 0; i < count; i++)
		add_entry(out, &sorted[i]);
	buf_add_char(out, '\n');
}

static void add_proxy_variables(struct arena *a, struct str_buf *out, const char *const *environ)
{
	static const char *const names[] = { "http_proxy=", "https_proxy=", "proxy=", "no_proxy=" };
	bool is_first = true;

	for (; environ && *environ; environ++) {
		str variable = str_view(*environ);
		for (size_t i = 0; i < ARRAY_LEN(names); i++) {
			if (!str_starts_nocase(variable, str_view(names[i])))
				continue;
			struct str_buf value = str_buf(a, SIZE_MAX);
			size_t eq = str_find_char(variable, '=');
			json_write_string(&value, log_redact(a, str_from(variable, eq + 1)));
			buf_printf(out, "%s; " STR_FMT " = " STR_FMT "\n",
				   is_first ? "; environment-related config\n\n" : "",
				   STR_ARG(str_slice(variable, 0, eq)), STR_ARG(buf_view(&value)));
			is_first = false;
		}
	}
	if (!is_first)
		buf_add_char(out, '\n');
}

static void add_surroundings(struct cmd_ctx *ctx, struct str_buf *out)
{
	str prefix = cfg_local_prefix(ctx->cfg), cwd = cfg_cwd(ctx->cfg), home = cfg_home(ctx->cfg);
	str node = node_version_find(ctx);

	add_proxy_variables(ctx->arena, out, ctx->environ);
	buf_printf(out, "; node version = v" STR_FMT "\n", STR_ARG(node));
	buf_printf(out, "; npm local prefix = " STR_FMT "\n", STR_ARG(prefix));
	buf_printf(out, "; npm version = %s\n; cpm version = %s\n", CPM_NPM_VERSION, CPM_VERSION);
	buf_printf(out, "; cwd = " STR_FMT "\n; HOME = " STR_FMT "\n", STR_ARG(cwd), STR_ARG(home));
	buf_add_cstr(out, "; Run `npm config ls -l` to show all defaults.\n");
}

static struct err *list_text(struct cmd_ctx *ctx)
{
	struct str_buf out = str_buf(ctx->arena, SIZE_MAX);
	bool is_long = cfg_bool(ctx->cfg, CFG_LONG);

	for (enum cfg_layer l = CFG_LAYER_COUNT; l-- > 0;)
		if (l != CFG_LAYER_DEFAULT || is_long)
			add_layer(ctx->arena, &out, ctx->cfg, l);
	if (!is_long)
		add_surroundings(ctx, &out);
	out_text(ctx->out, log_escape(ctx->arena, str_trim(buf_view(&out))));
	return NULL;
}

/* The value's JSON text as a value again, so that it can be merged into the document. */
static struct json *entry_json(struct arena *a, const struct cfg_entry *e)
{
	struct json *v = NULL;
	err_ignore(json_parse(a, e->json, &v));
	return v ? v : json_new(a, JSON_NULL);
}

static struct err *list_json(struct cmd_ctx *ctx)
{
	struct json *all = json_new(ctx->arena, JSON_OBJECT);

	for (enum cfg_layer l = 0; l < CFG_LAYER_COUNT; l++) {
		size_t count;
		const struct cfg_entry *entries = cfg_layer_entries(ctx->arena, ctx->cfg, l,
								    &count);
		for (size_t i = 0; i < count; i++)
			if (!entries[i].is_secret && !json_get_str(all, entries[i].key))
				json_set(ctx->arena, all, entries[i].key,
					 entry_json(ctx->arena, &entries[i]));
	}
	out_json(ctx->out, all);
	return NULL;
}

static struct err *list(struct cmd_ctx *ctx)
{
	return ctx->out->is_json ? list_json(ctx) : list_text(ctx);
}

/* ---- get ---- */

static struct err *get(struct cmd_ctx *ctx, const str *keys, size_t count)
{
	if (count == 0)
		return list(ctx);
	for (size_t i = 0; i < count; i++) {
		struct cfg_entry e = { .plain = S("undefined") };
		(void)cfg_entry_of(ctx->arena, ctx->cfg, keys[i], &e);
		if (e.is_secret)
			return err_new(E_GENERIC,
				       "The " STR_FMT
				       " option is protected, and cannot be retrieved in this way",
				       STR_ARG(keys[i]));
	}
	for (size_t i = 0; i < count; i++) {
		struct cfg_entry e = { .plain = S("undefined") };
		(void)cfg_entry_of(ctx->arena, ctx->cfg, keys[i], &e);
		if (count > 1)
			out_line(ctx->out, STR_FMT "=" STR_FMT, STR_ARG(keys[i]), STR_ARG(e.plain));
		else
			out_line(ctx->out, STR_FMT, STR_ARG(e.plain));
	}
	return NULL;
}

/* ---- set, delete ---- */

/* "a=1 b 2 c" is a=1, b=2, and c removed. */
static void read_assignments(struct arena *a, const str *args, size_t count, setting_edits *out)
{
	for (size_t i = 0; i < count; i++) {
		size_t eq = str_find_char(args[i], '=');
		struct setting_edit one = {
			str_trim_js(str_slice(args[i], 0, MIN(eq, args[i].len))), S("")
		};
		if (eq != STR_NPOS)
			one.value = str_trim_js(str_from(args[i], eq + 1));
		else if (i + 1 < count)
			one.value = str_trim_js(args[++i]);
		VEC_PUSH(a, out, one);
	}
}

static enum cfg_layer layer_to_edit(const struct cfg *cfg)
{
	str location = cfg_is_global(cfg) ? S("global") : cfg_text(cfg, CFG_LOCATION);

	if (str_eq(location, S("global")))
		return CFG_LAYER_GLOBAL;
	return str_eq(location, S("project")) ? CFG_LAYER_PROJECT : CFG_LAYER_USER;
}

static struct err *set(struct cmd_ctx *ctx, const str *args, size_t count)
{
	setting_edits edits = { 0 };

	if (count == 0)
		return cmd_usage_error(ctx, "%s", "");
	read_assignments(ctx->arena, args, count, &edits);
	VEC_EACH (struct setting_edit, one, &edits)
		TRY(cfg_check_settable(one->key));
	return settings_file_edit(ctx, layer_to_edit(ctx->cfg), &edits);
}

static struct err *del(struct cmd_ctx *ctx, const str *keys, size_t count)
{
	setting_edits edits = { 0 };

	if (count == 0)
		return cmd_usage_error(ctx, "%s", "");
	for (size_t i = 0; i < count; i++)
		VEC_PUSH(ctx->arena, &edits, (struct setting_edit){ keys[i], S("") });
	return settings_file_edit(ctx, layer_to_edit(ctx->cfg), &edits);
}

struct err *config_set_for_user(struct cmd_ctx *ctx, str key, str value)
{
	setting_edits edits = { 0 };

	VEC_PUSH(ctx->arena, &edits, (struct setting_edit){ key, value });
	return settings_file_edit(ctx, CFG_LAYER_USER, &edits);
}

/* ---- fix ---- */

/* The value as it is written, variables and all; the null string when the file does not have the
 * key. */
static str raw_value(struct arena *a, str text, str key)
{
	npmrc_entries entries = { 0 };

	npmrc_parse(a, text, &entries);
	VEC_EACH (struct npmrc_entry, e, &entries)
		if (str_eq(e->key, key) && !e->is_section)
			return VEC_LAST(&e->values).text;
	return STR_NULL;
}

/* Where the registry has such a key already, that one counts. */
static struct err *repair(struct cmd_ctx *ctx, const struct cfg_auth_problem *p)
{
	struct arena *a = ctx->arena;
	setting_edits edits = { 0 };
	str text, value;

	TRY(settings_file_read(a, ctx->cfg, p->layer, &text));
	value = raw_value(a, text, p->key);
	if (p->rename_to.len && value.len && str_is_null(cfg_raw(ctx->cfg, p->rename_to)))
		VEC_PUSH(a, &edits, (struct setting_edit){ p->rename_to, value });
	VEC_PUSH(a, &edits, (struct setting_edit){ p->key, S("") });
	return settings_file_edit(ctx, p->layer, &edits);
}

static struct err *fix(struct cmd_ctx *ctx)
{
	struct str_buf done = str_buf(ctx->arena, 1 << 16);
	bool is_any_layer = cfg_source(ctx->cfg, CFG_LOCATION) == CFG_LAYER_DEFAULT &&
			    !cfg_is_global(ctx->cfg);
	const struct cfg_auth_problem *problems;
	size_t count;

	problems = cfg_auth_problems(ctx->cfg, &count);
	for (size_t i = 0; i < count; i++) {
		const struct cfg_auth_problem *p = &problems[i];

		if (!is_any_layer && p->layer != layer_to_edit(ctx->cfg))
			continue;
		TRY(repair(ctx, p));
		if (p->rename_to.len)
			buf_printf(&done, "%s~ `" STR_FMT "` renamed to `" STR_FMT "`",
				   done.len ? "\n" : "", STR_ARG(p->key), STR_ARG(p->rename_to));
		else
			buf_printf(&done, "%s- `" STR_FMT "` deleted from", done.len ? "\n" : "",
				   STR_ARG(p->key));
		buf_printf(&done, "%s" STR_FMT " config", p->rename_to.len ? " in " : " ",
			   STR_ARG(cfg_layer_name(p->layer)));
	}
	if (!done.len)
		return NULL;
	out_line(ctx->out, "The following configuration problems have been repaired:\n");
	out_line(ctx->out, STR_FMT, STR_ARG(buf_view(&done)));
	return NULL;
}

/* ---- edit ---- */

/* npm sorts the file and lists all settings in it first; here it is the user's own, as it is. */
static struct err *edit(struct cmd_ctx *ctx)
{
	struct arena *a = ctx->arena;
	enum cfg_layer layer = layer_to_edit(ctx->cfg);
	str path = settings_file_path(a, ctx->cfg, layer);

	TRY(fs_mkdirs(AT_FDCWD, str_cstr(a, path_dirname(path))));
	if (!fs_exists(AT_FDCWD, str_cstr(a, path)))
		TRY(fs_write_atomic(AT_FDCWD, str_cstr(a, path), S(""),
				    layer == CFG_LAYER_USER ? 0600 : 0666));
	return editor_open(ctx, path);
}

/* ---- the commands ---- */

static bool is_one_of(str word, const char *const *names)
{
	for (; *names; names++)
		if (str_eq(word, str_view(*names)))
			return true;
	return false;
}

static struct err *config_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	str action = nargs > 0 ? args[0] : STR_NULL;

	(void)exit_status;
	if (is_one_of(action, (const char *const[]){ "list", "ls", NULL }))
		return list(ctx);
	if (is_one_of(action, (const char *const[]){ "get", NULL }))
		return get(ctx, args + 1, nargs - 1);
	if (is_one_of(action, (const char *const[]){ "set", NULL }))
		return set(ctx, args + 1, nargs - 1);
	if (is_one_of(action, (const char *const[]){ "delete", "rm", "del", NULL }))
		return del(ctx, args + 1, nargs - 1);
	if (is_one_of(action, (const char *const[]){ "edit", NULL }))
		return edit(ctx);
	if (is_one_of(action, (const char *const[]){ "fix", NULL }))
		return fix(ctx);
	return cmd_usage_error(ctx, "%s", "");
}

static struct err *get_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	(void)exit_status;
	return get(ctx, args, nargs);
}

static struct err *set_run(struct cmd_ctx *ctx, const str *args, size_t nargs, int *exit_status)
{
	(void)exit_status;
	return set(ctx, args, nargs);
}

const struct cmd cmd_config = {
	.name = "config",
	.summary = "Manage the npm configuration files",
	.synopsis = (const char *const[]){ "set <key>=<value> [<key>=<value> ...]",
					   "get [<key> [<key> ...]]", "delete <key> [<key> ...]",
					   "list [--json]", "edit", "fix", NULL },
	.aliases = (const char *const[]){ "c", NULL },
	.keys = (const enum cfg_key[]){ CFG_JSON, CFG_GLOBAL, CFG_EDITOR, CFG_LOCATION, CFG_LONG,
					CFG_END },
	.needs = CMD_SKIPS_CONFIG_CHECK | CMD_REFUSES_WORKSPACE_DIR,
	.doc = "config",
	.run = config_run,
};

const struct cmd cmd_get = {
	.name = "get",
	.summary = "Get a value from the npm configuration",
	.synopsis = (const char *const[]){ "[<key> ...]", NULL },
	.keys = (const enum cfg_key[]){ CFG_LONG, CFG_JSON, CFG_END },
	.needs = CMD_SKIPS_CONFIG_CHECK | CMD_REFUSES_WORKSPACE_DIR,
	.doc = "config",
	.run = get_run,
};

const struct cmd cmd_set = {
	.name = "set",
	.summary = "Set a value in the npm configuration",
	.synopsis = (const char *const[]){ "<key>=<value> [<key>=<value> ...]", NULL },
	.keys = (const enum cfg_key[]){ CFG_GLOBAL, CFG_LOCATION, CFG_END },
	.needs = CMD_SKIPS_CONFIG_CHECK | CMD_REFUSES_WORKSPACE_DIR,
	.doc = "config",
	.run = set_run,
};
