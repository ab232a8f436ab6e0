/* SPDX-License-Identifier: MIT
 * A registry's signing keys. npm also looks for them in a TUF repository on a host of its own, and
 * only then asks the registry; we ask whom we install from, and nobody else. */
#include "cpm/registry/signing_keys.h"

#include "cpm/base/digest.h"
#include "cpm/base/json.h"
#include "cpm/base/vec.h"
#include "cpm/config/cfg_date.h"

#define KEYS_PATH      "-/npm/v1/keys"
#define KEYS_MAX_BYTES ((uint64_t)4 << 20)

static struct signing_key read_key(struct arena *a, const struct json *said)
{
	struct signing_key key = { .id = json_get_text(said, "keyid"),
				   .expires = json_get_text(said, "expires") };

	if (!base64_decode(a, json_get_text(said, "key"), &key.spki))
		key.spki = S("");
	return key;
}

static struct err *read_keys(struct arena *a, str registry, str body, struct signing_keys *out)
{
	VEC(struct signing_key) keys = { 0 };
	struct json *document;
	struct err *e = json_parse(a, str_dup(a, body), &document);
	const struct json *list = e ? NULL : json_get(document, "keys");

	err_ignore(e);
	if (!json_is(list, JSON_ARRAY))
		return err_new(E_BAD_RESPONSE,
			       "the answer of " STR_FMT KEYS_PATH " holds no list of keys",
			       STR_ARG(registry));
	for (size_t i = 0; i < list->count; i++)
		VEC_PUSH(a, &keys, read_key(a, list->items[i]));
	*out = (struct signing_keys){ keys.items, keys.len };
	return NULL;
}

/* The registry has no such thing. */
static bool is_without_keys(const struct err *e)
{
	return err_is(e, E_NOT_FOUND) || (e && str_eq(err_code_shown(e), S("E400")));
}

struct err *signing_keys_fetch(struct arena *a, const struct cfg *cfg, struct http *http,
			       str registry, struct signing_keys *out)
{
	struct http_request req = {
		.url = str_concat(a, registry, S(KEYS_PATH)),
		.accept = S("application/json"),
		.priority = HTTP_METADATA,
		.cap_bytes = KEYS_MAX_BYTES,
		.want_gunzip = true,
	};
	struct http_response *resp;
	struct err *e;

	*out = (struct signing_keys){ 0 };
	if (cfg_bool(cfg, CFG_OFFLINE))
		return err_new(E_NOT_CACHED,
			       "request to " STR_FMT " failed: cache mode is 'only-if-cached' but "
			       "no cached response is available.",
			       STR_ARG(req.url));
	e = http_fetch(http, &req, &resp);
	if (is_without_keys(e)) {
		err_ignore(e);
		return NULL;
	}
	TRY(e);
	e = read_keys(a, registry, str_of(resp->body, resp->body_len), out);
	http_response_free(resp);
	return e;
}

const struct signing_key *signing_keys_find(const struct signing_keys *keys, str id)
{
	for (size_t i = 0; i < keys->count; i++)
		if (!str_is_null(id) && str_eq(keys->items[i].id, id))
			return &keys->items[i];
	return NULL;
}

bool signing_key_holds_at(const struct signing_key *key, int64_t time_ms)
{
	int64_t end_ms;

	if (str_is_empty(key->expires))
		return true;
	return cfg_date_ms(key->expires, &end_ms) && time_ms < end_ms;
}

struct err *signing_key_error(str name, str version, const char *what, str keyid,
			      const struct signing_key *expired)
{
	struct err *e;

	if (expired)
		e = err_new(E_GENERIC,
			    STR_FMT "@" STR_FMT " has %s with keyid: " STR_FMT
				    " but the corresponding public key has expired " STR_FMT,
			    STR_ARG(name), STR_ARG(version), what, STR_ARG(keyid),
			    STR_ARG(expired->expires));
	else
		e = err_new(E_GENERIC,
			    STR_FMT "@" STR_FMT " has %s with keyid: " STR_FMT
				    " but no corresponding public key can be found",
			    STR_ARG(name), STR_ARG(version), what, STR_ARG(keyid));
	return err_show_as(e, expired ? S("EEXPIREDSIGNATUREKEY") : S("EMISSINGSIGNATUREKEY"));
}
