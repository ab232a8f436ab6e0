/* SPDX-License-Identifier: MIT
 * Bundles, whole and spoilt. */
#include "cpm/registry/sigstore.h"

#include "check.h"
#include "cpm/base/fs.h"
#include "sigstore_maker.h"

#define SHA512_OF_NOTHING                                                  \
	"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce" \
	"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"

static struct err *verify(struct arena *a, struct made m, str spki)
{
	struct trusted_root root;
	struct json *bundle;

	m.name = "a";
	m.version = "1.0.0";
	m.sha512_hex = S(SHA512_OF_NOTHING);
	TRY(trusted_root_parse(a, made_trusted_root(a), &root));
	TRY(json_parse(a, made_bundle(a, &m), &bundle));
	return sigstore_verify(a, bundle, &root, spki);
}

TEST(bundles_of_all_versions_and_entries_of_all_kinds_hold)
{
	static const char *const kinds[] = { "dsse", "intoto", "hashedrekord" };
	ARENA_SCOPE(a);

	for (int version = 1; version <= 3; version++)
		for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
			CHECK_OK(verify(a, (struct made){ .bundle = version, .kind = kinds[i] }, STR_NULL));
}

TEST(a_bundle_without_a_certificate_holds_for_its_key)
{
	ARENA_SCOPE(a);
	struct made m = { .key = "k" };

	CHECK_OK(verify(a, m, signing_spki(a, "k")));
	CHECK_FAILS(verify(a, m, signing_spki(a, "other")), E_GENERIC);
	CHECK_FAILS(verify(a, m, STR_NULL), E_GENERIC);
}

TEST(what_is_spoilt_is_refused_for_what_is_wrong)
{
	static const struct {
		const char *spoil, *message;
	} rows[] = {
		{ "chain", "Failed to verify certificate chain" },
		{ "certificate-time", "Failed to verify certificate chain" },
		{ "certificate-log", "SCT verification failed" },
		{ "unpublished", "expected 1 SCTs, got 0" },
		{ "promise", "inclusion promise could not be verified" },
		{ "entry-time", "inclusion promise could not be verified" },
		{ "checkpoint", "invalid checkpoint signature" },
		{ "root", "calculated root hash does not match inclusion proof" },
		{ "proof", "calculated root hash does not match inclusion proof" },
		{ "entry", "tlog entry signature mismatch" },
		{ "payload", "DSSE payload hash mismatch" },
		{ "signature", "signature verification failed" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct err *e = verify(a, (struct made){ .spoil = rows[i].spoil }, STR_NULL);

		CHECK(e != NULL, "%s", rows[i].spoil);
		CHECK_STR(e->message, str_view(rows[i].message), "%s", rows[i].spoil);
		err_free(e);
	}
}

TEST(an_authority_says_when_where_the_log_does_not)
{
	static const char *const kinds[] = { "dsse", "hashedrekord" };
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		CHECK_OK(verify(a, (struct made){ .kind = kinds[i], .is_timed = true }, STR_NULL));
		CHECK_OK(verify(a, (struct made){ .kind = kinds[i], .is_timed = true, .is_unpromised = true }, STR_NULL));
		CHECK_OK(verify(a, (struct made){ .kind = kinds[i], .is_timed = true, .is_second = true }, STR_NULL));
	}
}

TEST(times_and_logs_of_the_second_generation_are_refused_for_what_is_wrong)
{
	static const struct {
		const char *message;
		struct made made;
	} rows[] = {
		{ "expected 1 timestamps, got 0", { .is_second = true } },
		{ "expected 1 timestamps, got 0", { .is_unpromised = true } },
		{ "timestamp could not be verified", { .is_timed = true, .spoil = "timestamp" } },
		{ "timestamp could not be verified", { .is_timed = true, .spoil = "timestamp-signer" } },
		{ "Failed to verify certificate chain", { .is_timed = true, .spoil = "timestamp-time" } },
		{ "invalid checkpoint signature", { .is_second = true, .is_timed = true, .spoil = "checkpoint" } },
		{ "calculated root hash does not match inclusion proof", { .is_second = true, .is_timed = true, .spoil = "proof" } },
		{ "tlog entry signature mismatch", { .is_second = true, .is_timed = true, .spoil = "entry" } },
		{ "signature mismatch", { .is_second = true, .is_timed = true, .kind = "hashedrekord", .spoil = "entry" } },
		{ "DSSE payload hash mismatch", { .is_second = true, .is_timed = true, .spoil = "payload" } },
		{ "digest mismatch", { .is_second = true, .is_timed = true, .kind = "hashedrekord", .spoil = "payload" } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ARENA_SCOPE(a);
		struct err *e = verify(a, rows[i].made, STR_NULL);

		CHECK(e != NULL, "row %zu", i);
		CHECK_STR(e->message, str_view(rows[i].message), "row %zu", i);
		err_free(e);
	}
}

TEST(a_proof_holds_for_every_leaf_of_every_small_tree)
{
	for (uint64_t size = 1; size <= 17; size++)
		for (uint64_t index = 0; index < size; index++) {
			ARENA_SCOPE(a);
			struct made m = { .index = index, .size = size };

			CHECK_OK(verify(a, m, STR_NULL));
		}
}

TEST(a_bundle_of_the_public_log_holds_until_a_byte_of_it_changes)
{
	ARENA_SCOPE(a);
	struct trusted_root root;
	struct json *bundle, *payload;
	str text;

	CHECK_OK(fs_read_all(a, AT_FDCWD, "fixtures/sigstore/trusted_root.json", 1 << 20, &text));
	CHECK_OK(trusted_root_parse(a, text, &root));
	CHECK_OK(fs_read_all(a, AT_FDCWD, "fixtures/sigstore/bundle.json", 1 << 20, &text));
	CHECK_OK(json_parse(a, text, &bundle));
	CHECK_OK(sigstore_verify(a, bundle, &root, STR_NULL));
	payload = json_get(json_get(bundle, "dsseEnvelope"), "payload");
	payload->string = str_replace_all(a, payload->string, S("ZHNzZS13aXRo"), S("ZHNzZS13aXRp"));
	CHECK_FAILS(sigstore_verify(a, bundle, &root, STR_NULL), E_GENERIC);
	CHECK_OK(json_parse(a, text, &bundle));
	CHECK_OK(trusted_root_parse(a, made_trusted_root(a), &root));
	CHECK_FAILS(sigstore_verify(a, bundle, &root, STR_NULL), E_GENERIC);
}

TEST(what_is_no_bundle_is_refused)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"null",
		"{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"}",
		"{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"dsseEnvelope\":{\"payload\":\"e30=\","
		"\"signatures\":[{\"sig\":\"AA==\"}]},\"verificationMaterial\":{\"certificate\":{\"rawBytes\":\"AA==\"},\"tlogEntries\":[]}}",
	};
	ARENA_SCOPE(a);
	struct trusted_root root;

	CHECK_OK(trusted_root_parse(a, made_trusted_root(a), &root));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct json *bundle;
		CHECK_OK(json_parse(a, str_view(texts[i]), &bundle));
		CHECK_FAILS(sigstore_verify(a, bundle, &root, STR_NULL), E_GENERIC);
	}
}

TEST(a_root_that_trusts_nobody_is_refused)
{
	ARENA_SCOPE(a);
	struct trusted_root root;

	CHECK_FAILS(trusted_root_parse(a, S("{}"), &root), E_GENERIC);
	CHECK_FAILS(trusted_root_parse(a, S("nothing"), &root), E_JSON_PARSE);
}

UNIT_TESTS(TESTED(bundles_of_all_versions_and_entries_of_all_kinds_hold),
	   TESTED(a_bundle_without_a_certificate_holds_for_its_key),
	   TESTED(what_is_spoilt_is_refused_for_what_is_wrong),
	   TESTED(an_authority_says_when_where_the_log_does_not),
	   TESTED(times_and_logs_of_the_second_generation_are_refused_for_what_is_wrong),
	   TESTED(a_proof_holds_for_every_leaf_of_every_small_tree),
	   TESTED(a_bundle_of_the_public_log_holds_until_a_byte_of_it_changes),
	   TESTED(what_is_no_bundle_is_refused),
	   TESTED(a_root_that_trusts_nobody_is_refused))
