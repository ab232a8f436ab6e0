/* SPDX-License-Identifier: MIT
 * That a log of signatures has an entry. The log may have promised it (the signed entry timestamp,
 * over the entry in canonical JSON), and may prove it: by the hashes that lead from the entry's
 * leaf to the root of its Merkle tree (RFC 6962, 2.1), and a checkpoint in which it signed that
 * root.
 *
 *          root            the proof of leaf 2 in a tree of 5: leaf 3, node 01, leaf 4.
 *         /    \           The first two lie inside the perfect part that the leaf shares
 *       0123    4          with the last leaf's path, the third on the right border.
 *      /    \
 *     01    23
 */
#include "cpm/base/digest.h"
#include "cpm/base/signature.h"
#include "sigstore_priv.h"

#include "url.h"

#define HASH_BYTES 32
/* Before each signature in a checkpoint: an em dash and a blank. */
#define SIGNATURE_MARK "\xe2\x80\x94 "
#define KEY_HINT_BYTES 4

bool sigstore_number(const struct json *v, const char *key, uint64_t *out)
{
	const struct json *n = json_get(v, key);

	if (json_is(n, JSON_STRING))
		return str_to_u64(n->string, out);
	if (!json_is(n, JSON_NUMBER) || n->number < 0 || n->number > 9007199254740991.0)
		return false;
	*out = (uint64_t)n->number;
	return true;
}

/* ---- promises ---- */

static struct err *verify_promise(struct arena *a, const struct sigstore_entry *e,
				  const struct trusted_root *root)
{
	struct digest id = { .algo = DIGEST_SHA256 };
	const struct trusted_log *log;
	uint64_t index = 0;
	str body = base64_encode(a, e->body), payload;

	if (e->log_id.len == HASH_BYTES)
		memcpy(id.bytes, e->log_id.p, HASH_BYTES);
	/* A log index of 0 is left out of the bundle. */
	if (json_get(e->said, "logIndex") && !sigstore_number(e->said, "logIndex", &index))
		return err_new(E_GENERIC, "inclusion promise could not be verified");
	payload = str_printf(a,
			     "{\"body\":\"" STR_FMT
			     "\",\"integratedTime\":%lld,\"logID\":\"" STR_FMT
			     "\",\"logIndex\":%llu}",
			     STR_ARG(body), (long long)e->time_sec, STR_ARG(digest_hex(a, &id)),
			     (unsigned long long)index);
	for (size_t at = 0; (log = sigstore_next_log(root->logs, root->nlogs, e->log_id,
						     e->time_sec * 1000, &at));)
		if (signature_is_valid(log->spki, payload, e->promise))
			return NULL;
	return err_new(E_GENERIC, "inclusion promise could not be verified");
}

/* ---- checkpoints ---- */

struct checkpoint {
	uint64_t size;
	str root;
};

/* @name stands in the log's address. */
static bool is_signed_by(struct arena *a, const struct trusted_log *log, str name, str sig,
			 str note)
{
	struct url u;

	return log->id.len >= KEY_HINT_BYTES && sig.len > KEY_HINT_BYTES &&
	       memcmp(log->id.p, sig.p, KEY_HINT_BYTES) == 0 && url_parse(a, log->base_url, &u) &&
	       str_find(log->base_url, name) != STR_NPOS &&
	       signature_is_valid(log->spki, note, str_from(sig, KEY_HINT_BYTES));
}

static bool is_note_signed(struct arena *a, str note, str signatures,
			   const struct trusted_root *root)
{
	str line, name, sig;

	while (str_cut(&signatures, '\n', &line)) {
		if (!str_starts(line, S(SIGNATURE_MARK)))
			continue;
		line = str_from(line, sizeof(SIGNATURE_MARK) - 1);
		if (!str_cut(&line, ' ', &name) || str_is_null(line) ||
		    !base64_decode(a, line, &sig))
			continue;
		for (size_t i = 0; i < root->nlogs; i++)
			if (is_signed_by(a, &root->logs[i], name, sig, note))
				return true;
	}
	return false;
}

static struct err *read_checkpoint(struct arena *a, str envelope, const struct trusted_root *root,
				   struct checkpoint *out)
{
	size_t split = str_find(envelope, S("\n\n"));
	str note = str_slice(envelope, 0, split == STR_NPOS ? 0 : split + 1), rest = note, line;

	if (split == STR_NPOS)
		return err_new(E_GENERIC, "missing checkpoint separator");
	if (!is_note_signed(a, note, str_from(envelope, split + 2), root))
		return err_new(E_GENERIC, "invalid checkpoint signature");
	if (!str_cut(&rest, '\n', &line) || !str_cut(&rest, '\n', &line) ||
	    !str_to_u64(line, &out->size) || !str_cut(&rest, '\n', &line) ||
	    !base64_decode(a, line, &out->root))
		return err_new(E_GENERIC, "too few lines in checkpoint header");
	return NULL;
}

/* ---- proofs ---- */

/* The hash of 0 and a leaf, or of 1 and two nodes. */
static void hash_node(unsigned char kind, str left, str right, unsigned char out[HASH_BYTES])
{
	struct digest_stream s;
	struct digest d;

	digest_init(&s, DIGEST_SHA256);
	digest_update(&s, &kind, 1);
	digest_update(&s, left.p, left.len);
	digest_update(&s, right.p, right.len);
	digest_final(&s, &d);
	memcpy(out, d.bytes, HASH_BYTES);
}

static size_t bit_length(uint64_t n)
{
	return n ? 64 - (size_t)__builtin_clzll(n) : 0;
}

static struct err *verify_proof(struct arena *a, const struct sigstore_entry *e,
				const struct checkpoint *c)
{
	const struct json *hashes = json_get(e->proof, "hashes");
	size_t count = json_is(hashes, JSON_ARRAY) ? hashes->count : 0, inner;
	unsigned char node[HASH_BYTES];
	str here = str_of((const char *)node, HASH_BYTES), other;
	uint64_t index = 0;

	if (json_get(e->proof, "logIndex") && !sigstore_number(e->proof, "logIndex", &index))
		return err_new(E_GENERIC, "invalid index");
	if (index >= c->size)
		return err_new(E_GENERIC, "invalid index: %llu", (unsigned long long)index);
	inner = bit_length(index ^ (c->size - 1));
	if (count != inner + (inner < 64 ? (size_t)__builtin_popcountll(index >> inner) : 0))
		return err_new(E_GENERIC, "invalid hash count");
	hash_node(0, e->body, S(""), node);
	for (size_t i = 0; i < count; i++) {
		if (!json_is(hashes->items[i], JSON_STRING) ||
		    !base64_decode(a, hashes->items[i]->string, &other))
			return err_new(E_GENERIC, "invalid hash");
		bool is_left = i < inner && !(index >> i & 1);
		hash_node(1, is_left ? here : other, is_left ? other : here, node);
	}
	if (!str_eq(here, c->root))
		return err_new(E_GENERIC, "calculated root hash does not match inclusion proof");
	return NULL;
}

struct err *sigstore_verify_inclusion(struct arena *a, const struct sigstore_entry *e,
				      const struct trusted_root *root)
{
	struct checkpoint c;

	if (str_is_null(e->promise) && !e->proof)
		return err_new(E_GENERIC, "inclusion could not be verified");
	if (!str_is_null(e->promise))
		TRY(verify_promise(a, e, root));
	if (e->proof) {
		str envelope = json_get_text(json_get(e->proof, "checkpoint"), "envelope");
		TRY(read_checkpoint(a, envelope, root, &c));
		TRY(verify_proof(a, e, &c));
	}
	return NULL;
}

/* ---- what the entry is about ---- */

static str hash_of(struct arena *a, str bytes)
{
	struct digest d;

	digest_of(DIGEST_SHA256, bytes, &d);
	return digest_hex(a, &d);
}

static const struct json *only_item(const struct json *list)
{
	return json_is(list, JSON_ARRAY) && list->count == 1 ? list->items[0] : NULL;
}

/* A hash that is written in base64, in hex. */
static str digest_of_claim(struct arena *a, const struct json *claim)
{
	str bytes = sigstore_bytes(a, claim, "digest");
	struct digest d = { .algo = DIGEST_SHA256 };

	if (bytes.len != HASH_BYTES)
		return S("");
	memcpy(d.bytes, bytes.p, HASH_BYTES);
	return digest_hex(a, &d);
}

/* The kinds, and the two generations of logs, say the same in different places. */
static struct err *find_claims(struct arena *a, const struct json *spec, str kind, str version,
			       str *sig, str *hash, bool *is_of_encoding)
{
	const struct json *envelope = json_get(json_get(spec, "content"), "envelope"),
			  *dsse = json_get(spec, "dsseV002"),
			  *record = json_get(spec, "hashedRekordV002");

	*is_of_encoding = str_eq(kind, S("hashedrekord"));
	if (str_eq(kind, S("dsse")) && str_eq(version, S("0.0.2"))) {
		*sig = sigstore_bytes(a, only_item(json_get(dsse, "signatures")), "content");
		*hash = digest_of_claim(a, json_get(dsse, "payloadHash"));
	} else if (str_eq(kind, S("hashedrekord")) && str_eq(version, S("0.0.2"))) {
		*sig = sigstore_bytes(a, json_get(record, "signature"), "content");
		*hash = digest_of_claim(a, json_get(record, "data"));
	} else if (str_eq(kind, S("dsse")) && str_eq(version, S("0.0.1"))) {
		*sig = sigstore_bytes(a, only_item(json_get(spec, "signatures")), "signature");
		*hash = json_get_text(json_get(spec, "payloadHash"), "value");
	} else if (str_eq(kind, S("intoto")) && str_eq(version, S("0.0.2"))) {
		str once = sigstore_bytes(a, only_item(json_get(envelope, "signatures")), "sig");
		if (!base64_decode(a, once, sig))
			*sig = S("");
		*hash = json_get_text(json_get(json_get(spec, "content"), "payloadHash"), "value");
	} else if (str_eq(kind, S("hashedrekord")) && str_eq(version, S("0.0.1"))) {
		*sig = sigstore_bytes(a, json_get(spec, "signature"), "content");
		*hash = json_get_text(json_get(json_get(spec, "data"), "hash"), "value");
	} else {
		return err_new(E_GENERIC, "unsupported " STR_FMT " version: " STR_FMT,
			       STR_ARG(kind), STR_ARG(version));
	}
	return NULL;
}

struct err *sigstore_verify_body(struct arena *a, const struct sigstore_entry *e,
				 const struct sigstore_envelope *env)
{
	const struct json *named = json_get(e->said, "kindVersion");
	str kind = json_get_text(named, "kind"), version = json_get_text(named, "version");
	str sig = STR_NULL, hash = STR_NULL;
	struct json *body;
	bool is_of_encoding;

	TRY(json_parse(a, e->body, &body));
	if (!str_eq(kind, json_get_text(body, "kind")) ||
	    !str_eq(version, json_get_text(body, "apiVersion")))
		return err_new(E_GENERIC,
			       "kind/version mismatch - expected: " STR_FMT "/" STR_FMT
			       ", received: " STR_FMT "/" STR_FMT,
			       STR_ARG(kind), STR_ARG(version),
			       STR_ARG(json_get_text(body, "kind")),
			       STR_ARG(json_get_text(body, "apiVersion")));
	TRY(find_claims(a, json_get(body, "spec"), kind, version, &sig, &hash, &is_of_encoding));
	if (!str_eq(sig, env->signature))
		return err_new(E_GENERIC, is_of_encoding ? "signature mismatch"
							 : "tlog entry signature mismatch");
	if (!str_eq(hash, hash_of(a, is_of_encoding ? env->encoding : env->payload)))
		return err_new(E_GENERIC,
			       is_of_encoding ? "digest mismatch" : "DSSE payload hash mismatch");
	return NULL;
}
