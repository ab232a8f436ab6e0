/* SPDX-License-Identifier: MIT
 * The attestations of a package: what they say must be about this version and these bytes before it
 * matters who signed it. */
#include "cpm/base/digest.h"
#include "cpm/registry/sigstore.h"
#include "sigstore_priv.h"
#include "url.h"

/* One attestation, opened. */
struct attestation {
	str predicate_type, keyid, signature;
	const struct json *bundle;
	struct json *statement;
};

str attestations_url(struct arena *a, const struct signed_package *p, str registry)
{
	struct url said, u;

	if (!url_parse(a, json_get_text(p->attestations, "url"), &said) ||
	    !url_parse(a, registry, &u))
		return STR_NULL;
	u.path = said.path;
	u.query = STR_NULL;
	return url_format(a, &u);
}

static struct err *open_one(struct arena *a, const struct signed_package *p,
			    const struct json *said, struct attestation *out)
{
	const struct json *bundle = json_get(said, "bundle"),
			  *envelope = json_get(bundle, "dsseEnvelope"),
			  *signatures = json_get(envelope, "signatures");
	const struct json *first = json_is(signatures, JSON_ARRAY) && signatures->count
					   ? signatures->items[0]
					   : NULL;
	struct err *e;

	*out = (struct attestation){
		.predicate_type = json_get_text(said, "predicateType"),
		.keyid = json_get_text(first, "keyid"),
		.signature = json_get_text(first, "sig"),
		.bundle = bundle,
	};
	e = json_parse(a, sigstore_bytes(a, envelope, "payload"), &out->statement);
	if (!e)
		return NULL;
	err_ignore(e);
	return err_new(E_BAD_RESPONSE,
		       "an attestation of '" STR_FMT "@" STR_FMT "' holds no statement",
		       STR_ARG(p->name), STR_ARG(p->version));
}

/* ---- keys of the registry ---- */

/* The key must hold at the time that the log gives. */
static struct err *find_key(const struct signed_package *p, const struct signing_keys *keys,
			    const struct attestation *at, str *spki)
{
	const struct signing_key *key = signing_keys_find(keys, at->keyid);
	const struct json *entries = json_get(json_get(at->bundle, "verificationMaterial"),
					      "tlogEntries");
	const struct json *entry = json_is(entries, JSON_ARRAY) && entries->count
					   ? entries->items[0]
					   : NULL;
	uint64_t time_sec = 0;

	*spki = STR_NULL;
	if (str_is_empty(at->keyid))
		return NULL;
	if (!key)
		return signing_key_error(p->name, p->version, "attestations", at->keyid, NULL);
	if (!str_is_empty(key->expires) &&
	    (!sigstore_number(entry, "integratedTime", &time_sec) || time_sec > INT64_MAX / 1000 ||
	     !signing_key_holds_at(key, (int64_t)time_sec * 1000)))
		return signing_key_error(p->name, p->version, "attestations", at->keyid, key);
	*spki = key->spki;
	return NULL;
}

/* ---- what it is about ---- */

static str package_url(struct arena *a, const struct signed_package *p)
{
	bool is_scoped = str_starts(p->name, S("@"));

	return str_printf(a, "pkg:npm/%s" STR_FMT "@" STR_FMT, is_scoped ? "%40" : "",
			  STR_ARG(str_from(p->name, is_scoped)), STR_ARG(p->version));
}

static str integrity_hex(struct arena *a, str text)
{
	struct integrity i;

	integrity_parse(a, text, &i);
	for (size_t n = 0; n < i.count; n++)
		if (i.items[n].algo == i.strongest)
			return digest_hex(a, &i.items[n]);
	return S("");
}

static struct err *verify_subject(struct arena *a, const struct signed_package *p,
				  const struct json *statement)
{
	const struct json *subjects = json_get(statement, "subject");
	const struct json *first = json_is(subjects, JSON_ARRAY) && subjects->count
					   ? subjects->items[0]
					   : NULL;
	str name = json_get_text(first, "name"),
	    digest = json_get_text(json_get(first, "digest"), "sha512");
	str wanted = package_url(a, p), hex = integrity_hex(a, p->integrity);

	if (!str_eq(name, wanted))
		return err_show_as(err_new(E_GENERIC,
					   STR_FMT "@" STR_FMT
						   " package name and version (PURL): " STR_FMT
						   " doesn't match what was signed: " STR_FMT,
					   STR_ARG(p->name), STR_ARG(p->version), STR_ARG(wanted),
					   STR_ARG(name)),
				   S("EATTESTATIONSUBJECT"));
	if (hex.len && str_eq(digest, hex))
		return NULL;
	return err_show_as(err_new(E_GENERIC,
				   STR_FMT "@" STR_FMT " package integrity (hex digest): " STR_FMT
					   " doesn't match what was signed: " STR_FMT,
				   STR_ARG(p->name), STR_ARG(p->version), STR_ARG(hex),
				   STR_ARG(digest)),
			   S("EATTESTATIONSUBJECT"));
}

/* ---- all of it ---- */

static struct err *verify_one(struct arena *a, const struct signed_package *p,
			      const struct signing_keys *keys, const struct trusted_root *root,
			      const struct attestation *at, struct signature_fault *out)
{
	struct err *e;
	str spki;

	TRY(find_key(p, keys, at, &spki));
	TRY(verify_subject(a, p, at->statement));
	e = sigstore_verify(a, at->bundle, root, spki);
	if (!e)
		return NULL;
	*out = (struct signature_fault){
		.code = S("EATTESTATIONVERIFY"),
		.message = str_printf(a,
				      STR_FMT "@" STR_FMT " failed to verify attestation: " STR_FMT,
				      STR_ARG(p->name), STR_ARG(p->version), STR_ARG(e->message)),
		.keyid = at->keyid,
		.signature = at->signature,
		.predicate_type = at->predicate_type,
	};
	err_free(e);
	return NULL;
}

struct err *attestations_verify(struct arena *a, const struct signed_package *p,
				const struct signing_keys *keys, const struct trusted_root *root,
				const struct json *answer, struct signature_fault *out)
{
	const struct json *list = json_get(answer, "attestations");
	struct attestation at;

	*out = (struct signature_fault){ 0 };
	if (!json_is(list, JSON_ARRAY))
		return err_new(E_BAD_RESPONSE,
			       "the answer holds no attestations of '" STR_FMT "@" STR_FMT "'",
			       STR_ARG(p->name), STR_ARG(p->version));
	for (size_t i = 0; i < list->count && !out->code.len; i++) {
		TRY(open_one(a, p, list->items[i], &at));
		TRY(verify_one(a, p, keys, root, &at, out));
	}
	return NULL;
}
