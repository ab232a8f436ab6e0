/* SPDX-License-Identifier: MIT
 * The trusted root: JSON as Sigstore's TUF repository distributes it (trusted_root.json). What it
 * does not say how to use is left out; a root that leaves nobody to trust is refused. */
#include "cpm/base/digest.h"
#include "cpm/base/vec.h"
#include "cpm/config/cfg_date.h"
#include "sigstore_priv.h"

/* A list of @v, or an empty one. */
static const struct json *list_of(const struct json *v, const char *key)
{
	static const struct json none = { .type = JSON_ARRAY };
	const struct json *list = json_get(v, key);

	return json_is(list, JSON_ARRAY) ? list : &none;
}

static int64_t time_of(const struct json *range, const char *key, int64_t otherwise)
{
	int64_t ms;

	return cfg_date_ms(json_get_text(range, key), &ms) ? ms : otherwise;
}

str sigstore_bytes(struct arena *a, const struct json *v, const char *key)
{
	str out;

	return base64_decode(a, json_get_text(v, key), &out) ? out : S("");
}

static struct trusted_authority *read_authorities(struct arena *a, const struct json *list,
						  size_t *count)
{
	struct trusted_authority *out = ARENA_ARRAY(a, struct trusted_authority, list->count + 1);

	*count = list->count;
	for (size_t i = 0; i < list->count; i++) {
		const struct json *one = list->items[i], *validity = json_get(one, "validFor");
		const struct json *chain = list_of(json_get(one, "certChain"), "certificates");
		struct trusted_authority *to = &out[i];

		to->chain = ARENA_ARRAY(a, str, chain->count + 1);
		for (; to->nchain < chain->count; to->nchain++)
			to->chain[to->nchain] = sigstore_bytes(a, chain->items[to->nchain],
							       "rawBytes");
		to->from_ms = time_of(validity, "start", 0);
		to->to_ms = time_of(validity, "end", INT64_MAX);
	}
	return out;
}

static struct trusted_log *read_logs(struct arena *a, const struct json *list, size_t *count)
{
	struct trusted_log *out = ARENA_ARRAY(a, struct trusted_log, list->count + 1);

	*count = list->count;
	for (size_t i = 0; i < list->count; i++) {
		const struct json *one = list->items[i], *key = json_get(one, "publicKey");
		const struct json *validity = json_get(key, "validFor"),
				  *id = json_get(one, "checkpointKeyId");

		out[i].id = sigstore_bytes(a, id ? id : json_get(one, "logId"), "keyId");
		out[i].base_url = json_get_text(one, "baseUrl");
		out[i].spki = sigstore_bytes(a, key, "rawBytes");
		out[i].from_ms = time_of(validity, "start", 0);
		out[i].to_ms = time_of(validity, "end", INT64_MAX);
	}
	return out;
}

struct err *trusted_root_parse(struct arena *a, str text, struct trusted_root *out)
{
	struct json *document;

	*out = (struct trusted_root){ 0 };
	TRY(json_parse(a, text, &document));
	out->authorities = read_authorities(a, list_of(document, "certificateAuthorities"),
					    &out->nauthorities);
	out->clocks = read_authorities(a, list_of(document, "timestampAuthorities"), &out->nclocks);
	out->logs = read_logs(a, list_of(document, "tlogs"), &out->nlogs);
	out->ct_logs = read_logs(a, list_of(document, "ctlogs"), &out->nct_logs);
	if (!out->nlogs)
		return err_new(E_GENERIC,
			       "it names no transparency log (\"tlogs\"): a trusted root "
			       "is the trusted_root.json of a Sigstore instance");
	return NULL;
}

const struct trusted_log *sigstore_next_log(const struct trusted_log *logs, size_t count, str id,
					    int64_t time_ms, size_t *at)
{
	while (*at < count) {
		const struct trusted_log *log = &logs[(*at)++];

		if (str_eq(log->id, id) && log->from_ms <= time_ms && time_ms <= log->to_ms)
			return log;
	}
	return NULL;
}
