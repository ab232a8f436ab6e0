/* SPDX-License-Identifier: MIT
 * Settings on their way into the environment of scripts. A script that starts npm or us again, and
 * tools that read npm_config_*, must see what this run was told. */
#include "cfg_priv.h"

#include <ctype.h>

static bool is_proxy(const struct cfg_setting *s)
{
	return s->row && (s->row->id == CFG_PROXY || s->row->id == CFG_HTTPS_PROXY);
}

static bool is_confidential(struct arena *a, const struct cfg_setting *s, str text)
{
	return (s->row && s->row->id == CFG_OTP) || cfg_is_secret(a, s->key, text);
}

str cfg_without_user(struct arena *a, str url)
{
	size_t scheme = str_find(url, S("://")), at;
	size_t from = scheme == STR_NPOS ? 0 : scheme + 3;
	str rest = str_from(url, from),
	    host = str_slice(rest, 0, MIN(str_find_any(rest, "/?#"), rest.len));

	at = str_rfind_char(host, '@');
	if (at == STR_NPOS)
		return url;
	return str_concat(a, str_slice(url, 0, from), str_from(rest, at + 1));
}

static bool is_exported(const struct cfg_setting *s)
{
	if (s->key.len == 0 || strchr("/@_", s->key.p[0]))
		return false;
	return !s->row || !(s->row->flags & (CFG_DEPRECATED | CFG_NO_EXPORT | CFG_OWN));
}

/* npm compares with the default as it is written, so that paths, which are made absolute, and the
 * one list whose default is a text always differ. */
static bool is_default(struct arena *a, const struct cfg *c, const struct cfg_setting *s)
{
	const struct cfg_setting *def = map_get(&c->places[CFG_LAYER_DEFAULT].settings, s->key);

	if (!def)
		return false;
	if (s->row && (s->row->id == CFG_NOPROXY ||
		       (s->row->type == CFG_TYPE_PATH && s->value.kind == VALUE_TEXT)))
		return false;
	return str_eq(cfg_value_json(a, &s->value), cfg_value_json(a, &def->value));
}

static str variable_name(struct arena *a, str key)
{
	char *name = str_cstr(a, str_concat(a, S("npm_config_"), key));

	for (char *p = name; *p; p++)
		*p = *p == '-' ? '_' : (char)tolower((unsigned char)*p);
	return str_view(name);
}

static str variable_value(struct arena *a, const struct cfg_value *v)
{
	if (v->kind == VALUE_NULL || (v->kind == VALUE_BOOL && !v->boolean))
		return S("");
	if (v->kind == VALUE_LIST)
		return str_join(a, v->items, v->count, S("\n\n"));
	return cfg_value_plain(a, v);
}

/* In the environment already, and with nothing above it. A default that the command line put back
 * must be said again. */
static bool is_inherited(const struct cfg *c, str key, enum cfg_layer layer, bool is_plain)
{
	bool is_in_environment = map_has(&c->places[CFG_LAYER_ENV].settings, key);

	return is_plain ? !is_in_environment || layer == CFG_LAYER_ENV : layer == CFG_LAYER_ENV;
}

const struct cfg_export *cfg_exports(struct arena *a, const struct cfg *c, size_t *count)
{
	VEC(struct cfg_export) out = { 0 };
	struct map seen;

	map_init(&seen, a);
	for (enum cfg_layer l = 0; l < CFG_LAYER_COUNT; l++) {
		for (struct map_iter it = map_iter(&c->places[l].settings); map_next(&it);) {
			const struct cfg_setting *s = it.val;
			bool is_plain;

			if (map_put(&seen, s->key, it.val) || !is_exported(s))
				continue;
			is_plain = is_default(a, c, s);
			str value = variable_value(a, &s->value);
			if (is_proxy(s))
				value = cfg_without_user(a, value);
			if (!is_inherited(c, s->key, l, is_plain) && !is_confidential(a, s, value))
				VEC_PUSH(a, &out,
					 (struct cfg_export){ variable_name(a, s->key), value });
		}
	}
	*count = out.len;
	return out.items;
}
