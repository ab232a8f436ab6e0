/* SPDX-License-Identifier: MIT
 * Reading settings, and the few that are made of several keys: what to omit, the registry of a
 * name, the cut-off date. */
#include "cfg_priv.h"

#include "cpm/base/json.h"
#include "cpm/config/cfg_date.h"
#include "cpm/build_config.h"

#include <time.h>

const str *cfg_positionals(const struct cfg *c, size_t *count)
{
	*count = c->positionals.len;
	return c->positionals.items;
}

bool cfg_bool(const struct cfg *c, enum cfg_key key)
{
	return cfg_value_is_truthy(&c->in_force[key]);
}

bool cfg_is_null(const struct cfg *c, enum cfg_key key)
{
	return c->in_force[key].kind == VALUE_NULL;
}

double cfg_number(const struct cfg *c, enum cfg_key key)
{
	return c->in_force[key].kind == VALUE_NUMBER ? c->in_force[key].number : 0;
}

str cfg_text(const struct cfg *c, enum cfg_key key)
{
	return c->in_force[key].kind == VALUE_TEXT ? c->in_force[key].text : STR_NULL;
}

const str *cfg_list(const struct cfg *c, enum cfg_key key, size_t *count)
{
	const struct cfg_value *v = &c->in_force[key];

	*count = v->kind == VALUE_LIST ? v->count : v->kind == VALUE_TEXT && v->text.len > 0;
	return v->kind == VALUE_LIST ? v->items : &v->text;
}

bool cfg_list_has(const struct cfg *c, enum cfg_key key, str value)
{
	size_t count;
	const str *items = cfg_list(c, key, &count);

	for (size_t i = 0; i < count; i++)
		if (str_eq(items[i], value))
			return true;
	return false;
}

enum cfg_layer cfg_source(const struct cfg *c, enum cfg_key key)
{
	return c->in_force_from[key];
}

void cfg_force(struct cfg *c, enum cfg_key key, const char *value)
{
	struct npmrc_value raw = NPMRC_VALUE(str_view(value));

	if (value && cfg_value_parse(c, cfg_row(key), raw, &c->in_force[key]))
		c->in_force_from[key] = CFG_LAYER_CLI;
	if (!value)
		c->in_force[key] = (struct cfg_value){ .kind = VALUE_NULL };
}

struct cfg *cfg_in_folder(struct arena *a, const struct cfg *c, str dir)
{
	struct cfg *copy = ARENA_NEW(a, struct cfg);

	*copy = *c;
	copy->local_prefix = dir;
	copy->implicit_workspace = STR_NULL;
	cfg_force(copy, CFG_WORKSPACE, NULL);
	cfg_force(copy, CFG_WORKSPACES, NULL);
	cfg_force(copy, CFG_GLOBAL, "false");
	cfg_force(copy, CFG_LOCATION, "user");
	return copy;
}

struct cfg *cfg_for_publishing(struct arena *a, const struct cfg *c, const struct json *own)
{
	struct cfg *copy = ARENA_NEW(a, struct cfg);

	*copy = *c;
	copy->publish_config = own;
	for (size_t i = 0; json_is(own, JSON_OBJECT) && i < own->count; i++) {
		const struct cfg_row *row = cfg_row_by_name(own->members[i].key);
		const struct json *value = own->members[i].val;
		struct str_buf text = str_buf(a, 1 << 16);

		if (!row || cfg_source(c, row->id) == CFG_LAYER_CLI ||
		    json_is(value, JSON_OBJECT) || json_is(value, JSON_ARRAY))
			continue;
		if (json_is(value, JSON_STRING))
			buf_add(&text, value->string);
		else
			json_write(&text, value, (struct json_style){ S(""), S("") });
		cfg_force(copy, row->id, buf_cstr(&text));
	}
	return copy;
}

struct cfg *cfg_globally(struct arena *a, const struct cfg *c, str dir)
{
	struct cfg *copy = ARENA_NEW(a, struct cfg);

	*copy = *c;
	copy->local_prefix = dir;
	cfg_force(copy, CFG_GLOBAL, "true");
	return copy;
}

str cfg_local_prefix(const struct cfg *c)
{
	return c->local_prefix;
}

str cfg_global_prefix(const struct cfg *c)
{
	return c->global_prefix;
}

str cfg_cwd(const struct cfg *c)
{
	return c->cwd;
}

str cfg_home(const struct cfg *c)
{
	return c->home;
}

str cfg_getenv(const struct cfg *c, const char *name)
{
	return npmrc_getenv(c->environ, name);
}

str cfg_implicit_workspace(const struct cfg *c)
{
	return c->implicit_workspace;
}

str cfg_raw(const struct cfg *c, str key)
{
	enum cfg_layer layer = CFG_LAYER_COUNT;
	const struct cfg_setting *s = cfg_find(c, key, &layer);
	const struct json *own = json_get_str(c->publish_config, key);

	if (json_is(own, JSON_STRING) && str_starts(key, S("@")) && layer != CFG_LAYER_CLI)
		return own->string;
	return s ? s->value.text : STR_NULL;
}

bool cfg_has_host_keys(const struct cfg *c)
{
	for (enum cfg_layer l = 0; l < CFG_LAYER_COUNT; l++)
		for (struct map_iter it = map_iter(&c->places[l].settings); map_next(&it);)
			if (str_starts(it.key, S("//")))
				return true;
	return false;
}

bool cfg_is_global(const struct cfg *c)
{
	return cfg_bool(c, CFG_GLOBAL) || str_eq(cfg_text(c, CFG_LOCATION), S("global"));
}

static str with_slash(struct arena *a, str url)
{
	return str_ends(url, S("/")) ? url : str_concat(a, url, S("/"));
}

str cfg_registry_for(const struct cfg *c, str name)
{
	if (str_starts(name, S("@"))) {
		str scope = str_slice(name, 0, MIN(str_find_char(name, '/'), name.len));
		str url = cfg_raw(c, str_printf(c->arena, STR_FMT ":registry", STR_ARG(scope)));
		if (url.len > 0)
			return with_slash(c->arena, url);
	}
	return with_slash(c->arena, cfg_text(c, CFG_REGISTRY));
}

static bool kind_is_omitted(const struct cfg *c, str kind, bool omit_too, bool include_too)
{
	bool is_omitted = omit_too || cfg_list_has(c, CFG_OMIT, kind);
	return is_omitted && !include_too && !cfg_list_has(c, CFG_INCLUDE, kind);
}

struct cfg_omit cfg_omit(const struct cfg *c)
{
	const struct cfg_value *production = &c->in_force[CFG_PRODUCTION],
			       *optional = &c->in_force[CFG_OPTIONAL];
	bool only_prod = str_starts(cfg_text(c, CFG_ONLY), S("prod")) || production->boolean;
	bool not_prod = production->kind == VALUE_BOOL && !production->boolean && !only_prod;
	bool also_dev = str_starts(cfg_text(c, CFG_ALSO), S("dev")) || cfg_bool(c, CFG_DEV) ||
			not_prod;
	bool no_optional = optional->kind == VALUE_BOOL && !optional->boolean;

	return (struct cfg_omit){
		.dev = kind_is_omitted(c, S("dev"), only_prod, also_dev),
		.optional = kind_is_omitted(c, S("optional"), no_optional, optional->boolean),
		.peer = kind_is_omitted(c, S("peer"), false, false),
	};
}

str cfg_before(struct arena *a, const struct cfg *c)
{
	enum cfg_layer date = cfg_source(c, CFG_BEFORE), age = cfg_source(c, CFG_MIN_RELEASE_AGE);

	if (cfg_is_null(c, CFG_MIN_RELEASE_AGE) || (!cfg_is_null(c, CFG_BEFORE) && date <= age))
		return cfg_text(c, CFG_BEFORE);
	return cfg_date_days_ago(a, time(NULL), cfg_number(c, CFG_MIN_RELEASE_AGE));
}

str cfg_install_strategy(const struct cfg *c)
{
	if (cfg_bool(c, CFG_GLOBAL_STYLE) || cfg_is_global(c))
		return S("shallow");
	return cfg_bool(c, CFG_LEGACY_BUNDLING) ? S("nested") : cfg_text(c, CFG_INSTALL_STRATEGY);
}
