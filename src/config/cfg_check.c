/* SPDX-License-Identifier: MIT
 * Checks that wait until the command is known, because a few commands must work with a broken
 * configuration: unknown keys (npm-cli.md 3.9) and credentials that are not bound to a registry
 * (3.4, T32). */
#include "cfg_priv.h"

static bool is_file_layer(enum cfg_layer l)
{
	return l == CFG_LAYER_PROJECT || l == CFG_LAYER_USER || l == CFG_LAYER_GLOBAL ||
	       l == CFG_LAYER_BUILTIN;
}

static str quoted_key(struct arena *a, const struct cfg_unknown *u)
{
	if (str_is_null(u->base_key))
		return str_printf(a, "\"" STR_FMT "\"", STR_ARG(u->key));
	return str_printf(a, "\"" STR_FMT "\" (" STR_FMT ")", STR_ARG(u->base_key),
			  STR_ARG(u->key));
}

static void add_unknown_flags(const struct cfg *c, struct str_buf *out, size_t count)
{
	buf_printf(out, "Unknown cli flag%s:\n", count == 1 ? "" : "s");
	VEC_EACH (struct cfg_unknown, u, &c->unknown) {
		if (u->layer != CFG_LAYER_CLI)
			continue;
		if (str_is_null(u->base_key))
			buf_printf(out, "  - --" STR_FMT "\n", STR_ARG(u->key));
		else
			buf_printf(out, "  - --" STR_FMT " (" STR_FMT ")\n", STR_ARG(u->base_key),
				   STR_ARG(u->key));
	}
	buf_add_cstr(out, "Run `npm help config` for supported options.");
}

static void add_unknown_keys(const struct cfg *c, struct str_buf *out, size_t count)
{
	buf_printf(out, "%sUnknown npm configuration key%s:\n", out->len ? "\n\n" : "",
		   count == 1 ? "" : "s");
	VEC_EACH (struct cfg_unknown, u, &c->unknown) {
		if (!is_file_layer(u->layer))
			continue;
		str layer = cfg_layer_name(u->layer), key = quoted_key(c->arena, u),
		    source = c->places[u->layer].source;
		buf_printf(out, "  - " STR_FMT " config " STR_FMT " from " STR_FMT "\n",
			   STR_ARG(layer), STR_ARG(key), STR_ARG(source));
	}
	buf_add_cstr(out, "See `npm help npmrc` for supported config options.");
}

struct err *cfg_check_unknown(const struct cfg *c)
{
	struct str_buf text = str_buf(c->arena, 1 << 20);
	bool is_strict = cfg_bool(c, CFG_STRICT_NPMRC);
	size_t flags = 0, keys = 0;

	VEC_EACH (str, word, &c->stray)
		log_warn(NULL, "\"" STR_FMT "\" is being parsed as a normal command line argument.",
			 STR_ARG(*word));
	VEC_EACH (struct cfg_unknown, u, &c->unknown) {
		flags += u->layer == CFG_LAYER_CLI;
		keys += is_file_layer(u->layer);
		if (!is_file_layer(u->layer) || is_strict)
			continue;
		str layer = cfg_layer_name(u->layer), key = quoted_key(c->arena, u);
		log_warn(NULL,
			 "Unknown " STR_FMT " config " STR_FMT
			 ". This will stop working in the next major version of npm. "
			 "See `npm help npmrc` for supported config options.",
			 STR_ARG(layer), STR_ARG(key));
	}
	if (flags > 0)
		add_unknown_flags(c, &text, flags);
	if (keys > 0 && is_strict)
		add_unknown_keys(c, &text, keys);
	if (text.len == 0)
		return NULL;
	return err_new(E_UNKNOWN_CONFIG, STR_FMT, STR_ARG(buf_view(&text)));
}

/* "//host/path/" of the registry in force: where a stray credential most likely belongs. */
static str registry_key(const struct cfg *c)
{
	str url = cfg_registry_for(c, S(""));
	url = str_from(url, str_find(url, S("//")));
	size_t at = str_find_char(url, '@');
	str host = at == STR_NPOS ? str_from(url, 2) : str_from(url, at + 1);
	return str_concat(c->arena, S("//"), str_slice(host, 0, str_rfind_char(host, '/') + 1));
}

static bool has(const struct cfg *c, enum cfg_layer layer, str key)
{
	const struct cfg_setting *s = map_get(&c->places[layer].settings, key);
	return s && cfg_value_is_truthy(&s->value);
}

typedef VEC(struct cfg_auth_problem) problem_vec;

static void add_layer(problem_vec *out, const struct cfg *c, enum cfg_layer l)
{
	/* A key with a partner is only of use together with it. */
	static const struct {
		str key, partner;
		bool is_ever_allowed;
	} rows[] = {
		{ S("_authtoken"), { NULL, 0 }, false }, { S("-authtoken"), { NULL, 0 }, false },
		{ S("_auth"), { NULL, 0 }, true },       { S("_authToken"), { NULL, 0 }, true },
		{ S("username"), S("_password"), true }, { S("_password"), S("username"), true },
		{ S("email"), { NULL, 0 }, true },       { S("certfile"), S("keyfile"), true },
		{ S("keyfile"), S("certfile"), true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool is_whole = !rows[i].partner.p || has(c, l, rows[i].partner);
		struct cfg_auth_problem p = { .layer = l, .key = rows[i].key };

		if (!has(c, l, p.key))
			continue;
		if (rows[i].is_ever_allowed && is_whole)
			p.rename_to = str_printf(c->arena, STR_FMT ":" STR_FMT,
						 STR_ARG(registry_key(c)), STR_ARG(p.key));
		VEC_PUSH(c->arena, out, p);
	}
}

const struct cfg_auth_problem *cfg_auth_problems(const struct cfg *c, size_t *count)
{
	problem_vec out = { 0 };

	add_layer(&out, c, CFG_LAYER_GLOBAL);
	add_layer(&out, c, CFG_LAYER_USER);
	add_layer(&out, c, CFG_LAYER_PROJECT);
	*count = out.len;
	return out.items;
}

struct err *cfg_check_auth(const struct cfg *c)
{
	struct str_buf text = str_buf(c->arena, 1 << 16);
	const struct cfg_auth_problem *problems;
	size_t count;

	problems = cfg_auth_problems(c, &count);
	for (size_t i = 0; i < count; i++) {
		const struct cfg_auth_problem *p = &problems[i];

		buf_printf(&text, "%s`" STR_FMT "` ", i ? ", " : "", STR_ARG(p->key));
		if (p->rename_to.len)
			buf_printf(&text, "must be renamed to `" STR_FMT "`", STR_ARG(p->rename_to));
		else
			buf_add_cstr(&text, "is not allowed");
		buf_printf(&text, " in " STR_FMT " config", STR_ARG(cfg_layer_name(p->layer)));
	}
	if (!count)
		return NULL;
	return err_new(E_INVALID_AUTH,
		       "Invalid auth configuration found: " STR_FMT
		       "\nPlease run `npm config fix` to repair your configuration.`",
		       STR_ARG(buf_view(&text)));
}
