/* SPDX-License-Identifier: MIT
 * The network's part of the configuration, read once, and the choice of a proxy (npm-cli.md 3.6).
 */
#include "http_priv.h"

#include <sys/resource.h>

/* npm's 15 connections per server leave bandwidth unused on any link with latency; where the user
 * did not choose, we take what measured best: more than about fifty gains nothing and looks like an
 * attack to some servers. */
#define DEFAULT_PER_ORIGIN 48
#define MAX_TOTAL          128
/* Descriptors that are not ours to spend on sockets. */
#define SPARE_DESCRIPTORS 24
/* npm rests 10 s before the first retry. Most faults are gone in one; the second attempt then waits
 * npm's 10 s. */
#define DEFAULT_RETRY_MIN_MS 1000

static bool is_default(const struct cfg *cfg, enum cfg_key key)
{
	return cfg_source(cfg, key) == CFG_LAYER_DEFAULT;
}

static unsigned clamped(double value, unsigned low, unsigned high)
{
	if (!(value >= low))
		return low;
	return value > high ? high : (unsigned)value;
}

/* Two descriptors per connection: a server that closes one makes libcurl open the next before it
 * lets go. */
static unsigned descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return MAX_TOTAL;
	if (limit.rlim_cur <= SPARE_DESCRIPTORS + 2)
		return 1;
	return (unsigned)MIN((limit.rlim_cur - SPARE_DESCRIPTORS) / 2, (rlim_t)MAX_TOTAL);
}

static void read_limits(const struct cfg *cfg, struct http_settings *out)
{
	bool is_chosen = !is_default(cfg, CFG_MAXSOCKETS);

	out->max_total = descriptor_limit();
	out->max_per_origin = is_chosen ? clamped(cfg_number(cfg, CFG_MAXSOCKETS), 1, MAX_TOTAL)
					: DEFAULT_PER_ORIGIN;
	out->max_per_origin = MIN(out->max_per_origin, out->max_total);
}

static void read_times(const struct cfg *cfg, struct http_settings *out)
{
	bool is_chosen = !is_default(cfg, CFG_FETCH_RETRY_MINTIMEOUT);

	out->retries = clamped(cfg_number(cfg, CFG_FETCH_RETRIES), 0, 100);
	out->retry_factor = MAX(cfg_number(cfg, CFG_FETCH_RETRY_FACTOR), 1.0);
	out->retry_max_ms = clamped(cfg_number(cfg, CFG_FETCH_RETRY_MAXTIMEOUT), 0, 3600 * 1000);
	out->retry_min_ms = is_chosen ? clamped(cfg_number(cfg, CFG_FETCH_RETRY_MINTIMEOUT), 0,
						3600 * 1000)
				      : DEFAULT_RETRY_MIN_MS;
	out->stall_ms = HTTP_STALL_MAX_MS;
	if (!is_default(cfg, CFG_FETCH_TIMEOUT))
		out->stall_ms = clamped(cfg_number(cfg, CFG_FETCH_TIMEOUT), 1, 3600 * 1000);
}

static str env_any_case(const char *lower, const char *upper)
{
	const char *value = getenv(lower);

	if (!value)
		value = getenv(upper);
	return value && *value ? str_view(value) : STR_NULL;
}

static str first_of(str a, str b)
{
	return str_is_empty(a) ? b : a;
}

static void read_proxies(struct arena *a, const struct cfg *cfg, struct http_settings *out)
{
	str chosen = first_of(cfg_text(cfg, CFG_HTTPS_PROXY), cfg_text(cfg, CFG_PROXY));
	const str *list;

	if (str_is_empty(chosen) || str_eq(chosen, S("false"))) {
		out->https_proxy = env_any_case("https_proxy", "HTTPS_PROXY");
		out->http_proxy = first_of(out->https_proxy,
					   first_of(env_any_case("http_proxy", "HTTP_PROXY"),
						    env_any_case("proxy", "PROXY")));
	} else {
		out->https_proxy = out->http_proxy = chosen;
	}
	list = cfg_list(cfg, CFG_NOPROXY, &out->nnoproxy);
	if (out->nnoproxy == 0 || (out->nnoproxy == 1 && str_is_empty(list[0]))) {
		str *env = ARENA_NEW(a, str);

		*env = env_any_case("no_proxy", "NO_PROXY");
		out->noproxy = env;
		out->nnoproxy = str_is_null(*env) ? 0 : 1;
		return;
	}
	out->noproxy = list;
}

static const char *text_or_null(struct arena *a, const struct cfg *cfg, enum cfg_key key)
{
	str value = cfg_text(cfg, key);

	return str_is_empty(value) ? NULL : str_cstr(a, value);
}

/* With its "@", which --scope may leave out. */
static str scope_of(struct arena *a, const struct cfg *cfg)
{
	str scope = cfg_text(cfg, CFG_SCOPE);

	return !scope.len || str_starts(scope, S("@")) ? scope : str_concat(a, S("@"), scope);
}

struct err *http_settings_read(struct arena *a, const struct cfg *cfg, struct http_settings *out)
{
	*out = (struct http_settings){
		.ca_fd = -1,
		.user_agent = cfg_text(cfg, CFG_USER_AGENT),
		.npm_auth_type = cfg_text(cfg, CFG_AUTH_TYPE),
		.npm_scope = scope_of(a, cfg),
		.local_address = text_or_null(a, cfg, CFG_LOCAL_ADDRESS),
		.cert_pem = text_or_null(a, cfg, CFG_CLIENT_CERT),
		.key_pem = text_or_null(a, cfg, CFG_CLIENT_KEY),
	};
	read_limits(cfg, out);
	read_times(cfg, out);
	read_proxies(a, cfg, out);
	return NULL;
}

/* @entry's labels are the last ones of @host: "example.com" and ".example.com" cover
 * "a.example.com". */
static bool covers_host(str entry, str host)
{
	entry = str_trim(entry);
	while (str_starts(entry, S(".")))
		entry = str_from(entry, 1);
	while (str_ends(entry, S(".")))
		entry.len--;
	if (str_is_empty(entry) || !str_ends_nocase(host, entry))
		return false;
	return host.len == entry.len || host.p[host.len - entry.len - 1] == '.';
}

str http_proxy_for(const struct http_settings *set, const struct url *u)
{
	str proxy = str_eq(u->scheme, S("https")) ? set->https_proxy : set->http_proxy;
	str part;

	if (str_is_empty(proxy))
		return STR_NULL;
	for (size_t i = 0; i < set->nnoproxy; i++)
		for (str rest = set->noproxy[i]; str_cut(&rest, ',', &part);)
			if (covers_host(part, u->host))
				return STR_NULL;
	return proxy;
}
