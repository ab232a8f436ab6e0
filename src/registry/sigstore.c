/* SPDX-License-Identifier: MIT
 * A bundle from its JSON to a yes: read, then verified in the order of sigstore's client
 * specification. The messages are those of npm's library, which people search for. */
#include "cpm/registry/sigstore.h"

#include "cpm/base/certificate.h"
#include "cpm/base/signature.h"
#include "cpm/base/timestamp.h"
#include "sigstore_priv.h"

#define ENTRIES_MAX    16
#define TIMESTAMPS_MAX 16

struct bundle {
	struct sigstore_envelope envelope;
	struct sigstore_entry entries[ENTRIES_MAX];
	size_t nentries;
	str timestamps[TIMESTAMPS_MAX]; /* of authorities: TimeStampResp, DER */
	size_t ntimestamps;
	str leaf; /* certificate; null: a public key is named */
	bool has_chain;
};

/* ---- reading ---- */

enum bundle_version { BUNDLE_NONE, BUNDLE_V01, BUNDLE_V02, BUNDLE_V03 };

static enum bundle_version version_of(str media_type)
{
	static const struct {
		str text;
		enum bundle_version version;
	} types[] = {
		{ S("application/vnd.dev.sigstore.bundle+json;version=0.1"), BUNDLE_V01 },
		{ S("application/vnd.dev.sigstore.bundle+json;version=0.2"), BUNDLE_V02 },
		{ S("application/vnd.dev.sigstore.bundle+json;version=0.3"), BUNDLE_V03 },
		{ S("application/vnd.dev.sigstore.bundle.v0.3+json"), BUNDLE_V03 },
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (str_eq(media_type, types[i].text))
			return types[i].version;
	return BUNDLE_NONE;
}

static bool read_envelope(struct arena *a, const struct json *said, struct sigstore_envelope *out)
{
	const struct json *signatures = json_get(said, "signatures");
	struct str_buf encoding = str_buf(a, SIZE_MAX);

	out->type = json_get_text(said, "payloadType");
	out->payload = sigstore_bytes(a, said, "payload");
	if (!json_is(signatures, JSON_ARRAY) || signatures->count != 1 || !out->payload.len)
		return false;
	out->signature = sigstore_bytes(a, signatures->items[0], "sig");
	buf_printf(&encoding, "DSSEv1 %zu " STR_FMT " %zu ", out->type.len, STR_ARG(out->type),
		   out->payload.len);
	buf_add(&encoding, out->payload);
	out->encoding = buf_view(&encoding);
	return out->signature.len > 0;
}

static bool read_entry(struct arena *a, const struct json *said, struct sigstore_entry *out)
{
	const struct json *promise = json_get(said, "inclusionPromise");
	uint64_t time_sec = 0;

	*out = (struct sigstore_entry){
		.said = said,
		.log_id = sigstore_bytes(a, json_get(said, "logId"), "keyId"),
		.body = sigstore_bytes(a, said, "canonicalizedBody"),
		.promise = promise ? sigstore_bytes(a, promise, "signedEntryTimestamp") : STR_NULL,
		.proof = json_get(said, "inclusionProof"),
	};
	if (json_get(said, "integratedTime") &&
	    (!sigstore_number(said, "integratedTime", &time_sec) || time_sec > INT64_MAX / 1000))
		return false;
	out->time_sec = (int64_t)time_sec;
	return out->log_id.len && json_get(said, "kindVersion");
}

/* What each version demands of an entry. */
static bool is_entry_complete(const struct sigstore_entry *e, enum bundle_version version)
{
	if (version == BUNDLE_V01)
		return !str_is_null(e->promise);
	return e->proof && json_get(e->proof, "checkpoint");
}

static bool read_entries(struct arena *a, const struct json *list, enum bundle_version version,
			 struct bundle *out)
{
	if (!json_is(list, JSON_ARRAY) || list->count > ENTRIES_MAX)
		return false;
	for (; out->nentries < list->count; out->nentries++) {
		struct sigstore_entry *e = &out->entries[out->nentries];

		if (!read_entry(a, list->items[out->nentries], e) || !is_entry_complete(e, version))
			return false;
	}
	return true;
}

static bool read_timestamps(struct arena *a, const struct json *data, struct bundle *out)
{
	const struct json *list = json_get(data, "rfc3161Timestamps");

	if (!list)
		return true;
	if (!json_is(list, JSON_ARRAY) || list->count > TIMESTAMPS_MAX)
		return false;
	for (size_t i = 0; i < list->count; i++)
		out->timestamps[out->ntimestamps++] = sigstore_bytes(a, list->items[i],
								     "signedTimestamp");
	return true;
}

static bool read_signer(struct arena *a, const struct json *material, struct bundle *out)
{
	const struct json *chain = json_get(json_get(material, "x509CertificateChain"),
					    "certificates"),
			  *single = json_get(material, "certificate");

	out->has_chain = json_is(chain, JSON_ARRAY);
	if (out->has_chain && chain->count > 0)
		single = chain->items[0];
	if (!single)
		return json_get(material, "publicKey") && !out->has_chain;
	out->leaf = sigstore_bytes(a, single, "rawBytes");
	return out->leaf.len > 0;
}

static struct err *read_bundle(struct arena *a, const struct json *said, struct bundle *out)
{
	static const char *const names[] = { "bundle", "v0.1 bundle", "v0.2 bundle", "bundle" };
	enum bundle_version version = version_of(json_get_text(said, "mediaType"));
	const struct json *material = json_get(said, "verificationMaterial");

	*out = (struct bundle){ 0 };
	if (version == BUNDLE_NONE ||
	    !read_envelope(a, json_get(said, "dsseEnvelope"), &out->envelope) ||
	    !read_entries(a, json_get(material, "tlogEntries"), version, out) ||
	    !read_timestamps(a, json_get(material, "timestampVerificationData"), out) ||
	    !read_signer(a, material, out) || (version == BUNDLE_V03 && out->has_chain))
		return err_new(E_GENERIC, "invalid %s", names[version]);
	return NULL;
}

/* ---- verifying ---- */

/* When the envelope's signature was made, or before that. */
struct times {
	int64_t sec[ENTRIES_MAX + TIMESTAMPS_MAX];
	size_t count;
};

/* Somebody who is trusted to sign times, and was then, has seen the signature. */
static bool is_timed(const struct trusted_root *root, str timestamp, str signature, int64_t *sec)
{
	for (size_t i = 0; i < root->nclocks; i++) {
		const struct trusted_authority *clock = &root->clocks[i];

		if (timestamp_verify(timestamp, signature, clock->chain, clock->nchain, sec) &&
		    clock->from_ms <= *sec * 1000 && *sec * 1000 <= clock->to_ms)
			return true;
	}
	return false;
}

/* Of the log's times only those count that it has promised: the others nobody signed. */
static struct err *take_times(const struct bundle *b, const struct trusted_root *root,
			      struct times *out)
{
	*out = (struct times){ 0 };
	for (size_t i = 0; i < b->nentries; i++)
		if (b->entries[i].time_sec && !str_is_null(b->entries[i].promise))
			out->sec[out->count++] = b->entries[i].time_sec;
	for (size_t i = 0; i < b->ntimestamps; i++)
		if (!is_timed(root, b->timestamps[i], b->envelope.signature,
			      &out->sec[out->count++]))
			return err_new(E_GENERIC, "timestamp could not be verified");
	return out->count ? NULL : err_new(E_GENERIC, "expected 1 timestamps, got 0");
}

static struct err *find_key(struct arena *a, const struct bundle *b,
			    const struct trusted_root *root, str *spki)
{
	struct times times;

	TRY(take_times(b, root, &times));
	if (str_is_null(b->leaf))
		return str_is_null(*spki) ? err_new(E_GENERIC, "key not found") : NULL;
	TRY(sigstore_verify_certificate(a, b->leaf, times.sec, times.count, root));
	*spki = certificate_public_key(a, b->leaf);
	return NULL;
}

struct err *sigstore_verify(struct arena *a, const struct json *said,
			    const struct trusted_root *root, str spki)
{
	struct bundle b;

	TRY(read_bundle(a, said, &b));
	TRY(find_key(a, &b, root, &spki));
	if (!b.nentries)
		return err_new(E_GENERIC, "expected 1 tlog entries, got 0");
	for (size_t i = 0; i < b.nentries; i++) {
		TRY(sigstore_verify_inclusion(a, &b.entries[i], root));
		TRY(sigstore_verify_body(a, &b.entries[i], &b.envelope));
	}
	if (!signature_is_valid(spki, b.envelope.encoding, b.envelope.signature))
		return err_new(E_GENERIC, "signature verification failed");
	return NULL;
}
