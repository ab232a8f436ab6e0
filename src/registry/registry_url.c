/* SPDX-License-Identifier: MIT
 * Names become URLs here and nowhere else, so that the check of T15 stands in one place; and locked
 * URLs are pointed at the configured registry here, so that `resolved` of one machine works behind
 * the mirror of another. */
#include "cpm/registry/registry_url.h"

#include "cpm/build_config.h"
#include "url.h"

#define NAME_MAX_BYTES 214

/* What may stand in a path as it is. Old packages have odd names; these bytes would end the path or
 * escape it. */
static bool is_name_safe(str name)
{
	size_t slash = str_find_char(name, '/');
	str last = slash == STR_NPOS ? name : str_from(name, slash + 1);

	if (str_is_empty(last) || name.len > NAME_MAX_BYTES || str_starts(name, S(".")) ||
	    str_starts(last, S(".")))
		return false;
	if ((slash != STR_NPOS) != (name.p[0] == '@') || str_find_char(last, '/') != STR_NPOS)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c <= ' ' || c >= 0x7f || strchr("\\%?#:\"<>", c))
			return false;
	}
	return true;
}

str registry_service_url(struct arena *a, const struct cfg *cfg, str name, const char *before,
			 const char *after)
{
	str registry = cfg_registry_for(cfg, name);

	if (!is_name_safe(name))
		return STR_NULL;
	while (str_ends(registry, S("/")))
		registry.len--;
	name = str_replace_all(a, name, S("/"), S("%2f"));
	return str_printf(a, STR_FMT "/%s" STR_FMT "%s", STR_ARG(registry), before, STR_ARG(name),
			  after);
}

str registry_packument_url(struct arena *a, const struct cfg *cfg, str name)
{
	return registry_service_url(a, cfg, name, "", "");
}

static str without_slash(str path)
{
	if (str_ends(path, S("/")))
		path.len--;
	return path;
}

static bool has_path_prefix(str path, str prefix)
{
	return str_starts(path, prefix) && (path.len == prefix.len || path.p[prefix.len] == '/');
}

/* What `replace-registry-host` matches: a host, or a host and a path. */
struct replace_rule {
	bool is_any;
	str host;
	str path; /* null: any */
};

static struct replace_rule replace_rule(struct arena *a, const struct cfg *cfg)
{
	str value = cfg_text(cfg, CFG_REPLACE_REGISTRY_HOST);
	struct replace_rule rule = { .is_any = str_eq(value, S("always")) };
	struct url u;

	if (str_is_empty(value) || str_eq(value, S("npmjs"))) {
		rule.host = url_parse(a, S(CPM_DEFAULT_REGISTRY), &u) ? u.host : STR_NULL;
	} else if (url_parse(a, value, &u)) {
		rule.host = u.host;
		rule.path = without_slash(u.path);
		if (str_is_empty(rule.path))
			rule.path = STR_NULL;
	} else {
		rule.host = value;
	}
	return rule;
}

static bool rule_matches(const struct replace_rule *rule, const struct url *u)
{
	if (!rule->is_any && !str_eq(u->host, rule->host))
		return false;
	return str_is_null(rule->path) || has_path_prefix(u->path, rule->path);
}

str registry_fetch_url(struct arena *a, const struct cfg *cfg, str resolved)
{
	struct replace_rule rule = replace_rule(a, cfg);
	struct url u, registry;
	str base;

	if (!url_parse(a, resolved, &u))
		return STR_NULL;
	if (!rule_matches(&rule, &u) || !url_parse(a, cfg_registry_for(cfg, S("")), &registry))
		return resolved;
	base = without_slash(registry.path);
	if (!str_is_null(rule.path))
		u.path = str_concat(a, base, str_from(u.path, rule.path.len));
	else if (!has_path_prefix(u.path, base))
		u.path = str_concat(a, base, u.path);
	u.scheme = registry.scheme;
	u.host = registry.host;
	u.port = registry.port;
	return url_format(a, &u);
}

bool registry_owns_tarball(const struct cfg *cfg, str name, str version, str url)
{
	ARENA_SCOPE(tmp);
	size_t slash = str_find_char(name, '/');
	str base = slash == STR_NPOS ? name : str_from(name, slash + 1);
	struct url u, registry;
	str wanted, path;

	if (!url_parse(tmp, url, &u) || !url_parse(tmp, cfg_registry_for(cfg, name), &registry))
		return false;
	wanted = str_printf(tmp, STR_FMT "/" STR_FMT "/-/" STR_FMT "-" STR_FMT ".tgz",
			    STR_ARG(without_slash(registry.path)), STR_ARG(name), STR_ARG(base),
			    STR_ARG(version));
	path = str_replace_all(tmp, u.path, S("%2f"), S("/"));
	path = str_replace_all(tmp, path, S("%2F"), S("/"));
	path = str_replace_all(tmp, path, S("%40"), S("@"));
	return url_same_origin(&u, &registry) && str_eq(path, wanted);
}
