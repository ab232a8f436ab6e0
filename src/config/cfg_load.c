/* SPDX-License-Identifier: MIT
 * The layers in the order in which each can say where the next one lies: defaults, command line,
 * environment, then the user's and the machine's files, and the project's last, because by then it
 * is known what a project may say. */
#include "cfg_priv.h"

#include "cpm/base/fs.h"
#include "cpm/base/path.h"

#include <pwd.h>
#include <unistd.h>

#define NPMRC_MAX_BYTES (4u << 20)

/* ---- looking ---- */

const struct cfg_setting *cfg_find(const struct cfg *c, str key, enum cfg_layer *layer)
{
	for (enum cfg_layer l = 0; l < CFG_LAYER_COUNT; l++) {
		const struct cfg_setting *s = map_get(&c->places[l].settings, key);
		if (s) {
			if (layer)
				*layer = l;
			return s;
		}
	}
	return NULL;
}

const struct cfg_value *cfg_find_value(const struct cfg *c, enum cfg_key key)
{
	return &cfg_find(c, str_view(cfg_row(key)->key), NULL)->value;
}

/* ---- one key into one layer ---- */

/* Keys that mean different places for one thing: only one of a group may be set. */
static const enum cfg_key exclusive[][5] = {
	{ CFG_SAVE_DEV, CFG_SAVE_OPTIONAL, CFG_SAVE_PEER, CFG_SAVE_PROD, CFG_END },
	{ CFG_EXPECT_RESULT_COUNT, CFG_EXPECT_RESULTS, CFG_END },
	{ CFG_PROVENANCE, CFG_PROVENANCE_FILE, CFG_END },
};

static const enum cfg_key *group_of(enum cfg_key key)
{
	for (size_t g = 0; g < ARRAY_LEN(exclusive); g++)
		for (const enum cfg_key *k = exclusive[g]; *k != CFG_END; k++)
			if (*k == key)
				return exclusive[g];
	return NULL;
}

/* E_GENERIC when another of the group is set already; an environment variable just yields to the
 * command line. */
static struct err *check_exclusive(const struct cfg *c, enum cfg_layer layer,
				   const struct cfg_row *row, bool *yields)
{
	const enum cfg_key *group = row ? group_of(row->id) : NULL;

	for (; group && *group != CFG_END; group++) {
		enum cfg_layer where;
		if (*group == row->id || !cfg_find(c, str_view(cfg_row(*group)->key), &where) ||
		    where == CFG_LAYER_DEFAULT)
			continue;
		if (layer != CFG_LAYER_ENV || where != CFG_LAYER_CLI)
			return err_new(E_GENERIC, "--%s cannot be provided when using --%s",
				       row->key, cfg_row(*group)->key);
		*yields = true;
		return NULL;
	}
	return NULL;
}

static const char *deprecation(enum cfg_key key)
{
	switch (key) {
	case CFG_ALSO:
	case CFG_DEV:
		return "Please use --include=dev instead.";
	case CFG_CACHE_MAX:
		return "This option has been deprecated in favor of `--prefer-online`";
	case CFG_CACHE_MIN:
		return "This option has been deprecated in favor of `--prefer-offline`.";
	case CFG_GLOBAL_STYLE:
		return "This option has been deprecated in favor of `--install-strategy=shallow`";
	case CFG_LEGACY_BUNDLING:
		return "This option has been deprecated in favor of `--install-strategy=nested`";
	case CFG_ONLY:
		return "Use `--omit=dev` to omit dev dependencies from the install.";
	case CFG_OPTIONAL:
		return "Use `--omit=optional` to leave optional dependencies out, or "
		       "`--include=optional` to include them.";
	case CFG_PRODUCTION:
		return "Use `--omit=dev` instead.";
	case CFG_CLIENT_CERT:
	case CFG_CLIENT_KEY:
		return "Use `//<registry>/:certfile` and `//<registry>/:keyfile` instead.";
	default:
		return NULL;
	}
}

static void warn_deprecated(struct arena *a, const struct cfg_row *row)
{
	const char *hint = deprecation(row->id);
	str now = str_replace_all(a, str_view(row->key), S("."), S("-"));

	if (hint)
		log_warn("config", "%s %s", row->key, hint);
	else /* "init.author.name" is now "init-author-name" */
		log_warn("config", "%s Use `--" STR_FMT "` instead.", row->key, STR_ARG(now));
}

static bool is_credential_name(str key)
{
	static const char *const names[] = { "_auth", "_authToken", "_password", "certfile",
					     "email", "keyfile",    "username",  NULL };

	for (const char *const *n = names; *n; n++)
		if (str_eq(str_view(*n), key))
			return true;
	return false;
}

/* Variables npm itself hands to its scripts, and so finds again when a script calls it. */
static bool is_internal(str key)
{
	return str_eq(key, S("npm-version")) || str_eq(key, S("global-prefix")) ||
	       str_eq(key, S("nodedir")) ||
	       str_eq(key, S("local-prefix"));
}

static void note_unknown(struct cfg *c, enum cfg_layer layer, str key)
{
	str base = STR_NULL;
	size_t colon = str_rfind_char(key, ':');

	if (colon != STR_NPOS) {
		base = str_from(key, colon + 1);
		if (cfg_row_by_name(base) || is_credential_name(base))
			return;
	} else if (is_internal(key)) {
		return;
	}
	VEC_PUSH(c->arena, &c->unknown, (struct cfg_unknown){ layer, key, base });
	if (layer != CFG_LAYER_ENV)
		return;
	str quoted = str_is_null(base) ? str_printf(c->arena, "\"" STR_FMT "\"", STR_ARG(key))
				       : str_printf(c->arena, "\"" STR_FMT "\" (" STR_FMT ")",
						    STR_ARG(base), STR_ARG(key));
	log_warn(NULL,
		 "Unknown env config " STR_FMT
		 ". This will error in a future major version of npm. "
		 "See `npm help npmrc` for supported config options.",
		 STR_ARG(quoted));
}

static struct cfg_value untyped(struct arena *a, const npmrc_values *raw, bool is_list)
{
	if (is_list) {
		str *items = ARENA_ARRAY(a, str, raw->len);
		for (size_t i = 0; i < raw->len; i++)
			items[i] = raw->items[i].text;
		return (struct cfg_value){ .kind = VALUE_LIST, .items = items, .count = raw->len };
	}
	struct npmrc_value v = VEC_LAST(raw);
	switch (v.kind) {
	case NPMRC_TRUE:
	case NPMRC_FALSE:
		return (struct cfg_value){ .kind = VALUE_BOOL,
					   .boolean = v.kind == NPMRC_TRUE,
					   .text = v.text };
	case NPMRC_NULL:
		return (struct cfg_value){ .kind = VALUE_NULL };
	default:
		return (struct cfg_value){ .kind = VALUE_TEXT, .text = str_trim_js(v.text) };
	}
}

struct err *cfg_put(struct cfg *c, enum cfg_layer layer, str raw_key, const npmrc_values *raw,
		    bool is_list)
{
	struct arena *a = c->arena;
	str key = npmrc_expand(a, raw_key, c->environ);
	const struct cfg_row *row = cfg_row_by_name(key);
	npmrc_values expanded = { 0 };
	bool yields = false;

	TRY(check_exclusive(c, layer, row, &yields));
	if (yields)
		return NULL;
	if (!row)
		note_unknown(c, layer, raw_key);
	VEC_EACH (struct npmrc_value, v, raw) {
		struct npmrc_value one = *v;
		one.text = npmrc_expand(a, v->text, c->environ);
		VEC_PUSH(a, &expanded, one);
	}

	struct cfg_setting *s = ARENA_NEW(a, struct cfg_setting);
	s->key = key;
	s->row = row;
	if (!row)
		s->value = untyped(a, &expanded, is_list);
	else if (!cfg_value_parse_all(c, row, &expanded, is_list, c->places[layer].source,
				      &s->value))
		return NULL;
	if (row && row->flags & CFG_DEPRECATED)
		warn_deprecated(a, row);
	map_put(&c->places[layer].settings, key, s);
	return NULL;
}

/* ---- files ---- */

static struct err *load_file(struct cfg *c, enum cfg_layer layer, str path)
{
	npmrc_entries entries = { 0 };
	str text;

	c->places[layer].source = path;
	struct err *e = fs_read_all(c->arena, AT_FDCWD, str_cstr(c->arena, path), NPMRC_MAX_BYTES,
				    &text);
	if (e) {
		if (!err_is(e, E_NO_ENTRY) && !err_is(e, E_NOT_DIRECTORY)) {
			ARENA_SCOPE(tmp);
			str why = err_text(tmp, e);
			str name = cfg_layer_name(layer);
			log_verbose("config", "error loading " STR_FMT " config: " STR_FMT,
				    STR_ARG(name), STR_ARG(why));
		}
		err_ignore(e);
		return NULL;
	}
	npmrc_parse(c->arena, text, &entries);
	VEC_EACH (struct npmrc_entry, entry, &entries) {
		if (layer == CFG_LAYER_PROJECT && !entry->is_section &&
		    !cfg_guard_allows(c, entry->key, &entry->values))
			continue;
		TRY(cfg_put(c, layer, entry->key, &entry->values, entry->is_list));
	}
	return NULL;
}

static str global_config_path(const struct cfg *c)
{
	const struct cfg_value *given = cfg_find_value(c, CFG_GLOBALCONFIG);

	if (given->kind == VALUE_TEXT && given->text.len > 0)
		return given->text;
	return path_join(c->arena, cfg_find_value(c, CFG_PREFIX)->text, S("etc/npmrc"));
}

static struct err *load_project_file(struct cfg *c)
{
	struct cfg_place *project = &c->places[CFG_LAYER_PROJECT];
	str path = path_join(c->arena, c->local_prefix, S(".npmrc"));

	if (cfg_find_value(c, CFG_GLOBAL)->boolean ||
	    str_eq(cfg_find_value(c, CFG_LOCATION)->text, S("global"))) {
		project->source = S("(global mode enabled, ignored)");
		return NULL;
	}
	if (str_eq(path, cfg_find_value(c, CFG_USERCONFIG)->text)) {
		project->source = S("(same as \"user\" config, ignored)");
		return NULL;
	}
	TRY(load_file(c, CFG_LAYER_PROJECT, path));
	cfg_guard_explain(c);
	return NULL;
}

static void default_path(struct cfg *c, enum cfg_key key, str path)
{
	struct cfg_setting *s = map_get(&c->places[CFG_LAYER_DEFAULT].settings,
					str_view(cfg_row(key)->key));
	s->value = (struct cfg_value){ .kind = VALUE_TEXT, .text = path };
}

/* ---- the whole ---- */

/* HOME wins over what the system says, as everywhere on Unix. */
static str find_home(struct arena *a, const char *const *environ_)
{
	str home = npmrc_getenv(environ_, "HOME");
	const struct passwd *user = home.len > 0 ? NULL : getpwuid(geteuid());

	return user ? str_dup(a, str_view(user->pw_dir)) : home;
}

static void settle(struct cfg *c)
{
	for (enum cfg_layer l = CFG_LAYER_COUNT; l-- > 0;) {
		for (struct map_iter it = map_iter(&c->places[l].settings); map_next(&it);) {
			const struct cfg_setting *s = it.val;
			if (!s->row)
				continue;
			c->in_force[s->row->id] = s->value;
			c->in_force_from[s->row->id] = l;
		}
	}
}

struct err *cfg_load(struct arena *a, const struct cfg_input *in, struct cfg **out)
{
	struct cfg *c = ARENA_NEW(a, struct cfg);

	c->arena = a;
	c->environ = in->environ;
	c->cwd = in->cwd;
	c->exec_prefix = in->exec_prefix;
	c->is_terminal = in->is_terminal;
	c->home = find_home(a, in->environ);
	for (enum cfg_layer l = 0; l < CFG_LAYER_COUNT; l++)
		map_init(&c->places[l].settings, a);

	cfg_load_defaults(c);
	TRY(load_file(c, CFG_LAYER_BUILTIN, path_join(a, c->exec_prefix, S("lib/cpm/npmrc"))));
	TRY(cfg_load_argv(c, in->argv));
	TRY(cfg_load_environ(c));
	TRY(cfg_find_prefix(c));
	TRY(load_file(c, CFG_LAYER_USER, cfg_find_value(c, CFG_USERCONFIG)->text));
	TRY(load_file(c, CFG_LAYER_GLOBAL, global_config_path(c)));
	TRY(load_project_file(c));

	c->global_prefix = cfg_find_value(c, CFG_PREFIX)->text;
	default_path(c, CFG_GLOBALCONFIG, path_join(a, c->global_prefix, S("etc/npmrc")));
	default_path(c, CFG_GLOBAL_IGNORE_FILE, path_join(a, c->global_prefix, S("etc/npmignore")));
	settle(c);
	*out = c;
	return NULL;
}
