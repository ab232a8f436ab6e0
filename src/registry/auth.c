/* SPDX-License-Identifier: MIT
 * Credentials belong to a host and a path: the key "//host/path/:_authToken". A key matches when
 * host, port and whole path segments do, after both sides were normalised; so "//h/team" never
 * serves "//h/team-evil" (T32). */
#include "cpm/registry/auth.h"

#include "cpm/base/digest.h"
#include "cpm/registry/http.h"
#include "url.h"

/* What one key prefix ("//host/path/") holds. */
struct auth_entry {
	str prefix;
	str token, auth, username, password, certfile, keyfile;
};

static str key_value(struct arena *a, const struct cfg *cfg, str prefix, const char *key)
{
	str value = cfg_raw(cfg, str_printf(a, STR_FMT ":%s", STR_ARG(prefix), key));

	return str_is_empty(value) ? STR_NULL : value;
}

static bool read_entry(struct arena *a, const struct cfg *cfg, str prefix, struct auth_entry *out)
{
	*out = (struct auth_entry){
		.prefix = prefix,
		.token = key_value(a, cfg, prefix, "_authToken"),
		.auth = key_value(a, cfg, prefix, "_auth"),
		.username = key_value(a, cfg, prefix, "username"),
		.password = key_value(a, cfg, prefix, "_password"),
		.certfile = key_value(a, cfg, prefix, "certfile"),
		.keyfile = key_value(a, cfg, prefix, "keyfile"),
	};
	return out->token.p || out->auth.p || (out->username.p && out->password.p) ||
	       (out->certfile.p && out->keyfile.p);
}

/* The nearest prefix that holds a credential: "//h/a/b", "//h/a/", "//h/a", "//h/", "//h". */
static bool find_entry(struct arena *a, const struct cfg *cfg, const struct url *u,
		       struct auth_entry *out)
{
	str host = url_host_port(a, u);
	str prefix = str_printf(a, "//" STR_FMT STR_FMT, STR_ARG(host), STR_ARG(u->path));
	size_t shortest = strlen("//") + host.len;

	for (;;) {
		if (read_entry(a, cfg, prefix, out))
			return true;
		if (prefix.len <= shortest)
			return false;
		if (prefix.p[prefix.len - 1] == '/')
			prefix.len--;
		else
			prefix.len = str_rfind_char(prefix, '/') + 1;
	}
}

/* A header made of configuration must stay one line. */
static bool is_header_safe(str value)
{
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f)
			return false;
	return true;
}

static str basic_credentials(struct arena *a, const struct auth_entry *e)
{
	str password;

	if (!base64_decode(a, e->password, &password))
		password = S("");
	return base64_encode(
		a, str_printf(a, STR_FMT ":" STR_FMT, STR_ARG(e->username), STR_ARG(password)));
}

/* "name:password" says the name. */
static str basic_username(struct arena *a, str encoded)
{
	str plain;

	if (!base64_decode(a, encoded, &plain))
		return STR_NULL;
	return str_slice(plain, 0, MIN(str_find_char(plain, ':'), plain.len));
}

/* The first in force of what the entry has; of two that go together the name. */
static str key_of_entry(struct arena *a, const struct auth_entry *e)
{
	const char *key = e->token.p			   ? "_authToken"
			  : e->auth.p			   ? "_auth"
			  : e->username.p && e->password.p ? "username"
							   : "certfile";

	return str_printf(a, STR_FMT ":%s", STR_ARG(e->prefix), key);
}

static struct auth auth_of_entry(struct arena *a, const struct auth_entry *e)
{
	struct auth out = { .token = e->token, .key = key_of_entry(a, e) };

	if (e->token.p)
		out.header = str_concat(a, S("Bearer "), e->token);
	else if (e->auth.p)
		out.header = str_concat(a, S("Basic "), e->auth);
	else if (e->username.p && e->password.p)
		out.header = str_concat(a, S("Basic "), basic_credentials(a, e));
	if (!e->token.p && e->username.p && e->password.p)
		out.username = e->username;
	else if (!e->token.p && e->auth.p)
		out.username = basic_username(a, e->auth);
	if (!is_header_safe(out.header))
		out.header = out.token = STR_NULL;
	if (e->certfile.p && e->keyfile.p) {
		out.certfile = e->certfile;
		out.keyfile = e->keyfile;
	}
	return out;
}

/* Keys name no scheme. A registry that is configured with https must not get its secret asked for
 * over http. */
static bool is_downgrade(const struct url *u, const struct url *registry)
{
	return str_eq(u->scheme, S("http")) && str_eq(registry->scheme, S("https")) &&
	       str_eq(u->host, registry->host);
}

struct auth auth_for_url(struct arena *a, const struct cfg *cfg, str url, str name)
{
	struct url u, registry, fallback;
	struct auth_entry entry;
	struct auth none = { 0 };

	/* Asked for each request, and mostly there is nothing to be found. */
	if (!cfg_has_host_keys(cfg) || !url_parse(a, url, &u))
		return none;
	if (!url_parse(a, cfg_registry_for(cfg, name), &registry))
		registry = u;
	if (!url_parse(a, cfg_registry_for(cfg, S("")), &fallback))
		fallback = registry;
	if (is_downgrade(&u, &registry) || is_downgrade(&u, &fallback))
		return none;
	if (find_entry(a, cfg, &u, &entry))
		return auth_of_entry(a, &entry);
	if (!find_entry(a, cfg, &registry, &entry))
		return none;
	if (url_same_origin(&u, &registry))
		return auth_of_entry(a, &entry);
	none.scope_has_auth = !url_same_origin(&registry, &fallback) ||
			      !str_eq(registry.path, fallback.path);
	return none;
}

str auth_nerf_dart(struct arena *a, str url)
{
	struct url u;

	if (!url_parse(a, url, &u))
		return STR_NULL;

	str host = url_host_port(a, &u);
	str dir = str_slice(u.path, 0, str_rfind_char(u.path, '/') + 1);

	return str_printf(a, "//" STR_FMT STR_FMT, STR_ARG(host), STR_ARG(dir));
}

bool http_same_origin(str a, str b)
{
	ARENA_SCOPE(tmp);
	struct url left, right;

	return url_parse(tmp, a, &left) && url_parse(tmp, b, &right) &&
	       url_same_origin(&left, &right);
}
