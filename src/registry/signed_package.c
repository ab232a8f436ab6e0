/* SPDX-License-Identifier: MIT
 * Registry signatures: ECDSA over "name@version:integrity". A signature holds for good once its key
 * was in force when the version was published, so an expired key still vouches for what is old. */
#include "cpm/registry/signed_package.h"

#include "cpm/base/digest.h"
#include "cpm/base/signature.h"
#include "cpm/config/cfg_date.h"

/* Versions whose time of publication is not known count as older than any key. */
#define UNKNOWN_TIME "2015-01-01T00:00:00.000Z"

/* ---- what the registry says ---- */

static str text_of(struct arena *a, const struct json *v, const char *key)
{
	return str_dup(a, json_get_text(v, key));
}

/* A list, or the null value for anything else. */
static const struct json *copy_of(struct arena *a, const struct json *v, enum json_type type)
{
	return json_is(v, type) ? json_dup(a, v) : NULL;
}

struct err *signed_package_read(struct arena *a, const struct json *document, str name, str version,
				struct signed_package *out)
{
	const struct json *manifest = json_get_str(json_get(document, "versions"), version);
	const struct json *dist = json_get(manifest, "dist"),
			  *time = json_get_str(json_get(document, "time"), version);

	if (!json_is(manifest, JSON_OBJECT))
		return err_new(E_TARGET, "No matching version found for " STR_FMT "@" STR_FMT ".",
			       STR_ARG(name), STR_ARG(version));
	*out = (struct signed_package){
		.name = str_dup(a, name),
		.version = str_dup(a, version),
		.integrity = text_of(a, dist, "integrity"),
		.resolved = text_of(a, dist, "tarball"),
		.published = json_is(time, JSON_STRING) ? str_dup(a, time->string) : STR_NULL,
		.attestations = copy_of(a, json_get(dist, "attestations"), JSON_OBJECT),
	};
	if (str_is_empty(out->integrity))
		out->integrity = integrity_from_shasum(a, json_get_text(dist, "shasum"));
	if (!str_is_null(out->integrity))
		out->signatures = copy_of(a, json_get(dist, "signatures"), JSON_ARRAY);
	return NULL;
}

/* ---- signatures ---- */

static bool holds_at_publication(const struct signed_package *p, const struct signing_key *key)
{
	str published = str_is_empty(p->published) ? S(UNKNOWN_TIME) : p->published;
	int64_t ms;

	if (str_is_empty(key->expires))
		return true;
	return cfg_date_ms(published, &ms) && signing_key_holds_at(key, ms);
}

static bool fits(struct arena *a, const struct signed_package *p, const struct signing_key *key,
		 str sig)
{
	str message = str_printf(a, STR_FMT "@" STR_FMT ":" STR_FMT, STR_ARG(p->name),
				 STR_ARG(p->version), STR_ARG(p->integrity)),
	    bytes;

	return base64_decode(a, sig, &bytes) && signature_is_valid(key->spki, message, bytes);
}

struct err *signed_package_verify(struct arena *a, const struct signed_package *p,
				  const struct signing_keys *keys, struct signature_fault *out)
{
	*out = (struct signature_fault){ 0 };
	for (size_t i = 0; p->signatures && i < p->signatures->count; i++) {
		const struct json *one = p->signatures->items[i];
		str keyid = json_get_text(one, "keyid"), sig = json_get_text(one, "sig");
		const struct signing_key *key = signing_keys_find(keys, keyid);

		if (!key)
			return signing_key_error(p->name, p->version, "a registry signature", keyid,
						 NULL);
		if (!holds_at_publication(p, key))
			return signing_key_error(p->name, p->version, "a registry signature", keyid,
						 key);
		if (fits(a, p, key, sig))
			continue;
		out->code = S("EINTEGRITYSIGNATURE");
		out->message = str_printf(a,
					  STR_FMT "@" STR_FMT " has an invalid registry signature "
						  "with keyid: " STR_FMT " and signature: " STR_FMT,
					  STR_ARG(p->name), STR_ARG(p->version), STR_ARG(keyid),
					  STR_ARG(sig));
		out->keyid = keyid;
		out->signature = sig;
		return NULL;
	}
	return NULL;
}
