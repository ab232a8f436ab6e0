/* SPDX-License-Identifier: MIT
 * What a project's .npmrc may not do. The file comes with the code, so whoever can change the code
 * can change it, and npm lets it name the programs we start, switch off certificate checks, and put
 * any environment variable into a URL that we then fetch (threats.md T19, T34). Here such settings
 * are ignored, loudly, unless the user has said that this project is trusted (trusted-projects,
 * which is read from the user's own places only).
 *
 * Compatible use keeps working in one case that is too common to break: "${NPM_TOKEN}" as the
 * credential of a host that the user's own configuration already names as a registry, or of the
 * built-in registry. The secret goes nowhere new. */
#include "cfg_priv.h"

#include "cpm/base/path.h"

static const char *const protected_keys[] = { "git",
					      "script-shell",
					      "shell",
					      "browser",
					      "editor",
					      "node-options",
					      "cafile",
					      "ca",
					      "cache",
					      "prefix",
					      "userconfig",
					      "globalconfig",
					      "logs-dir",
					      "trusted-projects",
					      "runtime-pins",
					      "trusted-root",
					      "trusted-root-pin",
					      "db",
					      NULL };

static bool is_protected(str key)
{
	for (const char *const *k = protected_keys; *k; k++)
		if (str_eq(str_view(*k), key))
			return true;
	return false;
}

static bool is_trusted_project(const struct cfg *c)
{
	const struct cfg_value *trusted = cfg_find_value(c, CFG_TRUSTED_PROJECTS);

	for (size_t i = 0; i < trusted->count; i++) {
		str dir = trusted->items[i];
		if (str_eq(dir, S("*")) ||
		    path_is_under(c->local_prefix, path_resolve(c->arena, c->home, dir)))
			return true;
	}
	return false;
}

static bool is_registry_key(str key)
{
	return str_eq(key, S("registry")) || str_ends(key, S(":registry"));
}

static bool carries_credentials_or_hosts(str key)
{
	return is_registry_key(key) || str_starts(key, S("//")) || str_starts(key, S("_")) ||
	       str_eq(key, S("proxy")) || str_eq(key, S("https-proxy")) ||
	       str_eq(key, S("noproxy"));
}

/* "host:port" of "//host:port/path/:key" or "https://user@host:port/path". */
static str host_of(str url)
{
	size_t slashes = str_find(url, S("//"));
	str host = slashes == STR_NPOS ? STR_NULL : str_from(url, slashes + 2);
	host = str_slice(host, 0, MIN(str_find_any(host, "/?#"), host.len));
	return str_from(host, str_rfind_char(host, '@') + 1);
}

/* The user's own places, or the build, name this host as a registry. */
static bool is_known_host(const struct cfg *c, str host)
{
	for (enum cfg_layer layer = 0; layer < CFG_LAYER_COUNT; layer++) {
		if (layer == CFG_LAYER_PROJECT)
			continue;
		for (struct map_iter it = map_iter(&c->places[layer].settings); map_next(&it);) {
			const struct cfg_setting *s = it.val;
			if (is_registry_key(s->key) && str_eq_nocase(host_of(s->value.text), host))
				return true;
		}
	}
	return false;
}

static bool may_expand(const struct cfg *c, str key)
{
	if (!carries_credentials_or_hosts(key))
		return true;
	return str_starts(key, S("//")) && !npmrc_has_variable(key) &&
	       is_known_host(c, host_of(key));
}

static bool turns_checks_off(str key, struct npmrc_value v)
{
	return str_eq(key, S("strict-ssl")) && !str_eq(v.text, S("true")) && v.text.len > 0;
}

bool cfg_guard_allows(struct cfg *c, str key, const npmrc_values *raw)
{
	const struct cfg_place *project = &c->places[CFG_LAYER_PROJECT];
	bool is_refused = is_protected(key) || turns_checks_off(key, VEC_LAST(raw));
	bool has_variable = npmrc_has_variable(key);

	VEC_EACH (struct npmrc_value, v, raw)
		has_variable = has_variable || npmrc_has_variable(v->text);
	if (!is_refused && !(has_variable && !may_expand(c, key)))
		return true;
	if (is_trusted_project(c))
		return true;

	if (str_eq(key, S("prefix")))
		log_error("config", "prefix cannot be changed from project config: " STR_FMT ".",
			  STR_ARG(project->source));
	else if (is_refused)
		log_warn("config",
			 "ignoring " STR_FMT " from " STR_FMT ": a project may not set it",
			 STR_ARG(key), STR_ARG(project->source));
	else
		log_warn("config",
			 "ignoring " STR_FMT " from " STR_FMT
			 ": a project may not put environment variables into it",
			 STR_ARG(key), STR_ARG(project->source));
	c->has_refused = true;
	return false;
}

void cfg_guard_explain(const struct cfg *c)
{
	if (c->has_refused)
		log_warn("config",
			 "To allow it here, run: npm config set trusted-projects=" STR_FMT
			 " --location=user",
			 STR_ARG(c->local_prefix));
}
