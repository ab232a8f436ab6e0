/* SPDX-License-Identifier: MIT
 * What makes one file of metadata good on its own: its form, who signed it, its day; and what makes
 * a file the one that another lists. */
#include "tuf_priv.h"

#include "cpm/base/digest.h"
#include "cpm/base/signature.h"
#include "cpm/base/map.h"
#include "cpm/config/cfg_date.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	str role, file;
	size_t max_bytes;
} types[] = {
	[TUF_ROOT] = { S("root"), S("root.json"), (size_t)512 << 10 },
	[TUF_TIMESTAMP] = { S("timestamp"), S("timestamp.json"), (size_t)64 << 10 },
	[TUF_SNAPSHOT] = { S("snapshot"), S("snapshot.json"), (size_t)2 << 20 },
	[TUF_TARGETS] = { S("targets"), S("targets.json"), (size_t)4 << 20 },
};

str tuf_file_name(enum tuf_type type)
{
	return types[type].file;
}

size_t tuf_max_bytes(enum tuf_type type)
{
	return types[type].max_bytes;
}

struct err *tuf_error(const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return err_show_as(err_new(E_GENERIC, "%s", text), S("ETUF"));
}

/* ---- form ---- */

/* A whole number that is not negative. */
static bool get_number(const struct json *v, const char *key, uint64_t *out)
{
	const struct json *n = json_get(v, key);

	if (!json_is(n, JSON_NUMBER) || n->number < 0 || n->number > 9007199254740991.0 ||
	    n->number != (double)(uint64_t)n->number)
		return false;
	*out = (uint64_t)n->number;
	return true;
}

static struct err *bad_form(enum tuf_type type, const char *what)
{
	return tuf_error(STR_FMT " is no TUF metadata of version 1: %s", STR_ARG(types[type].file),
			 what);
}

struct err *tuf_parse(struct arena *a, enum tuf_type type, str text, struct tuf_metadata *out)
{
	struct str_buf canonical = str_buf(a, SIZE_MAX);
	struct json *doc;

	*out = (struct tuf_metadata){ .type = type, .text = text };
	TRY_AS(json_parse(a, text, &doc), "cannot read " STR_FMT, STR_ARG(types[type].file));
	out->content = json_get(doc, "signed");
	out->signatures = json_get(doc, "signatures");
	if (!json_is(out->content, JSON_OBJECT) || !json_is(out->signatures, JSON_ARRAY))
		return bad_form(type, "it has not both \"signed\" and \"signatures\"");
	if (!str_eq(json_get_text(out->content, "_type"), types[type].role))
		return bad_form(type, "its \"_type\" is another");
	if (!str_starts(json_get_text(out->content, "spec_version"), S("1.")))
		return bad_form(type, "its \"spec_version\" is another");
	if (!get_number(out->content, "version", &out->version) || !out->version)
		return bad_form(type, "its \"version\" is no number above 0");
	if (!cfg_date_ms(json_get_text(out->content, "expires"), &out->expires_ms))
		return bad_form(type, "\"expires\" is no time");
	if (!tuf_write_canonical(a, &canonical, out->content))
		return bad_form(type, "it has numbers that are not whole");
	out->signed_text = buf_view(&canonical);
	return NULL;
}

/* ---- keys ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Null when it is none. */
static str hex_decode(struct arena *a, str hex)
{
	struct str_buf out = str_buf(a, SIZE_MAX);

	if (hex.len % 2 || str_is_empty(hex))
		return STR_NULL;
	for (size_t i = 0; i < hex.len; i += 2) {
		int high = hex_digit(hex.p[i]), low = hex_digit(hex.p[i + 1]);

		if (high < 0 || low < 0)
			return STR_NULL;
		buf_add_char(&out, (char)(high << 4 | low));
	}
	return buf_view(&out);
}

/* What PEM holds between its first and last line; null when it is none. */
static str pem_decode(struct arena *a, str pem)
{
	static const str first = S("-----BEGIN PUBLIC KEY-----"),
			 last = S("-----END PUBLIC KEY-----");
	struct str_buf text = str_buf(a, SIZE_MAX);
	size_t end = str_find(pem, last);
	str line, rest, der;

	if (!str_starts(pem, first) || end == STR_NPOS)
		return STR_NULL;
	rest = str_slice(pem, first.len, end);
	while (str_cut(&rest, '\n', &line))
		buf_add(&text, str_trim(line));
	return base64_decode(a, buf_view(&text), &der) ? der : STR_NULL;
}

/* SubjectPublicKeyInfo up to the key itself: of P-256 with an uncompressed point, of Ed25519. */
static const str p256_head = S(
	"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86"
	"\x48\xce\x3d\x03\x01\x07\x03\x42\x00");
static const str ed25519_head = S("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00");

/* Null: of a kind that does not count here. Older repositories have points in hex. */
static str key_spki(struct arena *a, const struct json *key)
{
	str scheme = json_get_text(key, "scheme"),
	    text = json_get_text(json_get(key, "keyval"), "public"), raw;

	if (str_eq(scheme, S("ed25519"))) {
		raw = hex_decode(a, text);
		return raw.len == 32 ? str_concat(a, ed25519_head, raw) : STR_NULL;
	}
	if (!str_eq(scheme, S("ecdsa-sha2-nistp256")))
		return STR_NULL;
	if (str_starts(text, S("-----")))
		return pem_decode(a, text);
	raw = hex_decode(a, text);
	return raw.len == 65 && raw.p[0] == 4 ? str_concat(a, p256_head, raw) : STR_NULL;
}

/* ---- signatures ---- */

static bool has_signed(struct arena *a, const struct tuf_metadata *m, str keyid, str spki)
{
	for (size_t i = 0; i < m->signatures->count; i++) {
		const struct json *s = m->signatures->items[i];

		if (str_eq(json_get_text(s, "keyid"), keyid) &&
		    signature_is_valid(spki, m->signed_text,
				       hex_decode(a, json_get_text(s, "sig"))))
			return true;
	}
	return false;
}

/* One key counts once, whatever it is called. */
static size_t count_signers(struct arena *a, const struct tuf_metadata *m,
			    const struct json *keyids, const struct json *keys)
{
	struct map counted;

	map_init(&counted, a);
	for (size_t i = 0; json_is(keyids, JSON_ARRAY) && i < keyids->count; i++) {
		str keyid = json_is(keyids->items[i], JSON_STRING) ? keyids->items[i]->string
								   : STR_NULL;
		str spki = str_is_null(keyid) ? STR_NULL : key_spki(a, json_get_str(keys, keyid));

		if (!str_is_null(spki) && !map_has(&counted, spki) && has_signed(a, m, keyid, spki))
			map_put(&counted, spki, &counted);
	}
	return counted.count;
}

struct err *tuf_check_signatures(struct arena *a, const struct tuf_metadata *m,
				 const struct tuf_metadata *root)
{
	const struct json *role = json_get_str(json_get(root->content, "roles"),
					       types[m->type].role);
	uint64_t threshold;
	size_t count;

	if (!get_number(role, "threshold", &threshold) || !threshold)
		return tuf_error("root.json version %llu does not say whose signatures " STR_FMT
				 " needs",
				 (unsigned long long)root->version, STR_ARG(types[m->type].file));
	count = count_signers(a, m, json_get(role, "keyids"), json_get(root->content, "keys"));
	if (count >= threshold)
		return NULL;
	return tuf_error(STR_FMT " version %llu has %zu of the %llu signatures that root.json "
				 "version %llu demands",
			 STR_ARG(types[m->type].file), (unsigned long long)m->version, count,
			 (unsigned long long)threshold, (unsigned long long)root->version);
}

struct err *tuf_check_expiry(const struct tuf_metadata *m, int64_t now_ms)
{
	if (now_ms < m->expires_ms)
		return NULL;
	return tuf_error(STR_FMT " version %llu expired on " STR_FMT
				 ": the repository is not kept up, or old files are served",
			 STR_ARG(types[m->type].file), (unsigned long long)m->version,
			 STR_ARG(json_get_text(m->content, "expires")));
}

/* ---- what one file says of another ---- */

bool tuf_find_listing(const struct json *content, const char *key, str name,
		      struct tuf_listing *out)
{
	const struct json *entry = json_get_str(json_get(content, key), name);
	const struct json *hashes = json_get(entry, "hashes");

	*out = (struct tuf_listing){ 0 };
	if (!json_is(entry, JSON_OBJECT))
		return false;
	if (json_get(entry, "version") && !get_number(entry, "version", &out->version))
		return false;
	out->has_length = json_get(entry, "length") != NULL;
	if (out->has_length && !get_number(entry, "length", &out->length))
		return false;
	out->hashes = hashes;
	return !hashes || json_is(hashes, JSON_OBJECT);
}

static bool has_hash(struct arena *a, enum digest_algo algo, const struct json *wanted, str text)
{
	struct digest d;

	digest_of(algo, text, &d);
	return json_is(wanted, JSON_STRING) && str_eq_nocase(digest_hex(a, &d), wanted->string);
}

struct err *tuf_check_listed(struct arena *a, const struct tuf_listing *l, str name, str by,
			     str text)
{
	static const enum digest_algo algos[] = { DIGEST_SHA256, DIGEST_SHA512 };
	size_t checked = 0;

	if (l->has_length && text.len != l->length)
		return tuf_error(STR_FMT " has %zu bytes, and " STR_FMT " lists %llu",
				 STR_ARG(name), text.len, STR_ARG(by),
				 (unsigned long long)l->length);
	for (size_t i = 0; l->hashes && i < ARRAY_LEN(algos); i++) {
		const struct json *wanted = json_get_str(l->hashes, digest_algo_name(algos[i]));

		if (!wanted)
			continue;
		if (!has_hash(a, algos[i], wanted, text))
			return tuf_error(STR_FMT " is not the file that " STR_FMT
						 " lists: its " STR_FMT " is another",
					 STR_ARG(name), STR_ARG(by),
					 STR_ARG(digest_algo_name(algos[i])));
		checked++;
	}
	if (l->hashes && !checked)
		return tuf_error(STR_FMT " has no sha256 or sha512 of " STR_FMT, STR_ARG(by),
				 STR_ARG(name));
	return NULL;
}
