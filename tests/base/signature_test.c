/* SPDX-License-Identifier: MIT
 * Signatures. */
#include "cpm/base/signature.h"

#include "check.h"
#include "signing.h"

TEST(a_signature_holds_for_its_key_and_message_alone)
{
	ARENA_SCOPE(a);
	str key = signing_spki(a, "k"), other = signing_spki(a, "other"), sig = signing_sign(a, "k", S("a@1.0.0:x"));

	CHECK(signature_is_valid(key, S("a@1.0.0:x"), sig));
	CHECK(!signature_is_valid(key, S("a@1.0.0:y"), sig));
	CHECK(!signature_is_valid(other, S("a@1.0.0:x"), sig));
}

TEST(what_is_no_key_or_no_signature_verifies_nothing)
{
	ARENA_SCOPE(a);
	str key = signing_spki(a, "k"), sig = signing_sign(a, "k", S("m"));

	CHECK(!signature_is_valid(S(""), S("m"), sig));
	CHECK(!signature_is_valid(S("no key"), S("m"), sig));
	CHECK(!signature_is_valid(str_slice(key, 0, key.len - 1), S("m"), sig));
	CHECK(!signature_is_valid(key, S("m"), S("")));
	CHECK(!signature_is_valid(key, S("m"), str_slice(sig, 0, sig.len - 1)));
	CHECK(signature_is_valid(key, S("m"), sig));
}

UNIT_TESTS(TESTED(a_signature_holds_for_its_key_and_message_alone),
	   TESTED(what_is_no_key_or_no_signature_verifies_nothing))
